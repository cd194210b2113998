"""Lengths in bits of the codes that the certificate is made of.

Every function here is the length of a code, that is −log2 of a distribution: the sum of 2^−length over all that it
can say is at most one (Kraft). `tests/rings/describe/test_codes.py` adds them up by enumeration.

Sources: Rissanen, "A universal prior for integers and estimation by minimum description length", Annals of
Statistics 11 (1983), doi:10.1214/aos/1176346150, for `integer`; the Dirichlet-multinomial (Pólya) law for `law`:
Johnson, Kotz, Balakrishnan, "Discrete Multivariate Distributions" (1997), chapter 35.
"""

from __future__ import annotations

from math import lgamma, log2

import numpy as np
from numba import njit
from numpy.typing import NDArray

LEVELS = 6
"""Touching 0, 1, 2, 3–4, 5–8 or more of the named entities: the levels on which an account can stand."""

MOST_TOUCHES = 9
"""Touches from which all are on the last level."""

ALPHA = 0.3
"""Weight of each level (or class) before anything was seen: below one half, since few levels carry most members."""

LN2 = 0.6931471805599453


def log2_factorials(n: int) -> NDArray[np.float64]:
    """log2 k! for k = 0 … n, shape (n + 1,): every other length here is a sum of such terms."""
    out = np.zeros(n + 1)
    np.cumsum(np.log2(np.arange(1, n + 1, dtype=np.float64)), out=out[1:])
    return out


@njit(cache=True)
def choose(lf: NDArray[np.float64], n: int, k: int) -> float:
    """log2 C(n, k): which k of n, all alike; 0 outside 0 < k < n. `lf` is `log2_factorials` up to n or more."""
    if k <= 0 or k >= n:
        return 0.0
    return float(lf[n] - lf[k] - lf[n - k])


@njit(cache=True)
def integer(k: int) -> float:
    """Rissanen's universal code for k ≥ 0, about log2 k + 2 log2 log2 k bits for large k."""
    length = 1.52  # log2 of Rissanen's constant 2.865…, rounded up so that Kraft's sum stays below one
    part = log2(k + 1.0)
    while part > 0.0:
        length += part
        part = log2(part) if part > 1.0 else 0.0
    return length


@njit(cache=True)
def classes(counts: NDArray[np.int64], k: int) -> float:
    """How k named entities fall into classes of popularity: Dirichlet-multinomial, shape (n_classes,) of counts."""
    n_classes = counts.size
    bits = lgamma(k + n_classes * ALPHA) - lgamma(n_classes * ALPHA) - lgamma(k + 1.0)
    for c in range(n_classes):
        if counts[c] > 0:
            bits += lgamma(counts[c] + 1.0) - lgamma(counts[c] + ALPHA) + lgamma(ALPHA)
    return bits / LN2


@njit(cache=True)
def one_more(count: int, k: int, n_classes: int) -> float:
    """What `classes` grows by when a class rises to `count` entities, after k names in all."""
    bits = log2(k + n_classes * ALPHA) - log2(k + 1.0)
    return bits + log2(float(count)) - log2(count - 1 + ALPHA)


@njit(cache=True)
def law(members: NDArray[np.int64], accounts: NDArray[np.int64]) -> float:
    """On which level each member stands, one after another, one law for all strata, learned as it goes.

    `members` and `accounts` count who stands on each level, shape (LEVELS,). A level without accounts is not part of
    the law, since the receiver knows who touches what.
    """
    n = 0
    open_levels = 0
    bits = 0.0
    for level in range(accounts.size):
        if accounts[level] > 0:
            open_levels += 1
            n += members[level]
            bits -= lgamma(members[level] + ALPHA) - lgamma(ALPHA)
    bits += lgamma(n + open_levels * ALPHA) - lgamma(open_levels * ALPHA)
    return bits / LN2


@njit(cache=True)
def level_of(touches: int) -> int:
    """The level of an account that touches so many of the named entities."""
    if touches < 3:
        return touches
    if touches < 5:
        return 3
    if touches < MOST_TOUCHES:
        return 4
    return 5
