"""What a ring's measures are signs of: work that somebody runs, and accounts that hide.

Takes in a `Crowd` and gives out signs with the numbers that say so. What they come to is for `graphscan.rings.triage`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from graphscan.rings.triage.crowd import Crowd
from graphscan.rings.triage.measured import HOUSEHOLD, TIMES_ORDINARY
from graphscan.rings.triage.pace import AS_MANY

Sign = tuple[str, str]
"""A sign's name, and the reason with its numbers."""

NIGHT = 0.25
"""Share of the requests in the quietest eight hours from which work goes round the clock: people leave .05 to .15."""

AWAKE = 0.2
"""Such a share from which accounts of one country are awake at night, as no outlets are that close."""

SAME_HOURS = 0.01
"""Such a share up to which all work in the same hours of the day, as a class does that meets online."""

EVEN = 0.6
"""Evenness of work from which accounts send too much alike: ordinary customers leave .2 to .4."""

ENOUGH_REQUESTS = 300
"""Requests of a ring below which evenness is chance."""

MOVED = 0.3
"""Share of the requests in a new model's first 24 hours from which a ring moved to it."""

REPLAYED = 0.02
"""Share of its responses that come back in prompts from which a ring replays them."""

A_TEAM = 15
"""Accounts up to which those of one company may take turns by chance: families and teams of up to so many did."""

ROUND_THE_CLOCK, EVENLY, USED_UP, MOVES, REPLAYS = (
    "round-the-clock work",
    "evenly dispatched work",
    "one account after another",
    "move to a new model",
    "replay",
)
"""Signs that people at work do not leave: a team that shares templates and asks much leaves the others."""

MUCH = "heavy use"
"""What customers at work leave as well."""

DAILY = "no day off"
"""What people of one country do not leave; programs of customers in many do."""


def signs_of_work(crowd: Crowd) -> tuple[Sign, ...]:
    """Signs that somebody runs the accounts."""
    has_enough = crowd.n_requests >= ENOUGH_REQUESTS and crowd.n_accounts >= HOUSEHOLD
    even = _of_even_work(crowd) if has_enough else []
    return (*even, *_of_much_work(crowd), *_of_a_machine(crowd))


def _of_even_work(crowd: Crowd) -> list[Sign]:
    """Signs that take many requests to see."""
    signs = []
    pace, places, texts = crowd.pace, crowd.places, crowd.texts
    night = crowd.value("share_night_hours", math.nan)
    # A night of work is an event like any other.
    if places.is_of_one_country and not pace.is_one_event and night >= NIGHT:
        signs.append((ROUND_THE_CLOCK, f"{night:.0%} of the requests in the quietest eight hours"))
    # Within the hours of one event strangers come at random, and not in the bursts of their days; so do who all keep
    # the same hours, and many outlets of one country, as long as they are open, or its customers, who came one by one.
    is_awake = night >= AWAKE and not pace.signed_up_over_time
    are_outlets = places.is_of_one_country and not texts.are_a_queue and not is_awake
    at_random = pace.is_one_event or night <= SAME_HOURS or are_outlets
    is_even = pace.takes_turns if at_random else pace.is_handed_out
    if is_even and not texts.are_given_to_all:
        signs.append((EVENLY, f"not in bursts as people do: evenness of dispatch {pace.dispatch:.2f}"))
    even = crowd.value("evenness_of_work", 0.0)
    if even >= EVEN and not texts.are_given_to_all:
        signs.append(("even work", f"accounts send nearly alike: evenness {even:.2f}"))
    if texts.are_a_queue and texts.are_fresh and pace.is_heavy(AS_MANY):
        reason = f"{texts.in_templates:.0%} of the requests fill templates, hardly one twice"
        signs.append(("systematic coverage of topics", reason))
    if crowd.is_used_up_in_turn:
        told = f"each to the same end (evenness {even:.2f}), and hardly two at once (of dispatch {pace.dispatch:.2f})"
        signs.append((USED_UP, f"one account after another, {told}"))
    is_no_team = places.is_of_many_countries or texts.are_all_they_send
    takes_turns = pace.takes_turns and is_no_team and not texts.are_given_to_all
    if takes_turns and crowd.n_accounts > A_TEAM:
        signs.append(("accounts that take turns", f"{crowd.n_accounts:,} accounts take turns: no team does"))
    return signs


def _of_much_work(crowd: Crowd) -> list[Sign]:
    """Signs that accounts ask for far more than customers do, or more often than people."""
    signs = []
    if crowd.pace.is_heavy(TIMES_ORDINARY):
        asked, ordinary = crowd.measures["requests_per_account"]
        signs.append(
            (MUCH, f"{asked:,.0f} requests an account, where ordinary customers have {ordinary:,.0f}")
        )
    if crowd.places.is_of_one_country:
        signs += [(DAILY, reason) for reason in never_off(crowd)]
    return signs


def _of_a_machine(crowd: Crowd) -> list[Sign]:
    """Signs that need no pace: what an operator does at once, or does with what came back."""
    signs = []
    moved = crowd.value("share_moved_24h", 0.0)
    # Who signs up for a new model was nowhere before.
    if moved >= MOVED and not crowd.pace.signed_up_together:
        signs.append((MOVES, f"{moved:.0%} of the traffic on a new model within 24 hours"))
    replay = crowd.value("replay_share", 0.0)
    canaries = crowd.value("canary_hits", 0.0)
    if replay >= REPLAYED or canaries >= 1:
        reason = f"{replay:.0%} of its responses come back in prompts, {canaries:.0f} marked strings"
        signs.append((REPLAYS, reason))
    return signs


def never_off(crowd: Crowd) -> tuple[str, ...]:
    """The reason, where they ask every day: of people of one country a sign, but no sign of programs."""
    if not crowd.pace.has_no_day_off:
        return ()
    days, ordinary = crowd.measures["active_days_per_account"]
    of = crowd.value("span_days", 0.0)
    beside = "" if ordinary is None else f", where ordinary customers do on {ordinary:.0f}"
    return (f"an account asks on {days:.0f} of {of:.0f} days{beside}",)


def signs_of_hiding(crowd: Crowd) -> tuple[Sign, ...]:
    """Signs that the accounts are kept from looking like one customer."""
    signs = []
    # Staff of one place are seen at home and on the way too.
    if crowd.places.is_scattered and not crowd.is_staff:
        addresses = crowd.value("addresses_per_account", 0.0)
        ordinary = crowd.ordinary("addresses_per_account", 1.0) or 1.0
        reason = f"{addresses:,.0f} addresses an account, where ordinary customers have {ordinary:,.0f}"
        signs.append(("scattered addresses", reason))
    elif not crowd.places.is_seen and crowd.is_at_more_places:
        networks, ordinary = crowd.value("subnets", 0.0), crowd.ordinary("subnets", 0.0)
        reason = f"{networks:,.0f} networks, where as many ordinary customers have {ordinary:,.0f}"
        signs.append(("scattered addresses", reason))
    if crowd.cards.are_varied:
        reason = f"about {crowd.cards.n_shared:.0f} cards, each shared by a few accounts"
        signs.append(("varied cards", reason))
    return tuple(signs)


def is_dispatched(work: Sequence[Sign]) -> bool:
    """Whether somebody hands out the work, as its even times say."""
    return any(name == EVENLY for name, _ in work)


def is_a_machines(work: Sequence[Sign]) -> bool:
    """Whether somebody hands out the work, or it goes round the clock."""
    return any(name in (EVENLY, ROUND_THE_CLOCK) for name, _ in work)


def is_more_than_much(work: Sequence[Sign]) -> bool:
    """Whether there is a sign that customers at work do not leave as well."""
    return any(name != MUCH for name, _ in work)


def is_machine(crowd: Crowd, work: Sequence[Sign], one_pays: bool) -> bool:
    """Whether a sign shows a machine. Who is in one place may run a job of their own at night, or sit there in shifts,
    and so may those in one network for whom one customer pays: there it takes that the accounts take turns, or have no
    day off, or what no customer's job does; of the customers of one tool, whose timer asks for all, the latter."""
    names = {name for name, _ in work}
    does_what_none_does = bool(names & {USED_UP, MOVES, REPLAYS})
    if crowd.is_of_one_tool:
        return does_what_none_does
    is_in_its_network = crowd.places.is_in_one_network and crowd.places.is_seen and one_pays
    if crowd.places.is_in_one_place or is_in_its_network:
        is_no_team = crowd.pace.takes_turns or crowd.pace.has_no_day_off
        return does_what_none_does or (is_dispatched(work) and is_no_team)
    return does_what_none_does or is_a_machines(work)
