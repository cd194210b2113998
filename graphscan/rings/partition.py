"""Which ring is which: of certified sets that overlap, the disjoint ones that have most bits together.

Takes in certified sets and gives out rings. The bits of a set like the union of two rings, since names cost less for
both together; but the sum of the parts' bits is the evidence for two rings, and the larger sum wins. So does the
whole against its fragments. Where the whole has more only because every set pays something once, it is one ring if two
families hold its parts together. What is chosen so (`graphscan.rings.packing`) is refined, and chosen again.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from graphscan.rings.certificate import Benches, Court, Courts, Verdict
from graphscan.rings.growth import (
    MARGIN,
    account_odds,
    grow,
    grow_anew,
    spoken_for,
    threshold,
    told_of_members,
    widened,
    widest,
)
from graphscan.rings.inside import MOSTLY, clearly_more, inside, unspoilt
from graphscan.rings.packing import is_own, n_common, packed, ranked, weight
from graphscan.rings.pieces import parts, pieces, ties_by_description

REFINEMENTS = 3
"""Rounds in which the chosen sets are grown once more, under the caps and without, and chosen again."""

LOOSER, STRICTER = -3.0, 4.0
"""Margins of growth, in bits of an account's log-odds, by which a chosen set is tried a little larger and smaller.
Below the looser one an account is no member, whatever the set gains."""

FEW = 4.0
"""Bits for each of those against whom the odds speak, up to which a set is told without them."""

FORGED = 2
"""Families in which an innocent account may be made to look like a member: by a copied template, and an address."""

ALONE = -8.0
"""Bits by which the other families speak against who is taken for framed: members seldom stand alone in two of them,
and of the framed most do."""

ALIKE = 0.9
"""Likeness to the chosen set below which what grows by the looser margin is given up, since it ran into a neighbour;
and from which a set is taken apart no more, since the chosen one was."""

SMALLEST_PART = 0.02
"""Share of a set below which a part of it is not looked at: a ring of thousands has hundreds of corners."""

MOST_DOUBTED = 4
"""Parts that a set is tried without, those first whose members' odds are the least clear."""

BINDING = 2
"""Families that hold two parts together as one ring: one alone does not, as one alone certifies nobody."""

AT_LEAST = 0.5
"""Share of a ring's bits that are left to it where accounts of which only all requests tell are taken in."""


def settled(
    both: Courts,
    certified: Sequence[Verdict],
    min_bits: float,
    smallest: int,
    threads: int = 1,
) -> list[Verdict]:
    """Rings, the one with most bits first: packed, taken apart or grown where that is worth more, and packed again.

    Growth takes an account only with bits to spare; the set that has most bits may hold a few more, or fewer. A set
    that does not hang together by what describes it is no ring: its pieces may be.
    """
    known = {v.members.tobytes(): v for v in certified}
    judged = set(known)
    tried: set[bytes] = set()
    broken: set[bytes] = set()
    taken_apart: list[NDArray[np.int32]] = []
    crossed: set[bytes] = set()
    chosen = packed(list(known.values()), both.certify.n_accounts)
    parts_of: list[Verdict] = []
    benches = Benches(both, threads)
    rounds = 0
    with ThreadPoolExecutor(threads) as pool:
        while new := [v for v in (*chosen, *parts_of) if v.members.tobytes() not in tried]:
            rounds += 1
            looks = partial(
                _other_sets,
                benches=benches,
                judged=judged,
                min_bits=min_bits,
                smallest=smallest,
                refine=rounds <= REFINEMENTS,
            )
            is_like_one = [any(_is_like(v.members, t, ALIKE) for t in taken_apart) for v in new]
            taken_apart += [v.members for v, is_like in zip(new, is_like_one, strict=True) if not is_like]
            for others in list(pool.map(looks, new, is_like_one)):
                name = others.verdict.members.tobytes()
                tried.add(name)
                known[name] = others.verdict
                if others.is_broken:
                    broken.add(name)
                for again in others.sets:
                    if again.bits >= min_bits:
                        known.setdefault(again.members.tobytes(), again)
            chosen, parts_of = _chosen(both.certify, known, broken, crossed, min_bits)
    known_well = [_without_strangers(both, v) for v in chosen]
    whole = with_heavy(both, ranked(v for v in known_well if v.bits >= min_bits), min_bits)
    return ranked(v for v in (_without_framed(both, w) for w in whole) if v.bits >= min_bits)


def _chosen(
    court: Court, known: dict[bytes, Verdict], broken: set[bytes], crossed: set[bytes], min_bits: float
) -> tuple[list[Verdict], list[Verdict]]:
    """The known sets to keep, and the parts of them that are to be looked at too.

    What turns out to be several rings is `broken`. Where a set crosses a chosen one, the chosen one without those
    accounts is known from then on: packing takes no two that clash, and would lose one of them for a few accounts.
    """
    while True:
        unbroken = [v for name, v in known.items() if name not in broken]
        left = unspoilt(unbroken, court.n_accounts, min_bits)
        chosen = _with_most_bits(packed(left, court.n_accounts), left, min_bits)
        told = inside(chosen, left, court.n_accounts)
        several = {i.whole.members.tobytes() for i in told if i.is_several(min_bits)}
        without = [
            np.setdiff1d(i.whole.members, c.members, assume_unique=True) for i in told for c in i.crossing
        ]
        judged = crossed | known.keys()
        new = {m.tobytes(): m for m in without if m.tobytes() not in judged}
        if not several and not new:
            return chosen, [part for i in told if i.is_contested for part in i.parts]
        broken |= several
        crossed |= new.keys()
        known |= {v.members.tobytes(): v for v in map(court.judge, new.values()) if v.bits >= min_bits}


def with_heavy(both: Courts, rings: Sequence[Verdict], min_bits: float) -> list[Verdict]:
    """The rings with those whom all requests tell, as growth takes them, where the certificate lets the whole through.

    Under a cap a heavy account shows little of what it shares, and without it a ring has more bits: but it is one of
    them. A ring keeps `AT_LEAST` of its bits, stays most of the whole, and takes nobody of another.
    """
    is_free = np.ones(both.certify.n_accounts, bool)
    for ring in rings:
        is_free[ring.members] = False
    out = []
    for ring in rings:
        speaks = spoken_for(both.growth, both.growth.judge(ring.members), MARGIN)
        with_them = np.union1d(ring.members, speaks[is_free[speaks]])
        if ring.members.size < with_them.size <= ring.members.size / MOSTLY:
            whole = both.certify.judge(with_them)
            if whole.bits >= max(min_bits, AT_LEAST * ring.bits):
                is_free[with_them] = False
                ring = whole
        out.append(ring)
    return ranked(out)


@dataclass(frozen=True)
class _Others:
    """A chosen set in full judgement, whether it is in pieces, and what it may have to give way to."""

    verdict: Verdict
    is_broken: bool
    sets: list[Verdict]


def _other_sets(
    chosen: Verdict,
    is_like_one: bool,
    benches: Benches,
    judged: Container[bytes],
    min_bits: float,
    smallest: int,
    refine: bool,
) -> _Others:
    """What a chosen set may have to give way to: its pieces, or its parts, or, to refine it, what it grows to.

    What is like the chosen set is looked at in the views that describe that one; in all views once it is chosen
    itself, unless it was `judged` so before. A set that `is_like_one` of which the parts are known has none of its own.
    """
    with benches.one() as bench:
        court = bench.certify
        verdict = chosen if chosen.members.tobytes() in judged else court.judge(chosen.members)
        ties = ties_by_description(verdict)
        whole, *rest = pieces(verdict, ties)
        if rest:
            return _Others(verdict, True, [court.judge(p) for p in (whole, *rest) if p.size >= smallest])
        narrow = court.narrowed(verdict)
        sets: list[Verdict] = []
        if not is_like_one:
            within = parts(verdict, ties, max(smallest, int(SMALLEST_PART * verdict.members.size)))
            sets += worth_more(verdict, [narrow.judge(p) for p in within], min_bits)
            sets += _without_one(narrow, verdict, within, smallest)
        if refine:
            sets += _refined(narrow, bench.growth, verdict)
            if verdict.members.size < widest(bench.growth, verdict.members.size):
                wide = widened(bench.growth, bench.growth.judge(verdict.members))
                sets += [court.judge(grow(bench.growth, members).members) for members in wide]
        return _Others(verdict, False, sets)


def _without_strangers(both: Courts, verdict: Verdict) -> Verdict:
    """The set without those against whom the odds clearly speak: `FEW` bits for the whole are no case against one.

    Under the caps they do, or under the caps and on all requests together: of the little that a cap leaves of a busy
    account two habits may be a ring's by chance, and all that it does says so.
    """
    under_caps = told_of_members(verdict, both.certify).bits
    on_all = told_of_members(both.growth.judge(verdict.members), both.growth).bits
    is_member = (under_caps > LOOSER) & (under_caps + on_all > LOOSER)
    left = _left(both.certify, verdict, is_member)
    return left if verdict.bits - left.bits <= FEW * (~is_member).sum() else verdict


def _without_framed(both: Courts, verdict: Verdict) -> Verdict:
    """The set without those for whom no more families speak than can be forged, and who stand alone in the others.

    Asked again of those who are left: two who were framed alike are not alone.
    """
    while True:
        on_all = both.growth.judge(verdict.members)
        is_framed = _may_be_framed(verdict, both.certify) & _may_be_framed(on_all, both.growth)
        left = _left(both.certify, verdict, ~is_framed)
        if left is verdict:
            return verdict
        verdict = left


def _may_be_framed(verdict: Verdict, court: Court) -> NDArray[np.bool_]:
    told = told_of_members(verdict, court)
    return (told.n_families <= FORGED) & (told.against < ALONE)


def _left(court: Court, verdict: Verdict, is_member: NDArray[np.bool_]) -> Verdict:
    """The set without some of its members, as long as it is one."""
    return verdict if is_member.all() or is_member.sum() < 2 else court.judge(verdict.members[is_member])


def _refined(court: Court, growth: Court, verdict: Verdict) -> list[Verdict]:
    """The set grown once more: under the caps and without them, by a stricter margin, and by a looser one."""
    looser = grow_anew(court, verdict.members, lambda m: not _is_like(m, verdict.members, ALIKE), LOOSER).best
    return [
        grow(court, verdict.members, 0.0),
        court.judge(grow(growth, verdict.members, 0.0).members),
        grow(court, verdict.members, STRICTER),
        *([looser] if looser is not None else []),
    ]


def _is_like(one: NDArray[np.int32], other: NDArray[np.int32], share: float) -> bool:
    """Whether two sets have at least this share of the larger in common."""
    least = share * max(one.size, other.size)
    return bool(min(one.size, other.size) >= least and n_common(one, other) >= least)


def _without_one(
    court: Court, whole: Verdict, within: Sequence[NDArray[np.int32]], smallest: int
) -> list[Verdict]:
    """The set without one of its parts, where that has more bits: what was taken in has no ring of its own."""
    if not within:
        return []
    accounts, odds, _ = account_odds(whole, court)
    clear = np.zeros(court.n_accounts)
    clear[accounts] = odds - threshold(whole, accounts)
    doubted = sorted(within, key=lambda part: float(clear[part].mean()))[:MOST_DOUBTED]
    left = [np.setdiff1d(whole.members, part, assume_unique=True) for part in doubted]
    judged = [court.judge(m) for m in left if m.size >= max(smallest, MOSTLY * whole.members.size)]
    return [v for v in judged if v.bits > whole.bits]


def worth_more(whole: Verdict, judged: Sequence[Verdict], min_bits: float) -> list[Verdict]:
    """The parts that certify, where their bits in sum are more than the whole's: else it is one ring, in halves.

    What every set pays once is saved by the whole, and would speak for any union: beside it, two families must speak.
    """
    rings = [v for v in judged if v.bits >= min_bits]
    if sum(v.bits for v in rings) > whole.bits:
        return rings
    is_worth_more = sum(weight(v) for v in rings) > weight(whole)
    return rings if is_worth_more and _n_binding(whole, rings) < BINDING else []


def _n_binding(whole: Verdict, within: Sequence[Verdict]) -> int:
    """Families that save more for the whole than for its parts apart."""
    apart = {family: sum(v.best[family].bits for v in within if family in v.best) for family in whole.best}
    return sum(description.bits > apart[family] for family, description in whole.best.items())


def _with_most_bits(chosen: Sequence[Verdict], known: Sequence[Verdict], min_bits: float) -> list[Verdict]:
    """Each chosen set, or the known one of most bits that is mostly the same accounts and clashes with no other.

    Packing leaves out what a set pays once, to weigh one ring against two; between one ring and one ring it counts.
    """
    best = list(chosen)
    for i, verdict in enumerate(chosen):
        rivals = [
            v
            for v in known
            if _is_better(v, verdict, min_bits) and _is_like(v.members, verdict.members, MOSTLY)
        ]
        others = [v for j, v in enumerate(best) if j != i]
        for rival in ranked(rivals):
            if is_own(rival, others):
                best[i] = rival
                break
    return ranked(best)


def _is_better(rival: Verdict, chosen: Verdict, min_bits: float) -> bool:
    """More bits, and clearly more where accounts are given up for them."""
    is_smaller = rival.members.size < chosen.members.size
    return rival.bits > (clearly_more(chosen.bits, min_bits) if is_smaller else chosen.bits)
