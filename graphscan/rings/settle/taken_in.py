"""Who comes into a settled ring: whom one family tells, or all but one, or all requests.

Takes in rings and gives out the same rings with more accounts, of those that are in none. Under a cap a heavy account
shows little of what it shares, and growth stops at the part of a ring that has two habits: the whole may have more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from graphscan.rings.certificate import Court, Courts, Verdict
from graphscan.rings.growth import MARGIN, SPEAKS, account_odds, grow, spoken_for, threshold, widened
from graphscan.rings.settle.inside import CLEARLY, MOSTLY, SMALLER, clear_lead
from graphscan.rings.settle.overlaps import ranked

MARGINS = (MARGIN, 0.0, -MARGIN)
"""Bits by which all families but one must speak for an account that is taken in with others: the family that is asked
nothing may make up for the last."""

AT_LEAST = 0.5
"""Share of a ring's bits that are left to it where accounts of which only all requests tell are taken in."""


def broadened(both: Courts, rings: Sequence[Verdict], min_bits: float) -> list[Verdict]:
    """The rings, or what each is with the free accounts for which one of its families speaks, and what grows of that,
    where that is another set (`SMALLER`) and clearly has more bits.

    All requests dilute a family's habit, and growth by them may stop at the part of a ring that has two habits; under
    the caps the others fit. Before rings were settled, such a set might have been two rings.
    """

    def broader(ring: Verdict, is_free: NDArray[np.bool_]) -> Verdict:
        return max([ring, *_broader(both, ring, is_free, min_bits)], key=lambda v: v.bits)

    return _in_turn(rings, both.certify.n_accounts, broader)


def _broader(both: Courts, ring: Verdict, is_free: NDArray[np.bool_], min_bits: float) -> list[Verdict]:
    narrow = both.certify.narrowed(ring)
    sets = [*widened(both.growth, both.growth.judge(ring.members)), *widened(both.certify, ring)]
    near = [members[is_free[members]] for members in sets]
    near = [m for m in near if _is_most_of(ring, m)]
    grown = [grow(narrow, members).members for members in near]
    others = [*near, *(members[is_free[members]] for members in grown)]
    judged = [both.certify.judge(m) for m in others if ring.members.size < SMALLER * m.size]
    return [v for v in judged if v.is_better_than(ring, clear_lead(ring.bits, min_bits))]


def completed(both: Courts, rings: Sequence[Verdict], min_bits: float) -> list[Verdict]:
    """The rings with the free accounts that belong to them by all families but one, as long as they clearly have more
    bits with them.

    A ring that signed up in ten batches is known by those of the accounts that were found: the next batch is strangers
    to that family until it is named, and no account alone is worth the name. So one family is asked nothing, whoever
    the others speak for comes in, and all families judge the whole.
    """

    def complete(ring: Verdict, is_free: NDArray[np.bool_]) -> Verdict:
        narrow = both.certify.narrowed(ring)
        best = ring
        while True:
            judged = [narrow.judge(members) for members in _by_the_others(narrow, best, is_free)]
            more = [v for v in judged if v.is_better_than(best, clear_lead(best.bits, min_bits))]
            if not more:
                return (
                    ring
                    if best is ring
                    else max(ring, both.certify.judge(best.members), key=lambda v: v.bits)
                )
            best = max(more, key=lambda v: v.bits)

    return _in_turn(rings, both.certify.n_accounts, complete)


def _by_the_others(court: Court, ring: Verdict, is_free: NDArray[np.bool_]) -> list[NDArray[np.int32]]:
    """A ring with the free accounts for which all families but one speak, for each of them and by each margin."""
    sets = {}
    for silent in ring.best:
        others = replace(ring, best={f: d for f, d in ring.best.items() if f != silent})
        accounts, odds, n_families = account_odds(others, court)
        odds = odds - threshold(ring, accounts)
        for margin in MARGINS:
            told = accounts[(odds > margin) & (n_families > 0) & is_free[accounts]]
            larger = np.union1d(ring.members, told)
            # So few cannot bring clearly more bits, and a ring of thousands takes long to judge.
            is_enough = larger.size >= (1.0 + CLEARLY / 2) * ring.members.size
            if is_enough and _is_most_of(ring, larger):
                sets[larger.tobytes()] = larger
    return list(sets.values())


def with_heavy(both: Courts, rings: Sequence[Verdict], min_bits: float) -> list[Verdict]:
    """The rings with those who are twice as likely members as not by all requests, or else those whom growth would
    take, where the certificate lets the whole through.

    Under a cap a heavy account shows little of what it shares, and without it a ring has more bits: but it is one of
    them. A ring keeps `AT_LEAST` of its bits, stays most of the whole, and takes nobody of another.
    """

    def whole(ring: Verdict, is_free: NDArray[np.bool_]) -> Verdict:
        known = both.growth.judge(ring.members)
        for margin in (SPEAKS, MARGIN):
            speaks = spoken_for(both.growth, known, margin)
            with_them = np.union1d(ring.members, speaks[is_free[speaks]])
            if _is_most_of(ring, with_them):
                judged = both.certify.judge(with_them)
                if judged.bits >= max(min_bits, AT_LEAST * ring.bits):
                    return judged
        return ring

    return _in_turn(rings, both.certify.n_accounts, whole)


def _in_turn(
    rings: Sequence[Verdict], n_accounts: int, larger: Callable[[Verdict, NDArray[np.bool_]], Verdict]
) -> list[Verdict]:
    """What each ring becomes with accounts that are free, itself among them: who is taken in is free no more."""
    is_free = np.ones(n_accounts, bool)
    for ring in rings:
        is_free[ring.members] = False
    out = []
    for ring in rings:
        is_free[ring.members] = True
        out.append(larger(ring, is_free))
        is_free[out[-1].members] = False
    return ranked(out)


def _is_most_of(ring: Verdict, larger: NDArray[np.int32]) -> bool:
    """Whether a ring is most of a set that holds more accounts."""
    return bool(ring.members.size < larger.size <= ring.members.size / MOSTLY)
