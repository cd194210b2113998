"""Ties as a networkx graph, against brute force and hostile ids."""

from __future__ import annotations

import networkx as nx
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphscan.graph.export import layout, parts_of, to_networkx, weak_points

HOSTILE = ["\x1b[2J", "<script>", "a\x00b", 'x"y', "\ufffe", "00123"]


def pairs_of(ties: list[tuple[str, str]]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "account_id_l": [min(t) for t in ties],
            "account_id_r": [max(t) for t in ties],
            "weight": [25.0 + i for i in range(len(ties))],
            "signals": [["address"]] * len(ties),
        },
        schema={
            "account_id_l": pl.String,
            "account_id_r": pl.String,
            "weight": pl.Float64,
            "signals": pl.List(pl.String),
        },
    )


graphs = st.lists(
    st.tuples(st.sampled_from("abcdefg"), st.sampled_from("abcdefg")).filter(lambda t: t[0] != t[1]),
    min_size=1,
    unique_by=lambda t: (min(t), max(t)),
)


@given(graphs)
def test_weak_points_are_those_without_which_there_are_more_pieces(ties: list[tuple[str, str]]) -> None:
    graph = to_networkx(pairs_of(ties))
    pieces = nx.number_connected_components(graph)
    weak = weak_points(graph)
    for account in graph:
        less = graph.copy()
        less.remove_node(account)
        assert (account in weak.articulation_accounts) == (
            less.number_of_nodes() > 0 and nx.number_connected_components(less) > pieces
        )
    for account, n_parted in zip(weak.articulation_accounts, weak.n_parted, strict=True):
        together = graph.subgraph(nx.node_connected_component(graph, account) - {account})
        assert n_parted == len(together) - max(map(len, nx.connected_components(together)))
    assert list(weak.n_parted) == sorted(weak.n_parted, reverse=True)
    for a, b in graph.edges:
        less = graph.copy()
        less.remove_edge(a, b)
        is_bridge = nx.number_connected_components(less) > pieces
        assert ((min(a, b), max(a, b)) in weak.bridges) == is_bridge


def test_edges_carry_weight_and_signals() -> None:
    graph = to_networkx(pairs_of([("a", "b")]))
    assert graph.edges["a", "b"] == {"weight": 25.0, "signals": ["address"]}


@given(graphs)
def test_layout_is_in_the_unit_square_and_the_same_twice(ties: list[tuple[str, str]]) -> None:
    graph = to_networkx(pairs_of(ties))
    places = layout(graph)
    assert set(places) == set(graph)
    assert all(0.0 <= x <= 1.0 and 0.0 <= y <= 1.0 for x, y in places.values())
    assert layout(to_networkx(pairs_of(ties[::-1]))) == places


def test_parts_hold_every_account_once() -> None:
    ties = [(f"{side}{i}", f"{side}{j}") for side in "ab" for i in range(6) for j in range(i)] + [
        ("a0", "b0")
    ]
    parts = parts_of(pairs_of(ties))
    assert sorted(map(sorted, parts)) == [[f"{side}{i}" for i in range(6)] for side in "ab"]


def test_an_empty_graph_is_drawn_as_nothing() -> None:
    assert layout(nx.Graph()) == {}
    assert weak_points(nx.Graph()).articulation_accounts == ()


@pytest.mark.parametrize("n", [1, 30])
def test_pieces_that_nothing_ties_are_held_beside_one_another(n: int) -> None:
    graph = to_networkx(pairs_of([(f"a{i:02d}", f"b{i:02d}") for i in range(n)]))
    assert len(layout(graph)) == 2 * n
