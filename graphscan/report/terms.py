"""The sentences and terms in which a report says how sure it is.

Likelihood and confidence are never mixed in one sentence. Likelihood is how rarely chance alone comes as far, from the
ring's bits. It is no probability that these accounts are run together: how common rings are is not known. Confidence
is how far the finding hangs on a part of the log, from leaving parts out (`graphscan.rings.evidence.stability`).

Source: ICD 203, "Analytic Standards" (2015), D.6.e.2, of keeping the two apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from graphscan.report.shown import bits as bits_shown

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Term:
    """One term and what it stands for; `least` is where it begins."""

    word: str
    meaning: str
    least: float


CONFIDENCE = (
    Term("high", "at least 90% of the ring’s core is found again", 0.9),
    Term("moderate", "70 to 90%", 0.7),
    Term("low", "less than 70%", 0.0),
)
"""By the share of the ring's core that is certified again when a part is left out; the smaller share counts."""


def likelihood_sentence(bits: float) -> str:
    """One sentence on likelihood, and nothing on confidence."""
    return f"Chance alone gives any set of accounts {bits_shown(bits)} bits in at most {odds(bits)}."


def confidence_sentence(log: float | None, signal: float | None) -> str:
    """One sentence on confidence, and nothing on likelihood."""
    measured = [x for x in (log, signal) if x is not None]
    if not measured:
        return "Confidence was not measured in this run: nothing was left out to see what stays."
    found = _confidence(min(measured))
    parts = []
    if log is not None:
        parts.append(f"without a tenth of the log {100 * log:.0f}% of the core is found again")
    if signal is not None:
        parts.append(f"without the signal that matters most {100 * signal:.0f}%")
    return f"Confidence is {found.word}: {', '.join(parts)}."


def confidence_word(log: float | None, signal: float | None) -> str:
    """The term for a ring's confidence, or that it was not measured."""
    measured = [x for x in (log, signal) if x is not None]
    return _confidence(min(measured)).word if measured else "not measured"


def _confidence(share: float) -> Term:
    """The first term that the share reaches."""
    return next(t for t in CONFIDENCE if share >= t.least)


def odds(bits: float) -> str:
    """In how many logs at most chance alone gives any set of accounts so many bits."""
    if bits <= 1:
        return "every second log"
    if bits < 20:
        return f"one of {round(2**bits):,} logs"
    # Beyond that the number says nothing more: the assumptions are less sure than the arithmetic.
    power = str(min(60, math.floor(bits * math.log10(2))))
    return f"one of 10{power.translate(_RAISED)} logs"
