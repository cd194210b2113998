"""What a ring takes: the tasks its prompts set, and the terms that are its own.

Takes in a ring's prompts and ordinary customers' beside them; gives out shares of prompts. Tasks are told by
the open list of phrases in `tasks.toml`, terms by how much more often a ring writes them than the customers.
"""

from __future__ import annotations

import functools
import math
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from graphscan.rings.portrait.words import Words, terms_of

POINTS = {"strong": 3, "medium": 2, "weak": 1}

MIN_POINTS = 2
"""Points from which a prompt is said to set a task."""

N_TERMS = 24
"""Terms of a ring that are kept."""


KEY = 3
"""Characters from a word's beginning by which phrases are looked up: a phrase is asked about where a word begins so."""


@dataclass(frozen=True)
class _Phrases:
    """The phrases that tell tasks, each with its task and points: by their first characters, which the blank before a
    word follows, and those of scripts without spaces."""

    tasks: tuple[str, ...]
    by_key: Mapping[str, Sequence[tuple[str, str, int]]]
    unspaced: Sequence[tuple[str, str, int]]


@functools.cache
def _phrases() -> _Phrases:
    tasks = tomllib.loads(Path(__file__).with_name("tasks.toml").read_text(encoding="utf-8"))
    by_key: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    unspaced: list[tuple[str, str, int]] = []
    for task, rules in tasks.items():
        for strength, phrases in rules.items():
            for phrase in map(_spaced, phrases):
                told = by_key[phrase[1 : KEY + 1]] if phrase.startswith(" ") else unspaced
                told.append((phrase, task, POINTS[strength]))
    return _Phrases(tuple(tasks), dict(by_key), unspaced)


def _spaced(text: str) -> str:
    """A text in lower case with one blank before each word and nothing else between words."""
    folded = re.sub(r"[\W_]+", " ", text.casefold()).strip()
    return f" {folded}" if folded[:1].isascii() else folded


def task_of(text: str) -> str | None:
    """The task that a text sets, by the phrases in it, each counted once; None where it has too few."""
    known = _phrases()
    spaced = " " + _spaced(text).lstrip()
    keys = known.by_key.keys() & {f"{word} "[:KEY] for word in spaced.split()}
    asked = [phrase for key in keys for phrase in known.by_key[key]]
    if not spaced.isascii():
        asked += known.unspaced
    points = dict.fromkeys(known.tasks, 0)
    for phrase, task, n in asked:
        if phrase in spaced:
            points[task] += n
    task = max(points, key=lambda t: points[t])
    return task if points[task] >= MIN_POINTS else None


def shares_of_tasks(tasks: Sequence[str | None]) -> dict[str, float]:
    """The share of prompts that set each task, most first; prompts that set none are in no share."""
    counts = Counter(t for t in tasks if t)
    return {t: n / len(tasks) for t, n in sorted(counts.items(), key=lambda c: (-c[1], c[0]))}


def counted_terms(prompts: Sequence[Words]) -> Counter[str]:
    """How many prompts have each term."""
    counts: Counter[str] = Counter()
    for words in prompts:
        counts.update(terms_of(words))
    return counts


def own_terms(
    ring: Sequence[Words], theirs: Mapping[str, int], n_theirs: int
) -> list[tuple[str, float, float]]:
    """Terms that a ring writes far more often than the customers: term, its share of either's prompts.

    `theirs` are the `counted_terms` of the customers' `n_theirs` prompts. Ranked by the log-odds of the two
    shares over their standard error, with half a prompt added to each side, and only terms in a fiftieth of
    the ring's prompts. A term inside a longer one that is as frequent is left out.

    Source: Monroe, Colaresi, Quinn, "Fightin' words", Political Analysis 16, 2008, doi:10.1093/pan/mpn018.
    """
    if not ring:
        return []
    n, m = len(ring), n_theirs
    ranked = []
    for term, count in counted_terms(ring).items():
        if count < max(3, 0.02 * n):
            continue
        other = theirs.get(term, 0)
        gap = _log_odds(count, n) - _log_odds(other, m)
        error = math.sqrt(1 / (count + 0.5) + 1 / (other + 0.5))
        if gap / error > 3:
            ranked.append((gap / error, term, count / n, other / m if m else 0.0))
    ranked.sort(key=lambda r: (-r[0], r[1]))
    kept: list[tuple[str, float, float]] = []
    for _, term, share, ordinary_share in ranked:
        if len(kept) == N_TERMS:
            break
        if any(term in held and s >= 0.9 * share for held, s, _ in kept):
            continue
        kept = [k for k in kept if not (k[0] in term and share >= 0.9 * k[1])]
        kept.append((term, share, ordinary_share))
    return kept


def _log_odds(count: int, n: int) -> float:
    return math.log((count + 0.5) / (n - count + 0.5))
