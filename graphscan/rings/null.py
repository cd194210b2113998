"""The permuted null: what is found where nothing is coordinated.

Takes in the survey of a run and gives out, for each permutation, the best bits of any set. In every view of every
family the accounts that the view makes alike are laid anew on its rows, own clusters with them, so that each family
keeps its inner structure, campuses, bundles and pools, and the families know nothing of one another. Then sets are
proposed as the line proposes them, entities and clusters of two families are crossed for more, all are grown, and the
best is kept. The certificate says that the share of permutations with best bits of b or more is at most 2^−b.

Source: Phipson and Smyth, "Permutation p-values should never be zero", Statistical Applications in Genetics and
Molecular Biology 9 (2010), doi:10.2202/1544-6115.1585.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from graphscan.graph.rows import Rows, rows_of
from graphscan.graph.survey import Survey, proposals
from graphscan.graph.views import View
from graphscan.rings.find import courts
from graphscan.rings.growth import grow

SMALLEST = 4
"""Accounts of the smallest set that is proposed."""

CROSSED = 200
"""Crossings of two families that are grown, the best first."""

ROUNDS = 3
"""Rounds of growth of each proposal: without a margin, so that more is tried than the line tries."""

MOST_BITS = 30
"""Where the curve ends: nobody makes so many permutations that one in 2^30 would show."""

NULL = pl.Schema(
    {"permutation": pl.Int64, "n_proposals": pl.Int64, "best_bits": pl.Float64, "n_accounts": pl.Int64}
)
CURVE = pl.Schema({"bits": pl.Int64, "share": pl.Float64, "bound": pl.Float64})


def permuted_null(
    found: Survey, permutations: int, seed: int, tick: Callable[[int, int], None] | None = None
) -> pl.DataFrame:
    """Best bits of each permutation (NULL), in order; the same for the same seed."""
    rows = []
    for number in range(permutations):
        laid = permuted(found, np.random.default_rng([seed, number]))
        rows.append((number, *_best_set(laid, seed)))
        if tick is not None:
            tick(number + 1, permutations)
    return pl.DataFrame(rows, schema=NULL, orient="row")


def _best_set(found: Survey, seed: int) -> tuple[int, float | None, int]:
    """How many sets were proposed, the most bits that any has or grows to (None without a proposal), and its size."""
    both = courts(found)
    made = proposals(found, SMALLEST, seed)
    proposed = [*made.all, *crossings(found)]
    best, size = float("-inf"), 0
    for members in proposed:
        grown = [grow(both.certify, members, 0.0, ROUNDS)]
        on_all = grow(both.growth, members, 0.0, ROUNDS).members
        if not np.array_equal(on_all, members):
            grown.append(both.certify.judge(on_all))
        for verdict in grown:
            if verdict.bits > best:
                best, size = verdict.bits, verdict.members.size
    return len(proposed), best if proposed else None, size


def curve(null: pl.DataFrame) -> pl.DataFrame:
    """The share of permutations whose best bits are b or more, beside the bound 2^−b, for b = 1 … `MOST_BITS`."""
    best = null["best_bits"].fill_null(float("-inf")).to_numpy()
    return pl.DataFrame(
        [(b, float((best >= b).mean()) if best.size else 0.0, 2.0**-b) for b in range(1, MOST_BITS + 1)],
        schema=CURVE,
        orient="row",
    )


def permuted(found: Survey, dice: np.random.Generator) -> Survey:
    """The survey with the accounts of each stratum of each view laid anew on the view's rows."""
    return Survey(
        found.n_accounts,
        {family: tuple(_laid_anew(v, dice) for v in views) for family, views in found.views.items()},
        {family: tuple(_laid_anew(v, dice) for v in views) for family, views in found.open_views.items()},
        found.strata,
    )


def crossings(found: Survey) -> list[NDArray[np.int32]]:
    """Accounts that hold an entity or cluster each of two families together, the most surprising first."""
    families = list(found.views.values())
    sets: dict[bytes, tuple[float, NDArray[np.int32]]] = {}
    for i, left in enumerate(families):
        for right in families[i + 1 :]:
            for surprise, members in _crossed(left[0].rows, right[0].rows):
                sets.setdefault(members.tobytes(), (surprise, members))
    best = sorted(sets.values(), key=lambda s: (-s[0], s[1].tobytes()))[:CROSSED]
    return [members for _, members in best]


def _crossed(left: Rows, right: Rows) -> list[tuple[float, NDArray[np.int32]]]:
    """Pairs of entities of two families that share `SMALLEST` accounts or more, and their surprise."""
    n = left.n_accounts
    a, b = _enough(left), _enough(right)
    together = (a.T @ b).tocoo()
    keep = together.data >= SMALLEST
    i, j, shared = together.row[keep], together.col[keep], together.data[keep].astype(np.float64)
    a_columns, b_columns = a.tocsc(), b.tocsc()
    n_i, n_j = np.diff(a_columns.indptr)[i], np.diff(b_columns.indptr)[j]
    surprise = shared * np.log2(shared * n / (n_i * n_j))
    out = []
    for x in np.lexsort((j, i, -surprise))[:CROSSED]:
        users_i = a_columns.indices[a_columns.indptr[i[x]] : a_columns.indptr[i[x] + 1]]
        users_j = b_columns.indices[b_columns.indptr[j[x]] : b_columns.indptr[j[x] + 1]]
        out.append((float(surprise[x]), np.intersect1d(users_i, users_j).astype(np.int32)))
    return out


def _enough(rows: Rows) -> csr_matrix:
    """Accounts against the entities of `SMALLEST` to 3,000 users: larger ones cross with everything."""
    n_users = rows.n_users
    keep = (n_users >= SMALLEST) & (n_users <= 3000)
    number = np.cumsum(keep) - 1
    inside = keep[rows.ent]
    account = np.repeat(np.arange(rows.n_accounts), np.diff(rows.ptr))[inside]
    shape = (rows.n_accounts, max(int(keep.sum()), 1))
    return csr_matrix((np.ones(account.size, np.int32), (account, number[rows.ent[inside]])), shape=shape)


def _laid_anew(view: View, dice: np.random.Generator) -> View:
    """The view with its accounts exchanged at random within each stratum."""
    rows = view.rows
    order = np.argsort(view.strata, kind="stable")
    anew = np.empty(rows.n_accounts, np.int32)
    start = 0
    for size in view.stratum_sizes:
        here = order[start : start + size]
        anew[here] = dice.permutation(here)
        start += size
    account = anew[np.repeat(np.arange(rows.n_accounts), np.diff(rows.ptr))]
    by_account = np.argsort(account, kind="stable")
    return replace(
        view, rows=rows_of(account[by_account], rows.ent[by_account], rows.n_accounts, rows.n_entities)
    )
