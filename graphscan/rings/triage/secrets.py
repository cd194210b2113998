"""What accounts share that nobody else does, or that nothing in the log explains.

Takes in a `Crowd`, its signs of work and what it openly has in common, and gives out reasons for a look.
"""

from __future__ import annotations

from collections.abc import Sequence

from graphscan.rings.triage.cards import ONE_PAYER
from graphscan.rings.triage.causes import COUNTRY, PAYER, PLACE, TOOL
from graphscan.rings.triage.crowd import ADDRESSES, IDENTITY, OWN, PAYMENT, TEXTS, Crowd
from graphscan.rings.triage.measured import HOUSEHOLD, TIMES_ORDINARY
from graphscan.rings.triage.pace import AS_MANY
from graphscan.rings.triage.places import MOSTLY_ONE_COUNTRY
from graphscan.rings.triage.signs import Sign, is_dispatched, is_more_than_much

OWN_NAMES = 0.55
"""Share of their users who are members, from which sign-ups and clients are their own; of those who write to an airline
in the hours of a storm it was .52."""

MOSTLY_HERE = 0.7
"""Share of the requests from one address from which those who are given the same are at school there, wherever they are
from: of one in summer it was .85."""

MORE_THAN_STUDY = 6.0
"""Requests an account, in those of ordinary customers, from which work that shows no machine is more than an
assignment: a class left three signs of work at four times."""


def in_secret(crowd: Crowd, work: Sequence[Sign], cause: str) -> tuple[str, ...]:
    """The reason, where nothing shows why accounts have texts to themselves and something else besides, or came from
    many countries at once, to a few networks of their own.

    They ask for more than customers do, and who came one by one, as these do, shows a sign of work as well. Where each
    text comes from many accounts they are given something to do, as in an open course, unless they signed up at once.
    """
    is_no_work = (crowd.pace.signed_up_over_time and not work) or not crowd.pace.asks_more
    if crowd.n_accounts <= HOUSEHOLD or is_no_work:
        return ()
    if cause not in ("", PLACE):
        return tuple(reason for reason in (_own_network(crowd, work, cause),) if reason)
    asked = [_at_once_and_abroad(crowd), _on_mixed_cards(crowd)]
    is_assignment = crowd.texts.are_given_out and not crowd.pace.signed_up_together
    if crowd.own(TEXTS) >= OWN and not is_assignment:
        asked += [
            _own_and_nowhere(crowd, work, cause),
            _own_network(crowd, work, cause),
            _own_names(crowd, work, cause),
            _own_and_abroad(crowd),
        ]
    return tuple(reason for reason in asked if reason)[:1]


def _at_once_and_abroad(crowd: Crowd) -> str:
    """The reason, where accounts of many countries signed up at once, share a few networks that are theirs alone, and
    do not each pay for themselves, as those that a firm opens in a morning may; nor ask the same in one place, as those
    of a school in summer do, nor are where their country's people are, as those of several schools."""
    pace, places = crowd.pace, crowd.places
    is_school = places.top_address >= MOSTLY_HERE and crowd.texts.are_mostly_repeated
    is_at_home = is_school or places.are_offices
    is_in_own_few = places.are_few and crowd.own(ADDRESSES) >= OWN
    is_at_once = pace.signed_up_together and pace.is_heavy(AS_MANY) and not crowd.cards.are_each_ones_own
    if not (is_at_once and places.is_of_many_countries and is_in_own_few) or is_at_home:
        return ""
    return (
        f"accounts of many countries ({places.in_commonest_country:.0%} in the commonest) that signed up within "
        f"{pace.sign_up_hours:.0f} hours, in networks that hardly anybody else uses"
    )


def _on_mixed_cards(crowd: Crowd) -> str:
    """The reason, where accounts that did not come one by one share cards by a few, each card for several countries,
    and a few networks, both theirs alone: strangers share neither, and a firm's offices have cards of their own."""
    cards, places = crowd.cards, crowd.places
    share = min(crowd.own(ADDRESSES), crowd.own(PAYMENT))
    is_mixed = cards.are_varied and cards.at_home < MOSTLY_ONE_COUNTRY
    is_work = crowd.pace.is_heavy(AS_MANY) and not crowd.pace.signed_up_over_time
    if share < OWN or not (is_mixed and is_work and places.are_few and places.is_of_many_countries):
        return ""
    return (
        f"cards and networks that hardly anybody else uses ({share:.0%} of their users are of the ring), and each card "
        f"pays for accounts of several countries: {cards.at_home:.0%} are of the one it pays for most"
    )


def _own_and_nowhere(crowd: Crowd, work: Sequence[Sign], cause: str) -> str:
    """The reason, where accounts from nowhere also have addresses, or cards that several share, to themselves; but not
    where each came in its own time, pays for itself and asks for little: so do many classes in one set."""
    share = min(crowd.own(TEXTS), max(crowd.own(ADDRESSES), crowd.own(PAYMENT)))
    if (
        cause
        or share < OWN
        or not crowd.places.is_nowhere
        or crowd.places.is_in_one_cloud
        or not _is_odd(crowd, work)
        or (crowd.came_and_pays_alone and not crowd.pace.is_heavy(TIMES_ORDINARY))
    ):
        return ""
    return (
        f"texts, and addresses or cards, that hardly anybody else uses ({share:.0%} of their users are of the "
        f"ring), and no place: {crowd.places.told}"
    )


def _own_network(crowd: Crowd, work: Sequence[Sign], cause: str) -> str:
    """The reason, where accounts that nobody is seen to pay for, and that did not come one by one, send alike out of a
    network or two in which no place shows, fill templates of their own, and hardly anybody else is at their addresses:
    so many phones at so few addresses are a carrier's in which they were bought."""
    share = min(crowd.own(TEXTS), crowd.own(ADDRESSES))
    is_in_one = crowd.places.is_in_one_network and not crowd.places.is_seen
    is_queue = crowd.texts.are_a_queue and crowd.texts.are_fresh
    comes_at_once = not crowd.pace.signed_up_over_time and not crowd.cards.are_shared
    if cause not in ("", COUNTRY) or share < OWN or not (is_in_one and is_queue and comes_at_once):
        return ""
    if not is_more_than_much(work):
        return ""
    return (
        f"texts and addresses that hardly anybody else uses ({share:.0%} of their users are of the ring), in a network "
        f"or two, where no place shows: {crowd.places.told}"
    )


def _own_names(crowd: Crowd, work: Sequence[Sign], cause: str) -> str:
    """The reason, where accounts also have what they signed up or came with to themselves: those from no place, and
    those of many countries that have addresses or cards besides, though one of few addresses shows.

    The outlets of a chain sign up with its name as well, write what it gives them, and ask much: of those from no place
    something else must show that they are no people at work.
    """
    texts, names = crowd.own(TEXTS), crowd.own(IDENTITY)
    is_from_nowhere = not cause and not crowd.places.is_seen and _is_odd(crowd, work)
    has_places = max(crowd.own(ADDRESSES), crowd.own(PAYMENT)) >= OWN
    if names < OWN_NAMES or not (is_from_nowhere or (has_places and crowd.places.are_few_and_abroad)):
        return ""
    return (
        f"texts, and sign-ups or clients, that hardly anybody else has ({min(texts, names):.0%} of those who have them "
        f"are of the ring), and nothing shows why: {crowd.places.told}"
    )


def _is_odd(crowd: Crowd, work: Sequence[Sign]) -> bool:
    """Whether something shows that they are no people at work, who ask much and are where they live."""
    is_apart = crowd.places.is_scattered or crowd.places.are_few or crowd.pace.signed_up_together
    return is_apart or is_more_than_much(work)


def _own_and_abroad(crowd: Crowd) -> str:
    """The reason, where accounts of many countries have both addresses and varied cards to themselves as well, and not
    each card for those of one country, as firms in several have."""
    share = min(crowd.own(TEXTS), crowd.own(ADDRESSES), crowd.own(PAYMENT))
    is_secret = crowd.cards.are_varied and not crowd.is_paid_at_home
    if share < OWN or not crowd.places.are_few_and_abroad or not is_secret:
        return ""
    return (
        f"texts, addresses and cards that hardly anybody else uses ({share:.0%} of their users are of the ring), and "
        f"accounts of many countries: {crowd.places.in_commonest_country:.0%} in the commonest"
    )


def unseen(crowd: Crowd, work: Sequence[Sign], cause: str) -> tuple[str, ...]:
    """The reasons, where nothing shows who hands out work, or what accounts have in common that are no class, that one
    customer pays for, or that ask from one address and live elsewhere.

    A class that meets online leaves no place either: it is in as few networks as people are, studies, and does other
    things besides. Where the log has no addresses it shows no place of anybody's.
    """
    if cause not in (PAYER, TOOL) and not crowd.places.is_seen and is_dispatched(work):
        return (f"somebody hands out the work, but no payer is seen and no place: {crowd.places.told}",)
    if cause:
        return ()
    is_no_class = (
        crowd.is_at_more_places
        or crowd.pace.is_heavy(MORE_THAN_STUDY)
        or (crowd.texts.are_all_they_send and crowd.pace.is_heavy(AS_MANY))
    )
    commonest = f"{crowd.places.in_commonest_country:.0%} in the commonest"
    reasons = []
    if is_no_class and crowd.places.are_known and not crowd.is_opened_by_a_firm:
        reasons.append(nothing_in_common(crowd))
    elif crowd.pace.is_heavy(TIMES_ORDINARY) and crowd.places.is_seen_from_everywhere:
        reasons.append(f"one address for accounts that live in many countries: {commonest}")
    if crowd.pays_abroad:
        n_cards = crowd.cards.n_shared
        who = "one customer pays" if n_cards <= ONE_PAYER else f"{n_cards:.0f} cards pay, each of them"
        reasons.append(f"{who} for accounts of many countries: {commonest}")
    return tuple(reasons)


def nothing_in_common(crowd: Crowd) -> str:
    """That the log shows no cause, in words."""
    return (
        f"nothing shows what they have in common, no payer at home, no place, no event: {crowd.places.told}"
    )
