"""What a ring's measures are signs of: work that somebody runs, accounts that hide, and what they have in common.

Takes in a `Crowd` and gives out signs with the numbers that say so. What they come to is for `graphscan.rings.triage`.
"""

from __future__ import annotations

from collections.abc import Sequence

from graphscan.rings.crowd import (
    AS_MANY,
    HOUSEHOLD,
    ONE_PAYER,
    TIMES_ORDINARY,
    Crowd,
)

Sign = tuple[str, str]
"""A sign's name, and the reason with its numbers."""

NIGHT = 0.25
"""Share of the requests in the quietest eight hours from which work goes round the clock: people leave .05 to .15."""

EVEN = 0.6
"""Evenness of work from which accounts send too much alike: ordinary customers leave .2 to .4."""

ENOUGH_REQUESTS = 300
"""Requests of a ring below which evenness is chance."""

QUEUE = 0.5
"""Share of requests in templates from which work is systematic, if hardly any filling is used twice."""

NOTHING_ELSE = 0.85
"""Share of requests in templates from which accounts do hardly anything else: people at work or study do."""

REPEATS = 0.1
"""Share of fillings that another account sent too, from which nobody hands out the work."""

GIVEN_TO_ALL = 0.1
"""Different texts, as a share of the prompts in templates, up to which everybody is given the same few, as in a study:
that all send alike is then no work shared out. Rings that check one answer by another send each text two or three
times."""

SAME_FEW = 0.03
"""Such a share up to which the same texts come back again and again: of a tutorial's jobs it is .01, and .09 or more of
ten accounts that all send each text once."""

MORE_THAN_STUDY = 6.0
"""Requests an account, in those of ordinary customers, from which work that shows no machine is more than an
assignment: a class left three signs of work at four times."""

MOVED = 0.3
"""Share of the requests in a new model's first 24 hours from which a ring moved to it."""

REPLAYED = 0.02
"""Share of its responses that come back in prompts from which a ring replays them."""

A_TEAM = 15
"""Accounts up to which those of one company may take turns by chance: families and teams of up to so many did."""

NOWHERE = 0.04
"""Share of the requests from the busiest address below which not even several places are seen: five classes on five
campuses leave .04 to .05."""

OWN = 0.45
"""Such a share from which hardly anybody else uses what they share: in classes, whose campus others use too, it is .35
for addresses."""

OWN_NAMES = 0.55
"""Such a share for sign-ups and clients; of those who write to an airline in the hours of a storm it was .52."""

FEW_NETWORKS = 0.35
"""Networks, in those of as many ordinary customers, up to which accounts of many countries share a few: companies with
offices in several have .45 or more."""

ONE_OF_FEW = 0.2
"""Share of the requests from the busiest address below which it is one of a few: who is behind one gateway leaves .25
there or more."""

KIND = 0.4
"""Share of the users of what describes a ring that are members, in its second family, below which they are accounts of
one kind: those who host on one cloud write as programs do, like ten times as many others; those who write to an
airline do so when its customers do, like twice as many others. In rings it is .6 or more, or see `GIVEN_TO`."""

OTHERS_TOO = 0.1
"""Such a share of a place's users, below which it is a place that others are at."""

GIVEN_TO = 15.0
"""Times their share of all accounts up to which accounts are somewhat given to what they share: programs on one cloud
to their phrases, 3 to 12 times. Rings are 20 to 300 times, where it is little of the whole."""

TEXTS, ADDRESSES, PAYMENT, IDENTITY = "prompt", "network", "payment", "identity"
"""Families of which an honest crowd from nowhere has not the first to itself and one of the others at once."""

EVENLY, MOVES, REPLAYS = "evenly dispatched work", "move to a new model", "replay"

MACHINE = ("round-the-clock work", EVENLY, MOVES, REPLAYS)
"""Signs that people at work do not leave: a team that shares templates and asks much leaves the others."""

ONE_ORGANISATION = 0.6
"""Share of the accounts in the commonest declared organisation from which the others are by the way."""

PAYER, EVENT, PLACE, COUNTRY, TOOL = "payer", "event", "place", "country", "tool"
"""What a log may show that accounts have in common, and that is no secret."""


def signs_of_work(crowd: Crowd) -> tuple[Sign, ...]:
    """Signs that somebody runs the accounts."""
    signs = []
    night = crowd.value("share_night_hours", 0.0)
    enough = crowd.n_requests >= ENOUGH_REQUESTS and crowd.n_accounts >= HOUSEHOLD
    # A night of work is an event like any other.
    if enough and crowd.is_of_one_country and not crowd.is_one_event and night >= NIGHT:
        signs.append(("round-the-clock work", f"{night:.0%} of the requests in the quietest eight hours"))
    templates = crowd.value("share_in_templates", 0.0)
    given_to_all = templates >= QUEUE and crowd.value("distinct_texts", 1.0) <= GIVEN_TO_ALL
    # Within the hours of one event strangers come at random, and not in the bursts of their days; so do many outlets of
    # one country, as long as they are open.
    at_random = crowd.is_one_event or (crowd.is_of_one_country and templates < QUEUE)
    is_even = crowd.takes_turns if at_random else crowd.is_handed_out
    if enough and is_even and not given_to_all:
        signs.append((EVENLY, f"not in bursts as people do: evenness of dispatch {crowd.dispatch:.2f}"))
    even = crowd.value("evenness_of_work", 0.0)
    if enough and even >= EVEN and not given_to_all:
        signs.append(("even work", f"accounts send nearly alike: evenness {even:.2f}"))
    is_fresh = crowd.value("slot_repeats", 0.0) <= REPEATS
    if enough and templates >= QUEUE and is_fresh and crowd.is_heavy(AS_MANY):
        reason = f"{templates:.0%} of the requests fill templates, hardly one twice"
        signs.append(("systematic coverage of topics", reason))
    is_no_team = crowd.is_of_many_countries or templates >= NOTHING_ELSE
    if enough and crowd.takes_turns and is_no_team and crowd.n_accounts > A_TEAM and not given_to_all:
        signs.append(("accounts that take turns", f"{crowd.n_accounts:,} accounts take turns: no team does"))
    if crowd.is_heavy(TIMES_ORDINARY):
        asked, ordinary = crowd.measures["requests_per_account"]
        reason = f"{asked:,.0f} requests an account, where ordinary customers have {ordinary:,.0f}"
        signs.append(("heavy use", reason))
    moved = crowd.value("share_moved_24h", 0.0)
    # Who signs up for a new model was nowhere before.
    if moved >= MOVED and not crowd.signed_up_together:
        signs.append((MOVES, f"{moved:.0%} of the traffic on a new model within 24 hours"))
    replay = crowd.value("replay_share", 0.0)
    canaries = crowd.value("canary_hits", 0.0)
    if replay >= REPLAYED or canaries >= 1:
        reason = f"{replay:.0%} of its responses come back in prompts, {canaries:.0f} marked strings"
        signs.append((REPLAYS, reason))
    return tuple(signs)


def signs_of_hiding(crowd: Crowd) -> tuple[Sign, ...]:
    """Signs that the accounts are kept from looking like one customer."""
    signs = []
    if crowd.is_scattered:
        addresses, ordinary = crowd.measures["addresses_per_account"]
        reason = (
            f"{addresses:,.0f} addresses an account, where ordinary customers have {ordinary or 1.0:,.0f}"
        )
        signs.append(("scattered addresses", reason))
    elif not crowd.is_seen and crowd.is_at_more_places:
        networks, ordinary = crowd.measures["subnets"]
        reason = f"{networks:,.0f} networks, where as many ordinary customers have {ordinary:,.0f}"
        signs.append(("scattered addresses", reason))
    if crowd.pays_by_varied_cards:
        signs.append(
            ("varied cards", f"about {crowd.cards.n_shared:.0f} cards, each shared by a few accounts")
        )
    return tuple(signs)


def cause_of(crowd: Crowd) -> str:
    """What the log shows that the accounts have in common and that is no secret; empty where it shows nothing.

    No payer explains accounts of many countries, or that come from more places than people do, from no place and no
    country of their own; nor does a place explain those of many countries who ask for more than customers do.
    """
    if crowd.cards.is_one_payer and crowd.is_at_home and not crowd.pays_abroad:
        return PAYER
    if crowd.is_one_event:
        return EVENT
    if crowd.is_in_one_office or (crowd.is_seen and not crowd.is_heavy(AS_MANY)):
        return PLACE
    if crowd.is_of_one_country:
        return COUNTRY
    return TOOL if crowd.is_of_one_tool else ""


def is_machine(crowd: Crowd, work: Sequence[Sign], cause: str) -> bool:
    """Whether a sign shows a machine. Who is in one place may run a job of their own at night, or sit there in shifts,
    and so may those in one network for whom one customer pays: there it takes that the accounts take turns, or what no
    customer's job does."""
    names = {name for name, _ in work}
    if crowd.is_in_one_place or (crowd.is_in_one_network and crowd.is_seen and cause == PAYER):
        return (EVENLY in names and crowd.takes_turns) or bool(names & {MOVES, REPLAYS})
    return bool(names & set(MACHINE))


def _is_handed_out(work: Sequence[Sign]) -> bool:
    """Whether somebody hands out the work, as its even times say."""
    return any(name == EVENLY for name, _ in work)


def run_as_one(crowd: Crowd, work: Sequence[Sign]) -> bool:
    """Whether several declared organisations take turns as one: each may well be declared, and is not on its own."""
    is_one = crowd.value("share_one_organisation", 1.0) >= ONE_ORGANISATION
    return not is_one and _is_handed_out(work)


def in_secret(crowd: Crowd, work: Sequence[Sign], cause: str) -> tuple[str, ...]:
    """The reason, where nothing shows why accounts have texts to themselves and something else besides, or came from
    many countries at once, to a few networks of their own.

    They ask for more than customers do, and who came one by one, as these do, shows a sign of work as well. Where each
    text comes from many accounts they are given something to do, as in an open course, unless they signed up at once.
    """
    is_no_work = (crowd.signed_up_over_time and not work) or not crowd.asks_more
    if crowd.n_accounts <= HOUSEHOLD or is_no_work or cause not in ("", PLACE):
        return ()
    asked = [_at_once_and_abroad(crowd)]
    is_assignment = crowd.is_given_out and not crowd.signed_up_together
    if crowd.own(TEXTS) >= OWN and not is_assignment:
        asked += [_own_and_nowhere(crowd, cause), _own_names(crowd, cause), _own_and_abroad(crowd)]
    return tuple(reason for reason in asked if reason)[:1]


def _at_once_and_abroad(crowd: Crowd) -> str:
    """The reason, where accounts of many countries signed up at once and share a few networks that are theirs alone."""
    is_in_few = crowd.networks <= FEW_NETWORKS and crowd.own(ADDRESSES) >= OWN
    if not (
        crowd.signed_up_together and crowd.is_of_many_countries and is_in_few and crowd.is_heavy(AS_MANY)
    ):
        return ""
    days = crowd.value("sign_up_span_days", 0.0)
    return (
        f"accounts of many countries ({crowd.in_commonest_country:.0%} in the commonest) that signed up within "
        f"{days * 24:.0f} hours, in networks that hardly anybody else uses"
    )


def _own_and_nowhere(crowd: Crowd, cause: str) -> str:
    """The reason, where accounts from nowhere also have addresses, or cards that several share, to themselves."""
    share = min(crowd.own(TEXTS), max(crowd.own(ADDRESSES), crowd.own(PAYMENT)))
    if cause or share < OWN or crowd.top_address >= NOWHERE or crowd.is_in_one_cloud:
        return ""
    return (
        f"texts, and addresses or cards, that hardly anybody else uses ({share:.0%} of their users are of the "
        f"ring), and no place: {crowd.top_address:.0%} from the busiest address"
    )


def _own_names(crowd: Crowd, cause: str) -> str:
    """The reason, where accounts also have what they signed up or came with to themselves: those from no place, and
    those of many countries that have addresses or cards besides, though one of few addresses shows."""
    texts, names = crowd.own(TEXTS), crowd.own(IDENTITY)
    has_places = max(crowd.own(ADDRESSES), crowd.own(PAYMENT)) >= OWN
    is_unexplained = (not cause and not crowd.is_seen) or (has_places and _is_abroad(crowd))
    if names < OWN_NAMES or not is_unexplained:
        return ""
    return (
        f"texts, and sign-ups or clients, that hardly anybody else has ({min(texts, names):.0%} of those who have them "
        f"are of the ring), and nothing shows why: {crowd.top_address:.0%} from the busiest address"
    )


def _own_and_abroad(crowd: Crowd) -> str:
    """The reason, where accounts of many countries have both addresses and varied cards to themselves as well."""
    share = min(crowd.own(TEXTS), crowd.own(ADDRESSES), crowd.own(PAYMENT))
    if share < OWN or not _is_abroad(crowd) or not crowd.pays_by_varied_cards:
        return ""
    return (
        f"texts, addresses and cards that hardly anybody else uses ({share:.0%} of their users are of the ring), and "
        f"accounts of many countries: {crowd.in_commonest_country:.0%} in the commonest"
    )


def _is_abroad(crowd: Crowd) -> bool:
    """Whether accounts of many countries are in hardly any network, and in none of them mostly."""
    is_in_few = crowd.networks <= FEW_NETWORKS and crowd.top_address < ONE_OF_FEW
    return crowd.is_of_many_countries and is_in_few


def of_a_kind(crowd: Crowd) -> tuple[str, ...]:
    """The reason, where no second family knows them by anything that is not mostly others' too: by what they are
    somewhat given to, or by a place that shows; or none at all does."""
    by_share = sorted(crowd.held.items(), key=lambda h: (-h[1].share, h[0]))
    if len(by_share) < 2:
        return ()
    family, held = by_share[1]
    is_slight = held.share < KIND and (held.times < GIVEN_TO or by_share[0][1].share < OWN)
    is_by_place = held.share < OTHERS_TOO and family == ADDRESSES and crowd.is_seen
    if not is_slight and not is_by_place:
        return ()
    return (
        f"accounts of one kind: of all who share their {family} evidence {held.share:.0%} are of the ring",
    )


def nothing_new(crowd: Crowd) -> tuple[str, ...]:
    """The reason, where all do nothing but send the same few texts again and again: whoever does brings nothing home,
    and follows an example."""
    distinct = crowd.value("distinct_texts", 1.0)
    if crowd.value("share_in_templates", 0.0) < NOTHING_ELSE or distinct > SAME_FEW:
        return ()
    return (f"all send the same few texts again and again: {distinct:.0%} of them are different",)


def unseen(crowd: Crowd, work: Sequence[Sign], cause: str) -> tuple[str, ...]:
    """The reasons, where nothing shows who hands out work, or what accounts have in common that are no class, that one
    customer pays for, or that ask from one address and live elsewhere.

    A class that meets online leaves no place either: it is in as few networks as people are, studies, and does other
    things besides.
    """
    if cause != PAYER and not crowd.is_seen and _is_handed_out(work):
        return (
            "somebody hands out the work, but no payer is seen and no place: "
            f"{crowd.top_address:.0%} from the busiest address",
        )
    if cause:
        return ()
    is_no_class = (
        crowd.is_at_more_places
        or crowd.is_heavy(MORE_THAN_STUDY)
        or (crowd.value("share_in_templates", 0.0) >= NOTHING_ELSE and crowd.is_heavy(AS_MANY))
    )
    commonest = f"{crowd.in_commonest_country:.0%} in the commonest"
    reasons = []
    if is_no_class:
        reasons.append(nothing_in_common(crowd))
    elif crowd.is_heavy(TIMES_ORDINARY) and crowd.is_seen_from_everywhere:
        reasons.append(f"one address for accounts that live in many countries: {commonest}")
    if crowd.pays_abroad:
        n_cards = crowd.cards.n_shared
        who = "one customer pays" if n_cards <= ONE_PAYER else f"{n_cards:.0f} cards pay, each of them"
        reasons.append(f"{who} for accounts of many countries: {commonest}")
    return tuple(reasons)


def nothing_in_common(crowd: Crowd) -> str:
    """That the log shows no cause, in words."""
    seen = f"{crowd.top_address:.0%} from the busiest address"
    return f"nothing shows what they have in common, no payer at home, no place, no event: {seen}"
