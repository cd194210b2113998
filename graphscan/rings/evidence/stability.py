"""How a ring fares when a part of what it stands on is left out: its confidence, beside the likelihood of its bits.

Takes in certified rings with their best views and gives out, for each, the share of its core that is found certified
again without a tenth of the log (mean of the ten tenths), and without one signal (the one that matters most).

What is done, and what is not. Proposals, own clusters and classes of popularity are those of the whole log: making
them anew ten times would cost ten scans. In the view of each family that speaks for the ring, the touches that hang
on the left-out part are taken out; the accounts for which the rest still speaks, in two families or more, are judged
by the same certificate. A tenth of the log is a tenth of its requests, by their places: a touch goes with the only
request that made it, and stays where several did; sign-ups and payments stay, for they are no requests. An account
stays in an own cluster while half of what it shares there is left. With a signal go its entities, and the own
clusters that it tells. A member for whom the whole log speaks too weakly is missing in every share.

Only the accounts that touch what the members share are gone through, beside the sizes of everybody's strata: what a
ring costs hangs on the ring.

Source: leaving parts out in turn is Quenouille's and Tukey's jackknife (Tukey, Annals of Mathematical Statistics 29,
1958, abstract 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from graphscan.graph.rows import Rows, rows_of
from graphscan.graph.views import View
from graphscan.rings.certificate import Benches, Court, Courts, Verdict, price_of_choice
from graphscan.rings.describe.candidates import promising
from graphscan.rings.growth import MIN_FAMILIES, account_odds, threshold
from graphscan.signals.incidences import TENTHS, FamilyIncidences


@dataclass(frozen=True)
class Stability:
    """Shares of a ring's core that are found certified again."""

    log: float
    signal: float


@dataclass(frozen=True)
class Part:
    """What a ring's members share in one view, with all users: a view of its own, and what each touch hangs on.

    `account` (its place among those near the ring), `entity` and `tenth` have a row a touch (see `FamilyIncidences`;
    own clusters have −1); `without` holds, for each signal that says anything here, which entities stay without it.
    """

    view: View
    account: NDArray[np.int32]
    entity: NDArray[np.int32]
    tenth: NDArray[np.int8]
    is_own: NDArray[np.bool_]
    without: Mapping[str, NDArray[np.bool_]]

    def left_without(self, tenth: int) -> NDArray[np.bool_]:
        """The touches that are left without a tenth of the log."""
        left = np.empty(self.account.size, bool)
        _left(self.account, self.entity, self.tenth, self.is_own, tenth, self.view.rows.n_accounts, left)
        return left

    def kept(self, touches: NDArray[np.bool_]) -> View:
        """The view of these touches alone."""
        rows = rows_of(
            self.account[touches], self.entity[touches], self.view.rows.n_accounts, self.is_own.size
        )
        return replace(self.view, rows=rows)


class Signals:
    """Which signals each entity of a view has, over all families' touches; told once for all rings."""

    def __init__(self, touches: Mapping[str, FamilyIncidences]) -> None:
        self.touches = touches
        self.names = {
            f: t.entities["signal"].unique(maintain_order=True).to_list() for f, t in touches.items()
        }
        self._numbers = {f: t.signal_numbers() for f, t in touches.items()}
        self._of: dict[tuple[str, int | None], NDArray[np.bool_]] = {}

    def of(self, view: View) -> NDArray[np.bool_]:
        """Whether one of the entities that a folded one stands for is of a signal; shape (signals, n_plain)."""
        key = (view.family, view.cap)
        if key not in self._of:
            has = np.zeros((len(self.names[view.family]), view.n_plain), bool)
            kept = np.flatnonzero(view.fold >= 0)
            has[self._numbers[view.family][kept], view.fold[kept]] = True
            self._of[key] = has
        return self._of[key]


def stabilities(
    rings: Mapping[str, Verdict],
    members: pl.DataFrame,
    account_ids: pl.Series,
    court: Court,
    touches: Mapping[str, FamilyIncidences],
    min_bits: float,
    threads: int,
) -> dict[str, Stability]:
    """The stability of every ring; `members` is the run's table, `account_ids` in the order of account indices."""
    if not rings:
        return {}
    core = set(members.filter(pl.col("tier") == "core").select("ring_id", "account_id").iter_rows())
    told = Signals(touches)

    def judged(bench: Courts, ring_id: str) -> Stability:
        verdict = rings[ring_id]
        is_core = [(ring_id, a) in core for a in account_ids.gather(verdict.members)]
        chosen = verdict.members[np.array(is_core)] if any(is_core) else verdict.members
        return stability(verdict, chosen, bench.certify, told, min_bits)

    return dict(zip(rings, Benches(Courts(court, court), threads).map(judged, rings), strict=True))


def stability(
    verdict: Verdict,
    core: NDArray[np.int32],
    court: Court,
    told: Signals,
    min_bits: float,
) -> Stability:
    """The stability of one ring; `core` are its core accounts, or its members where it has none."""
    held = {f: promising(d.view, verdict.members, court.desk) for f, d in verdict.best.items()}
    users = {f: _users(d.view.rows, held[f]) for f, d in verdict.best.items()}
    is_near = np.zeros(court.n_accounts, bool)
    is_near[verdict.members] = True
    for told_of in users.values():
        is_near[told_of] = True
    near = np.flatnonzero(is_near).astype(np.int32)
    number = np.cumsum(is_near, dtype=np.int32) - 1
    parts = {f: _part(d.view, held[f], users[f], near, number, told) for f, d in verdict.best.items()}
    plain = {f: p.view for f, p in parts.items()}
    around = court.within(near)
    members, chosen = number[verdict.members], number[core]

    def again(views: Mapping[str, View]) -> float:
        return _found_again(views, members, chosen, around, min_bits)

    touched = [k for k in range(TENTHS) if any((p.tenth == k).any() for p in parts.values())]
    on_log = [again({f: p.kept(p.left_without(k)) for f, p in parts.items()}) for k in touched]
    if len(touched) < TENTHS:
        on_log += [again(plain)] * (TENTHS - len(touched))
    on_signal = [
        again({**plain, f: part.kept(stays[part.entity])})
        for f, part in parts.items()
        for stays in part.without.values()
    ]
    return Stability(float(np.mean(on_log)), min(on_signal))


def _found_again(
    views: Mapping[str, View],
    members: NDArray[np.int32],
    core: NDArray[np.int32],
    court: Court,
    min_bits: float,
) -> float:
    """The share of the core for which these views still speak, if what they speak for is certified; else zero."""
    reduced = court.among({f: (views[f],) if f in views else () for f in court.views})
    paid = sum(price_of_choice(len(v)) for v in court.views.values())
    needed = min_bits + paid - sum(price_of_choice(len(v)) for v in reduced.views.values())
    verdict = reduced.judge(members)
    accounts, odds, n_families = account_odds(verdict, reduced)
    needed_families = min(MIN_FAMILIES, len(court.views))
    found = np.sort(accounts[(odds > threshold(verdict, accounts)) & (n_families >= needed_families)])
    if found.size < 2 or found.size > court.n_accounts // 2:
        return 0.0
    if verdict.bits < needed and reduced.judge(found).bits < needed:
        return 0.0
    return float(np.isin(core, found, assume_unique=True).mean())


def _users(rows: Rows, entities: NDArray[np.int32]) -> NDArray[np.int32]:
    """The users of each entity, one after the other."""
    return np.concatenate([rows.users[:0], *(rows.users_of(int(e)) for e in entities)])


def _part(
    view: View,
    entities: NDArray[np.int32],
    account: NDArray[np.int32],
    near: NDArray[np.int32],
    number: NDArray[np.int32],
    told: Signals,
) -> Part:
    """The part of a view that these entities make: no other can be named to shorten a description of the ring. What
    else its names lead to is left out, so that the bits are a little fewer than those of all.

    `account` are their users, one entity after the other; `near` are all accounts that are told of, sorted, and
    `number` is each one's place among them.
    """
    entity = np.repeat(np.arange(entities.size, dtype=np.int32), view.rows.n_users[entities])
    order = np.argsort(account, kind="stable")
    account, entity = account[order], entity[order]
    original = view.entity_of[entities]
    touches = told.touches[view.family]
    tenth = np.empty(account.size, np.int8)
    _tenths(account, original[entity], touches.account, touches.entity, touches.tenth, tenth)
    account = number[account]
    reduced = replace(
        view,
        rows=rows_of(account, entity, near.size, entities.size),
        entity_of=original,
        klass=view.klass[entities],
        strata=view.strata[near],
    )
    held = csr_matrix((np.ones(account.size, np.int32), (account, entity)), (near.size, entities.size))
    return Part(reduced, account, entity, tenth, original < 0, _without(view, entities, held, told))


def _without(
    view: View, entities: NDArray[np.int32], held: csr_matrix, told: Signals
) -> dict[str, NDArray[np.bool_]]:
    """For each signal, which of the entities stay without it. A folded entity stays while a signal has it still.

    `held` tells who touches which of them, shape (n_near, n_entities).
    """
    is_own = view.entity_of[entities] < 0
    names = told.names[view.family]
    has = np.zeros((len(names), entities.size), bool)
    has[:, ~is_own] = told.of(view)[:, entities[~is_own]]
    _tell_clusters(has, is_own, held)
    return {name: has[np.arange(len(names)) != s].any(axis=0) for s, name in enumerate(names) if has[s].any()}


def _tell_clusters(has: NDArray[np.bool_], is_own: NDArray[np.bool_], held: csr_matrix) -> None:
    """Gives each own cluster the signals of the entity that most of its accounts share (`has` is written to)."""
    own, plain = np.flatnonzero(is_own), np.flatnonzero(~is_own)
    if not own.size or not plain.size:
        has[:, own] = True
        return
    common = csr_matrix(held[:, own].T @ held[:, plain]).toarray()
    has[:, own] = has[:, plain[common.argmax(axis=1)]]


@njit(cache=True, nogil=True)
def _left(
    account: NDArray[np.int32],
    entity: NDArray[np.int32],
    tenth: NDArray[np.int8],
    is_own: NDArray[np.bool_],
    without: int,
    n_accounts: int,
    out: NDArray[np.bool_],
) -> None:
    """Which touches are left without a tenth; those of own clusters with half of what their account touches else."""
    more = np.zeros(n_accounts, np.int32)  # of each account, touches that are left, over those that are not
    for i in range(account.size):
        if not is_own[entity[i]]:
            more[account[i]] += 1 if tenth[i] != without else -1
    for i in range(account.size):
        out[i] = tenth[i] != without and (not is_own[entity[i]] or more[account[i]] >= 0)


@njit(cache=True, nogil=True)
def _tenths(
    account: NDArray[np.int32],
    original: NDArray[np.int64],
    all_accounts: NDArray[np.int32],
    all_entities: NDArray[np.int32],
    all_tenths: NDArray[np.int8],
    out: NDArray[np.int8],
) -> None:
    """The tenth of each touch (account, original entity), by bisection of rows sorted by account, then entity."""
    for i in range(account.size):
        out[i] = -1
        if original[i] < 0:
            continue
        low, high = 0, all_accounts.size
        while low < high:
            mid = (low + high) // 2
            before = all_accounts[mid] < account[i]
            if before or (all_accounts[mid] == account[i] and all_entities[mid] < original[i]):
                low = mid + 1
            else:
                high = mid
        out[i] = all_tenths[low]
