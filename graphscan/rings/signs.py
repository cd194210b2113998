"""What a ring's measures are signs of: work that somebody runs, accounts that hide, and what they have in common.

Takes in the measures of a ring beside ordinary customers (`graphscan.rings.portrait`), as a `Crowd`, and gives out
signs with the numbers that say so. What they come to is for `graphscan.rings.triage`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

Measures = Mapping[str, tuple[float, float | None]]
"""Value of each measure, and the same of ordinary customers where there is one."""

Sign = tuple[str, str]
"""A sign's name, and the reason with its numbers."""

NIGHT = 0.25
"""Share of the requests in the quietest eight hours from which work goes round the clock: people leave .05 to .15."""

ONE_COUNTRY = 0.8
"""Share of accounts in one country from which they are its people; below, nights do not coincide, and a flat day says
nothing."""

MANY_COUNTRIES = 0.45
"""Share of accounts in the commonest country below which they are of many, and no one customer's: of the companies and
agencies that were seen, declared or not, each had half or more in one."""

DISPATCH = 0.45
"""Evenness of dispatch from which requests look handed out (.5 is at random): people come in bursts, .1 to .4."""

EVEN = 0.6
"""Evenness of work from which accounts send too much alike: ordinary customers leave .2 to .4."""

HOUSEHOLD = 6
"""Accounts up to which a family that moves about and pays in turn looks like a ring that hides."""

ENOUGH_REQUESTS = 300
"""Requests of a ring below which evenness is chance."""

QUEUE = 0.5
"""Share of requests in templates from which work is systematic, if hardly any filling is used twice."""

NOTHING_ELSE = 0.85
"""Share of requests in templates from which accounts do hardly anything else: people at work or study do."""

REPEATS = 0.1
"""Share of fillings that another account sent too, from which nobody hands out the work."""

TIMES_ORDINARY = 4.0
"""A measure so many times that of ordinary customers is out of the ordinary."""

AS_MANY = 2.0
"""Requests an account, in those of ordinary customers, up to which accounts ask as customers do."""

MORE_THAN_STUDY = 6.0
"""Requests an account, in those of ordinary customers, from which work that shows no machine is more than an
assignment: a class left three signs of work at four times."""

SCATTERED = 6.0
"""Addresses of the median account from which they scatter."""

MORE_NETWORKS = 1.2
"""Networks, in those of as many ordinary customers, from which accounts are in more places than people are."""

CARDS = 3
"""Cards from which they are varied, and no one customer is seen to pay: a company has one or two."""

SHARED = 0.6
"""Cards an account up to which accounts share them."""

FEW_ON_A_CARD = 15.0
"""Accounts on a shared card, on average, above which it is a company's: rings spread theirs."""

ONE_PAYER = 2.0
"""Shared cards up to which one customer openly pays: a team at work, if no machine is."""

ON_THEIR_OWN = 0.1
"""Share of the accounts up to which some pay alone beside the one payer."""

SEEN = 0.1
"""Share of the requests from one address from which the place is seen: a campus, an office, a gateway."""

BURST = 0.4
"""Share of the requests on the busiest day from which it is one event."""

MOVED = 0.3
"""Share of the requests in a new model's first 24 hours from which a ring moved to it."""

REPLAYED = 0.02
"""Share of its responses that come back in prompts from which a ring replays them."""

EVENLY = "evenly dispatched work"

MACHINE = ("round-the-clock work", EVENLY, "move to a new model", "replay")
"""Signs that people at work do not leave: a team that shares templates and asks much leaves the others."""

PAYER, EVENT, PLACE, COUNTRY = "payer", "event", "place", "country"
"""What a log may show that accounts have in common, and that is no secret."""


@dataclass(frozen=True)
class Cards:
    """Who pays for a ring: its accounts and cards, and how many of the cards serve one account alone."""

    n_accounts: int
    n: float
    n_alone: float

    @property
    def n_shared(self) -> float:
        """Cards that several accounts share."""
        return self.n - self.n_alone

    @property
    def is_one_payer(self) -> bool:
        """Whether nearly all accounts are on one card or two, or on a few that each pay for many."""
        few_alone = self.n_alone <= ON_THEIR_OWN * self.n_accounts
        is_few = self.n_shared <= ONE_PAYER or not self.are_shared_by(FEW_ON_A_CARD)
        return self.n <= ONE_PAYER or (few_alone and self.are_shared and is_few)

    @property
    def are_shared(self) -> bool:
        """Whether there are clearly fewer cards than accounts."""
        return self.n <= SHARED * self.n_accounts

    def are_shared_by(self, most: float) -> bool:
        """Whether accounts share cards, on average at most so many a shared one."""
        return self.are_shared and self.n_accounts - self.n_alone <= most * self.n_shared


@dataclass(frozen=True)
class Crowd:
    """The accounts of a ring as their measures show them, and what is asked of these again and again."""

    measures: Measures
    n_accounts: int
    n_requests: int

    def value(self, name: str, otherwise: float) -> float:
        """A measure, or what stands for it where the log has none."""
        return self.measures[name][0] if name in self.measures else otherwise

    def is_heavy(self, times: float) -> bool:
        """Whether the median account asks so many times as much as an ordinary customer."""
        asked, ordinary = self.measures.get("requests_per_account", (0.0, None))
        return ordinary is not None and asked >= times * max(ordinary, 1.0)

    @cached_property
    def cards(self) -> Cards:
        """Who pays; where no card is known, everybody alone."""
        n = self.value("cards_per_account", 1.0) * self.n_accounts
        return Cards(self.n_accounts, n, n * self.value("share_cards_unique", 1.0))

    @property
    def top_address(self) -> float:
        """Share of the requests from the busiest address."""
        return self.value("share_top_address", 1.0)

    @property
    def networks(self) -> float:
        """Networks, in those that as many ordinary customers have."""
        networks, ordinary = self.measures.get("subnets", (0.0, None))
        return networks / ordinary if ordinary else 0.0

    @property
    def in_commonest_country(self) -> float:
        """Share of the accounts in the commonest country."""
        return self.value("share_one_country", 1.0)

    @property
    def is_of_one_country(self) -> bool:
        """Whether they are people of one country, as far as the log tells."""
        return self.in_commonest_country >= ONE_COUNTRY

    @property
    def is_seen(self) -> bool:
        """Whether a place shows."""
        return self.top_address >= SEEN

    @property
    def is_nowhere(self) -> bool:
        """Whether they ask for more than customers do, and are seen at no place."""
        return self.is_heavy(AS_MANY) and not self.is_seen

    @property
    def pays_abroad(self) -> bool:
        """Whether one payer's accounts are of many countries: the few cards of several companies may well be."""
        is_one = self.cards.is_one_payer and self.cards.n_shared <= ONE_PAYER and self.n_accounts > HOUSEHOLD
        return is_one and self.in_commonest_country < MANY_COUNTRIES


def signs_of_work(crowd: Crowd) -> tuple[Sign, ...]:
    """Signs that somebody runs the accounts."""
    signs = []
    night = crowd.value("share_night_hours", 0.0)
    enough = crowd.n_requests >= ENOUGH_REQUESTS and crowd.n_accounts >= HOUSEHOLD
    if enough and crowd.is_of_one_country and night >= NIGHT:
        signs.append(("round-the-clock work", f"{night:.0%} of the requests in the quietest eight hours"))
    dispatch = crowd.value("evenness_of_dispatch", 0.0)
    if enough and dispatch >= DISPATCH:
        signs.append((EVENLY, f"not in bursts as people do: evenness of dispatch {dispatch:.2f}"))
    even = crowd.value("evenness_of_work", 0.0)
    if enough and even >= EVEN:
        signs.append(("even work", f"accounts send nearly alike: evenness {even:.2f}"))
    templates = crowd.value("share_in_templates", 0.0)
    is_fresh = crowd.value("slot_repeats", 0.0) <= REPEATS
    if enough and templates >= QUEUE and is_fresh and crowd.is_heavy(AS_MANY):
        reason = f"{templates:.0%} of the requests fill templates, hardly one twice"
        signs.append(("systematic coverage of topics", reason))
    if crowd.is_heavy(TIMES_ORDINARY):
        asked, ordinary = crowd.measures["requests_per_account"]
        reason = f"{asked:,.0f} requests an account, where ordinary customers have {ordinary:,.0f}"
        signs.append(("heavy use", reason))
    moved = crowd.value("share_moved_24h", 0.0)
    if moved >= MOVED:
        signs.append(("move to a new model", f"{moved:.0%} of the traffic on a new model within 24 hours"))
    replay = crowd.value("replay_share", 0.0)
    canaries = crowd.value("canary_hits", 0.0)
    if replay >= REPLAYED or canaries >= 1:
        reason = f"{replay:.0%} of its responses come back in prompts, {canaries:.0f} marked strings"
        signs.append(("replay", reason))
    return tuple(signs)


def signs_of_hiding(crowd: Crowd) -> tuple[Sign, ...]:
    """Signs that the accounts are kept from looking like one customer."""
    signs = []
    addresses, ordinary = crowd.measures.get("addresses_per_account", (0.0, None))
    if addresses >= max(SCATTERED, TIMES_ORDINARY * (ordinary or 1.0)):
        reason = (
            f"{addresses:,.0f} addresses an account, where ordinary customers have {ordinary or 1.0:,.0f}"
        )
        signs.append(("scattered addresses", reason))
    elif not crowd.is_seen and crowd.networks >= MORE_NETWORKS:
        networks, ordinary = crowd.measures["subnets"]
        reason = f"{networks:,.0f} networks, where as many ordinary customers have {ordinary:,.0f}"
        signs.append(("scattered addresses", reason))
    cards = crowd.cards
    if cards.n_shared >= CARDS and cards.are_shared_by(FEW_ON_A_CARD):
        signs.append(("varied cards", f"about {cards.n_shared:.0f} cards, each shared by a few accounts"))
    return tuple(signs)


def cause_of(crowd: Crowd) -> str:
    """What the log shows that the accounts have in common and that is no secret; empty where it shows nothing.

    No payer explains accounts of many countries, or that come from more places than people do, from no place and no
    country of their own; nor does a place explain those of many countries who ask for more than customers do.
    """
    is_home = crowd.is_seen or crowd.is_of_one_country or crowd.networks < MORE_NETWORKS
    if crowd.cards.is_one_payer and is_home and not crowd.pays_abroad:
        return PAYER
    if crowd.value("share_busiest_day", 0.0) >= BURST:
        return EVENT
    if crowd.is_seen and not crowd.is_heavy(AS_MANY):
        return PLACE
    return COUNTRY if crowd.is_of_one_country else ""


def unseen(crowd: Crowd, work: Sequence[Sign], cause: str) -> tuple[str, ...]:
    """The reasons, where nothing shows who hands out work, or what accounts have in common that are no class, or that
    one customer pays for.

    A class that meets online leaves no place either: it is in as few networks as people are, studies, and does other
    things besides.
    """
    if cause != PAYER and not crowd.is_seen and any(name == EVENLY for name, _ in work):
        return (
            "somebody hands out the work, but no payer is seen and no place: "
            f"{crowd.top_address:.0%} from the busiest address",
        )
    if cause:
        return ()
    is_no_class = (
        crowd.networks >= MORE_NETWORKS
        or crowd.is_heavy(MORE_THAN_STUDY)
        or (crowd.value("share_in_templates", 0.0) >= NOTHING_ELSE and crowd.is_heavy(AS_MANY))
    )
    reasons = [nothing_in_common(crowd)] if is_no_class else []
    if crowd.pays_abroad:
        commonest = crowd.in_commonest_country
        reasons.append(f"one customer pays for accounts of many countries: {commonest:.0%} in the commonest")
    return tuple(reasons)


def nothing_in_common(crowd: Crowd) -> str:
    """That the log shows no cause, in words."""
    seen = f"{crowd.top_address:.0%} from the busiest address"
    return f"nothing shows what they have in common, no payer at home, no place, no event: {seen}"
