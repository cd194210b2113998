"""Cells: the users of one entity that entities of other families find together again.

Takes in compressed rows of several families and gives out, for each entity, in how many bits the other families see
more of its users together than chance in their strata explains. A ring whose only template folds into one entity has
no pair with many bits, but one cell with hundreds. Proposals only, evidence of nothing.

Source: the score is the log-likelihood ratio of a count against its expectation (Dunning, "Accurate methods for the
statistics of surprise and coincidence", Computational Linguistics 19, 1993), less the price of a name.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graphscan.graph.pairs import MIN_RARITY
from graphscan.graph.rows import Rows
from graphscan.graph.views import counted

LEAST = 20.0
"""Bits from which a cell is proposed: turning it down proposes more sets and finds hardly more."""

MOST = 5000
"""Cells that are proposed at most, the most surprising ones: there are more where there are more accounts, and each
costs more to grow."""

LARGEST = 2000
"""Users of an entity that is looked at."""

OPEN_SHARE = 2.0**-MIN_RARITY
"""An entity of another family that more than this share of all accounts touch says nothing."""


def cells(families: Mapping[str, Rows], strata: NDArray[np.int16], smallest: int) -> list[NDArray[np.int32]]:
    """The users of every entity of `smallest` to `LARGEST` users that has `LEAST` bits or more, the most bits first.

    They are `MOST` at most. `strata`, shape (n_accounts,), dense from zero: accounts that are expected to share more
    with one another.
    """
    sizes = np.bincount(strata)
    by_stratum = {family: counted(rows, strata, sizes.size) for family, rows in families.items()}
    best: dict[bytes, tuple[float, NDArray[np.int32]]] = {}
    for family, rows in families.items():
        bits = np.zeros(rows.n_entities)
        for other, found in families.items():
            if other != family:
                _score(
                    rows.eptr, rows.users, found.ptr, found.ent, found.eptr, found.users, strata, sizes,
                    *by_stratum[other], smallest, bits,
                )  # fmt: skip
        for e in np.flatnonzero(bits >= LEAST):
            users = rows.users_of(int(e))
            known = best.get(users.tobytes(), (0.0, users))[0]
            best[users.tobytes()] = (max(known, float(bits[e])), users)
    order = sorted(best.values(), key=lambda c: (-c[0], c[1].size, c[1].tobytes()))
    return [users for _, users in order[:MOST]]


@njit(cache=True, nogil=True)
def _score(
    eptr: NDArray[np.int64],
    users: NDArray[np.int32],
    ptr: NDArray[np.int64],
    ent: NDArray[np.int32],
    other_eptr: NDArray[np.int64],
    other_users: NDArray[np.int32],
    strata: NDArray[np.int16],
    sizes: NDArray[np.int64],
    row: NDArray[np.int32],
    table: NDArray[np.int32],
    smallest: int,
    bits: NDArray[np.float64],
) -> None:
    """Adds to each entity's bits what one other family says of its users."""
    n_accounts = strata.size
    n_others = other_eptr.size - 1
    together = np.zeros(n_others, np.int64)
    touched = np.empty(n_others, np.int64)
    rate = np.zeros(sizes.size)
    name = np.log2(n_accounts)
    for e in range(eptr.size - 1):
        n = eptr[e + 1] - eptr[e]
        if n < smallest or n > LARGEST:
            continue
        m = 0
        rate[:] = 0.0
        for i in range(eptr[e], eptr[e + 1]):
            u = users[i]
            rate[strata[u]] += 1.0 / sizes[strata[u]]
            for j in range(ptr[u], ptr[u + 1]):
                b = ent[j]
                if together[b] == 0:
                    touched[m] = b
                    m += 1
                together[b] += 1
        for k in range(m):
            b = touched[k]
            seen = together[b]
            together[b] = 0
            n_other = other_eptr[b + 1] - other_eptr[b]
            if seen < 2 or n_other > OPEN_SHARE * n_accounts:
                continue
            plain = n * n_other / n_accounts
            if seen * np.log2(seen / plain) <= name:
                continue
            expected = 0.0
            if row[b] >= 0:
                for s in range(sizes.size):
                    expected += rate[s] * table[row[b], s]
            else:
                for q in range(other_eptr[b], other_eptr[b + 1]):
                    expected += rate[strata[other_users[q]]]
            gain = seen * np.log2(seen / max(expected, plain)) - name
            if gain > 0.0:
                bits[e] += gain
