"""Which rings have something in common: what the evidence of each names, the other's accounts have beyond chance.

Takes in the verdicts of all rings and gives out a row a ring, another ring and a family. Rings are told apart by what
is worth most in bits (`graphscan.rings.settle`), and two of them may still be one operator's: who pays for both with
the same cards, or poses as fifty firms that all send the same texts. Others only rent from one proxy network. What
they share is told here, and accuses nobody.

Source: the bits bound chance: where each account of the other ring has an entity as often as its stratum, the logarithm
of the probability that so many have it is at most −n · KL(share ‖ expected share). Hoeffding, "Probability inequalities
for sums of bounded random variables", Journal of the American Statistical Association 58 (1963), theorem 1,
doi:10.1080/01621459.1963.10500830.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from graphscan.rings.certificate import Verdict
from graphscan.rings.describe import Description
from graphscan.rings.settle.overlaps import holders

RELATIONS = pl.Schema(
    {
        "ring_id": pl.String,
        "other_id": pl.String,
        "family": pl.String,
        "step": pl.Int32,
        "n_others": pl.Int64,
        "n_asked": pl.Int64,
        "expected": pl.Float64,
        "bits": pl.Float64,
        "n_entities": pl.Int64,
    }
)


def relations(
    rings: Mapping[str, Verdict], min_bits: float, among: Collection[str] | None = None
) -> pl.DataFrame:
    """A row for each ring, another and a family by which it is related to that (`RELATIONS`), sorted.

    Of all families, or those `among` which it is asked.

    Of what the ring's evidence names in the family, the `n_entities` with fewest users are touched by more of the
    other's accounts than chance explains, by `min_bits` or more once the choice of their number and of the ring is
    paid: by `n_others` of the other's `n_asked` accounts (those in both rings left out), where `expected` would by
    chance. `step` is the one of them that most have.
    """
    names = sorted(rings)
    if len(names) < 2:
        return pl.DataFrame(schema=RELATIONS)
    n_accounts = rings[names[0]].listing.kind.strata.size
    rings_of = holders([rings[name].members for name in names], n_accounts).T.tocsr()
    in_any = np.diff(rings_of.indptr) > 0
    account = np.repeat(np.flatnonzero(in_any), np.diff(rings_of.indptr)[in_any])
    told = []
    for name in names:
        is_other = in_any.copy()
        is_other[rings[name].members] = False
        meant = is_other[account]
        ring = rings_of.indices[meant]
        of_all = (len(names), rings_of.indptr, rings_of.indices)
        others = _Others(rings[name].members, account[meant], ring, *of_all, is_other)
        asked = (f for f in rings[name].families if among is None or f in among)
        for family in asked:
            for row in _by_family(rings[name].best[family], others, min_bits):
                told.append({"ring_id": name, "family": family, "other_id": names[row.pop("other")], **row})
    frame = pl.DataFrame(told, schema=RELATIONS)
    return frame.with_columns(pl.col("expected", "bits").round(6)).sort("ring_id", "other_id", "family")


def mutual(related: pl.DataFrame) -> pl.DataFrame:
    """The rows of relations that there are the other way round too."""
    back = related.select("family", ring_id="other_id", other_id="ring_id")
    return related.join(back, on=["ring_id", "other_id", "family"], how="semi", maintain_order="left")


def with_entities(related: pl.DataFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    """The rows with signal and text of the entity that says most, its members and all its users, as `evidence` has
    them."""
    named = evidence.select("ring_id", "family", "step", "signal", "entity", "n_members", "n_accounts")
    return related.join(named, on=["ring_id", "family", "step"], how="left", maintain_order="left")


@dataclass(frozen=True)
class _Others:
    """The accounts of other rings than one, whose own are `members`: a row an account that is not in it and a ring.

    Account a is in `rings[ptr[a]:ptr[a + 1]]`, of `n_rings`; `is_other` says who is meant, shape (n_accounts,).
    """

    members: NDArray[np.int32]
    account: NDArray[np.int64]
    ring: NDArray[np.int32]
    n_rings: int
    ptr: NDArray[np.int32]
    rings: NDArray[np.int32]
    is_other: NDArray[np.bool_]

    def by_stratum(self, strata: NDArray[np.int16], n_strata: int) -> NDArray[np.int64]:
        """How many of them each ring has in each stratum, shape (n_rings, n_strata)."""
        cell = self.ring.astype(np.int64) * n_strata + strata[self.account]
        return np.bincount(cell, minlength=self.n_rings * n_strata).reshape(self.n_rings, n_strata)


def _by_family(description: Description, others: _Others, min_bits: float) -> Iterator[dict[str, Any]]:
    """What a family says of a ring and each other ring, by its place among all."""
    view, named = description.view, description.entities
    n_strata = view.stratum_sizes.size
    asked = others.by_stratum(view.strata, n_strata)
    n_asked = asked.sum(1)
    n_outside = view.stratum_sizes - np.bincount(view.strata[others.members], minlength=n_strata)
    is_seen = np.zeros(view.strata.size, bool)
    is_seen[others.members] = True
    by_users = named[np.argsort(view.rows.n_users[named], kind="stable")]
    each, new, reached = _touched(
        by_users,
        view.rows.eptr,
        view.rows.users,
        others.ptr,
        others.rings,
        others.is_other,
        is_seen,
        view.strata,
        n_asked.size,
        n_strata,
    )
    had = np.cumsum(new, axis=0)
    expected = (np.cumsum(reached, axis=0) / np.maximum(n_outside, 1)) @ asked.T
    bits = _beyond_chance(had, expected, n_asked) - np.log2(max(1, named.size * (n_asked.size - 1)))
    step_of = {entity: step for step, entity in enumerate(named.tolist(), 1)}
    for other in np.flatnonzero((bits >= min_bits).any(axis=0)).tolist():
        last = int(np.argmax(bits[:, other]))
        yield {
            "other": other,
            "step": step_of[int(by_users[np.argmax(each[: last + 1, other])])],
            "n_others": int(had[last, other]),
            "n_asked": int(n_asked[other]),
            "expected": float(expected[last, other]),
            "bits": float(bits[last, other]),
            "n_entities": last + 1,
        }


@njit(cache=True, nogil=True)
def _touched(
    entities: NDArray[np.int32],
    eptr: NDArray[np.int64],
    users: NDArray[np.int32],
    ptr: NDArray[np.int32],
    rings: NDArray[np.int32],
    is_other: NDArray[np.bool_],
    is_seen: NDArray[np.bool_],
    strata: NDArray[np.int16],
    n_rings: int,
    n_strata: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Of each entity's users: how many of those who are meant each ring has, how many of them no entity before had,
    shapes (n_entities, n_rings); and all users whom none had, by stratum, shape (n_entities, n_strata)."""
    each = np.zeros((entities.size, n_rings), np.int64)
    new = np.zeros((entities.size, n_rings), np.int64)
    reached = np.zeros((entities.size, n_strata), np.int64)
    for k in range(entities.size):
        for q in range(eptr[entities[k]], eptr[entities[k] + 1]):
            u = users[q]
            if not is_seen[u]:
                reached[k, strata[u]] += 1
            if is_other[u]:
                for at in range(ptr[u], ptr[u + 1]):
                    each[k, rings[at]] += 1
                    if not is_seen[u]:
                        new[k, rings[at]] += 1
            is_seen[u] = True
    return each, new, reached


def _beyond_chance(
    had: NDArray[np.float64], expected: NDArray[np.float64], n: NDArray[np.int64]
) -> NDArray[np.float64]:
    """n · KL(had / n ‖ expected / n) in bits where more have it than expected, else none."""
    n_least = np.maximum(n, 1)
    share, rate = had / n_least, np.clip(expected / n_least, 1e-300, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        yes = np.where(share > 0.0, share * np.log2(share / rate), 0.0)
        no = np.where(share < 1.0, (1.0 - share) * np.log2((1.0 - share) / (1.0 - rate)), 0.0)
    return np.where(had > expected, n * (yes + no), 0.0)
