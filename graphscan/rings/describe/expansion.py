"""What the named entities lead to: entities of which at least half of the users touch what is known so far, round by
round. They come with the names, and no name of theirs is paid.

Takes in the first names of a description and gives out how far to follow them. A pool of a thousand addresses of which
each account had five is told by its first few: who has those has the others. Any rule will do that the receiver of the
code can follow: he knows who touches what, and is told the names and the rounds. So the lengths still obey Kraft, and
a wrong turn costs bits like any other useless name.

Source: growing a community from a few of its vertices: Andersen and Lang, "Communities from seed sets", WWW 2006,
doi:10.1145/1135777.1135814.
"""

from __future__ import annotations

from math import log2
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graphscan.graph.views import Columns
from graphscan.rings.describe.candidates import n_touches
from graphscan.rings.describe.codes import MOST_TOUCHES, law, level_of
from graphscan.rings.describe.standing import MEMBER, TOUCHES, Standing, arranged_bits, unnamed

OF_USERS = 2
"""One in so many of an entity's users must be reached before it is led to."""

LEAST = 2
"""Users that must be reached: one account alone leads to all it ever touched."""

ROUNDS = 8
"""Rounds in which names are followed, at most."""

PROBABILITY = 0.125
"""That names are followed at all; every number of rounds is as likely as another."""

NOT_FOLLOWED_BITS = -log2(1.0 - PROBABILITY)
FOLLOWED_BITS = -log2(PROBABILITY / ROUNDS)
"""What saying so costs."""

SEEDS = np.array([1, 2, 4, 8, 16], np.int64)
"""How many of the first names are followed: what is led to makes the later ones superfluous."""

WIDEST = 8
"""Touches that are gone through, at most, for each that the members have: who is followed into a crowd is lost."""

MOST_FOLLOWED = 400_000
"""The same of any set, by all its first names: of a ring of thousands names cost little beside what they save."""


class Followed(NamedTuple):
    """Bits that what is named and led to saves after the best of the rounds; all entities, the names first; and the
    touches that are left to go through."""

    saved: float
    entities: NDArray[np.int32]
    left: int


@njit(cache=True, nogil=True)
def followed(
    names: NDArray[np.int32],
    members: NDArray[np.int32],
    of: Columns,
    touches: NDArray[np.uint8],
    seen: NDArray[np.int32],
    lf: NDArray[np.float64],
    most: int,
) -> Followed:
    """Follows names for as long as each round saves more, through so many touches at most. Members are marked in
    `touches`, which is left as it was.

    `seen` counts on from where the last use ended (`candidates`). An entity is led to when it is seen so often as it
    must be, once; one that is named has been seen more often than that from the start.
    """
    n_accounts = of.strata.size
    if seen[-1] > np.iinfo(np.int32).max - 2 * (n_accounts + 1):
        seen[:] = 0
    nothing = seen[-1]
    given = min(WIDEST * n_touches(members, of.ptr), most)
    left = given
    entities = np.empty(names.size + left // LEAST, np.int32)
    entities[: names.size] = names
    for e in names:
        seen[e] = nothing + n_accounts + 1
    reached = np.empty(n_accounts, np.int32)
    now = unnamed(members, of)
    start = _length(now, lf)
    best = -np.inf
    best_end = 0
    n_reached = 0
    first, end = 0, names.size
    for rounds in range(ROUNDS + 1):
        if n_touches(entities[first:end], of.eptr) > left:
            break
        known = n_reached
        for x in range(first, end):
            n_reached = _raise(entities[x], of, touches, now, reached, n_reached)
        saved = start - _length(now, lf)
        if rounds > 0 and saved > best:
            best, best_end = saved, end
        elif rounds > 0:
            break
        left -= n_touches(reached[known:n_reached], of.ptr)
        if left < 0:
            break
        first = end
        for u in reached[known:n_reached]:
            for j in range(of.ptr[u], of.ptr[u + 1]):
                e = of.ent[j]
                seen[e] = max(seen[e], nothing) + 1
                n = seen[e] - nothing
                if n >= LEAST and n == max(LEAST, (of.eptr[e + 1] - of.eptr[e] + OF_USERS - 1) // OF_USERS):
                    entities[end] = e
                    end += 1
        if end == first:
            break
        entities[first:end].sort()
    for u in reached[:n_reached]:
        touches[u] &= MEMBER
    seen[-1] = nothing + 2 * (n_accounts + 1)
    return Followed(best, entities[:best_end].copy(), most - given + max(left, 0))


@njit(cache=True, nogil=True)
def _raise(
    e: int,
    of: Columns,
    touches: NDArray[np.uint8],
    now: Standing,
    reached: NDArray[np.int32],
    n_reached: int,
) -> int:
    """Counts one touch more for the users of an entity; those who had none join the reached: how many these are."""
    for q in range(of.eptr[e], of.eptr[e + 1]):
        u = of.users[q]
        n = touches[u] & TOUCHES
        if n == MOST_TOUCHES:
            continue
        if n == 0:
            reached[n_reached] = u
            n_reached += 1
        touches[u] += 1
        was, level = level_of(n), level_of(n + 1)
        if was == level:
            continue
        s = of.user_strata[q]
        now.accounts[s, was] -= 1
        now.accounts[s, level] += 1
        now.on_level[was] -= 1
        now.on_level[level] += 1
        if touches[u] & MEMBER:
            now.members[s, was] -= 1
            now.members[s, level] += 1
            now.in_level[was] -= 1
            now.in_level[level] += 1
    return n_reached


@njit(cache=True, nogil=True)
def _length(now: Standing, lf: NDArray[np.float64]) -> float:
    """Levels of the members, and who of each level they are."""
    bits = law(now.in_level, now.on_level)
    for s in range(now.accounts.shape[0]):
        bits += arranged_bits(lf, now.accounts, now.members, s)
    return float(bits)
