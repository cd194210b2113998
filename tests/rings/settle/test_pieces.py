"""Pieces: what describes a set holds it together, or it is no ring."""

from __future__ import annotations

import numpy as np
from made import view

from graphscan.rings.certificate import Court, Courts, Kind
from graphscan.rings.settle import settled
from graphscan.rings.settle.pieces import Proposed, parts, pieces, ties_by_description

N = 2000
ALL = np.zeros(N, np.int32)


def court(prompts: list[list[int]], cards: list[list[int]]) -> Court:
    views = {"prompt": [view(prompts, ALL.tolist())], "payment": [view(cards, ALL.tolist())]}
    return Court(views, [Kind.of("all", ALL)], N)


def judged(judge: Court, members: list[int]):
    return judge.judge(np.array(members, np.int32))


def test_two_groups_that_share_nothing_are_two_pieces():
    left, right = list(range(12)), list(range(100, 110))
    both = judged(court([left, right], [left, right]), left + right)
    assert [p.tolist() for p in pieces(both, ties_by_description(both))] == [left, right]


def test_what_all_share_holds_them_together():
    left, right = list(range(12)), list(range(100, 110))
    whole = judged(court([left + right], [left, right]), left + right)
    ties = ties_by_description(whole)
    assert [p.tolist() for p in pieces(whole, ties)] == [left + right]
    assert [p.tolist() for p in parts(whole, ties, 4) if p.size > 8] in ([left, right], [right, left])


def test_small_groups_of_strangers_are_no_ring_in_sum():
    """Three friends each with a card and a habit: in sum they have bits, and each is too small to be a ring."""
    friends = [[a, a + 1, a + 2] for a in range(0, 36, 3)]
    judge = court(friends, friends)
    union = judged(judge, list(range(36)))
    assert union.bits > 10.0
    assert settled(Courts(judge, judge), [union], 10.0, 4) == []


def test_proposals_inside_a_set_are_parts_of_it_and_not_the_same():
    sets = [
        np.array(s, np.int32)
        for s in (range(40), range(39), range(30, 60), range(200), range(3), range(90, 130))
    ]
    found = Proposed(sets, 300).inside(np.arange(100, dtype=np.int32))
    assert [(s[0], s.size) for s in found] == [(0, 40), (30, 30)]
