"""Words of twenty-odd languages as one table of pieces, and the texts made of them.

In: the word lists in `words/`. Out: `Lexicon`, whose pieces are strings with the space that goes before them,
so that a text is a row of piece numbers and nothing else. `assemble` turns rows of numbers into Arrow strings
with one copy.
"""

import re
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from graphscan.lab.simulate.draws import Dice

Numbers = NDArray[np.int32]

# One letter a part of speech: the lists below, X and Y syllables, D numbers, K code, T whole texts from a
# file. W, in patterns only, is a made-up name: X, Y, Y.
LETTERS = "OFPCNAVLXYDK.?,T"
STARTERS = "OFPC"
ANY_WORD = len(LETTERS)
PAD = np.int32(-1000)

_OPENING = [
    "O N L N .",
    "O A N L N .",
    "O N L A N ?",
    "O N ?",
    "O V N L W .",
    "O W L N .",
    "O N , N L N ?",
    "O A N , A N L N .",
]
_FOLLOWING = [
    "P V A N L N .",
    "P V N L N , V A N .",
    "C .",
    "P V N L W .",
    "P V D N L N .",
    "C , A N L N .",
    "P V A N , N L W .",
]
_LISTS = {
    "O": "openings",
    "F": "followups",
    "P": "subjects",
    "C": "closings",
    "N": "nouns",
    "A": "adjectives",
    "V": "verbs",
    "L": "links",
}
_TOKEN = re.compile(r"(\s*)(\{[^}]+\}|[^\s{}]+)")
_CHOICE = re.compile(r"\[([^\[\]]+)\]")


def words(name: str) -> dict[str, Any]:
    """One of the TOML files in `words/`."""
    return tomllib.loads(text_file(f"{name}.toml"))


def text_file(name: str) -> str:
    """A file of `words/` as it is."""
    return (resources.files("graphscan.lab.simulate") / "words" / name).read_text(encoding="utf-8")


@dataclass(frozen=True)
class Lexicon:
    """Pieces of text by language and part of speech.

    start, size  languages × parts of speech: where a part's pieces lie; the last column is any word
    patterns     clauses as rows of parts of speech, padded with -1
    openings, followings  languages × 2: first pattern and number of patterns
    marks        full stops and question marks as they stand inside a text; the next piece is the same one at
                 an end
    followup     the pattern of a whole short prompt ("thanks", "go on")
    """

    languages: tuple[str, ...]
    pieces: Any
    start: Numbers
    size: Numbers
    patterns: NDArray[np.int8]
    openings: Numbers
    followings: Numbers
    marks: Numbers
    followup: int

    def assemble(self, ids: Numbers, counts: NDArray[np.int64]) -> Any:
        """Arrow strings: the first `counts[0]` pieces joined, then the next `counts[1]`, and so on."""
        joined = self.pieces.take(pa.array(ids))
        _, offsets, data = joined.buffers()
        edges = np.zeros(len(counts) + 1, dtype=np.int64)
        np.cumsum(counts, out=edges[1:])
        piece_offsets = (
            np.frombuffer(offsets, dtype=np.int32, count=len(ids) + 1) if len(ids) else np.zeros(1, np.int32)
        )
        text_offsets = np.ascontiguousarray(piece_offsets[edges])
        return pa.StringArray.from_buffers(len(counts), pa.py_buffer(text_offsets), data)


class LexiconBuilder:
    """Collects pieces; `literal` adds the words of templates, `build` ends it."""

    def __init__(self, languages: tuple[str, ...], texts: list[str] | None = None) -> None:
        """`texts`, where given, are what people of the first language write."""
        self.languages = languages
        self._pieces: list[str] = []
        self._literals: dict[str, int] = {}
        self._patterns: list[list[int]] = []
        self._marks: list[int] = []
        n = len(languages)
        self._start = np.zeros((n, ANY_WORD + 1), dtype=np.int32)
        self._size = np.ones((n, ANY_WORD + 1), dtype=np.int32)
        self._openings = np.zeros((n, 2), dtype=np.int32)
        self._followings = np.zeros((n, 2), dtype=np.int32)
        self._followup, _ = self._add_patterns(["F"], False)
        code = words("code")["code"]
        tongues = [words(language) for language in languages]
        self.spaced = tuple(bool(tongue["spaces"]) for tongue in tongues)
        for place, tongue in enumerate(tongues):
            self._add_language(place, tongue, code)
        if texts:
            self._block(0, "T", texts)
            self._openings[0] = self._add_patterns(["T"], False)

    def _add_language(self, place: int, tongue: dict[str, Any], code: list[str]) -> None:
        gap = " " if tongue["spaces"] else ""
        for letter in "NAVLOFPC":
            lead = "" if letter in STARTERS else gap
            self._block(place, letter, [_led(lead, word) for word in tongue[_LISTS[letter]]])
        self._start[place, ANY_WORD] = self._start[place, LETTERS.index("N")]
        self._size[place, ANY_WORD] = sum(self._size[place, LETTERS.index(letter)] for letter in "NAVL")
        syllables = tongue["syllables"]
        self._block(place, "X", [gap + syllable.capitalize() for syllable in syllables])
        self._block(place, "Y", syllables)
        self._block(place, "D", [f"{gap}{number}" for number in range(2, 1000)])
        self._block(place, "K", [gap + line for line in code])
        for letter, key, usual in (
            (".", "full_stop", "."),
            ("?", "question", "?"),
            (",", "comma", ","),
        ):
            mark = tongue.get(key, usual)
            # Two forms side by side: the first inside a text, the second at its end.
            self._block(place, letter, [mark if letter == "," else mark + gap, mark.rstrip()])
            self._size[place, LETTERS.index(letter)] = 1
            if letter != ",":
                self._marks.append(len(self._pieces) - 2)
        after = tongue.get("adjectives_after", False)
        self._openings[place] = self._add_patterns(tongue.get("opening_patterns", _OPENING), after)
        self._followings[place] = self._add_patterns(tongue.get("following_patterns", _FOLLOWING), after)

    def _block(self, place: int, letter: str, pieces: list[str]) -> None:
        self._start[place, LETTERS.index(letter)] = len(self._pieces)
        self._size[place, LETTERS.index(letter)] = len(pieces)
        self._pieces.extend(pieces)

    def _add_patterns(self, patterns: list[str], adjectives_after: bool) -> tuple[int, int]:
        first = len(self._patterns)
        for pattern in patterns:
            ordered = pattern.replace("A N", "N A") if adjectives_after else pattern
            self._patterns.append(parts_of_speech(ordered))
        return first, len(patterns)

    def literal(self, piece: str) -> int:
        """The number of a piece that stands for itself."""
        if piece not in self._literals:
            self._literals[piece] = len(self._pieces)
            self._pieces.append(piece)
        return self._literals[piece]

    def compile(self, text: str, language: int) -> list[int]:
        """A template as piece numbers; a slot of part of speech p is -(p + 1)."""
        codes: list[int] = []
        for space, token in _TOKEN.findall(text):
            if token.startswith("{"):
                codes.extend(-(part + 1) for part in parts_of_speech(token[1:-1]))
            else:
                lead = " " if space and codes and self.spaced[language] else ""
                codes.append(self.literal(lead + token))
        return codes

    def build(self) -> Lexicon:
        """The finished table."""
        width = max(len(pattern) for pattern in self._patterns)
        patterns = np.full((len(self._patterns), width), -1, dtype=np.int8)
        for row, pattern in enumerate(self._patterns):
            patterns[row, : len(pattern)] = pattern
        return Lexicon(
            languages=self.languages,
            pieces=pa.array(self._pieces, pa.string()),
            start=self._start,
            size=self._size,
            patterns=patterns,
            openings=self._openings,
            followings=self._followings,
            marks=np.array(self._marks, dtype=np.int32),
            followup=self._followup,
        )


def _led(lead: str, word: str) -> str:
    """The word with the space before it; `+` writes it on to the last one."""
    return word[1:] if word.startswith("+") else lead + word


def parts_of_speech(pattern: str) -> list[int]:
    """`A N W .` as numbers; a made-up name is three syllables."""
    letters = [part for token in pattern.split() for part in ("XYY" if token == "W" else token)]
    return [LETTERS.index(letter) for letter in letters]


def choose(sentence: str, dice: Dice, purpose: str) -> str:
    """The sentence with every `[a|b|c]` decided, the same way for the same purpose."""
    generator = dice.generator(f"wording {purpose} {sentence}")

    def one(found: re.Match[str]) -> str:
        options = found.group(1).split("|")
        return options[int(generator.integers(len(options)))]

    return _CHOICE.sub(one, sentence)
