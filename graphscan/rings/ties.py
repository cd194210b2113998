"""The ties of a ring that pictures draw, and the signals that make each.

Takes in a survey and rings and gives out rows of `pairs.parquet`. Ties only propose rings: these show what holds one
together.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from graphscan.graph.pairs import Pairs
from graphscan.graph.survey import Survey, proposing
from graphscan.graph.views import View
from graphscan.rings.certificate import Verdict
from graphscan.rings.evidence import Names

TIES_SHOWN = 6
"""Ties of an account that pictures draw at most, the heaviest."""

PAIRS: pl.Schema = pl.Schema(
    {
        "ring_id": pl.String(),
        "account_id_l": pl.String(),
        "account_id_r": pl.String(),
        "weight": pl.Float64(),
        "signals": pl.List(pl.String()),
    }
)


def drawn_ties(
    found: Survey, rings: Mapping[str, Verdict], names: Mapping[str, Names], ids: pl.Series
) -> pl.DataFrame:
    """The heaviest ties inside each ring, rows of `PAIRS`: by ring, then by account. `ids` are all accounts' ids."""
    if not rings:
        return pl.DataFrame(schema=PAIRS)
    drawn = {ring_id: _heaviest(found.ties, rings[ring_id].members) for ring_id in sorted(rings)}
    l = np.concatenate([d.l for d in drawn.values()])  # noqa: E741
    r = np.concatenate([d.r for d in drawn.values()])
    return pl.DataFrame(
        {
            "ring_id": np.repeat(list(drawn), [d.l.size for d in drawn.values()]),
            "account_id_l": ids.gather(l),
            "account_id_r": ids.gather(r),
            "weight": np.concatenate([d.weight for d in drawn.values()]).astype(np.float64).round(3),
            "signals": _signals(found, names, l, r),
        },
        schema=PAIRS,
    ).sort("ring_id", "account_id_l", "account_id_r")


def _heaviest(pairs: Pairs, members: NDArray[np.int32]) -> Pairs:
    """Pairs of members, sorted, that are among the heaviest of either end."""
    first, end = np.searchsorted(pairs.l, members), np.searchsorted(pairs.l, members, side="right")
    theirs = np.concatenate([np.arange(a, b) for a, b in zip(first, end, strict=True)])
    keep = theirs[np.isin(pairs.r[theirs], members)]
    order = keep[np.lexsort((pairs.r[keep], pairs.l[keep], -pairs.weight[keep]))]
    ends = np.searchsorted(members, np.stack([pairs.l[order], pairs.r[order]]))
    at = np.sort(order[_is_drawn(*ends, np.zeros(members.size, np.int64))])
    return Pairs(pairs.l[at], pairs.r[at], pairs.weight[at])


@njit(cache=True, nogil=True)
def _is_drawn(l: NDArray[np.int64], r: NDArray[np.int64], drawn: NDArray[np.int64]) -> NDArray[np.bool_]:  # noqa: E741
    """Which ties are drawn, in their order, where `drawn` counts those of each member."""
    chosen = np.zeros(l.size, np.bool_)
    for i in range(l.size):
        some, others = drawn[l[i]], drawn[r[i]]
        if min(some, others) < TIES_SHOWN and max(some, others) < 2 * TIES_SHOWN:
            chosen[i] = True
            drawn[l[i]] += 1
            drawn[r[i]] += 1
    return chosen


def _signals(
    found: Survey,
    names: Mapping[str, Names],
    l: NDArray[np.int32],  # noqa: E741
    r: NDArray[np.int32],
) -> pl.Series:
    """The signals of what the accounts of each pair both touch, in the views that propose: sorted by family."""
    told: list[str] = []
    shared: list[NDArray[np.bool_]] = []
    for family, views in found.views.items():
        view = proposing(views)
        signals, has = _signals_of_entities(view, names[family])
        told += signals
        shared.append(_shared(view.rows.ptr, view.rows.ent, has, l, r))
    # There are few such sets, and as many ties as members.
    known, which = np.unique(np.concatenate(shared, axis=1), axis=0, return_inverse=True)
    sets = [[told[k] for k in np.flatnonzero(row)] for row in known]
    return pl.Series(sets, dtype=PAIRS["signals"]).gather(which)


def _signals_of_entities(view: View, names: Names) -> tuple[list[str], NDArray[np.bool_]]:
    """The signals of a family, and which of them each folded entity stands for, shape (n_plain, n_signals)."""
    signals = names.entities["signal"].unique().sort()
    number = names.entities["signal"].cast(pl.Enum(signals)).to_physical().to_numpy()
    has = np.zeros((view.n_plain, signals.len()), np.bool_)
    is_there = view.fold >= 0
    has[view.fold[is_there], number[is_there]] = True
    return signals.to_list(), has


@njit(cache=True, nogil=True)
def _shared(
    ptr: NDArray[np.int64],
    ent: NDArray[np.int32],
    has: NDArray[np.bool_],
    l: NDArray[np.int32],  # noqa: E741
    r: NDArray[np.int32],
) -> NDArray[np.bool_]:
    """Whether the accounts of each pair share an entity of each signal, shape (n_pairs, n_signals)."""
    n_plain, n_signals = has.shape
    shared = np.zeros((l.size, n_signals), np.bool_)
    for i in range(l.size):
        a, b = ptr[l[i]], ptr[r[i]]
        while a < ptr[l[i] + 1] and b < ptr[r[i] + 1]:
            if ent[a] == ent[b] and ent[a] < n_plain:
                shared[i] |= has[ent[a]]
            step = ent[a] <= ent[b]
            b += ent[b] <= ent[a]
            a += step
    return shared
