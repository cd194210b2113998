"""Folding: entities with the same users, under a cap, become one before anything is counted or paired.

Takes in the incidences of a family and gives out compressed rows. Copies of an entity say nothing new, and one tool's
system text of forty fragments would make forty times its pairs.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graphscan.graph.rows import Incidences, Rows

MAX_SHARE = 0.5
"""An entity that more than half of the accounts touch tells nothing: no set of more than half is a ring."""


def folded(incidences: Incidences, cap: int | None) -> tuple[Rows, NDArray[np.int64], NDArray[np.int32]]:
    """Rows under a cap with entities of the same users folded into one, `entity_of` and `fold` (see `View`).

    Entities with one user, or with more than `MAX_SHARE` of all accounts, are left out.
    """
    n_accounts, n_entities = incidences.n_accounts, incidences.signal.size
    account, entity, seen_from = incidences.account, incidences.entity, incidences.cap
    highest = np.iinfo(np.int8).max if cap is None else cap
    n_users = _counted_users(entity, seen_from, highest, n_entities)
    kept = np.flatnonzero((n_users > 1) & (n_users <= max(2, MAX_SHARE * n_accounts)))
    place = np.full(n_entities, -1, np.int32)
    place[kept] = np.arange(kept.size, dtype=np.int32)
    eptr = np.zeros(kept.size + 1, np.int64)
    np.cumsum(n_users[kept], out=eptr[1:])
    users = _users(account, entity, seen_from, highest, place, eptr)
    group, leads = _alike(*_signatures(eptr, users), kept.size)
    place[kept] = np.where(leads, group, -1)
    ptr, ent = _entities(account, entity, seen_from, highest, place, n_accounts)
    own = np.repeat(leads, np.diff(eptr))
    leader_ptr = np.zeros(int(leads.sum()) + 1, np.int64)
    np.cumsum(np.diff(eptr)[leads], out=leader_ptr[1:])
    fold = place
    fold[kept] = group
    return Rows(n_accounts, ptr, ent, leader_ptr, users[own]), kept[leads].astype(np.int64), fold


def no_copies(rows: Rows, clusters: list[NDArray[np.int32]]) -> list[NDArray[np.int32]]:
    """The clusters (each sorted) that no entity of these rows has the very users of: a card of five accounts that share
    nothing else is a cluster as well, and would be named twice, or in vain."""
    if not clusters:
        return []
    ptr = np.zeros(len(clusters) + 1, np.int64)
    np.cumsum([c.size for c in clusters], out=ptr[1:])
    of_both = zip(_signatures(rows.eptr, rows.users), _signatures(ptr, np.concatenate(clusters)), strict=True)
    first, second = (np.concatenate(pair) for pair in of_both)
    _, leads = _alike(first, second, first.size)
    return [c for c, is_first in zip(clusters, leads[rows.n_entities :].tolist(), strict=True) if is_first]


@njit(cache=True, nogil=True)
def _counted_users(
    entity: NDArray[np.int32], seen_from: NDArray[np.int8], cap: int, n_entities: int
) -> NDArray[np.int64]:
    """Users of each entity under a cap."""
    n_users = np.zeros(n_entities, np.int64)
    for i in range(entity.size):
        if seen_from[i] <= cap:
            n_users[entity[i]] += 1
    return n_users


@njit(cache=True, nogil=True)
def _users(
    account: NDArray[np.int32],
    entity: NDArray[np.int32],
    seen_from: NDArray[np.int8],
    cap: int,
    place: NDArray[np.int32],
    eptr: NDArray[np.int64],
) -> NDArray[np.int32]:
    """Entity → users under a cap, of the entities that have a place, sorted."""
    end = eptr[:-1].copy()
    users = np.empty(eptr[-1], np.int32)
    for i in range(entity.size):
        if seen_from[i] <= cap and place[entity[i]] >= 0:
            e = place[entity[i]]
            users[end[e]] = account[i]
            end[e] += 1
    return users


@njit(cache=True, nogil=True)
def _entities(
    account: NDArray[np.int32],
    entity: NDArray[np.int32],
    seen_from: NDArray[np.int8],
    cap: int,
    place: NDArray[np.int32],
    n_accounts: int,
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Account → places of its entities under a cap, of those that have one, rising as the entities do."""
    ptr = np.zeros(n_accounts + 1, np.int64)
    for i in range(entity.size):
        if seen_from[i] <= cap and place[entity[i]] >= 0:
            ptr[account[i] + 1] += 1
    for a in range(n_accounts):
        ptr[a + 1] += ptr[a]
    ent = np.empty(ptr[-1], np.int32)
    n = 0
    for i in range(entity.size):
        if seen_from[i] <= cap and place[entity[i]] >= 0:
            ent[n] = place[entity[i]]
            n += 1
    return ptr, ent


@njit(cache=True, nogil=True)
def _alike(
    first: NDArray[np.uint64], second: NDArray[np.uint64], n: int
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Numbers those with the same pair of signatures alike, in order of appearance, and tells who leads each number.

    By hashing with open addressing: sorting millions of pairs for each cap takes longer than all else here.
    """
    size = 4
    while size < 2 * n:
        size *= 2
    slots = np.full(size, -1, np.int32)  # whose number it is
    group = np.empty(n, np.int32)
    leads = np.zeros(n, np.bool_)
    n_groups = 0
    for e in range(n):
        slot = np.int64(mix(first[e]) & np.uint64(size - 1))
        while slots[slot] >= 0 and (first[slots[slot]] != first[e] or second[slots[slot]] != second[e]):
            slot = (slot + 1) & (size - 1)
        if slots[slot] >= 0:
            group[e] = group[slots[slot]]
        else:
            slots[slot] = e
            leads[e] = True
            group[e] = n_groups
            n_groups += 1
    return group, leads


@njit(cache=True, nogil=True)
def _signatures(
    eptr: NDArray[np.int64], users: NDArray[np.int32]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Two 64-bit sums over each entity's users: entities with the same users have the same pair."""
    n = eptr.size - 1
    first = np.zeros(n, np.uint64)
    second = np.zeros(n, np.uint64)
    for e in range(n):
        for i in range(eptr[e], eptr[e + 1]):
            u = np.uint64(users[i])
            first[e] += mix(u + np.uint64(0x9E3779B97F4A7C15))
            second[e] += mix(u * np.uint64(0xD1342543DE82EF95) + np.uint64(1))
    return first, second


@njit(cache=True, nogil=True)
def mix(x: np.uint64) -> np.uint64:
    """A bijection of 64 bits that leaves no pattern (Stafford's variant 13 of the splitmix64 finaliser)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
