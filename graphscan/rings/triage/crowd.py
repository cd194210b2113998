"""The accounts of a ring as their measures show them: who pays, where they are, how much they ask, what they send.

Takes in the measures of a ring beside ordinary customers (`graphscan.rings.portrait`) and how much of its evidence is
its own, and gives out what triage asks of these again and again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from graphscan.rings.triage.cards import ONE_PAYER, Cards
from graphscan.rings.triage.measured import HOUSEHOLD, TIMES_ORDINARY, Measured
from graphscan.rings.triage.pace import AS_MANY, DISPATCH, HARD_AT_WORK, Pace
from graphscan.rings.triage.places import MANY_COUNTRIES, ONE_COUNTRY, Places
from graphscan.rings.triage.texts import SET, Texts

MORE_NETWORKS, MORE_OF_HEAVY = 1.2, 1.5
"""Networks, in those of as many ordinary customers, from which accounts are in more places than people are; people of
one country, or at one event, who ask for more than customers do are seen in 1.3 times as many, and those of an open
course, who ask for twice as much, in 1.4 times."""

TWICE_THE_NETWORKS = 2.0
"""Networks, in those of as many ordinary customers, up to which those who have changing addresses use what a tool runs
on: keys that were stolen are used from six times as many and more."""

TEXTS, ADDRESSES, PAYMENT, IDENTITY = "prompt", "network", "payment", "identity"
"""Families of which an honest crowd from nowhere has not the first to itself and one of the others at once."""

OWN = 0.45
"""Share of the users of what describes a ring that are members, from which it is their own: in classes, whose campus
others use too, it is .35 for addresses."""

OTHERS_TOO = 0.1
"""Such a share of a place's users, below which it is a place that others are at."""

ONE_CLIENT = 2.0
"""Client strings up to which accounts come with one program, whatever its version."""


@dataclass(frozen=True)
class Held:
    """How much of what one family names of a ring is its own: the share of the users who are members, and how many
    times that is the members' share of all accounts."""

    share: float
    times: float


@dataclass(frozen=True)
class Crowd(Measured):
    """The accounts of a ring as their measures show them, and what is asked of these again and again.

    `held` tells how much of what describes them is theirs alone, by family (`graphscan.rings.evidence.held`).
    """

    n_requests: int
    held: Mapping[str, Held]

    @cached_property
    def cards(self) -> Cards:
        """Who pays."""
        return Cards(self.measures, self.n_accounts)

    @cached_property
    def places(self) -> Places:
        """Where they are."""
        return Places(self.measures, self.n_accounts)

    @cached_property
    def pace(self) -> Pace:
        """How much they ask, and when."""
        return Pace(self.measures, self.n_accounts)

    @cached_property
    def texts(self) -> Texts:
        """What they send."""
        return Texts(self.measures, self.n_accounts)

    def own(self, family: str) -> float:
        """How much of what a family tells of them is theirs alone."""
        return self.held[family].share if family in self.held else 0.0

    @property
    def is_one_customer(self) -> bool:
        """Whether one card pays for all, and accounts ask on their own, and stay at a place that shows, or are at some
        place, ask no more than an agency's do, and other things besides: wherever those of a program or of a firm are
        said to live, nobody hides."""
        stays = self.places.is_seen and self.are_where_people_are
        is_modest = not self.pace.is_heavy(HARD_AT_WORK) and not self.texts.are_all_they_send
        is_at_home = stays or (is_modest and not self.places.is_nowhere)
        is_abroad = not self.places.is_of_one_country and self.works_every_day
        return self.cards.are_one and is_at_home and not self.pace.is_handed_out and not is_abroad

    @property
    def works_every_day(self) -> bool:
        """Whether they ask hard, and every day."""
        return self.pace.has_no_day_off and self.pace.is_heavy(HARD_AT_WORK)

    @property
    def is_paid_at_home(self) -> bool:
        """Whether accounts of several countries are each on a card for that country, hardly anybody alone, and at no
        changing addresses: so are the offices of several customers, while an operator's cards pay for accounts from
        anywhere."""
        abroad = 1.0 - self.cards.at_home
        elsewhere = 1.0 - self.places.in_commonest_country
        is_by_country = not self.places.is_of_one_country and abroad <= min(1.0 - ONE_COUNTRY, elsewhere / 2)
        return is_by_country and self.cards.are_shared_by_all and not self.places.is_scattered

    @property
    def pays_abroad(self) -> bool:
        """Whether one payer's accounts are of many countries, or those of each of several cards.

        Those of several companies may well be, all together, and the branches of one that came one by one, if they ask
        little more than customers do, or on their own and from where they are.
        """
        is_one = self.cards.is_one_payer and self.n_accounts > HOUSEHOLD
        is_mixed = self.cards.at_home < MANY_COUNTRIES
        is_modest = not self.pace.is_heavy(TIMES_ORDINARY)
        is_at_their_own = not self.pace.is_handed_out and not self.places.is_scattered
        is_branches = self.pace.signed_up_over_time and (is_modest or is_at_their_own)
        is_abroad = self.places.is_of_many_countries and (self.cards.n_shared <= ONE_PAYER or is_mixed)
        return is_one and is_abroad and not is_branches

    @property
    def is_at_more_places(self) -> bool:
        """Whether they are in more networks than people are."""
        is_alike = (
            self.places.is_of_one_country or self.pace.is_one_event or not self.pace.is_heavy(TIMES_ORDINARY)
        )
        has_reason = self.pace.is_heavy(AS_MANY) and is_alike
        return self.places.networks >= (MORE_OF_HEAVY if has_reason else MORE_NETWORKS)

    @property
    def are_where_people_are(self) -> bool:
        """Whether they are in as few networks as people are, and at no changing addresses."""
        return not self.is_at_more_places and not self.places.is_scattered

    @property
    def is_at_home(self) -> bool:
        """Whether a place or a country shows, or they are where people are."""
        return self.places.is_seen or self.places.is_of_one_country or self.are_where_people_are

    @property
    def is_nowhere(self) -> bool:
        """Whether they ask for more than customers do, and are seen at no place."""
        return self.pace.is_heavy(AS_MANY) and not self.places.is_seen

    @property
    def is_among_others(self) -> bool:
        """Whether their places are mostly others' too, as a campus is, or their cards, as far as the log tells."""
        return any(family in self.held and self.own(family) < OWN for family in (ADDRESSES, PAYMENT))

    @property
    def is_staff(self) -> bool:
        """Whether they are at work in one place, at home in places of their own, have days off, and do other things
        besides."""
        lives_elsewhere = self.places.is_in_one_place and not self.places.are_few
        return lives_elsewhere and not self.texts.are_all_they_send and not self.pace.has_no_day_off

    @property
    def is_opened_by_a_firm(self) -> bool:
        """Whether somebody opened them in a morning and pays for each, and people are at work in them, in bursts of
        their own, at a place that shows."""
        is_paid_for = self.cards.are_each_ones_own and self.pace.signed_up_together
        return is_paid_for and self.pace.is_in_bursts and self.places.is_seen and not self.places.is_scattered

    @property
    def is_used_up_in_turn(self) -> bool:
        """Whether accounts are used up one after another, and what they send comes from a queue; those that share cards
        did not come one by one: a firm that grew has jobs that do not overlap either."""
        is_firm = self.pace.signed_up_over_time and not self.cards.are_each_ones_own
        is_queue = self.texts.are_a_queue and self.texts.repeated <= SET
        return self.pace.is_one_at_a_time and is_queue and not is_firm

    @property
    def came_and_pays_alone(self) -> bool:
        """Whether each came in its own time and pays for itself, as far as the log tells."""
        return self.cards.are_each_ones_own and self.pace.signed_up_over_time

    @property
    def is_of_one_tool(self) -> bool:
        """Whether they are the customers of one tool: each came in its own time and pays for itself, and comes with one
        program and stays where it is, or is where that runs, in no more networks than people or among others; or writes
        texts of its own into what the tool frames, and asks no more evenly than a timer has it.

        Customers of one program may well ask at the same minutes, as its timer has them, but not strictly in turns, nor
        one after another, each to the same end; and what asks hard, every day, is no customer's.
        """
        never_rests = self.works_every_day and self.pace.dispatch >= DISPATCH
        is_run = self.pace.takes_turns_strictly or self.is_used_up_in_turn or never_rests
        came_alone = self.came_and_pays_alone and not is_run
        is_among_its_others = 0.0 < self.own(ADDRESSES) < OTHERS_TOO
        is_about = self.places.networks >= MORE_NETWORKS and not is_among_its_others
        stays = not self.places.is_scattered or not is_about
        has_one_client = self.value("client_strings", math.inf) <= ONE_CLIENT and stays
        is_by_timer = not self.pace.takes_turns and not self.pace.is_heavy(HARD_AT_WORK)
        writes_alone = self.texts.are_of_ones_own and (is_by_timer or not self.pace.is_handed_out)
        is_far_about = self.places.networks >= TWICE_THE_NETWORKS
        return came_alone and (has_one_client or (writes_alone and not is_far_about))
