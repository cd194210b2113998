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
from graphscan.rings.describe.standing import (
    MEMBER,
    TOUCHES,
    Moved,
    Standing,
    arranged_bits,
    move_up,
    take_over,
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

    `entities` are the view's entities in the order of naming and `saved` the bits that each name saved, less than none
    for the first of many small ones (`DEBT`). `bits` is what the view saves against the plain list within strata,
    before it pays for the choice of a view: the sum of `saved` less the price of saying that none is named. `names` is
    what the names alone cost. `accounts` and `members` count who stands on each level of each stratum, shape
    (n_strata, LEVELS).
    """

    view: View
    bits: float
    names: float
    entities: NDArray[np.int32]
    saved: NDArray[np.float64]
    accounts: NDArray[np.int64]
    members: NDArray[np.int64]


Named = tuple[float, float, NDArray[np.int32], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]
"""Bits saved, what the names cost, the entities named, what each name saved, accounts and members on each level."""


def describe(view: View, members: NDArray[np.int32], desk: Desk) -> Description:
    """The shortest description of a set (sorted account indices) that the greedy search finds in a view."""
    bits, names, entities, saved, accounts, inside = _describe(
        members, view.columns, desk.touches, desk.seen, desk.lf
    )
    return Description(view, bits, names, entities, saved, accounts, inside)


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
            for q in range(of.eptr[e], of.eptr[e + 1]):
                if touches[of.users[q]] & TOUCHES < MOST_TOUCHES:
                    touches[of.users[q]] += 1
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
    found = (start - current - names, names, named[:k], saved[:k], now.accounts, now.members)
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
