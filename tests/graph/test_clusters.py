"""Own clusters against their definition: every component at every density, equal distances merging at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphscan.graph.clusters import MAX_SHARE, MIN_SAMPLES, MIN_SIZE, clusters_of, own_clusters
from graphscan.graph.pairs import Pairs
from graphscan.graph.rows import rows_of

Edges = dict[tuple[int, int], float]
N_ACCOUNTS = 1000


def pairs_from(edges: Edges) -> Pairs:
    keys = sorted((min(k), max(k)) for k in edges)
    weight = {(min(k), max(k)): w for k, w in edges.items()}
    return Pairs(
        np.array([a for a, _ in keys], np.int32),
        np.array([b for _, b in keys], np.int32),
        np.array([weight[k] for k in keys], np.float32),
    )


def clique(ids: Iterable[int], weight: float) -> Edges:
    ids = list(ids)
    return {(a, b): weight for i, a in enumerate(ids) for b in ids[i + 1 :]}


def sets_of(edges: Edges, n_accounts: int = N_ACCOUNTS, shrink: float = 1.0) -> set[tuple[int, ...]]:
    return {tuple(s.tolist()) for s in clusters_of(pairs_from(edges), n_accounts, shrink)}


def by_definition(edges: Edges) -> set[tuple[int, ...]]:
    """Single linkage on mutual reachability, condensed.

    The components of `MIN_SIZE` or more; and, where a set falls apart as the distance shrinks into two or more parts of
    that size, those parts, and so on inside each. What falls off in smaller parts is lost to no new set.
    """
    near: dict[int, dict[int, float]] = defaultdict(dict)
    for (a, b), w in edges.items():
        near[a][b] = near[b][a] = 1.0 / float(np.float32(w))
    core = {a: sorted(d.values())[min(MIN_SAMPLES, len(d)) - 1] for a, d in near.items()}

    def parts(nodes: frozenset[int], below: float) -> list[frozenset[int]]:
        left, out = set(nodes), []
        while left:
            todo = [left.pop()]
            part = set(todo)
            while todo:
                a = todo.pop()
                for b, d in near[a].items():
                    if b in left and max(d, core[a], core[b]) < below:
                        left.discard(b)
                        part.add(b)
                        todo.append(b)
            out.append(frozenset(part))
        return out

    found: set[frozenset[int]] = set()

    def inside(nodes: frozenset[int]) -> None:
        found.add(nodes)
        lengths = {max(d, core[a], core[b]) for a in nodes for b, d in near[a].items()}
        for below in sorted(lengths, reverse=True):
            large = [p for p in parts(nodes, below) if len(p) >= MIN_SIZE]
            if len(large) > 1:
                for part in large:
                    inside(part)
                return
            if not large:
                return
            nodes = large[0]

    for component in parts(frozenset(near), np.inf):
        if len(component) >= MIN_SIZE:
            inside(component)
    return {tuple(sorted(s)) for s in found}


@st.composite
def graphs(draw: st.DrawFn, n: int = 24) -> Edges:
    """Graphs of up to `n` accounts: weights all distinct, or of a few values, so that ties abound."""
    pairs = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] < p[1])
    weights = draw(st.sampled_from([st.floats(4, 12, width=32), st.sampled_from([4.0, 5.0, 8.0])]))
    edges = draw(st.dictionaries(pairs, weights, min_size=4, max_size=50))
    for _ in range(draw(st.integers(0, 2))):
        ids = draw(st.lists(st.integers(0, n - 1), min_size=4, max_size=7, unique=True))
        edges |= {(min(p), max(p)): w for p, w in clique(ids, draw(weights)).items()}
    return edges


@given(graphs())
@settings(max_examples=300, deadline=None)
def test_clusters_are_the_components_at_every_density(edges: Edges):
    assert sets_of(edges) == by_definition(edges)


@given(graphs(), st.permutations(range(24)))
@settings(max_examples=60, deadline=None)
def test_names_of_the_accounts_change_no_cluster(edges: Edges, names: list[int]):
    renamed = {(names[a], names[b]): w for (a, b), w in edges.items()}
    assert {tuple(sorted(names[a] for a in s)) for s in sets_of(edges)} == sets_of(renamed)


@given(graphs(), graphs())
@settings(max_examples=60, deadline=None)
def test_strangers_change_no_cluster(mine: Edges, others: Edges):
    beside = mine | {(a + 100, b + 100): w for (a, b), w in others.items()}
    assert {s for s in sets_of(beside) if s[0] < 100} == sets_of(mine)


def test_whole_components_among_many_small_ones_are_kept():
    """Ten cliques of six, each of its own density, and two hundred pairs: the joins of trees lose nobody."""
    numbers = np.random.default_rng(0).permutation(900).tolist()
    cliques = [numbers[6 * k : 6 * k + 6] for k in range(10)]
    edges: Edges = {}
    for k, ids in enumerate(cliques):
        edges |= clique(ids, 10.0 + k)
    edges |= {(numbers[60 + 2 * k], numbers[61 + 2 * k]): 8.0 for k in range(200)}
    assert sets_of(edges) == {tuple(sorted(ids)) for ids in cliques}


def test_a_hub_whose_pairs_are_alike_is_one_cluster():
    rng = np.random.default_rng(1)
    users = np.sort(rng.choice(20_000, 500, replace=False)).astype(np.int32)
    rows = rows_of(users, np.zeros(500, np.int32), 20_000, 1)
    assert [s.tolist() for s in own_clusters(rows, "network")] == [users.tolist()]


def test_the_denser_core_of_a_cluster_is_one_too_beside_another():
    """A loose set of 16 with two dense cores of 6: three clusters."""
    edges = clique(range(16), 4.0) | clique(range(6), 10.0) | clique(range(8, 14), 9.0)
    assert sets_of(edges) == {tuple(range(16)), tuple(range(6)), tuple(range(8, 14))}


@pytest.mark.parametrize("n", [4, 5, 7, 8, 40])
def test_a_lone_component_is_a_cluster_unless_it_is_the_trunk(n: int):
    assert sets_of(clique(range(n), 9.0)) == {tuple(range(n))}
    assert sets_of(clique(range(n), 9.0), n_accounts=int(n / MAX_SHARE) - 1) == set()
    assert sets_of(clique(range(MIN_SIZE - 1), 9.0)) == set()


def test_nested_sets_of_nearly_the_same_size_are_left_out():
    edges = clique(range(40), 4.0) | clique(range(18), 9.0) | clique(range(20, 38), 8.0)
    assert sets_of(edges) == {tuple(range(40)), tuple(range(18)), tuple(range(20, 38))}
    assert sets_of(edges, shrink=0.4) == {tuple(range(40))}


def test_the_largest_come_first():
    sizes = [
        s.size for s in clusters_of(pairs_from(clique(range(9), 5.0) | clique(range(50, 64), 6.0)), 1000)
    ]
    assert sizes == [14, 9]


def test_the_trees_are_those_of_the_library_s_public_face():
    """On one connected piece `HDBSCAN.fit` condenses the same hierarchy."""
    import hdbscan
    from scipy.sparse import coo_matrix

    from graphscan.graph.clusters import _sets, _spanning_forest

    for seed in range(5):
        dice = np.random.default_rng(seed)
        edges = {(i, i + 1): float(dice.uniform(4, 6)) for i in range(79)}
        for a, b in dice.integers(0, 80, (240, 2)).tolist():
            if a != b:
                edges[(min(a, b), max(a, b))] = float(dice.uniform(4, 30))
        ids, forest = _spanning_forest(pairs_from(edges))
        ends = (np.r_[forest.row, forest.col], np.r_[forest.col, forest.row])
        joined = coo_matrix((np.tile(forest.data, 2), ends), shape=(80, 80)).tocsr()
        fit = hdbscan.HDBSCAN(metric="precomputed", min_samples=1, min_cluster_size=MIN_SIZE).fit(joined)
        theirs = _sets(fit.condensed_tree_.to_numpy(), 80, MAX_SHARE * N_ACCOUNTS, 1.0)
        assert {tuple(ids[s].tolist()) for s in theirs} == sets_of(edges)
