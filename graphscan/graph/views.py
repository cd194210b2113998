"""Views: one family's incidences under one cap, as compressed rows both ways.

Takes in the incidences of a family over all accounts and gives out, for each cap, who touches what when only so many
requests of each account are looked at. Entities with the same users are folded into one before anything is counted;
a family's own clusters are further entities, in classes of their own.

Everything here is made from one family's own columns, over all accounts, before anything is proposed: the proof of
the certificate (`graphscan.rings.certificate`) rests on that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numba import njit
from numpy.typing import NDArray

MAX_SHARE = 0.5
"""An entity that more than half of the accounts touch tells nothing: no set of more than half is a ring."""

MANY = 64
"""Users from which those of an entity are counted by stratum once; of rarer entities whenever that is asked."""

OWN_CLASS = 32
"""Classes of popularity of own clusters start here: log2 of a number of users never reaches it."""


@dataclass(frozen=True)
class Incidences:
    """Who touched what in one family: one row an (account, entity), sorted by account, then entity.

    `account` and `entity` are dense from zero; `cap` is the smallest cap (a power of two, as its exponent) under
    which the touch is seen, 0 where use does not make more of them; `signal` names each entity's signal, shape
    (n_entities,).
    """

    family: str
    n_accounts: int
    account: NDArray[np.int32]
    entity: NDArray[np.int32]
    cap: NDArray[np.int8]
    signal: NDArray[np.int16]

    @property
    def grows_with_use(self) -> bool:
        """Whether more requests mean more touches: only then are there views under caps."""
        return bool(self.cap.size and self.cap.max() > 0)


@dataclass(frozen=True)
class Rows:
    """Compressed rows both ways: account → entities (`ptr`, `ent`) and entity → users (`eptr`, `users`), sorted."""

    n_accounts: int
    ptr: NDArray[np.int64]
    ent: NDArray[np.int32]
    eptr: NDArray[np.int64]
    users: NDArray[np.int32]

    @property
    def n_entities(self) -> int:
        """Number of entities."""
        return self.eptr.size - 1

    @property
    def n_users(self) -> NDArray[np.int64]:
        """Users of each entity, shape (n_entities,)."""
        return np.diff(self.eptr)

    def users_of(self, entity: int) -> NDArray[np.int32]:
        """The users of one entity, sorted."""
        return self.users[self.eptr[entity] : self.eptr[entity + 1]]


@dataclass(frozen=True)
class View:
    """One family under one cap: rows of folded entities and own clusters, with strata and classes of popularity.

    `entity_of` gives, for each folded entity, the smallest original entity it stands for, and −1 − k for own cluster
    k; `fold` gives, for each original entity, the folded one, or −1 where it was left out. `klass` is the index of
    the popularity class in `class_sizes`; `class_names` gives each class's exponent (OWN_CLASS more for clusters).
    """

    family: str
    cap: int | None
    rows: Rows
    entity_of: NDArray[np.int64]
    fold: NDArray[np.int32]
    klass: NDArray[np.int64]
    class_names: NDArray[np.int64]
    class_sizes: NDArray[np.int64]
    strata: NDArray[np.int16]
    stratum_sizes: NDArray[np.int64] = field(repr=False)

    @property
    def n_plain(self) -> int:
        """Number of folded entities; own clusters are numbered from here on."""
        return int((self.entity_of >= 0).sum())

    @cached_property
    def by_stratum(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Users of the entities with `MANY` by stratum, and where they are: see `counted`."""
        return counted(self.rows, self.strata, self.stratum_sizes.size)

    @cached_property
    def user_strata(self) -> NDArray[np.int16]:
        """The stratum of each user of each entity, beside `rows.users`: read one after another, where looking each up
        would go all over memory."""
        return self.strata[self.rows.users]

    @cached_property
    def n_folded(self) -> NDArray[np.int64]:
        """How many original entities each folded one stands for, shape (n_plain,)."""
        return np.bincount(self.fold[self.fold >= 0], minlength=self.n_plain)


def counted(
    rows: Rows, strata: NDArray[np.int16], n_strata: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Each entity's row in the table, or −1, shape (n_entities,), and the table: users in each stratum of the entities
    with `MANY` or more, shape (n_many, n_strata)."""
    many = np.flatnonzero(rows.n_users >= MANY)
    row = np.full(rows.n_entities, -1, np.int32)
    row[many] = np.arange(many.size, dtype=np.int32)
    table = np.zeros((many.size, n_strata), np.int32)
    _count(rows.eptr, rows.users, strata, many, table)
    return row, table


@njit(cache=True, nogil=True)
def _count(
    eptr: NDArray[np.int64],
    users: NDArray[np.int32],
    strata: NDArray[np.int16],
    many: NDArray[np.int64],
    table: NDArray[np.int32],
) -> None:
    for k in range(many.size):
        for i in range(eptr[many[k]], eptr[many[k] + 1]):
            table[k, strata[users[i]]] += 1


@njit(cache=True, nogil=True)
def mix(x: np.uint64) -> np.uint64:
    """A bijection of 64 bits that leaves no pattern (Stafford's variant 13 of the splitmix64 finaliser)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit(cache=True, nogil=True)
def _transpose(
    account: NDArray[np.int32], entity: NDArray[np.int32], n_entities: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Entity → users, from rows sorted by account: a counting sort, so users come out sorted too."""
    eptr = np.zeros(n_entities + 1, np.int64)
    for i in range(entity.size):
        eptr[entity[i] + 1] += 1
    for e in range(n_entities):
        eptr[e + 1] += eptr[e]
    place = eptr[:-1].copy()
    users = np.empty(entity.size, np.int32)
    for i in range(entity.size):
        users[place[entity[i]]] = account[i]
        place[entity[i]] += 1
    return eptr, users


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


def rows_of(account: NDArray[np.int32], entity: NDArray[np.int32], n_accounts: int, n_entities: int) -> Rows:
    """Compressed rows of incidences that are sorted by account, then entity."""
    ptr = np.zeros(n_accounts + 1, np.int64)
    np.cumsum(np.bincount(account, minlength=n_accounts), out=ptr[1:])
    eptr, users = _transpose(account, entity, n_entities)
    return Rows(n_accounts, ptr, entity, eptr, users)


def folded(
    incidences: Incidences, cap: int | None, max_share: float = MAX_SHARE
) -> tuple[Rows, NDArray[np.int64], NDArray[np.int32]]:
    """Rows under a cap with entities of the same users folded into one, `entity_of` and `fold` (see `View`).

    Entities with one user, or with more than `max_share` of all accounts, are left out.
    """
    n_accounts, n_entities = incidences.n_accounts, incidences.signal.size
    account, entity, seen_from = incidences.account, incidences.entity, incidences.cap
    highest = np.iinfo(np.int8).max if cap is None else cap
    n_users = _counted_users(entity, seen_from, highest, n_entities)
    kept = np.flatnonzero((n_users > 1) & (n_users <= max(2, max_share * n_accounts)))
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


def with_clusters(rows: Rows, clusters: list[NDArray[np.int32]]) -> Rows:
    """Rows with the family's own clusters (each sorted) as further entities, after the others, in their order."""
    if not clusters:
        return rows
    own_ptr = np.zeros(len(clusters) + 1, np.int64)
    np.cumsum([c.size for c in clusters], out=own_ptr[1:])
    own = np.concatenate(clusters)
    ptr, ent = _with_own(rows.ptr, rows.ent, own_ptr, own, rows.n_entities)
    eptr = np.concatenate([rows.eptr, rows.eptr[-1] + own_ptr[1:]])
    return Rows(rows.n_accounts, ptr, ent, eptr, np.concatenate([rows.users, own]))


@njit(cache=True, nogil=True)
def _with_own(
    ptr: NDArray[np.int64],
    ent: NDArray[np.int32],
    own_ptr: NDArray[np.int64],
    own: NDArray[np.int32],
    n_entities: int,
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Account → entities, with those of the own clusters at the end of each account's row."""
    wider = np.zeros_like(ptr)
    for u in own:
        wider[u + 1] += 1
    for a in range(ptr.size - 1):
        wider[a + 1] += wider[a] + ptr[a + 1] - ptr[a]
    out = np.empty(wider[-1], np.int32)
    end = np.empty(ptr.size - 1, np.int64)
    for a in range(ptr.size - 1):
        n = ptr[a + 1] - ptr[a]
        out[wider[a] : wider[a] + n] = ent[ptr[a] : ptr[a + 1]]
        end[a] = wider[a] + n
    for k in range(own_ptr.size - 1):
        for i in range(own_ptr[k], own_ptr[k + 1]):
            out[end[own[i]]] = n_entities + k
            end[own[i]] += 1
    return wider, out


def view_of(
    incidences: Incidences,
    cap: int | None,
    strata: NDArray[np.int16],
    clusters: list[NDArray[np.int32]],
    base: tuple[Rows, NDArray[np.int64], NDArray[np.int32]] | None = None,
) -> View:
    """The view of a family under a cap (None: all requests), over strata, shape (n_accounts,), dense from zero."""
    rows, entity_of, fold = base if base is not None else folded(incidences, cap)
    n_plain = rows.n_entities
    rows = with_clusters(rows, clusters)
    popularity = np.floor(np.log2(np.maximum(rows.n_users, 1))).astype(np.int64)
    popularity[n_plain:] += OWN_CLASS
    class_names, klass, class_sizes = np.unique(popularity, return_inverse=True, return_counts=True)
    return View(
        incidences.family,
        cap,
        rows,
        np.concatenate([entity_of, -1 - np.arange(len(clusters))]),
        fold,
        klass.astype(np.int64),
        class_names,
        class_sizes.astype(np.int64),
        strata,
        np.bincount(strata).astype(np.int64),
    )
