"""Sentences of a language: clauses of a simple grammar, filled with its words.

In: for each text a language, a seed, a number of clauses. Out: piece numbers for `Lexicon.assemble`. The same seed
gives the same text, so that people can repeat themselves and each other.
"""

import numpy as np
from numpy.typing import NDArray

from graphscan.lab.simulate.draws import Dice, Hashes, Integers, below, scramble, share_of
from graphscan.lab.simulate.lexicon import LETTERS, Lexicon, Numbers

OWN_NAMES = 8  # made-up names that a writer uses: of projects, people, places
_NOUN, _TEXT = LETTERS.index("N"), LETTERS.index("T")
_SYLLABLES = (LETTERS.index("X"), LETTERS.index("Y"))
_TOPIC_STRIDE = 17


def write_sentences(
    dice: Dice,
    lexicon: Lexicon,
    language: Integers,
    seeds: Hashes,
    endings: Hashes,
    clauses: Integers,
    followup: NDArray[np.bool_],
    topic: Integers,
    writer: Hashes,
) -> tuple[Numbers, Integers]:
    """Piece numbers of all texts one after the other, and how many each text has.

    The last clause is drawn from `endings`, the others from `seeds`; a `followup` is one short phrase; `topic` says
    which nouns come first; made-up names are the `writer`'s own.
    """
    if not len(language):
        return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64)
    opening = lexicon.openings[language]
    first_pattern = opening[:, 0] + below(dice.roll("opening", seeds), opening[:, 1])
    whole = lexicon.patterns[first_pattern, 0] == _TEXT
    clauses = np.where(whole, 1, clauses)
    text = np.repeat(np.arange(len(language)), clauses)
    starts = np.cumsum(clauses) - clauses
    place = np.arange(len(text)) - starts[text]
    tongue = language[text]
    last = place == clauses[text] - 1
    clause_seed = dice.roll("clause", np.where(last, endings[text], seeds[text]), place)
    following = lexicon.followings[tongue]
    pattern = following[:, 0] + below(clause_seed.copy(), following[:, 1])
    pattern = np.where(place == 0, np.where(followup, lexicon.followup, first_pattern)[text], pattern)

    parts = lexicon.patterns[pattern]
    row, column = np.nonzero(parts >= 0)
    part = parts[row, column].astype(np.int64)
    draws = scramble(clause_seed[row] ^ (column.astype(np.uint64) << np.uint64(20)))
    _use_own_names(dice, draws, part, clause_seed[row], writer[text[row]])
    spoken = tongue[row]
    size = lexicon.size[spoken, part]
    skewed = share_of(draws)
    chosen = np.where(part == _TEXT, skewed, skewed**2)
    index = (chosen * size).astype(np.int64)
    nouns = part == _NOUN
    index[nouns] = (index[nouns] + _TOPIC_STRIDE * topic[text[row]][nouns]) % size[nouns]
    ids = (lexicon.start[spoken, part] + index).astype(np.int32)
    counts = np.bincount(text[row], minlength=len(language))
    ends = np.cumsum(counts) - 1
    ids[ends] += np.isin(ids[ends], lexicon.marks)
    return ids, counts


def _use_own_names(dice: Dice, draws: Hashes, part: Integers, clause: Hashes, writer: Hashes) -> None:
    """Lets the syllables of made-up names depend on the writer and the name alone."""
    named = np.isin(part, _SYLLABLES)
    if not named.any():
        return
    at = np.nonzero(named)[0]
    which = below(scramble(clause[at] ^ np.uint64(1 << 50)), OWN_NAMES)
    # X begins a name and Y goes on: the place within the name is the distance to the last X.
    begins = part[at] == _SYLLABLES[0]
    syllable = np.arange(len(at)) - np.maximum.accumulate(np.where(begins, np.arange(len(at)), 0))
    draws[at] = dice.roll("syllable", writer[at], which, syllable)
