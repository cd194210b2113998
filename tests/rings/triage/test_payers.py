"""Triage by who pays: one customer openly, several for their own people, or cards from anywhere."""

from __future__ import annotations

import pytest
from crowds import COMPANY, EVERY_DAY, NOWHERE, STRANGERS, WARD, told

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
        ({"sign_up_span_days": (60.0, 572.0)}, "explained"),  # a firm may open them within two months
        # But not on two cards, or where no place shows.
        ({"sign_up_span_days": (60.0, 572.0), "cards_per_account": (2 / 42, 1.0)}, "review"),
        ({"sign_up_span_days": (60.0, 572.0), "share_top_address": (0.05, 0.17)}, "review"),
        (BUSY, "explained"),  # each in bursts of its own
        ({**BUSY, **EVERY_DAY}, "explained"),  # who came one by one works as he likes
        ({**BUSY, **EVERY_DAY, "sign_up_span_days": (60.0, 572.0)}, "review"),
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


SHELL_COMPANY = {
    "requests_per_account": (78.0, 5.0),
    "addresses_per_account": (16.0, 1.0),
    "subnets": (3.0, 280.0),
    "cards_per_account": (5 / 190, 1.0),
    "share_cards_unique": (0.0, 1.0),
    "share_in_payers_country": (0.56, 1.0),
    "share_night_hours": (0.33, 0.27),
    "share_busiest_day": (0.06, 0.1),
    "share_top_address": (0.065, 0.058),
    "share_in_templates": (0.93, 0.02),
    "slot_repeats": (0.0, 0.08),
    "evenness_of_work": (0.89, 0.28),
    "evenness_of_dispatch": (0.52, 0.15),
    "share_one_country": (0.52, 0.2),
    "sign_up_span_days": (0.8, 770.0),
    "share_one_organisation": (1.0, 0.02),
    "share_large_organisations": (1.0, 0.0),
}
"""190 accounts of one declared organisation that an operator opened in a morning, all over a pool of servers."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "review"),
        ({"share_top_address": (0.3, 0.06)}, "explained"),  # it has a place
        ({"share_one_country": (0.95, 0.2)}, "explained"),  # or a country
        # where its people do not move about by the hour
        ({"share_one_country": (0.95, 0.2), "subnets": (34.0, 280.0)}, "review"),
        ({"evenness_of_dispatch": (0.2, 0.15)}, "explained"),  # or nobody hands out the work
    ],
)
def test_a_declared_organisation_has_a_place_or_a_country(changed, expected: str):
    found = told({**SHELL_COMPANY, **changed}, 190, 14_800, 4_420.0, {"prompt": 1.0, "payment": 1.0})
    assert found.triage == expected, found.reasons


DECLARED_OF_NOWHERE = {
    "requests_per_account": (78.0, 5.0),
    "active_days_per_account": (19.0, 2.0),
    "span_days": (19.0, 19.0),
    "addresses_per_account": (2.0, 2.0),
    "subnets": (290.0, 200.0),
    "cards_per_account": (0.73, 1.02),
    "share_cards_unique": (0.86, 1.0),
    "share_night_hours": (0.33, 0.24),
    "share_top_address": (0.28, 0.05),
    "share_in_templates": (0.71, 0.0),
    "evenness_of_work": (0.64, 0.4),
    "evenness_of_dispatch": (0.52, 0.25),
    "share_one_country": (0.36, 0.2),
    "share_one_organisation": (1.0, 0.02),
    "share_large_organisations": (1.0, 0.0),
}
"""87 accounts that declare one organisation, of many countries and on 64 cards, and ask evenly day and night."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "review"),
        (
            {"cards_per_account": (1 / 87, 1.02), "share_cards_unique": (0.0, 1.0)},
            "explained",
        ),  # it pays for all
        ({"evenness_of_dispatch": (0.2, 0.25)}, "explained"),  # people are at work
        ({"share_one_country": (0.9, 0.2), "evenness_of_dispatch": (0.2, 0.25)}, "explained"),
    ],
)
def test_a_declared_organisation_pays_for_what_it_runs(changed, expected: str):
    found = told({**DECLARED_OF_NOWHERE, **changed}, 87, 6_800, 1_138.0)
    assert found.triage == expected, found.reasons


TRIALS = {
    "requests_per_account": (18.0, 7.0),
    "addresses_per_account": (1.0, 1.0),
    "subnets": (55.0, 533.0),
    "client_strings": (1.0, 83.0),
    "cards_per_account": (0.32, 1.0),
    "share_cards_unique": (0.08, 1.0),
    "share_in_payers_country": (0.59, None),
    "share_night_hours": (0.07, 0.25),
    "share_busiest_day": (0.11, 0.11),
    "share_top_address": (0.05, 0.07),
    "share_in_templates": (0.11, 0.04),
    "slot_repeats": (0.04, 0.08),
    "evenness_of_work": (0.49, 0.28),
    "evenness_of_dispatch": (0.07, 0.3),
    "share_one_country": (0.38, 0.27),
    "sign_up_span_days": (13.5, 466.0),
}
"""303 trial accounts whose users are strangers: each card pays for three or four of them, of any country."""


@pytest.mark.parametrize(
    ("changed", "own", "expected"),
    [
        ({}, 1.0, "review"),
        ({}, 0.3, "watch"),  # others pay with these cards as well
        ({"share_in_payers_country": (0.9, None)}, 1.0, "watch"),  # each card is a country's
        ({"sign_up_span_days": (460.0, 466.0)}, 1.0, "watch"),  # they came one by one
        ({"subnets": (400.0, 533.0)}, 1.0, "watch"),  # they share no network
    ],
)
def test_a_few_networks_and_cards_for_any_country_are_an_operators(changed, own: float, expected: str):
    found = told({**TRIALS, **changed}, 303, 5_900, 2_018.0, {"network": 0.9, "payment": own})
    assert found.triage == expected, found.reasons


CREDITS = {
    "requests_per_account": (23.0, 4.0),
    "addresses_per_account": (2.0, 1.0),
    "subnets": (441.0, 268.0),
    "cards_per_account": (1 / 108, 1.0),
    "share_cards_unique": (0.0, 1.0),
    "share_in_payers_country": (0.24, 1.0),
    "share_night_hours": (0.22, 0.25),
    "share_busiest_day": (0.12, 0.09),
    "share_top_address": (0.08, 0.07),
    "share_in_templates": (0.07, 0.08),
    "evenness_of_work": (0.35, 0.31),
    "evenness_of_dispatch": (0.18, 0.25),
    "share_one_country": (0.24, 0.18),
    "sign_up_span_days": (3.7, 486.0),
}
"""108 researchers of many countries whom one grant's code pays for."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "watch"),
        ({"requests_per_account": (60.0, 4.0)}, "review"),  # harder than an agency works
        ({"share_in_templates": (0.9, 0.08)}, "review"),  # and nothing else is sent
        ({"cards_per_account": (3 / 108, 1.0)}, "review"),  # three codes are no one customer's
    ],
)
def test_one_code_pays_for_who_is_anywhere(changed, expected: str):
    found = told({**CREDITS, **changed}, 108, 5_900, 204.0, {"payment": 0.89, "identity": 0.5})
    assert found.triage == expected, found.reasons


@pytest.mark.parametrize(("night", "expected"), [(0.33, "review"), (0.1, "watch")])
def test_a_farm_in_one_network_leaves_every_sign_of_work(night: float, expected: str):
    """67 accounts on 19 cards behind one carrier ask for six times as much as customers do."""
    farm = {
        "requests_per_account": (36.0, 6.0),
        "addresses_per_account": (8.0, 1.0),
        "subnets": (1.0, 141.0),
        "cards_per_account": (0.28, 1.0),
        "share_cards_unique": (0.11, 1.0),
        "share_in_payers_country": (1.0, 0.5),
        "share_night_hours": (night, 0.19),
        "share_busiest_day": (0.06, 0.13),
        "share_top_address": (0.14, 0.12),
        "share_in_templates": (1.0, 0.01),
        "slot_repeats": (0.1, 0.1),
        "evenness_of_work": (0.94, 0.36),
        "evenness_of_dispatch": (0.73, 0.23),
        "share_one_country": (1.0, 0.36),
        "sign_up_span_days": (9.2, 485.0),
    }
    found = told(farm, 67, 2_434, 1_073.0, {"prompt": 1.0, "payment": 1.0, "network": 0.58})
    assert found.triage == expected, found.reasons


EVALUATORS = {
    "requests_per_account": (11.0, 9.0),
    "active_days_per_account": (8.5, 3.0),
    "span_days": (25.0, 25.0),
    "addresses_per_account": (4.0, 1.0),
    "subnets": (20.0, 110.0),
    "share_top_address": (0.19, 0.12),
    "share_night_hours": (0.05, 0.2),
    "share_in_templates": (0.99, 0.01),
    "slot_repeats": (0.12, 0.05),
    "evenness_of_work": (0.34, 0.3),
    "evenness_of_dispatch": (0.52, 0.3),
    "cards_per_account": (5 / 64, 1.0),
    "share_cards_unique": (0.0, 1.0),
    "share_in_payers_country": (0.94, 1.0),
    "share_one_country": (0.3, 0.2),
    "sign_up_span_days": (470.0, 340.0),
}
"""64 people of five institutes, each of which pays for its own, who put the same questions to every model."""


@pytest.mark.parametrize(("at_home", "expected"), [(0.94, "watch"), (0.5, "review")])
def test_institutes_of_several_countries_pay_for_their_own(at_home: float, expected: str):
    measures = {**EVALUATORS, "share_in_payers_country": (at_home, 1.0)}
    found = told(measures, 64, 900, 898.0, {"prompt": 0.9, "network": 0.95, "payment": 1.0})
    assert found.triage == expected, found.reasons
