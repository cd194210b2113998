"""Templates: prompts with slots, in sets; every set belongs to a ring, a crowd, or the public.

In: the sentences of `words/tasks*.toml` and `words/public.toml`. Out: `Templates`, whose rows are piece
numbers with negative numbers for slots, and for each set a record of its wording that ends up in
`simulated.json`.
"""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphscan.lab.simulate.draws import Dice, Hashes, Integers, below, scramble, share_of
from graphscan.lab.simulate.lexicon import PAD, Lexicon, LexiconBuilder, Numbers, choose, words

_SLOTS = re.compile(r"\{[^}]*\}(?:\s*\{[^}]*\})*")
_VARIANTS = 24  # wordings of each template where an operator restructures prompts


@dataclass(frozen=True)
class Wording:
    """One template as people read it: slots are shown as ⟨…⟩."""

    task: str
    text: str
    share: float


@dataclass(frozen=True)
class Templates:
    """Template rows and the sets they form.

    codes      rows × width: piece numbers, -(part of speech + 1) for slots, PAD at the end
    first, count, variants, language  one for each set; a template has `variants` rows one after the other
    edges      sets × most templates: cumulated shares, 1 beyond the last
    """

    codes: Numbers
    first: Integers
    count: Integers
    variants: Integers
    language: NDArray[np.int16]
    edges: NDArray[np.float64]
    wordings: tuple[tuple[Wording, ...], ...]

    def choose(
        self, dice: Dice, sets: Integers, items: Hashes, restructured: NDArray[np.float64]
    ) -> Integers:
        """The row that writes each item: one of the set's templates, in one of its wordings."""
        place = (self.edges[sets] <= dice.share("template", items)[:, None]).sum(axis=1)
        variant = 1 + dice.pick("variant", np.maximum(self.variants[sets] - 1, 1), items)
        reworded = (dice.share("reworded", items) < restructured) & (self.variants[sets] > 1)
        row = self.first[sets] + place * self.variants[sets] + np.where(reworded, variant, 0)
        return np.asarray(row, dtype=np.int64)

    def write(
        self, lexicon: Lexicon, sets: Integers, rows: Integers, items: Hashes, replaced: NDArray[np.float64]
    ) -> tuple[Numbers, Integers]:
        """Piece numbers of all texts one after the other, and how many each text has.

        `items` fills the slots: equal items give equal texts, except for the words that `replaced` (a share
        for each
        row) exchanges.
        """
        codes = self.codes[rows]
        language = self.language[sets]
        places = np.arange(codes.shape[1], dtype=np.uint64)
        slots = np.nonzero((codes < 0) & (codes > PAD))
        part = -codes[slots] - 1
        tongue = language[slots[0]]
        skewed = share_of(scramble(items[slots[0]] ^ (places[slots[1]] + np.uint64(1)))) ** 1.5
        codes[slots] = lexicon.start[tongue, part] + (skewed * lexicon.size[tongue, part]).astype(np.int32)
        if replaced.any():
            words_at = np.nonzero((self.codes[rows] >= 0) & (replaced > 0)[:, None])
            hashes = scramble(items[words_at[0]] ^ (places[words_at[1]] + np.uint64(1 << 40)))
            hit = share_of(hashes) < replaced[words_at[0]]
            at = (words_at[0][hit], words_at[1][hit])
            tongue = language[at[0]]
            other = below(scramble(hashes[hit]), lexicon.size[tongue, -1])
            codes[at] = lexicon.start[tongue, -1] + other.astype(np.int32)
        kept = codes != PAD
        return codes[kept], kept.sum(axis=1)


class TemplateBuilder:
    """Collects sets of templates and compiles them into a lexicon under construction."""

    def __init__(self, lexicon: LexiconBuilder, dice: Dice) -> None:
        self._lexicon = lexicon
        self._dice = dice
        self._rows: list[list[int]] = []
        self._sets: list[tuple[int, int, int, int, list[float]]] = []
        self._wordings: list[tuple[Wording, ...]] = []
        self._tasks = {"en": words("tasks")["tasks"], "zh": words("tasks_zh")["tasks"]}
        self._synonyms: dict[str, list[str]] = words("synonyms")["en"]

    def add_tasks(
        self, name: str, language: str, mix: dict[str, float], templates: int, restructured: bool
    ) -> int:
        """A set of `templates` templates over the tasks of `mix` (task, share); its number."""
        per_task = self._spread(mix, templates)
        plans: list[tuple[str, list[str], float]] = []
        for task, number in per_task.items():
            for serial in range(number):
                plans.append(
                    (task, self._compose(f"{name} {task} {serial}", language, task), mix[task] / number)
                )
        return self._add(name, language, plans, restructured)

    def add_texts(self, name: str, language: str, task: str, texts: list[str]) -> int:
        """A set of given templates, each as popular as its place in the list says; its number."""
        weights = [1.0 / (place + 1) for place in range(len(texts))]
        plans = [
            (task, [choose(text, self._dice, f"{name} {place}")], weight / sum(weights))
            for place, (text, weight) in enumerate(zip(texts, weights, strict=True))
        ]
        return self._add(name, language, plans, False)

    @staticmethod
    def _spread(mix: dict[str, float], templates: int) -> dict[str, int]:
        spread = dict.fromkeys(mix, 1)
        while sum(spread.values()) < templates:
            neediest = max(mix, key=lambda task: (mix[task] / spread[task], task))
            spread[neediest] += 1
        return spread

    def _compose(self, purpose: str, language: str, task: str) -> list[str]:
        bank: dict[str, list[str]] = self._tasks[language][task]
        generator = self._dice.generator(f"sentences {purpose}")
        rules = generator.choice(len(bank["rules"]), size=2, replace=False)
        chosen = [
            bank["openers"][int(generator.integers(len(bank["openers"])))],
            bank["asks"][int(generator.integers(len(bank["asks"])))],
            *(bank["rules"][int(rule)] for rule in rules),
            bank["formats"][int(generator.integers(len(bank["formats"])))],
        ]
        return [choose(sentence, self._dice, purpose) for sentence in chosen]

    def _add(
        self, name: str, language: str, plans: list[tuple[str, list[str], float]], restructured: bool
    ) -> int:
        place = self._lexicon.languages.index(language)
        first = len(self._rows)
        variants = _VARIANTS if restructured else 1
        for serial, (_, sentences, _) in enumerate(plans):
            self._rows.append(self._lexicon.compile(" ".join(sentences), place))
            for variant in range(1, variants):
                reordered = self._restructure(sentences, language, f"{name} {serial} {variant}")
                self._rows.append(self._lexicon.compile(" ".join(reordered), place))
        self._sets.append((first, len(plans), variants, place, [share for _, _, share in plans]))
        self._wordings.append(
            tuple(
                Wording(task, shown(sentences, self._lexicon.spaced[place]), round(share, 4))
                for task, sentences, share in plans
            )
        )
        return len(self._sets) - 1

    def _restructure(self, sentences: list[str], language: str, purpose: str) -> list[str]:
        generator = self._dice.generator(f"restructure {purpose}")
        order = generator.permutation(len(sentences))
        if language != "en":  # the list of synonyms is English
            return [sentences[int(place)] for place in order]
        opening = self._synonyms["openings"][int(generator.integers(len(self._synonyms["openings"])))]
        reworded = []
        for sentence in (sentences[int(place)] for place in order):
            tokens = sentence.split(" ")
            for at, token in enumerate(tokens):
                bare = token.strip(".,;:").lower()
                if bare in self._synonyms and generator.random() < 0.7:
                    options = self._synonyms[bare]
                    tokens[at] = token.lower().replace(bare, options[int(generator.integers(len(options)))])
            reworded.append(" ".join(tokens))
        return [opening, *reworded]

    def wordings(self, number: int) -> tuple[Wording, ...]:
        """The templates of a set, for people to read."""
        return self._wordings[number]

    def build(self) -> Templates:
        """The finished sets."""
        width = max(len(row) for row in self._rows)
        codes = np.full((len(self._rows), width), PAD, dtype=np.int32)
        for place, row in enumerate(self._rows):
            codes[place, : len(row)] = row
        most = max(count for _, count, _, _, _ in self._sets)
        edges = np.full((len(self._sets), most), 2.0)
        for place, (_, count, _, _, shares) in enumerate(self._sets):
            edges[place, : count - 1] = np.cumsum(shares)[:-1] / sum(shares)
        columns: list[Any] = list(zip(*self._sets, strict=True))
        return Templates(
            codes=codes,
            first=np.array(columns[0], dtype=np.int64),
            count=np.array(columns[1], dtype=np.int64),
            variants=np.array(columns[2], dtype=np.int64),
            language=np.array(columns[3], dtype=np.int16),
            edges=edges,
            wordings=tuple(self._wordings),
        )


def shown(sentences: list[str], spaced: bool) -> str:
    """A template for people to read: runs of slots become ⟨…⟩."""
    text = _SLOTS.sub("⟨…⟩", " ".join(sentences))
    return text if spaced else text.replace(" ", "")
