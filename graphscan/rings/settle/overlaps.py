"""Sets of accounts beside one another: how much they have in common, which are alike, and how much a ring may share.

Takes in judged sets and gives out them in one order, with the number of accounts that each two have in common.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from graphscan.rings.certificate import Verdict

MAX_COMMON = 0.05
"""Two sets that have more than one account, and more than this share of the smaller, in common cannot both be rings,
and no ring has more than that of its own in all others together: else a ring of thousands is told as a hundred sets
that overlap a little each, whose bits count its accounts again and again. Packing takes thirty times as long at .1."""

ALL_OWN = 10
"""Sets of fewer accounts have none in common."""


@dataclass(frozen=True)
class Overlaps:
    """Judged sets, the most bits first, their sizes, and how many accounts each two have in common, square.

    The other functions of settling name a set by its place here, so that what comes first has more bits.
    """

    sets: Sequence[Verdict]
    sizes: NDArray[np.int64]
    common: csr_matrix

    @classmethod
    def of(cls, verdicts: Iterable[Verdict], n_accounts: int) -> Overlaps:
        """The overlaps of these sets.

        They are counted by atoms: an atom stands for the accounts that are in the same sets, which have the same sum of
        the sets' random numbers.
        """
        sets = ranked(verdicts)
        holds = holders([v.members for v in sets], n_accounts)
        _, first, size = np.unique(signatures(holds.T.tocsr()), return_index=True, return_counts=True)
        atoms = holds[:, first]
        counted = csr_matrix((size[atoms.indices], atoms.indices, atoms.indptr), atoms.shape)
        common = csr_matrix(counted @ atoms.T)
        common.sort_indices()
        return cls(sets, np.array([v.members.size for v in sets], np.int64), common)

    def among(self, places: NDArray[np.int64]) -> Overlaps:
        """Some of the sets (places that rise), and what these have in common."""
        common = csr_matrix(self.common[places][:, places])
        return Overlaps([self.sets[k] for k in places.tolist()], self.sizes[places], common)

    def beside(self, k: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The sets that have accounts in common with one, itself among them, and how many."""
        told = slice(self.common.indptr[k], self.common.indptr[k + 1])
        return self.common.indices[told], self.common.data[told]

    def left_out(self, chosen: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which sets have most of their accounts in no chosen one, shape (n_sets,)."""
        is_chosen = np.zeros(self.sizes.size, np.int64)
        is_chosen[chosen] = 1
        return np.asarray(self.common @ is_chosen <= 0.5 * self.sizes)

    def is_own(self, k: int, is_taken: NDArray[np.bool_]) -> bool:
        """Whether a set has little in common with each of those that are taken, and with all of them together."""
        which, shared = self.beside(k)
        taken = is_taken[which]
        shared = shared[taken]
        clashes = shared > room_of(np.minimum(self.sizes[which[taken]], self.sizes[k]))
        return bool(not clashes.any() and shared.sum() <= room_of(self.sizes[k]))


def ranked(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The most bits first, then the smaller set: an order that hangs on the sets alone."""
    return sorted(verdicts, key=lambda v: (-v.bits, v.members.size, v.members.tobytes()))


def holders(sets: Sequence[NDArray[np.int32]], n_accounts: int) -> csr_matrix:
    """Which set holds which account, shape (n_sets, n_accounts)."""
    ends = np.cumsum([0, *(s.size for s in sets)])
    accounts = np.concatenate([np.empty(0, np.int32), *sets])
    return csr_matrix((np.ones(accounts.size, np.int32), accounts, ends), (len(sets), n_accounts))


def signatures(rows: csr_matrix) -> NDArray[np.int64]:
    """A number for each row, the same for rows that hold the same columns."""
    return np.asarray(rows.astype(np.int64) @ np.random.default_rng(0).integers(1, 2**62, rows.shape[1]))


def room_of(sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Accounts that sets of these sizes may have in common with another ring, or with all others."""
    return np.where(sizes < ALL_OWN, 0.0, np.maximum(1.0, MAX_COMMON * sizes))


def n_common(one: NDArray[np.int32], other: NDArray[np.int32]) -> int:
    """How many accounts two sets have in common."""
    return int(np.intersect1d(one, other, assume_unique=True).size)


def is_like(one: NDArray[np.int32], other: NDArray[np.int32], share: float) -> bool:
    """Whether two sets have at least this share of the larger in common."""
    least = share * max(one.size, other.size)
    return bool(min(one.size, other.size) >= least and n_common(one, other) >= least)
