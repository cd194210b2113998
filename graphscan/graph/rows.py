"""Incidences of a family, as they are and as compressed rows both ways.

Takes in who touched what, sorted by account and entity, and gives out each account's entities and each entity's users.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray


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


def rows_of(account: NDArray[np.int32], entity: NDArray[np.int32], n_accounts: int, n_entities: int) -> Rows:
    """Compressed rows of incidences that are sorted by account, then entity."""
    ptr = np.zeros(n_accounts + 1, np.int64)
    np.cumsum(np.bincount(account, minlength=n_accounts), out=ptr[1:])
    eptr, users = _transpose(account, entity, n_entities)
    return Rows(n_accounts, ptr, entity, eptr, users)


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
