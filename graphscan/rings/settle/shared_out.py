"""A set shared out among its parts: each account goes to the part that its touches fit best.

Takes in a judged set and judged parts of it that have little in common, and gives out parts that have all of it
together. Growth takes an account into a part against all strangers, and ends with nine tenths of two rings each; beside
the whole, which has the rest as well, they have fewer bits. Where there are only these rings to choose from, an account
needs no bits to spare.

Source: MacQueen, "Some methods for classification and analysis of multivariate observations", Berkeley Symposium 1967
(each to the nearest, and the nearest told anew).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from graphscan.rings.certificate import Court, Verdict
from graphscan.rings.growth import above_threshold

ROUNDS = 3
"""Times that accounts are shared out: each tells the parts anew, and few change sides after the first."""


def shared_out(court: Court, whole: Verdict, parts: Sequence[Verdict]) -> list[Verdict]:
    """The parts when all accounts of the set are shared out among them, if they have more bits so; else none."""
    best: list[Verdict] = []
    told = list(parts)
    for _ in range(ROUNDS):
        told = [court.judge(members) for members in _shared(court, whole, told) if members.size > 1]
        if len(told) < len(parts) or _bits(told) <= max(_bits(best), _bits(parts)):
            break
        best = told
    return best


def _shared(court: Court, whole: Verdict, parts: Sequence[Verdict]) -> list[NDArray[np.int32]]:
    """The accounts of the set that fit each part best; those that fit none are in none."""
    fits = np.stack([above_threshold(part, court, -np.inf)[whole.members] for part in parts])
    nearest = np.argmax(fits, axis=0)
    is_near = np.isfinite(fits.max(axis=0))
    return [whole.members[is_near & (nearest == k)] for k in range(len(parts))]


def _bits(verdicts: Sequence[Verdict]) -> float:
    return sum(v.bits for v in verdicts)
