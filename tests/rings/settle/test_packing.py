"""Packing: the optimum by brute force, whatever the order of the sets."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import view

from graphscan.rings.certificate import Court, Kind, Verdict
from graphscan.rings.settle.packing import packed, weight

N = 60


@pytest.fixture(scope="module")
def pattern() -> Verdict:
    """A judged set whose members and bits are replaced."""
    nobody = np.zeros(N, np.int32)
    court = Court({"prompt": [view([range(12)], nobody.tolist())]}, [Kind.of("all", nobody)], N)
    return court.judge(np.arange(12, dtype=np.int32))


def weighing(pattern: Verdict, members: list[int], bits: float) -> Verdict:
    """A set of these members that is worth so many bits."""
    told = replace(pattern.best["prompt"], bits=bits, names=0.0)
    listing = replace(pattern.listing, accounts=0.0)
    return replace(
        pattern,
        members=np.array(sorted(members), np.int32),
        bits=bits,
        best={"prompt": told},
        listing=listing,
    )


def room(size: int) -> float:
    """Accounts that a set of this size may have in common."""
    return 0.0 if size < 10 else max(1.0, 0.05 * size)


def clash(a: Verdict, b: Verdict) -> bool:
    common = np.intersect1d(a.members, b.members).size
    return common > room(min(a.members.size, b.members.size))


def fits(chosen: Sequence[Verdict]) -> bool:
    """Whether no two clash, and each set has little in common with all others together."""
    if any(clash(a, b) for a, b in itertools.combinations(chosen, 2)):
        return False
    common = [sum(np.intersect1d(a.members, b.members).size for b in chosen if b is not a) for a in chosen]
    return all(n <= room(v.members.size) for n, v in zip(common, chosen, strict=True))


def beside(verdicts: list[Verdict]) -> dict[bytes, int]:
    """How much each has in common with those that it does not clash with."""
    return {
        a.members.tobytes(): sum(
            np.intersect1d(a.members, b.members).size for b in verdicts if b is not a and not clash(a, b)
        )
        for a in verdicts
    }


def without_twins(verdicts: list[Verdict], common: dict[bytes, int]) -> list[Verdict]:
    """Of those that clash with the same sets the one worth most (of equals: most bits, fewest accounts), and the one
    that has least in common with others."""
    clashing = [frozenset(j for j, b in enumerate(verdicts) if clash(a, b)) for a in verdicts]
    by_clashes: dict[frozenset[int], list[Verdict]] = {}
    for verdict, clashes in zip(verdicts, clashing, strict=True):
        by_clashes.setdefault(clashes, []).append(verdict)

    def rank(v: Verdict) -> tuple[float, float, int, bytes]:
        return -weight(v), -v.bits, v.members.size, v.members.tobytes()

    left = []
    for twins in by_clashes.values():
        most, least = min(twins, key=rank), min(twins, key=lambda v: (common[v.members.tobytes()], *rank(v)))
        left += [most] if least is most else [most, least]
    return left if len(left) == len(verdicts) else without_twins(left, common)


def most(verdicts: list[Verdict]) -> float:
    """The largest sum of weights of sets that fit together, by trying all of them."""
    left = without_twins(verdicts, beside(verdicts))
    best = 0.0
    fitting: list[list[Verdict]] = [[]]
    for verdict in left:
        # Fewer sets have less in common, so what does not fit is not extended.
        fitting += [more for chosen in fitting if fits(more := [*chosen, verdict])]
    for chosen in fitting:
        best = max(best, sum(map(weight, chosen)))
    return best


@st.composite
def overlapping(draw: st.DrawFn) -> list[tuple[list[int], float]]:
    """Up to twelve distinct sets, runs of accounts and scattered ones, each with its bits."""
    bits = draw(st.sampled_from([st.floats(10, 100), st.floats(1e5, 1e5 + 3), st.sampled_from([10.0, 20.0])]))
    runs = st.tuples(st.integers(0, N - 12), st.integers(4, 30)).map(
        lambda t: frozenset(range(t[0], min(N, t[0] + t[1])))
    )
    scattered = st.frozensets(st.integers(0, N - 1), min_size=4, max_size=20)
    sets = draw(st.lists(st.one_of(runs, runs, scattered), min_size=2, max_size=12, unique=True))
    return [(sorted(s), draw(bits)) for s in sets]


@given(overlapping())
@settings(max_examples=150, deadline=None)
def test_packing_is_the_optimum(pattern: Verdict, sets: list[tuple[list[int], float]]):
    verdicts = [weighing(pattern, members, bits) for members, bits in sets]
    chosen = packed(verdicts, N)
    assert fits(chosen)
    assert sum(map(weight, chosen)) == pytest.approx(most(verdicts), abs=1e-6)
    assert [v.bits for v in chosen] == sorted((v.bits for v in chosen), reverse=True)


def test_sets_that_share_a_little_with_one_do_not_keep_it_out_together(pattern: Verdict):
    """Two sets have an account each of one that has room for one. Each of them without it weighs hardly less."""
    one = weighing(pattern, list(range(26)), 40.0)
    two = [weighing(pattern, [k, *range(26 + 12 * k, 37 + 12 * k)], 30.0) for k in range(2)]
    less = [weighing(pattern, list(range(26 + 12 * k, 37 + 12 * k)), 28.0) for k in range(2)]
    assert sum(map(weight, packed([one, *two, *less], N))) == pytest.approx(40.0 + 30.0 + 28.0)


def test_packing_is_the_optimum_to_the_last_bit(pattern: Verdict):
    """Large rings differ by a few bits in a hundred thousand: a solver's usual tolerance is more than that."""
    for seed in range(12):
        rng = np.random.default_rng(seed)
        verdicts = [
            weighing(pattern, rng.choice(N, 12, replace=False).tolist(), 1e5 + float(rng.uniform(0, 3)))
            for _ in range(12)
        ]
        assert sum(map(weight, packed(verdicts, N))) == pytest.approx(most(verdicts), abs=1e-6, rel=0)


@given(overlapping(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_packing_does_not_hang_on_the_order_of_the_sets(pattern: Verdict, sets, random):
    verdicts = [weighing(pattern, members, bits) for members, bits in sets]
    shuffled = verdicts[:]
    random.shuffle(shuffled)
    assert [v.members.tolist() for v in packed(verdicts, N)] == [
        v.members.tolist() for v in packed(shuffled, N)
    ]


def test_ends_of_a_bridge_are_both_kept(pattern: Verdict):
    """Two rings share one account, and a third set overlaps both: the two are worth more together."""
    left, right = weighing(pattern, list(range(20)), 50.0), weighing(pattern, list(range(19, 40)), 50.0)
    both = weighing(pattern, list(range(10, 30)), 80.0)
    assert packed([left, both, right], N) == [left, right]


def test_the_whole_wins_over_its_fragments_and_parts_over_a_loose_union(pattern: Verdict):
    fragments = [weighing(pattern, list(range(a, a + 10)), 30.0) for a in (0, 10)]
    whole = weighing(pattern, list(range(20)), 70.0)
    assert packed([*fragments, whole], N) == [whole]
    loose = weighing(pattern, list(range(20)), 55.0)
    assert sorted(v.bits for v in packed([*fragments, loose], N)) == [30.0, 30.0]


def test_the_whole_wins_over_fragments_that_overlap_a_little_each(pattern: Verdict):
    """Sixteen fragments of ten: each has one account in common with eight others, and their sum counts all twice."""
    fragments = [
        weighing(
            pattern, [10 * a + b for b in range(10) if kind == "row"] or [10 * b + a for b in range(6)], 20.0
        )
        for kind, n in (("row", 6), ("column", 10))
        for a in range(n)
    ]
    whole = weighing(pattern, list(range(60)), 250.0)
    assert not any(clash(a, b) for a, b in itertools.combinations(fragments[:6], 2))
    assert packed([*fragments, whole], N) == [whole]


def test_names_of_what_is_rented_count_for_nothing(pattern: Verdict):
    told = replace(pattern.best["prompt"], bits=100.0, names=20.0)
    worth = {
        family: weight(replace(pattern, best={family: told}, listing=replace(pattern.listing, accounts=30.0)))
        for family in ("network", "prompt", "payment")
    }
    assert worth == {"network": 90.0, "prompt": 70.0, "payment": 70.0}


def test_two_rings_in_one_rented_network_choose_among_its_users_once(pattern: Verdict):
    """Of 12 users of a network 6 are the one ring's: log2 C(12, 6) bits for the two together, not for each."""
    told = pattern.best["prompt"]
    accounts, members = np.zeros_like(told.accounts), np.zeros_like(told.members)
    accounts[0, 1], members[0, 1] = 12, 6
    half = replace(told, bits=100.0, names=20.0, accounts=accounts, members=members)
    worth = {
        family: weight(replace(pattern, best={family: half}, listing=replace(pattern.listing, accounts=30.0)))
        for family in ("network", "prompt")
    }
    assert worth["prompt"] == 70.0
    assert worth["network"] == pytest.approx(90.0 + 0.5 * np.log2(924))
