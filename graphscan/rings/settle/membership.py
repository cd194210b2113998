"""Who belongs to a settled ring: whom one family or all requests tell comes in, strangers and the framed are let go.

Takes in rings that are settled under the caps and gives out the same rings, with more accounts or fewer. Under a cap a
heavy account shows little of what it shares, and of a busy stranger two habits may be a ring's by chance: all requests
know both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from graphscan.rings.certificate import Benches, Court, Courts, Verdict
from graphscan.rings.growth import (
    MARGIN,
    Told,
    account_odds,
    grow,
    spoken_for,
    threshold,
    told_of_members,
    told_of_strangers,
    widened,
)
from graphscan.rings.settle.inside import CLEARLY, MOSTLY, SMALLER, clearly_more
from graphscan.rings.settle.overlaps import ranked

NO_MEMBER = -3.0
"""Bits of an account's log-odds under which it is no member."""

FEW = 4.0
"""Bits for each of those against whom the odds speak, up to which a set is told without them."""

FORGED = 2
"""Families in which an innocent account may be made to look like a member: by a copied template, and an address."""

ALONE = -8.0
"""Bits by which the other families speak against who is taken for framed: members seldom stand alone in two of them,
and of the framed most do."""

FRAMED_ALIKE = -11.0
"""As `ALONE`, of accounts that are asked about all at once, where one cannot vouch for the next: a large ring has light
members of whom the others say -8 or -10."""

MARGINS = (MARGIN, 0.0, -MARGIN)
"""Bits by which all families but one must speak for an account that is taken in with others: the family that is asked
nothing may make up for the last."""

AT_LEAST = 0.5
"""Share of a ring's bits that are left to it where accounts of which only all requests tell are taken in."""


def reconsidered(benches: Benches, rings: Sequence[Verdict], min_bits: float) -> list[Verdict]:
    """The rings broadened, without strangers, with their heavy members, without the framed; the most bits first."""
    with benches.one() as bench:
        whole = completed(bench, broadened(bench, rings, min_bits), min_bits)
    known_well = ranked(v for v in benches.map(without_strangers, whole) if v.bits >= min_bits)
    with benches.one() as bench:
        whole = with_heavy(bench, known_well, min_bits)
    framed = partial(without_framed, min_bits=min_bits)
    return ranked(v for v in benches.map(framed, whole) if v.bits >= min_bits)


def broadened(both: Courts, rings: Sequence[Verdict], min_bits: float) -> list[Verdict]:
    """The rings, or what each is with the free accounts for which one of its families speaks, and what grows of that,
    where that is another set (`SMALLER`) and clearly has more bits.

    All requests dilute a family's habit, and growth by them may stop at the part of a ring that has two habits; under
    the caps the others fit. Before rings were settled, such a set might have been two rings.
    """
    is_free = _free_of(both, rings)
    out = []
    for ring in rings:
        is_free[ring.members] = True
        best = max([ring, *_broader(both, ring, is_free, min_bits)], key=lambda v: v.bits)
        is_free[best.members] = False
        out.append(best)
    return ranked(out)


def _broader(both: Courts, ring: Verdict, is_free: NDArray[np.bool_], min_bits: float) -> list[Verdict]:
    narrow = both.certify.narrowed(ring)
    sets = [*widened(both.growth, both.growth.judge(ring.members)), *widened(both.certify, ring)]
    near = [members[is_free[members]] for members in sets]
    near = [m for m in near if _is_most_of(ring, m)]
    grown = [grow(narrow, members).members for members in near]
    others = [*near, *(members[is_free[members]] for members in grown)]
    judged = [both.certify.judge(m) for m in others if ring.members.size < SMALLER * m.size]
    return [v for v in judged if v.is_better_than(ring, clearly_more(ring.bits, min_bits) - ring.bits)]


def completed(both: Courts, rings: Sequence[Verdict], min_bits: float) -> list[Verdict]:
    """The rings with the free accounts that belong to them by all families but one, as long as they clearly have more
    bits with them.

    A ring that signed up in ten batches is known by those of the accounts that were found: the next batch is strangers
    to that family until it is named, and no account alone is worth the name. So one family is asked nothing, whoever
    the others speak for comes in, and all families judge the whole.
    """
    is_free = _free_of(both, rings)
    out = []
    for ring in rings:
        is_free[ring.members] = True
        narrow = both.certify.narrowed(ring)
        best = ring
        while True:
            judged = [narrow.judge(members) for members in _by_the_others(narrow, best, is_free)]
            by = clearly_more(best.bits, min_bits) - best.bits
            more = [v for v in judged if v.is_better_than(best, by)]
            if not more:
                break
            best = max(more, key=lambda v: v.bits)
        if best is not ring:
            best = max(ring, both.certify.judge(best.members), key=lambda v: v.bits)
        is_free[best.members] = False
        out.append(best)
    return ranked(out)


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


def without_strangers(both: Courts, verdict: Verdict) -> Verdict:
    """The set without those against whom the odds clearly speak: `FEW` bits for the whole are no case against one.

    Under the caps they do, or under the caps and on all requests together: of the little that a cap leaves of a busy
    account two habits may be a ring's by chance, and all that it does says so.
    """
    under_caps = told_of_members(verdict, both.certify).bits
    on_all = told_of_members(both.growth.judge(verdict.members), both.growth).bits
    is_member = (under_caps > NO_MEMBER) & (under_caps + on_all > NO_MEMBER)
    left = _left(both.certify, verdict, is_member)
    return left if verdict.bits - left.bits <= FEW * (~is_member).sum() else verdict


def with_heavy(both: Courts, rings: Sequence[Verdict], min_bits: float) -> list[Verdict]:
    """The rings with those whom all requests tell, as growth takes them, where the certificate lets the whole through.

    Under a cap a heavy account shows little of what it shares, and without it a ring has more bits: but it is one of
    them. A ring keeps `AT_LEAST` of its bits, stays most of the whole, and takes nobody of another.
    """
    is_free = _free_of(both, rings)
    out = []
    for ring in rings:
        speaks = spoken_for(both.growth, both.growth.judge(ring.members), MARGIN)
        with_them = np.union1d(ring.members, speaks[is_free[speaks]])
        if _is_most_of(ring, with_them):
            whole = both.certify.judge(with_them)
            if whole.bits >= max(min_bits, AT_LEAST * ring.bits):
                is_free[with_them] = False
                ring = whole
        out.append(ring)
    return ranked(out)


def without_framed(both: Courts, verdict: Verdict, min_bits: float) -> Verdict:
    """The set without those for whom no more families speak than can be forged, and who stand alone in the others.

    Asked again of those who are left: two who were framed alike are not alone. Then of all for whom so few speak, by
    the rest without them: a dozen who were framed alike vouch for one another.
    """
    while True:
        told = told_of_members(verdict, both.certify)
        on_all = told_of_members(both.growth.judge(verdict.members), both.growth)
        left = _left(both.certify, verdict, ~(_is_framed(told, ALONE) & _is_framed(on_all, ALONE)))
        if left is verdict:
            return _without_framed_alike(both, verdict, told.n_families <= FORGED, min_bits)
        verdict = left


def _without_framed_alike(
    both: Courts, verdict: Verdict, is_doubted: NDArray[np.bool_], min_bits: float
) -> Verdict:
    """The set without those of the doubted whom the rest, if it is a ring and most of the set, calls framed."""
    doubted, rest = verdict.members[is_doubted], verdict.members[~is_doubted]
    if not doubted.size or rest.size < MOSTLY * verdict.members.size:
        return verdict
    ring = both.certify.judge(rest)
    if ring.bits < min_bits:
        return verdict
    told = told_of_strangers(ring, both.certify, doubted)
    on_all = told_of_strangers(both.growth.judge(rest), both.growth, doubted)
    is_member = np.ones(verdict.members.size, bool)
    is_member[is_doubted] = ~(_is_framed(told, FRAMED_ALIKE) & _is_framed(on_all, FRAMED_ALIKE))
    return _left(both.certify, verdict, is_member)


def _is_framed(told: Told, alone: float) -> NDArray[np.bool_]:
    return (told.n_families <= FORGED) & (told.against < alone)


def _left(court: Court, verdict: Verdict, is_member: NDArray[np.bool_]) -> Verdict:
    """The set without some of its members, as long as it is one."""
    return verdict if is_member.all() or is_member.sum() < 2 else court.judge(verdict.members[is_member])


def _free_of(both: Courts, rings: Sequence[Verdict]) -> NDArray[np.bool_]:
    """Which accounts are in no ring, shape (n_accounts,)."""
    is_free = np.ones(both.certify.n_accounts, bool)
    for ring in rings:
        is_free[ring.members] = False
    return is_free


def _is_most_of(ring: Verdict, larger: NDArray[np.int32]) -> bool:
    """Whether a ring is most of a set that holds more accounts."""
    return bool(ring.members.size < larger.size <= ring.members.size / MOSTLY)
