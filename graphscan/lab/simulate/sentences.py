"""Sentences of a language: clauses of a simple grammar, filled with its words.

In: for each text a language, a seed, a number of clauses. Out: piece numbers for `Lexicon.assemble`. The same
seed gives the same text, so that people can repeat themselves and each other.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphscan.lab.simulate.draws import Dice, Hashes, Integers, below, scramble, share_of
from graphscan.lab.simulate.lexicon import LETTERS, Lexicon, Numbers

OWN_NAMES = 8  # made-up names that a writer uses: of projects, people, places
_SKEW = 1.5  # how much more the first words of a list are used than the last
_TOPIC_STRIDE = 17  # how far the next topic's first nouns are from this one's
_NOUN, _TEXT = LETTERS.index("N"), LETTERS.index("T")
_SYLLABLES = (LETTERS.index("X"), LETTERS.index("Y"))


@dataclass(frozen=True)
class Speech:
    """What is to be said, a text a row.

    language  position in the lexicon
    seeds     decide every clause but the last, which `endings` decides
    clauses   how many
    short     one common phrase in place of clauses
    topic     says which nouns come first
    writer    whose made-up names are used
    """

    language: Integers
    seeds: Hashes
    endings: Hashes
    clauses: Integers
    short: NDArray[np.bool_]
    topic: Integers
    writer: Hashes


def write_sentences(dice: Dice, lexicon: Lexicon, speech: Speech) -> tuple[Numbers, Integers]:
    """Piece numbers of all texts one after the other, and how many each text has."""
    language = speech.language
    if not len(language):
        return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64)
    opening = lexicon.openings[language]
    first_pattern = opening[:, 0] + below(dice.roll("opening", speech.seeds), opening[:, 1])
    first_pattern = np.where(speech.short, lexicon.followup, first_pattern)
    whole = lexicon.patterns[first_pattern, 0] == _TEXT
    clauses = np.where(whole | speech.short, 1, speech.clauses)
    text = np.repeat(np.arange(len(language)), clauses)
    place = np.arange(len(text)) - (np.cumsum(clauses) - clauses)[text]
    ends_text = place == clauses[text] - 1
    clause_seed = dice.roll("clause", np.where(ends_text, speech.endings[text], speech.seeds[text]), place)
    following = lexicon.followings[language[text]]
    pattern = following[:, 0] + below(clause_seed, following[:, 1])
    pattern = np.where(place == 0, first_pattern[text], pattern)

    parts = lexicon.patterns[pattern]
    row, column = np.nonzero(parts >= 0)
    part = parts[row, column].astype(np.int64)
    said = text[row]
    draws = scramble(clause_seed[row] ^ (column.astype(np.uint64) << np.uint64(20)))
    _use_own_names(dice, draws, part, clause_seed[row], speech.writer[said])
    spoken = language[said]
    size = lexicon.size[spoken, part]
    even = share_of(draws)
    index = (np.where(part == _TEXT, even, even**_SKEW) * size).astype(np.int64)
    nouns = part == _NOUN
    index[nouns] = (index[nouns] + _TOPIC_STRIDE * speech.topic[said][nouns]) % size[nouns]
    ids = (lexicon.start[spoken, part] + index).astype(np.int32)
    counts = np.bincount(said, minlength=len(language))
    last = np.cumsum(counts) - 1
    ids[last] += np.isin(ids[last], lexicon.marks)
    return ids, counts


def _use_own_names(dice: Dice, draws: Hashes, part: Integers, clause: Hashes, writer: Hashes) -> None:
    """Lets the syllables of made-up names depend on the writer and the name alone."""
    at = np.nonzero(np.isin(part, _SYLLABLES))[0]
    if not len(at):
        return
    which = below(scramble(clause[at] ^ np.uint64(1 << 50)), OWN_NAMES)
    # X begins a name and Y goes on: the place within the name is the distance to the last X.
    begins = part[at] == _SYLLABLES[0]
    syllable = np.arange(len(at)) - np.maximum.accumulate(np.where(begins, np.arange(len(at)), 0))
    draws[at] = dice.roll("syllable", writer[at], which, syllable)
