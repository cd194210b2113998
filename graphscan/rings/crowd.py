"""The accounts of a ring as their measures show them: who pays, where they are, how much they ask.

Takes in the measures of a ring beside ordinary customers (`graphscan.rings.portrait`) and how much of its evidence is
its own, and gives out what triage asks of these again and again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

Measures = Mapping[str, tuple[float, float | None]]
"""Value of each measure, and the same of ordinary customers where there is one."""

ONE_COUNTRY = 0.8
"""Share of accounts in one country from which they are its people; below, nights do not coincide, and a flat day says
nothing."""

MOSTLY_ONE_COUNTRY = 0.65
"""Share of accounts in the commonest country from which those in one network are in one office: of agencies it is .69
or more, of rings behind a few addresses .64 at most. Below, they are of several countries."""

ONE_NETWORK = 0.1
"""Networks, in those of as many ordinary customers, up to which accounts work from one network or two: agencies and
call centres have .02 to .08 of them."""

MANY_COUNTRIES = 0.45
"""Share of accounts in the commonest country below which they are of many, and no one customer's: of the companies and
agencies that were seen, declared or not, each had half or more in one."""

HOUSEHOLD = 6
"""Accounts up to which a family that moves about and pays in turn looks like a ring that hides."""

TIMES_ORDINARY = 4.0
"""A measure so many times that of ordinary customers is out of the ordinary."""

AS_MANY = 2.0
"""Requests an account, in those of ordinary customers, up to which accounts ask as customers do."""

SCATTERED = 6.0
"""Addresses of the median account from which they scatter."""

MORE_NETWORKS, MORE_OF_HEAVY = 1.2, 1.5
"""Networks, in those of as many ordinary customers, from which accounts are in more places than people are; people of
one country, or at one event, who ask for more than customers do are seen in 1.3 times as many, and those of an open
course, who ask for twice as much, in 1.4 times."""

ELSEWHERE = 0.8
"""Networks, in those of as many ordinary customers, from which each account has a place of its own beside a shared one:
the customers of a gateway are behind it alone, at .03 of that."""

SHARED = 0.6
"""Cards an account up to which accounts share them."""

FEW_ON_A_CARD = 15.0
"""Accounts on a shared card, on average, above which it is a company's: rings spread theirs."""

CARDS = 3
"""Cards from which they are varied, and no one customer is seen to pay: a company has one or two."""

ONE_PAYER = 2.0
"""Shared cards up to which one customer openly pays: a team at work, if no machine is."""

ON_THEIR_OWN = 0.1
"""Share of the accounts up to which some pay alone beside the one payer."""

BURST, TIMES_A_DAY = 0.4, 1.5
"""Share of the requests on the busiest day from which it is one event, and times that share of ordinary customers."""

TURNS = 0.75
"""Evenness of dispatch from which accounts take turns: no people do, nor jobs that know nothing of one another."""

DISPATCH = 0.45
"""Evenness of dispatch from which requests look handed out (.5 is at random): people come in bursts, .1 to .4."""

MORE_EVENLY = 0.15
"""Evenness by which work that is handed out is dispatched more evenly than that of as many customers: where these are
programs it is .6, and outlets that are open at the same hours have .14 more at most; rings have .18 more."""

TOGETHER, TIMES_FASTER = 3.0, 10.0
"""Days in which most of the accounts sign up where it is done at once, and times that span of ordinary customers."""

OVER_TIME = 0.5
"""Sign-up span, in that of ordinary customers, from which accounts came one by one: a tool's customers have .7 or more,
rings hardly ever half."""

REPEATED, GIVEN_OUT = 0.5, 0.3
"""Share of the prompts in templates that another account sent word for word, and different texts among them, from which
and up to which they are given out to all: who checks one answer by another sends a text two or three times."""

ALONE = 0.9
"""Cards an account from which everybody pays alone."""

ONE_CLIENT = 2.0
"""Client strings up to which accounts come with one program, whatever its version."""

SEEN = 0.1
"""Share of the requests from one address from which the place is seen: a campus, an office, a gateway."""


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
        is_few = self.n_shared <= ONE_PAYER or not self.are_shared_by(FEW_ON_A_CARD)
        return self.n <= ONE_PAYER or (self.are_shared_by_all and is_few)

    @property
    def are_shared_by_all(self) -> bool:
        """Whether accounts share cards, and hardly any has one of its own."""
        return self.are_shared and self.n_alone <= ON_THEIR_OWN * self.n_accounts

    @property
    def are_shared(self) -> bool:
        """Whether there are clearly fewer cards than accounts."""
        return self.n <= SHARED * self.n_accounts

    def are_shared_by(self, most: float) -> bool:
        """Whether accounts share cards, on average at most so many a shared one."""
        return self.are_shared and self.n_accounts - self.n_alone <= most * self.n_shared


@dataclass(frozen=True)
class Held:
    """How much of what one family names of a ring is its own: the share of the users who are members, and how many
    times that is the members' share of all accounts."""

    share: float
    times: float


@dataclass(frozen=True)
class Crowd:
    """The accounts of a ring as their measures show them, and what is asked of these again and again.

    `held` tells how much of what describes them is theirs alone, by family (`graphscan.rings.evidence.held`).
    """

    measures: Measures
    n_accounts: int
    n_requests: int
    held: Mapping[str, Held]

    def value(self, name: str, otherwise: float) -> float:
        """A measure, or what stands for it where the log has none."""
        return self.measures[name][0] if name in self.measures else otherwise

    def ordinary(self, name: str, otherwise: float) -> float:
        """A measure of as many ordinary customers, or what stands for it where it is not known."""
        ordinary = self.measures[name][1] if name in self.measures else None
        return otherwise if ordinary is None else ordinary

    def is_heavy(self, times: float) -> bool:
        """Whether the median account asks so many times as much as an ordinary customer."""
        asked, ordinary = self.measures.get("requests_per_account", (0.0, None))
        return ordinary is not None and asked >= times * max(ordinary, 1.0)

    @property
    def asks_more(self) -> bool:
        """Whether the median account asks for more than an ordinary customer, as far as the log tells."""
        asked, ordinary = self.measures.get("requests_per_account", (0.0, None))
        return ordinary is None or asked > ordinary

    @cached_property
    def cards(self) -> Cards:
        """Who pays; where no card is known, everybody alone."""
        n = self.value("cards_per_account", 1.0) * self.n_accounts
        return Cards(self.n_accounts, n, n * self.value("share_cards_unique", 1.0))

    @property
    def pays_by_varied_cards(self) -> bool:
        """Whether several cards are each shared by a few of the accounts."""
        return self.cards.n_shared >= CARDS and self.cards.are_shared_by(FEW_ON_A_CARD)

    @property
    def is_paid_at_home(self) -> bool:
        """Whether accounts of several countries are each on a card for that country, nobody alone, and at no changing
        addresses: so are the offices of several customers, while an operator's cards pay for accounts from anywhere."""
        is_of_several = self.in_commonest_country < MOSTLY_ONE_COUNTRY
        is_by_country = self.value("share_in_payers_country", 0.0) >= ONE_COUNTRY
        return is_of_several and is_by_country and self.cards.are_shared_by_all and not self.is_scattered

    @property
    def top_address(self) -> float:
        """Share of the requests from the busiest address."""
        return self.value("share_top_address", 1.0)

    @property
    def dispatch(self) -> float:
        """Evenness of dispatch: how little their requests come in bursts (.5 is at random)."""
        return self.value("evenness_of_dispatch", 0.0)

    @property
    def takes_turns(self) -> bool:
        """Whether requests come more evenly than chance has them: each account waits for the others."""
        return self._is_dispatched(TURNS)

    @property
    def is_handed_out(self) -> bool:
        """Whether requests come less in bursts than those of people, or of customers that are programs."""
        return self._is_dispatched(DISPATCH)

    def _is_dispatched(self, least: float) -> bool:
        return self.dispatch >= max(least, self.ordinary("evenness_of_dispatch", 0.0) + MORE_EVENLY)

    @property
    def signed_up_together(self) -> bool:
        """Whether most signed up within a day or two, and customers over many."""
        span, ordinary = self.measures.get("sign_up_span_days", (math.inf, None))
        return span <= TOGETHER and ordinary is not None and ordinary >= TIMES_FASTER * max(span, 1.0)

    @property
    def signed_up_over_time(self) -> bool:
        """Whether they signed up one by one, as customers do."""
        span, ordinary = self.measures.get("sign_up_span_days", (0.0, None))
        return ordinary is not None and span >= OVER_TIME * ordinary > 0.0

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
    def is_of_many_countries(self) -> bool:
        """Whether the log shows countries, and none for many of them."""
        return self.in_commonest_country < MANY_COUNTRIES

    def own(self, family: str) -> float:
        """How much of what a family tells of them is theirs alone."""
        return self.held[family].share if family in self.held else 0.0

    @property
    def is_in_one_place(self) -> bool:
        """Whether the log shows one country and a place in it, or a place in one network and a country for most; where
        it tells neither, it shows none."""
        is_told = {"share_one_country", "share_top_address"} <= self.measures.keys()
        return is_told and self.is_seen and (self.is_of_one_country or self.is_in_one_office)

    @property
    def is_in_one_network(self) -> bool:
        """Whether the log shows networks, and hardly any but one or two."""
        return "subnets" in self.measures and self.networks <= ONE_NETWORK

    @property
    def is_in_one_office(self) -> bool:
        """Whether most are of one country, in one network, and a place shows in it."""
        is_here = self.value("share_one_country", 0.0) >= MOSTLY_ONE_COUNTRY
        return is_here and self.is_seen and self.is_in_one_network

    @property
    def is_at_more_places(self) -> bool:
        """Whether they are in more networks than people are."""
        is_alike = self.is_of_one_country or self.is_one_event or not self.is_heavy(TIMES_ORDINARY)
        has_reason = self.is_heavy(AS_MANY) and is_alike
        return self.networks >= (MORE_OF_HEAVY if has_reason else MORE_NETWORKS)

    @property
    def is_one_event(self) -> bool:
        """Whether much of it is on one day, and clearly more than of what customers do: a log may be of two days."""
        share, ordinary = self.measures.get("share_busiest_day", (0.0, None))
        return share >= max(BURST, TIMES_A_DAY * (ordinary or 0.0))

    @property
    def is_seen_from_everywhere(self) -> bool:
        """Whether a place shows where hardly anybody lives: accounts of many countries, as many networks as people."""
        is_elsewhere = self.networks >= ELSEWHERE and self.n_accounts > HOUSEHOLD
        return self.is_seen and is_elsewhere and self.is_of_many_countries

    @property
    def is_nowhere(self) -> bool:
        """Whether they ask for more than customers do, and are seen at no place."""
        return self.is_heavy(AS_MANY) and not self.is_seen

    @property
    def is_at_home(self) -> bool:
        """Whether a place or a country shows, or as few networks as people are in, and no changing addresses."""
        is_as_people_are = not self.is_at_more_places and not self.is_scattered
        return self.is_seen or self.is_of_one_country or is_as_people_are

    @property
    def is_scattered(self) -> bool:
        """Whether the median account has far more addresses than a customer, in more than one network."""
        return self._has_many_addresses and not self.is_in_one_network

    @property
    def is_in_one_cloud(self) -> bool:
        """Whether each has far more addresses than a customer, all in one network: a service that runs in a cloud, for
        customers of its own, has another address there for every request."""
        return self._has_many_addresses and self.is_in_one_network

    @property
    def _has_many_addresses(self) -> bool:
        addresses, ordinary = self.measures.get("addresses_per_account", (0.0, None))
        return addresses >= max(SCATTERED, TIMES_ORDINARY * (ordinary or 1.0))

    @property
    def pays_abroad(self) -> bool:
        """Whether one payer's accounts are of many countries, or those of each of several cards.

        Those of several companies may well be, all together, and the branches of one that came one by one and ask
        little more than customers do.
        """
        is_one = self.cards.is_one_payer and self.n_accounts > HOUSEHOLD
        is_mixed = self.value("share_in_payers_country", 1.0) < MANY_COUNTRIES
        is_branches = self.signed_up_over_time and not self.is_heavy(TIMES_ORDINARY)
        is_abroad = self.is_of_many_countries and (self.cards.n_shared <= ONE_PAYER or is_mixed)
        return is_one and is_abroad and not is_branches

    @property
    def is_given_out(self) -> bool:
        """Whether most texts come from several accounts, and each from many of them."""
        is_repeated = self.value("slot_repeats", 0.0) >= REPEATED
        return is_repeated and self.value("distinct_texts", 1.0) <= GIVEN_OUT

    @property
    def is_of_one_tool(self) -> bool:
        """Whether they are the customers of one program: each came in its own time and pays for itself."""
        is_one = self.value("client_strings", math.inf) <= ONE_CLIENT
        pays_alone = self.value("cards_per_account", 0.0) >= ALONE
        return is_one and pays_alone and self.signed_up_over_time and not self.is_handed_out
