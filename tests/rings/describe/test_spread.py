"""How members fall into strata: distributions over counts, and where the next one is expected."""

from __future__ import annotations

import numpy as np
import pytest
from made import compositions, counts

from graphscan.rings.describe.spread import crossed, drawn, expected, spread


@pytest.mark.parametrize("sizes", [(5,), (4, 5), (1, 8), (3, 3, 3), (0, 4, 3), (1, 2, 3, 4)])
@pytest.mark.parametrize("n", [0, 1, 3, 5])
def test_drawn_is_a_distribution_over_counts_in_strata(sizes: tuple[int, ...], n: int):
    held = [s > 0 for s in sizes]
    total = sum(
        2.0 ** -drawn(counts(*split), counts(*sizes))
        for split in compositions(n, len(sizes))
        if all(h or not c for h, c in zip(held, split, strict=True))
    )
    assert total == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        ((0, 0, 1, 1), (0, 1, 0, 1)),
        ((0, 1, 1), (0, 0, 1)),
        ((0, 0, 0), (0, 1, 2)),
        ((0, 0, 1, 1, 2), (0, 1, 0, 1, 0)),
    ],
)
@pytest.mark.parametrize("n", [0, 1, 3, 5])
def test_spread_obeys_kraft_over_a_table(rows: tuple[int, ...], columns: tuple[int, ...], n: int):
    table = counts(*range(2, 2 + len(rows))), counts(*rows), counts(*columns)
    splits = [counts(*split) for split in compositions(n, len(rows))]
    assert sum(2.0 ** -crossed(split, *table) for split in splits) <= 1.0 + 1e-9
    assert 0.3 < sum(2.0 ** -spread(split, *table) for split in splits) <= 1.0 + 1e-9


@pytest.mark.parametrize("members", [(0, 0, 0, 0), (9, 1, 0, 0), (9, 9, 8, 1), (2, 0, 0, 9)])
def test_one_member_more_is_somewhere(members: tuple[int, ...]):
    shares = expected(counts(*members), counts(50, 30, 15, 5), counts(0, 0, 1, 1), counts(0, 1, 0, 1))
    assert shares.sum() == pytest.approx(1.0)
    assert (shares > 0.0).all()


def test_next_member_is_expected_where_the_others_are():
    alike = np.full(4, 25)
    rows, columns = counts(0, 0, 1, 1), counts(0, 1, 0, 1)
    assert expected(counts(40, 0, 0, 0), alike, rows, columns)[0] > 0.95
    assert expected(counts(10, 10, 10, 10), alike, rows, columns) == pytest.approx(np.full(4, 0.25), abs=0.02)


def test_few_strata_cost_little_among_many():
    """300 members in two of 160 strata, in which a few accounts of each hundred are."""
    accounts = np.full(160, 250)
    members = np.zeros(160, np.int64)
    members[[7, 90]] = 200, 100
    assert drawn(members, accounts) < 35.0


def test_members_who_ask_much_in_many_languages_fill_a_row():
    """Eight members of each of twenty languages, all in the one of eight classes of activity that few are in."""
    rows, columns = np.repeat(np.arange(8), 20), np.tile(np.arange(20), 8)
    accounts = np.where(rows == 7, 10, 140)
    members = np.where(rows == 7, 8, 0)
    assert crossed(members, accounts, rows, columns) < drawn(members, accounts) - 50.0
