"""Communities: NetworkX sees the same components, strangers change nothing, a weight that is no number is an error."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphscan.errors import RunError
from graphscan.graph.communities import communities, pair_graph, partition
from graphscan.graph.pairs import Pairs


def pairs_from(edges: dict[tuple[int, int], float]) -> Pairs:
    """Sorted pairs with these weights."""
    keys = sorted(edges)
    return Pairs(
        np.array([a for a, _ in keys], np.int32),
        np.array([b for _, b in keys], np.int32),
        np.array([edges[k] for k in keys], np.float32),
    )


def blocks(n_blocks: int, size: int, seed: int, first: int = 0) -> dict[tuple[int, int], float]:
    """Dense blocks of accounts, a few ties between one and the next."""
    rng = np.random.default_rng(seed)
    edges = {}
    for b in range(n_blocks):
        for i in range(size):
            for j in range(i + 1, size):
                if rng.random() < 0.7:
                    edges[first + b * size + i, first + b * size + j] = float(rng.uniform(25, 40))
        if b:
            edges[first + (b - 1) * size, first + b * size] = 25.0
    return edges


@st.composite
def edge_lists(draw: st.DrawFn) -> dict[tuple[int, int], float]:
    pairs = st.tuples(st.integers(0, 30), st.integers(0, 30)).filter(lambda p: p[0] < p[1])
    return draw(st.dictionaries(pairs, st.floats(25, 60), min_size=1, max_size=60))


@given(edge_lists())
@settings(max_examples=60, deadline=None)
def test_components_and_communities_are_those_of_the_graph(edges: dict[tuple[int, int], float]):
    found = communities(pairs_from(edges), 3, seed=1)
    components = [sorted(c) for c in nx.connected_components(nx.Graph(edges.keys())) if len(c) >= 3]
    sets = [s.tolist() for s in found]
    assert all(c in sets for c in components)
    assert all(s == sorted(set(s)) and len(s) >= 3 for s in sets)
    assert len({tuple(s) for s in sets}) == len(sets)
    for s in sets:
        assert any(set(s) <= set(c) for c in components)
    assert [len(s) for s in sets] == sorted(map(len, sets), reverse=True)


def test_dense_blocks_come_out():
    sets = [s.tolist() for s in communities(pairs_from(blocks(4, 12, seed=3)), 4, seed=0)]
    for b in range(4):
        assert list(range(12 * b, 12 * b + 12)) in sets


def test_the_same_seed_gives_the_same_sets_and_any_seed_the_blocks():
    pairs = pairs_from(blocks(6, 15, seed=8))
    first = [s.tolist() for s in communities(pairs, 4, seed=5)]
    assert [s.tolist() for s in communities(pairs, 4, seed=5)] == first
    for seed in range(5):
        sets = [s.tolist() for s in communities(pairs, 4, seed=seed)]
        assert all(list(range(15 * b, 15 * b + 15)) in sets for b in range(6))


@pytest.mark.parametrize("strangers_first", [False, True])
def test_strangers_change_no_community(strangers_first: bool):
    """Other components, before or after in number, leave these sets as they are."""
    shift = 1000 if strangers_first else 0
    mine = {(a + shift, b + shift): w for (a, b), w in blocks(5, 10, seed=1).items()}
    others = blocks(30, 12, seed=2, first=100 if strangers_first else 500)
    alone = {tuple(s.tolist()) for s in communities(pairs_from(mine), 4, seed=0)}
    among = {tuple(s.tolist()) for s in communities(pairs_from(mine | others), 4, seed=0)}
    ids = {a for pair in mine for a in pair}
    assert {s for s in among if set(s) <= ids} == alone
    assert len(among) > len(alone)


def test_a_partition_covers_everybody_once():
    pairs = pairs_from(blocks(3, 8, seed=4))
    parts = partition(pairs, seed=0)
    everybody = np.concatenate(parts)
    assert np.sort(everybody).tolist() == np.unique(np.concatenate([pairs.l, pairs.r])).tolist()


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_a_weight_that_is_no_number_is_an_error(bad: float):
    edges = blocks(1, 6, seed=0)
    edges[next(iter(edges))] = bad
    for propose in (lambda p: communities(p, 3, 0), lambda p: partition(p, 0), pair_graph):
        with pytest.raises(RunError, match="weight is not finite"):
            propose(pairs_from(edges))


def test_so_it_is_in_a_part_too_small_to_be_proposed():
    edges = {**blocks(1, 6, seed=0), (100, 101): float("nan")}
    with pytest.raises(RunError, match="weight is not finite"):
        communities(pairs_from(edges), 4, 0)


def test_no_pairs_propose_nothing():
    empty = Pairs(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32))
    assert communities(empty, 4, 0) == []
    assert partition(empty, 0) == []
