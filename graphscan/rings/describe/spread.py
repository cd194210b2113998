"""How the members of a set fall into strata: the length of its code, and where the next member is expected.

Takes in members and all accounts by stratum, and gives out bits, or shares. Each code is a mean of distributions over
counts, so that the sum of 2^−length over all counts is at most one (Kraft); `tests/rings/describe/test_spread.py` adds
them up. How much the shares of all accounts weigh is not known beforehand: a ring may sit in two strata or be as mixed
as everybody. Nor is whether a stratum is one thing, or a class of activity and a language that say nothing of one
another.

Sources: the Dirichlet-multinomial law: Johnson, Kotz, Balakrishnan, "Discrete Multivariate Distributions" (1997),
chapter 35; the law of a table whose margins are known: Fisher, "The Logic of Inductive Inference", Journal of the Royal
Statistical Society 98 (1935), doi:10.2307/2342435.
"""

from __future__ import annotations

from math import lgamma

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graphscan.rings.describe.codes import LN2

WEIGHTS = np.array([0.5, 2.0, 8.0, 32.0, 128.0, 512.0])
"""How much the strata's shares of all accounts weigh beside the members, in members; each as likely as the next."""


def spread(
    members: NDArray[np.int64],
    accounts: NDArray[np.int64],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
) -> float:
    """How n members fall into strata, given n, where each stratum is a row and a column of a table; shapes (n_strata,).

    Half of the probability is for `drawn` over the strata, half for `crossed`.
    """
    return float(_either(np.array([drawn(members, accounts), crossed(members, accounts, rows, columns)])))


def expected(
    members: NDArray[np.int64],
    accounts: NDArray[np.int64],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
) -> NDArray[np.float64]:
    """The share of each stratum in one member more, as those that are known have it: shape (n_strata,)."""
    of_rows, of_columns = _added(members, rows), _added(members, columns)
    length, shares = _next(members, accounts)
    by_rows, row_shares = _next(of_rows, _added(accounts, rows))
    by_columns, column_shares = _next(of_columns, _added(accounts, columns))
    lengths = np.array([length, by_rows + by_columns + paired(members, of_rows, of_columns)])
    of_strata, of_table = _likely(lengths)
    return np.asarray(of_strata * shares + of_table * row_shares[rows] * column_shares[columns])


def crossed(
    members: NDArray[np.int64],
    accounts: NDArray[np.int64],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
) -> float:
    """As `drawn`, of members whose row says nothing of their column: `drawn` over the rows, and over the columns, and
    which go together as chance has it. Members who ask much in many languages fill many strata, and few rows."""
    of_rows, of_columns = _added(members, rows), _added(members, columns)
    apart = drawn(of_rows, _added(accounts, rows)) + drawn(of_columns, _added(accounts, columns))
    return float(apart + paired(members, of_rows, of_columns))


@njit(cache=True)
def paired(members: NDArray[np.int64], of_rows: NDArray[np.int64], of_columns: NDArray[np.int64]) -> float:
    """Which row goes with which column, as chance has it: bits of the members of each stratum, given those of each row
    and of each column."""
    together = lgamma(members.sum() + 1.0)
    for k in members:
        together += lgamma(k + 1.0)
    for k in of_rows:
        together -= lgamma(k + 1.0)
    for k in of_columns:
        together -= lgamma(k + 1.0)
    return float(together / LN2)


@njit(cache=True)
def drawn(members: NDArray[np.int64], accounts: NDArray[np.int64]) -> float:
    """How n members fall into strata, given n: the mean of Dirichlet-multinomials around the strata's shares of all
    accounts, which weigh as much as each of `WEIGHTS`. Shapes (n_strata,)."""
    return float(_either(_by_weight(members, accounts)))


@njit(cache=True)
def _by_weight(members: NDArray[np.int64], accounts: NDArray[np.int64]) -> NDArray[np.float64]:
    """The length by each of `WEIGHTS`, bits."""
    n = members.sum()
    total = accounts.sum()
    lengths = np.empty(WEIGHTS.size)
    for k in range(WEIGHTS.size):
        weight = WEIGHTS[k]
        bits = lgamma(n + 1.0) + lgamma(weight) - lgamma(n + weight)
        for s in range(accounts.size):
            if members[s] > 0:
                a = weight * accounts[s] / total
                bits += lgamma(members[s] + a) - lgamma(a) - lgamma(members[s] + 1.0)
        lengths[k] = -bits / LN2
    return lengths


@njit(cache=True)
def _either(lengths: NDArray[np.float64]) -> float:
    """The length of a code whose probability is the mean of several codes', of these lengths."""
    least = lengths.min()
    return float(least - np.log2(np.exp2(least - lengths).mean()))


@njit(cache=True)
def _added(counts: NDArray[np.int64], places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Counts added up by their row, or column."""
    out = np.zeros(places.max() + 1, np.int64)
    for s in range(counts.size):
        out[places[s]] += counts[s]
    return out


def _likely(lengths: NDArray[np.float64]) -> NDArray[np.float64]:
    """How likely each code is, of these lengths."""
    odds = np.exp2(lengths.min() - lengths)
    return np.asarray(odds / odds.sum())


def _next(members: NDArray[np.int64], accounts: NDArray[np.int64]) -> tuple[float, NDArray[np.float64]]:
    """The length by `drawn`, and what is `expected` by it."""
    lengths = _by_weight(members, accounts)
    shares = accounts / accounts.sum()
    n = members.sum()
    by_weight = zip(_likely(lengths), WEIGHTS, strict=True)
    return _either(lengths), np.asarray(sum(p * (members + w * shares) / (n + w) for p, w in by_weight))
