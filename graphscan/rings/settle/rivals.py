"""What a chosen set may have to give way to: its pieces, its parts, the set without a part, or what it grows to.

Takes in one set that packing chose and gives out the sets that may be rings in its place. Where the bits of a set are
those of two rings, each part says so: it has bits of its own, and no two families hold the parts together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphscan.rings.certificate import Court, Courts, Verdict
from graphscan.rings.growth import above_threshold, grow, grow_anew, widened, widest
from graphscan.rings.settle.binding import are_apart, is_bound
from graphscan.rings.settle.inside import CLEARLY, MOSTLY
from graphscan.rings.settle.overlaps import is_like
from graphscan.rings.settle.packing import weight
from graphscan.rings.settle.pieces import parts, pieces, ties_by_description

LOOSER, STRICTER = -3.0, 4.0
"""Margins of growth, in bits of an account's log-odds, by which a chosen set is tried a little larger and smaller."""

ALIKE = 0.9
"""Likeness to the chosen set below which what grows by the looser margin is given up, since it ran into a neighbour;
and from which a set is taken apart no more, since the chosen one was."""

SMALLEST_PART = 0.02
"""Share of a set below which a part of it is not looked at: a ring of thousands has hundreds of corners."""

MOST_DOUBTED = 4
"""Parts that a set is tried without, those first whose members' odds are the least clear."""

Two = tuple[NDArray[np.int32], NDArray[np.int32]]
"""Two parts of a set that are no one ring."""


@dataclass(frozen=True)
class Rivals:
    """Sets that a chosen one may have to give way to; it must where `is_several`, and where it is `two`."""

    sets: list[Verdict]
    is_several: bool = False
    two: Two | None = None


def rivals_of(
    bench: Courts,
    chosen: Verdict,
    proposed: Sequence[NDArray[np.int32]],
    take_apart: bool,
    refine: bool,
    min_bits: float,
    smallest: int,
) -> Rivals:
    """The rivals of a set that was judged in all views; `proposed` lies inside it.

    What is like the chosen set is looked at in the views that describe that one.
    """
    ties = ties_by_description(chosen)
    whole, *rest = pieces(chosen, ties)
    if rest:
        return Rivals([bench.certify.judge(p) for p in (whole, *rest) if p.size >= smallest], True)
    narrow = bench.certify.narrowed(chosen)
    sets: list[Verdict] = []
    if take_apart:
        least = max(smallest, int(SMALLEST_PART * chosen.members.size))
        looked_at = {part.tobytes(): part for part in (*parts(chosen, ties, least), *proposed)}
        within = [narrow.judge(part) for part in looked_at.values()]
        for place, (part, left) in enumerate(_halves(narrow, chosen, within, min_bits, smallest)):
            is_clear = _is_clear(chosen, part, left)
            if is_clear and _is_two(chosen, part, left, min_bits):
                both = [bench.certify.judge(v.members) for v in (part, left)]
                return Rivals(both, True, (part.members, left.members))
            if is_clear:
                sets += worth_more(chosen, [part, left], min_bits)
            elif min(part.bits, left.bits) >= min_bits and are_apart(chosen, [part, left], min_bits):
                sets += [part, left]
            is_most = left.members.size >= MOSTLY * chosen.members.size
            if place < MOST_DOUBTED and is_most and left.bits > chosen.bits:
                sets.append(left)
        sets += worth_more(chosen, within, min_bits)
    if refine:
        sets += _refined(narrow, bench.growth, chosen)
        if chosen.members.size < widest(bench.growth, chosen.members.size):
            wide = widened(bench.growth, bench.growth.judge(chosen.members))
            sets += [bench.certify.judge(grow(bench.growth, members).members) for members in wide]
    return Rivals(sets)


def _halves(
    court: Court, whole: Verdict, within: Sequence[Verdict], min_bits: float, smallest: int
) -> list[tuple[Verdict, Verdict]]:
    """Parts of a set, each with the rest of it: those in doubt first, then the rings and the few it may be made of.

    A ring of thousands has dozens of parts that are rings of their own; to judge the rest of it for each costs most.
    """
    if not within:
        return []
    clear = above_threshold(whole, court, 0.0)
    places = range(len(within))
    by_doubt = sorted(places, key=lambda i: float(clear[within[i].members].mean()))
    rings = sorted((i for i in places if within[i].bits >= min_bits), key=lambda i: -within[i].bits)
    few = [i for i in places if 0.0 <= within[i].bits < min_bits]
    most = [i for i in places if within[i].members.size >= MOSTLY * whole.members.size]
    chosen = dict.fromkeys((*by_doubt[:MOST_DOUBTED], *rings[:MOST_DOUBTED], *few, *most))
    looked_at = [within[i] for i in chosen]
    left = [np.setdiff1d(whole.members, part.members, assume_unique=True) for part in looked_at]
    return [
        (part, court.judge(rest)) for part, rest in zip(looked_at, left, strict=True) if rest.size >= smallest
    ]


def _is_two(whole: Verdict, part: Verdict, left: Verdict, min_bits: float) -> bool:
    """Whether a set is a ring and a few others that have bits of their own, but too few for a ring.

    Two rings are told apart by their bits (`worth_more`); with one ring alone packing would weigh the union against it.
    """
    less, more = sorted((part.bits, left.bits))
    return less < min_bits <= more and len(worth_more(whole, [part, left], 0.0)) == 2


def _is_clear(whole: Verdict, part: Verdict, left: Verdict) -> bool:
    """Whether two parts clearly have more bits, or weigh more, than the whole: who hangs on by little is a member."""
    bits, weighs = part.bits + left.bits, weight(part) + weight(left)
    return bits > (1.0 + CLEARLY) * whole.bits or weighs > (1.0 + CLEARLY) * weight(whole)


def _refined(court: Court, growth: Court, verdict: Verdict) -> list[Verdict]:
    """The set grown once more: under the caps and without them, by a stricter margin, and by a looser one."""
    looser = grow_anew(court, verdict.members, lambda m: not is_like(m, verdict.members, ALIKE), LOOSER).best
    return [
        grow(court, verdict.members, 0.0),
        court.judge(grow(growth, verdict.members, 0.0).members),
        grow(court, verdict.members, STRICTER),
        *([looser] if looser is not None else []),
    ]


def worth_more(whole: Verdict, judged: Sequence[Verdict], min_bits: float) -> list[Verdict]:
    """The parts that certify, where their bits in sum are more than the whole's: else it is one ring, in halves.

    What every set pays once is saved by the whole, and would speak for any union: beside it, two families must speak,
    unless the parts lose most of the bits, as those of a ring do that shares what anybody may.
    """
    rings = [v for v in judged if v.bits >= min_bits]
    bits = sum(v.bits for v in rings)
    if bits > whole.bits:
        return rings
    is_worth_more = sum(weight(v) for v in rings) > weight(whole) and bits > MOSTLY * whole.bits
    return rings if is_worth_more and not is_bound(whole, rings) else []
