"""Where a ring's accounts are: addresses, networks, countries."""

from __future__ import annotations

from functools import cached_property

from graphscan.rings.triage.measured import HOUSEHOLD, TIMES_ORDINARY, Measured

ONE_COUNTRY = 0.8
"""Share of accounts in one country from which they are its people; below, nights do not coincide, and a flat day says
nothing."""

MOSTLY_ONE_COUNTRY = 0.65
"""Share of accounts in the commonest country from which those in one network are in one office: of agencies it is .69
or more, of rings behind a few addresses .64 at most. Those who are as mixed as customers are of many countries up to
there, wherever most customers are of one."""

MANY_COUNTRIES = 0.45
"""Share of accounts in the commonest country below which they are of many, and no one customer's: of the companies and
agencies that were seen, declared or not, each had half or more in one."""

ONE_NETWORK = 0.1
"""Networks, in those of as many ordinary customers, up to which accounts work from one network or two: agencies and
call centres have .02 to .08 of them."""

FEW_NETWORKS = 0.35
"""Networks, in those of as many ordinary customers, up to which accounts of many countries share a few: companies with
offices in several have .45 or more."""

ELSEWHERE = 0.8
"""Networks, in those of as many ordinary customers, from which each account has a place of its own beside a shared one:
the customers of a gateway are behind it alone, at .03 of that."""

SCATTERED = 6.0
"""Addresses of the median account from which they scatter."""

SEEN = 0.1
"""Share of the requests from one address from which the place is seen: a campus, an office, a gateway."""

ONE_OF_FEW = 0.2
"""Share of the requests from the busiest address below which it is one of a few: who is behind one gateway leaves .25
there or more."""

POOL, ALL_OF_IT = 5.0, 0.6
"""Networks from which they are a pool, and addresses of the median account, in those networks, from which each account
goes round all of it: of companies with several offices, or staff at home, each is in a few of theirs."""

OF_ITS_COUNTRY = 0.9
"""Share of those at shared addresses who are of the commonest country there, from which each address is that of an
office or a school: behind a ring's few addresses accounts are as mixed as all of them, .77 at most."""

NOWHERE = 0.04
"""Share of the requests from the busiest address below which not even several places are seen: five classes on five
campuses leave .04 to .05."""


class Places(Measured):
    """The places of a ring's accounts, as far as the log tells them."""

    @property
    def top_address(self) -> float:
        """Share of the requests from the busiest address."""
        return self.value("share_top_address", 1.0)

    @property
    def are_known(self) -> bool:
        """Whether the log has addresses."""
        return "share_top_address" in self.measures

    @property
    def told(self) -> str:
        """How much of a place shows, in words."""
        return (
            f"{self.top_address:.0%} from the busiest address"
            if self.are_known
            else "the log has no addresses"
        )

    @cached_property
    def networks(self) -> float:
        """Networks, in those that as many ordinary customers have."""
        networks, ordinary = self.value("subnets", 0.0), self.ordinary("subnets", 0.0)
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
    def is_known_to_be_of_one_country(self) -> bool:
        """Whether the log shows countries, and they are people of one."""
        return "share_one_country" in self.measures and self.is_of_one_country

    @property
    def is_of_many_countries(self) -> bool:
        """Whether the log shows countries, and none for many of them, or none for more than of customers."""
        as_mixed = self.ordinary("share_one_country", 0.0)
        return self.in_commonest_country <= min(max(as_mixed, MANY_COUNTRIES), MOSTLY_ONE_COUNTRY)

    @property
    def is_seen(self) -> bool:
        """Whether a place shows."""
        return self.top_address >= SEEN

    @property
    def is_in_one_network(self) -> bool:
        """Whether the log shows networks, and hardly any but one or two."""
        return "subnets" in self.measures and self.networks <= ONE_NETWORK and not self.goes_round

    @property
    def goes_round(self) -> bool:
        """Whether each account is in all the networks of a pool by turns."""
        networks = self.value("subnets", 0.0)
        return networks >= POOL and self.value("addresses_per_account", 0.0) >= ALL_OF_IT * networks

    @property
    def is_in_one_office(self) -> bool:
        """Whether most are of one country, in one network, and a place shows in it."""
        is_here = self.value("share_one_country", 0.0) >= MOSTLY_ONE_COUNTRY
        return is_here and self.is_seen and self.is_in_one_network

    @property
    def is_in_one_place(self) -> bool:
        """Whether the log shows one country and a place in it, or a place in one network and a country for most; where
        it tells neither, it shows none."""
        is_told = {"share_one_country", "share_top_address"} <= self.measures.keys()
        return is_told and self.is_seen and (self.is_of_one_country or self.is_in_one_office)

    @property
    def are_offices(self) -> bool:
        """Whether a few places show, each in a country whose people are there."""
        is_at_home = self.value("share_in_address_country", 0.0) >= OF_ITS_COUNTRY
        return is_at_home and self.are_few and self.is_seen and not self.goes_round

    @property
    def is_in_offices(self) -> bool:
        """Whether they are in one office, or in a few, each in a country of its own."""
        return self.is_in_one_office or self.are_offices

    @property
    def is_seen_from_everywhere(self) -> bool:
        """Whether a place shows where hardly anybody lives: accounts of many countries, as many networks as people."""
        is_elsewhere = self.networks >= ELSEWHERE and self.n_accounts > HOUSEHOLD
        return self.is_seen and is_elsewhere and self.is_of_many_countries

    @property
    def are_few_and_abroad(self) -> bool:
        """Whether accounts of many countries are in hardly any network, and in none of them mostly."""
        is_one_of_few = self.top_address < ONE_OF_FEW
        return self.is_of_many_countries and self.are_few and is_one_of_few

    @property
    def are_few(self) -> bool:
        """Whether accounts share a few networks."""
        return self.networks <= FEW_NETWORKS

    @property
    def is_nowhere(self) -> bool:
        """Whether not even several places are seen."""
        return self.top_address < NOWHERE

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
        ordinary = self.ordinary("addresses_per_account", 1.0) or 1.0
        return self.value("addresses_per_account", 0.0) >= max(SCATTERED, TIMES_ORDINARY * ordinary)
