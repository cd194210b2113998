"""Which ring is which: of certified sets that overlap, the disjoint ones that have most bits together.

Takes in certified sets and gives out rings. The bits of a set like the union of two rings, since names cost less for
both together; but the sum of the parts' bits is the evidence for two rings, and the larger sum wins. So does the
whole against its fragments. Where the whole has more only because every set pays something once, it is one ring if two
families hold its parts together, and several if two tell them apart; batches that something of their own holds
together, and that only weeks and rented lines tell apart, are one (`graphscan.rings.settle.binding`). What is chosen so
(`graphscan.rings.settle.packing`) is shared out among its parts and refined, and chosen again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from graphscan.rings.certificate import Benches, Court, Courts, Verdict
from graphscan.rings.settle.binding import (
    are_apart,
    are_batches,
    are_bound_batches,
    have_one_thing,
    is_bound,
)
from graphscan.rings.settle.inside import (
    CLEARLY,
    CROSSING,
    INSIDE,
    MOSTLY,
    Inside,
    clear_lead,
    inside,
    unspoilt,
)
from graphscan.rings.settle.membership import reconsidered
from graphscan.rings.settle.overlaps import Overlaps, is_like, n_common
from graphscan.rings.settle.packing import chosen_of, packed, weight
from graphscan.rings.settle.pieces import Proposed
from graphscan.rings.settle.rivals import ALIKE, Rivals, Two, rivals_of
from graphscan.rings.settle.shared_out import shared_out

REFINEMENTS = 3
"""Rounds in which the chosen sets are grown once more, under the caps and without, and chosen again."""

KEPT = 0.7
"""Share of a set's bits that its halves have in sum, at least, where they are rings though nothing tells them apart:
two operators on one network have .8 and more, or are told apart. From that share of its weight on, a set is shared out
among parts of it."""

MOST_TAKEN_OUT = 4
"""Parts of a chosen set, those of most bits, without which it is looked at too: the rest may be another ring."""


def settled(
    both: Courts,
    certified: Sequence[Verdict],
    min_bits: float,
    smallest: int,
    threads: int = 1,
    proposed: Sequence[NDArray[np.int32]] = (),
) -> list[Verdict]:
    """Rings, the one with most bits first: packed, taken apart or grown where that is worth more, and packed again.

    Growth takes an account only with bits to spare; the set that has most bits may hold a few more, or fewer. A set
    that does not hang together by what describes it is no ring: its pieces may be. Nor is one of which two parts, that
    were `proposed` by themselves, are rings apart.
    """
    known = Known(both.certify, certified, min_bits)
    judged = {v.members.tobytes() for v in certified}
    tried: set[bytes] = set()
    taken_apart: list[NDArray[np.int32]] = []
    chosen = packed(certified, both.certify.n_accounts)
    parts_of: list[Verdict] = []
    benches = Benches(both, threads)
    rounds = 0
    inner = Proposed(proposed, both.certify.n_accounts)
    while new := [v for v in (*chosen, *parts_of) if v.members.tobytes() not in tried]:
        rounds += 1
        looked_at = partial(
            _looked_at,
            judged=judged,
            taken_apart=taken_apart,
            inner=inner,
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
    inner: Proposed,
    refine: bool,
    min_bits: float,
    smallest: int,
) -> _Look:
    """A chosen set and its rivals. Sets of `judged` are judged in all views already; of what is like a set that was
    `taken_apart` the parts are known."""
    is_judged = verdict.members.tobytes() in judged
    full = verdict if is_judged else bench.certify.judge(verdict.members)
    is_new = not any(is_like(verdict.members, t, ALIKE) for t in taken_apart)
    proposed = inner.inside(full.members) if is_new else []
    return _Look(full, rivals_of(bench, full, proposed, is_new, refine, min_bits, smallest), is_new)


class Known:
    """The certified sets that are known, and what was found out of them: which are several rings."""

    def __init__(self, court: Court, certified: Iterable[Verdict], min_bits: float) -> None:
        self._court = court
        self._min_bits = min_bits
        self._sets = {v.members.tobytes(): v for v in certified}
        self._broken: set[bytes] = set()
        self._looked_at: set[bytes] = set()
        self._shared_out_already: set[bytes] = set()
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
        min_bits = self._min_bits
        while True:
            unbroken = [v for name, v in self._sets.items() if name not in self._broken]
            known = Overlaps.of(unbroken, self._court.n_accounts)
            left = known.among(unspoilt(known, min_bits))
            chosen = held_together(_with_most_bits(chosen_of(left), left, min_bits), left, min_bits)
            told = inside(chosen.tolist(), left, is_left_out=left.left_out(chosen))
            several = self._several(told, left)
            new = self._new_of(told)
            for verdict in new:
                self._add(verdict)
            self._broken |= several
            if not several and not new:
                parts = [part for i in told if i.is_contested for part in i.parts]
                return [left.sets[k] for k in chosen.tolist()], parts

    def _several(self, told: Sequence[Inside], left: Overlaps) -> set[bytes]:
        """The chosen sets that are several rings, and what is mostly like them and is several too: each would be chosen
        in place of the one before, and packing takes long."""
        several = [i.place for i in told if i.is_several(self._min_bits)]
        asked = {k for place in several for k in _like(place, left).tolist()}
        return {
            i.whole.members.tobytes() for i in inside(sorted(asked), left) if i.is_several(self._min_bits)
        }

    def _new_of(self, told: Sequence[Inside]) -> list[Verdict]:
        """What was not known before: the chosen sets without what crosses them, without some of their parts, shared out
        among them, and without what was shared out of another one."""
        shared = [part for i in told for part in self._shared_out(i)]
        without = [
            np.setdiff1d(i.whole.members, other.members, assume_unique=True)
            for i in told
            for other in (*i.crossing, *(part for part in shared if _only_cross(i.whole, part)))
        ]
        left = [self._court.judge(members) for members in self._not_looked_at(without)]
        return [*left, *(rest for i in told for rest in self._rests(i)), *shared]

    def _rests(self, told: Inside) -> list[Verdict]:
        """What is left of a chosen set without one of its parts, or without all that lie across the first, where they
        clearly have more bits than the set together."""
        taken_out = [[part] for part in told.parts[:MOST_TAKEN_OUT]]
        if across := told.across():
            taken_out.append(across[:MOST_TAKEN_OUT])
        left = [
            np.setdiff1d(told.whole.members, np.concatenate([p.members for p in parts]))
            for parts in taken_out
        ]
        needed = {
            rest.tobytes(): (1.0 + CLEARLY) * told.whole.bits - sum(p.bits for p in parts)
            for parts, rest in zip(taken_out, left, strict=True)
        }
        judged = [self._court.judge(rest) for rest in self._not_looked_at(left)]
        return [rest for rest in judged if rest.bits > needed[rest.members.tobytes()]]

    def _shared_out(self, told: Inside) -> list[Verdict]:
        """What a chosen set is when it is shared out among parts of it that weigh much of it (`KEPT`) together."""
        name = told.whole.members.tobytes()
        if name in self._shared_out_already:
            return []
        self._shared_out_already.add(name)
        new = []
        for parts in (told.parts[:MOST_TAKEN_OUT], told.seeds()[:MOST_TAKEN_OUT]):
            if len(parts) > 1 and sum(weight(v) for v in parts) >= KEPT * weight(told.whole):
                new += shared_out(self._court, told.whole, parts)
        return [v for v in new if v.members.tobytes() not in self._sets]

    def _not_looked_at(self, sets: Iterable[NDArray[np.int32]]) -> list[NDArray[np.int32]]:
        """The sets that are not known, nor were looked at before, without repeats."""
        seen = self._looked_at | self._sets.keys()
        new = {m.tobytes(): m for m in sets if m.tobytes() not in seen}
        self._looked_at |= new.keys()
        return list(new.values())

    def _add(self, verdict: Verdict) -> None:
        name = verdict.members.tobytes()
        if verdict.bits >= self._min_bits and name not in self._sets:
            self._sets[name] = verdict
            if any(_has_both(verdict, two) for two in self._two):
                self._broken.add(name)


def _only_cross(whole: Verdict, part: Verdict) -> bool:
    """Whether a set has a few accounts of another one, which may be those of the other."""
    return 0 < n_common(whole.members, part.members) <= CROSSING * part.members.size


def _has_both(verdict: Verdict, two: Two) -> bool:
    """Whether a set has most of both parts of one that was two, and little else: it is their union once more."""
    has_little_else = ALIKE * verdict.members.size <= sum(part.size for part in two)
    return has_little_else and all(n_common(verdict.members, part) > MOSTLY * part.size for part in two)


def _like(k: int, known: Overlaps) -> NDArray[np.int32]:
    """The known sets that are mostly the same accounts as one of them, itself among them."""
    which, shared = known.beside(k)
    is_like_it = shared >= MOSTLY * np.maximum(known.sizes[which], known.sizes[k])
    like: NDArray[np.int32] = which[is_like_it]
    return like


def _with_most_bits(chosen: NDArray[np.int64], known: Overlaps, min_bits: float) -> NDArray[np.int64]:
    """Each chosen set, or the known one of most bits that is mostly the same accounts and clashes with no other.

    Packing leaves out what a set pays once, to weigh one ring against two; between one ring and one ring it counts.
    """
    is_taken = np.zeros(known.sizes.size, bool)
    is_taken[chosen] = True
    for k in chosen.tolist():
        is_taken[k] = False
        better = (i for i in _like(k, known).tolist() if _is_better(known.sets[i], known.sets[k], min_bits))
        is_taken[next((i for i in better if known.is_own(i, is_taken)), k)] = True
    return np.flatnonzero(is_taken)


def held_together(chosen: NDArray[np.int64], known: Overlaps, min_bits: float) -> NDArray[np.int64]:
    """The chosen sets, and in place of those that are parts of one known set that set, where it is one ring.

    Where several families tell the parts of a ring apart, packing weighs them above the whole, whatever holds them.
    """
    is_taken = np.zeros(known.sizes.size, bool)
    is_taken[chosen] = True
    for told in inside(range(known.sizes.size), known, is_taken.copy()):
        parts = list(told.part_places)
        if is_taken[parts].all() and _is_one(told.whole, told.parts, min_bits):
            is_taken[parts] = False
            held = [told.place] if known.is_own(told.place, is_taken) else parts
            is_taken[held] = True
    return np.flatnonzero(is_taken)


def _is_one(whole: Verdict, parts: Sequence[Verdict], min_bits: float) -> bool:
    """Whether a set has more bits than its parts in sum, and two families clearly hold them together, or one thing that
    is theirs does, or they are batches, or halves of it that have lost much of the bits, and no two families tell them
    apart; or it has fewer, and two families hold batches together."""
    bits = sum(v.bits for v in parts)
    if len(parts) < 2:
        return False
    if whole.bits <= bits:
        return are_bound_batches(whole, parts, min_bits)
    are_all = sum(v.members.size for v in parts) >= INSIDE * whole.members.size
    # Of a heap each part has paid for itself what the whole pays once: only halves are asked what they have lost.
    are_halves = len(parts) == 2 and are_all
    has_lost = are_halves and bits < KEPT * whole.bits and not are_apart(whole, parts, min_bits)
    holds = is_bound(whole, parts, min_bits) or are_batches(whole, parts, min_bits)
    return has_lost or holds or have_one_thing(whole, parts)


def _is_better(rival: Verdict, chosen: Verdict, min_bits: float) -> bool:
    """More bits, and clearly more where accounts are given up for them, and no less worth where more are taken in."""
    if rival.members.size < chosen.members.size:
        return rival.bits > chosen.bits + clear_lead(chosen.bits, min_bits)
    return rival.is_better_than(chosen)
