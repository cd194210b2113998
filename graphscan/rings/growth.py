"""From a proposal to a ring: accounts are added and dropped by their log-odds until the bits stop growing.

Takes in a set of accounts and gives out a better one. Growth needs no proof: the certificate has it for any set.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphscan.rings.certificate import Court, Verdict
from graphscan.rings.describe import Description, levels

MARGIN = 2.0
"""Bits by which an account's log-odds must speak for membership: turning it up makes rings smaller and surer."""

MIN_FAMILIES = 2
"""Families that must each speak for an account by more than one bit before growth takes it."""

ROUNDS = 6


@dataclass(frozen=True)
class Odds:
    """Log-odds that one family gives: for the accounts it reaches, and for all others by their stratum."""

    accounts: NDArray[np.int32]
    bits: NDArray[np.float64]
    unreached: NDArray[np.float64]


def odds_of(description: Description, court: Court) -> Odds:
    """What a description says of each account: log2 of members' share on its level against its stratum's."""
    accounts, level = levels(description, court.desk)
    strata = description.view.strata
    n = int(description.members.sum())
    on_level = description.members.sum(0)
    sizes = description.view.stratum_sizes[:, None]
    ratio = np.log2(((on_level + 0.5) / (n + 1))[None, :] / ((description.accounts + 0.5) / (sizes + 1)))
    return Odds(accounts, ratio[strata[accounts], level], ratio[:, 0])


def account_odds(
    verdict: Verdict, court: Court
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int64]]:
    """Accounts that any describing family reaches, their summed log-odds, and how many families speak for each."""
    odds = {f: odds_of(d, court) for f, d in verdict.best.items()}
    if not odds:
        return np.empty(0, np.int32), np.empty(0), np.empty(0, np.int64)
    accounts = np.unique(np.concatenate([o.accounts for o in odds.values()]))
    total = np.zeros(accounts.size)
    n_families = np.zeros(accounts.size, np.int64)
    for family, o in odds.items():
        bits = o.unreached[verdict.best[family].view.strata[accounts]]
        bits[np.searchsorted(accounts, o.accounts)] = o.bits
        total += bits
        n_families += bits > 1.0
    return accounts, total, n_families


def threshold(verdict: Verdict, accounts: NDArray[np.int32]) -> NDArray[np.float64]:
    """The log-odds against membership before anything is known of an account, by its stratum of the list."""
    kind = verdict.listing.kind
    n = verdict.members.size
    inside = np.bincount(kind.strata[verdict.members], minlength=kind.sizes.size)
    weight = float((kind.sizes > 0).sum())
    share = (inside + weight * kind.sizes / kind.sizes.sum()) / (n + weight) * n / np.maximum(kind.sizes, 1)
    share = np.clip(share, 1e-12, 0.9)
    return np.asarray(np.log2((1 - share) / share))[kind.strata[accounts]]


def grow(court: Court, members: NDArray[np.int32], margin: float = MARGIN, rounds: int = ROUNDS) -> Verdict:
    """The best set on the way from `members`: kept as long as its bits grow, at most `rounds` steps.

    What a step chooses is never more than half of the accounts: a family speaks by more than one bit where members
    stand more than twice as often as all do, which in no stratum holds of more than half.
    """
    best: Verdict | None = None
    for step in range(rounds):
        verdict = court.judge(members)
        if best is None or verdict.bits > best.bits + 1e-6:
            best = verdict
        elif step > 1:
            break
        accounts, bits, n_families = account_odds(verdict, court)
        needed = min(MIN_FAMILIES, len(court.views))
        chosen = accounts[(bits > threshold(verdict, accounts) + margin) & (n_families >= needed)]
        if chosen.size < 4 or np.array_equal(chosen, members):
            break
        members = chosen
    assert best is not None
    return best
