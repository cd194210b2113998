"""Candidates: the entities of a view that alone would say something of a set, and in which order to try them.

Takes in a view's columns and a set of accounts and gives out entities with about how many bits each saves.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graphscan.graph.views import Columns, View
from graphscan.rings.describe.codes import choose
from graphscan.rings.describe.desk import Desk

NEARLY_ALL, MANY = 0.9, 0.4
"""Shares of an entity's users that are members from which it comes first, and second, where the purest come first."""

LEAST = 0.5
"""Bits that a name must save: less is not worth a line of evidence."""


def promising(view: View, members: NDArray[np.int32], desk: Desk) -> NDArray[np.int32]:
    """The entities of a view, sorted, of which alone a description of the set is made."""
    found: NDArray[np.int32] = candidates(members, view.columns, desk.seen)[0]
    return found


@njit(cache=True, nogil=True)
def candidates(
    members: NDArray[np.int32], of: Columns, seen: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
    """The entities that alone would save more than `LEAST`, rising, about how many bits, names not counted, and which
    share of their users is in the set.

    Heavy members touch what is popular, and so do all heavy accounts: only within strata is that told from a habit of
    their own, and without going through the users of what is popular. The number is the log-likelihood ratio of the
    members among the users against their share within strata.
    """
    entity, count = _hits(members, of.ptr, of.ent, seen)
    rate = np.zeros(of.stratum_sizes.size)
    for i in members:
        rate[of.strata[i]] += 1.0 / of.stratum_sizes[of.strata[i]]
    anywhere = members.size / of.stratum_sizes.sum()
    gain = np.zeros(entity.size)
    share = np.zeros(entity.size)
    for x in range(entity.size):
        e = entity[x]
        n_users = of.eptr[e + 1] - of.eptr[e]
        both = count[x]
        share[x] = both / n_users
        if both <= anywhere * n_users:
            continue
        expected = 0.0
        if of.row[e] >= 0:
            for s in range(rate.size):
                expected += rate[s] * of.table[of.row[e], s]
        else:
            for q in range(of.eptr[e], of.eptr[e + 1]):
                expected += rate[of.user_strata[q]]
        if both > expected:
            gain[x] = both * np.log2(both / expected)
            if both < n_users:
                gain[x] += (n_users - both) * np.log2((n_users - both) / (n_users - expected))
    is_promising = gain > LEAST
    return entity[is_promising], gain[is_promising], share[is_promising]


@njit(cache=True, nogil=True)
def _hits(
    members: NDArray[np.int32], ptr: NDArray[np.int64], ent: NDArray[np.int32], seen: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Entities that two or more of the members touch, rising, and how many of them do.

    `seen` counts on from where the last set ended, which its last place tells: to clear it takes as long as to count.
    """
    if seen[-1] > np.iinfo(np.int32).max - members.size:
        seen[:] = 0
    nothing = seen[-1]
    entity = np.empty(n_touches(members, ptr) // 2, np.int32)
    k = 0
    for i in members:
        for j in range(ptr[i], ptr[i + 1]):
            e = ent[j]
            seen[e] = max(seen[e], nothing) + 1
            if seen[e] == nothing + 2:
                entity[k] = e
                k += 1
    entity[:k].sort()
    count = np.empty(k, np.int64)
    for x in range(k):
        count[x] = seen[entity[x]] - nothing
    seen[-1] = nothing + members.size
    return entity[:k], count


@njit(cache=True, nogil=True)
def n_touches(of: NDArray[np.int32], ptr: NDArray[np.int64]) -> int:
    """Touches of these accounts, or of these entities, by the pointers of either's rows."""
    n = 0
    for i in of:
        n += ptr[i + 1] - ptr[i]
    return n


@njit(cache=True, nogil=True)
def wholesale_prices(
    klass: NDArray[np.int64],
    class_sizes: NDArray[np.int64],
    entity: NDArray[np.int32],
    lf: NDArray[np.float64],
) -> NDArray[np.float64]:
    """What a name of each class costs where all of these entities are named."""
    n_of = np.zeros(class_sizes.size, np.int64)
    for e in entity:
        n_of[klass[e]] += 1
    price = np.zeros(class_sizes.size)
    for c in range(class_sizes.size):
        if n_of[c] > 0:
            price[c] = choose(lf, class_sizes[c], n_of[c]) / n_of[c] + np.log2(entity.size / n_of[c])
    return price


@njit(cache=True, nogil=True)
def in_order(
    entity: NDArray[np.int32],
    gain: NDArray[np.float64],
    klass: NDArray[np.int64],
    class_sizes: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Places of the entities: what saves most, its name paid, comes first; of those alike, the first."""
    name = np.log2(class_sizes.astype(np.float64))
    cost = np.empty(entity.size)
    for x in range(entity.size):
        cost[x] = name[klass[entity[x]]] - gain[x]
    return np.argsort(cost, kind="mergesort")


@njit(cache=True, nogil=True)
def purest_first(share: NDArray[np.float64]) -> NDArray[np.int64]:
    """Places of entities in another order: those of which nearly all users are members, those of many, the others."""
    nearly_all, many = share >= NEARLY_ALL, share >= MANY
    return np.concatenate(
        (np.flatnonzero(nearly_all), np.flatnonzero(many & ~nearly_all), np.flatnonzero(~many))
    )
