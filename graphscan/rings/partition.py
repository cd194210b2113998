"""Which ring is which: of certified sets that overlap, the disjoint ones that have most bits together.

Takes in certified sets and gives out rings. The bits of a set like the union of two rings, since names cost less for
both together; but the sum of the parts' bits is the evidence for two rings, and the larger sum wins. So does the
whole against its fragments. Where the whole has more only because every set pays something once, it is one ring if two
families hold its parts together. What is chosen so (`graphscan.rings.packing`) is refined, and chosen again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from graphscan.rings.certificate import Benches, Court, Courts, Verdict
from graphscan.rings.inside import MOSTLY, clearly_more, inside, unspoilt
from graphscan.rings.membership import reconsidered
from graphscan.rings.packing import is_like, is_own, n_common, packed, ranked
from graphscan.rings.rivals import ALIKE, Rivals, Two, rivals_of

REFINEMENTS = 3
"""Rounds in which the chosen sets are grown once more, under the caps and without, and chosen again."""


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
    known = _Known(both.certify, certified, min_bits)
    judged = {v.members.tobytes() for v in certified}
    tried: set[bytes] = set()
    taken_apart: list[NDArray[np.int32]] = []
    chosen = packed(certified, both.certify.n_accounts)
    parts_of: list[Verdict] = []
    benches = Benches(both, threads)
    rounds = 0
    while new := [v for v in (*chosen, *parts_of) if v.members.tobytes() not in tried]:
        rounds += 1
        looked_at = partial(
            _looked_at,
            judged=judged,
            taken_apart=taken_apart,
            refine=rounds <= REFINEMENTS,
            min_bits=min_bits,
            smallest=smallest,
        )
        for look in benches.map(looked_at, new):
            tried.add(look.verdict.members.tobytes())
            known.tell(look.verdict, look.rivals)
            if look.is_new and not look.rivals.is_several:
                taken_apart.append(look.verdict.members)
        chosen, parts_of = known.chosen()
    return reconsidered(benches, chosen, min_bits)


@dataclass(frozen=True)
class _Look:
    """A chosen set, judged in all views, and its rivals; `is_new` if it was taken apart for them."""

    verdict: Verdict
    rivals: Rivals
    is_new: bool


def _looked_at(
    bench: Courts,
    verdict: Verdict,
    judged: Set[bytes],
    taken_apart: Sequence[NDArray[np.int32]],
    refine: bool,
    min_bits: float,
    smallest: int,
) -> _Look:
    """A chosen set and its rivals. Sets of `judged` are judged in all views already; of what is like a set that was
    `taken_apart` the parts are known."""
    is_judged = verdict.members.tobytes() in judged
    full = verdict if is_judged else bench.certify.judge(verdict.members)
    is_new = not any(is_like(verdict.members, t, ALIKE) for t in taken_apart)
    return _Look(full, rivals_of(bench, full, is_new, refine, min_bits, smallest), is_new)


class _Known:
    """The certified sets that are known, and what was found out of them: which are several rings."""

    def __init__(self, court: Court, certified: Iterable[Verdict], min_bits: float) -> None:
        self._court = court
        self._min_bits = min_bits
        self._sets = {v.members.tobytes(): v for v in certified}
        self._broken: set[bytes] = set()
        self._crossed: set[bytes] = set()
        self._two: list[Two] = []

    def tell(self, verdict: Verdict, rivals: Rivals) -> None:
        """Takes in a set as it was judged, and its rivals."""
        name = verdict.members.tobytes()
        self._sets[name] = verdict
        if rivals.is_several:
            self._broken.add(name)
        if rivals.two is not None:
            self._two.append(rivals.two)
            self._broken |= {n for n, v in self._sets.items() if _has_both(v, rivals.two)}
        for rival in rivals.sets:
            self._add(rival)

    def chosen(self) -> tuple[list[Verdict], list[Verdict]]:
        """The sets to keep, and the parts of them that are to be looked at too.

        Where a set crosses a chosen one, the chosen one without those accounts is known from then on: packing takes no
        two that clash, and would lose one of them for a few accounts.
        """
        court, min_bits = self._court, self._min_bits
        while True:
            unbroken = [v for name, v in self._sets.items() if name not in self._broken]
            left = unspoilt(unbroken, court.n_accounts, min_bits)
            chosen = _with_most_bits(packed(left, court.n_accounts), left, min_bits)
            told = inside(chosen, left, court.n_accounts)
            several = {i.whole.members.tobytes() for i in told if i.is_several(min_bits)}
            without = [
                np.setdiff1d(i.whole.members, c.members, assume_unique=True) for i in told for c in i.crossing
            ]
            seen = self._crossed | self._sets.keys()
            new = {m.tobytes(): m for m in without if m.tobytes() not in seen}
            if not several and not new:
                return chosen, [part for i in told if i.is_contested for part in i.parts]
            self._broken |= several
            self._crossed |= new.keys()
            for members in new.values():
                self._add(court.judge(members))

    def _add(self, verdict: Verdict) -> None:
        name = verdict.members.tobytes()
        if verdict.bits >= self._min_bits and name not in self._sets:
            self._sets[name] = verdict
            if any(_has_both(verdict, two) for two in self._two):
                self._broken.add(name)


def _has_both(verdict: Verdict, two: Two) -> bool:
    """Whether a set has most of both parts of one that was two: it is their union once more."""
    return all(n_common(verdict.members, part) > MOSTLY * part.size for part in two)


def _with_most_bits(chosen: Sequence[Verdict], known: Sequence[Verdict], min_bits: float) -> list[Verdict]:
    """Each chosen set, or the known one of most bits that is mostly the same accounts and clashes with no other.

    Packing leaves out what a set pays once, to weigh one ring against two; between one ring and one ring it counts.
    """
    best = list(chosen)
    for i, verdict in enumerate(chosen):
        rivals = [
            v
            for v in known
            if _is_better(v, verdict, min_bits) and is_like(v.members, verdict.members, MOSTLY)
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
