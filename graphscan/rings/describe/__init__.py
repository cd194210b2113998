"""How one view describes a set of accounts: the entities named, the bits saved, who stands on which level.

Takes in a `View` and a set of accounts and gives out a `Description`. Any choice of entities is a valid code; the
greedy one here only looks for a short one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graphscan.graph.views import Columns, View
from graphscan.rings.describe.candidates import LEAST, candidates, in_order, purest_first, wholesale_prices
from graphscan.rings.describe.codes import MOST_TOUCHES, choose, classes, integer, law, one_more
from graphscan.rings.describe.desk import Desk
from graphscan.rings.describe.expansion import (
    FOLLOWED_BITS,
    MOST_FOLLOWED,
    NOT_FOLLOWED_BITS,
    SEEDS,
    followed,
)
from graphscan.rings.describe.standing import (
    MEMBER,
    Moved,
    Standing,
    arranged_bits,
    move_up,
    take_over,
    touch,
    unnamed,
)

PATIENCE = 100
"""So many entities in a row may fail to shorten the description before the search for more ends."""

WASTE = 0.25
"""Users of entities that failed in a row, as a share of all accounts, before the search ends: the popular ones cost
most and save least."""

WASTE_OF_EACH = 2000.0
"""Such users for each member of the set: a few accounts among millions have next to nothing that is popular."""

DEBT = 16.0
"""Bits that names may cost more than they save until there are more of their kind: the first is dear, and where
hundreds of small entities each save a little the others pay for it."""

MISSED = 0.25
"""Share of the bits saved that paying at once must seem to miss before names are owed for: looking again costs as much
as looking."""

LEAST_MISSED = 4.0
"""Bits that a class must seem to miss to get credit."""

TRIES = 3
"""Times that names are owed for, without the class that did not pay the last time."""

OF_ITS_OWN = 0.5
"""Share of an entity's members whom no name tells yet, from which its name may be owed for: what is said again pays
nothing back."""

MOST_TRIED_TWICE = 1000
"""Candidates of a set up to which two orders are tried: a set that is told by hundreds of mails and hours, some its own
and some everybody's, is told a third better by its own first; prompts have ten thousand, and gain nothing."""

SLACK = 4.0
"""Bits by which an entity may seem to save less than its name costs and still be tried: the quick ratio leaves out the
lower terms of the binomials."""

LEVEL_OF = np.array([0, 1, 2, 3, 3, 4, 4, 4, 4, 5], np.int64)
"""`level_of` for 0 … `MOST_TOUCHES`."""


@dataclass(frozen=True)
class Description:
    """One view's description of a set.

    `entities` are the view's entities in the order of naming: `n_named` names, then those that they lead to
    (`graphscan.rings.describe.expansion`). `saved` are the bits that each saved, less than none for the first of many
    small ones (`DEBT`), and for some of those that come with the names. `bits` is what the view saves against the plain
    list within strata, before it pays for the choice of a view: the sum of `saved` less the `ends`, the price of saying
    that no more is named, and whether the names are followed. `names` is what the names alone cost. `accounts` and
    `members` count who stands on each level of each stratum, shape (n_strata, LEVELS).
    """

    view: View
    bits: float
    names: float
    n_named: int
    entities: NDArray[np.int32]
    saved: NDArray[np.float64]
    accounts: NDArray[np.int64]
    members: NDArray[np.int64]

    @property
    def is_followed(self) -> bool:
        """Whether there are entities that come with the names."""
        return self.entities.size > self.n_named


Named = tuple[float, float, int, NDArray[np.int32], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]
"""Bits saved, what the names cost, how many there are, the entities, what each saved, accounts and members on each
level."""


def describe(view: View, members: NDArray[np.int32], desk: Desk) -> Description:
    """The shortest description of a set (sorted account indices) that the greedy search finds in a view."""
    return Description(view, *_describe(members, view.columns, desk.touches, desk.seen, desk.lf))


def follow(told: Description, members: NDArray[np.int32], desk: Desk) -> Description:
    """The description of a set with what its first names lead to, where that is shorter; else as it is."""
    of = told.view.columns
    entities, n_named = _followed(told.entities, told.bits, members, of, desk.touches, desk.seen, desk.lf)
    if entities.size == n_named:
        return told
    return Description(told.view, *_told(entities, n_named, members, of, desk.touches, desk.lf))


def levels(description: Description, desk: Desk) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The accounts that touch a named entity (sorted) and the level on which each stands."""
    rows = description.view.rows
    room = int((rows.eptr[description.entities + 1] - rows.eptr[description.entities]).sum())
    reached = np.empty(min(room, rows.n_accounts), np.int32)
    n = _raise_levels(description.entities, rows.eptr, rows.users, desk.touches, reached)
    accounts = np.sort(reached[:n])
    level = LEVEL_OF[desk.touches[accounts]]
    desk.touches[accounts] = 0
    return accounts, level


@njit(cache=True, nogil=True)
def _describe(
    members: NDArray[np.int32],
    of: Columns,
    touches: NDArray[np.uint8],
    seen: NDArray[np.int32],
    lf: NDArray[np.float64],
) -> Named:
    """The shorter of what two orders of the candidates find: those that save most first, and the purest first, unless
    they are too many, or all as pure."""
    entity, gain, share = candidates(members, of, seen)
    order = in_order(entity, gain, of.klass, of.class_sizes)
    entity, gain, share = entity[order], gain[order], share[order]
    for i in members:
        touches[i] = MEMBER
    best: Named = _paid_or_lent(entity, gain, members, of, touches, lf)
    if entity.size <= MOST_TRIED_TWICE:
        order = purest_first(share)
        if (order[1:] < order[:-1]).any():
            other: Named = _paid_or_lent(entity[order], gain[order], members, of, touches, lf)
            if other[0] > best[0]:
                best = other
    for i in members:
        touches[i] = 0
    return best


@njit(cache=True, nogil=True)
def _followed(
    names: NDArray[np.int32],
    least: float,
    members: NDArray[np.int32],
    of: Columns,
    touches: NDArray[np.uint8],
    seen: NDArray[np.int32],
    lf: NDArray[np.float64],
) -> tuple[NDArray[np.int32], int]:
    """What the first of these names lead to, after them, and how many those are, where it saves more than `least`;
    where there are none the likeliest candidate is followed."""
    if names.size == 0:
        entity, gain, _ = candidates(members, of, seen)
        names = entity[in_order(entity, gain, of.klass, of.class_sizes)[:1]]
    for i in members:
        touches[i] = MEMBER
    n_named = 0
    entities = names[:0]
    left = MOST_FOLLOWED
    for n in SEEDS:
        if n > names.size or left == 0:
            break
        told = followed(names[:n], members, of, touches, seen, lf, left)
        left = told.left
        bits = told.saved - _names_bits(names[:n], of, lf) - FOLLOWED_BITS
        if bits > least:
            least, n_named, entities = bits, n, told.entities
    for i in members:
        touches[i] = 0
    return entities, n_named


@njit(cache=True, nogil=True)
def _names_bits(names: NDArray[np.int32], of: Columns, lf: NDArray[np.float64]) -> float:
    """What these names cost: how many, of which classes, which of each class."""
    n_of = np.zeros(of.class_sizes.size, np.int64)
    for e in names:
        n_of[of.klass[e]] += 1
    bits = integer(names.size) + classes(n_of, names.size)
    for c in range(n_of.size):
        bits += choose(lf, of.class_sizes[c], n_of[c])
    return float(bits)


@njit(cache=True, nogil=True)
def _told(
    entities: NDArray[np.int32],
    n_named: int,
    members: NDArray[np.int32],
    of: Columns,
    touches: NDArray[np.uint8],
    lf: NDArray[np.float64],
) -> Named:
    """The description by these entities, of which the first are named and the others come with them."""
    n_strata = of.stratum_sizes.size
    now = unnamed(members, of)
    moved = Moved(np.zeros(n_strata, np.bool_), np.empty(n_strata, np.int64), np.zeros(n_strata, np.int64))
    arranged = np.empty(n_strata)
    for s in range(n_strata):
        arranged[s] = arranged_bits(lf, now.accounts, now.members, s)
    of_levels = law(now.in_level, now.on_level)
    names = integer(0)
    saved = np.empty(entities.size)
    for i in members:
        touches[i] = MEMBER
    for x in range(entities.size):
        e = entities[x]
        n_moved, _, _ = move_up(e, of, touches, now, moved)
        saves = of_levels
        of_levels = law(now.in_level, now.on_level)
        saves -= of_levels
        for d in range(n_moved):
            s = moved.listed[d]
            moved.is_marked[s] = False
            saves += arranged[s]
            arranged[s] = arranged_bits(lf, now.accounts, now.members, s)
            saves -= arranged[s]
        touch(e, of, touches)
        if x < n_named:
            before = names
            names = _names_bits(entities[: x + 1], of, lf)
            saves -= names - before
        saved[x] = saves
    for e in entities:
        for q in range(of.eptr[e], of.eptr[e + 1]):
            touches[of.users[q]] = 0
    for i in members:
        touches[i] = 0
    bits = saved.sum() - integer(0) - FOLLOWED_BITS
    return bits, names, n_named, entities, saved, now.accounts, now.members


@njit(cache=True, nogil=True)
def _paid_or_lent(
    entity: NDArray[np.int32],
    gain: NDArray[np.float64],
    members: NDArray[np.int32],
    of: Columns,
    touches: NDArray[np.uint8],
    lf: NDArray[np.float64],
) -> Named:
    """Names are paid at once, or, where that misses something, on credit: what saves more."""
    wholesale = wholesale_prices(of.klass, of.class_sizes, entity, lf)
    has_credit = np.zeros(of.class_sizes.size, np.bool_)
    best: Named
    lent: Named
    _, missed, best = _named(entity, gain, wholesale, has_credit, members, of, touches, lf)
    if missed.sum() > MISSED * best[0]:
        has_credit[:] = missed > LEAST_MISSED
        for _try in range(TRIES):
            if not has_credit.any():
                break
            defaulted, _, lent = _named(entity, gain, wholesale, has_credit, members, of, touches, lf)
            if defaulted < 0:
                return lent if lent[0] > best[0] else best
            has_credit[defaulted] = False
    return best


@njit(cache=True, nogil=True)
def _named(
    entity: NDArray[np.int32],
    gain: NDArray[np.float64],
    wholesale: NDArray[np.float64],
    has_credit: NDArray[np.bool_],
    members: NDArray[np.int32],
    of: Columns,
    touches: NDArray[np.uint8],
    lf: NDArray[np.float64],
) -> tuple[int, NDArray[np.float64], Named]:
    """One way through the candidates in their order. Before what it found: the class whose debt was not paid, or −1,
    and about how many bits were missed since classes have no credit, shape (n_classes,)."""
    n_accounts = of.stratum_sizes.sum()
    n_strata = of.stratum_sizes.size
    n_classes = of.class_sizes.size
    now = unnamed(members, of)
    then = Standing(now.accounts.copy(), now.members.copy(), now.on_level.copy(), now.in_level.copy())
    moved = Moved(np.zeros(n_strata, np.bool_), np.empty(n_strata, np.int64), np.zeros(n_strata, np.int64))
    arranged = np.empty(n_strata)  # of each stratum, as it stands
    arrangement = 0.0
    for s in range(n_strata):
        arranged[s] = arranged_bits(lf, now.accounts, now.members, s)
        arrangement += arranged[s]
    current = law(now.in_level, now.on_level) + arrangement
    start = current

    named_of = np.zeros(n_classes, np.int64)
    named = np.empty(entity.size, np.int32)
    saved = np.empty(entity.size)
    k = 0
    names = integer(0)
    names_of_classes = classes(named_of, 0)
    failures = 0
    wasted = 0
    most_wasted = min(WASTE * n_accounts, WASTE_OF_EACH * members.size)
    owed = 0.0
    debtor = -1
    missed = np.zeros(n_classes)
    for x in range(entity.size):
        e = entity[x]
        c = of.klass[e]
        new_classes = names_of_classes + one_more(named_of[c] + 1, k, n_classes)
        price = (
            choose(lf, of.class_sizes[c], named_of[c] + 1)
            - choose(lf, of.class_sizes[c], named_of[c])
            + integer(k + 1)
            - integer(k)
            + new_classes
            - names_of_classes
        )
        if gain[x] < price - SLACK and not (has_credit[c] and gain[x] >= wholesale[c]):
            continue  # names grow cheaper as there are more of them, but not enough so far
        n_moved, n_inside, n_first = move_up(e, of, touches, then, moved)
        new_arrangement = arrangement
        for d in range(n_moved):
            s = moved.listed[d]
            new_arrangement += arranged_bits(lf, then.accounts, then.members, s) - arranged[s]
        new = law(then.in_level, then.on_level) + new_arrangement
        saves = current - new
        is_paid = saves > price + LEAST
        is_worth_it = not is_paid and gain[x] > wholesale[c] + LEAST and n_first >= OF_ITS_OWN * n_inside
        if is_worth_it and not has_credit[c]:
            missed[c] += gain[x] - wholesale[c]
        if is_paid or (is_worth_it and has_credit[c]):
            if saves < price and owed == 0.0:
                debtor = c
            if saves < price or owed > 0.0:
                owed = max(0.0, owed + price - saves)
                if owed > DEBT:
                    break
            saved[k] = saves - price
            named[k] = e
            k += 1
            names += price
            names_of_classes = new_classes
            named_of[c] += 1
            current = new
            arrangement = new_arrangement
            take_over(now, then, moved, n_moved)
            for d in range(n_moved):
                s = moved.listed[d]
                arranged[s] = arranged_bits(lf, now.accounts, now.members, s)
            touch(e, of, touches)
            failures = 0
            wasted = 0
        else:
            take_over(then, now, moved, n_moved)
            failures += 1
            wasted += of.eptr[e + 1] - of.eptr[e]
        if failures > PATIENCE or wasted > most_wasted:
            break
    for t in range(k):
        e = named[t]
        for q in range(of.eptr[e], of.eptr[e + 1]):
            touches[of.users[q]] &= MEMBER
    bits = start - current - names - NOT_FOLLOWED_BITS
    found = (bits, names, k, named[:k], saved[:k], now.accounts, now.members)
    return debtor if owed > 0.0 else -1, missed, found


@njit(cache=True, nogil=True)
def _raise_levels(
    entities: NDArray[np.int32],
    eptr: NDArray[np.int64],
    users: NDArray[np.int32],
    touches: NDArray[np.uint8],
    reached: NDArray[np.int32],
) -> int:
    """Counts touches of the named entities into `touches`; the accounts reached go to `reached`; how many they are."""
    n = 0
    for e in entities:
        for q in range(eptr[e], eptr[e + 1]):
            if touches[users[q]] == 0:
                reached[n] = users[q]
                n += 1
            touches[users[q]] = min(touches[users[q]] + 1, MOST_TOUCHES)
    return n
