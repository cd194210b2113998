"""From a proposal to a ring: accounts are added and dropped by their log-odds until the bits stop growing.

Takes in a set of accounts and gives out a better one. Growth needs no proof: the certificate has it for any set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graphscan.rings.certificate import Court, Verdict
from graphscan.rings.describe import Description, levels
from graphscan.rings.describe.codes import MOST_TOUCHES, level_of
from graphscan.rings.describe.spread import expected

MARGIN = 2.0
"""Bits by which an account's log-odds must speak for membership: turning it up makes rings smaller and surer."""

MIN_FAMILIES = 2
"""Families that must each speak for an account before growth takes it."""

SPEAKS = 1.0
"""Bits of log-odds by which a family speaks for an account: members stand there more than twice as often as all do."""

OF_ALL = 0.5
"""Share of what a family could say at most from which it speaks, where that is less: of whom half of their stratum are
members no touch can say more than a bit."""

LEAST = 4
"""Accounts of which a step of growth chooses fewer than it looks at none: of three nobody stands out. A smaller ring is
found only if it was proposed as it is."""

ROUNDS = 6

WIDEST = 20
"""Times its accounts to which a set is widened at most: a family that speaks for more says nothing of the set."""

MOST_WIDENED = 4000
"""Accounts of a set as widened, at most: a larger ring has proposals enough, and looking at each costs the most."""


@dataclass(frozen=True)
class Odds:
    """Log-odds that one family gives: bits for the accounts it reaches (sorted), by their level and stratum.

    `ratio` has them all, shape (n_strata, LEVELS), level 0 for accounts that it does not reach; `speaks` the bits from
    which the family speaks for an account of each stratum; `on_level` counts the members of each level.
    """

    accounts: NDArray[np.int32]
    bits: NDArray[np.float64]
    ratio: NDArray[np.float64]
    speaks: NDArray[np.float64]
    strata: NDArray[np.int16]
    level: NDArray[np.int64]
    on_level: NDArray[np.int64]

    def of(self, accounts: NDArray[np.int32]) -> NDArray[np.float64]:
        """The log-odds of each of some accounts, bits."""
        return np.asarray(self.ratio[self.strata[accounts], self._level_of(accounts)])

    def speaks_for(self, accounts: NDArray[np.int32], bits: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether so many bits speak for each of the accounts."""
        return np.asarray(bits > self.speaks[self.strata[accounts]])

    def by_others(self, members: NDArray[np.int32]) -> NDArray[np.float64]:
        """The log-odds of each member as the other members alone give them, bits: nobody speaks for itself."""
        on_level = self.on_level[self._level_of(members)]
        n = self.on_level.sum()
        return np.asarray(self.of(members) + np.log2((on_level - 0.5) / n * (n + 1) / (on_level + 0.5)))

    def _level_of(self, accounts: NDArray[np.int32]) -> NDArray[np.int64]:
        level = np.zeros(accounts.size, np.int64)
        at = np.searchsorted(self.accounts, accounts)
        reached = at < self.accounts.size
        reached[reached] = self.accounts[at[reached]] == accounts[reached]
        level[reached] = self.level[at[reached]]
        return level


def odds_of(description: Description, court: Court) -> Odds:
    """What a description says of each account: log2 of members' share on its level against its stratum's."""
    accounts, level = levels(description, court.desk)
    strata = description.view.strata
    ratio = _ratio(description)
    bits = ratio[strata[accounts], level]
    return Odds(accounts, bits, ratio, _speaks(description), strata, level, description.members.sum(0))


@dataclass(frozen=True)
class Told:
    """What a judged set says of accounts: its log-odds in all families, bits above `threshold`; how many families speak
    for each, and the bits of those that speak against it. Of a member the last two are told by the others alone."""

    bits: NDArray[np.float64]
    n_families: NDArray[np.int64]
    against: NDArray[np.float64]


def told_of_members(verdict: Verdict, court: Court) -> Told:
    """What each family that describes a set says of its members."""
    return _told(verdict, court, verdict.members, Odds.by_others)


def told_of_strangers(verdict: Verdict, court: Court, accounts: NDArray[np.int32]) -> Told:
    """What each family that describes a set says of accounts that are not in it."""
    return _told(verdict, court, accounts, Odds.of)


def _told(
    verdict: Verdict,
    court: Court,
    accounts: NDArray[np.int32],
    by_members: Callable[[Odds, NDArray[np.int32]], NDArray[np.float64]],
) -> Told:
    bits = -threshold(verdict, accounts)
    n_families = np.zeros(accounts.size, np.int64)
    against = np.zeros(accounts.size)
    for description in verdict.best.values():
        odds = odds_of(description, court)
        told = by_members(odds, accounts)
        bits += odds.of(accounts)
        n_families += odds.speaks_for(accounts, told)
        against += np.minimum(told, 0.0)
    return Told(bits, n_families, against)


def account_odds(
    verdict: Verdict, court: Court
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int64]]:
    """Accounts that any describing family reaches, their summed log-odds, and how many families speak for each.

    In no order: a popular entity reaches a good part of all accounts, and sorting them would cost more than the odds.
    """
    desk = court.desk
    reached = np.empty(court.n_accounts, np.int32)
    total = np.empty(court.n_accounts)  # no more of it is ever touched than there are accounts reached
    n_families = np.empty(court.n_accounts, np.int64)
    told = [(d.view.strata, _ratio(d), _speaks(d)) for d in verdict.best.values()]
    ends = []
    n = 0
    for description, (strata, ratio, speaks) in zip(verdict.best.values(), told, strict=True):
        rows = description.view.rows
        named = description.entities
        known, n = n, _reach(named, rows.eptr, rows.users, desk.touches, desk.is_reached, reached, n)
        total[known:n] = 0.0
        n_families[known:n] = 0
        _add(reached[:n], desk.touches, strata, ratio, speaks, total, n_families)
        _lower(named, rows.eptr, rows.users, desk.touches)
        ends.append(n)
    for end, (strata, ratio, speaks) in zip(ends, told, strict=True):
        later = reached[end:n]  # reached by other families alone
        _add(later, desk.touches, strata, ratio, speaks, total[end:], n_families[end:])
    desk.is_reached[reached[:n]] = False
    return reached[:n], total[:n], n_families[:n]


def _ratio(description: Description) -> NDArray[np.float64]:
    """log2 of the members' share on each level against its stratum's, shape (n_strata, LEVELS)."""
    n = int(description.members.sum())
    on_level = description.members.sum(0)
    sizes = description.view.stratum_sizes[:, None]
    return np.asarray(
        np.log2(((on_level + 0.5) / (n + 1))[None, :] / ((description.accounts + 0.5) / (sizes + 1)))
    )


def _speaks(description: Description) -> NDArray[np.float64]:
    """The bits from which a description speaks for an account, by its stratum, shape (n_strata,)."""
    most = np.log2((description.view.stratum_sizes + 1) / (description.members.sum(1) + 0.5))
    return np.asarray(np.minimum(SPEAKS, OF_ALL * most))


@njit(cache=True, nogil=True)
def _reach(
    entities: NDArray[np.int32],
    eptr: NDArray[np.int64],
    users: NDArray[np.int32],
    touches: NDArray[np.uint8],
    is_reached: NDArray[np.bool_],
    reached: NDArray[np.int32],
    n: int,
) -> int:
    """Counts touches of the named entities; accounts that were not reached before join the first `n`: how many now."""
    for e in entities:
        for q in range(eptr[e], eptr[e + 1]):
            u = users[q]
            touches[u] = min(touches[u] + 1, MOST_TOUCHES)
            if not is_reached[u]:
                is_reached[u] = True
                reached[n] = u
                n += 1
    return n


@njit(cache=True, nogil=True)
def _add(
    accounts: NDArray[np.int32],
    touches: NDArray[np.uint8],
    strata: NDArray[np.int16],
    ratio: NDArray[np.float64],
    speaks: NDArray[np.float64],
    total: NDArray[np.float64],
    n_families: NDArray[np.int64],
) -> None:
    for x in range(accounts.size):
        u = accounts[x]
        bits = ratio[strata[u], level_of(touches[u])]
        total[x] += bits
        if bits > speaks[strata[u]]:
            n_families[x] += 1


@njit(cache=True, nogil=True)
def _lower(
    entities: NDArray[np.int32],
    eptr: NDArray[np.int64],
    users: NDArray[np.int32],
    touches: NDArray[np.uint8],
) -> None:
    for e in entities:
        for q in range(eptr[e], eptr[e + 1]):
            touches[users[q]] = 0


def threshold(verdict: Verdict, accounts: NDArray[np.int32]) -> NDArray[np.float64]:
    """The log-odds against membership before anything is known of an account, by its stratum of the list."""
    listing = verdict.listing
    kind = listing.kind
    falls = expected(listing.inside, kind.sizes, kind.activity, kind.language)
    share = falls * verdict.members.size / np.maximum(kind.sizes, 1)
    share = np.clip(share, 1e-12, 0.9)
    return np.asarray(np.log2((1 - share) / share))[kind.strata[accounts]]


def above_threshold(verdict: Verdict, court: Court, unreached: float) -> NDArray[np.float64]:
    """The log-odds of each account above its threshold, bits, shape (n_accounts,); `unreached` where no describing
    family reaches it."""
    accounts, odds, _ = account_odds(verdict, court)
    above = np.full(court.n_accounts, unreached)
    above[accounts] = odds - threshold(verdict, accounts)
    return above


def spoken_for(court: Court, verdict: Verdict, margin: float) -> NDArray[np.int32]:
    """The accounts, sorted, for which the odds that a judged set gives speak by the margin, in two families."""
    accounts, bits, n_families = account_odds(verdict, court)
    needed = min(MIN_FAMILIES, len(court.views))
    chosen = accounts[(bits > threshold(verdict, accounts) + margin) & (n_families >= needed)]
    chosen.sort()
    return chosen


def grow(court: Court, members: NDArray[np.int32], margin: float = MARGIN, rounds: int = ROUNDS) -> Verdict:
    """The best set on the way from `members`: kept as long as its bits grow, at most `rounds` steps.

    A step that would choose more than half of all accounts is not taken: such a set is no ring.
    """
    best = grow_anew(court, members, lambda _: False, margin, rounds).best
    assert best is not None
    return best


def widest(court: Court, n: int) -> int:
    """Accounts that a set of `n` has at most when it is widened; one that has as many already is not."""
    return min(court.n_accounts // 2, MOST_WIDENED, WIDEST * n)


def widened(court: Court, verdict: Verdict) -> list[NDArray[np.int32]]:
    """A set with all those for whom one of its families speaks, family by family; none is larger than `widest`.

    Growth asks two families of everybody: a set that one family knows by the entity it was proposed for lets nobody
    in. Among all the accounts of another family's entities, the rest of its ring is what two families see.
    """
    most = widest(court, verdict.members.size)
    if verdict.members.size >= most:
        return []
    sets = []
    for family in verdict.families:
        odds = odds_of(verdict.best[family], court)
        wide = np.union1d(verdict.members, odds.accounts[odds.speaks_for(odds.accounts, odds.bits)])
        if verdict.members.size < wide.size <= most:
            sets.append(wide)
    return sets


@dataclass(frozen=True)
class Growth:
    """The sets that growth passed through, by their bytes, and the best of them, or None where it met a known one."""

    passed: tuple[bytes, ...]
    best: Verdict | None


def grow_anew(
    court: Court,
    members: NDArray[np.int32],
    is_known: Callable[[NDArray[np.int32]], bool],
    margin: float = MARGIN,
    rounds: int = ROUNDS,
) -> Growth:
    """As `grow`, as long as it comes by no known set: from there on it would go the way of an earlier one."""
    best: Verdict | None = None
    passed: list[bytes] = []
    for step in range(rounds):
        passed.append(members.tobytes())
        if is_known(members):
            return Growth(tuple(passed), None)
        verdict = court.judge(members)
        if best is None or verdict.bits > best.bits + 1e-6:
            best = verdict
        elif step > 1:
            break
        chosen = spoken_for(court, verdict, margin)
        if not LEAST <= chosen.size <= court.n_accounts // 2 or np.array_equal(chosen, members):
            break
        members = chosen
    return Growth(tuple(passed), best)
