"""From a survey to rings: proposals are grown, judged under caps, and settled. What the line and the null both run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphscan.graph.strata import Strata
from graphscan.graph.survey import Survey
from graphscan.rings.certificate import Court, Kind, Verdict
from graphscan.rings.growth import grow
from graphscan.rings.partition import settled

HELD = 0.95
"""Share of a proposal inside one grown set from which it may be a copy of it."""

HELD_PART = 0.5
"""Share of that set which such a copy has at least: it is not grown again, since it would only grow to the set."""

NEAR = -100.0
"""Bits from which a set that does not certify is grown once more, under the caps: further off it never came in."""


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
    proposals: Sequence[NDArray[np.int32]],
    min_bits: float,
    tick: Callable[[int, int], None] | None = None,
) -> list[Verdict]:
    """Every set that grew from a proposal and has `min_bits` or more: overlaps are not settled yet."""
    seen: set[bytes] = set()
    out: dict[bytes, Verdict] = {}
    held_by = np.full(both.certify.n_accounts, -1, np.int32)
    sizes: list[int] = []
    for i, proposal in enumerate(proposals):
        if _is_held(held_by[proposal], sizes):
            continue
        grown = grow(both.growth, proposal)
        members = grown.members
        if grown.bits >= 0.0 and members.tobytes() not in seen:
            seen.add(members.tobytes())
            held_by[members] = len(sizes)
            sizes.append(members.size)
            verdict = both.certify.judge(members)
            if NEAR <= verdict.bits < min_bits:
                # What all requests know may be heavy use alone: under the caps the same seed may find the ring.
                verdict = grow(both.certify, members)
            if verdict.bits >= min_bits:
                out.setdefault(verdict.members.tobytes(), verdict)
        if tick is not None:
            tick(i + 1, len(proposals))
    return list(out.values())


def _is_held(held_by: NDArray[np.int32], sizes: Sequence[int]) -> bool:
    """Whether nearly all of a proposal lies in one grown set of which it is a good part: it would grow to it again."""
    known = held_by[held_by >= 0]
    if known.size < HELD * held_by.size:
        return False
    holder, count = np.unique(known, return_counts=True)
    most = int(np.argmax(count))
    return bool(count[most] >= HELD * held_by.size and held_by.size >= HELD_PART * sizes[int(holder[most])])


def rings_of(
    both: Courts,
    proposals: Sequence[NDArray[np.int32]],
    min_bits: float,
    min_accounts: int,
    tick: Callable[[int, int], None] | None = None,
) -> list[Verdict]:
    """Rings, the one with most bits first, each of `min_accounts` or more."""
    sets = certified(both, proposals, min_bits, tick)
    rings = settled(both.certify, both.growth, sets, min_bits)
    return [r for r in rings if r.members.size >= min_accounts]


def _kinds(strata: Strata) -> list[Kind]:
    """Kinds of strata in which a set may be listed: activity by language under each cap, and language alone, last."""
    named = [(f"cap {2**cap}", s) for cap, s in strata.by_cap.items()] + [("all requests", strata.language)]
    return [Kind(name, s, np.bincount(s).astype(np.int64)) for name, s in named]
