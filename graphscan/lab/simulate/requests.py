"""Requests: when each account asks, from where, with which client and model, and in what words.

In: a finished world. Out: the moments of all requests, and for any rows their columns. Every value is a function of
the account and of the number of the request within it, so rows can be made in any order and in any chunks.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphscan.lab.simulate import people
from graphscan.lab.simulate.addresses import DAILY, SESSION, SUBSET, AddressText, Pools
from graphscan.lab.simulate.draws import Dice, Integers, Shares
from graphscan.lab.simulate.evasion import Evasion
from graphscan.lab.simulate.lexicon import Lexicon
from graphscan.lab.simulate.sentences import write_sentences
from graphscan.lab.simulate.templates import Templates
from graphscan.lab.simulate.world import (
    CLOCK,
    DAY,
    EVEN,
    NONE,
    OFFICE,
    OWN,
    SYNCHRONOUS,
    Accounts,
    hours_table,
    local_seconds,
)

SHARE_FOLLOWUP = 0.13  # requests of a few common words
SHARE_POPULAR = 0.06  # requests that many people of a language send word for word
POPULAR = 80  # such requests in each language
OWN_PROMPTS = 6  # prompts that an account keeps and sends again
SHARE_EDITED = 0.4  # of those, with another ending
MOST_CLAUSES = 12
RETRIES = 0.003  # of a ring's work items, handed out twice


@dataclass(frozen=True)
class Rows:
    """Some requests: their accounts, their numbers within them, their places among all requests, their seconds."""

    account: Integers
    number: Integers
    place: Integers
    second: Integers


@dataclass(frozen=True)
class Columns:
    """The columns of some requests as Arrow arrays."""

    prompt: Any
    system: Any
    ip: Any
    user_agent: Any
    model: Any


@dataclass(frozen=True)
class Author:
    """Makes the columns of requests."""

    dice: Dice
    days: int
    evasion: Evasion
    accounts: Accounts
    pools: Pools
    regions: Integers
    lexicon: Lexicon
    templates: Templates
    agents: tuple[str, ...]
    systems: tuple[str, ...]
    address_text: AddressText

    def moments(self, account: Integers, number: Integers) -> Integers:
        """Seconds from the start of the log."""
        people_of = self.accounts[account]
        start = people_of["starts"].astype(np.float64)
        span = np.maximum(people_of["ends"] - start, 60.0)
        rhythm = people_of["rhythm"]
        second = self._human(account, number, people_of)
        chance = self.dice.share("moment", account, number)
        count = np.maximum(people_of["n_requests"], 1)
        phase = self.dice.share("phase", account)
        clock = rhythm == CLOCK
        second[clock] = (start + chance * span)[clock]
        even = rhythm == EVEN
        second[even] = (start + span * (number + 0.15 * chance + 0.8 * phase) / count)[even]
        together = rhythm == SYNCHRONOUS
        if together.any():
            bursts = people_of["bursts"]
            burst = np.floor((number + chance) / count * bursts).astype(np.int64)
            at = (burst + self.dice.share("burst", people_of["ring"], burst)) / np.maximum(bursts, 1)
            second[together] = (start + at * (span - 60) + 25 * phase)[together]
        if self.evasion.jitter_hours:
            ours = people_of["ring"] != NONE
            late = (2 * self.dice.share("jitter", account, number) - 1) * 3600 * self.evasion.jitter_hours
            second[ours] += late[ours]
        folded = start + np.mod(second - start, span)
        pasted = number < people_of["n_pasted"]
        at = people_of["pasted_at"] + people_of["pasted_for"] * chance**1.5
        return np.where(pasted, at, folded).astype(np.int64).clip(0, self.days * DAY - 1)

    def _human(self, account: Integers, number: Integers, people_of: Accounts) -> Shares:
        sitting = number // np.maximum(people_of["session"], 1)
        visit = self.dice.pick("visit", people_of["n_days"], account, sitting)
        first_day = people_of["starts"] / DAY
        days = np.maximum((people_of["ends"] - people_of["starts"]) / DAY, 0.05)
        # A day of the visit, drawn again where it falls on a weekend and the account rests then.
        day = np.floor(first_day + days * self.dice.share("day", account, visit))
        resting = (np.mod(day, 7) >= 5) & (self.dice.share("rests", account, visit) > people.WEEKEND)
        office = people_of["rhythm"] == OFFICE
        again = np.floor(first_day + days * self.dice.share("another day", account, visit))
        day = np.where(resting | (office & (np.mod(day, 7) >= 5)), again, day)
        chance = self.dice.share("hour", account, sitting)
        hour = np.where(
            office,
            local_seconds(hours_table(people.OFFICE_HOURS), chance),
            local_seconds(hours_table(people.HUMAN_HOURS), chance),
        )
        within = number % np.maximum(people_of["session"], 1)
        pause = people_of["gap"] * (within + 0.8 * self.dice.share("pause", account, number))
        return np.asarray(day * DAY + hour + pause + 60.0 * (people_of["shift"] - people_of["offset"]))

    def columns(self, rows: Rows) -> Columns:
        """Everything else about the requests."""
        people_of = self.accounts[rows.account]
        return Columns(
            prompt=self._prompts(rows, people_of),
            system=self._systems(rows, people_of),
            ip=self._addresses(rows, people_of),
            user_agent=self._agents(rows, people_of),
            model=self._models(rows, people_of),
        )

    def template_rows(self, rows: Rows, people_of: Accounts) -> Integers:
        """The template set that writes each request, or NONE."""
        fills = self.dice.share("fills a template", rows.account, rows.number) < people_of["share_template"]
        chosen = np.where(fills, people_of["template_set"], NONE)
        return np.where(rows.number < people_of["n_pasted"], people_of["pasted_set"], chosen).astype(np.int64)

    def _prompts(self, rows: Rows, people_of: Accounts) -> Any:
        sets = self.template_rows(rows, people_of)
        templated = sets != NONE
        by_template = np.nonzero(templated)[0]
        by_hand = np.nonzero(~templated)[0]
        texts = pa.concat_arrays(
            [
                self._fill(rows, people_of, sets, by_template),
                self._say(rows, people_of, by_hand),
            ]
        )
        order = np.empty(len(sets), dtype=np.int64)
        order[np.concatenate([by_template, by_hand])] = np.arange(len(sets))
        return texts.take(pa.array(order))

    def _fill(self, rows: Rows, people_of: Accounts, sets: Integers, at: Integers) -> Any:
        account, number, place = rows.account[at], rows.number[at], rows.place[at]
        ring = people_of["ring"][at]
        ours = ring != NONE
        # A ring's items come from one queue: the place among all requests is unique. A few are handed out twice.
        twice = self.dice.share("retry", account, number) < RETRIES
        queued = self.dice.roll("work item", ring, place - twice)
        items = np.where(ours, queued, self.dice.roll("own item", account, number))
        restructured = np.where(ours, self.evasion.restructured, 0.0)
        replaced = np.where(ours, self.evasion.replaced_words, 0.0)
        chosen = self.templates.choose(self.dice, sets[at], items, restructured)
        ids, counts = self.templates.write(self.lexicon, sets[at], chosen, items, replaced)
        return self.lexicon.assemble(ids, counts)

    def _say(self, rows: Rows, people_of: Accounts, at: Integers) -> Any:
        account, number, person = rows.account[at], rows.number[at], people_of[at]
        language = person["language"].astype(np.int64)
        topic = person["topic"].astype(np.int64)
        writer = self.dice.roll("writer", account)
        relayed = person["relays"] > 0
        if relayed.any():
            # Real people behind the account: each with a language and matters of their own.
            sitting = number // np.maximum(person["session"], 1)
            client = self.dice.pick("client", np.maximum(person["relays"], 1), account, sitting)
            writer = np.where(relayed, self.dice.roll("client writer", account, client), writer)
            tongue = self.dice.weighted("client language", [c.share for c in people.COUNTRIES], writer)
            places = np.array([self.lexicon.languages.index(c.language) for c in people.COUNTRIES])
            language = np.where(relayed, places[tongue], language)
            topic = np.where(relayed, self.dice.pick("client topic", people.TOPICS, writer), topic)
        sort = self.dice.share("sort of request", account, number)
        kept = np.floor(OWN_PROMPTS * self.dice.share("kept", account, number) ** 2).astype(np.int64)
        famous = np.floor(POPULAR * self.dice.share("famous", account, number) ** 2.5).astype(np.int64)
        followup = sort < SHARE_FOLLOWUP
        popular = ~followup & (sort < SHARE_FOLLOWUP + SHARE_POPULAR)
        repeated = ~followup & ~popular
        repeated &= sort < SHARE_FOLLOWUP + SHARE_POPULAR + person["share_repeated"]
        seeds = self.dice.roll("fresh words", account, number)
        endings = seeds
        edited = repeated & (self.dice.share("edited", account, number) < SHARE_EDITED)
        seeds = np.where(repeated, self.dice.roll("own words", writer, kept), seeds)
        seeds = np.where(popular, self.dice.roll("popular words", language, famous), seeds)
        endings = np.where(edited, endings, seeds)
        long = np.floor((1.0 - self.dice.share("clauses", seeds)) ** -0.7).astype(np.int64)
        clauses = np.where(followup, 1, np.clip(long, 1, MOST_CLAUSES))
        topic = np.where(popular, 0, topic)
        writer = np.where(popular, self.dice.roll("nobody", language), writer)
        ids, counts = write_sentences(
            self.dice, self.lexicon, language, seeds, endings, clauses, followup, topic, writer
        )
        # A language that puts the noun first begins with the space before it.
        return pc.ascii_ltrim_whitespace(self.lexicon.assemble(ids, counts))

    def _systems(self, rows: Rows, people_of: Accounts) -> Any:
        number = people_of["system"].astype(np.int64)
        own = number == OWN
        owners, position = np.unique(rows.account[own], return_inverse=True)
        number[own] = len(self.systems) + position
        language = self.accounts["language"][owners].astype(np.int64)
        seeds = self.dice.roll("own system text", owners)
        ids, counts = write_sentences(
            self.dice,
            self.lexicon,
            language,
            seeds,
            seeds,
            1 + self.dice.pick("length of system text", 4, owners),
            np.zeros(len(owners), dtype=np.bool_),
            self.accounts["topic"][owners].astype(np.int64),
            self.dice.roll("writer", owners),
        )
        texts = pa.concat_arrays(
            [pa.array(list(self.systems), pa.string()), self.lexicon.assemble(ids, counts)]
        )
        return pa.DictionaryArray.from_arrays(pa.array(number.astype(np.int32), mask=number == NONE), texts)

    def _addresses(self, rows: Rows, people_of: Accounts) -> Any:
        account, number = rows.account, rows.number
        sitting = number // np.maximum(people_of["session"], 1)
        second = self.dice.share("which way on line", account, sitting) < people_of["share_second"]
        pool = np.where(second, people_of["second"], people_of["home"]).astype(np.int64)
        turn = np.where(second, people_of["second_turn"], people_of["home_turn"])
        day = (rows.second + 60 * people_of["offset"]) // DAY
        unit = np.where(turn == DAILY, day, np.where(turn == SESSION, sitting, 0))
        among = self.dice.pick("address of the subset", np.maximum(people_of["subset"], 1), account, number)
        unit = np.where(turn == SUBSET, among, unit)
        if self.evasion.address_per_day:
            fresh = people_of["fresh_daily"]
            fresh &= self.dice.share("leaves the pool", account, number) >= self.evasion.pool_share
            anywhere = self.regions[self.dice.pick("fresh region", len(self.regions), account, day)]
            pool = np.where(fresh, anywhere, pool)
            unit = np.where(fresh, day, unit)
        # Turns get draws apart, so that the third day's address is not the third of the subset.
        draws = self.dice.roll("address", account, unit * 4 + turn)
        hosts = self.dice.roll("host", account, day)
        return self.address_text(self.pools.address(pool, draws), hosts)

    def _agents(self, rows: Rows, people_of: Accounts) -> Any:
        other = self.dice.share("other client", rows.account, rows.number) < 0.25
        number = np.where(other, people_of["second_agent"], people_of["agent"]).astype(np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(number), pa.array(list(self.agents), pa.string()))

    def _models(self, rows: Rows, people_of: Accounts) -> Any:
        since = rows.second - people.RELEASED_AT * self.days * DAY
        ramp = np.clip(since / np.maximum(people_of["pace"], 1.0), 0.0, 1.0)
        moved = self.dice.share("moves", rows.account, rows.number) < people_of["adopts"] * ramp
        number = np.where(moved, len(people.MODELS), people_of["model"]).astype(np.int32)
        names = [*(name for name, _ in people.MODELS), people.NEW_MODEL]
        return pa.DictionaryArray.from_arrays(pa.array(number), pa.array(names, pa.string()))
