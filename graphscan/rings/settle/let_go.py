"""Who is let go of a settled ring: strangers, the few who speak other languages, and the framed.

Takes in a ring and gives out the same ring with fewer accounts, or as it was. Of a busy stranger two habits may be a
ring's by chance under a cap, and an innocent account may be made to look like a member in two families: all requests,
and the other families, know both. Customers of a network that a ring rents too speak what their countries speak.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphscan.rings.certificate import Court, Courts, Verdict
from graphscan.rings.growth import Told, told_of_members, told_of_strangers
from graphscan.rings.settle.inside import MOSTLY, clear_lead

NO_MEMBER = -3.0
"""Bits of an account's log-odds under which it is no member."""

FEW = 4.0
"""Bits for each of those against whom the odds speak, up to which a set is told without them."""

OTHERS = 0.1
"""Share of a set in its rarest languages up to which it is looked at without them."""

FORGED = 2
"""Families in which an innocent account may be made to look like a member: by a copied template, and an address."""

ALONE = -8.0
"""Bits by which the other families speak against who is taken for framed: members seldom stand alone in two of them,
and of the framed most do."""

FRAMED_ALIKE = -11.0
"""As `ALONE`, of accounts that are asked about all at once, where one cannot vouch for the next: a large ring has light
members of whom the others say -8 or -10."""


def without_strangers(both: Courts, verdict: Verdict) -> Verdict:
    """The set without those against whom the odds clearly speak: `FEW` bits for the whole are no case against one.

    Under the caps they do, or under the caps and on all requests together: of the little that a cap leaves of a busy
    account two habits may be a ring's by chance, and all that it does says so.
    """
    under_caps = told_of_members(verdict, both.certify).bits
    on_all = told_of_members(both.growth.judge(verdict.members), both.growth).bits
    is_member = (under_caps > NO_MEMBER) & (under_caps + on_all > NO_MEMBER)
    left = _left(both.certify, verdict, is_member)
    return left if verdict.bits - left.bits <= FEW * (~is_member).sum() else verdict


def without_other_languages(both: Courts, verdict: Verdict, min_bits: float) -> Verdict:
    """The set without the few of its rarest languages, where it clearly has more bits so.

    The first account of a language is dear to list, and each after it is cheap: asked one by one, they vouch for one
    another.
    """
    kind = verdict.listing.kind
    language = kind.language[kind.strata[verdict.members]]
    n_of = np.bincount(language)
    rising = np.argsort(n_of, kind="stable")
    is_rare = np.zeros(n_of.size, bool)
    is_rare[rising[np.cumsum(n_of[rising]) <= OTHERS * verdict.members.size]] = True
    left = _left(both.certify, verdict, ~is_rare[language])
    return left if left.bits > verdict.bits + clear_lead(verdict.bits, min_bits) else verdict


def without_framed(both: Courts, verdict: Verdict, min_bits: float) -> Verdict:
    """The set without those for whom no more families speak than can be forged, and who stand alone in the others.

    Asked again of those who are left: two who were framed alike are not alone. Then of all for whom so few speak, by
    the rest without them: a dozen who were framed alike vouch for one another.
    """
    while True:
        told = told_of_members(verdict, both.certify)
        on_all = told_of_members(both.growth.judge(verdict.members), both.growth)
        left = _left(both.certify, verdict, ~(_is_framed(told, ALONE) & _is_framed(on_all, ALONE)))
        if left is verdict:
            return _without_framed_alike(both, verdict, told.n_families <= FORGED, min_bits)
        verdict = left


def _without_framed_alike(
    both: Courts, verdict: Verdict, is_doubted: NDArray[np.bool_], min_bits: float
) -> Verdict:
    """The set without those of the doubted whom the rest, if it is a ring and most of the set, calls framed."""
    doubted, rest = verdict.members[is_doubted], verdict.members[~is_doubted]
    if not doubted.size or rest.size < MOSTLY * verdict.members.size:
        return verdict
    ring = both.certify.judge(rest)
    if ring.bits < min_bits:
        return verdict
    told = told_of_strangers(ring, both.certify, doubted)
    on_all = told_of_strangers(both.growth.judge(rest), both.growth, doubted)
    is_member = np.ones(verdict.members.size, bool)
    is_member[is_doubted] = ~(_is_framed(told, FRAMED_ALIKE) & _is_framed(on_all, FRAMED_ALIKE))
    return _left(both.certify, verdict, is_member)


def _is_framed(told: Told, alone: float) -> NDArray[np.bool_]:
    return (told.n_families <= FORGED) & (told.against < alone)


def _left(court: Court, verdict: Verdict, is_member: NDArray[np.bool_]) -> Verdict:
    """The set without some of its members, as long as it is one."""
    return verdict if is_member.all() or is_member.sum() < 2 else court.judge(verdict.members[is_member])
