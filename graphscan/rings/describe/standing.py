"""Who of a set, and of all accounts, stands on which level of a view, and how one name more moves them.

Takes in a view's columns and the members' touches of what is named, and gives out counts by stratum and level.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graphscan.graph.views import Columns
from graphscan.rings.describe.codes import LEVELS, MOST_TOUCHES, level_of

MEMBER = 128
"""Mark of a member in the column of touches, while a set is described: one byte tells all that is asked of a user."""

TOUCHES = 127
"""The touches without that mark."""


class Standing(NamedTuple):
    """How many accounts, and how many members, stand on each level: by stratum, shape (n_strata, LEVELS), and over all
    strata, shape (LEVELS,)."""

    accounts: NDArray[np.int64]
    members: NDArray[np.int64]
    on_level: NDArray[np.int64]
    in_level: NDArray[np.int64]


class Moved(NamedTuple):
    """The strata in which a name moves somebody to another level: marked, and listed.

    `others` is room to count those who stood on none, shape (n_strata,), all zero between two uses.
    """

    is_marked: NDArray[np.bool_]
    listed: NDArray[np.int64]
    others: NDArray[np.int64]


@njit(cache=True, nogil=True)
def unnamed(members: NDArray[np.int32], of: Columns) -> Standing:
    """Where all stand before anything is named: on the lowest level."""
    n_strata = of.stratum_sizes.size
    accounts = np.zeros((n_strata, LEVELS), np.int64)
    inside = np.zeros((n_strata, LEVELS), np.int64)
    on_level = np.zeros(LEVELS, np.int64)
    in_level = np.zeros(LEVELS, np.int64)
    accounts[:, 0] = of.stratum_sizes
    for i in members:
        inside[of.strata[i], 0] += 1
    on_level[0] = of.stratum_sizes.sum()
    in_level[0] = members.size
    return Standing(accounts, inside, on_level, in_level)


@njit(cache=True, nogil=True)
def move_up(
    e: int, of: Columns, touches: NDArray[np.uint8], standing: Standing, moved: Moved
) -> tuple[int, int, int]:
    """Counts the users of an entity where one touch more puts them. How many strata changed; how many members moved,
    and how many of those no name told before.

    Of an entity with many users only those are looked at that are members or stand on a level already: how many are
    in each stratum is known, and so are the others.
    """
    is_counted = of.row[e] >= 0
    if is_counted:
        moved.others[:] = of.table[of.row[e]]
    n_moved = 0
    n_inside = 0
    n_first = 0
    for q in range(of.eptr[e], of.eptr[e + 1]):
        state = touches[of.users[q]]
        if is_counted and state == 0:
            continue
        s = of.user_strata[q]
        moved.others[s] -= is_counted
        was = level_of(state & TOUCHES)
        now = level_of((state & TOUCHES) + 1)
        if was == now:
            continue
        if not moved.is_marked[s]:
            moved.is_marked[s] = True
            moved.listed[n_moved] = s
            n_moved += 1
        standing.accounts[s, was] -= 1
        standing.accounts[s, now] += 1
        standing.on_level[was] -= 1
        standing.on_level[now] += 1
        if state & MEMBER:
            n_inside += 1
            n_first += was == 0
            standing.members[s, was] -= 1
            standing.members[s, now] += 1
            standing.in_level[was] -= 1
            standing.in_level[now] += 1
    if is_counted:
        for s in range(moved.others.size):
            n_others = moved.others[s]
            if n_others == 0:
                continue
            if not moved.is_marked[s]:
                moved.is_marked[s] = True
                moved.listed[n_moved] = s
                n_moved += 1
            standing.accounts[s, 0] -= n_others
            standing.accounts[s, 1] += n_others
            standing.on_level[0] -= n_others
            standing.on_level[1] += n_others
            moved.others[s] = 0
    return n_moved, n_inside, n_first


@njit(cache=True, nogil=True)
def touch(e: int, of: Columns, touches: NDArray[np.uint8]) -> None:
    """Counts one touch more for each user of an entity."""
    for q in range(of.eptr[e], of.eptr[e + 1]):
        if touches[of.users[q]] & TOUCHES < MOST_TOUCHES:
            touches[of.users[q]] += 1


@njit(cache=True, nogil=True)
def take_over(to: Standing, source: Standing, moved: Moved, n_moved: int) -> None:
    """Brings one count to where the other stands, in the strata that moved, and takes their marks away."""
    for d in range(n_moved):
        s = moved.listed[d]
        to.accounts[s] = source.accounts[s]
        to.members[s] = source.members[s]
        moved.is_marked[s] = False
    to.on_level[:] = source.on_level
    to.in_level[:] = source.in_level


@njit(cache=True, nogil=True)
def arranged_bits(
    lf: NDArray[np.float64], accounts: NDArray[np.int64], members: NDArray[np.int64], s: int
) -> float:
    """Which accounts of each level of stratum s the members are, in no order (without the stratum's n_s!)."""
    bits = 0.0
    for level in range(LEVELS):
        if members[s, level] > 0:
            bits += lf[accounts[s, level]] - lf[accounts[s, level] - members[s, level]]
    return bits
