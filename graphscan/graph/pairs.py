"""Pairs of accounts that share entities: proposals' raw material, evidence of nothing.

Takes in compressed rows and gives out pairs (l < r) with weights. An entity's users are ranked by a hash and each is
linked to the next few: a random regular graph in place of the clique, whose cost is that of the incidences, however
large the hub (expanders approximate the complete graph's Laplacian: Spielman and Teng, SIAM Journal on Computing 40,
2011, doi:10.1137/08074489X). Then every linked pair is scored on all that it shares.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_array

from graphscan.graph.folding import mix
from graphscan.graph.rows import Rows

NEIGHBOURS = 8
"""Accounts that each user of an entity is linked to, on either side together twice as many."""

MIN_RARITY = 3.0
"""An entity that more than an eighth of the accounts touch links nobody: bits, log2(N / users)."""

AHEAD = 64
"""Pairs whose rows are fetched together."""

FAMILY_CAP = 20.0
"""Bits of weight that one family can give a pair: copies of one habit are not more than one habit."""

MIN_WEIGHT = 25.0
"""Bits of weight from which a pair is a tie: more than any one family can give."""


@dataclass(frozen=True)
class Pairs:
    """Pairs of accounts, l < r, sorted, with their weights in bits; shapes (n_pairs,)."""

    l: NDArray[np.int32]  # noqa: E741 - the suffixes of a pair are _l and _r
    r: NDArray[np.int32]
    weight: NDArray[np.float32]

    def above(self, least: float) -> Pairs:
        """The pairs of at least that weight."""
        keep = self.weight >= least
        return Pairs(self.l[keep], self.r[keep], self.weight[keep])


@njit(cache=True, nogil=True)
def _linked(
    eptr: NDArray[np.int64],
    users: NDArray[np.int32],
    open_: NDArray[np.bool_],
    n_accounts: int,
    k: int,
    salt: int,
) -> NDArray[np.int64]:
    """Linked pairs as l · n_accounts + r, with repeats.

    The order of an entity's users hangs on all of them and on the salt: were it one order, two hubs of nearly the
    same users would link the same pairs, and the second would add none.
    """
    total = 0
    for e in range(eptr.size - 1):
        if open_[e]:
            d = eptr[e + 1] - eptr[e]
            near = min(k, d - 1)
            total += d * near - near * (near + 1) // 2
    out = np.empty(total, np.int64)
    m = 0
    for e in range(eptr.size - 1):
        if not open_[e]:
            continue
        d = eptr[e + 1] - eptr[e]
        keys = np.empty(d, np.uint64)
        order_of = np.uint64(salt)
        for i in range(d):
            keys[i] = np.uint64(users[eptr[e] + i]) * np.uint64(0x9E3779B97F4A7C15)
            order_of += mix(keys[i])
        for i in range(d):
            keys[i] = mix(keys[i] + order_of)
        order = np.argsort(keys)
        for i in range(d):
            a = users[eptr[e] + order[i]]
            for step in range(1, min(k, d - 1) + 1):
                if i + step < d:
                    b = users[eptr[e] + order[i + step]]
                    out[m] = min(a, b) * np.int64(n_accounts) + max(a, b)
                    m += 1
    return out[:m]


@njit(cache=True, nogil=True)
def _shared(
    keys: NDArray[np.int64],
    n_accounts: int,
    ptr: NDArray[np.int64],
    ent: NDArray[np.int32],
    bits: NDArray[np.float32],
    filters: NDArray[np.uint64],
    out: NDArray[np.float32],
) -> np.int64:
    """Rarity bits that each pair shares, into `out`; zero at once where their filters share nothing.

    The entities of l are hashed once for all pairs of l, which stand together, and looked up along the row of r.
    Rows of r lie anywhere in memory, and waiting for them is what takes the time: those of `AHEAD` pairs are asked for
    at once, before any is gone through. What is returned means nothing: without it the asking would be compiled away.
    """
    room = _room(np.diff(ptr).max())
    held = np.full(room, -1, np.int32)
    worth = np.zeros(room, np.float32)
    last = np.int64(-1)
    left = np.empty(AHEAD, np.int64)
    start = np.empty(AHEAD, np.int64)
    end = np.empty(AHEAD, np.int64)
    asked = np.int64(0)
    for first in range(0, keys.size, AHEAD):
        n = min(AHEAD, keys.size - first)
        for i in range(n):
            left[i] = keys[first + i] // n_accounts
            r = keys[first + i] - left[i] * n_accounts
            start[i] = ptr[r]
            end[i] = ptr[r + 1] if filters[left[i]] & filters[r] else start[i]
        for i in range(n):
            if end[i] > start[i]:
                asked += ent[start[i]] + ent[(start[i] + end[i]) // 2] + ent[end[i] - 1]
        for i in range(n):
            out[first + i] = 0.0
            if end[i] == start[i]:
                continue
            if left[i] != last:
                last = left[i]
                room = _laid_out(ptr[last], ptr[last + 1], ent, bits, held, worth)
            for q in range(start[i], end[i]):
                slot = _slot_of(ent[q], held, room)
                if held[slot] >= 0:
                    out[first + i] += worth[slot]
    return asked


@njit(cache=True, nogil=True)
def _room(n: int) -> int:
    """Slots of a table for n entities: a power of two, and mostly empty."""
    room = 64
    while room < 4 * n:
        room *= 2
    return room


@njit(cache=True, nogil=True)
def _laid_out(
    start: int,
    end: int,
    ent: NDArray[np.int32],
    bits: NDArray[np.float32],
    held: NDArray[np.int32],
    worth: NDArray[np.float32],
) -> int:
    """Lays a row's entities, with their bits, into as much of the table as they need; how many slots that are."""
    room: int = _room(end - start)
    held[:room] = -1
    for p in range(start, end):
        slot = _slot_of(ent[p], held, room)
        held[slot] = ent[p]
        worth[slot] = bits[ent[p]]
    return room


@njit(cache=True, nogil=True)
def _slot_of(entity: np.int32, held: NDArray[np.int32], room: int) -> np.int64:
    """The slot that holds an entity, or the empty one where it would be."""
    slot = np.int64(mix(np.uint64(entity)) & np.uint64(room - 1))
    while held[slot] >= 0 and held[slot] != entity:
        slot = (slot + 1) & (room - 1)
    return slot


@njit(cache=True, nogil=True)
def _filters(ptr: NDArray[np.int64], ent: NDArray[np.int32]) -> NDArray[np.uint64]:
    """A Bloom filter of each account's entities, of 64 bits and one hash: most pairs of one family share nothing
    in another, and that is told without going to either row.

    Source: Bloom, Communications of the ACM 13 (1970), doi:10.1145/362686.362692.
    """
    out = np.zeros(ptr.size - 1, np.uint64)
    for a in range(ptr.size - 1):
        for p in range(ptr[a], ptr[a + 1]):
            out[a] |= np.uint64(1) << (mix(np.uint64(ent[p])) & np.uint64(63))
    return out


@njit(cache=True, nogil=True)
def _merged(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """What is in either of two sorted columns without repeats, likewise."""
    out = np.empty(one.size + other.size, np.int64)
    i = 0
    j = 0
    n = 0
    while i < one.size and j < other.size:
        a = one[i]
        b = other[j]
        out[n] = min(a, b)
        n += 1
        i += a <= b
        j += b <= a
    for x in one[i:]:
        out[n] = x
        n += 1
    for x in other[j:]:
        out[n] = x
        n += 1
    return out[:n]


@njit(cache=True, nogil=True)
def _inside(
    users: NDArray[np.int32],
    eptr: NDArray[np.int64],
    first: int,
    ptr: NDArray[np.int64],
    near: NDArray[np.int32],
    end: NDArray[np.int64],
    who: NDArray[np.int32],
) -> None:
    within = np.zeros(ptr.size - 1, np.bool_)
    n = 0
    for e in range(first, eptr.size - 1):
        for q in range(eptr[e], eptr[e + 1]):
            within[users[q]] = True
        for q in range(eptr[e], eptr[e + 1]):
            for x in range(ptr[users[q]], ptr[users[q] + 1]):
                if within[near[x]]:
                    who[n] = users[q]
                    n += 1
                    break
        end[e - first] = n
        for q in range(eptr[e], eptr[e + 1]):
            within[users[q]] = False


def neighbours(pairs: Pairs, n_accounts: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Whom each account is paired with, either way: account a has `near[ptr[a]:ptr[a + 1]]`."""
    l = np.concatenate([pairs.l, pairs.r])  # noqa: E741
    near = np.concatenate([pairs.r, pairs.l])[np.argsort(l, kind="stable")]
    ptr = np.zeros(n_accounts + 1, np.int64)
    np.cumsum(np.bincount(l, minlength=n_accounts), out=ptr[1:])
    return ptr, near


def tied_inside(rows: Rows, first: int, ptr: NDArray[np.int64], near: NDArray[np.int32]) -> csr_array:
    """The users of each entity from number `first` on that are tied to another of its users, sorted: the indices of
    row e, shape (n_entities − first, n_accounts). `ptr` and `near` are the ties' `neighbours`."""
    end = np.zeros(rows.n_entities - first + 1, np.int64)
    who = np.empty(rows.eptr[-1] - rows.eptr[first], np.int32)
    _inside(rows.users, rows.eptr, first, ptr, near, end[1:], who)
    who = who[: end[-1]]
    return csr_array((np.ones(who.size, bool), who, end), (end.size - 1, rows.n_accounts))


def rarity(rows: Rows) -> NDArray[np.float32]:
    """log2(N / users) of each entity: what sharing it with one given account says, before anything else."""
    return np.log2(rows.n_accounts / np.maximum(rows.n_users, 1)).astype(np.float32)


def linked(
    rows: Rows, min_rarity: float = MIN_RARITY, family: str = "", neighbours: int = NEIGHBOURS
) -> NDArray[np.int64]:
    """Distinct linked pairs, as l · n_accounts + r, sorted; entities of fewer bits of rarity link nobody.

    A family links in an order of its own, so that a hub of two families links twice as many.
    """
    open_ = rarity(rows) >= min_rarity
    salt = zlib.crc32(family.encode())
    return _distinct(_linked(rows.eptr, rows.users, open_, rows.n_accounts, neighbours, salt))


def _distinct(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sorted and distinct, in place: `np.unique` hashes first, which takes five times as long."""
    keys.sort()
    first = np.ones(keys.size, bool)
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    return keys[first]


def shared_bits(rows: Rows, keys: NDArray[np.int64], threads: int = 1) -> NDArray[np.float32]:
    """Rarity bits that each pair shares in these rows, shape (n_pairs,)."""
    told = rows.n_accounts, rows.ptr, rows.ent, rarity(rows), _filters(rows.ptr, rows.ent)
    out = np.empty(keys.size, np.float32)
    shares = zip(np.array_split(keys, threads), np.array_split(out, threads), strict=True)  # views of both
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda s: _shared(s[0], *told, s[1]), shares))
    return out


def pairs_of(rows: Rows, least: float = 0.0, family: str = "", neighbours: int = NEIGHBOURS) -> Pairs:
    """The pairs of one set of rows with the bits they share, at least so many."""
    keys = linked(rows, family=family, neighbours=neighbours)
    weight = shared_bits(rows, keys)
    keep = weight >= least
    keys, weight = keys[keep], weight[keep]
    return _unpacked(keys, weight, rows.n_accounts)


def tied_pairs(
    families: Mapping[str, Rows],
    min_weight: float = MIN_WEIGHT,
    min_rarity: float = MIN_RARITY,
    threads: int = 1,
) -> Pairs:
    """Pairs over all families: each gives at most `FAMILY_CAP` bits, so that a tie needs two."""
    if not families:
        empty = np.empty(0, np.int32)
        return Pairs(empty, empty, np.empty(0, np.float32))
    with ThreadPoolExecutor(threads) as pool:
        keys = functools.reduce(_merged, pool.map(lambda f: linked(families[f], min_rarity, f), families))
    weight = np.zeros(keys.size, np.float32)
    # The long rows last: by then the other families have ruled out nearly all that only they link.
    rows = sorted(families.values(), key=lambda r: r.ent.size)
    for left, r in zip(reversed(range(len(rows))), rows, strict=True):
        shared = shared_bits(r, keys, threads)
        weight += np.minimum(shared, np.float32(FAMILY_CAP), out=shared)
        least = min_weight - left * FAMILY_CAP
        if least > 0.0:
            keep = weight >= least
            keys, weight = keys[keep], weight[keep]
    return _unpacked(keys, weight, rows[0].n_accounts)


def _unpacked(keys: NDArray[np.int64], weight: NDArray[np.float32], n_accounts: int) -> Pairs:
    l, r = np.empty(keys.size, np.int32), np.empty(keys.size, np.int32)  # noqa: E741
    np.floor_divide(keys, n_accounts, out=l, casting="unsafe")
    np.remainder(keys, n_accounts, out=r, casting="unsafe")
    return Pairs(l, r, weight)
