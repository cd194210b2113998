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
from graphscan.rings.growth import account_odds, grow, grow_anew, threshold
from graphscan.rings.packing import packed, ranked, room_of, weight
from graphscan.rings.pieces import parts, pieces, ties_by_description

REFINEMENTS = 3
"""Rounds in which the chosen sets are grown once more, under the caps and without, and chosen again."""

LOOSER, STRICTER = -3.0, 4.0
"""Margins of growth, in bits of an account's log-odds, by which a chosen set is tried a little larger and smaller.
Below the looser one an account is no member, whatever the set gains."""

ALIKE = 0.9
"""Likeness to the chosen set below which what grows by the looser margin is given up, since it ran into a neighbour;
and from which a set is taken apart no more, since the chosen one was."""

CLEARLY = 0.03
"""Share of a set's bits that a smaller one must have more to take its place."""

SMALLEST_PART = 0.02
"""Share of a set below which a part of it is not looked at: a ring of thousands has hundreds of corners."""

MOST_DOUBTED = 4
"""Parts that a set is tried without, those first whose members' odds are the least clear."""

BINDING = 2
"""Families that hold two parts together as one ring: one alone does not, as one alone certifies nobody."""

MOSTLY = 0.5
"""Share of the larger set that two sets have in common where they are the same ring."""


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
    chosen = packed(list(known.values()), both.certify.n_accounts)
    benches = Benches(both, threads)
    rounds = 0
    with ThreadPoolExecutor(threads) as pool:
        while new := [v for v in chosen if v.members.tobytes() not in tried]:
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
            whole_ones = [v for name, v in known.items() if name not in broken]
            chosen = _with_most_bits(packed(whole_ones, both.certify.n_accounts), whole_ones)
    kept = [_without_strangers(both.certify, v) for v in chosen]
    return ranked(v for v in kept if v.bits >= min_bits)


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
            inside = parts(verdict, ties, max(smallest, int(SMALLEST_PART * verdict.members.size)))
            sets += worth_more(verdict, [narrow.judge(p) for p in inside], min_bits)
            sets += _without_one(narrow, verdict, inside, smallest)
        if refine:
            sets += _refined(narrow, bench.growth, verdict)
        return _Others(verdict, False, sets)


def _without_strangers(court: Court, verdict: Verdict) -> Verdict:
    """The set without those against whom the odds clearly speak: a few bits for the whole are no case against one."""
    accounts, odds, _ = account_odds(verdict, court)
    speaks = accounts[odds > threshold(verdict, accounts) + LOOSER]
    left = np.intersect1d(verdict.members, speaks, assume_unique=True)
    return verdict if left.size == verdict.members.size or left.size < 2 else court.judge(left)


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
    return bool(min(one.size, other.size) >= least and _n_common(one, other) >= least)


def _n_common(one: NDArray[np.int32], other: NDArray[np.int32]) -> int:
    return int(np.intersect1d(one, other, assume_unique=True).size)


def _without_one(
    court: Court, whole: Verdict, inside: Sequence[NDArray[np.int32]], smallest: int
) -> list[Verdict]:
    """The set without one of its parts, where that has more bits: what was taken in has no ring of its own."""
    if not inside:
        return []
    accounts, odds, _ = account_odds(whole, court)
    clear = np.zeros(court.n_accounts)
    clear[accounts] = odds - threshold(whole, accounts)
    doubted = sorted(inside, key=lambda part: float(clear[part].mean()))[:MOST_DOUBTED]
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


def _n_binding(whole: Verdict, inside: Sequence[Verdict]) -> int:
    """Families that save more for the whole than for its parts apart."""
    apart = {family: sum(v.best[family].bits for v in inside if family in v.best) for family in whole.best}
    return sum(description.bits > apart[family] for family, description in whole.best.items())


def _with_most_bits(chosen: Sequence[Verdict], known: Sequence[Verdict]) -> list[Verdict]:
    """Each chosen set, or the known one of most bits that is mostly the same accounts and clashes with no other.

    Packing leaves out what a set pays once, to weigh one ring against two; between one ring and one ring it counts.
    """
    best = list(chosen)
    for i, verdict in enumerate(chosen):
        rivals = [v for v in known if _is_better(v, verdict) and _is_like(v.members, verdict.members, MOSTLY)]
        others = [v for j, v in enumerate(best) if j != i]
        for rival in ranked(rivals):
            if _is_own(rival, others):
                best[i] = rival
                break
    return ranked(best)


def _is_own(rival: Verdict, others: Sequence[Verdict]) -> bool:
    """Whether a set has little in common with each of the others, and with all of them together."""
    common = [_n_common(rival.members, o.members) for o in others]
    sizes = [min(rival.members.size, o.members.size) for o in others]
    clashes = np.array(common) > room_of(np.array(sizes))
    return bool(not clashes.any() and sum(common) <= room_of(np.array(rival.members.size)))


def _is_better(rival: Verdict, chosen: Verdict) -> bool:
    """More bits, and clearly more where accounts are given up for them: who hangs on by little is a member too."""
    needed = CLEARLY * chosen.bits if rival.members.size < chosen.members.size else 0.0
    return rival.bits > chosen.bits + needed
