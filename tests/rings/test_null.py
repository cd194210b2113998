"""The permuted null finds nothing, whatever each family's inner structure."""

from __future__ import annotations

import numpy as np
import polars as pl

from graphscan.graph.rows import Incidences
from graphscan.graph.strata import strata_of
from graphscan.graph.survey import Survey, survey
from graphscan.rings.find import courts
from graphscan.rings.null import curve, permuted, permuted_null

N = 400
RING = np.arange(40, dtype=np.int32)


def planted() -> Survey:
    """Forty of 400 accounts share ten entities in each of two families; the others touch at random."""
    dice = np.random.default_rng(1)
    families = []
    for family in ("network", "prompt"):
        ring = [(a, e) for a in RING.tolist() for e in range(10)]
        rest = [(a, int(e)) for a in range(40, N) for e in dice.integers(10, 300, 5)]
        pairs = np.unique(np.array(ring + rest, np.int32), axis=0)
        families.append(
            Incidences(
                family, N, pairs[:, 0], pairs[:, 1], np.full(len(pairs), 2, np.int8), np.zeros(300, np.int16)
            )
        )
    return survey(families, strata_of(np.full(N, 8), np.zeros(N, np.int32), np.zeros(N, bool)))


def test_a_ring_that_certifies_is_gone_when_the_accounts_are_laid_anew() -> None:
    found = planted()
    assert courts(found).certify.judge(RING).bits > 50
    laid = permuted(found, np.random.default_rng(2))
    assert courts(laid).certify.judge(RING).bits < 0


def test_laying_anew_keeps_every_entity_as_large_as_it_was() -> None:
    found = planted()
    laid = permuted(found, np.random.default_rng(3))
    for family, views in found.views.items():
        for before, after in zip(views, laid.views[family], strict=True):
            assert np.array_equal(before.rows.n_users, after.rows.n_users)
            assert not np.array_equal(before.rows.users, after.rows.users)


def test_the_null_has_no_bits_and_is_the_same_twice() -> None:
    found = planted()
    null = permuted_null(found, 3, seed=5)
    assert null.equals(permuted_null(found, 3, seed=5))
    assert null["n_proposals"].min() > 0
    assert null["best_bits"].max() < 1
    told = curve(null)
    assert told.filter(pl.col("share") > pl.col("bound")).is_empty()
