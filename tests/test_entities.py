"""An entity's values are read again from what the tables say of it."""

from __future__ import annotations

import pytest

from graphscan.entities import cluster, values_of, with_count, without_count


@pytest.mark.parametrize("entity", ["203.0.113.7", "“a (and b) c”", "card (and 3 more)"])
@pytest.mark.parametrize("n_alike", [0, 1, 12])
def test_the_count_goes_and_nothing_else(entity: str, n_alike: int) -> None:
    assert without_count(with_count(entity, n_alike)) == entity


def test_values_are_the_parts_on_either_side() -> None:
    assert values_of(with_count("2026-03-01 @harvest.example", 2)) == {
        "2026-03-01 @harvest.example",
        "2026-03-01",
        "harvest.example",
    }


def test_values_of_a_cluster_are_those_it_is_told_by() -> None:
    told = cluster(40, ["203.0.113.7", "acct-7 @2026-03-01 10:00:00"])
    assert {"203.0.113.7", "acct-7", "2026-03-01 10:00:00"} < values_of(told)
