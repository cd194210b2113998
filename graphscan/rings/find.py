"""From a survey to rings: proposals are grown, judged under caps, and settled. What the line and the null both run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphscan.graph.strata import Strata
from graphscan.graph.survey import Proposals, Survey
from graphscan.rings.certificate import Court, Kind, Verdict
from graphscan.rings.growth import grow
from graphscan.rings.partition import holders, settled

HELD = 0.95
"""Share of a proposal inside one grown set from which it may be a copy of it."""

HELD_PART = 0.5
"""Share of that set which such a copy has at least: it is not grown again, since it would only grow to the set."""

MOST_PARTS = 16
"""Small parts of one grown set that are grown again, the largest first: a ring of thousands has hundreds, and most
come to what is known. Where rings were merged, packing looks at parts itself."""

NEAR = -100.0
"""Bits from which a set that does not certify is grown once more, under the caps: further off it never came in."""


LOOKED_AT = 512
"""Further proposals that are looked at together, whether one covers them by now."""

BATCH = 32
"""Proposals that are grown without knowing of one another."""


@dataclass(frozen=True)
class Courts:
    """`certify` judges under caps and within strata; `growth` grows on all requests, where more is known of each."""

    certify: Court
    growth: Court


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

    Further proposals come last, and only those that no certified set covers so far: in a large ring each of its habits
    is a cell.
    """
    search = _Search(both, min_bits, threads)
    n_sets, total = len(proposed.sets), len(proposed.all)
    search.run(proposed.sets, lambda done: tick(done, total) if tick else None)
    for first in range(0, len(proposed.further), LOOKED_AT):
        some = proposed.further[first : first + LOOKED_AT]
        search.run(search.uncovered(some), lambda done: None)
        if tick:
            tick(n_sets + first + len(some), total)
    return list(search.out.values())


class _Search:
    """Grows proposals and keeps what certifies; what was grown already is not grown again."""

    def __init__(self, both: Courts, min_bits: float, threads: int) -> None:
        self.out: dict[bytes, Verdict] = {}
        self._benches = [Courts(both.certify.twin(), both.growth.twin()) for _ in range(threads)]
        self._n_accounts = both.certify.n_accounts
        self._min_bits = min_bits
        self._seen: set[bytes] = set()
        self._held_by = np.full(self._n_accounts, -1, np.int32)
        self._sizes: list[int] = []
        self._parts_grown: list[int] = []

    def run(self, sets: Sequence[NDArray[np.int32]], tick: Callable[[int], None]) -> None:
        """Grows the sets in their order, `BATCH` at a time whatever the threads: the answer is theirs alone."""
        waiting = list(reversed(sets))
        with ThreadPoolExecutor(len(self._benches)) as pool:
            while waiting:
                batch: list[NDArray[np.int32]] = []
                while waiting and len(batch) < BATCH:
                    members = waiting.pop()
                    if not self._is_known(members):
                        batch.append(members)
                shares = [batch[i :: len(self._benches)] for i in range(len(self._benches))]
                told: list[_Grown | None] = [None] * len(batch)
                for i, share in enumerate(pool.map(self._grown, self._benches, shares)):
                    told[i :: len(self._benches)] = share
                for grown in told:
                    if grown is not None:
                        self._keep(grown)
                tick(len(sets) - len(waiting))

    def _is_known(self, members: NDArray[np.int32]) -> bool:
        """Whether nearly all of a proposal lies in one grown set, and it is a good part of it or one of many."""
        held_by = self._held_by[members]
        known = held_by[held_by >= 0]
        if known.size < HELD * members.size:
            return False
        holder, count = np.unique(known, return_counts=True)
        most = int(np.argmax(count))
        k = int(holder[most])
        if count[most] < HELD * members.size:
            return False
        if members.size >= HELD_PART * self._sizes[k]:
            return True
        self._parts_grown[k] += 1
        return self._parts_grown[k] > MOST_PARTS

    def uncovered(self, sets: Sequence[NDArray[np.int32]]) -> list[NDArray[np.int32]]:
        """The sets that no certified one holds nearly whole: several do not make up for the one they are parts of."""
        if not self.out or not sets:
            return list(sets)
        known = holders([v.members for v in self.out.values()], self._n_accounts)
        inside = (holders(sets, self._n_accounts) @ known.T).max(1).toarray().ravel()
        return [s for s, common in zip(sets, inside, strict=True) if common < HELD * s.size]

    def _grown(self, bench: Courts, sets: Sequence[NDArray[np.int32]]) -> list[_Grown | None]:
        out: list[_Grown | None] = []
        for members in sets:
            grown = grow(bench.growth, members)
            if grown.bits < 0.0:
                out.append(None)
                continue
            verdict = bench.certify.judge(grown.members)
            if NEAR <= verdict.bits < self._min_bits:
                # What all requests know may be heavy use alone: under the caps the same seed may find the ring.
                verdict = grow(bench.certify, grown.members)
            out.append(_Grown(grown.members, verdict))
        return out

    def _keep(self, grown: _Grown) -> None:
        members = grown.members
        if members.tobytes() in self._seen:
            return
        self._seen.add(members.tobytes())
        self._held_by[members] = len(self._sizes)
        self._sizes.append(members.size)
        self._parts_grown.append(0)
        if grown.verdict.bits >= self._min_bits:
            self.out.setdefault(grown.verdict.members.tobytes(), grown.verdict)


@dataclass(frozen=True)
class _Grown:
    """What a proposal grew to on all requests, and what became of that under the caps."""

    members: NDArray[np.int32]
    verdict: Verdict


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
    rings = settled(both.certify, both.growth, sets, min_bits, min_accounts)
    return [r for r in rings if r.members.size >= min_accounts]


def _kinds(strata: Strata) -> list[Kind]:
    """Kinds of strata in which a set may be listed: activity by language under each cap, and language alone, last."""
    named = [(f"cap {2**cap}", s) for cap, s in strata.by_cap.items()] + [("all requests", strata.language)]
    return [Kind(name, s, np.bincount(s).astype(np.int64)) for name, s in named]
