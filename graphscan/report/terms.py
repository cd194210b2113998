"""The fixed terms in which a report says how sure it is, and the two sentences made of them.

Likelihood and confidence are never mixed in one sentence. Likelihood is how probable it is that what the
accounts share is no coincidence, from the ring's bits; confidence is how far the finding hangs on a part of
the log, from leaving parts out (`graphscan.rings.evidence.stability`).

Source: ICD 203, "Analytic Standards" (2015), D.6.e.2.
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


LIKELIHOOD = (
    Term("almost certain", "95–99%", 0.95),
    Term("very likely", "80–95%", 0.80),
    Term("likely", "55–80%", 0.55),
    Term("roughly even chance", "45–55%", 0.45),
    Term("unlikely", "20–45%", 0.20),
    Term("very unlikely", "5–20%", 0.05),
    Term("almost no chance", "1–5%", 0.0),
)
"""By 1 − q: the least probability that the ring is no coincidence."""

CONFIDENCE = (
    Term("high", "at least 90% of the ring’s core is found again", 0.9),
    Term("moderate", "70 to 90%", 0.7),
    Term("low", "less than 70%", 0.0),
)
"""By the share of the ring's core that is certified again when a part is left out; the smaller share counts."""


def term(scale: tuple[Term, ...], value: float) -> Term:
    """The first term of a scale that the value reaches."""
    return next(t for t in scale if value >= t.least)


def likelihood(q_value: float) -> Term:
    """The term for a ring's likelihood."""
    return term(LIKELIHOOD, 1.0 - min(1.0, max(0.0, q_value)))


def likelihood_sentence(bits: float, q_value: float) -> str:
    """One sentence on likelihood, and nothing on confidence."""
    found = likelihood(q_value)
    subject = "There is a" if found.word == "roughly even chance" else "It is"
    if found.word == "almost no chance":
        subject = "There is"
    return (
        f"{subject} {found.word} ({found.meaning}) that what these accounts share is no coincidence: "
        f"chance alone gives any set of accounts {bits_shown(bits)} bits in at most {_odds(bits)}."
    )


def confidence_sentence(log: float | None, signal: float | None) -> str:
    """One sentence on confidence, and nothing on likelihood."""
    measured = [x for x in (log, signal) if x is not None]
    if not measured:
        return "Confidence was not measured in this run: nothing was left out to see what stays."
    found = term(CONFIDENCE, min(measured))
    parts = []
    if log is not None:
        parts.append(f"without a tenth of the log {100 * log:.0f}% of the core is found again")
    if signal is not None:
        parts.append(f"without the signal that matters most {100 * signal:.0f}%")
    return f"Confidence is {found.word}: {', '.join(parts)}."


def confidence_word(log: float | None, signal: float | None) -> str:
    """The term for a ring's confidence, or that it was not measured."""
    measured = [x for x in (log, signal) if x is not None]
    return term(CONFIDENCE, min(measured)).word if measured else "not measured"


def _odds(bits: float) -> str:
    if bits <= 1:
        return "every second log"
    if bits < 20:
        return f"one of {round(2**bits):,} logs"
    # Beyond that the number says nothing more: the assumptions are less sure than the arithmetic.
    power = str(min(60, math.floor(bits * math.log10(2))))
    return f"one of 10{power.translate(_RAISED)} logs"
