"""What a log shows that accounts have in common, and that is no secret.

Takes in a `Crowd` and gives out a cause by its name, or the reason why accounts are of a kind and not of one hand.
"""

from __future__ import annotations

from collections.abc import Sequence

from graphscan.rings.triage.crowd import ADDRESSES, IDENTITY, OTHERS_TOO, OWN, TWICE_THE_NETWORKS, Crowd
from graphscan.rings.triage.measured import TIMES_ORDINARY
from graphscan.rings.triage.pace import AS_MANY
from graphscan.rings.triage.signs import Sign, is_a_machines, is_dispatched

PAYER, EVENT, PLACE, COUNTRY, TOOL = "payer", "event", "place", "country", "tool"

KIND = 0.4
"""Share of the users of what describes a ring that are members, in its second family, below which they are accounts of
one kind: those who host on one cloud write as programs do, like ten times as many others; those who write to an
airline do so when its customers do, like twice as many others. In rings it is .6 or more, or see `GIVEN_TO`."""

GIVEN_TO = 20.0
"""Times their share of all accounts up to which accounts are somewhat given to what they share: programs on one cloud
to their phrases, 3 to 12 times; those who sent one viral text to its words, 19 times. Rings are 20 to 300 times, where
it is little of the whole."""

AT_HOME = 1.0
"""Networks, in those of as many ordinary customers, from which each sits in its own place: courses have 1.2 to 3."""

LITTLE = 5.0
"""Requests an account, in those of ordinary customers, up to which those who write for one platform ask: 3 times as
many."""

HERE = 0.5
"""Share of the requests from one address from which they sit there: of call centres it is .5 to 1."""

SITTINGS = 0.08
"""Evenness of dispatch from which bursts are sittings of people: where a job goes through its accounts one after
another it is .03 to .05, of people at work in one place .11 and more."""

ONE_ORGANISATION = 0.6
"""Share of the accounts in the commonest declared organisation from which the others are by the way."""


def cause_of(crowd: Crowd) -> str:
    """What the log shows that the accounts have in common and that is no secret; empty where it shows nothing.

    One card that pays for all is one customer's, if nothing else speaks against it. Several explain no accounts of many
    countries, nor such as come from more places than people do, from no place and no country of their own; nor does a
    place explain those of many countries who ask for more than customers do.
    """
    if crowd.is_one_customer:
        return PAYER
    goes_round = crowd.places.goes_round and not crowd.pace.signed_up_over_time
    if crowd.cards.is_one_payer and crowd.is_at_home and not crowd.pays_abroad and not goes_round:
        return PAYER
    if crowd.pace.is_one_event:
        return EVENT
    if crowd.places.is_in_offices or (crowd.places.is_seen and not crowd.pace.is_heavy(AS_MANY)):
        return PLACE
    if crowd.places.is_of_one_country:
        return COUNTRY
    return TOOL if crowd.is_of_one_tool else ""


def run_as_one(crowd: Crowd, work: Sequence[Sign]) -> bool:
    """Whether several declared organisations take turns as one: each may well be declared, and is not on its own."""
    is_one = crowd.value("share_one_organisation", 1.0) >= ONE_ORGANISATION
    return not is_one and is_dispatched(work)


def is_run_from_nowhere(crowd: Crowd, work: Sequence[Sign]) -> bool:
    """Whether a machine is at work, and no place shows, or nobody who pays for it, nor one country whose people stay
    where they are: an organisation that declares itself has a place it pays for, or a country."""
    stays_in_its_country = crowd.places.is_of_one_country and not crowd.places.is_scattered
    is_somebodys = crowd.places.is_seen and not crowd.cards.are_known_and_apart
    return is_a_machines(work) and not is_somebodys and not stays_in_its_country


def of_a_kind(crowd: Crowd) -> tuple[str, ...]:
    """The reason, where no second family knows them by anything that is not mostly others' too: by what they are
    somewhat given to, or by a place that shows; or none at all does."""
    by_share = sorted(crowd.held.items(), key=lambda h: (-h[1].share, h[0]))
    if len(by_share) < 2:
        return ()
    family, held = by_share[1]
    is_slight = held.share < KIND and (held.times < GIVEN_TO or by_share[0][1].share < OWN)
    is_by_place = held.share < OTHERS_TOO and family == ADDRESSES and crowd.places.is_seen
    if not is_slight and not is_by_place:
        return ()
    return (
        f"accounts of one kind: of all who share their {family} evidence {held.share:.0%} are of the ring",
    )


def nothing_new(crowd: Crowd) -> tuple[str, ...]:
    """The reason, where all do nothing but send the same few texts again and again: whoever does brings nothing home,
    and follows an example."""
    if not crowd.texts.are_the_same_few:
        return ()
    return (f"all send the same few texts again and again: {crowd.texts.distinct:.0%} of them are different",)


def as_people_do(crowd: Crowd) -> tuple[str, ...]:
    """The reason, where nobody shares out the work: who pays for itself asks once a day by daylight, or came in its own
    time and sends what others send too; or, with days off and in bursts, people of one country who came one by one, or
    those who pay for themselves, ask for no more than people at work do, are not all over the world, and did not sign
    up with what hardly anybody else has; those who are set the same tasks, as laboratories are by a test, or a course
    that signed up at once and sits at home; those who came one by one and ask for little, each as much as he likes;
    and those who sit in one place of one country and each pay for themselves, as the shifts of a call centre do."""
    pace, pays_alone = crowd.pace, crowd.cards.are_each_ones_own
    if pays_alone and pace.is_a_daily_habit:
        return ("a habit: each pays for itself and asks about once a day, when people are awake",)
    if crowd.came_and_pays_alone and crowd.texts.are_anybodys:
        return ("each came in its own time, pays for itself and sends what others send too",)
    if crowd.places.is_known_to_be_of_one_country and pace.asks_little_by_day:
        return ("people of one country who ask for hardly more than customers do, and by day",)
    if not pace.is_in_bursts or pace.has_no_day_off:
        return ()
    if crowd.places.is_known_to_be_of_one_country and pace.signed_up_over_time:
        return (
            "people of one country: they came one by one, ask in bursts, as people do, and have days off",
        )
    sit_at_home = pace.signed_up_together and crowd.places.networks >= AT_HOME
    if crowd.texts.are_set_tasks and (pace.signed_up_over_time or sit_at_home):
        return (
            f"the same tasks are set to many: {crowd.texts.repeated:.0%} of what fills templates comes from several "
            "accounts, who ask in bursts, as people do",
        )
    if pace.signed_up_over_time and pace.is_at_will and not pace.is_heavy(LITTLE):
        return ("they came one by one and ask in bursts, each as much as he likes, and for little",)
    sits_here = crowd.places.top_address >= HERE and crowd.places.is_of_one_country
    if pays_alone and sits_here and pace.dispatch >= SITTINGS:
        return (
            "people of one country in one place: each pays for itself, and they ask in bursts, as people do",
        )
    is_about = crowd.places.networks <= TWICE_THE_NETWORKS and crowd.own(IDENTITY) < OWN
    if pays_alone and is_about and not pace.is_heavy(TIMES_ORDINARY):
        return ("each pays for itself and asks in bursts, as people do, for no more than people at work",)
    return ()
