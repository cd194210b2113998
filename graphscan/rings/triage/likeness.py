"""How much the measures of a ring's accounts are like those of rings, and not of honest crowds: bits that add up.

Takes in the measures of a ring and gives out log2 of the odds, measure by measure. The rules of triage know what they
were told; of a crowd that nobody thought of this says whether its measures, all together, have been seen of rings or of
crowds.

The table beside this module has for each measure steps of its value, or of its value against that of as many ordinary
customers, and the bits of each. It was learnt from sets that were certified in worlds by seventeen other hands
(`tests/rings/triage/sets.parquet`, made anew by `python tests/rings/triage/learn.py`): an additive logistic model, each
hand's rings and each hand's crowds weighing the same, and no measure with a known direction going the other way. What a
log does not tell says nothing. Source: Hastie and Tibshirani, "Generalized additive models", Statistical Science 1
(1986), doi:10.1214/ss/1177013604.
"""

from __future__ import annotations

import bisect
import csv
import functools
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from graphscan.rings.triage.measured import Measures, measures_of

TABLE = Path(__file__).parent / "likeness.csv"

NEEDED = ("evenness_of_work", "share_night_hours", "addresses_per_account", "requests_per_account")
"""Measures without which a log says too little of its accounts to compare them."""

TOLD = 3
"""Measures that are told, those that say most."""

OFFSET = 0.5
"""Added to both counts of a ratio: few of one thing are hardly more than none."""


@dataclass(frozen=True)
class Steps:
    """One measure: how it is compared with ordinary customers, where its steps begin, and the bits of each; there is
    one more than there are beginnings."""

    against: str
    begins: Sequence[float]
    bits: Sequence[float]


@dataclass(frozen=True)
class Likeness:
    """Bits in sum, and of each measure, those that say most first."""

    bits: float
    of: Sequence[tuple[str, float]]

    def told(self) -> str:
        """What says most of it, in words, in the direction of the sum."""
        same = [(name, bits) for name, bits in self.of if bits * self.bits > 0.0]
        return ", ".join(f"{name.replace('_', ' ')} {bits:+.1f}" for name, bits in same[:TOLD])


def likeness(measures: Measures, table: Mapping[str, Steps] | None = None) -> Likeness | None:
    """How like a ring's the measures are, by the table beside this module or another; None where the log shows too
    little of them."""
    if not set(NEEDED) <= measures.keys():
        return None
    found = []
    for name, steps in (_table() if table is None else table).items():
        x = compared(measures, name, steps.against)
        if x is not None:
            found.append((name, steps.bits[bisect.bisect_right(steps.begins, x)]))
    found.sort(key=lambda f: (-abs(f[1]), f[0]))
    return Likeness(math.fsum(bits for _, bits in found), found)


def weighed_rows(activity: pl.DataFrame) -> pl.DataFrame:
    """`activity` with a column `bits`: what each measure of a ring adds to its likeness, null where it adds nothing."""
    told = {
        (ring_id, name): bits
        for ring_id, measures in measures_of(activity).items()
        if (alike := likeness(measures)) is not None
        for name, bits in alike.of
    }
    bits = [told.get(key) for key in activity.select("ring_id", "measure").iter_rows()]
    return activity.with_columns(pl.Series("bits", bits, dtype=pl.Float64))


def _value(value: float, ordinary: float | None) -> float | None:
    return value


def _excess(value: float, ordinary: float | None) -> float | None:
    return None if ordinary is None else value - ordinary


def _ratio(value: float, ordinary: float | None) -> float | None:
    return None if ordinary is None else math.log2((value + OFFSET) / (ordinary + OFFSET))


AGAINST: Mapping[str, Callable[[float, float | None], float | None]] = {
    "value": _value,
    "excess": _excess,
    "ratio": _ratio,
}
"""How a measure is compared with that of as many ordinary customers: not at all, by the difference, or by log2 of the
ratio."""


def compared(measures: Measures, name: str, against: str) -> float | None:
    """A measure as the table compares it; None where the log does not tell it."""
    return AGAINST[against](*measures[name]) if name in measures else None


@functools.cache
def _table() -> Mapping[str, Steps]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    table = {}
    for name, of_measure in itertools.groupby(rows, key=lambda r: r["measure"]):
        steps = list(of_measure)
        begins = [float(r["from"]) for r in steps[1:]]
        table[name] = Steps(steps[0]["against"], begins, [float(r["bits"]) for r in steps])
    return table
