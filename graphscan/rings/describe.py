"""How one view describes a set of accounts: the entities named, the bits saved, who stands on which level.

Takes in a `View` and a set of accounts and gives out a `Description`. Any choice of entities is a valid code; the
greedy one here only looks for a short one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graphscan.graph.views import View
from graphscan.rings.codes import LEVELS, MOST_TOUCHES, choose, classes, integer, law, level_of, one_more

PATIENCE = 100
"""So many entities in a row may fail to shorten the description before the search for more ends."""

WASTE = 0.25
"""Users of entities that failed in a row, as a share of all accounts, before the search ends: the popular ones cost
most and save least."""

LEAST = 0.5
"""Bits that a name must save: less is not worth a line of evidence."""

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

SLACK = 4.0
"""Bits by which an entity may seem to save less than its name costs and still be tried: the quick ratio leaves out the
lower terms of the binomials."""

MEMBER = 128
"""Mark of a member in the column of touches, while a set is described: one byte tells all that is asked of a user."""

TOUCHES = 127
"""The touches without that mark."""


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


@njit(cache=True, nogil=True)
def _hits(
    members: NDArray[np.int32], ptr: NDArray[np.int64], ent: NDArray[np.int32], seen: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Entities that two or more of the members touch, and how many of them do; in no order.

    `seen` counts on from where the last set ended, which its last place tells: to clear it takes as long as to count.
    """
    if seen[-1] > np.iinfo(np.int32).max - members.size:
        seen[:] = 0
    nothing = seen[-1]
    total = 0
    for i in members:
        total += ptr[i + 1] - ptr[i]
    entity = np.empty(total // 2, np.int32)
    k = 0
    for i in members:
        for j in range(ptr[i], ptr[i + 1]):
            e = ent[j]
            seen[e] = max(seen[e], nothing) + 1
            if seen[e] == nothing + 2:
                entity[k] = e
                k += 1
    count = np.empty(k, np.int64)
    for x in range(k):
        count[x] = seen[entity[x]] - nothing
    seen[-1] = nothing + members.size
    return entity[:k], count


@njit(cache=True, nogil=True)
def _arrangement(
    lf: NDArray[np.float64], accounts: NDArray[np.int64], members: NDArray[np.int64], s: int
) -> float:
    """Which accounts of each level of stratum s the members are, in no order (without the stratum's n_s!)."""
    bits = 0.0
    for level in range(LEVELS):
        if members[s, level] > 0:
            bits += lf[accounts[s, level]] - lf[accounts[s, level] - members[s, level]]
    return bits


@njit(cache=True, nogil=True)
def _promising(
    members: NDArray[np.int32],
    ptr: NDArray[np.int64],
    ent: NDArray[np.int32],
    eptr: NDArray[np.int64],
    user_strata: NDArray[np.int16],
    strata: NDArray[np.int16],
    stratum_sizes: NDArray[np.int64],
    row: NDArray[np.int32],
    table: NDArray[np.int32],
    seen: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """The entities that alone would save more than `LEAST`, in no order, and about how many bits, names not counted.

    Heavy members touch what is popular, and so do all heavy accounts: only within strata is that told from a habit of
    their own, and without going through the users of what is popular. The number is the log-likelihood ratio of the
    members among the users against their share within strata.
    """
    entity, count = _hits(members, ptr, ent, seen)
    rate = np.zeros(stratum_sizes.size)
    for i in members:
        rate[strata[i]] += 1.0 / stratum_sizes[strata[i]]
    anywhere = members.size / stratum_sizes.sum()
    gain = np.zeros(entity.size)
    for x in range(entity.size):
        e = entity[x]
        n_users = eptr[e + 1] - eptr[e]
        both = count[x]
        if both <= anywhere * n_users:
            continue
        expected = 0.0
        if row[e] >= 0:
            for s in range(rate.size):
                expected += rate[s] * table[row[e], s]
        else:
            for q in range(eptr[e], eptr[e + 1]):
                expected += rate[user_strata[q]]
        if both > expected:
            gain[x] = both * np.log2(both / expected)
            if both < n_users:
                gain[x] += (n_users - both) * np.log2((n_users - both) / (n_users - expected))
    is_promising = gain > LEAST
    return entity[is_promising], gain[is_promising]


@njit(cache=True, nogil=True)
def _wholesale(
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
def _in_order(
    entity: NDArray[np.int32],
    gain: NDArray[np.float64],
    klass: NDArray[np.int64],
    class_sizes: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Places of the entities: what saves most, its name paid, comes first; of those alike, the lower number."""
    name = np.log2(class_sizes.astype(np.float64))
    cost = np.empty(entity.size)
    for x in range(entity.size):
        cost[x] = name[klass[entity[x]]] - gain[x]
    order = np.argsort(cost)
    first = 0
    for last in range(1, entity.size + 1):
        if last == entity.size or cost[order[last]] > cost[order[first]]:
            alike = order[first:last]
            if alike.size > 1:
                order[first:last] = alike[np.argsort(entity[alike])]
            first = last
    return order


@njit(cache=True, nogil=True)
def _describe(
    members: NDArray[np.int32],
    ptr: NDArray[np.int64],
    ent: NDArray[np.int32],
    eptr: NDArray[np.int64],
    users: NDArray[np.int32],
    user_strata: NDArray[np.int16],
    klass: NDArray[np.int64],
    class_sizes: NDArray[np.int64],
    strata: NDArray[np.int16],
    stratum_sizes: NDArray[np.int64],
    row: NDArray[np.int32],
    table: NDArray[np.int32],
    touches: NDArray[np.uint8],
    seen: NDArray[np.int32],
    lf: NDArray[np.float64],
) -> Named:
    """Names are paid at once, or, where that misses something, on credit: what saves more."""
    entity, gain = _promising(members, ptr, ent, eptr, user_strata, strata, stratum_sizes, row, table, seen)
    order = _in_order(entity, gain, klass, class_sizes)
    entity, gain = entity[order], gain[order]
    wholesale = _wholesale(klass, class_sizes, entity, lf)
    has_credit = np.zeros(class_sizes.size, np.bool_)
    for i in members:
        touches[i] = MEMBER
    _, missed, cash = _named(
        entity, gain, wholesale, has_credit, members, eptr, users, user_strata, klass, class_sizes, strata,
        stratum_sizes, row, table, touches, lf,
    )  # fmt: skip
    best: Named = cash
    if missed.sum() > MISSED * cash[0]:
        has_credit[:] = missed > LEAST_MISSED
        for _try in range(TRIES):
            if not has_credit.any():
                break
            defaulted, _, lent = _named(
                entity, gain, wholesale, has_credit, members, eptr, users, user_strata, klass, class_sizes, strata,
                stratum_sizes, row, table, touches, lf,
            )  # fmt: skip
            if defaulted < 0:
                best = lent if lent[0] > cash[0] else cash
                break
            has_credit[defaulted] = False
    for i in members:
        touches[i] = 0
    return best


@njit(cache=True, nogil=True)
def _moved_up(
    e: int,
    eptr: NDArray[np.int64],
    users: NDArray[np.int32],
    user_strata: NDArray[np.int16],
    row: NDArray[np.int32],
    table: NDArray[np.int32],
    touches: NDArray[np.uint8],
    accounts: NDArray[np.int64],
    inside: NDArray[np.int64],
    on_level: NDArray[np.int64],
    in_level: NDArray[np.int64],
    others: NDArray[np.int64],
    dirty: NDArray[np.bool_],
    dirty_list: NDArray[np.int64],
) -> tuple[int, int, int]:
    """Counts the users of an entity where one touch more puts them: `accounts` and `inside` by stratum and level,
    `on_level` and `in_level` over all strata. How many strata changed, marked and listed in `dirty`; how many members
    moved, and how many of those no name told before.

    Of an entity with many users only those are looked at that are members or stand on a level already: how many are
    in each stratum is known, and so are the `others` (all zero before and after).
    """
    is_counted = row[e] >= 0
    if is_counted:
        others[:] = table[row[e]]
    n_dirty = 0
    n_inside = 0
    n_first = 0
    for q in range(eptr[e], eptr[e + 1]):
        state = touches[users[q]]
        if is_counted and state == 0:
            continue
        s = user_strata[q]
        others[s] -= is_counted
        was = level_of(state & TOUCHES)
        now = level_of((state & TOUCHES) + 1)
        if was == now:
            continue
        if not dirty[s]:
            dirty[s] = True
            dirty_list[n_dirty] = s
            n_dirty += 1
        accounts[s, was] -= 1
        accounts[s, now] += 1
        on_level[was] -= 1
        on_level[now] += 1
        if state & MEMBER:
            n_inside += 1
            n_first += was == 0
            inside[s, was] -= 1
            inside[s, now] += 1
            in_level[was] -= 1
            in_level[now] += 1
    if is_counted:
        for s in range(others.size):
            if others[s] == 0:
                continue
            if not dirty[s]:
                dirty[s] = True
                dirty_list[n_dirty] = s
                n_dirty += 1
            accounts[s, 0] -= others[s]
            accounts[s, 1] += others[s]
            on_level[0] -= others[s]
            on_level[1] += others[s]
            others[s] = 0
    return n_dirty, n_inside, n_first


@njit(cache=True, nogil=True)
def _named(
    entity: NDArray[np.int32],
    gain: NDArray[np.float64],
    wholesale: NDArray[np.float64],
    has_credit: NDArray[np.bool_],
    members: NDArray[np.int32],
    eptr: NDArray[np.int64],
    users: NDArray[np.int32],
    user_strata: NDArray[np.int16],
    klass: NDArray[np.int64],
    class_sizes: NDArray[np.int64],
    strata: NDArray[np.int16],
    stratum_sizes: NDArray[np.int64],
    row: NDArray[np.int32],
    table: NDArray[np.int32],
    touches: NDArray[np.uint8],
    lf: NDArray[np.float64],
) -> tuple[int, NDArray[np.float64], Named]:
    """One way through the candidates in their order. Before what it found: the class whose debt was not paid, or −1,
    and about how many bits were missed since classes have no credit, shape (n_classes,)."""
    n_accounts = stratum_sizes.sum()
    n = members.size
    n_strata = stratum_sizes.size
    accounts = np.zeros((n_strata, LEVELS), np.int64)
    inside = np.zeros((n_strata, LEVELS), np.int64)
    accounts[:, 0] = stratum_sizes
    for i in members:
        inside[strata[i], 0] += 1
    on_level = np.zeros(LEVELS, np.int64)  # all accounts, then the members, over all strata
    in_level = np.zeros(LEVELS, np.int64)
    on_level[0] = n_accounts
    in_level[0] = n
    arranged = np.empty(n_strata)  # of each stratum, as it stands
    arrangement = 0.0
    for s in range(n_strata):
        arranged[s] = _arrangement(lf, accounts, inside, s)
        arrangement += arranged[s]
    current = law(in_level, on_level) + arrangement
    start = current

    named_of = np.zeros(class_sizes.size, np.int64)
    named = np.empty(entity.size, np.int32)
    saved = np.empty(entity.size)
    k = 0
    names = integer(0)
    names_of_classes = classes(named_of, 0)
    new_accounts = accounts.copy()
    new_inside = inside.copy()
    new_on = on_level.copy()
    new_in = in_level.copy()
    dirty = np.zeros(n_strata, np.bool_)
    dirty_list = np.empty(n_strata, np.int64)
    others = np.zeros(n_strata, np.int64)
    failures = 0
    wasted = 0
    owed = 0.0
    debtor = -1
    missed = np.zeros(class_sizes.size)
    for x in range(entity.size):
        e = entity[x]
        c = klass[e]
        new_classes = names_of_classes + one_more(named_of[c] + 1, k, class_sizes.size)
        price = (
            choose(lf, class_sizes[c], named_of[c] + 1)
            - choose(lf, class_sizes[c], named_of[c])
            + integer(k + 1)
            - integer(k)
            + new_classes
            - names_of_classes
        )
        if gain[x] < price - SLACK and not (has_credit[c] and gain[x] >= wholesale[c]):
            continue  # names grow cheaper as there are more of them, but not enough so far
        n_dirty, n_inside, n_first = _moved_up(
            e, eptr, users, user_strata, row, table, touches, new_accounts, new_inside, new_on, new_in, others,
            dirty, dirty_list,
        )  # fmt: skip
        new_arrangement = arrangement
        for d in range(n_dirty):
            s = dirty_list[d]
            new_arrangement += _arrangement(lf, new_accounts, new_inside, s) - arranged[s]
        new = law(new_in, new_on) + new_arrangement
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
            for d in range(n_dirty):
                s = dirty_list[d]
                accounts[s] = new_accounts[s]
                inside[s] = new_inside[s]
                arranged[s] = _arrangement(lf, accounts, inside, s)
            on_level[:] = new_on
            in_level[:] = new_in
            for q in range(eptr[e], eptr[e + 1]):
                if touches[users[q]] & TOUCHES < MOST_TOUCHES:
                    touches[users[q]] += 1
            failures = 0
            wasted = 0
        else:
            for d in range(n_dirty):
                s = dirty_list[d]
                new_accounts[s] = accounts[s]
                new_inside[s] = inside[s]
            new_on[:] = on_level
            new_in[:] = in_level
            failures += 1
            wasted += eptr[e + 1] - eptr[e]
        for d in range(n_dirty):
            dirty[dirty_list[d]] = False
        if failures > PATIENCE or wasted > n_accounts * WASTE:
            break
    for t in range(k):
        e = named[t]
        for q in range(eptr[e], eptr[e + 1]):
            touches[users[q]] &= MEMBER
    found = (start - current - names, names, named[:k], saved[:k], accounts, inside)
    return debtor if owed > 0.0 else -1, missed, found


@dataclass(frozen=True)
class Desk:
    """What describing needs beside the view, made once: factorials, and columns over accounts and entities.

    `touches` ends at `MOST_TOUCHES`, and in one byte each: it is read at random places for millions of users. It and
    `is_reached` are all zero between two uses; `seen` counts on (`_hits`), and has one place more for where it stands.
    """

    lf: NDArray[np.float64]
    is_reached: NDArray[np.bool_]
    touches: NDArray[np.uint8]
    seen: NDArray[np.int32]

    @classmethod
    def of(cls, lf: NDArray[np.float64], n_accounts: int, n_entities: int) -> Desk:
        """A desk for views of at most so many entities."""
        zeros = (
            np.zeros(n_accounts, bool),
            np.zeros(n_accounts, np.uint8),
            np.zeros(n_entities + 1, np.int32),
        )
        return cls(lf, *zeros)

    def twin(self) -> Desk:
        """A desk for the same views with columns of its own."""
        return Desk.of(self.lf, self.touches.size, self.seen.size - 1)


def describe(view: View, members: NDArray[np.int32], desk: Desk) -> Description:
    """The shortest description of a set (sorted account indices) that the greedy search finds in a view."""
    rows = view.rows
    bits, names, entities, saved, accounts, inside = _describe(
        members,
        rows.ptr,
        rows.ent,
        rows.eptr,
        rows.users,
        view.user_strata,
        view.klass,
        view.class_sizes,
        view.strata,
        view.stratum_sizes,
        *view.by_stratum,
        desk.touches,
        desk.seen,
        desk.lf,
    )
    return Description(view, bits, names, entities, saved, accounts, inside)


def promising(view: View, members: NDArray[np.int32], desk: Desk) -> NDArray[np.int32]:
    """The entities of a view, sorted, of which alone a description of the set is made."""
    rows = view.rows
    found, _ = _promising(
        members,
        rows.ptr,
        rows.ent,
        rows.eptr,
        view.user_strata,
        view.strata,
        view.stratum_sizes,
        *view.by_stratum,
        desk.seen,
    )
    return np.sort(found)


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


LEVEL_OF = np.array([0, 1, 2, 3, 3, 4, 4, 4, 4, 5], np.int64)
"""`level_of` for 0 … `MOST_TOUCHES`."""
