"""Requests: when each account asks, from where, with which client and model.

In: the accounts of a finished world. Out: the moments of all requests, and for any rows their columns. Every
value is a function of the account and of the number of the request within it, so rows can be made in any
order and in any chunks.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from graphscan.lab.simulate import people
from graphscan.lab.simulate.addresses import DAILY, SESSION, SUBSET, AddressText, Pools
from graphscan.lab.simulate.draws import Dice, Integers, Shares
from graphscan.lab.simulate.evasion import Evasion
from graphscan.lab.simulate.prompts import Rows, Timeline
from graphscan.lab.simulate.world import (
    CLOCK,
    DAY,
    EVEN,
    NONE,
    OFFICE,
    SYNCHRONOUS,
    Accounts,
    hours_table,
    local_seconds,
)

_BLOCK = 1_000_000
_OTHER_CLIENT = 0.25  # requests that an account with two clients sends from the second


@dataclass(frozen=True)
class Traffic:
    """Makes the moments and the metadata of requests."""

    dice: Dice
    days: int
    evasion: Evasion
    accounts: Accounts
    pools: Pools
    regions: Integers
    agents: tuple[str, ...]
    address_text: AddressText

    def timeline(self) -> Timeline:
        """The moments of all requests."""
        first = np.concatenate([[0], np.cumsum(self.accounts["n_requests"])])
        total = int(first[-1])
        seconds = np.empty(total, dtype=np.int32)
        bounds = np.minimum(np.searchsorted(first, np.arange(0, total + _BLOCK, _BLOCK)), len(first) - 1)
        for low, high in pairwise(bounds):
            account = np.repeat(np.arange(low, high), np.diff(first[low : high + 1]))
            number = np.arange(first[low], first[high]) - first[account]
            seconds[first[low] : first[high]] = self.moments(account, number)
        return Timeline(self.accounts, first, seconds)

    def moments(self, account: Integers, number: Integers) -> Integers:
        """Seconds from the start of the log."""
        person = self.accounts[account]
        start = person["starts"].astype(np.float64)
        span = np.maximum(person["ends"] - start, 60.0)
        chance = self.dice.share("moment", account, number)
        phase = self.dice.share("phase", account)
        count = np.maximum(person["n_requests"], 1)
        rhythm = person["rhythm"]
        second = self._human(account, number, person)
        second = np.where(rhythm == CLOCK, start + chance * span, second)
        evenly = start + span * (number + 0.15 * chance + 0.8 * phase) / count
        second = np.where(rhythm == EVEN, evenly, second)
        together = np.nonzero(rhythm == SYNCHRONOUS)[0]
        if len(together):
            # All accounts of a ring share its bursts; within one they follow each other in seconds.
            bursts = np.maximum(person["bursts"][together], 1)
            burst = np.floor((number + chance)[together] / count[together] * bursts).astype(np.int64)
            at = (burst + self.dice.share("burst", person["ring"][together], burst)) / bursts
            second[together] = start[together] + at * (span[together] - 60) + 25 * phase[together]
        if self.evasion.jitter_hours:
            late = (2 * self.dice.share("jitter", account, number) - 1) * 3600 * self.evasion.jitter_hours
            second = np.where(person["ring"] != NONE, second + late, second)
        folded = start + np.mod(second - start, span)
        at = person["pasted_at"] + person["pasted_for"] * chance**1.5
        moment = np.where(number < person["n_pasted"], at, folded).astype(np.int64)
        return moment.clip(0, self.days * DAY - 1)

    def _human(self, account: Integers, number: Integers, person: Accounts) -> Shares:
        """Sittings on a few of the account's days, at hours of its own time zone."""
        sitting = number // np.maximum(person["session"], 1)
        visit = self.dice.pick("visit", person["n_days"], account, sitting)
        first_day = person["starts"] / DAY
        days = np.maximum((person["ends"] - person["starts"]) / DAY, 0.05)
        office = person["rhythm"] == OFFICE
        # A day of the visit, drawn again where it falls on a weekend and the account rests then.
        day = np.floor(first_day + days * self.dice.share("day", account, visit))
        rests = office | (self.dice.share("rests", account, visit) > people.WEEKEND)
        again = np.floor(first_day + days * self.dice.share("another day", account, visit))
        day = np.where(rests & (np.mod(day, 7) >= 5), again, day)
        chance = self.dice.share("hour", account, sitting)
        hour = np.where(
            office,
            local_seconds(hours_table(people.OFFICE_HOURS), chance),
            local_seconds(hours_table(people.HUMAN_HOURS), chance),
        )
        within = number % np.maximum(person["session"], 1)
        pause = person["gap"] * (within + 0.8 * self.dice.share("pause", account, number))
        return np.asarray(day * DAY + hour + pause + 60.0 * (person["shift"] - person["offset"]))

    def addresses(self, rows: Rows) -> Any:
        """Arrow strings: where each request comes from."""
        account, number, person = rows.account, rows.number, rows.person
        sitting = number // np.maximum(person["session"], 1)
        second = self.dice.share("which way on line", account, sitting) < person["share_second"]
        pool = np.where(second, person["second"], person["home"]).astype(np.int64)
        turn = np.where(second, person["second_turn"], person["home_turn"]).astype(np.int64)
        day = (rows.second + 60 * person["offset"]) // DAY
        unit = np.where(turn == DAILY, day, np.where(turn == SESSION, sitting, 0))
        among = self.dice.pick("address of the subset", np.maximum(person["subset"], 1), account, number)
        unit = np.where(turn == SUBSET, among, unit)
        if self.evasion.address_per_day:
            leaves = self.dice.share("leaves the pool", account, number) >= self.evasion.pool_share
            fresh = person["fresh_daily"] & leaves
            anywhere = self.regions[self.dice.pick("fresh region", len(self.regions), account, day)]
            pool = np.where(fresh, anywhere, pool)
            unit = np.where(fresh, day, unit)
            turn = np.where(fresh, DAILY, turn)
        # Turns get draws apart, so that the third day's address is not the third of the subset.
        draws = self.dice.roll("address", account, unit * 4 + turn)
        return self.address_text(self.pools.address(pool, draws), self.dice.roll("host", account, day))

    def user_agents(self, rows: Rows) -> Any:
        """Arrow dictionary of client strings."""
        person = rows.person
        other = self.dice.share("other client", rows.account, rows.number) < _OTHER_CLIENT
        number = np.where(other, person["second_agent"], person["agent"]).astype(np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(number), pa.array(list(self.agents), pa.string()))

    def models(self, rows: Rows) -> Any:
        """Arrow dictionary of model names."""
        person = rows.person
        since = rows.second - people.RELEASED_AT * self.days * DAY
        ramp = np.clip(since / np.maximum(person["pace"], 1.0), 0.0, 1.0)
        moved = self.dice.share("moves", rows.account, rows.number) < person["adopts"] * ramp
        number = np.where(moved, len(people.MODELS), person["model"]).astype(np.int32)
        names = [*(name for name, _ in people.MODELS), people.NEW_MODEL]
        return pa.DictionaryArray.from_arrays(pa.array(number), pa.array(names, pa.string()))
