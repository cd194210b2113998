"""Every code is a distribution: the sum of 2^−length over all that it can say is at most one (Kraft).

Added up by enumeration, so that a wrong constant, a forgotten case or a length that is too short by a fraction of a
bit is seen. Where the code wastes nothing the sum is one, and that is asserted too: a longer code loses rings.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from math import comb, factorial, log, log2, prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import compositions, counts, members_of

from graphscan.rings.certificate import Court, Kind
from graphscan.rings.describe import LEVEL_OF
from graphscan.rings.describe.codes import (
    LEVELS,
    choose,
    classes,
    integer,
    law,
    level_of,
    log2_factorials,
    one_more,
)

LF = log2_factorials(64)


def test_choose_is_the_log_of_the_binomial():
    for n in range(31):
        for k in range(n + 1):
            assert choose(LF, n, k) == pytest.approx(log2(comb(n, k)), abs=1e-9)


def test_integer_obeys_kraft_over_all_integers():
    """Summed to 10^5; the rest is bounded by an integral that Rissanen's function has in closed form.

    With f(x) = 1 / (x · log2 x · log2 log2 x …) and y = log2 x, ∫_x f = ln 2 · ∫_y f; the sum over k ≥ m of f(k) is
    at most the integral from m − 1, since f falls.
    """
    whole = log(2) / (1 - log(2))  # ∫ from 1: ln 2 on [1, 2], then ln 2 times itself

    def beyond(x: float) -> float:
        return log(2 / x) + log(2) * whole if x <= 2 else log(2) * beyond(log2(x))

    n = 100_000
    told = sum(2.0 ** -integer(k) for k in range(n))
    rest = 2.0**-1.52 * beyond(n)  # k + 1 ≥ n + 1
    assert 0.99 < told + rest <= 1.0
    assert all(integer(k) <= integer(k + 1) for k in range(1000))


@pytest.mark.parametrize("n_classes", [1, 2, 3, 5])
@pytest.mark.parametrize("k", [0, 1, 2, 5, 9])
def test_classes_are_a_distribution_over_how_many_of_each(n_classes: int, k: int):
    total = sum(2.0 ** -classes(counts(*c), k) for c in compositions(k, n_classes))
    assert total == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("sizes", [(1,), (3,), (4, 2), (1, 3, 2), (1, 1, 1, 4)])
def test_names_are_a_code_over_sets_of_entities(sizes: tuple[int, ...]):
    """How many, of which classes, which of each class: summed over every set of entities that can be named."""
    total = 0.0
    for named in itertools.product(*(range(size + 1) for size in sizes)):
        n_sets = prod(comb(size, k) for size, k in zip(sizes, named, strict=True))
        which = sum(choose(LF, size, k) for size, k in zip(sizes, named, strict=True))
        total += n_sets * 2.0 ** -(integer(sum(named)) + classes(counts(*named), sum(named)) + which)
    assert 0.3 < total <= 1.0


@pytest.mark.parametrize("open_levels", [(0,), (0, 1), (0, 2, 5), (0, 1, 2, 3, 4, 5)])
@pytest.mark.parametrize("n", [1, 2, 4, 6])
def test_law_is_a_distribution_over_the_levels_of_members_in_order(open_levels: tuple[int, ...], n: int):
    accounts = np.zeros(LEVELS, np.int64)
    accounts[list(open_levels)] = 9
    total = 0.0
    for split in compositions(n, len(open_levels)):
        members = np.zeros(LEVELS, np.int64)
        members[list(open_levels)] = split
        orders = factorial(n) / prod(factorial(c) for c in split)
        total += orders * 2.0 ** -law(members, accounts)
    assert total == pytest.approx(1.0, abs=1e-9)


def _levels_of_strata(cells: list[list[int]]) -> Iterator[tuple[int, np.ndarray]]:
    """Every way to put members on the cells (stratum, level): number of such sets, and members in each cell."""
    flat = [c for row in cells for c in row]
    for split in itertools.product(*(range(c + 1) for c in flat)):
        n_sets = prod(comb(c, k) for c, k in zip(flat, split, strict=True))
        yield n_sets, np.array(split, np.int64).reshape(len(cells), -1)


@pytest.mark.parametrize(
    "cells",
    [
        [[4, 2, 1, 0, 0, 0]],
        [[2, 2, 2, 1, 1, 0]],
        [[3, 1, 0, 0, 0, 0], [2, 0, 2, 1, 0, 0]],
        [[1, 1, 0, 0, 0, 1], [0, 2, 0, 1, 0, 0], [2, 0, 0, 0, 1, 0]],
    ],
)
def test_law_and_arrangement_are_a_code_over_sets_with_given_counts_in_strata(cells: list[list[int]]):
    """DL without names = law + Σ log2 N!/(N−n)! − Σ_s log2 n_s!: Kraft's sum is at most one for every n_1 … n_K."""
    accounts = np.array(cells, np.int64)
    sums: dict[tuple[int, ...], float] = {}
    for n_sets, members in _levels_of_strata(cells):
        in_strata = tuple(members.sum(1).tolist())
        arrangement = (LF[accounts] - LF[accounts - members]).sum() - LF[members.sum(1)].sum()
        length = law(members.sum(0), accounts.sum(0)) + arrangement
        sums[in_strata] = sums.get(in_strata, 0.0) + n_sets * 2.0**-length
    assert len(sums) > 3
    assert max(sums.values()) <= 1.0 + 1e-9


@pytest.mark.parametrize(
    "kinds",
    [
        [[0] * 9],
        [[0, 0, 0, 0, 1, 1, 1, 2, 2]],
        [[0, 0, 0, 0, 1, 1, 1, 2, 2], [0] * 9, [0, 1] * 4 + [0]],
        [[0, 1, 2, 3, 4, 5, 6, 7, 8], [0, 0, 0, 0, 0, 0, 0, 0, 1]],
    ],
)
def test_the_list_is_a_code_over_all_sets(kinds: list[list[int]]):
    """Listing within the cheapest kind of strata, summed over every set of nine accounts."""
    made = [Kind.of(str(k), np.array(s, np.int16)) for k, s in enumerate(kinds)]
    court = Court({}, made, 9)
    total = sum(2.0 ** -court.listing(members_of(mask, 9)).bits for mask in range(1, 2**9))
    assert 0.1 < total <= 1.0


def test_levels_part_at_0_1_2_3_5_9_touches():
    expected = [0, 1, 2, 3, 3, 4, 4, 4, 4, 5, 5]
    assert [level_of(t) for t in range(11)] == expected
    assert LEVEL_OF.tolist() == expected[:10]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.integers(0, 7))
def test_one_more_name_is_what_the_classes_grow_by(counts: list[int], at: int):
    before = np.array(counts, np.int64)
    after = before.copy()
    after[at % before.size] += 1
    grown = classes(after, int(after.sum())) - classes(before, int(before.sum()))
    count = int(after[at % before.size])
    assert one_more(count, int(before.sum()), before.size) == pytest.approx(grown, abs=1e-9)
