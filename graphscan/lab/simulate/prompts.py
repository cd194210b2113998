"""What is written: prompts, system texts, and what the model answers.

In: rows of requests. Out: their texts as Arrow strings. A text is a function of the account and of the number
of the request, so an answer that somebody pastes elsewhere is written a second time, not remembered.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graphscan.lab.simulate import people
from graphscan.lab.simulate.draws import Dice, Hashes, Integers
from graphscan.lab.simulate.evasion import Evasion
from graphscan.lab.simulate.lexicon import Lexicon
from graphscan.lab.simulate.sentences import Speech, write_sentences
from graphscan.lab.simulate.templates import Templates
from graphscan.lab.simulate.world import NONE, OWN, Accounts

SHARE_SHORT = 0.13  # requests of a few common words
SHARE_POPULAR = 0.06  # requests that many people of a language send word for word
POPULAR = 80  # such requests in each language
OWN_PROMPTS = 6  # prompts that an account keeps and sends again
SHARE_EDITED = 0.4  # of those, with another ending
MOST_CLAUSES = 12
RETRIES = 0.003  # of a ring's work items, handed out twice
SHARE_CANARY = 0.01  # answers that carry a marked string
SHARE_REPLAYED = 0.02  # of the template requests of a ring that replays: another account's answer is in them
_TRIES = 8  # answers looked at for one that carries a canary


@dataclass(frozen=True)
class Rows:
    """Requests: account and its record, number within it, place among all (account by account), second."""

    account: Integers
    person: Accounts
    number: Integers
    place: Integers
    second: Integers


@dataclass(frozen=True)
class Timeline:
    """When everything happens: request k of account a has place `first[a] + k`; `seconds` by place."""

    accounts: Accounts
    first: Integers
    seconds: NDArray[np.int32]

    def rows(self, place: Integers) -> Rows:
        """The requests at some places."""
        account = np.searchsorted(self.first, place, side="right") - 1
        second = self.seconds[place].astype(np.int64)
        return Rows(account, self.accounts[account], place - self.first[account], place, second)


@dataclass(frozen=True)
class Pen:
    """Writes the texts of one world."""

    dice: Dice
    evasion: Evasion
    accounts: Accounts
    lexicon: Lexicon
    templates: Templates
    systems: tuple[str, ...]
    timeline: Timeline
    replaying: NDArray[np.bool_]  # by ring

    def prompts(self, rows: Rows, answered: bool) -> Any:
        """Arrow strings. Where `answered`, some prompts of rings end in the answer to another account."""
        sets = self._sets(rows)
        by_template, by_hand = np.nonzero(sets != NONE)[0], np.nonzero(sets == NONE)[0]
        templated = _only(rows, by_template)
        filled = self._fill(templated, sets[by_template])
        if answered:
            filled = self._replay(templated, filled)
        said = self._say(_only(rows, by_hand))
        order = np.empty(len(sets), dtype=np.int64)
        order[np.concatenate([by_template, by_hand])] = np.arange(len(sets))
        return pa.concat_arrays([filled, said]).take(pa.array(order))

    def _sets(self, rows: Rows) -> Integers:
        """The template set that writes each request, or NONE."""
        person = rows.person
        fills = self.dice.share("fills a template", rows.account, rows.number) < person["share_template"]
        chosen = np.where(fills, person["template_set"], NONE)
        return np.where(rows.number < person["n_pasted"], person["pasted_set"], chosen).astype(np.int64)

    def _fill(self, rows: Rows, sets: Integers) -> Any:
        ours = rows.person["ring"] != NONE
        # A ring's items come from one queue: the place among all requests is unique. A few are handed out
        # twice.
        twice = self.dice.share("retry", rows.account, rows.number) < RETRIES
        queued = self.dice.roll("work item", rows.person["ring"], rows.place - twice)
        items = np.where(ours, queued, self.dice.roll("own item", rows.account, rows.number))
        restructured = np.where(ours, self.evasion.restructured, 0.0)
        replaced = np.where(ours, self.evasion.replaced_words, 0.0)
        chosen = self.templates.choose(self.dice, sets, items, restructured)
        return self.lexicon.assemble(*self.templates.write(self.lexicon, sets, chosen, items, replaced))

    def _say(self, rows: Rows) -> Any:
        account, number, person = rows.account, rows.number, rows.person
        language, topic, writer = self._voice(rows)
        sort = self.dice.share("sort of request", account, number)
        kept = np.floor(OWN_PROMPTS * self.dice.share("kept", account, number) ** 2).astype(np.int64)
        famous = np.floor(POPULAR * self.dice.share("famous", account, number) ** 2.5).astype(np.int64)
        short = sort < SHARE_SHORT
        popular = ~short & (sort < SHARE_SHORT + SHARE_POPULAR)
        repeated = ~short & ~popular & (sort < SHARE_SHORT + SHARE_POPULAR + person["share_repeated"])
        edited = repeated & (self.dice.share("edited", account, number) < SHARE_EDITED)
        fresh = self.dice.roll("fresh words", account, number)
        seeds = np.where(repeated, self.dice.roll("own words", writer, kept), fresh)
        seeds = np.where(popular, self.dice.roll("popular words", language, famous), seeds)
        long = np.floor((1.0 - self.dice.share("clauses", seeds)) ** -0.7).astype(np.int64)
        speech = Speech(
            language=language,
            seeds=seeds,
            endings=np.where(edited, fresh, seeds),
            clauses=np.clip(long, 1, MOST_CLAUSES),
            short=short,
            topic=np.where(popular, 0, topic),
            writer=np.where(popular, self.dice.roll("nobody", language), writer),
        )
        # A language that puts the noun first begins with the space before it.
        return pc.ascii_ltrim_whitespace(
            self.lexicon.assemble(*write_sentences(self.dice, self.lexicon, speech))
        )

    def _voice(self, rows: Rows) -> tuple[Integers, Integers, Hashes]:
        """Language, topic and writer of each request: the account's, or those of a real person behind it."""
        person = rows.person
        language = person["language"].astype(np.int64)
        topic = person["topic"].astype(np.int64)
        writer = self.dice.roll("writer", rows.account)
        relayed = person["relays"] > 0
        if relayed.any():
            sitting = rows.number // np.maximum(person["session"], 1)
            client = self.dice.pick("client", np.maximum(person["relays"], 1), rows.account, sitting)
            writer = np.where(relayed, self.dice.roll("client writer", rows.account, client), writer)
            country = self.dice.weighted("client country", [c.share for c in people.COUNTRIES], writer)
            tongues = np.array([self.lexicon.languages.index(c.language) for c in people.COUNTRIES])
            language = np.where(relayed, tongues[country], language)
            topic = np.where(relayed, self.dice.pick("client topic", people.TOPICS, writer), topic)
        return language, topic, writer

    def system_texts(self, rows: Rows) -> Any:
        """Arrow dictionary: null for most, else a text shared by a tool or a ring, or an account's own."""
        number = rows.person["system"].astype(np.int64)
        own = number == OWN
        owners, position = np.unique(rows.account[own], return_inverse=True)
        number[own] = len(self.systems) + position
        seeds = self.dice.roll("own system text", owners)
        speech = Speech(
            language=self.accounts["language"][owners].astype(np.int64),
            seeds=seeds,
            endings=seeds,
            clauses=1 + self.dice.pick("length of system text", 4, owners),
            short=np.zeros(len(owners), dtype=np.bool_),
            topic=self.accounts["topic"][owners].astype(np.int64),
            writer=self.dice.roll("writer", owners),
        )
        written = self.lexicon.assemble(*write_sentences(self.dice, self.lexicon, speech))
        texts = pa.concat_arrays([pa.array(list(self.systems), pa.string()), written])
        return pa.DictionaryArray.from_arrays(pa.array(number.astype(np.int32), mask=number == NONE), texts)

    def answers(self, rows: Rows) -> Any:
        """Arrow strings: what the model said, with a marked string at the end of some."""
        sets = self._sets(rows)
        language, topic, _ = self._voice(rows)
        language = np.where(sets != NONE, self.templates.language[sets], language)
        seeds = self.dice.roll("answer", rows.account, rows.number)
        speech = Speech(
            language=language,
            seeds=seeds,
            endings=seeds,
            clauses=2 + self.dice.pick("length of answer", 11, seeds),
            short=np.zeros(len(seeds), dtype=np.bool_),
            topic=topic,
            writer=seeds,
        )
        said = pc.ascii_ltrim_whitespace(
            self.lexicon.assemble(*write_sentences(self.dice, self.lexicon, speech))
        )
        tokens = pc.if_else(pa.array(self.carries_canary(rows)), self.canaries(rows), "")
        return pc.binary_join_element_wise(said, tokens, "")

    def carries_canary(self, rows: Rows) -> NDArray[np.bool_]:
        """Whether each answer has a marked string planted in it."""
        return self.dice.share("canary", rows.account, rows.number) < SHARE_CANARY

    def canaries(self, rows: Rows) -> Any:
        """Arrow strings: the marked string of each answer, whether it is planted or not."""
        return hexadecimal(" cny-", self.dice.roll("canary token", rows.account, rows.number), 6)

    def _replay(self, rows: Rows, filled: Any) -> Any:
        """The prompts, with an earlier answer to another account at the end of some of rings that replay."""
        ring = rows.person["ring"]
        replays = self.replaying[ring] & (ring != NONE)
        replays &= self.dice.share("replays", rows.account, rows.number) < SHARE_REPLAYED
        at = np.nonzero(replays)[0]
        if not len(at):
            return filled
        members = self.accounts["ring"]
        bounds = np.flatnonzero(np.diff(members, prepend=members[0] - 1, append=members[-1] + 1))
        block = np.searchsorted(bounds, rows.account[at], side="right")
        low, high = self.timeline.first[bounds[block - 1]], self.timeline.first[bounds[block]]
        source = np.full(len(at), NONE, dtype=np.int64)
        for attempt in range(_TRIES):
            candidate = low + self.dice.pick(
                "replayed", high - low, rows.account[at], rows.number[at], attempt
            )
            found = self.timeline.rows(candidate)
            usable = (found.second < rows.second[at]) & (found.account != rows.account[at])
            better = (source == NONE) | self.carries_canary(found)
            source = np.where(usable & better, candidate, source)
        at, source = at[source != NONE], source[source != NONE]
        pasted = pa.nulls(len(rows.place), pa.string())
        pasted = pc.replace_with_mask(
            pasted,
            pa.array(np.isin(np.arange(len(rows.place)), at)),
            self.answers(self.timeline.rows(source)),
        )
        joined = pc.binary_join_element_wise(filled, pasted, "\n\n")
        return pc.coalesce(joined, filled)


def hexadecimal(prefix: str, words: Hashes, n_bytes: int) -> Any:
    """Arrow strings: the prefix and the lowest bytes of each word."""
    pieces = pa.array([prefix, *(f"{byte:02x}" for byte in range(256))])
    shifts = np.arange(n_bytes - 1, -1, -1, dtype=np.uint64) * np.uint64(8)
    digits = ((words[:, None] >> shifts) & np.uint64(255)).astype(np.int32) + 1
    ids = np.concatenate([np.zeros((len(words), 1), dtype=np.int32), digits], axis=1)
    _, _, data = pieces.take(pa.array(ids.ravel())).buffers()
    offsets = np.arange(len(words) + 1, dtype=np.int32) * np.int32(len(prefix) + 2 * n_bytes)
    return pa.StringArray.from_buffers(len(words), pa.py_buffer(offsets), data)


def _only(rows: Rows, at: Integers) -> Rows:
    return Rows(rows.account[at], rows.person[at], rows.number[at], rows.place[at], rows.second[at])
