"""What evasion buys an operator, habit by habit, and what it costs: the strength at which a ring has no bits left.

Every habit that `simulate` knows is given up by steps, all else staying as it is, and at last all together. Beside
what is found stands B(truth), the bits of exactly the planted accounts: the price of invisibility is how much of a
habit a ring must give up before B(truth) falls under the threshold. Below it no search would find the ring.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from graphscan.lab.bench.quality import SMALLEST, Goal, quality
from graphscan.lab.bench.worlds import Recipe, simulated
from graphscan.lab.simulate import Evasion

WHOLE = 0.9
"""Jaccard from which a ring counts as found whole."""

JITTER_HOURS = 48
MOST_REPLACED, MOST_CAMOUFLAGE, MOST_FRESH = 0.7, 0.8, 0.95
"""How far a habit is given up where all are, at strength one."""

BASE = "nothing"


@dataclass(frozen=True)
class Step:
    """One world of a sweep: the habit that is given up, how much of it (0 to 1, or hours), and the knobs for it."""

    habit: str
    strength: float
    evasion: Evasion


def _all(s: float) -> Evasion:
    return Evasion(
        replaced_words=MOST_REPLACED * s,
        restructured=s,
        unique_cards=s,
        address_per_day=True,
        pool_share=1.0 - MOST_FRESH * s,
        jitter_hours=JITTER_HOURS * s,
        camouflage=MOST_CAMOUFLAGE * s,
    )


HABITS: dict[str, tuple[Callable[[float], Evasion], tuple[float, ...]]] = {
    "replaced-words": (lambda s: Evasion(replaced_words=s), (0.25, 0.5, 0.7)),
    "restructured": (lambda s: Evasion(restructured=s), (0.5, 1.0)),
    "own-cards": (lambda s: Evasion(unique_cards=s), (0.5, 0.8, 1.0)),
    "fresh-addresses": (
        lambda s: Evasion(address_per_day=True, pool_share=1.0 - s),
        (0.5, 0.8, 0.95, 1.0),
    ),
    "jitter-hours": (lambda s: Evasion(jitter_hours=s), (6.0, 24.0, 48.0)),
    "camouflage": (lambda s: Evasion(camouflage=s), (0.4, 0.6, 0.8)),
    "all": (_all, (0.25, 0.5, 0.75, 1.0)),
}
"""Knobs at a strength, and the strengths that are measured, by habit."""


@dataclass(frozen=True)
class Sweep:
    """What was measured.

    worlds   a row for each step: habit, strength, precision, recall, jaccard (mean over rings of `SMALLEST` accounts
             or more), n_rings (of that size), n_whole (found with a Jaccard of `WHOLE`), n_visible (with bits)
    rings    a row for each step and planted ring: habit, strength, ring, n_accounts, bits_planted, bits_found, jaccard
    The first step is the habit `nothing` at strength 0.
    """

    worlds: pl.DataFrame
    rings: pl.DataFrame

    def with_base(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame's rows, with those of the base as strength 0 of every habit in place of it."""
        base = frame.filter(pl.col("habit") == BASE)
        swept = frame.filter(pl.col("habit") != BASE)
        habits = swept["habit"].unique(maintain_order=True)
        return pl.concat([*(base.with_columns(habit=pl.lit(h)) for h in habits), swept]).sort(
            "habit", "strength", maintain_order=True
        )

    def as_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return {"worlds": self.worlds.to_dicts(), "rings": self.rings.to_dicts()}


def steps_of(habits: Sequence[str]) -> list[Step]:
    """The base and every step of these habits."""
    out = [Step(BASE, 0.0, Evasion())]
    for habit in habits:
        knobs, strengths = HABITS[habit]
        out += [Step(habit, s, knobs(s)) for s in strengths]
    return out


def sweep(
    steps: Sequence[Step],
    room: Path,
    seed: int,
    recipe: Recipe,
    min_bits: float,
    tell: Callable[[str], None],
) -> Sweep:
    """One world a step, all of one seed: the same accounts with other habits. `tell` hears each step's name."""
    worlds, rings = [], []
    for i, step in enumerate(steps):
        tell(f"{step.habit} {step.strength:g}")
        at = {"habit": step.habit, "strength": step.strength}
        with simulated(room, f"world-{i}", seed, step.evasion, recipe) as world:
            found = quality(world, room / f"run-{i}")
        large = found.rings.filter(pl.col("n_accounts") >= SMALLEST)
        worlds.append(
            {
                **at,
                "precision": found.evaluation.precision,
                "recall": found.evaluation.recall,
                "jaccard": large["jaccard"].mean(),
                "n_rings": large.height,
                "n_whole": large.filter(pl.col("jaccard") >= WHOLE).height,
                "n_visible": large.filter(pl.col("bits_planted") >= min_bits).height,
            }
        )
        rings += [{**at, **row} for row in found.rings.to_dicts()]
    numbers = {"precision": pl.Float64, "recall": pl.Float64, "jaccard": pl.Float64}
    of_rings = {"bits_planted": pl.Float64, "bits_found": pl.Float64}
    return Sweep(
        pl.DataFrame(worlds, schema_overrides=numbers, infer_schema_length=None),
        pl.DataFrame(rings, schema_overrides=of_rings, infer_schema_length=None).drop("fragments", "triage"),
    )


def prices(found: Sweep, min_bits: float) -> pl.DataFrame:
    """habit, ring, n_accounts, price: the strength at which B(truth) falls under the threshold, null for never.

    Between two steps bits are taken to fall along a line. A ring without bits at strength 0 has the price 0.
    """
    rows = []
    of = found.with_base(found.rings)
    for (habit, ring), steps in of.group_by("habit", "ring", maintain_order=True):
        bits, strength = steps["bits_planted"].to_numpy(), steps["strength"].to_numpy()
        under = np.flatnonzero(bits < min_bits)
        price: float | None = None
        if under.size:
            k = int(under[0])
            price = float(strength[k])
            if k:
                fallen = (bits[k - 1] - min_bits) / (bits[k - 1] - bits[k])
                price = float(strength[k - 1] + fallen * (strength[k] - strength[k - 1]))
        rows.append((habit, ring, steps["n_accounts"][0], price))
    schema = {"habit": pl.String, "ring": pl.String, "n_accounts": pl.Int64, "price": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def goals(found: Sweep) -> list[Goal]:
    """Rings of `SMALLEST` accounts or more are whole up to half of the words, or 40 % of camouflage."""
    out = []
    for habit, most in (("replaced-words", 0.5), ("camouflage", 0.4)):
        asked = found.rings.filter(
            (pl.col("habit") == habit) & (pl.col("strength") <= most) & (pl.col("n_accounts") >= SMALLEST)
        )
        whole = asked.filter(pl.col("jaccard") >= WHOLE)
        if asked.height:
            what = f"{habit} up to {most:g}: rings of {SMALLEST} accounts or more with Jaccard >= {WHOLE:g}"
            out.append(Goal(what, f"{whole.height} of {asked.height}", whole.height == asked.height))
    return out


def write(found: Sweep, out: Path) -> None:
    """evasion.png, worlds.parquet and rings.parquet in the folder `out`, which may be there."""
    from graphscan.plots import evasion_figure

    out.mkdir(parents=True, exist_ok=True)
    found.worlds.write_parquet(out / "worlds.parquet")
    found.rings.write_parquet(out / "rings.parquet")
    evasion_figure(found.with_base(found.worlds)).savefig(out / "evasion.png")
