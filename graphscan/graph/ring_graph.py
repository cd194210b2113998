"""The ties of rings as one igraph graph, for whoever computes on.

Takes in rows of `pairs.parquet` and `members.parquet`; gives out an undirected graph. Nothing here decides
anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    import igraph


def ring_graph(pairs: pl.DataFrame, members: pl.DataFrame) -> igraph.Graph:
    """Vertices are the members (`name` the account id, `rings` and `tiers` its rings), edges the drawn ties.

    Vertices stand in order of account id, edges in order of their ends; an edge has the `weight` in bits and
    the `signals` that make it. Two accounts that are together in two rings are tied once.
    """
    import igraph

    by_account = members.sort("account_id", "ring_id").group_by("account_id", maintain_order=True)
    accounts = by_account.agg("ring_id", "tier")
    ties = pairs.sort("account_id_l", "account_id_r", "ring_id").unique(
        ["account_id_l", "account_id_r"], keep="first", maintain_order=True
    )
    ids = accounts["account_id"].to_numpy()
    ends = [np.searchsorted(ids, ties[side].to_numpy()) for side in ("account_id_l", "account_id_r")]
    graph = igraph.Graph(n=ids.size, edges=np.stack(ends, 1))
    graph.vs["name"] = ids.tolist()
    graph.vs["rings"] = accounts["ring_id"].to_list()
    graph.vs["tiers"] = accounts["tier"].to_list()
    graph.es["weight"] = ties["weight"].to_list()
    graph.es["signals"] = ties["signals"].to_list()
    return graph
