"""A map of rings and who stands near them: the door to UMAP. It draws, and never decides.

Takes in who touched what, and gives out a place in the plane for each account on the map.

Source: McInnes, Healy, Melville, "UMAP: uniform manifold approximation and projection", 2018,
arXiv:1802.03426.
"""

from __future__ import annotations

import warnings

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.linalg import svds

OTHERS = 2_000
"""Accounts that are neither members nor neighbours and are drawn beside them at most, chosen by a hash."""

DIMENSIONS = 24
"""Directions that UMAP sees: the strongest of the touches."""

NEAR = 15
"""Accounts that UMAP keeps each account near to; more shows the whole, fewer the parts."""

FEWEST = 5
"""Accounts that make a map."""

SCHEMA = {"account_id": pl.String, "ring_id": pl.String, "x": pl.Float64, "y": pl.Float64}


def map_of(touched: pl.DataFrame, members: pl.DataFrame, near: pl.Series, seed: int = 0) -> pl.DataFrame:
    """Places of members, neighbours and some others: account_id, ring_id (null: in none), x, y, by account.

    `touched` has account_id, family, entity; `members` ring_id, account_id; `near` account ids. Who touches
    nothing that another account on the map touches has no place. Fewer than five accounts make no map.
    """
    rings = members.sort("ring_id").unique("account_id", keep="first").select("account_id", "ring_id")
    drawn = _drawn(touched["account_id"].unique(), rings, near)
    places = _weighed(touched, drawn)
    ids = places["account_id"].unique().sort()
    if len(ids) < FEWEST or rings.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    at = _umap(_directions(places, ids, seed), seed)
    found = pl.DataFrame({"account_id": ids, "x": at[:, 0], "y": at[:, 1]})
    mapped = found.join(rings, on="account_id", how="left", maintain_order="left")
    return mapped.select(list(SCHEMA)).cast(SCHEMA)  # type: ignore[arg-type]


def _drawn(everybody: pl.Series, rings: pl.DataFrame, near: pl.Series) -> pl.Series:
    """The accounts on the map: members, neighbours, and as many others as there are members."""
    wanted = pl.concat([rings["account_id"], near]).unique()
    others = everybody.filter(~everybody.is_in(wanted.implode())).sort()
    ranked = others.gather(others.hash(seed=7).arg_sort()).head(min(OTHERS, len(rings)))
    return pl.concat([wanted, ranked])


def _weighed(touched: pl.DataFrame, drawn: pl.Series) -> pl.DataFrame:
    """account_id, key (of the entity), weight: rare entities weigh more, an account's families all alike."""
    n_log = touched["account_id"].n_unique()
    here = touched.with_columns(users=pl.len().over("family", "entity")).filter(
        pl.col("account_id").is_in(drawn.implode())
    )
    return (
        here.filter(pl.len().over("family", "entity") > 1)
        .with_columns(weight=(n_log / pl.col("users")).log(2))
        .filter(pl.col("weight") > 0.0)
        .with_columns(
            weight=pl.col("weight") / (pl.col("weight") ** 2).sum().over("account_id", "family").sqrt()
        )
        .with_columns(key=pl.struct("family", "entity").rank("dense").cast(pl.Int64) - 1)
        .select("account_id", "key", "weight")
        .sort("account_id", "key")
    )


def _directions(places: pl.DataFrame, ids: pl.Series, seed: int) -> NDArray[np.float64]:
    """The strongest directions of the touches, shape (n_accounts, at most DIMENSIONS)."""
    row = ids.search_sorted(places["account_id"]).to_numpy()
    key = places["key"].to_numpy()
    shape = (len(ids), int(key.max()) + 1)
    matrix = csr_array((places["weight"].to_numpy(), (row, key)), shape=shape)
    k = min(DIMENSIONS, min(shape) - 1)
    if k < 2:
        return np.asarray(matrix.todense())
    start = np.random.default_rng(seed).random(min(shape))
    left, strength, _ = svds(matrix, k=k, v0=start)
    return np.asarray(left * strength)


def _umap(directions: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Places in the plane, shape (n_accounts, 2)."""
    # Principal components need two directions, and accounts that differ.
    in_plane = directions.shape[1] > 1 and bool(np.ptp(directions, axis=0).any())
    with warnings.catch_warnings():
        # Its own remarks on threads and on accounts that nothing ties are no news: the map is for the eye.
        warnings.simplefilter("ignore")
        from umap import UMAP

        reducer = UMAP(
            n_neighbors=min(NEAR, len(directions) - 1),
            init="pca" if in_plane else "random",
            random_state=seed,
            n_jobs=1,
            min_dist=0.3,
        )
        return np.asarray(reducer.fit_transform(directions.astype(np.float32)), float)
