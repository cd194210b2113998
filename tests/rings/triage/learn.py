"""Learns the table of `graphscan.rings.triage.likeness` from the sets beside this file, and writes it:

    python tests/rings/triage/learn.py           writes the table
    python tests/rings/triage/learn.py --check   says how well it does for a hand that it was not learnt from

`sets.parquet` has a row for each set that was certified in worlds by other hands than this repository's: the hand,
whether four fifths of it or more are of planted rings, or a fifth at most, its measures beside those of ordinary
customers, how much of its evidence is its own, and its bits. Sets between are left out.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import minimize

from graphscan.rings.triage import by_rules, weighed
from graphscan.rings.triage.answers import REVIEW
from graphscan.rings.triage.crowd import Crowd, Held
from graphscan.rings.triage.likeness import TABLE, Likeness, Steps, compared, likeness

SETS = Path(__file__).parent / "sets.parquet"

MEASURES = {
    "requests_per_account": ("ratio", 1),
    "active_days_per_account": ("ratio", 1),
    "evenness_of_dispatch": ("excess", 1),
    "evenness_of_work": ("excess", 1),
    "share_night_hours": ("value", 1),
    "addresses_per_account": ("ratio", 1),
    "subnets": ("ratio", 0),
    "share_top_address": ("value", -1),
    "cards_per_account": ("value", 0),
    "share_cards_unique": ("value", 0),
    "share_in_payers_country": ("value", -1),
    "sign_up_span_days": ("ratio", -1),
    "share_one_organisation": ("value", -1),
    "share_moved_24h": ("value", 1),
    "distinct_texts": ("value", 1),
    "slot_repeats": ("value", -1),
}
"""How each measure is compared, and which way it speaks for a ring: 1 the more, -1 the less, 0 either. Left out were
those without which a hand that was left out is told no worse."""

STEPS = 10
"""Parts into which the sets are cut by each measure."""

PENALTY = 1e-3
"""Of the sum of all weights, and of their squares: turning it up makes fewer and smaller steps."""

Table = dict[str, Steps]


@dataclass(frozen=True)
class Sets:
    """The sets as crowds, with their hands, whether they are rings, and their measures as they are compared: shape
    (n_sets,) each, NaN where a log does not tell."""

    crowds: list[Crowd]
    bits: list[float]
    hand: NDArray[np.int64]
    is_ring: NDArray[np.bool_]
    compared: dict[str, NDArray[np.float64]]


def sets() -> Sets:
    """All sets."""
    frame = pl.read_parquet(SETS)
    crowds = list(_crowds(frame))
    told = {
        name: np.array([compared(c.measures, name, against) for c in crowds], float)
        for name, (against, _) in MEASURES.items()
    }
    return Sets(crowds, frame["bits"].to_list(), frame["hand"].to_numpy(), frame["is_ring"].to_numpy(), told)


def _crowds(frame: pl.DataFrame) -> Iterator[Crowd]:
    measures = [c.removeprefix("ordinary ") for c in frame.columns if c.startswith("ordinary ")]
    families = [c.removeprefix("share ") for c in frame.columns if c.startswith("share ")]
    for row in frame.iter_rows(named=True):
        told = {m: (row[m], row[f"ordinary {m}"]) for m in measures if row[m] is not None}
        held = {
            f: Held(row[f"share {f}"], row[f"times {f}"]) for f in families if row[f"share {f}"] is not None
        }
        yield Crowd(told, row["n_accounts"], row["n_requests"], held)


def learnt(of: Sets, among: NDArray[np.bool_]) -> Table:
    """The steps of each measure, from the sets `among`: an additive logistic model."""
    begins = {name: _begins(x[among]) for name, x in of.compared.items()}
    sides = {name: _sides(of.compared[name], at) for name, at in begins.items()}
    x = np.hstack([s[among] for s in sides.values()])
    way = np.concatenate([np.full(at.size, MEASURES[name][1]) for name, at in begins.items()])
    sign = np.where(of.is_ring[among], 1.0, -1.0)
    weight = _weights(of, among)

    def loss(b: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        speaks = sign * (x @ b)
        slope = -(weight * sign / (1 + np.exp(np.clip(speaks, -50, 50)))) @ x
        cost = weight @ np.logaddexp(0, -speaks) + PENALTY * (np.abs(b).sum() + b @ b)
        return float(cost), slope + PENALTY * (np.sign(b) + 2 * b)

    bounds = [(0 if w > 0 else None, 0 if w < 0 else None) for w in way]
    found = minimize(
        loss, np.zeros(way.size), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 2000}
    )
    b = np.split(found.x / np.log(2), np.cumsum([at.size for at in begins.values()])[:-1])
    return {name: _steps(name, at, w) for (name, at), w in zip(begins.items(), b, strict=True)}


def _begins(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where steps may begin: evenly, and, where many have least of it, where the others begin."""
    told = x[~np.isnan(x)]
    has_least = told == told.min()
    above = told[~has_least] if has_least.mean() >= 1 / STEPS else told
    shares = np.linspace(0, 1, STEPS + 1)[:-1]
    at = np.quantile(above, shares if above.size < told.size else shares[1:])
    return np.unique([float(f"{v:.3g}") for v in at])


def _sides(x: NDArray[np.float64], begins: NDArray[np.float64]) -> NDArray[np.float64]:
    """On which side of each beginning a set is: 1, -1, or 0 where it is not told."""
    sides = np.where(x[:, None] >= begins, 1.0, -1.0)
    sides[np.isnan(x)] = 0.0
    return sides


def _weights(of: Sets, among: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Each hand's rings weigh as much as its crowds, and as any other hand's; among them, sets by the root of their
    accounts."""
    weight = np.sqrt([c.n_accounts for c in of.crowds])
    for hand in np.unique(of.hand[among]):
        for is_ring in (False, True):
            these = among & (of.hand == hand) & (of.is_ring == is_ring)
            weight[these] /= max(weight[these].sum(), 1e-9)
    return np.asarray(weight[among] / weight[among].sum())


def _steps(name: str, begins: NDArray[np.float64], weight: NDArray[np.float64]) -> Steps:
    """The steps of a measure that are of a hundredth of a bit or more."""
    stays = np.abs(2 * weight) >= 0.01
    begins, weight = begins[stays], weight[stays]
    bits = np.concatenate([[-weight.sum()], 2 * np.cumsum(weight) - weight.sum()]).round(2)
    return Steps(MEASURES[name][0], begins.tolist(), bits.tolist())


def write(table: Table) -> None:
    """Writes the table: measure, against, from (empty for the first step), bits."""
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("measure", "against", "from", "bits"))
        for name, steps in table.items():
            for begin, bits in zip(["", *steps.begins], steps.bits, strict=True):
                rows.writerow((name, steps.against, begin, bits))


Likenesses = list[Likeness | None]


def told(of: Sets, alike: Likenesses) -> NDArray[np.bool_]:
    """Which sets are for review, by the rules and these likenesses."""
    sets_of = zip(of.crowds, of.bits, alike, strict=True)
    return np.array([weighed(by_rules(c, bits), c, a).triage == REVIEW for c, bits, a in sets_of])


def by(table: Table | None, of: Sets) -> Likenesses:
    """The likeness of each set by a table, or by triage's own."""
    return [likeness(c.measures, table) for c in of.crowds]


def blind(of: Sets) -> Likenesses:
    """The likeness of each set by what the other hands tell."""
    tables = {int(hand): learnt(of, of.hand != hand) for hand in np.unique(of.hand)}
    return [likeness(c.measures, tables[hand]) for c, hand in zip(of.crowds, of.hand.tolist(), strict=True)]


def bits_of(alike: Likenesses) -> NDArray[np.float64]:
    """The bits of each; NaN where a log says too little."""
    return np.array([np.nan if a is None else a.bits for a in alike])


def precision_and_recall(
    of: Sets, accused: NDArray[np.bool_], among: NDArray[np.bool_]
) -> tuple[float, float]:
    """Of accounts; of those of rings that were certified."""
    n = np.array([c.n_accounts for c in of.crowds])
    right = n[among & accused & of.is_ring].sum()
    return float(right / max(1, n[among & accused].sum())), float(right / max(1, n[among & of.is_ring].sum()))


def _check() -> None:
    of = sets()
    unseen = blind(of)
    answers = {
        "rules": told(of, [None] * len(of.crowds)),
        "likeness of other hands > 0": bits_of(unseen) > 0.0,
        "rules and likeness of other hands": told(of, unseen),
        "triage": told(of, by(None, of)),
    }
    for hand in (*np.unique(of.hand), None):
        among = np.ones(of.hand.size, bool) if hand is None else of.hand == hand
        for name, accused in answers.items():
            precision, recall = precision_and_recall(of, accused, among)
            print(f"hand {hand or 'all':>3}  {name:34} precision {precision:.3f} recall {recall:.3f}")


if __name__ == "__main__":
    if "--check" in sys.argv:
        _check()
    else:
        everything = sets()
        write(learnt(everything, np.ones(everything.hand.size, bool)))
