"""From a survey to rings: proposals are grown, judged under caps, and settled. What the line and the null both run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from graphscan.graph.strata import Strata
from graphscan.graph.survey import Proposals, Survey
from graphscan.rings.certificate import Benches, Court, Courts, Kind, Verdict
from graphscan.rings.growth import Growth, grow, grow_anew, widened
from graphscan.rings.settle import settled
from graphscan.rings.settle.inside import INSIDE
from graphscan.rings.settle.overlaps import holders

COPIED = 0.5
"""Share of a certified set that a part of it has where it is a copy: it is not grown, since it would only grow to the
set."""

MOST_PARTS = 100
"""Parts of one certified set that are grown further: a ring of thousands has thousands, and most come to what is
known. Where rings were merged, packing looks at parts itself."""

NEAR = -100.0
"""Bits from which a set that does not certify is grown once more, under the caps: further off it never came in. From
there on the first proposals are judged under the caps as well: of a small ring all requests may say too little."""

FAR = -200.0
"""Bits under the caps from which what grew is widened: what is further off has its bits by heavy use, of which a log is
full where nothing is coordinated."""

LOOSE = -1.0
"""Margin of growth, in bits of log-odds, by which what did not certify so is grown from its proposal under the caps: a
ring of which no account stands out has its bits by all of them together."""

WIDENINGS = 2
"""Rounds in which what grew is widened, by one family at a time, and grown again: each reaches a few more habits of a
ring; more cost as much and find little."""

WIDENING = 0.15
"""What a round of widening takes, beside all proposals: for the progress that is shown, and nothing else."""

PARTS_WIDENED = 10
"""Parts of one certified set that are widened in a round, the largest first."""

LOOKED_AT = 512
"""Further proposals that are looked at together, whether one covers them by now."""

BATCH = 32
"""Proposals that are grown without knowing of one another."""


def courts(found: Survey) -> Courts:
    """The two courts of a survey."""
    kinds = _kinds(found.strata)
    return Courts(
        Court(found.views, kinds, found.n_accounts),
        Court(found.open_views, [kinds[-1]], found.n_accounts),
    )


def certified(
    both: Courts,
    proposed: Proposals,
    min_bits: float,
    threads: int = 1,
    tick: Callable[[int, int], None] | None = None,
) -> list[Verdict]:
    """Every set that grew from a proposal and has `min_bits` or more: overlaps are not settled yet.

    Further proposals come later, and only those that no certified set covers so far: in a large ring each of its habits
    is a cell. Last, what grew from them all is widened and grown again: of a ring with many habits each proposal may
    know one.
    """
    search = _Search(both, min_bits, threads)
    said = tick or (lambda done, total: None)
    n_sets, n_all = len(proposed.sets), len(proposed.all)
    a_round = round(WIDENING * n_all)
    total = n_all + WIDENINGS * a_round
    search.run(proposed.sets, lambda done: said(done, total), again_loosely=True)
    for first in range(0, len(proposed.further), LOOKED_AT):
        some = proposed.further[first : first + LOOKED_AT]
        search.run(search.uncovered(some), lambda done: None)
        said(n_sets + first + len(some), total)
    for k in range(WIDENINGS):
        search.run(search.widened(), lambda done: None)
        said(n_all + (k + 1) * a_round, total)
    return list(search.out.values())


class _Search:
    """Grows proposals and keeps what certifies; what was grown already is not grown again."""

    def __init__(self, both: Courts, min_bits: float, threads: int) -> None:
        self.out: dict[bytes, Verdict] = {}
        # What names lead to shortens descriptions; whom growth takes it hardly changes, at a third more.
        self._benches = Benches(Courts(both.certify, both.growth.by_names_alone()), threads)
        self._n_accounts = both.certify.n_accounts
        self._min_bits = min_bits
        self._passed: set[bytes] = set()
        self._held_by = np.full(self._n_accounts, -1, np.int32)
        self._sizes: list[int] = []
        self._parts_grown: list[int] = []
        self._grown_last: dict[bytes, Verdict] = {}

    def run(
        self, sets: Sequence[NDArray[np.int32]], tick: Callable[[int], None], again_loosely: bool = False
    ) -> None:
        """Grows the sets in their order, `BATCH` at a time whatever the threads: the answer is theirs alone.

        What does not certify is grown anew by the looser margin, if asked: that costs as much again.
        """
        grown_from = partial(self._grown, again_loosely=again_loosely)
        waiting = list(reversed(sets))
        while waiting:
            batch: list[NDArray[np.int32]] = []
            while waiting and len(batch) < BATCH:
                members = waiting.pop()
                if not self._is_copy(members):
                    batch.append(members)
            for grown in self._benches.map(grown_from, batch):
                self._keep(grown)
            tick(len(sets) - len(waiting))

    def _is_copy(self, members: NDArray[np.int32]) -> bool:
        """Whether nearly all of a proposal lies in one certified set, and is a good part of it."""
        known = self._held_by[members]
        known = known[known >= 0]
        if known.size < INSIDE * members.size:
            return False
        holder, count = np.unique(known, return_counts=True)
        most = int(np.argmax(count))
        copied = self._sizes[int(holder[most])]
        return bool(count[most] >= INSIDE * members.size and members.size >= COPIED * copied)

    def _is_known(self, members: NDArray[np.int32]) -> bool:
        """Whether growth came by a set before, or it is one of many parts of what is certified."""
        if members.tobytes() in self._passed:
            return True
        whole = self._whole_of(members)
        return whole >= 0 and self._parts_grown[whole] >= MOST_PARTS

    def _whole_of(self, members: NDArray[np.int32]) -> int:
        """The certified set that has most of a set which nearly all lies in larger certified ones; −1, if there is
        none. It may lie in several: a habit of two rings is no third one."""
        holder = self._held_by[members]
        holder = holder[holder >= 0]
        if holder.size < INSIDE * members.size:
            return -1
        which, count = np.unique(holder, return_counts=True)
        larger = np.array([self._sizes[k] >= members.size for k in which.tolist()])
        return int(which[np.argmax(count)]) if count[larger].sum() >= INSIDE * members.size else -1

    def uncovered(self, sets: Sequence[NDArray[np.int32]]) -> list[NDArray[np.int32]]:
        """The sets that no certified one holds nearly whole: several do not make up for the one they are parts of."""
        if not self.out or not sets:
            return list(sets)
        known = holders([v.members for v in self.out.values()], self._n_accounts)
        inside = (holders(sets, self._n_accounts) @ known.T).max(1).toarray().ravel()
        return [s for s, common in zip(sets, inside, strict=True) if common < INSIDE * s.size]

    def widened(self) -> list[NDArray[np.int32]]:
        """The sets that grew since the last call, widened; the largest first, and not too many parts of one ring."""
        grown = sorted(self._grown_last.values(), key=lambda v: (-v.members.size, v.members.tobytes()))
        self._grown_last = {}
        n_parts: Counter[int] = Counter()
        sets: dict[bytes, NDArray[np.int32]] = {}
        with self._benches.one() as bench:
            for verdict in grown:
                whole = self._whole_of(verdict.members)
                n_parts[whole] += 1
                if whole < 0 or n_parts[whole] <= PARTS_WIDENED:
                    sets |= {wide.tobytes(): wide for wide in widened(bench.growth, verdict)}
        return list(sets.values())

    def _grown(self, bench: Courts, members: NDArray[np.int32], again_loosely: bool) -> _Grown:
        growth = grow_anew(bench.growth, members, self._is_known)
        if growth.best is None or growth.best.bits < (NEAR if again_loosely else 0.0):
            return _Grown(growth, None)
        verdict = bench.certify.judge(growth.best.members)
        if NEAR <= verdict.bits < self._min_bits:
            # What all requests know may be heavy use alone: under the caps the same seed may find the ring.
            again = grow(bench.certify.narrowed(verdict), growth.best.members)
            verdict = bench.certify.judge(again.members)
        if again_loosely and verdict.bits < self._min_bits:
            verdict = grow(bench.certify, members, LOOSE)
        return _Grown(growth, verdict)

    def _keep(self, grown: _Grown) -> None:
        parts = (self._whole_of(np.frombuffer(step, np.int32)) for step in grown.growth.passed)
        whole = next((k for k in parts if k >= 0), None)
        if whole is not None:
            self._parts_grown[whole] += 1
        self._passed.update(grown.growth.passed)
        best, verdict = grown.growth.best, grown.verdict
        if best is not None and best.bits >= 0.0 and verdict is not None and verdict.bits >= FAR:
            self._grown_last[best.members.tobytes()] = best
        if verdict is None or verdict.bits < self._min_bits or verdict.members.tobytes() in self.out:
            return
        members = verdict.members
        self.out[members.tobytes()] = verdict
        held_by = self._held_by[members]
        sizes = np.array([*self._sizes, 0])[held_by]  # nobody's is the last one
        self._held_by[members[sizes < members.size]] = len(self._sizes)
        self._sizes.append(members.size)
        self._parts_grown.append(0)


@dataclass(frozen=True)
class _Grown:
    """How a proposal grew on all requests, and what became of that under the caps, if it came to anything."""

    growth: Growth
    verdict: Verdict | None


def rings_of(
    both: Courts,
    proposed: Proposals,
    min_bits: float,
    min_accounts: int,
    threads: int = 1,
    tick: Callable[[int, int], None] | None = None,
) -> list[Verdict]:
    """Rings, the one with most bits first, each of `min_accounts` or more and in one piece."""
    sets = certified(both, proposed, min_bits, threads, tick)
    rings = settled(both, sets, min_bits, min_accounts, threads, proposed.all)
    return [r for r in rings if r.members.size >= min_accounts]


def _kinds(strata: Strata) -> list[Kind]:
    """Kinds of strata in which a set may be listed: activity by language under each cap, and language alone, last."""
    by_cap = [
        Kind.of(f"cap {2**cap}", s, np.minimum(strata.activity, cap), strata.language)
        for cap, s in strata.by_cap.items()
    ]
    return [*by_cap, Kind.of("all requests", strata.language)]
