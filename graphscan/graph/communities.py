"""Communities of the pair graph: what Leiden proposes. The door to igraph.

Takes in tied pairs and gives out sets of accounts. Leiden runs on each connected component by itself, so that
strangers who sign up elsewhere change nothing (the modularity of a whole graph depends on everybody's ties).

Source: Traag, Waltman, van Eck, "From Louvain to Leiden", Scientific Reports 9 (2019),
doi:10.1038/s41598-019-41695-z.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from graphscan.errors import RunError
from graphscan.graph.pairs import Pairs

if TYPE_CHECKING:
    import igraph

RESOLUTIONS = (1.0, 4.0)
"""Resolutions at which each component is cut: the higher, the smaller the communities."""

ITERATIONS = 2
"""The next ones raise modularity by a ten-thousandth and take as long again."""


def pair_graph(pairs: Pairs) -> tuple[igraph.Graph, NDArray[np.int32]]:
    """The graph of tied pairs, edges weighted in bits, and the account of each vertex in rising order."""
    import igraph

    ids, ends = _numbered(pairs)
    graph = igraph.Graph(n=ids.size, edges=ends)
    graph.es["weight"] = pairs.weight.astype(float)
    return graph, ids


def _numbered(pairs: Pairs) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The paired accounts, rising, and each pair as two positions among them, shape (n_pairs, 2)."""
    if not np.isfinite(pairs.weight).all():
        # igraph's Leiden answers one NaN with singletons, and without a word.
        raise RunError("graph: a pair's weight is not finite", "this is a defect of a signal: report it")
    is_paired = np.zeros(int(pairs.r.max(initial=-1)) + 1, bool)
    is_paired[pairs.l] = is_paired[pairs.r] = True
    position = np.cumsum(is_paired, dtype=np.int32) - 1
    return np.flatnonzero(is_paired).astype(np.int32), np.stack([position[pairs.l], position[pairs.r]], 1)


def _components(pairs: Pairs) -> Iterator[Pairs]:
    """The pairs of each connected component, those of the smallest account first."""
    ids, ends = _numbered(pairs)
    tied = coo_array((np.ones(len(ends), bool), (ends[:, 0], ends[:, 1])), shape=(ids.size, ids.size))
    label = connected_components(tied, directed=False)[1]
    for inside in _alike(label[ends[:, 0]]):
        yield Pairs(pairs.l[inside], pairs.r[inside], pairs.weight[inside])


def _alike(label: NDArray[np.integer[Any]]) -> list[NDArray[np.int64]]:
    """The positions of each label, rising; labels in order, none empty."""
    order = np.argsort(label, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(label[order])) + 1)


def _cut(graph: igraph.Graph, resolution: float, seed: int) -> list[NDArray[np.int64]]:
    """The vertices of each Leiden community, rising."""
    import igraph

    igraph.set_random_number_generator(random.Random(seed))
    cut = graph.community_leiden(
        objective_function="modularity", weights="weight", resolution=resolution, n_iterations=ITERATIONS
    )
    return _alike(np.array(cut.membership))


def communities(pairs: Pairs, smallest: int, seed: int) -> list[NDArray[np.int32]]:
    """Components and their Leiden communities of `smallest` accounts or more: distinct, sorted sets."""
    if pairs.l.size == 0:
        return []
    found: dict[bytes, NDArray[np.int32]] = {}

    def keep(members: NDArray[np.int32]) -> None:
        if members.size >= smallest:
            found.setdefault(members.tobytes(), members)

    for component in _components(pairs):
        if component.l.size < smallest - 1:
            continue
        part, inside = pair_graph(component)
        keep(inside)
        for resolution in RESOLUTIONS:
            for community in _cut(part, resolution, seed):
                keep(inside[community])
    return sorted(found.values(), key=lambda s: (-s.size, int(s[0])))


def partition(pairs: Pairs, seed: int) -> list[NDArray[np.int32]]:
    """One cut of all paired accounts into communities, at the first resolution: sorted sets, none empty."""
    if pairs.l.size == 0:
        return []
    graph, ids = pair_graph(pairs)
    return [ids[community] for community in _cut(graph, RESOLUTIONS[0], seed)]
