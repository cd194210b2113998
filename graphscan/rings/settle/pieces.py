"""The pieces of a set: what hangs together by the very entities that describe it.

Takes in a judged set and gives out sets of accounts. A union of strangers' small groups can have many bits, since each
group is a coincidence of two families; a bridge account can hold two rings in one description. A ring is in one piece,
and where its communities, or what was proposed inside it, are worth more than the whole, they are the rings.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from graphscan.graph.communities import communities
from graphscan.graph.pairs import Pairs, tied_pairs
from graphscan.graph.rows import Rows, rows_of
from graphscan.rings.certificate import Verdict
from graphscan.rings.describe import Description
from graphscan.rings.settle.inside import INSIDE
from graphscan.rings.settle.overlaps import holders, is_like

GOOD_PART = 0.15
"""Share of a set that a proposal inside it has, and leaves, at least: what was one ring and another came from them."""

SAME = 0.8
"""Likeness from which one of two proposals is enough."""

SEED = 0
"""Of a set's own communities: what a set falls into hangs on nothing else of the run."""

MOST_PROPOSED = 12
"""Proposals that are looked at in a set."""


def ties_by_description(verdict: Verdict) -> Pairs:
    """Pairs of members, by their place in the set, that share entities which describe it; weights in bits.

    An entity is as rare as it is among the members: what all of them share ties all, with no weight.
    """
    return tied_pairs(
        {family: _among(d, verdict.members) for family, d in verdict.best.items()},
        min_weight=0.0,
        min_rarity=0.0,
    )


def pieces(verdict: Verdict, ties: Pairs) -> list[NDArray[np.int32]]:
    """Members of each connected piece, the largest first; those tied to nobody are pieces of one."""
    n = verdict.members.size
    graph = coo_matrix((np.ones(ties.l.size, np.int8), (ties.l, ties.r)), shape=(n, n))
    count, label = connected_components(graph, directed=False)
    parts = [verdict.members[label == c] for c in range(count)]
    return sorted(parts, key=lambda p: (-p.size, int(p[0])))


def parts(verdict: Verdict, ties: Pairs, smallest: int) -> list[NDArray[np.int32]]:
    """The set's own communities of `smallest` members or more, as sets of accounts, without the set itself."""
    told = ties.above(float(np.finfo(np.float32).tiny))
    found = [verdict.members[c] for c in communities(told, smallest, SEED)]
    return [c for c in found if c.size < verdict.members.size]


class Proposed:
    """What was proposed, to be asked which of it lies in a set: growth may have run from one ring into another."""

    def __init__(self, sets: Sequence[NDArray[np.int32]], n_accounts: int) -> None:
        self._sets = sets
        self._sizes = np.array([s.size for s in sets], np.int64)
        self._holds = holders(sets, n_accounts)

    def inside(self, members: NDArray[np.int32]) -> list[NDArray[np.int32]]:
        """The proposals that lie in a set and are a good part of it, one of those that are alike, the largest first."""
        least, most = GOOD_PART * members.size, (1.0 - GOOD_PART) * members.size / INSIDE
        places = np.flatnonzero((self._sizes >= least) & (self._sizes <= most))
        is_member = np.zeros(self._holds.shape[1], np.int32)
        is_member[members] = 1
        places = places[self._holds[places] @ is_member >= INSIDE * self._sizes[places]]
        chosen: list[NDArray[np.int32]] = []
        for k in places[np.argsort(-self._sizes[places], kind="stable")].tolist():
            if not any(is_like(self._sets[k], c, SAME) for c in chosen):
                chosen.append(self._sets[k])
        return chosen[:MOST_PROPOSED]


def _among(description: Description, members: NDArray[np.int32]) -> Rows:
    """The named entities' rows over the members alone, accounts numbered by their place in the set."""
    rows = description.view.rows
    users = [np.intersect1d(rows.users_of(int(e)), members, assume_unique=True) for e in description.entities]
    entity = np.repeat(np.arange(len(users), dtype=np.int32), [u.size for u in users])
    account = np.searchsorted(members, np.concatenate(users)).astype(np.int32) if users else entity
    order = np.argsort(account, kind="stable")
    return rows_of(account[order], entity[order], members.size, len(users))
