"""The languages: every list is there, and a reader of languages knows them."""

import numpy as np
import py3langid
import pytest

from graphscan.lab.simulate.customers import LANGUAGES
from graphscan.lab.simulate.draws import Dice
from graphscan.lab.simulate.lexicon import Lexicon, LexiconBuilder, words
from graphscan.lab.simulate.sentences import Speech, write_sentences

LEAST = {"openings": 15, "followups": 12, "nouns": 90, "adjectives": 28, "verbs": 34, "links": 15}


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return LexiconBuilder(LANGUAGES).build()


def say(lexicon: Lexicon, language: str, seeds: list[int], clauses: int = 4) -> list[str]:
    n = len(seeds)
    numbers = np.array(seeds, dtype=np.uint64)
    speech = Speech(
        language=np.full(n, LANGUAGES.index(language)),
        seeds=numbers,
        endings=numbers,
        clauses=np.full(n, clauses),
        short=np.zeros(n, dtype=np.bool_),
        topic=np.zeros(n, dtype=np.int64),
        writer=numbers,
    )
    texts: list[str] = lexicon.assemble(*write_sentences(Dice(0), lexicon, speech)).to_pylist()
    return texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_lists_are_long_enough_and_hold_no_word_twice(language: str) -> None:
    tongue = words(language)
    for name, least in LEAST.items():
        assert len(tongue[name]) >= least, name
        assert len(set(tongue[name])) == len(tongue[name]), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_library_reads_the_language(lexicon: Lexicon, language: str) -> None:
    texts = say(lexicon, language, list(range(20)))
    assert sum(py3langid.classify(text)[0] == language for text in texts) >= 18


def test_same_seed_same_text_and_no_edge_of_space(lexicon: Lexicon) -> None:
    for language in ("en", "ar", "th", "ja"):
        texts = say(lexicon, language, list(range(200)))
        assert texts == say(lexicon, language, list(range(200)))
        assert len(set(texts)) == 200
        assert all(text == text.strip() and "  " not in text for text in texts), language


def test_assembly_of_nothing(lexicon: Lexicon) -> None:
    assert say(lexicon, "en", []) == []
