"""One ring that poses as many firms is told from many rings that have something in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from made import court_of

from graphscan.rings.branches import packed_whole
from graphscan.rings.certificate import Court, Verdict
from graphscan.rings.packing import packed

N = 30_000
MIN_BITS = 10.0
STRANGERS = list(range(2000, 2010))

FIRMS = [list(range(i, i + 5)) for i in range(0, 60, 5)]
EVERYBODY = [a for firm in FIRMS for a in firm]


def judged(court: Court, *sets: Sequence[int]) -> list[Verdict]:
    return [court.judge(np.array(sorted(s), np.int32)) for s in sets]


def sizes_of(verdicts: Sequence[Verdict]) -> list[int]:
    return sorted(v.members.size for v in verdicts)


def families(own_texts: bool) -> dict[str, list[list[int]]]:
    """Twelve firms of five, each with a card, an office and a domain, and all of one hour; who writes what?"""
    whose = FIRMS if own_texts else [EVERYBODY]
    return {
        "payment": FIRMS,
        "network": [[*firm, 100 + i] for i, firm in enumerate(FIRMS)],
        "identity": [*FIRMS, [*EVERYBODY, *STRANGERS]],
        "prompt": [[*who, STRANGERS[k]] for who in whose for k in range(3)],
    }


def test_firms_that_do_the_same_work_are_one_ring():
    court = court_of(families(own_texts=False), N)
    known = judged(court, EVERYBODY, *FIRMS)
    assert sizes_of(packed(known, N)) == [5] * 12
    left, chosen = packed_whole(court, known, MIN_BITS)
    assert sizes_of(left) == sizes_of(chosen) == [60]


def test_firms_that_do_work_of_their_own_are_no_branches():
    court = court_of(families(own_texts=True), N)
    known = judged(court, EVERYBODY, *FIRMS)
    left, chosen = packed_whole(court, known, MIN_BITS)
    assert sizes_of(left) == [5] * 12 + [60]
    assert sizes_of(chosen) == [5] * 12


def test_firms_that_have_nothing_else_in_common_are_several():
    """Without the hour and the texts one account of each is no set that anything certifies."""
    told = {f: users for f, users in families(own_texts=False).items() if f in ("payment", "network")}
    court = court_of(told, N)
    known = judged(court, EVERYBODY, *FIRMS)
    left, chosen = packed_whole(court, known, MIN_BITS)
    assert sizes_of(left) == [5] * 12 + [60]
    assert 60 not in sizes_of(chosen)


def test_two_sets_that_share_their_texts_may_be_two_rings():
    halves = [EVERYBODY[:30], EVERYBODY[30:]]
    told = families(own_texts=False) | {"payment": halves, "network": halves}
    court = court_of(told, N)
    known = judged(court, EVERYBODY, *halves)
    left, _ = packed_whole(court, known, MIN_BITS)
    assert sizes_of(left) == [30, 30, 60]


def test_events_in_one_venue_are_many_though_all_have_the_same_rules():
    told = families(own_texts=False) | {"identity": FIRMS, "network": [*FIRMS, [*EVERYBODY, *STRANGERS]]}
    court = court_of(told, N)
    known = judged(court, EVERYBODY, *FIRMS)
    left, _ = packed_whole(court, known, MIN_BITS)
    assert sizes_of(left) == [5] * 12 + [60]


def test_a_firm_that_happens_to_be_in_a_set_is_no_branch_of_it():
    """Its people write nothing that the others write."""
    firm = list(range(500, 520))
    told = families(own_texts=False)
    told |= {family: [*told[family], firm] for family in ("payment", "network")}
    court = court_of(told, N)
    known = judged(court, EVERYBODY, [*EVERYBODY, *firm], firm, *FIRMS)
    _, chosen = packed_whole(court, known, MIN_BITS)
    assert sizes_of(chosen) == [20, 60]
