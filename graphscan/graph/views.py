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
    strata: NDArray[np.int32]
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
    def n_folded(self) -> NDArray[np.int64]:
        """How many original entities each folded one stands for, shape (n_plain,)."""
        return np.bincount(self.fold[self.fold >= 0], minlength=self.n_plain)


def counted(
    rows: Rows, strata: NDArray[np.int32], n_strata: int
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
    strata: NDArray[np.int32],
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
    account, entity = incidences.account, incidences.entity
    if cap is not None:
        seen = incidences.cap <= cap
        account, entity = account[seen], entity[seen]
    n_entities = incidences.signal.size
    n_users = np.bincount(entity, minlength=n_entities)
    tells = (n_users > 1) & (n_users <= max(2, max_share * incidences.n_accounts))
    keep = tells[entity]
    account, entity = account[keep], entity[keep]
    kept = np.flatnonzero(tells)
    new = np.full(n_entities, -1, np.int32)
    new[kept] = np.arange(kept.size, dtype=np.int32)
    eptr, users = _transpose(account, new[entity], kept.size)
    first, second = _signatures(eptr, users)
    order = np.lexsort((np.arange(kept.size), second, first))
    changes = np.ones(kept.size, bool)
    if kept.size:
        changes[1:] = (first[order][1:] != first[order][:-1]) | (second[order][1:] != second[order][:-1])
    group = np.empty(kept.size, np.int64)
    group[order] = np.cumsum(changes) - 1
    leaders = np.sort(order[changes])  # the smallest entity of each group, since lexsort ends on the index
    leader_of = np.empty(leaders.size, np.int64)
    leader_of[group[leaders]] = np.arange(leaders.size)
    fold = np.full(n_entities, -1, np.int32)
    fold[kept] = leader_of[group]
    leads = np.zeros(n_entities, bool)
    leads[kept[leaders]] = True
    keep = leads[entity]
    rows = rows_of(account[keep], fold[entity[keep]], incidences.n_accounts, leaders.size)
    return rows, kept[leaders].astype(np.int64), fold


def with_clusters(rows: Rows, clusters: list[NDArray[np.int32]]) -> Rows:
    """Rows with the family's own clusters as further entities, after the others in the clusters' order."""
    if not clusters:
        return rows
    sizes = np.array([c.size for c in clusters])
    account = np.concatenate(
        [np.repeat(np.arange(rows.n_accounts, dtype=np.int32), np.diff(rows.ptr)), *clusters]
    )
    own = np.repeat(np.arange(rows.n_entities, rows.n_entities + len(clusters), dtype=np.int32), sizes)
    entity = np.concatenate([rows.ent, own])
    order = np.argsort(account, kind="stable")
    return rows_of(account[order], entity[order], rows.n_accounts, rows.n_entities + len(clusters))


def view_of(
    incidences: Incidences,
    cap: int | None,
    strata: NDArray[np.int32],
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
