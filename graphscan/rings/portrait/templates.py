"""Templates with their slots, from a sample of a ring's prompts.

Takes in prompts as words, with the account of each; gives out groups of prompts that fill one template, the
template written out with ⟨…⟩ where it varies. Prompts are grouped through runs of words that recur: each
group joins the group most like it, round after round, and must be more alike the larger groups grow
(Borůvka's order, on cosines of summed vectors). So a template is found whole although half of its words are
replaced in each prompt: two prompts then have little in common, but each has much in common with all of
them.

Source: the order of joining is Borůvka's (1926); summed vectors as centres: Dhillon and Modha, "Concept
decompositions for large sparse text data using clustering", Machine Learning 42, 2001,
doi:10.1023/A:1007612920971.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from graphscan.rings.portrait.words import Words, runs_of, words_of

SLOT = "⟨…⟩"

LIKENESS = (0.15, 0.3, 0.5, 0.65)
"""Least cosine of two groups that join, round by round, the last for all rounds after: up, and templates
fall apart; down, and templates that share a sentence become one."""

MIN_SHARED = 2
"""Runs that two prompts share before their first joining."""

MIN_SHARE = 0.01
"""Share of a sample that a template fills at least."""

MIN_PROMPTS = 3
"""Prompts that fill a template at least."""

ALIGNED = 40
"""Prompts of a group that are laid side by side to tell words from slots."""

LITERAL = 0.4
"""Share of them that must have the same word in a place, or it is a slot: down to half of the words may be
replaced."""

ALONE = 0.8
"""The same share for a word between two slots."""

FITS = 0.4
"""Share of a template's own words that a prompt must have to fill it."""

GAP = 40
"""Characters between two words that are shown: a slot of punctuation may be long."""

MOST_WORDS = 220
"""Words of a template that are written out; a slot may hold a whole document."""


@dataclass(frozen=True)
class Template:
    """One template: its text with slots, and which of the prompts fill it (indices, ascending)."""

    text: str
    words: tuple[str, ...]
    prompts: NDArray[np.int64]


def find_templates(
    prompts: Sequence[Words], accounts: Sequence[str], public: frozenset[tuple[str, ...]]
) -> list[Template]:
    """Templates that at least two accounts fill, most filled first; runs in `public` group nothing."""
    groups = _group(prompts, public)
    least = max(MIN_PROMPTS, MIN_SHARE * len(prompts))
    found = []
    for members in groups:
        if members.size < least:
            continue
        text, literal = _written([prompts[i] for i in members])
        fits = np.array([_share_of(literal, prompts[i]) >= FITS for i in members], bool)
        kept = members[fits]
        if literal and kept.size >= least and len({accounts[i] for i in kept}) > 1:
            found.append(Template(text, literal, kept))
    return sorted(found, key=lambda t: (-t.prompts.size, t.text))


def _group(prompts: Sequence[Words], public: frozenset[tuple[str, ...]]) -> list[NDArray[np.int64]]:
    """Prompts that belong together, as arrays of their indices; groups of one are left out."""
    runs = [runs_of(words) - public for words in prompts]
    # A run that is in one prompt alone says nothing; neither do copies, whatever account sent them.
    counts: Counter[tuple[str, ...]] = Counter()
    for found in runs:
        counts.update(found)
    number = {run: i for i, run in enumerate(sorted(r for r, n in counts.items() if n >= MIN_PROMPTS))}
    if not number:
        return []
    rows = [sorted(number[run] for run in number.keys() & found) for found in runs]
    copies: dict[tuple[int, ...], int] = {}
    label = np.array([copies.setdefault(tuple(row), len(copies)) for row in rows], np.int64)
    distinct = sorted(copies, key=copies.__getitem__)
    sizes = np.array([len(row) for row in distinct])
    indices = np.array([i for row in distinct for i in row], np.int64)
    ptr = np.concatenate([[0], np.cumsum(sizes)])
    weight = np.bincount(label, minlength=len(distinct)).astype(np.float64)
    X = sp.csr_array((np.repeat(weight, sizes), indices, ptr), shape=(len(distinct), len(number)))
    # What a template says recurs more than what is put into its slots, so frequent runs weigh more, not less.
    frequent = np.sqrt([counts[run] for run in number])
    X = sp.csr_array(X @ sp.diags_array(frequent))
    group = _joined(X, np.where(sizes == 0)[0])[label]
    order = np.argsort(group, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(group[order])) + 1)
    return [p for p in parts if p.size > 1 and rows[p[0]]]


def _joined(X: sp.csr_array, empty: NDArray[np.int64]) -> NDArray[np.int64]:
    """A group for each row of X, dense from zero; rows in `empty` stay alone."""
    group = np.arange(X.shape[0], dtype=np.int64)
    summed = X
    alone = np.zeros(X.shape[0], bool)
    alone[empty] = True
    for turn in range(64):
        least = LIKENESS[min(turn, len(LIKENESS) - 1)]
        best, likeness, shared = _nearest(summed)
        joins = (likeness >= least) & ~alone & ((shared >= MIN_SHARED) | (likeness >= 0.999))
        if not joins.any():
            if turn >= len(LIKENESS) - 1:
                break
            continue
        n = summed.shape[0]
        left = np.flatnonzero(joins)
        graph = sp.coo_array((np.ones(left.size), (left, best[left])), shape=(n, n))
        n_groups, to = connected_components(graph, directed=False)
        onto = sp.csr_array((np.ones(n), (to, np.arange(n))), shape=(n_groups, n))
        summed = sp.csr_array(onto @ summed)
        alone = np.bincount(to, alone, n_groups) > 0
        group = to.astype(np.int64)[group]
    return group


def _nearest(X: sp.csr_array) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """For each row the most similar other one, the cosine, and how many columns both have."""
    norms = np.sqrt(np.asarray(X.multiply(X).sum(axis=1)).ravel())
    unit = sp.csr_array(sp.diags_array(1.0 / np.maximum(norms, 1e-12)) @ X)
    n = X.shape[0]
    best, likeness, shared = np.zeros(n, np.int64), np.zeros(n), np.zeros(n)
    has = sp.csr_array((np.ones(X.nnz), X.indices, X.indptr), shape=X.shape)
    transposed = sp.csc_array(unit.T)
    for begin in range(0, n, 512):
        block = np.asarray((unit[begin : begin + 512] @ transposed).todense())
        own = np.arange(block.shape[0])
        block[own, begin + own] = -1.0
        near = block.argmax(axis=1)
        best[begin : begin + own.size] = near
        likeness[begin : begin + own.size] = block[own, near]
        both = has[begin : begin + own.size].multiply(has[near])
        shared[begin : begin + own.size] = np.asarray(both.sum(axis=1)).ravel()
    return best, likeness, shared


def _written(prompts: Sequence[Words]) -> tuple[str, tuple[str, ...]]:
    """The template that these prompts fill, with slots, and its own words.

    The prompt with most of the common runs is the frame; the others are laid along it, and each place takes
    the word that most of them have there.
    """
    step = max(1, len(prompts) // ALIGNED)
    some = list(prompts[::step][:ALIGNED])
    counts = Counter(run for words in some for run in runs_of(words))
    frame = max(some, key=lambda w: (sum(counts[r] for r in runs_of(w)) / (len(w.folded) + 8), w.text))
    votes: list[Counter[str]] = [Counter() for _ in frame.folded[:MOST_WORDS]]
    for other in some:
        _vote(votes, frame, other)
    chosen = [vote.most_common(1)[0] for vote in votes]
    literal = [count >= LITERAL * len(some) for _, count in chosen]
    # A word that stands alone between slots is the template's only where nearly all have it.
    beside = [False, *literal, False]
    kept = [
        (k and (beside[i] or beside[i + 2])) or count >= ALONE * len(some)
        for i, (k, (_, count)) in enumerate(zip(literal, chosen, strict=True))
    ]
    own = tuple(words_of(w).folded[0] for (w, _), k in zip(chosen, kept, strict=True) if k)
    return _shown(frame, [w for w, _ in chosen], kept), own


def _vote(votes: list[Counter[str]], frame: Words, other: Words) -> None:
    """Adds the words of one prompt to the places of the frame, as written: numbers that differ are a slot."""
    spans = other.spans()
    matcher = SequenceMatcher(None, frame.folded, other.folded, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal" or (kind == "replace" and i2 - i1 == j2 - j1):
            for i, j in zip(range(i1, i2), range(j1, j2), strict=True):
                if i < len(votes):
                    start, end = spans[j]
                    votes[i][other.text[start:end]] += 1


def _shown(frame: Words, chosen: list[str], kept: list[bool]) -> str:
    """The template as text: the frame's own punctuation between its words, one mark for a run of slots."""
    spans = frame.spans()
    text, last = "", 0
    for i, (word, keep) in enumerate(zip(chosen, kept, strict=True)):
        start, end = spans[i]
        if keep or i == 0 or kept[i - 1]:
            text += frame.text[last:start][:GAP] + (word if keep else SLOT)
        last = end
    if len(chosen) < len(spans):
        return text if text.endswith(SLOT) else f"{text} {SLOT}"
    return (text + frame.text[last:][:GAP]).strip()


def _share_of(literal: tuple[str, ...], words: Words) -> float:
    """The share of a template's own words that a text has, each as often as there."""
    if not literal:
        return 0.0
    have = Counter(words.folded)
    need = Counter(literal)
    return sum(min(n, have[w]) for w, n in need.items()) / len(literal)
