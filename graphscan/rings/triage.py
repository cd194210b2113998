"""Triage: which certified rings need a look, which explain themselves, and why.

Takes in a ring's measures beside ordinary customers (`graphscan.rings.portrait`) and gives out `review`, `watch` or
`explained`, with reasons in words. Coordination is not abuse: a class, a company, an agency are coordinated. What is
asked here is whether an honest crowd has a reason to look like this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

REVIEW, WATCH, EXPLAINED = "review", "watch", "explained"


@dataclass(frozen=True)
class Triage:
    """What to do with a ring: `triage`, reasons, `scale`, and the signs of intent that speak for a look."""

    triage: str
    reasons: tuple[str, ...]
    scale: str
    intent_signs: tuple[str, ...]


def triage_of(
    measures: Mapping[str, tuple[float, float | None]], n_accounts: int, n_requests: int, bits: Mapping[str, float]
) -> Triage:
    """The triage of one ring from its measures (value, ordinary) and the bits that each family saves."""
    signs: tuple[str, ...] = ()
    return Triage(REVIEW, (), scale_of(n_accounts, n_requests), signs)


def scale_of(n_accounts: int, n_requests: int) -> str:
    """`personal`, `team`, `organisation` or `industrial`."""
    if n_accounts >= 1000 or n_requests >= 1_000_000:
        return "industrial"
    if n_accounts >= 100 or n_requests >= 100_000:
        return "organisation"
    return "team" if n_accounts >= 10 or n_requests >= 5_000 else "personal"
