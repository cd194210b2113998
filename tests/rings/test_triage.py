"""Triage from measures made by hand: who pays openly, who hides, what a machine leaves."""

from __future__ import annotations

import pytest

from graphscan.rings.triage import Triage, triage_of
from graphscan.rings.triage.crowd import Crowd, Held


def told(measures, n_accounts: int, n_requests: int, bits: float, held=None) -> Triage:
    """The triage of a crowd with these measures."""
    of_40_000 = {family: Held(share, share * 40_000 / n_accounts) for family, share in (held or {}).items()}
    return triage_of(Crowd(measures, n_accounts, n_requests, of_40_000), bits)


AGENCY = {
    "requests_per_account": (33.0, 4.0),
    "addresses_per_account": (7.0, 1.0),
    "cards_per_account": (0.2, 1.0),
    "share_cards_unique": (0.0, 1.0),
    "share_night_hours": (0.0, 0.07),
    "evenness_of_work": (0.92, 0.5),
    "evenness_of_dispatch": (0.35, 0.65),
    "share_one_country": (1.0, 0.4),
}
"""Five people under one card who ask much, from home, from the office and on the way."""


@pytest.mark.parametrize(
    ("changed", "n_accounts", "expected"),
    [
        ({}, 5, "watch"),
        ({"addresses_per_account": (2.0, 1.0)}, 5, "explained"),
        ({"share_moved_24h": (0.5, 0.0)}, 5, "review"),  # a machine's sign
        ({"cards_per_account": (0.6, 1.0)}, 5, "watch"),  # three cards, but one sign of work
        ({"cards_per_account": (0.1, 1.0)}, 30, "review"),  # three cards, more accounts
        ({"share_one_organisation": (1.0, 0.0), "share_moved_24h": (0.5, 0.0)}, 5, "explained"),
        ({"share_large_organisations": (0.98, 0.0), "share_moved_24h": (0.5, 0.0)}, 5, "explained"),
        ({"share_large_organisations": (0.5, 0.0), "share_moved_24h": (0.5, 0.0)}, 5, "review"),
    ],
)
def test_one_card_for_all_is_a_customer_unless_a_machine_works(changed, n_accounts: int, expected: str):
    found = told({**AGENCY, **changed}, n_accounts, 35 * n_accounts, 30.0)
    assert found.triage == expected, found.reasons
    assert found.reasons


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "watch"),
        ({"requests_per_account": (6.0, 4.0)}, "explained"),  # one sign of work
        ({"cards_per_account": (1 / 12, 1.0)}, "explained"),  # one customer pays
        ({"cards_per_account": (0.9, 1.0)}, "explained"),  # everybody pays alone
        ({"share_cards_unique": (0.0, 1.0)}, "review"),  # four shared cards: varied
    ],
)
def test_organised_work_that_no_one_customer_pays_for_is_watched(changed, expected: str):
    """Twelve accounts in one place, four cards, of which two are shared."""
    twelve = {
        "addresses_per_account": (2.0, 1.0),
        "cards_per_account": (1 / 3, 1.0),
        "share_cards_unique": (0.5, 1.0),
    }
    found = told({**AGENCY, **twelve, **changed}, 12, 840, 54.0)
    assert found.triage == expected, found.reasons


def test_where_no_card_is_known_nobody_pays_openly():
    measures = {name: value for name, value in AGENCY.items() if "card" not in name}
    assert told(measures, 30, 1050, 30.0).triage == "review"


COMPANY = {
    "requests_per_account": (21.0, 5.0),
    "addresses_per_account": (3.0, 1.0),
    "cards_per_account": (3 / 45, 1.0),
    "share_cards_unique": (2 / 3, 1.0),
    "share_night_hours": (0.01, 0.07),
    "share_top_address": (0.4, 0.0),
    "share_in_templates": (0.62, 0.0),
    "slot_repeats": (0.0, 0.0),
    "evenness_of_work": (0.64, 0.4),
    "evenness_of_dispatch": (0.11, 0.3),
    "share_one_country": (1.0, 0.4),
}
"""45 people of an undeclared company who ask much from templates: two of them pay with a card of their own."""

ALONE = {"cards_per_account": (20 / 45, 1.0), "share_cards_unique": (0.95, 1.0)}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "explained"),
        (
            {"cards_per_account": (5 / 45, 1.0), "share_cards_unique": (0.0, 1.0)},
            "review",
        ),  # nobody pays for all
        ({**ALONE, "requests_per_account": (40.0, 5.0)}, "review"),  # nor for most
        (ALONE, "explained"),  # no more work than a class has
        ({"evenness_of_dispatch": (0.8, 0.3)}, "review"),  # a machine's sign
    ],
)
def test_who_pays_alone_beside_the_company_card_does_not_hide_the_payer(changed, expected: str):
    found = told({**COMPANY, **changed}, 45, 945, 537.0)
    assert found.triage == expected, found.reasons


STRANGERS = {
    "requests_per_account": (7.0, 5.0),
    "addresses_per_account": (5.0, 1.0),
    "cards_per_account": (1.0, 1.0),
    "share_cards_unique": (1.0, 1.0),
    "share_night_hours": (0.2, 0.07),
    "share_top_address": (0.01, 0.0),
    "evenness_of_work": (0.86, 0.4),
    "evenness_of_dispatch": (0.83, 0.3),
    "share_one_country": (0.3, 0.4),
}
"""164 accounts that look like as many customers, each with a card and addresses of its own, and take turns."""

OUTLETS = {
    "share_one_country": (1.0, 0.4),
    "subnets": (290.0, 164.0),
    "evenness_of_dispatch": (0.55, 0.3),
    "evenness_of_work": (0.55, 0.4),
}
"""Outlets of one chain, which ask at random while they are open."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "review"),
        ({"evenness_of_dispatch": (0.2, 0.3)}, "explained"),  # in bursts, as people do
        # a place is seen, and customers of a gateway do not take turns
        ({"share_top_address": (0.3, 0.0)}, "review"),
        ({"share_top_address": (0.3, 0.0), "evenness_of_dispatch": (0.6, 0.3)}, "explained"),
        ({"evenness_of_work": (0.4, 0.4)}, "review"),  # that so many take turns says enough
        ({"evenness_of_work": (0.4, 0.4), "evenness_of_dispatch": (0.6, 0.3)}, "watch"),  # one sign of work
        ({"share_one_country": (0.9, 0.4), "evenness_of_work": (0.4, 0.4)}, "watch"),  # as a team might
        (OUTLETS, "watch"),
        ({**OUTLETS, "share_in_templates": (0.8, 0.0)}, "review"),  # from a queue
    ],
)
def test_work_is_handed_out_by_somebody_whom_nothing_shows(changed, expected: str):
    found = told({**STRANGERS, **changed}, 164, 1148, 640.0)
    assert found.triage == expected, found.reasons


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "review"),
        ({"addresses_per_account": (3.0, 1.0)}, "watch"),  # one way of hiding
        ({"evenness_of_work": (0.4, 0.4)}, "watch"),  # no sign of work
    ],
)
def test_two_ways_of_hiding_need_one_sign_of_work(changed, expected: str):
    hiding = {
        "addresses_per_account": (8.0, 1.0),
        "cards_per_account": (0.44, 1.0),
        "share_cards_unique": (0.69, 1.0),
        "evenness_of_work": (0.67, 0.4),
        "evenness_of_dispatch": (0.4, 0.3),
    }
    found = told({**STRANGERS, **hiding, **changed}, 80, 1480, 671.0)
    assert found.triage == expected, found.reasons


NOWHERE = {
    "requests_per_account": (20.0, 4.0),
    "addresses_per_account": (3.0, 1.0),
    "cards_per_account": (1.0, 1.0),
    "share_cards_unique": (1.0, 1.0),
    "share_night_hours": (0.17, 0.26),
    "share_busiest_day": (0.16, 0.15),
    "share_top_address": (0.01, 0.09),
    "subnets": (880.0, 610.0),
    "share_in_templates": (0.84, 0.01),
    "slot_repeats": (0.0, 0.05),
    "evenness_of_work": (0.47, 0.27),
    "evenness_of_dispatch": (0.15, 0.18),
    "share_one_country": (0.2, 0.3),
}
"""575 accounts of many countries on as many cards, which fill templates five times as much as customers ask."""

A_CARD = {"cards_per_account": (20 / 575, 1.0), "share_cards_unique": (0.95, 1.0)}
"""One card pays for nearly all of them."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "review"),
        # an event, yet from more networks than people are in who ask so much
        ({"share_busiest_day": (0.5, 0.15), "subnets": (950.0, 610.0)}, "review"),
        ({"share_busiest_day": (0.5, 0.5)}, "review"),  # in a log of two days every day is one
        ({"share_busiest_day": (0.5, 0.15), "subnets": (600.0, 610.0)}, "explained"),  # an event
        ({"subnets": (600.0, 610.0)}, "watch"),  # as a class that meets online
        ({"subnets": (600.0, 610.0), "requests_per_account": (30.0, 4.0)}, "review"),  # more than study
        ({"subnets": (600.0, 610.0), "share_in_templates": (0.9, 0.01)}, "review"),  # nothing but templates
        # a place is seen, and half of them live there
        (
            {"subnets": (600.0, 610.0), "share_top_address": (0.2, 0.09), "share_one_country": (0.5, 0.3)},
            "explained",
        ),
        ({"subnets": (600.0, 610.0), "share_top_address": (0.2, 0.09)}, "review"),  # nobody lives there
        ({"subnets": (600.0, 610.0), "share_one_country": (0.9, 0.3)}, "explained"),  # people of a country
        ({"subnets": (600.0, 610.0), "requests_per_account": (6.0, 4.0)}, "explained"),  # ask as customers do
        ({"requests_per_account": (6.0, 4.0)}, "watch"),  # no sign of work
        (A_CARD, "review"),  # who pays for accounts all over the world explains nothing
        ({**A_CARD, "subnets": (600.0, 610.0)}, "review"),  # nor for accounts that are at home in no country
        # a company whose people work from home
        ({**A_CARD, "subnets": (600.0, 610.0), "share_one_country": (0.5, 0.3)}, "explained"),
        ({"share_large_organisations": (0.7, 0.0)}, "watch"),
    ],
)
def test_a_crowd_explains_itself_only_by_what_the_log_shows(changed, expected: str):
    found = told({**NOWHERE, **changed}, 575, 11_500, 3_484.0)
    assert found.triage == expected, found.reasons


def test_a_few_cards_that_each_pay_for_many_are_one_customers():
    remote = {
        "cards_per_account": (3 / 109, 1.0),
        "share_cards_unique": (0.0, 1.0),
        "subnets": (115.0, 161.0),
        "requests_per_account": (27.0, 4.0),
    }
    assert told({**NOWHERE, **remote}, 109, 2_900, 1_191.0).triage == "explained"
    several = {"cards_per_account": (12 / 109, 1.0), "share_cards_unique": (0.0, 1.0)}
    assert told({**NOWHERE, **remote, **several}, 109, 2_900, 1_191.0).triage == "review"


OFFICES = {
    "requests_per_account": (153.0, 10.5),
    "evenness_of_work": (0.76, 0.37),
    "evenness_of_dispatch": (0.03, 0.15),
    "share_night_hours": (0.31, 0.21),
    "addresses_per_account": (4.0, 2.0),
    "subnets": (101.0, 89.0),
    "share_top_address": (0.12, 0.08),
    "cards_per_account": (3 / 36, 1.0),
    "share_cards_unique": (0.0, 1.0),
    "share_one_country": (1 / 3, 0.36),
    "share_in_payers_country": (1.0, 0.4),
}
"""Three agencies in three countries, of twelve people and a card each, that use one tool and ask much."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "watch"),
        ({"share_in_payers_country": (0.45, 0.4)}, "review"),  # each card pays for people from anywhere
        (
            {"share_one_country": (0.75, 0.8), "share_in_payers_country": (0.85, 0.4)},
            "review",
        ),  # as it must be
        ({"share_one_country": (0.75, 0.8)}, "watch"),  # but a quarter pays at home elsewhere
        ({"evenness_of_dispatch": (0.9, 0.15)}, "review"),  # a machine hands out the work
        ({"addresses_per_account": (30.0, 2.0)}, "review"),  # who hides where he is pays not openly
        ({"share_cards_unique": (0.8, 1.0), "cards_per_account": (16 / 36, 1.0)}, "review"),  # most pay alone
    ],
)
def test_several_customers_who_pay_for_their_own_people_are_not_accused_together(changed, expected: str):
    found = told({**OFFICES, **changed}, 36, 5_343, 708.0)
    assert found.triage == expected, found.reasons


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "review"),
        ({"share_one_country": (0.5, 0.4)}, "explained"),  # of a company that is at home somewhere
        ({"requests_per_account": (5.0, 5.0)}, "explained"),  # one place, and they ask as customers do
        ({"requests_per_account": (5.0, 5.0), "share_top_address": (0.05, 0.0)}, "watch"),  # one sign of work
        ({"share_busiest_day": (0.6, 0.1)}, "explained"),  # who paid for an event
    ],
)
def test_one_customer_does_not_pay_for_accounts_of_many_countries(changed, expected: str):
    """An office's machine: one card, few addresses, and accounts that say they are from everywhere."""
    abroad = {"requests_per_account": (40.0, 5.0), "share_one_country": (0.3, 0.4)}
    found = told({**COMPANY, "share_top_address": (0.17, 0.0), **abroad, **changed}, 45, 945, 537.0)
    assert found.triage == expected, found.reasons
    assert ("of many countries" in " ".join(found.reasons)) == (expected in {"review", "watch"})


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "explained"),
        ({"evenness_of_dispatch": (0.8, 0.3)}, "review"),  # they take turns, as no job of theirs would
        ({"share_moved_24h": (0.5, 0.0)}, "review"),
        ({"share_one_country": (0.6, 0.4)}, "review"),  # not of one country
    ],
)
def test_a_customer_in_one_place_may_run_a_job_of_its_own(changed, expected: str):
    """An agency of 25 on one card, which works in its office and has a machine there that asks day and night."""
    job = {
        "cards_per_account": (1 / 25, 1.0),
        "share_cards_unique": (0.0, 1.0),
        "evenness_of_dispatch": (0.55, 0.3),
        "share_night_hours": (0.28, 0.1),
    }
    found = told({**COMPANY, **job, **changed}, 25, 1_500, 328.0)
    assert found.triage == expected, found.reasons
    no_country = {k: v for k, v in COMPANY.items() if k != "share_one_country"}
    assert (
        told({**no_country, **job}, 25, 1_500, 328.0).triage == "review"
    )  # nobody says that it is one place


FARM = {
    "requests_per_account": (6.0, 5.0),
    "addresses_per_account": (2.0, 1.0),
    "share_night_hours": (0.25, 0.26),
    "share_top_address": (0.12, 0.09),
    "subnets": (5.0, 46.0),
    "share_in_templates": (0.43, 0.03),
    "evenness_of_work": (0.54, 0.53),
    "evenness_of_dispatch": (0.28, 0.26),
    "share_one_country": (0.13, 0.15),
}
"""60 accounts that say they are of many countries, in five networks."""

ITS_OWN = {"prompt": 0.5, "network": 1.0, "identity": 0.7}
ITS_CARDS = {"prompt": 0.9, "network": 0.97, "payment": 0.95}
CARD_FOR_THREE = {"cards_per_account": (0.38, 1.0), "share_cards_unique": (0.1, 1.0)}


@pytest.mark.parametrize(
    ("held", "changed", "expected"),
    [
        (ITS_OWN, {}, "review"),
        ({**ITS_OWN, "identity": 0.3}, {}, "explained"),  # others signed up with them
        ({**ITS_OWN, "prompt": 0.3}, {}, "explained"),  # others write so
        (ITS_OWN, {"share_top_address": (0.3, 0.09)}, "explained"),  # customers of one gateway
        (ITS_OWN, {"share_one_country": (0.5, 0.15)}, "explained"),  # half are at home in one country
        (ITS_OWN, {"subnets": (25.0, 46.0)}, "explained"),  # a company with offices
        (ITS_CARDS, CARD_FOR_THREE, "review"),  # nobody else has those cards
        (ITS_CARDS, {**CARD_FOR_THREE, "cards_per_account": (0.7, 1.0)}, "explained"),  # most pay alone
    ],
)
def test_accounts_of_many_countries_share_no_few_networks_without_a_reason(held, changed, expected: str):
    found = told({**FARM, **changed}, 60, 400, 476.0, held)
    assert found.triage == expected, found.reasons


OFFICE = {
    "requests_per_account": (18.0, 2.0),
    "addresses_per_account": (3.0, 1.0),
    "cards_per_account": (1 / 3, 1.0),
    "share_cards_unique": (0.75, 1.0),
    "share_night_hours": (0.05, 0.2),
    "share_top_address": (0.36, 0.1),
    "subnets": (1.0, 50.0),
    "share_in_templates": (0.6, 0.0),
    "slot_repeats": (0.0, 0.1),
    "evenness_of_work": (0.8, 0.5),
    "evenness_of_dispatch": (0.24, 0.3),
    "share_one_country": (0.72, 0.2),
}
"""36 accounts that an agency serves from its office: three cards of its own, nine of clients."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "explained"),
        ({"evenness_of_dispatch": (0.8, 0.3)}, "review"),  # a machine's sign
        ({"subnets": (20.0, 50.0)}, "review"),  # of no one office
        ({"share_one_country": (0.5, 0.2)}, "review"),  # nor in one country
    ],
)
def test_an_agency_pays_with_its_clients_cards(changed, expected: str):
    found = told({**OFFICE, **changed}, 36, 600, 256.0)
    assert found.triage == expected, found.reasons


@pytest.mark.parametrize(("networks", "expected"), [(4.0, "explained"), (300.0, "review")])
def test_a_service_in_a_cloud_has_many_addresses_in_one_network(networks: float, expected: str):
    """420 accounts of one service's customers, each with eight of its addresses."""
    service = {
        "addresses_per_account": (8.0, 1.0),
        "share_one_country": (0.23, 0.2),
        "subnets": (networks, 350.0),
    }
    measures = {**FARM, **service, "share_top_address": (0.03, 0.09)}
    assert told(measures, 420, 2_000, 2_119.0, {"prompt": 1.0, "network": 1.0}).triage == expected


CHEAP = {
    "requests_per_account": (6.0, 5.0),
    "addresses_per_account": (4.0, 1.0),
    "share_night_hours": (0.3, 0.3),
    "share_top_address": (0.01, 0.09),
    "subnets": (468.0, 550.0),
    "share_in_templates": (0.76, 0.0),
    "slot_repeats": (0.0, 0.0),
    "evenness_of_work": (0.77, 0.3),
    "share_one_country": (0.26, 0.3),
}
"""329 accounts that ask hardly more than customers do, as farms of free accounts do."""


@pytest.mark.parametrize(
    ("held", "changed", "expected"),
    [
        ({"prompt": 0.9, "network": 1.0, "identity": 0.1}, {}, "review"),
        ({"prompt": 0.9, "network": 0.3, "identity": 0.5}, {}, "explained"),  # others are on that campus too
        ({"prompt": 0.9, "network": 0.3, "identity": 0.9}, {}, "review"),  # but nobody else signed up so
        (
            {"prompt": 0.9, "identity": 0.9},
            {"share_top_address": (0.15, 0.09)},
            "explained",
        ),  # a place is seen
        ({"prompt": 0.9, "network": 0.3, "payment": 0.9}, {}, "review"),  # nor do strangers share cards
        ({"prompt": 0.3, "network": 1.0, "identity": 0.9}, {}, "explained"),  # others write so too
        ({"prompt": 0.9, "network": 1.0}, {"share_top_address": (0.06, 0.09)}, "explained"),  # several places
        (
            {"prompt": 0.9, "network": 1.0},
            {"share_one_country": (0.9, 0.3)},
            "explained",
        ),  # people of a country
        ({"prompt": 0.9, "network": 1.0}, {"share_busiest_day": (0.5, 0.1)}, "explained"),  # an event
    ],
)
def test_nobody_from_nowhere_has_texts_and_addresses_to_himself(held, changed, expected: str):
    found = told({**CHEAP, **changed}, 329, 2_000, 1_305.0, held)
    assert found.triage == expected, found.reasons


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ({"network": 0.85, "prompt": 0.06}, "watch"),
        ({"network": 0.85, "prompt": 0.2}, "review"),
        ({"network": 0.85, "prompt": 0.06, "identity": 0.3}, "review"),  # a second family knows them
        ({"network": 0.85}, "review"),  # nothing to compare with
    ],
)
def test_who_is_alike_in_what_many_others_share_is_of_a_kind(held, expected: str):
    """505 programs of 400 customers on one cloud, which ask in turns, from ten addresses each."""
    programs = {"evenness_of_dispatch": (0.5, 0.3), "addresses_per_account": (10.0, 1.0)}
    found = told({**STRANGERS, **programs}, 505, 12_331, 223.0, held)
    assert found.triage == expected, found.reasons


def test_who_is_together_where_everybody_is_at_that_hour_is_of_a_kind():
    """2,000 customers of an airline who write to it in the hours of a storm, a third of all who write to it at all."""
    assert told(STRANGERS, 2_000, 12_000, 98.0, {"timing": 0.82, "prompt": 0.32}).triage == "watch"
    assert told(STRANGERS, 2_000, 12_000, 98.0, {"timing": 0.82, "prompt": 0.6}).triage == "review"


def test_a_small_ring_may_hold_little_of_what_it_is_much_given_to():
    """Ten of two hundred in an hour of sign-up are sixty times their share; but a place explains who is there."""
    held = {"payment": 1.0, "identity": 0.05}
    assert told({**STRANGERS, "requests_per_account": (40.0, 5.0)}, 10, 400, 60.0, held).triage == "review"
    at_a_gateway = {"requests_per_account": (40.0, 5.0), "share_top_address": (0.3, 0.1)}
    found = told({**STRANGERS, **at_a_gateway}, 10, 400, 60.0, {"identity": 0.3, "network": 0.05})
    assert found.triage == "watch", found.reasons


PANEL = {
    "requests_per_account": (11.0, 5.5),
    "addresses_per_account": (4.0, 1.0),
    "share_night_hours": (0.27, 0.26),
    "share_busiest_day": (0.07, 0.09),
    "share_top_address": (0.01, 0.07),
    "subnets": (569.0, 262.0),
    "share_in_templates": (0.83, 0.0),
    "slot_repeats": (1.0, 0.02),
    "distinct_texts": (0.01, 0.9),
    "evenness_of_work": (0.88, 0.35),
    "evenness_of_dispatch": (0.53, 0.19),
    "share_one_country": (0.16, 0.2),
}
"""146 people in a study: each at home asks the same twelve questions, one a day."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "watch"),
        ({"distinct_texts": (0.4, 0.9)}, "review"),  # each text goes to two or three: the work is shared out
        ({"share_in_templates": (0.3, 0.0)}, "review"),  # what they ask besides, they share out
    ],
)
def test_who_is_given_what_everybody_is_given_shares_out_no_work(changed, expected: str):
    found = told({**PANEL, **changed}, 146, 1_606, 775.0)
    assert found.triage == expected, found.reasons


def test_shifts_in_one_office_are_no_machine():
    support = {
        "requests_per_account": (20.0, 4.0),
        "addresses_per_account": (2.5, 1.0),
        "share_night_hours": (0.01, 0.18),
        "share_top_address": (0.87, 0.15),
        "subnets": (32.0, 33.0),
        "share_in_templates": (0.36, 0.0),
        "evenness_of_work": (0.78, 0.44),
        "evenness_of_dispatch": (0.46, 0.27),
        "share_one_country": (1.0, 0.25),
    }
    assert told(support, 20, 430, 128.0).triage == "explained"
    assert told({**support, "evenness_of_dispatch": (0.8, 0.27)}, 20, 430, 128.0).triage == "review"


STOLEN = {
    "requests_per_account": (29.0, 5.5),
    "addresses_per_account": (4.0, 1.0),
    "cards_per_account": (1.0, 1.0),
    "share_cards_unique": (1.0, 1.0),
    "share_night_hours": (0.28, 0.22),
    "share_top_address": (0.15, 0.09),
    "subnets": (155.0, 137.0),
    "share_in_templates": (0.45, 0.0),
    "slot_repeats": (0.0, 0.02),
    "evenness_of_work": (0.69, 0.38),
    "evenness_of_dispatch": (0.35, 0.2),
    "share_one_country": (0.24, 0.17),
}
"""66 customers whose keys were stolen: each has a home of its own, and whoever has the keys asks from one address."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "review"),
        ({"subnets": (5.0, 137.0)}, "explained"),  # the customers of one gateway, who are behind it alone
        ({"share_one_country": (0.5, 0.17)}, "explained"),  # an office
        (
            {"requests_per_account": (12.0, 5.5)},
            "explained",
        ),  # users of one program that sends by its own servers
    ],
)
def test_a_place_explains_nobody_who_lives_elsewhere(changed, expected: str):
    found = told({**STOLEN, **changed}, 66, 1_950, 369.0)
    assert found.triage == expected, found.reasons


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "review"),
        ({"evenness_of_dispatch": (0.2, 0.2)}, "watch"),  # each organisation works on its own
        ({"share_one_organisation": (0.7, 0.0)}, "watch"),  # one organisation, and a few by the way
        ({"share_large_organisations": (1.0, 0.0)}, "review"),  # even where all of them are declared
    ],
)
def test_declared_organisations_that_take_turns_are_one(changed, expected: str):
    shells = {
        **NOWHERE,
        "requests_per_account": (80.0, 5.0),
        "subnets": (18.0, 220.0),
        "evenness_of_work": (0.97, 0.34),
        "evenness_of_dispatch": (0.72, 0.21),
        "share_large_organisations": (0.76, 0.0),
        "share_one_organisation": (0.25, 0.0),
    }
    found = told({**shells, **changed}, 119, 9_500, 2_792.0)
    assert found.triage == expected, found.reasons


OUTLETS = {
    "requests_per_account": (6.0, 8.0),
    "addresses_per_account": (1.0, 1.0),
    "share_night_hours": (0.0, 0.25),
    "share_top_address": (0.04, 0.1),
    "subnets": (337.0, 389.0),
    "share_in_templates": (1.0, 0.0),
    "evenness_of_work": (0.65, 0.31),
    "evenness_of_dispatch": (0.7, 0.64),
    "share_one_country": (1.0, 0.25),
    "cards_per_account": (1.0, 1.0),
    "share_cards_unique": (1.0, 1.0),
}
"""165 outlets of a chain, where most customers are programs and ask as evenly as they do."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "explained"),
        ({"evenness_of_dispatch": (0.85, 0.64)}, "review"),  # they take turns
        ({"evenness_of_dispatch": (0.7, 0.2)}, "review"),  # nobody else asks so evenly
    ],
)
def test_work_is_handed_out_where_it_is_more_even_than_that_of_customers(changed, expected: str):
    found = told({**OUTLETS, **changed}, 165, 1_200, 1_255.0, {"prompt": 1.0, "identity": 1.0})
    assert found.triage == expected, found.reasons


BRANCHES = {
    "requests_per_account": (20.0, 8.0),
    "addresses_per_account": (3.0, 1.0),
    "share_night_hours": (0.23, 0.19),
    "share_top_address": (0.18, 0.17),
    "subnets": (8.0, 119.0),
    "share_in_templates": (1.0, 0.0),
    "evenness_of_work": (0.62, 0.36),
    "evenness_of_dispatch": (0.13, 0.6),
    "cards_per_account": (1 / 42, 1.0),
    "share_cards_unique": (0.0, 1.0),
    "sign_up_span_days": (555.0, 572.0),
    "share_one_country": (0.17, 0.26),
}
"""42 accounts of one firm, a country each, on one card."""

BUSY = {"requests_per_account": (90.0, 8.0)}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "explained"),
        ({"sign_up_span_days": (60.0, 572.0)}, "review"),  # opened within two months
        (BUSY, "explained"),  # each in bursts of its own
        ({**BUSY, "evenness_of_dispatch": (0.8, 0.6)}, "review"),  # that is no branch's work
        (
            {**BUSY, "addresses_per_account": (7.0, 1.0)},
            "review",
        ),  # nor is it at home who goes round all of them
    ],
)
def test_one_card_pays_for_branches_in_many_countries(changed, expected: str):
    found = told({**BRANCHES, **changed}, 42, 900, 574.0, {"prompt": 1.0, "payment": 1.0})
    assert found.triage == expected, found.reasons


TENANTS = {
    "requests_per_account": (29.0, 4.0),
    "addresses_per_account": (5.0, 1.0),
    "share_night_hours": (0.28, 0.24),
    "share_top_address": (0.09, 0.09),
    "subnets": (3.0, 404.0),
    "share_in_templates": (0.05, 0.0),
    "evenness_of_work": (0.66, 0.24),
    "evenness_of_dispatch": (0.12, 0.16),
    "cards_per_account": (1.03, 1.02),
    "share_cards_unique": (1.0, 1.0),
    "sign_up_span_days": (328.0, 404.0),
    "share_one_country": (0.27, 0.24),
    "client_strings": (1.0, 83.0),
}
"""154 customers of one host for programs of their own."""

AT_ONCE = {"sign_up_span_days": (0.4, 404.0)}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "explained"),
        ({"evenness_of_dispatch": (0.8, 0.16)}, "explained"),  # the program's timer asks for all
        ({"subnets": (600.0, 404.0), "addresses_per_account": (9.0, 1.0)}, "review"),  # who moves about hides
        ({"client_strings": (20.0, 83.0)}, "review"),  # no one program
        ({"cards_per_account": (0.3, 1.0), "share_cards_unique": (0.0, 1.0)}, "review"),
        (AT_ONCE, "review"),  # nobody's customers come in one night
        ({**AT_ONCE, "requests_per_account": (5.0, 4.0), "share_one_country": (0.9, 0.24)}, "explained"),
    ],
)
def test_a_tool_has_customers_who_came_one_by_one_and_pay_alone(changed, expected: str):
    found = told({**TENANTS, **changed}, 154, 5_000, 1_048.0, {"prompt": 1.0, "network": 0.86})
    assert found.triage == expected, found.reasons


COURSE = {
    "requests_per_account": (12.0, 4.0),
    "addresses_per_account": (3.0, 1.0),
    "share_night_hours": (0.28, 0.22),
    "share_top_address": (0.03, 0.08),
    "subnets": (301.0, 533.0),
    "share_in_templates": (0.77, 0.0),
    "slot_repeats": (0.86, 0.07),
    "distinct_texts": (0.16, 0.95),
    "evenness_of_work": (0.79, 0.21),
    "evenness_of_dispatch": (0.13, 0.16),
    "sign_up_span_days": (335.0, 439.0),
    "share_one_country": (0.26, 0.28),
}
"""294 people of an open course, in rented notebooks."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "watch"),
        ({"distinct_texts": (0.4, 0.95)}, "review"),  # every text from two or three of them
        (AT_ONCE, "review"),
    ],
)
def test_who_are_given_the_same_to_do_share_it_with_nobody_else(changed, expected: str):
    found = told({**COURSE, **changed}, 294, 4_000, 2_308.0, {"prompt": 0.92, "network": 0.98})
    assert found.triage == expected, found.reasons


EXAMPLE = {
    "requests_per_account": (18.0, 3.0),
    "addresses_per_account": (17.0, 1.0),
    "share_night_hours": (0.32, 0.23),
    "share_top_address": (0.02, 0.1),
    "subnets": (216.0, 165.0),
    "share_in_templates": (0.98, 0.0),
    "slot_repeats": (1.0, 0.07),
    "distinct_texts": (0.015, 0.95),
    "evenness_of_work": (0.3, 0.3),
    "evenness_of_dispatch": (0.82, 0.2),
    "share_one_country": (0.32, 0.2),
}
"""103 programs that follow one example, word for word, wherever they are hosted."""


@pytest.mark.parametrize(
    ("changed", "held", "expected"),
    [
        ({}, {"prompt": 0.85, "network": 0.42}, "watch"),
        ({"distinct_texts": (0.1, 0.95)}, {"prompt": 0.85, "network": 0.42}, "review"),
        # That nobody knows them by anything of their own, as those who are all hosted in one cloud.
        ({"distinct_texts": (0.1, 0.95)}, {"prompt": 0.17, "network": 0.33}, "watch"),
    ],
)
def test_the_same_few_texts_again_and_again_harvest_nothing(changed, held, expected: str):
    found = told({**EXAMPLE, **changed}, 103, 2_000, 490.0, held)
    assert found.triage == expected, found.reasons


NIGHT_OF_WORK = {
    "requests_per_account": (66.0, 3.0),
    "share_busiest_day": (0.58, 0.22),
    "addresses_per_account": (6.0, 1.0),
    "share_night_hours": (0.3, 0.22),
    "share_top_address": (0.24, 0.12),
    "subnets": (28.0, 176.0),
    "share_in_templates": (0.64, 0.0),
    "evenness_of_work": (0.7, 0.18),
    "evenness_of_dispatch": (0.11, 0.29),
    "cards_per_account": (0.59, 1.0),
    "share_cards_unique": (0.38, 1.0),
    "share_one_country": (1.0, 0.23),
}
"""60 people at one weekend's hackathon, who worked through the night on cards of their teams."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "watch"),
        ({"share_busiest_day": (0.2, 0.22)}, "review"),  # night after night
        ({"share_moved_24h": (0.5, 0.0)}, "review"),
    ],
)
def test_a_night_of_work_is_an_event(changed, expected: str):
    found = told({**NIGHT_OF_WORK, **changed}, 60, 4_000, 818.0)
    assert found.triage == expected, found.reasons


@pytest.mark.parametrize(
    ("asked", "on_one_day", "expected"),
    [(33.0, 0.2, "watch"), (68.0, 0.2, "review"), (68.0, 0.5, "watch")],
)
def test_an_office_that_works_harder_than_an_agency_has_one_customer_who_pays(
    asked: float, on_one_day: float, expected: str
):
    workshop = {
        "requests_per_account": (asked, 4.0),
        "share_busiest_day": (on_one_day, 0.2),
        "subnets": (1.0, 60.0),
        "share_top_address": (0.3, 0.1),
        "share_in_templates": (0.9, 0.0),
        "cards_per_account": (0.25, 1.0),
        "evenness_of_dispatch": (0.3, 0.2),
    }
    found = told({**AGENCY, **workshop}, 40, 2_000, 200.0)
    assert found.triage == expected, found.reasons


LAUNCHED = {
    "requests_per_account": (7.0, 8.0),
    "addresses_per_account": (3.0, 3.0),
    "share_night_hours": (0.27, 0.28),
    "share_top_address": (0.01, 0.01),
    "subnets": (3_630.0, 4_070.0),
    "share_in_templates": (0.35, 0.0),
    "evenness_of_work": (0.56, 0.37),
    "evenness_of_dispatch": (0.23, 0.2),
    "cards_per_account": (1.0, 1.0),
    "share_cards_unique": (0.97, 1.0),
    "share_moved_24h": (0.43, 0.05),
    "sign_up_span_days": (0.97, 483.0),
    "share_one_country": (0.22, 0.21),
}
"""1,765 people who signed up on the day of a launch, for what was launched, and wrote what its announcement wrote."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "explained"),
        ({"requests_per_account": (12.0, 8.0)}, "review"),  # more than customers ask for
        ({"sign_up_span_days": (60.0, 483.0), "evenness_of_work": (0.66, 0.37)}, "explained"),
        ({"sign_up_span_days": (60.0, 483.0), "requests_per_account": (12.0, 8.0)}, "review"),
    ],
)
def test_who_signs_up_for_something_new_moves_to_it_and_asks_no_more_than_others(changed, expected: str):
    found = told({**LAUNCHED, **changed}, 1_765, 14_000, 4_784.0, {"prompt": 0.92, "identity": 0.83})
    assert found.triage == expected, found.reasons


CARDS_FOR_ALL = {
    "requests_per_account": (9.0, 8.0),
    "addresses_per_account": (3.0, 3.0),
    "share_night_hours": (0.27, 0.27),
    "share_top_address": (0.003, 0.03),
    "subnets": (1_510.0, 1_520.0),
    "share_in_templates": (0.39, 0.0),
    "evenness_of_work": (0.72, 0.35),
    "evenness_of_dispatch": (0.2, 0.2),
    "cards_per_account": (0.048, 0.93),
    "share_cards_unique": (0.0, 0.98),
    "share_in_payers_country": (0.25, 0.29),
    "sign_up_span_days": (4.9, 517.0),
    "share_one_country": (0.25, 0.21),
}
"""792 accounts on 38 cards, each of which pays for twenty from anywhere."""


@pytest.mark.parametrize(
    ("changed", "held", "expected"),
    [
        ({}, {"prompt": 0.99, "payment": 0.99}, "review"),
        ({"share_in_payers_country": (0.9, 0.29)}, {"prompt": 0.99, "payment": 0.99}, "explained"),
        ({}, {"prompt": 0.2, "payment": 0.99}, "watch"),  # the customers of somebody who sells on
    ],
)
def test_cards_that_each_pay_for_many_countries_are_no_companies(changed, held, expected: str):
    found = told({**CARDS_FOR_ALL, **changed}, 792, 8_000, 6_225.0, held)
    assert found.triage == expected, found.reasons


@pytest.mark.parametrize(("networks", "expected"), [(3_470.0, "watch"), (4_200.0, "review")])
def test_who_asks_for_twice_as_much_is_seen_in_more_places(networks: float, expected: str):
    course = {
        "requests_per_account": (18.0, 8.0),
        "addresses_per_account": (5.0, 3.0),
        "subnets": (networks, 2_550.0),
        "share_in_templates": (0.69, 0.0),
        "evenness_of_work": (0.67, 0.38),
        "share_moved_24h": (0.07, 0.04),
        "sign_up_span_days": (11.0, 471.0),
    }
    found = told({**LAUNCHED, **course}, 1_097, 20_000, 3_657.0, {"prompt": 0.84, "identity": 0.41})
    assert found.triage == expected, found.reasons


BEHIND_A_GATEWAY = {
    "requests_per_account": (50.0, 7.0),
    "addresses_per_account": (1.0, 1.0),
    "share_night_hours": (0.33, 0.17),
    "share_top_address": (0.55, 0.13),
    "subnets": (2.0, 54.0),
    "share_in_templates": (0.99, 0.01),
    "slot_repeats": (0.35, 0.1),
    "evenness_of_work": (0.71, 0.38),
    "evenness_of_dispatch": (0.54, 0.23),
    "cards_per_account": (2 / 43, 1.0),
    "share_cards_unique": (0.5, 1.0),
    "share_in_payers_country": (0.52, 0.5),
    "sign_up_span_days": (0.2, 279.0),
    "share_one_country": (0.51, 0.6),
}
"""43 accounts at a gateway that strangers use, on two cards, from all the countries that customers come from."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "review"),
        ({"share_one_country": (0.63, 0.6), "share_in_payers_country": (0.64, 0.5)}, "explained"),
        ({"share_one_country": (0.63, 0.9), "share_in_payers_country": (0.64, 0.5)}, "review"),
        ({"share_one_country": (0.7, 0.9), "share_in_payers_country": (0.71, 0.5)}, "explained"),
    ],
)
def test_accounts_as_mixed_as_customers_are_at_home_nowhere(changed, expected: str):
    found = told({**BEHIND_A_GATEWAY, **changed}, 43, 2_200, 809.0, {"prompt": 1.0, "payment": 0.9})
    assert found.triage == expected, found.reasons


WARD = {
    "requests_per_account": (42.0, 5.0),
    "addresses_per_account": (3.0, 1.0),
    "share_night_hours": (0.3, 0.22),
    "share_top_address": (0.72, 0.12),
    "subnets": (73.0, 72.0),
    "share_in_templates": (0.52, 0.0),
    "slot_repeats": (0.0, 0.08),
    "evenness_of_work": (0.78, 0.43),
    "evenness_of_dispatch": (0.26, 0.19),
    "cards_per_account": (1.0, 1.0),
    "share_cards_unique": (1.0, 1.0),
    "sign_up_span_days": (3.7, 477.0),
    "share_one_country": (1.0, 0.2),
}
"""41 people of one ward, day and night, who fill one form and are at home in places of their own."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "explained"),
        ({"share_in_templates": (0.97, 0.0)}, "review"),  # and nothing else
        ({"subnets": (9.0, 72.0)}, "review"),  # and at home nowhere
        ({"share_moved_24h": (0.5, 0.0)}, "review"),  # a machine's sign
    ],
)
def test_staff_are_at_home_elsewhere(changed, expected: str):
    found = told({**WARD, **changed}, 41, 1_900, 152.0, {"network": 1.0, "prompt": 0.97})
    assert found.triage == expected, found.reasons


@pytest.mark.parametrize(("others", "expected"), [(0.75, "review"), (0.1, "explained")])
def test_an_office_is_a_place_of_its_own(others: float, expected: str):
    """42 accounts on six cards, at an address that a campus uses, or at one of their own."""
    lodgers = {
        "requests_per_account": (59.0, 7.0),
        "subnets": (2.0, 52.0),
        "share_top_address": (0.53, 0.21),
        "share_in_templates": (1.0, 0.0),
        "slot_repeats": (0.35, 0.09),
        "cards_per_account": (6 / 42, 1.0),
        "share_cards_unique": (0.5, 1.0),
        "share_in_payers_country": (1.0, 0.5),
        "evenness_of_dispatch": (0.5, 0.22),
        "sign_up_span_days": (1.1, 283.0),
    }
    measures = {**WARD, **lodgers, "addresses_per_account": (1.0, 1.0)}
    held = {"prompt": 1.0, "payment": 0.9, "network": 1.0 - others}
    found = told(measures, 42, 2_500, 744.0, held)
    assert found.triage == expected, found.reasons


SERVERS = {
    "requests_per_account": (52.0, 6.5),
    "addresses_per_account": (6.0, 1.0),
    "share_night_hours": (0.03, 0.19),
    "share_top_address": (0.17, 0.13),
    "subnets": (6.0, 72.0),
    "share_in_templates": (1.0, 0.0),
    "slot_repeats": (0.12, 0.1),
    "evenness_of_work": (0.78, 0.37),
    "evenness_of_dispatch": (0.15, 0.23),
    "cards_per_account": (7 / 60, 1.0),
    "share_cards_unique": (4 / 7, 1.0),
    "share_in_payers_country": (1.0, 0.5),
    "sign_up_span_days": (7.4, 252.0),
    "share_one_country": (1.0, 0.5),
}
"""60 accounts of one country, each by turns in all of six networks, on three cards and a few of their own."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "review"),
        ({"addresses_per_account": (2.0, 1.0)}, "explained"),  # of a company's six offices each is in two
        ({"subnets": (4.0, 72.0)}, "explained"),
        # A service that its customers came to one by one.
        ({"cards_per_account": (1 / 60, 1.0), "sign_up_span_days": (180.0, 252.0)}, "watch"),
    ],
)
def test_who_goes_round_a_pool_of_networks_is_in_no_office(changed, expected: str):
    found = told({**SERVERS, **changed}, 60, 3_200, 573.0, {"prompt": 1.0, "payment": 0.9, "network": 1.0})
    assert found.triage == expected, found.reasons


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "watch"),
        ({"evenness_of_work": (0.7, 0.33)}, "review"),  # they send too much alike
        ({"sign_up_span_days": (2.0, 518.0)}, "review"),  # all at once
        ({"subnets": (40.0, 199.0)}, "review"),  # in a few places
    ],
)
def test_a_chains_outlets_sign_up_with_its_name(changed, expected: str):
    outlets = {
        "requests_per_account": (22.5, 4.5),
        "addresses_per_account": (2.0, 1.0),
        "share_night_hours": (0.27, 0.28),
        "share_top_address": (0.07, 0.09),
        "subnets": (120.0, 199.0),
        "share_in_templates": (0.49, 0.0),
        "evenness_of_work": (0.44, 0.33),
        "evenness_of_dispatch": (0.19, 0.19),
        "cards_per_account": (1.0, 1.0),
        "sign_up_span_days": (73.0, 518.0),
        "share_one_country": (0.18, 0.16),
        "client_strings": (91.0, 76.0),
    }
    found = told({**outlets, **changed}, 110, 2_900, 372.0, {"prompt": 0.8, "identity": 1.0, "network": 0.4})
    assert found.triage == expected, found.reasons


ACTION = {
    "requests_per_account": (56.0, 4.0),
    "addresses_per_account": (50.0, 1.0),
    "share_night_hours": (0.31, 0.24),
    "share_top_address": (0.015, 0.17),
    "subnets": (60.0, 63.0),
    "share_in_templates": (0.93, 0.0),
    "slot_repeats": (0.0, 0.08),
    "distinct_texts": (1.0, 0.94),
    "evenness_of_work": (0.65, 0.35),
    "evenness_of_dispatch": (0.12, 0.21),
    "cards_per_account": (1.0, 1.0),
    "share_cards_unique": (1.0, 1.0),
    "sign_up_span_days": (311.0, 491.0),
    "share_one_country": (0.14, 0.2),
    "client_strings": (29.0, 32.0),
}
"""35 authors whose builds run one public action, on machines that are lent to them for an hour."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "watch"),
        ({"evenness_of_dispatch": (0.5, 0.21)}, "review"),  # somebody hands it out
        ({"distinct_texts": (0.85, 0.94)}, "review"),  # and checks one answer by another
        ({"subnets": (400.0, 63.0)}, "review"),  # from everywhere, as stolen keys are used
        ({"sign_up_span_days": (30.0, 491.0)}, "review"),
        ({"cards_per_account": (0.5, 1.0), "share_cards_unique": (0.0, 1.0)}, "review"),
    ],
)
def test_who_writes_texts_of_his_own_in_bursts_of_his_own_uses_a_tool(changed, expected: str):
    found = told({**ACTION, **changed}, 35, 2_000, 242.0, {"prompt": 0.97, "network": 1.0})
    assert found.triage == expected, found.reasons


@pytest.mark.parametrize(
    ("asked", "days", "expected"),
    [(130.0, 0.4, "review"), (30.0, 0.4, "explained"), (130.0, 60.0, "explained")],
)
def test_a_class_asks_no_twenty_times_as_much(asked: float, days: float, expected: str):
    annotators = {
        "requests_per_account": (asked, 6.0),
        "addresses_per_account": (1.0, 1.0),
        "subnets": (2.0, 62.0),
        "share_top_address": (0.52, 0.09),
        "share_one_country": (0.79, 0.62),
        "evenness_of_dispatch": (0.18, 0.24),
        "cards_per_account": (0.75, 1.0),
        "share_cards_unique": (0.87, 1.0),
        "sign_up_span_days": (days, 248.0),
    }
    found = told({**WARD, **annotators}, 53, 7_000, 665.0, {"prompt": 1.0, "network": 0.96, "payment": 0.9})
    assert found.triage == expected, found.reasons


@pytest.mark.parametrize(("own", "expected"), [(0.34, "review"), (0.9, "watch")])
def test_an_offices_cards_are_its_own_or_its_clients(own: float, expected: str):
    """30 accounts at one address, on five cards that a pool of others pays with too."""
    twin = {
        "requests_per_account": (27.5, 4.5),
        "subnets": (2.0, 42.0),
        "share_top_address": (0.54, 0.17),
        "share_in_templates": (1.0, 0.0),
        "share_one_country": (0.67, 0.57),
        "evenness_of_dispatch": (0.56, 0.3),
        "evenness_of_work": (0.64, 0.37),
        "cards_per_account": (5 / 30, 1.0),
        "share_cards_unique": (0.0, 1.0),
        "share_night_hours": (0.18, 0.2),
    }
    measures = {**WARD, **twin, "addresses_per_account": (2.0, 1.0)}
    held = {"prompt": 1.0, "network": 1.0, "payment": own}
    found = told(measures, 30, 900, 519.0, held)
    assert found.triage == expected, found.reasons
