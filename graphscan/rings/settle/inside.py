"""What the known sets say of one another: which are spoilt by what they took in, lie inside a chosen one, or cross it.

Takes in judged sets and gives out those that may be chosen, and, for each chosen one, its parts among the others, any
two that are halves of it, and the sets that it has a few accounts in common with. `graphscan.rings.settle` settles by
it whether the set is one ring, and whose those are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphscan.rings.certificate import Verdict
from graphscan.rings.settle.binding import are_apart, are_bound_batches
from graphscan.rings.settle.overlaps import Overlaps, room_of
from graphscan.rings.settle.packing import weight

INSIDE = 0.95
"""Share of a set in a larger one from which it is a part of that one."""

ITS_OWN = 0.9
"""Share of a smaller set in a larger one from which its bits are those of accounts that both have."""

SMALLER = 0.9
"""Share of a set under which a part of it is another set, and not the same once more."""

CLEARLY = 0.03
"""Share of a set's bits that a smaller one must have more to take its place, and no less than certifies a ring."""

MOSTLY = 0.5
"""Share of the larger set that two sets have in common where they are the same ring."""

CLOSE = 0.9
"""Share of a set's weight from which its parts, in sum, are looked at as if they had been chosen."""

SEED = 0.8
"""Share of a set in a larger one from which it may be the better part of a ring in that one."""

MOST_HALVES = 500
"""Parts of a set, those of most bits, of which any two are tried as halves of it."""

CROSSING = 0.5
"""Share of the smaller set, in common with a larger one, up to which the two only cross."""

MOST_CROSSING = 4
"""Sets that cross a chosen one and are looked at: of those that have little in common the ones of most bits."""


@dataclass(frozen=True)
class Inside:
    """A known set, the parts of it that have little in common, the sets that cross it, and any two parts that are
    halves of it, by their places among the known ones: the most bits first."""

    known: Overlaps
    place: int
    part_places: tuple[int, ...]
    crossing_places: tuple[int, ...]
    halves: tuple[tuple[int, int], ...]

    @property
    def whole(self) -> Verdict:
        """The set itself."""
        return self.known.sets[self.place]

    @property
    def parts(self) -> list[Verdict]:
        """Its parts."""
        return [self.known.sets[k] for k in self.part_places]

    def across(self) -> list[Verdict]:
        """The sets mostly in it that lie across its first part, and have little in common: of parts that have much in
        common the one of most bits counts, and may have taken in a little of each."""
        if not self.part_places:
            return []
        known = self.known
        which, shared = known.beside(self.place)
        sizes = known.sizes[which]
        small = which[(shared >= MOSTLY * sizes) & (sizes < MOSTLY * known.sizes[self.place])]
        common = np.zeros(known.sizes.size, np.int64)
        which, shared = known.beside(self.part_places[0])
        common[which] = shared
        held, sizes = common[small], known.sizes[small]
        lies_across = (held > room_of(sizes)) & (held < ITS_OWN * sizes)
        return [known.sets[k] for k in _apart(small[lies_across], known)]

    def seeds(self) -> list[Verdict]:
        """The sets mostly in it, each less than half of it, that have little in common: the most bits first."""
        which, shared = self.known.beside(self.place)
        sizes = self.known.sizes[which]
        is_seed = (shared >= SEED * sizes) & (shared < MOSTLY * self.known.sizes[self.place])
        return [self.known.sets[k] for k in _apart(which[is_seed], self.known)]

    @property
    def crossing(self) -> list[Verdict]:
        """The sets that cross it."""
        return [self.known.sets[k] for k in self.crossing_places]

    def is_several(self, min_bits: float) -> bool:
        """Whether one part clearly has more bits than the whole, or several have more in sum and are no batches of one
        ring, or two are rings apart.

        Packing leaves out what a set pays once, and so may like a union for it. Each part has paid it here.
        """
        bits = [v.bits for v in self.parts]
        whole = self.whole.bits
        have_more = bool(bits) and (
            bits[0] > whole + clear_lead(whole, min_bits)
            or (sum(bits) > whole > bits[0] and not are_bound_batches(self.whole, self.parts, min_bits))
        )
        halves = ([self.known.sets[k] for k in two] for two in self.halves)
        return have_more or any(are_apart(self.whole, two, min_bits) for two in halves)

    @property
    def is_contested(self) -> bool:
        """Whether two parts or more weigh nearly as much as the whole: refined, they may weigh more."""
        return len(self.parts) > 1 and sum(weight(v) for v in self.parts) >= CLOSE * weight(self.whole)


def clear_lead(bits: float, min_bits: float) -> float:
    """The bits more than `bits` that a smaller set has to take the place of that one: who hangs on by little is a
    member."""
    return max(CLEARLY * bits, min_bits)


def unspoilt(known: Overlaps, min_bits: float) -> NDArray[np.int64]:
    """The places of the sets but those of which a part is most, and has clearly more bits.

    What such a set took in costs it bits, and is no ring of its own. Packing leaves out what each set pays once: it
    might take the set for the sake of those accounts.
    """
    sizes = known.sizes
    bits = np.array([v.bits for v in known.sets])
    needed = np.array([v.bits + clear_lead(v.bits, min_bits) for v in known.sets])
    common = known.common.tocoo()
    whole, part = common.row, common.col
    is_part = (sizes[part] < sizes[whole]) & (common.data >= ITS_OWN * sizes[part])
    # Of a part that is partly another ring's, so many of the bits are of the accounts that both have.
    shared = bits[part] * common.data / sizes[part]
    is_spoilt = is_part & (common.data >= MOSTLY * sizes[whole]) & (shared > needed[whole])
    return np.setdiff1d(np.arange(sizes.size), whole[is_spoilt])


def inside(
    asked: Iterable[int],
    known: Overlaps,
    is_told: NDArray[np.bool_] | None = None,
    is_left_out: NDArray[np.bool_] | None = None,
) -> list[Inside]:
    """What the known sets, or those of them that are told, say of each that is asked about, itself left out; crossed by
    those of them that are left out."""
    out = []
    for k in asked:
        which, shared = known.beside(k)
        if is_told is not None:
            which, shared = which[is_told[which]], shared[is_told[which]]
        size, sizes = known.sizes[k], known.sizes[which]
        smaller = np.minimum(sizes, size)
        is_part = (shared >= INSIDE * sizes) & (sizes < SMALLER * size)
        crosses = np.zeros(which.size, bool)
        if is_left_out is not None:
            crosses = (shared > room_of(smaller)) & (shared <= CROSSING * smaller) & is_left_out[which]
        crossing = _apart(which[crosses], known)[:MOST_CROSSING]
        parts = which[is_part]
        halves = _two_that_make(parts, known, size) if is_told is None else ()
        out.append(Inside(known, k, tuple(_apart(parts, known)), tuple(crossing), halves))
    return out


def _apart(places: NDArray[np.int32], known: Overlaps) -> list[int]:
    """Sets that have little in common, taken in their order."""
    is_taken = np.zeros(known.sizes.size, bool)
    for k in places.tolist():
        is_taken[k] = known.is_own(k, is_taken)
    return np.flatnonzero(is_taken).tolist()


def _two_that_make(places: NDArray[np.int32], known: Overlaps, size: int) -> tuple[tuple[int, int], ...]:
    """Any two of the sets that have little in common, and together are nearly a set of this size."""
    places = places[:MOST_HALVES]
    common, sizes = known.common[places][:, places].toarray(), known.sizes[places]
    is_apart = common <= room_of(np.minimum.outer(sizes, sizes))
    is_all = np.add.outer(sizes, sizes) - common >= INSIDE * size
    one, other = np.nonzero(np.triu(is_apart & is_all, 1))
    return tuple(zip(places[one].tolist(), places[other].tolist(), strict=True))
