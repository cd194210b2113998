"""A ring's ties for people and other programs: the door to networkx.

Takes in rows of `pairs.parquet` (account_id_l, account_id_r, weight, signals) and gives out a networkx
graph, the accounts that hold it together, and a layout for pictures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphscan.graph.communities import partition
from graphscan.graph.pairs import Pairs

if TYPE_CHECKING:
    import networkx as nx

SEED = 0
"""Of pictures: the same ties are always drawn alike."""


@dataclass(frozen=True)
class WeakPoints:
    """What a graph would fall apart without: ties (l < r), sorted, and accounts, first those without which most others
    are parted from the largest piece that is left; `n_parted` is how many, account by account."""

    bridges: tuple[tuple[str, str], ...]
    articulation_accounts: tuple[str, ...]
    n_parted: tuple[int, ...]


def to_networkx(pairs: pl.DataFrame) -> nx.Graph:
    """The ties as a graph: nodes are account ids, edges carry `weight` in bits and `signals`, a list of
    text."""
    import networkx as nx

    graph = nx.Graph()
    rows = pairs.sort("account_id_l", "account_id_r")
    for left, right, weight, signals in rows.select(
        "account_id_l", "account_id_r", "weight", "signals"
    ).iter_rows():
        graph.add_edge(left, right, weight=weight, signals=list(signals or ()))
    return graph


def weak_points(graph: nx.Graph) -> WeakPoints:
    """Bridges and articulation accounts: the blocks of one tie, and the accounts in more than one block.

    Source: Tarjan, "Depth-first search and linear graph algorithms", SIAM Journal on Computing 1, 1972,
    doi:10.1137/0201010.
    """
    import networkx as nx

    blocks = list(nx.biconnected_components(graph))
    parted = _parted(blocks)
    accounts = sorted(parted, key=lambda a: (-parted[a], a))
    return WeakPoints(
        tuple(sorted((min(block), max(block)) for block in blocks if len(block) == 2)),
        tuple(accounts),
        tuple(parted[a] for a in accounts),
    )


def _parted(blocks: Sequence[set[str]]) -> dict[str, int]:
    """Articulation account → how many are no longer in the largest piece of its component once it is gone, from the
    tree of blocks and articulation accounts."""
    import networkx as nx

    n_blocks = Counter(account for block in blocks for account in block)
    cuts = {account for account, n in n_blocks.items() if n > 1}
    tree = nx.Graph()
    inside: dict[str | int, int] = dict.fromkeys(cuts, 1)
    for number, block in enumerate(blocks):
        inside[number] = len(block - cuts)
        tree.add_edges_from((number, account) for account in block & cuts)
    parted = {}
    for component in nx.connected_components(tree):
        root = next(iter(component))
        above = nx.dfs_predecessors(tree, root)
        below = {node: inside[node] for node in component}
        for node in nx.dfs_postorder_nodes(tree, root):
            if node != root:
                below[above[node]] += below[node]
        for account in cuts & component:
            pieces = [below[node] for node in tree[account] if node != above.get(account)]
            pieces.append(below[root] - below[account])
            parted[account] = below[root] - 1 - max(pieces)
    return parted


def layout(graph: nx.Graph) -> dict[str, tuple[float, float]]:
    """Places in the unit square, tied nodes near one another; at most a few hundred nodes.

    Parts that nothing ties are held beside the largest by ties that are not drawn.

    Source: Fruchterman and Reingold, "Graph drawing by force-directed placement", Software: Practice and
    Experience 21, 1991, doi:10.1002/spe.4380211102.
    """
    import networkx as nx

    if graph.number_of_nodes() == 0:
        return {}
    held = nx.Graph()
    held.add_nodes_from(sorted(graph))
    held.add_edges_from((a, b) for a, b in sorted(tuple(sorted(e)) for e in graph.edges))
    parts = sorted(nx.connected_components(graph), key=lambda c: (-len(c), min(c)))
    middle = max(sorted(parts[0]), key=lambda v: graph.degree[v])
    for part in parts[1:]:
        held.add_edge(middle, max(sorted(part), key=lambda v: graph.degree[v]))
    found = nx.spring_layout(held, seed=SEED, iterations=120, k=1.6 / np.sqrt(len(held)))
    places = np.array(list(found.values()))
    low, span = places.min(axis=0), np.ptp(places, axis=0)
    scaled = (places - low) / np.where(span > 0, span, 1.0)
    return {v: (float(x), float(y)) for v, (x, y) in zip(found, scaled, strict=True)}


def parts_of(pairs: pl.DataFrame) -> list[list[str]]:
    """The tied accounts cut into communities, the largest first: what a large ring is drawn by."""
    ids = np.unique(np.concatenate([pairs["account_id_l"].to_numpy(), pairs["account_id_r"].to_numpy()]))
    left = np.searchsorted(ids, pairs["account_id_l"].to_numpy()).astype(np.int32)
    right = np.searchsorted(ids, pairs["account_id_r"].to_numpy()).astype(np.int32)
    weight = pairs["weight"].to_numpy().astype(np.float32)
    order = np.lexsort((np.maximum(left, right), np.minimum(left, right)))
    tied = Pairs(np.minimum(left, right)[order], np.maximum(left, right)[order], weight[order])
    return [
        [str(ids[i]) for i in part] for part in sorted(partition(tied, SEED), key=lambda p: (-p.size, p[0]))
    ]
