"""Packing: of sets that overlap, those of most weight in sum that have little in common.

Takes in judged sets and gives out the ones to keep. That is weighted set packing, solved exactly by HiGHS.

Source: Huangfu and Hall, "Parallelizing the dual revised simplex method", Mathematical Programming Computation 10
(2018), doi:10.1007/s12532-017-0130-5, through scipy.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix, diags_array, vstack
from scipy.sparse.csgraph import connected_components

from graphscan.errors import RunError
from graphscan.rings.certificate import Verdict
from graphscan.rings.describe import Description
from graphscan.rings.describe.codes import log2_factorials
from graphscan.rings.settle.overlaps import Overlaps, room_of, signatures

RENTED = ("network",)
"""Families of what anybody can rent: to share it is no sign of one operator."""


def packed(verdicts: Iterable[Verdict], n_accounts: int) -> list[Verdict]:
    """The sets of most weight in sum that have little in common (see `overlaps.MAX_COMMON`); the most bits first."""
    overlaps = Overlaps.of(verdicts, n_accounts)
    return [overlaps.sets[k] for k in chosen_of(overlaps).tolist()]


def chosen_of(overlaps: Overlaps) -> NDArray[np.int64]:
    """The places of the sets of most weight in sum that have little in common.

    Sets that hang together by no conflict are packed apart: a program for all of them takes far longer.
    """
    clashes = _clashes(overlaps)
    worth = np.array([weight(v) for v in overlaps.sets])
    beside = _beside(overlaps, clashes)
    left = _without_twins(clashes, worth, np.asarray(beside.sum(axis=1)).ravel())
    worth, sizes = worth[left], overlaps.sizes[left]
    clashes, beside = (csr_matrix(of[left][:, left]) for of in (clashes, beside))
    conflicts = _conflicts(clashes)
    rows = np.repeat(np.arange(len(conflicts)), [len(c) for c in conflicts])
    columns = np.array([i for c in conflicts for i in c], np.int64)
    one_of = csr_matrix((np.ones(columns.size), (rows, columns)), shape=(len(conflicts), left.size))
    at_most_one = vstack([one_of, _own(sizes, beside)]).tocsr()
    n_parts, part = connected_components(at_most_one.T @ at_most_one, directed=False)
    taken = np.zeros(left.size, bool)
    by_part = np.argsort(part, kind="stable")
    ends = np.searchsorted(part[by_part], np.arange(n_parts + 1))
    for first, end in itertools.pairwise(ends):
        inside = by_part[first:end]
        if inside.size == 1:
            taken[inside] = worth[inside] > 0.0
        else:
            taken[inside] = _optimum(worth[inside], at_most_one[:, inside])
    return left[taken]


def _optimum(worth: NDArray[np.float64], at_most_one: csr_matrix) -> NDArray[np.bool_]:
    """Which sets to take, at most one of each row, weighed."""
    told = at_most_one[np.diff(at_most_one.indptr) > 1]
    answer = milp(
        -worth,
        constraints=LinearConstraint(told, -np.inf, 1.0),
        integrality=np.ones(worth.size, np.int64),
        bounds=Bounds(0, 1),
        # Presolving takes as long as all the rest, and HiGHS writes lines to stderr where it undoes it.
        options={"mip_rel_gap": 0.0, "presolve": False},
    )
    if answer.x is None:
        raise RunError(
            f"rings: packing failed: got {answer.message}; expected an optimum", "report this as a defect"
        )
    chosen: NDArray[np.bool_] = answer.x > 0.5
    return chosen


def weight(verdict: Verdict) -> float:
    """What a set is worth beside others: what the families save against its list, without what each set pays once.

    The price of being a set at all (its size, its spread, the choices of views) is for the claim that it is a ring; it
    would always speak for one ring in place of two. And of rented things names count for nothing, and the choice among
    their users for half: two rings that rent from one proxy network are two, though one description of the network
    would serve both, and then one choice says which of its users are whose. Shared templates or cards do make them
    one operator's.
    """
    saved = sum(d.bits + (_rented(d) if family in RENTED else 0.0) for family, d in verdict.best.items())
    return saved - verdict.listing.accounts


def _rented(description: Description) -> float:
    """What of a description of rented things is not counted: bits."""
    accounts, members = description.accounts[:, 1:], description.members[:, 1:]
    lf = _factorials(int(accounts.max(initial=0)).bit_length())
    choices = lf[accounts] - lf[members] - lf[accounts - members]
    return description.names + 0.5 * float(choices.sum())


@functools.cache
def _factorials(n_bits: int) -> NDArray[np.float64]:
    """log2 k! for every k of so many bits: every set is weighed again whenever sets are packed."""
    return log2_factorials(1 << n_bits)


def _clashes(overlaps: Overlaps) -> csr_matrix:
    """Which sets clash, each also with itself."""
    told = overlaps.common.tocoo()
    smaller = np.minimum(overlaps.sizes[told.row], overlaps.sizes[told.col])
    clash = told.data > room_of(smaller)
    shape = (overlaps.sizes.size, overlaps.sizes.size)
    return csr_matrix((np.ones(int(clash.sum()), bool), (told.row[clash], told.col[clash])), shape)


def _beside(overlaps: Overlaps, clashes: csr_matrix) -> csr_matrix:
    """How much each two sets that do not clash have in common."""
    beside = csr_matrix(overlaps.common - overlaps.common.multiply(clashes))
    beside.eliminate_zeros()
    return beside


def _own(sizes: NDArray[np.int64], beside: csr_matrix) -> csr_matrix:
    """A row for each set of which all sets that it may be taken beside have too much, together: they weigh as much as
    they have of it, and it weighs what of that is too much."""
    total = np.asarray(beside.sum(axis=1)).ravel()
    room = room_of(sizes)
    asked = np.flatnonzero(total > room)
    itself = csr_matrix(((total - room)[asked], (np.arange(asked.size), asked)), (asked.size, sizes.size))
    return csr_matrix(diags_array(1.0 / total[asked]) @ (beside[asked] + itself))


def _without_twins(
    clashes: csr_matrix, worth: NDArray[np.float64], beside: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The sets that are left, sorted, when of those that clash with the same sets two stay: the one of most worth, and
    the one that has least in common with what is beside it, since of several such a set may have too much.

    A ring that was found from a hundred proposals is told a hundred times.
    """
    left = np.arange(worth.size)
    while True:
        signature = signatures(clashes[left][:, left])
        stays = np.zeros(left.size, bool)
        for order in (
            np.lexsort((-worth[left], signature)),
            np.lexsort((-worth[left], beside[left], signature)),
        ):
            is_first = np.ones(left.size, bool)
            is_first[1:] = signature[order][1:] != signature[order][:-1]
            stays[order[is_first]] = True
        if stays.all():
            return left
        left = left[stays]


def _conflicts(clashes: csr_matrix) -> list[list[int]]:
    """Groups of sets of which any two clash, so that each pair that does is in one of them at least.

    Of each set those it clashes with, and no group tells yet, are put together as long as all of them clash; then the
    group takes in whatever else clashes with all of it, since the wider it is the less is left to be tried.

    Source: Kou, Stockmeyer and Wong, "Covering edges by cliques with regard to keyword conflicts and intersection
    graphs", Communications of the ACM 21 (1978), doi:10.1145/359340.359346, the heuristic.
    """
    clashing = [
        sum(1 << k for k in clashes.indices[first:end].tolist() if k != i)
        for i, (first, end) in enumerate(itertools.pairwise(clashes.indptr))
    ]
    untold = list(clashing)
    groups = []
    for i in range(len(clashing)):
        while untold[i]:
            group, inside, near = [i], 1 << i, clashing[i]
            while near:
                lowest = ((near & untold[i]) or near) & -((near & untold[i]) or near)
                k = lowest.bit_length() - 1
                group.append(k)
                inside |= lowest
                near &= clashing[k]
            for k in group:
                untold[k] &= ~inside
            groups.append(group)
    return groups
