"""What a crowd looks like that shows no sign of hiding: mostly it explains itself.

Takes in a `Crowd`, how many signs of work it shows and what it openly has in common, and gives out a triage with the
numbers that say so.
"""

from __future__ import annotations

from graphscan.rings.triage.answers import EXPLAINED, REVIEW, WATCH
from graphscan.rings.triage.causes import EVENT, PLACE
from graphscan.rings.triage.crowd import Crowd
from graphscan.rings.triage.measured import HOUSEHOLD
from graphscan.rings.triage.pace import HARD_AT_WORK
from graphscan.rings.triage.places import SEEN
from graphscan.rings.triage.secrets import nothing_in_common

WORKED = 2
"""Signs of work that are asked beside one of hiding: one alone is left by families and agencies that use much."""

MOST_WORKED = 3
"""Signs of work that need none of hiding: a ring in one place, or in the shape of a company, still works."""

ALL_WORK = 5
"""Signs of work that no agency leaves, however little it asks: round the clock, evenly dispatched, even and systematic
work, and heavy use besides."""


def answer_of(crowd: Crowd, n_work: int, cause: str) -> tuple[str, str]:
    """The triage of accounts that show no sign of hiding, and the reason."""
    cards = crowd.cards
    if n_work >= WORKED and cards.are_by_handfuls:
        reason = f"organised work, and {cards.n:.0f} cards pay for {cards.n_accounts} accounts: no one customer is seen"
        is_crowd = cause == EVENT or not crowd.pace.is_heavy(HARD_AT_WORK)
        return WATCH if is_crowd else REVIEW, reason
    is_together = crowd.pace.signed_up_together or (crowd.pace.is_handed_out and not crowd.is_of_one_tool)
    is_hard_at_work = n_work >= MOST_WORKED and crowd.pace.is_heavy(HARD_AT_WORK)
    if is_hard_at_work and is_together and cause == PLACE and not cards.is_one_payer:
        return (
            REVIEW,
            "organised work in one place, more than a class's, and no customer is seen who pays for it",
        )
    if not cause and crowd.is_nowhere:
        return WATCH, nothing_in_common(crowd)
    return EXPLAINED, _looks_like(crowd, cause)


def _looks_like(crowd: Crowd, cause: str) -> str:
    """What a crowd that hides nothing looks like, with the numbers that say so."""
    n_accounts, cards, top = crowd.n_accounts, crowd.cards, crowd.value("share_top_address", 0.0)
    networks = crowd.value("subnets", 0.0)
    hours = crowd.pace.sign_up_hours
    where = f"{top:.0%} of its requests from one address, {networks:,.0f} network{'s' * (round(networks) != 1)} in all"
    if n_accounts <= HOUSEHOLD and cards.are_shared:
        return f"looks like a family or household: {n_accounts} accounts, few cards; {where}"
    if cause == EVENT:
        return f"looks like one event, such as a hackathon or course: most of it on one day; {where}"
    if cards.are_shared:
        return f"looks like a company or agency: {cards.n:.0f} cards pay for {n_accounts} accounts; {where}"
    if hours <= 24.0:
        return (
            f"looks like a class or course: signed up within {hours:.0f} hours, everybody pays alone; {where}"
        )
    if crowd.is_of_one_tool:
        return f"looks like the customers of one tool: each came in its own time and pays for itself; {where}"
    if top >= SEEN:
        return f"looks like a campus or the customers of one gateway: {where}"
    return f"looks like a crowd with something in common: {where}"
