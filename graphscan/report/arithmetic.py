"""The arithmetic of a ring from its evidence rows: what the plain list costs, what each family saves, what
is left.

Takes in rows of `evidence.parquet` of one ring and gives out the steps of one picture, and the cards by
family. Nothing is computed anew: rows are added up, and they add up to the ring's bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphscan.entities import PRICE
from graphscan.report.families import Family, colour, family


@dataclass(frozen=True)
class Step:
    """One line of the arithmetic: from `x` to `x + width`, in percent of the picture."""

    label: str
    bits: float
    x: float
    width: float
    colour: str


@dataclass(frozen=True)
class Saving:
    """What one family says of a ring: `bits` is what it saves, its price paid; `without` what is left
    without it."""

    name: str
    words: Family
    colour: str
    bits: float
    without: float
    rows: tuple[dict[str, Any], ...]
    prices: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Arithmetic:
    """`cost` of the list, the `savings` of the families that save, the most first; `silent`, what the others
    pay."""

    cost: float
    savings: tuple[Saving, ...]
    silent: float
    bits: float
    steps: tuple[Step, ...]
    prices: tuple[dict[str, Any], ...]


def arithmetic(rows: Sequence[dict[str, Any]]) -> Arithmetic:
    """The arithmetic of one ring's rows."""
    own = [r for r in rows if r["signal"] != PRICE]
    prices = [r for r in rows if r["signal"] == PRICE]
    names = list(dict.fromkeys(r["family"] for r in own))
    bits = sum(r["bits"] for r in rows)
    savings = []
    for name in names:
        of_family = sorted((r for r in own if r["family"] == name), key=lambda r: -r["bits"])
        paid = [r for r in prices if r["family"] == name]
        saved = sum(r["bits"] for r in (*of_family, *paid))
        # A family that is off is not asked: it pays for no choice either.
        savings.append(
            Saving(name, family(name), colour(name), saved, bits - saved, tuple(of_family), tuple(paid))
        )
    savings.sort(key=lambda s: (-s.bits, s.name))
    cost = -sum(r["bits"] for r in prices if not r["family"])
    silent = sum(r["bits"] for r in prices if r["family"] and r["family"] not in names)
    return Arithmetic(cost, tuple(savings), silent, bits, _steps(cost, savings, silent, bits), tuple(prices))


def _steps(cost: float, savings: Sequence[Saving], silent: float, bits: float) -> tuple[Step, ...]:
    """The picture's lines: families end to end against the cost of the list, then what reaches beyond it."""
    scale = 100.0 / max(cost, sum(max(s.bits, 0.0) for s in savings), 1e-9)
    steps = [Step("The plain list of the accounts costs", cost, 0.0, cost * scale, "cost")]
    at = 0.0
    for saving in savings:
        width = abs(saving.bits) * scale
        start = at if saving.bits >= 0 else at - width
        steps.append(Step(f"{saving.words.title} save", saving.bits, start, width, saving.colour))
        at += saving.bits * scale
    if silent < -0.05:
        steps.append(
            Step("Families that say nothing pay", silent, at + silent * scale, -silent * scale, "cost")
        )
        at += silent * scale
    left = cost * scale
    start, end = sorted((left, at))
    steps.append(Step("What is left", bits, start, end - start, "left" if bits >= 0 else "cost"))
    return tuple(
        Step(s.label, s.bits, round(max(s.x, 0.0), 3), round(max(s.width, 0.4), 3), s.colour) for s in steps
    )
