"""A family's own clusters: the accounts that one family puts together by itself, as further entities of it.

Names are what descriptions cost: sixty pool addresses at fifteen bits each say what "that pool" says in twelve. Takes
in the compressed rows of one view and gives out sets of accounts: every node of HDBSCAN's condensed tree on the
view's own pairs.

The pairs form a forest, not one tree, and the library takes connected graphs only: mutual reachability and its
spanning forest are made here, the trees are joined end to end beyond every real distance, and the library condenses
the hierarchy. Its public `fit` is not called: it copies sparse distances through Python lists, and its union-find
walks ever longer chains, minutes at a million accounts. A test holds both to the same tree.

Source: Campello, Moulavi, Sander, "Density-based clustering based on hierarchical density estimates", PAKDD 2013,
doi:10.1007/978-3-642-37456-2_14; McInnes, Healy, Astels, "hdbscan", JOSS 2 (2017), doi:10.21105/joss.00205.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from graphscan.graph.pairs import Pairs, pairs_of
from graphscan.graph.rows import Rows

NEIGHBOURS = 5
"""Accounts that each user of an entity is linked to: as many as tell a density. More cost more, and put together no
more (`graphscan.graph.pairs` links more, so that ties of several families meet in one pair)."""

MIN_SHARED = 4.0
"""Bits that two accounts must share in the family to be a pair of its forest."""

MIN_SAMPLES = 4
"""Neighbours within which an account's density is measured: turning it up ignores chains of single ties."""

MIN_SIZE = 4
"""Accounts from which a node of the tree is a cluster."""

MAX_SHARE = 0.1
LARGEST = 20_000
"""Nodes with more than this share of all accounts are no clusters but the trunk; with more than so many accounts they
say little of any set that may be a ring."""

SHRINK = 0.95
"""A node inside a kept one is kept only below this share of its size, so that chains of near copies cost little."""

JOINT = 10.0
"""The distance at which trees are joined; real ones are at most 1 / MIN_SHARED."""


def own_clusters(rows: Rows, family: str) -> list[NDArray[np.int32]]:
    """Sets of accounts that one view puts together, each sorted; the largest first, then by smallest account."""
    return clusters_of(pairs_of(rows, MIN_SHARED, family, NEIGHBOURS), rows.n_accounts)


def clusters_of(pairs: Pairs, n_accounts: int, shrink: float = SHRINK) -> list[NDArray[np.int32]]:
    """Sets of accounts at every density of any weighted pairs, each sorted; the largest first.

    Of nested sets those are left out that have more than the share `shrink` of the next larger one.
    """
    if pairs.l.size < MIN_SIZE:
        return []
    ids, forest = _spanning_forest(pairs)
    if ids.size < 2 * MIN_SIZE:
        # Too few for a tree with two branches: what there is are components.
        _, label = connected_components(forest, directed=False)
        parts = [ids[label == c] for c in range(int(label.max(initial=-1)) + 1)]
        return [p for p in parts if MIN_SIZE <= p.size <= _most(n_accounts)]
    return _nodes(ids, forest, n_accounts, shrink)


def _most(n_accounts: int) -> float:
    return min(MAX_SHARE * n_accounts, LARGEST)


def _spanning_forest(pairs: Pairs) -> tuple[NDArray[np.int32], coo_array]:
    """The accounts in any pair, and the spanning forest of mutual reachability over their positions.

    Kruskal's, on what pairs share and not on distances: no copy of the pairs in double precision is ever made.
    """
    paired = np.zeros(int(pairs.r.max()) + 1, bool)
    paired[pairs.l] = paired[pairs.r] = True
    ids = np.flatnonzero(paired).astype(np.int32)
    position = np.cumsum(paired, dtype=np.int32) - 1
    core = _core(pairs.l, pairs.r, pairs.weight, paired.size, MIN_SAMPLES)
    reach = np.minimum(core[pairs.l], core[pairs.r])
    np.minimum(reach, pairs.weight, out=reach)
    edges = _kruskal(pairs.l, pairs.r, _falling(reach.view(np.uint32)), paired.size)
    ends = position[pairs.l[edges]], position[pairs.r[edges]]
    return ids, coo_array((1.0 / reach[edges].astype(np.float64), ends), shape=(ids.size, ids.size))


@njit(cache=True, nogil=True)
def _core(
    l: NDArray[np.int32],  # noqa: E741
    r: NDArray[np.int32],
    weight: NDArray[np.float32],
    n: int,
    k: int,
) -> NDArray[np.float32]:
    """The weight of each account's k-th best pair, or of its worst where it has fewer; shape (n,)."""
    best = np.zeros((n, k), np.float32)  # of each account, falling
    for x in range(l.size):
        for account in (l[x], r[x]):
            w = weight[x]
            if w <= best[account, k - 1]:
                continue
            i = k - 1
            while i > 0 and best[account, i - 1] < w:
                best[account, i] = best[account, i - 1]
                i -= 1
            best[account, i] = w
    core = np.zeros(n, np.float32)
    for account in range(n):
        for i in range(k):
            if best[account, i] > 0:
                core[account] = best[account, i]
    return core


@njit(cache=True, nogil=True)
def _falling(bits: NDArray[np.uint32]) -> NDArray[np.int64]:
    """The order of positive floats, given by their bits, the largest first and ties as they stand.

    Positive floats are in the order of their bits: two counting sorts of half of the bits each, where comparing takes
    ten times as long.
    """
    half = np.uint32(0xFFFF)
    low = np.zeros(half + 2, np.int64)
    high = np.zeros(half + 2, np.int64)
    for x in bits:
        low[(~x & half) + 1] += 1
        high[(~x >> np.uint32(16)) + 1] += 1
    for k in range(half + 1):
        low[k + 1] += low[k]
        high[k + 1] += high[k]
    by_low = np.empty(bits.size, np.int64)
    for i in range(bits.size):
        k = ~bits[i] & half
        by_low[low[k]] = i
        low[k] += 1
    order = np.empty(bits.size, np.int64)
    for place in by_low:
        k = ~bits[place] >> np.uint32(16)
        order[high[k]] = place
        high[k] += 1
    return order


@njit(cache=True, nogil=True)
def _kruskal(
    l: NDArray[np.int32],  # noqa: E741
    r: NDArray[np.int32],
    order: NDArray[np.int64],
    n: int,
) -> NDArray[np.int64]:
    """The pairs, taken in that order, that join what was apart."""
    above = np.arange(n)
    out = np.empty(n, np.int64)
    m = 0
    for x in order:
        a, b = np.int64(l[x]), np.int64(r[x])
        while above[a] != a:
            above[a] = above[above[a]]
            a = above[a]
        while above[b] != b:
            above[b] = above[above[b]]
            b = above[b]
        if a != b:
            above[a] = b
            out[m] = x
            m += 1
    return out[:m]


@njit(cache=True, nogil=True)
def _hierarchy(
    row: NDArray[np.int32], col: NDArray[np.int32], length: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The tree's merges in the order of its edges, rising: both parts, distance, size; shape (n_edges, 4).

    Points are 0 … n_edges, the part that merge i makes is n_edges + 1 + i, as in `scipy.cluster.hierarchy.linkage`.
    """
    n = row.size + 1
    above = np.full(2 * n - 1, -1, np.int64)
    size = np.ones(2 * n - 1, np.int64)
    out = np.empty((n - 1, 4))
    for i in range(n - 1):
        ends = (row[i], col[i])
        for side in range(2):
            part = np.int64(ends[side])
            while above[part] >= 0:
                if above[above[part]] >= 0:
                    above[part] = above[above[part]]
                part = above[part]
            out[i, side] = part
        a, b = np.int64(out[i, 0]), np.int64(out[i, 1])
        above[a] = above[b] = n + i
        size[n + i] = size[a] + size[b]
        out[i, 2] = length[i]
        out[i, 3] = size[n + i]
    return out


def _nodes(
    ids: NDArray[np.int32], forest: coo_array, n_accounts: int, shrink: float
) -> list[NDArray[np.int32]]:
    """The nodes of the condensed tree that are clusters."""
    from hdbscan._hdbscan_tree import condense_tree

    n = ids.size
    n_trees, tree = connected_components(forest, directed=False)
    first = np.full(n_trees, n)
    np.minimum.at(first, tree, np.arange(n))
    row = np.concatenate([forest.row, first[:-1]])
    col = np.concatenate([forest.col, first[1:]])
    length = np.concatenate([forest.data, np.full(n_trees - 1, JOINT)])
    order = np.argsort(length, kind="stable")
    condensed = condense_tree(_hierarchy(row[order], col[order], length[order]), MIN_SIZE)
    return [ids[node] for node in _sets(condensed, n, _most(n_accounts), shrink)]


def _sets(condensed: NDArray[np.void], n: int, most: float, shrink: float) -> list[NDArray[np.int64]]:
    """Points under each node that is a cluster: not a join of trees, not the trunk, not nearly its parent.

    Equal distances merge in any order, so the tree splits where nothing parts: a node holds what stays with it beyond
    its birth, one that splits at its birth is none, and a lone child is what its parent goes on as.
    """
    parent, child, leaves_at = condensed["parent"] - n, condensed["child"], condensed["lambda_val"]
    n_nodes = int(parent.max()) + 1
    is_node = child >= n
    above = np.full(n_nodes, -1, np.int64)
    above[child[is_node] - n] = parent[is_node]
    birth = np.full(n_nodes, 1.0 / JOINT)
    birth[child[is_node] - n] = np.maximum(leaves_at[is_node], 1.0 / JOINT)
    at_birth = leaves_at <= birth[parent] * 1.000001
    splits_at_birth = np.zeros(n_nodes, bool)
    splits_at_birth[parent[is_node & at_birth]] = True
    own_points = np.bincount(parent[~is_node], minlength=n_nodes)
    lost = np.bincount(parent[~is_node & at_birth], minlength=n_nodes)
    size = own_points.copy()
    for node in range(n_nodes - 1, 0, -1):  # children have higher numbers than their parents
        size[above[node]] += size[node]
    start = np.zeros(n_nodes, np.int64)
    filled = own_points.astype(np.int64)
    for node in range(1, n_nodes):
        p = above[node]
        start[node] = start[p] + filled[p]
        filled[p] += size[node]
    place = start.copy()
    points = np.empty(int(size[0]), np.int64)
    order = np.argsort(~at_birth[~is_node], kind="stable")  # what a node loses at its birth comes first
    for p, c in zip(parent[~is_node][order].tolist(), child[~is_node][order].tolist(), strict=True):
        points[place[p]] = c
        place[p] += 1
    real = ~splits_at_birth & (size - lost >= MIN_SIZE)
    holder = np.full(n_nodes, -1, np.int64)
    twins: dict[tuple[int, float], list[int]] = {}
    for node in range(n_nodes):
        if node:
            holder[node] = above[node] if real[above[node]] else holder[above[node]]
        if real[node]:
            twins.setdefault((int(holder[node]), float(np.float32(birth[node]))), []).append(node)
    for (parent_of, _), nodes in twins.items():
        if len(nodes) == 1 and parent_of >= 0:
            real[nodes] = False
    kept_size = np.full(n_nodes, np.inf)
    out = []
    for node in range(n_nodes):
        limit = kept_size[above[node]] if above[node] >= 0 else np.inf
        held = size[node] - lost[node]
        if real[node] and held <= min(most, shrink * limit):
            out.append(np.sort(points[start[node] + lost[node] : start[node] + size[node]]))
            limit = held
        kept_size[node] = limit
    return sorted(out, key=lambda s: (-s.size, int(s[0])))
