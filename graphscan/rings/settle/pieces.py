"""The pieces of a set: what hangs together by the very entities that describe it.

Takes in a judged set and gives out sets of accounts. A union of strangers' small groups can have many bits, since each
group is a coincidence of two families; a bridge account can hold two rings in one description. A ring is in one piece,
and where its communities are worth more than the whole, they are the rings.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from graphscan.graph.communities import communities
from graphscan.graph.pairs import Pairs, tied_pairs
from graphscan.graph.rows import Rows, rows_of
from graphscan.rings.certificate import Verdict
from graphscan.rings.describe import Description


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


def parts(verdict: Verdict, ties: Pairs, smallest: int, seed: int = 0) -> list[NDArray[np.int32]]:
    """The set's own communities of `smallest` members or more, as sets of accounts, without the set itself."""
    told = ties.above(float(np.finfo(np.float32).tiny))
    found = [verdict.members[c] for c in communities(told, smallest, seed)]
    return [c for c in found if c.size < verdict.members.size]


def _among(description: Description, members: NDArray[np.int32]) -> Rows:
    """The named entities' rows over the members alone, accounts numbered by their place in the set."""
    rows = description.view.rows
    users = [np.intersect1d(rows.users_of(int(e)), members, assume_unique=True) for e in description.entities]
    entity = np.repeat(np.arange(len(users), dtype=np.int32), [u.size for u in users])
    account = np.searchsorted(members, np.concatenate(users)).astype(np.int32) if users else entity
    order = np.argsort(account, kind="stable")
    return rows_of(account[order], entity[order], members.size, len(users))
