"""From prompts to words: what templates, tasks and terms are found in.

Takes in prompt text, which is hostile and in any script; gives out words, folded for comparison and as
written. In scripts without spaces each character is a word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import and_

_UNSPACED = "぀-ヿ㐀-䶿一-鿿豈-﫿฀-໿က-႟ក-៿"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
_DIGITS = re.compile(r"\d+")
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")

_ENGLISH = """
about after again all also always and another any are because been before being between both but can
could did does doing done down during each either else even ever every few following for from
further give given gives had has have having her here him his how however into its itself just keep
least let like made make many may more most much must name need never new nor not now off one only
onto open other our out over own per please put same say set shall she should show since some such
take than that the their them then there these they this those three through too two under until
upon use used using very via was way well were what when where whether which while who whole whom
whose why will with within without would write yet you your
"""

FUNCTION_WORDS = frozenset(_ENGLISH.split())
"""English words that tell no topic; those of other languages are told by how often customers write them."""

_JOINT = "\x00"

MOST = 600
"""Words of a text that are looked at."""

RUN = 2
"""Words in a run: turning it up makes runs rarer and easier to break by replacing words."""

TIGHT_RUN = 3
"""Characters in a run of a script without spaces."""


@dataclass(frozen=True)
class Words:
    """A text as words, in lower case with digits masked."""

    text: str
    folded: tuple[str, ...]

    def spans(self) -> list[tuple[int, int]]:
        """Where each word stands in the text."""
        return [m.span() for m, _ in zip(_WORD.finditer(self.text), self.folded, strict=False)]


def words_of(text: str) -> Words:
    """The first `MOST` words of a text."""
    # All words are folded at once: no word holds the character that joins them.
    found = _WORD.findall(text)[:MOST]
    folded = _DIGITS.sub("0", _JOINT.join(found).casefold()) if found else ""
    return Words(text, tuple(folded.split(_JOINT)) if found else ())


PUBLIC = 0.005
"""Share of ordinary prompts from which a run of words is anybody's. Up: more openings tie accounts."""


def runs_of(words: Words) -> set[tuple[str, ...]]:
    """All runs of `RUN` successive words (`TIGHT_RUN` without spaces); of a shorter text the whole."""
    folded = words.folded
    if len(folded) < RUN:
        return {folded} if folded else set()
    lengths = [TIGHT_RUN if _IS_UNSPACED.match(word) else RUN for word in folded]
    return {folded[i : i + n] for i, n in enumerate(lengths) if i + n <= len(folded)}


def public_runs(texts: Sequence[Words]) -> frozenset[tuple[str, ...]]:
    """Runs that at least the share `PUBLIC` of ordinary prompts have, and three of them: popular openings tie
    nobody."""
    counts: Counter[tuple[str, ...]] = Counter()
    for words in texts:
        counts.update(runs_of(words))
    return frozenset(run for run, n in counts.items() if n >= max(3, PUBLIC * len(texts)))


def terms_of(words: Words) -> set[str]:
    """Words of a text and pairs of successive ones, without function words and numbers; in scripts without
    spaces, pairs alone."""
    folded = words.folded
    says = [len(w) > 2 and w not in FUNCTION_WORDS and not w.startswith("0") for w in folded]
    terms = {w for w, s in zip(folded, says, strict=True) if s}
    for left, right, is_pair in zip(folded, folded[1:], map(and_, says, says[1:]), strict=False):
        if is_pair:
            terms.add(f"{left} {right}")
        elif len(left) == len(right) == 1 and _IS_UNSPACED.match(left) and _IS_UNSPACED.match(right):
            terms.add(left + right)
    return terms
