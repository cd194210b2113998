"""Which certified sets are branches of a larger one: parts that have a place, a card or a name of their own alone.

An operator may pose as fifty small firms. Each is certified by what makes it a firm, and all of them have more bits in
sum than the ring, of which these are the branches: what they do is the same work. A ring behind a gateway, or in a
campus, does work of its own. Takes in judged sets and gives out those that are no branches of another.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from graphscan.rings.certificate import Court, Verdict
from graphscan.rings.inside import INSIDE, MOSTLY
from graphscan.rings.packing import RENTED, holders, packed, ranked

WORK = "prompt"
"""The family that tells what accounts do; all others tell who they are and where, and any firm has its own of those."""

FEWEST = 3
"""Branches that a ring has at least: two sets that share their texts may be two rings that ask the same."""

WORKS = 0.1
"""Share of what all families save of a set from which its texts say anything of it."""

LARGEST = 0.67
"""Share of a ring that a branch of it is at most."""


def packed_whole(
    court: Court, known: Sequence[Verdict], min_bits: float
) -> tuple[list[Verdict], list[Verdict]]:
    """The sets but the branches of others, where one account of each branch in their places is certified as well; and
    those of them that packing keeps."""
    left = list(known)
    while True:
        chosen = packed(left, court.n_accounts)
        wholes = _wholes(court, left, chosen, min_bits)
        if not wholes:
            return left, chosen
        branches = {
            v.members.tobytes() for whole in wholes for v in _branches_of(whole, left, court.n_accounts)
        }
        left = [v for v in left if v.members.tobytes() not in branches]


def _wholes(
    court: Court, known: Sequence[Verdict], chosen: Sequence[Verdict], min_bits: float
) -> list[Verdict]:
    """Sets, apart from one another, that packing gives up for their branches."""
    if len(chosen) < FEWEST:
        return []
    n_accounts = court.n_accounts
    shared = (
        holders([v.members for v in known], n_accounts) @ holders([v.members for v in chosen], n_accounts).T
    )
    sizes = np.array([v.members.size for v in chosen])
    found: list[Verdict] = []
    taken = np.zeros(n_accounts, bool)
    places = {v.members.tobytes(): i for i, v in enumerate(known)}
    for whole in ranked(known):
        row = shared[places[whole.members.tobytes()]].tocoo()
        is_part = (row.data >= INSIDE * sizes[row.col]) & (sizes[row.col] <= LARGEST * whole.members.size)
        is_covered = row.data[is_part].sum() >= MOSTLY * whole.members.size
        if is_part.sum() < FEWEST or not is_covered or taken[whole.members].any():
            continue
        parts = [chosen[i] for i in row.col[is_part]]
        are_branches = all(_is_branch(p, whole, n_accounts) for p in parts)
        if are_branches and _is_one(court, whole, parts, min_bits):
            found.append(whole)
            taken[whole.members] = True
    return found


def _branches_of(whole: Verdict, known: Sequence[Verdict], n_accounts: int) -> list[Verdict]:
    inside = np.zeros(n_accounts, bool)
    inside[whole.members] = True
    return [
        v
        for v in known
        if v.members.size <= LARGEST * whole.members.size
        and inside[v.members].sum() >= INSIDE * v.members.size
        and _is_branch(v, whole, n_accounts)
    ]


def _is_one(court: Court, whole: Verdict, parts: Sequence[Verdict], min_bits: float) -> bool:
    """Whether the whole is certified by more than what makes its parts what they are: with one account for each, and
    by more than what anybody can rent: many events in one venue, with one set of rules, are many."""
    others = np.concatenate([np.intersect1d(p.members, whole.members, assume_unique=True)[1:] for p in parts])
    once = np.setdiff1d(whole.members, others)
    owned = court.among({family: views for family, views in court.views.items() if family not in RENTED})
    return once.size >= 2 and owned.judge(once).bits >= min_bits


def _is_branch(part: Verdict, whole: Verdict, n_accounts: int) -> bool:
    """Whether a part does the work of the whole and none of its own: the whole's texts reach it as they reach all, and
    of the users of its own texts who are in the whole it has hardly more than its share, if these say anything."""
    if WORK not in whole.best:
        return False
    writes = np.zeros(n_accounts, bool)
    for entity in whole.best[WORK].entities.tolist():
        writes[whole.best[WORK].view.rows.users_of(entity)] = True
    if writes[part.members].mean() < MOSTLY * writes[whole.members].mean():
        return False
    if WORK not in part.best or part.best[WORK].bits < WORKS * sum(d.bits for d in part.best.values()):
        return True
    in_whole, in_part = np.zeros((2, n_accounts), bool)
    in_whole[whole.members] = True
    in_part[part.members] = True
    of_part = part.members.size / whole.members.size
    return _own_work(part, in_part, in_whole) < (1.0 + of_part) / 2.0


def _own_work(part: Verdict, in_part: NDArray[np.bool_], in_whole: NDArray[np.bool_]) -> float:
    """The part's share of its texts' users in the whole: the mean over texts, weighed by what each saves."""
    description = part.best[WORK]
    rows = description.view.rows
    shares = []
    for entity in description.entities.tolist():
        users = rows.users_of(entity)
        users = users[in_whole[users]]
        shares.append(float(in_part[users].mean()) if users.size else 0.0)
    weights = np.maximum(description.saved, 0.0)
    return float(np.average(shares, weights=weights)) if weights.sum() > 0.0 else 0.0
