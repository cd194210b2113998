"""What holds the parts of a set together as one ring, and what tells them apart as several.

Takes in a judged set and judged parts of it. Bits like the union of two rings, since each thing that both use is named
once; what anybody may use is named once for two operators as well.
"""

from __future__ import annotations

from collections.abc import Sequence

from graphscan.rings.certificate import Verdict
from graphscan.rings.describe import Description
from graphscan.rings.settle.overlaps import n_common
from graphscan.rings.settle.packing import RENTED

BINDING = 2
"""Families that hold two parts together as one ring, or tell them apart as two: one alone does not, as one alone
certifies nobody."""

NEARLY_ALL = 0.9
"""Share of a part that touches one thing, from which that thing holds it."""

THEIRS = 0.5
"""Share of a thing's users that are of the set, from which it is theirs."""

ANYBODYS = (*RENTED, "identity")
"""Families that hold nothing together by themselves: operators who rent from one proxy network also sign up in the same
weeks with the same mail providers."""


def is_bound(whole: Verdict, within: Sequence[Verdict], least: float = 0.0) -> bool:
    """Whether two families hold the parts together as one ring: they save more for the whole, by `least` bits.

    One alone does not, as one alone certifies nobody; nor do two of what is anybody's.
    """
    binding = {family for family, gain in _gains(whole, within).items() if -gain > least}
    return len(binding) >= BINDING and not binding <= set(ANYBODYS)


def are_apart(whole: Verdict, within: Sequence[Verdict], least: float) -> bool:
    """Whether parts are rings of their own: two families tell them apart, by `least` bits each, and they have more bits
    in sum where what is anybody's counts for all of them as it does for the whole.

    One family tells the batches of a ring apart as well, each with its template or its week.
    """
    gains = _gains(whole, within)
    lists = sum(v.listing.accounts for v in within) - whole.listing.accounts
    more = sum(max(gain, 0.0) if family in ANYBODYS else gain for family, gain in gains.items())
    n_telling = sum(gain > least for gain in gains.values())
    return n_telling >= BINDING and more > max(lists, 0.0) and not is_bound(whole, within)


def are_batches(whole: Verdict, within: Sequence[Verdict], least: float) -> bool:
    """Whether parts are batches of one ring: something that is mostly theirs holds them together, by `least` bits, and
    only what is anybody's tells them apart: the weeks in which they signed up, the lines that were rented for each."""
    gains = _gains(whole, within)
    telling = {family for family, gain in gains.items() if gain > least}
    holding = {family for family, gain in gains.items() if -gain > least}.difference(ANYBODYS)
    return telling <= set(ANYBODYS) and any(_is_theirs(whole.best[family]) for family in holding)


def are_bound_batches(whole: Verdict, within: Sequence[Verdict], least: float) -> bool:
    """Whether parts are batches of one ring that two families hold together: one, whatever their bits in sum."""
    return is_bound(whole, within, least) and are_batches(whole, within, least)


def _is_theirs(description: Description) -> bool:
    """Whether most who touch what describes a set are of it."""
    return bool(description.members[:, 1:].sum() >= THEIRS * max(1, int(description.accounts[:, 1:].sum())))


def have_one_thing(whole: Verdict, within: Sequence[Verdict]) -> bool:
    """Whether nearly all of each part touch one named entity that is mostly theirs, and not what anybody uses: the one
    card of all, or the one account that they all sent to."""
    for description in (d for f, d in whole.best.items() if f not in ANYBODYS):
        for entity in description.entities[: description.n_named]:
            users = description.view.rows.users_of(int(entity))
            is_theirs = n_common(whole.members, users) >= THEIRS * users.size
            if is_theirs and all(n_common(v.members, users) >= NEARLY_ALL * v.members.size for v in within):
                return True
    return False


def _gains(whole: Verdict, within: Sequence[Verdict]) -> dict[str, float]:
    """What each family saves more for the parts, in sum, than for the whole."""
    families = {*whole.best, *(f for v in within for f in v.best)}
    return {f: sum(_saved(v, f) for v in within) - _saved(whole, f) for f in sorted(families)}


def _saved(verdict: Verdict, family: str) -> float:
    return verdict.best[family].bits if family in verdict.best else 0.0
