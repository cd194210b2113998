"""Pairs: every linked pair's weight is exact, hubs cost what their incidences cost, small entities link all."""

from __future__ import annotations

import itertools
from collections import defaultdict
from math import log2

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from made import incidences, structured

from graphscan.graph.folding import folded
from graphscan.graph.pairs import (
    FAMILY_CAP,
    MIN_WEIGHT,
    NEIGHBOURS,
    Pairs,
    linked,
    neighbours,
    pairs_of,
    rarity,
    shared_bits,
    tied_inside,
    tied_pairs,
)
from graphscan.graph.rows import Rows, rows_of, with_clusters


def rows_from(users: list[list[int]], n_accounts: int) -> Rows:
    """Rows as they are, nothing folded."""
    made = incidences(users, n_accounts)
    return rows_of(made.account, made.entity, n_accounts, len(users))


def weights(rows: Rows) -> dict[tuple[int, int], float]:
    """What every pair of accounts shares, by going through all of them."""
    out: dict[tuple[int, int], float] = defaultdict(float)
    for e in range(rows.n_entities):
        users = rows.users[rows.eptr[e] : rows.eptr[e + 1]].tolist()
        for pair in itertools.combinations(users, 2):
            out[pair] += log2(rows.n_accounts / len(users))
    return out


def as_dict(pairs: Pairs) -> dict[tuple[int, int], float]:
    return {(int(a), int(b)): float(w) for a, b, w in zip(pairs.l, pairs.r, pairs.weight, strict=True)}


@given(structured(12, most_entities=15))
@settings(max_examples=100, deadline=None)
def test_in_small_rows_all_pairs_are_linked_and_weigh_what_they_share(users: list[list[int]]):
    """An entity of nine users or fewer links them all; here all do, and nothing is too common among 400."""
    rows = rows_from([[33 * a for a in u if a < NEIGHBOURS + 1] for u in users], 400)
    expected = {pair: w for pair, w in weights(rows).items() if w > 0}
    found = as_dict(pairs_of(rows))
    assert found.keys() == expected.keys()
    assert all(found[p] == pytest.approx(expected[p], abs=1e-3) for p in found)
    assert list(found) == sorted(found)
    assert all(a < b for a, b in found)


def test_every_linked_pair_of_large_entities_weighs_exactly_what_it_shares():
    rng = np.random.default_rng(2)
    users = [sorted(rng.choice(3000, int(n), replace=False).tolist()) for n in rng.integers(2, 200, 120)]
    rows = rows_from(users, 3000)
    expected = weights(rows)
    found = as_dict(pairs_of(rows))
    assert len(found) > 5000
    assert all(found[p] == pytest.approx(expected[p], abs=1e-3) for p in found)


@pytest.mark.parametrize("n_users", [10_000, 100_000])
def test_a_hub_costs_what_its_incidences_cost(n_users: int):
    """Each user is linked to a few, all in one piece, nobody to more than twice as many."""
    n_accounts = 20 * n_users
    users = np.arange(0, n_accounts, 20, dtype=np.int32)
    rows = rows_of(users, np.zeros(n_users, np.int32), n_accounts, 1)
    keys = linked(rows)
    assert keys.size == NEIGHBOURS * n_users - NEIGHBOURS * (NEIGHBOURS + 1) // 2
    ends = np.concatenate([keys // n_accounts, keys % n_accounts])
    degrees = np.unique(ends, return_counts=True)[1]
    assert degrees.size == n_users
    assert degrees.min() >= NEIGHBOURS and degrees.max() == 2 * NEIGHBOURS
    if n_users == 10_000:
        graph = nx.Graph(zip((keys // n_accounts).tolist(), (keys % n_accounts).tolist(), strict=True))
        assert nx.is_connected(graph)


def test_hubs_of_nearly_the_same_users_and_hubs_of_two_families_link_other_pairs():
    """Of two hubs with the same first user and size, and of one hub in two families, hardly a pair is linked twice."""
    hub = list(range(0, 8000, 20))
    alike = [*hub[:-1], hub[-1] + 1]
    first, second = (set(linked(rows_from([h], 8000), family="prompt").tolist()) for h in (hub, alike))
    other = set(linked(rows_from([hub], 8000), family="payment").tolist())
    assert len(first) == len(second) == len(other) > 3000
    assert len(first & second) < 0.1 * len(first)
    assert len(first & other) < 0.1 * len(first)


def test_what_an_eighth_of_the_accounts_touch_links_nobody():
    rows = rows_from([list(range(13)), [0, 50], [1, 2]], 100)
    assert rarity(rows).tolist() == pytest.approx([log2(100 / 13), log2(50), log2(50)], abs=1e-5)
    found = as_dict(pairs_of(rows))
    # The common entity links nobody, but counts for whom another entity links.
    assert found.keys() == {(0, 50), (1, 2)}
    assert found[1, 2] == pytest.approx(log2(50) + log2(100 / 13), abs=1e-3)


def test_a_tie_needs_two_families_however_much_one_shares():
    many = rows_from([[3, 4]] * 30, 10_000)
    assert as_dict(tied_pairs({"prompt": many})) == {}
    card = rows_from([[3, 4], [5, 6]], 10_000)
    found = as_dict(tied_pairs({"payment": card, "prompt": many}))
    assert found == {(3, 4): pytest.approx(FAMILY_CAP + log2(5000), abs=1e-3)}
    assert min(found.values()) >= MIN_WEIGHT
    assert tied_pairs({}).l.size == 0


def test_pairs_are_linked_by_any_family_and_weighed_by_all():
    """A hub links a pair in one family; the other family adds what the two share there, though both are hubs."""
    rng = np.random.default_rng(0)
    hubs = {f: sorted(rng.choice(100_000, 60, replace=False).tolist()) for f in "ab"}
    families = {f: rows_from([hub, [7, 8]], 100_000) for f, hub in hubs.items()}
    found = as_dict(tied_pairs(families, min_weight=1.0))
    expected = {f: weights(rows) for f, rows in families.items()}
    for pair, weight in found.items():
        whole = sum(min(expected[f].get(pair, 0.0), FAMILY_CAP) for f in "ab")
        assert weight == pytest.approx(whole, abs=1e-3)


def test_row_order_and_a_copy_of_strangers_change_no_pair():
    rng = np.random.default_rng(4)
    users = [sorted(rng.choice(50, int(n), replace=False).tolist()) for n in rng.integers(2, 9, 40)]
    once = as_dict(pairs_of(rows_from(users, 400)))
    turned = as_dict(pairs_of(rows_from(users[::-1], 400)))
    beside = as_dict(pairs_of(rows_from(users + [[a + 100 for a in u] for u in users], 400)))
    assert once.keys() == turned.keys()
    assert all(turned[p] == pytest.approx(w, abs=1e-3) for p, w in once.items())
    assert beside == once | {(a + 100, b + 100): w for (a, b), w in once.items()}


def test_folding_keeps_every_linked_pair():
    """Copies weigh nothing after folding; the pairs are the same."""
    users = [[0, 1, 2], [3, 4], [5, 6, 7, 8]]
    once, thrice = (folded(incidences(u, 100), None)[0] for u in (users, users * 3))
    assert as_dict(pairs_of(once)) == as_dict(pairs_of(thrice))


def test_tied_inside_are_the_accounts_of_a_cluster_that_are_tied_to_one_another():
    rows = with_clusters(
        rows_from([[0, 9]], 20), [np.arange(4, dtype=np.int32), np.arange(3, 8, dtype=np.int32)]
    )
    l, r = np.array([0, 0, 3, 4, 8], np.int32), np.array([1, 9, 4, 7, 9], np.int32)  # noqa: E741
    tied = tied_inside(rows, 1, *neighbours(Pairs(l, r, np.ones(5, np.float32)), 20))
    assert [tied.indices[a:b].tolist() for a, b in itertools.pairwise(tied.indptr)] == [[0, 1], [3, 4, 7]]


def test_shared_bits_of_who_shares_nothing_are_zero():
    rows = rows_from([[0, 1], [2, 3]], 10)
    assert shared_bits(rows, np.array([0 * 10 + 2, 1 * 10 + 3], np.int64)).tolist() == [0.0, 0.0]
