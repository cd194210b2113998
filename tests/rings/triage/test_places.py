"""Triage by where accounts are: an office, a campus, a cloud, a pool, or nowhere."""

from __future__ import annotations

import pytest
from crowds import COMPANY, EVERY_DAY, LAUNCHED, NOWHERE, WARD, told

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
    ("networks", "dispatch", "expected"),
    [(3_470.0, 0.35, "watch"), (4_200.0, 0.35, "review"), (4_200.0, 0.2, "watch")],  # the last ask in bursts
)
def test_who_asks_for_twice_as_much_is_seen_in_more_places(networks: float, dispatch: float, expected: str):
    course = {
        "requests_per_account": (18.0, 8.0),
        "addresses_per_account": (5.0, 3.0),
        "subnets": (networks, 2_550.0),
        "share_in_templates": (0.69, 0.0),
        "evenness_of_work": (0.67, 0.38),
        "share_moved_24h": (0.07, 0.04),
        "evenness_of_dispatch": (dispatch, 0.2),
        "sign_up_span_days": (11.0, 471.0),
    }
    found = told({**LAUNCHED, **course}, 1_097, 20_000, 3_657.0, {"prompt": 0.84, "identity": 0.41})
    assert found.triage == expected, found.reasons


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "explained"),
        ({"share_in_templates": (0.97, 0.0)}, "review"),  # and nothing else
        ({"addresses_per_account": (7.0, 1.0)}, "explained"),  # on the way too
        ({"subnets": (9.0, 72.0)}, "review"),  # and at home nowhere
        ({"share_moved_24h": (0.5, 0.0)}, "review"),  # a machine's sign
        (EVERY_DAY, "review"),  # staff have days off
        ({**EVERY_DAY, "active_days_per_account": (20.0, 4.0)}, "explained"),
        ({**EVERY_DAY, "active_days_per_account": (27.0, 27.0)}, "explained"),  # as everybody here does
        (
            {"active_days_per_account": (7.0, 2.0), "span_days": (6.9, 6.9)},
            "explained",
        ),  # one week tells nothing
    ],
)
def test_staff_are_at_home_elsewhere(changed, expected: str):
    found = told({**WARD, **changed}, 41, 1_900, 152.0, {"network": 1.0, "prompt": 0.97})
    assert found.triage == expected, found.reasons


@pytest.mark.parametrize(("days", "expected"), [({}, "explained"), (EVERY_DAY, "review")])
def test_in_one_place_a_job_of_its_own_has_days_off(days, expected: str):
    """53 accounts in one network, opened in a night and each paid for, among which requests fall at random."""
    job = {
        "subnets": (2.0, 66.0),
        "sign_up_span_days": (0.5, 270.0),
        "share_in_templates": (0.44, 0.0),
        "evenness_of_dispatch": (0.52, 0.23),
    }
    held = {"prompt": 1.0, "network": 0.9}
    found = told({**WARD, **job, **days}, 53, 2_300, 500.0, held)
    assert found.triage == expected, found.reasons
    assert ("an account asks on 27 of 28 days, where ordinary customers do on 4" in found.reasons) == bool(
        days
    )


@pytest.mark.parametrize(("changed", "expected"), [({}, "explained"), (EVERY_DAY, "review")])
def test_people_of_one_country_have_days_off(changed, expected: str):
    """46 accounts of a company that works in shifts, in one office and at homes, each on a card of its own."""
    shifts = {
        "requests_per_account": (130.0, 9.0),
        "subnets": (28.0, 110.0),
        "share_night_hours": (0.24, 0.24),
        "share_top_address": (0.26, 0.1),
        "share_in_templates": (0.47, 0.0),
        "evenness_of_dispatch": (0.38, 0.23),
        "sign_up_span_days": (26.0, 400.0),
    }
    held = {"network": 0.94, "identity": 0.98, "prompt": 0.96}
    for more in (
        {},
        {"subnets": (1.0, 110.0), "share_night_hours": (0.28, 0.24)},
    ):  # all of them in the office
        found = told({**WARD, **shifts, **more, **changed}, 46, 6_000, 492.0, held)
        assert found.triage == expected, found.reasons
        assert len(set(found.reasons)) == len(found.reasons)


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


OPENED_AT_ONCE = {
    "requests_per_account": (16.0, 5.0),
    "addresses_per_account": (5.0, 1.0),
    "share_night_hours": (0.29, 0.29),
    "share_top_address": (0.21, 0.08),
    "subnets": (4.0, 170.0),
    "share_in_templates": (1.0, 0.02),
    "evenness_of_work": (0.4, 0.29),
    "evenness_of_dispatch": (0.07, 0.14),
    "cards_per_account": (1.0, 1.0),
    "share_cards_unique": (1.0, 1.0),
    "sign_up_span_days": (0.4, 828.0),
    "share_one_country": (0.31, 0.19),
}
"""124 accounts of a firm's programs, opened in one morning, in the four networks of its cloud."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "explained"),
        ({"requests_per_account": (16.0, 4.0)}, "explained"),  # though customers ask for a little less
        # no place shows, or they do not ask when their people do
        ({"requests_per_account": (16.0, 4.0), "share_top_address": (0.06, 0.08)}, "review"),
        ({"requests_per_account": (16.0, 4.0), "evenness_of_dispatch": (0.3, 0.14)}, "review"),
        ({"cards_per_account": (0.08, 1.0), "share_cards_unique": (0.0, 1.0)}, "review"),  # on ten cards
        (
            {"cards_per_account": (0.5, 1.0), "share_cards_unique": (1.0, 1.0)},
            "review",
        ),  # half of them pay nothing
    ],
)
def test_accounts_from_anywhere_that_are_opened_at_once_pay_for_themselves(changed, expected: str):
    held = {"prompt": 1.0, "network": 0.98, "identity": 1.0}
    found = told({**OPENED_AT_ONCE, **changed}, 124, 3_000, 1_920.0, held)
    assert found.triage == expected, found.reasons


SUMMER_SCHOOL = {
    "requests_per_account": (19.0, 3.5),
    "addresses_per_account": (2.0, 1.0),
    "subnets": (32.0, 96.0),
    "share_night_hours": (0.16, 0.24),
    "share_busiest_day": (0.22, 0.13),
    "share_top_address": (0.85, 0.13),
    "share_in_templates": (0.31, 0.01),
    "slot_repeats": (0.72, 0.05),
    "distinct_texts": (0.35, 0.97),
    "evenness_of_work": (0.57, 0.28),
    "evenness_of_dispatch": (0.14, 0.26),
    "share_one_country": (0.22, 0.2),
    "sign_up_span_days": (1.4, 501.0),
}
"""54 students of many countries who signed up within two days, at one address, and do the same exercises."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "explained"),
        ({"share_top_address": (0.5, 0.13)}, "review"),  # half of it is elsewhere
        ({"slot_repeats": (0.0, 0.05)}, "review"),  # nor is it the same that they do
    ],
)
def test_a_school_in_summer_is_from_everywhere_and_in_one_place(changed, expected: str):
    found = told({**SUMMER_SCHOOL, **changed}, 54, 1_372, 356.0, {"network": 1.0, "prompt": 0.96})
    assert found.triage == expected, found.reasons


KIOSKS = {
    "requests_per_account": (24.0, 4.0),
    "active_days_per_account": (9.0, 2.0),
    "span_days": (11.4, 14.0),
    "addresses_per_account": (1.0, 2.0),
    "accounts_per_address": (22.0, 1.1),
    "subnets": (3.0, 160.0),
    "share_top_address": (0.51, 0.14),
    "share_in_address_country": (1.0, None),
    "share_night_hours": (0.0, 0.18),
    "share_in_templates": (1.0, 0.06),
    "slot_repeats": (0.0, 0.1),
    "evenness_of_work": (0.75, 0.3),
    "evenness_of_dispatch": (0.54, 0.23),
    "share_one_country": (0.52, 0.11),
    "sign_up_span_days": (25.0, 440.0),
}
"""62 volunteers at the desks that a charity has in three countries."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "explained"),
        ({"share_in_address_country": (0.6, None)}, "review"),  # from anywhere, at each address
        ({"evenness_of_dispatch": (0.9, 0.23)}, "review"),  # a machine hands out the work
        ({"active_days_per_account": (11.4, 2.0)}, "review"),  # without a day off
    ],
)
def test_desks_in_several_countries_are_places_of_their_people(changed, expected: str):
    found = told({**KIOSKS, **changed}, 62, 1_500, 423.0, {"prompt": 1.0, "network": 1.0})
    assert found.triage == expected, found.reasons


PUPILS = {
    "requests_per_account": (10.0, 4.0),
    "addresses_per_account": (1.0, 2.0),
    "subnets": (3.0, 240.0),
    "share_top_address": (0.4, 0.08),
    "share_in_address_country": (1.0, None),
    "share_night_hours": (0.0, 0.2),
    "share_in_templates": (0.75, 0.06),
    "slot_repeats": (0.52, 0.1),
    "distinct_texts": (0.52, 0.93),
    "evenness_of_work": (0.87, 0.3),
    "evenness_of_dispatch": (0.33, 0.23),
    "share_one_country": (0.38, 0.14),
    "sign_up_span_days": (2.6, 420.0),
}
"""81 pupils of three schools in three countries, whose lessons began in the same week."""


@pytest.mark.parametrize(("at_home", "expected"), [(1.0, "explained"), (0.5, "review")])
def test_schools_that_begin_at_once_have_pupils_of_their_countries(at_home: float, expected: str):
    measures = {**PUPILS, "share_in_address_country": (at_home, None)}
    found = told(measures, 81, 800, 994.0, {"prompt": 1.0, "network": 1.0, "identity": 0.9})
    assert found.triage == expected, found.reasons


def test_a_log_without_addresses_shows_no_place_of_anybody_s():
    """ME-16: what stands for an unknown measure is told as none, and accuses nobody."""
    places = ("share_top_address", "subnets", "addresses_per_account")
    unknown = {name: of for name, of in NOWHERE.items() if name not in places}
    for changed in ({}, {"share_in_templates": (0.9, 0.01)}, {"evenness_of_dispatch": (0.8, 0.18)}):
        found = told({**unknown, **changed}, 15, 300, 100.0)
        assert not any("busiest address" in reason for reason in found.reasons)
        assert not any("nothing shows what they have in common" in reason for reason in found.reasons)


PHONES = {
    "requests_per_account": (21.0, 8.0),
    "addresses_per_account": (4.0, 1.0),
    "subnets": (2.0, 524.0),
    "share_top_address": (0.05, 0.05),
    "share_night_hours": (0.1, 0.26),
    "share_in_templates": (0.6, 0.04),
    "slot_repeats": (0.0, 0.01),
    "evenness_of_work": (0.61, 0.3),
    "evenness_of_dispatch": (0.11, 0.13),
    "share_one_country": (1.0, 0.11),
    "sign_up_span_days": (125.0, 771.0),
}
"""298 accounts on the phones of one country, at two dozen addresses of one carrier that hardly anybody else uses."""


@pytest.mark.parametrize(
    ("changed", "network", "expected"),
    [
        ({}, 0.9, "review"),
        ({}, 0.3, "explained"),  # where others are too
        ({"share_top_address": (0.4, 0.05)}, 0.9, "explained"),  # where a place shows
        ({"subnets": (200.0, 524.0)}, 0.9, "explained"),
        ({"slot_repeats": (0.5, 0.01)}, 0.9, "explained"),  # what others send too
        ({"sign_up_span_days": (300.0, 771.0)}, 0.9, "explained"),  # who came one by one
        (
            {"cards_per_account": (0.01, 1.0), "share_cards_unique": (0.0, 1.0)},
            0.9,
            "explained",
        ),  # who are paid for
    ],
)
def test_accounts_that_have_a_network_to_themselves_need_a_reason(changed, network: float, expected: str):
    found = told({**PHONES, **changed}, 298, 8_328, 1_992.0, {"prompt": 1.0, "network": network})
    assert found.triage == expected, found.reasons
