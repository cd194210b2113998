"""Triage by work: handed out, asked by a timer, done in one night, or by people at work."""

from __future__ import annotations

import pytest
from crowds import AT_ONCE, EVERY_DAY, LAUNCHED, STRANGERS, WARD, told

OUTLETS = {
    "share_one_country": (1.0, 0.4),
    "subnets": (290.0, 164.0),
    "evenness_of_dispatch": (0.55, 0.3),
    "evenness_of_work": (0.55, 0.4),
    "share_night_hours": (0.1, 0.07),
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
        ({**OUTLETS, "share_in_templates": (0.8, 0.0)}, "watch"),  # from a queue, but for little and by day
        (
            {**OUTLETS, "share_in_templates": (0.8, 0.0), "requests_per_account": (16.0, 8.0)},
            "review",
        ),  # for more than customers do
        ({**OUTLETS, "share_night_hours": (0.22, 0.07)}, "review"),  # nor are they ever closed
    ],
)
def test_work_is_handed_out_by_somebody_whom_nothing_shows(changed, expected: str):
    found = told({**STRANGERS, **changed}, 164, 1148, 640.0)
    assert found.triage == expected, found.reasons


PROGRAMS = {
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
        # They take turns: people who ask for so little by day may, others do not.
        ({"evenness_of_dispatch": (0.85, 0.64)}, "watch"),
        ({"evenness_of_dispatch": (0.85, 0.64), "requests_per_account": (16.0, 8.0)}, "review"),
        ({"evenness_of_dispatch": (0.7, 0.2)}, "explained"),  # at random, as long as they are open
        # Nobody else asks so evenly, and at night.
        ({"evenness_of_dispatch": (0.7, 0.2), "share_night_hours": (0.12, 0.25)}, "review"),
    ],
)
def test_work_is_handed_out_where_it_is_more_even_than_that_of_customers(changed, expected: str):
    found = told({**PROGRAMS, **changed}, 165, 1_200, 1_255.0, {"prompt": 1.0, "identity": 1.0})
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


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "explained"),
        ({"evenness_of_dispatch": (0.8, 0.16)}, "explained"),  # the program's timer asks for all
        ({"evenness_of_dispatch": (0.99, 0.16)}, "review"),  # but not strictly in turns
        ({**EVERY_DAY, "evenness_of_dispatch": (0.6, 0.16)}, "explained"),
        (
            {**EVERY_DAY, "evenness_of_dispatch": (0.6, 0.16), "requests_per_account": (60.0, 4.0)},
            "review",
        ),  # nor hard and every day
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


ALL_DAY = {
    "requests_per_account": (68.0, 4.0),
    "addresses_per_account": (6.0, 1.0),
    "share_night_hours": (0.31, 0.13),
    "share_top_address": (0.18, 0.07),
    "subnets": (1.0, 78.0),
    "share_in_templates": (0.9, 0.06),
    "evenness_of_work": (0.75, 0.32),
    "evenness_of_dispatch": (0.72, 0.16),
    "sign_up_span_days": (17.0, 1_170.0),
    "share_one_country": (1.0, 0.29),
}
"""51 free accounts in one network, which are used up one after another, day and night."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "review"),
        (
            {"requests_per_account": (20.0, 4.0)},
            "review",
        ),  # as hard as an agency works, with every sign of work
        # and asleep at night
        ({"requests_per_account": (20.0, 4.0), "share_night_hours": (0.1, 0.13)}, "explained"),
        ({"evenness_of_dispatch": (0.2, 0.16)}, "explained"),  # shifts in one office
        (
            {"cards_per_account": (1 / 51, 1.0), "share_cards_unique": (0.0, 1.0)},
            "explained",
        ),  # who pays is seen
    ],
)
def test_hard_work_in_one_place_has_somebody_who_pays(changed, expected: str):
    found = told({**ALL_DAY, **changed}, 51, 3_500, 337.0, {"network": 1.0, "prompt": 1.0})
    assert found.triage == expected, found.reasons


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "watch"),
        ({"share_one_country": (0.4, 0.28)}, "review"),
        ({"evenness_of_work": (0.7, 0.28)}, "review"),  # a sign of work besides
    ],
)
def test_people_of_one_country_may_ask_much_move_about_and_share_cards(changed, expected: str):
    students = {
        "requests_per_account": (25.0, 4.5),
        "addresses_per_account": (11.0, 1.0),
        "share_night_hours": (0.12, 0.18),
        "share_top_address": (0.09, 0.06),
        "subnets": (179.0, 177.0),
        "share_in_templates": (0.24, 0.08),
        "evenness_of_work": (0.53, 0.28),
        "evenness_of_dispatch": (0.12, 0.15),
        "cards_per_account": (1 / 6, 0.8),
        "share_cards_unique": (0.0, 0.9),
        "sign_up_span_days": (27.0, 986.0),
        "share_one_country": (1.0, 0.28),
    }
    held = {"payment": 1.0, "network": 1.0}
    assert told({**students, **changed}, 126, 3_200, 1_029.0, held).triage == expected


@pytest.mark.parametrize(
    ("night", "evenness", "expected"),
    [(0.0, 0.6, "watch"), (0.15, 0.6, "review"), (0.0, 0.9, "review")],
)
def test_who_keeps_the_same_hours_asks_at_random_within_them(night: float, evenness: float, expected: str):
    """30 people in a class that meets online, from several countries."""
    bootcamp = {
        "requests_per_account": (11.0, 3.0),
        "addresses_per_account": (3.0, 1.0),
        "share_night_hours": (night, 0.21),
        "share_top_address": (0.06, 0.16),
        "subnets": (55.0, 43.0),
        "share_in_templates": (0.6, 0.04),
        "slot_repeats": (0.57, 0.11),
        "distinct_texts": (0.52, 0.91),
        "evenness_of_work": (0.73, 0.32),
        "evenness_of_dispatch": (evenness, 0.19),
        "sign_up_span_days": (0.08, 19.0),
        "share_one_country": (0.6, 0.17),
    }
    found = told(bootcamp, 30, 340, 119.0, {"prompt": 0.97, "identity": 0.08})
    assert found.triage == expected, found.reasons


BOT_PLATFORM = {
    "requests_per_account": (27.0, 4.0),
    "addresses_per_account": (12.0, 1.0),
    "subnets": (15.0, 604.0),
    "client_strings": (1.0, 82.0),
    "cards_per_account": (1.0, 0.98),
    "share_cards_unique": (1.0, 0.96),
    "share_night_hours": (0.21, 0.17),
    "share_busiest_day": (0.08, 0.09),
    "share_top_address": (0.07, 0.06),
    "share_in_templates": (0.52, 0.06),
    "slot_repeats": (0.63, 0.06),
    "distinct_texts": (0.46, 0.96),
    "evenness_of_work": (0.41, 0.29),
    "evenness_of_dispatch": (0.46, 0.21),
    "share_one_country": (0.95, 0.71),
    "sign_up_span_days": (474.0, 491.0),
}
"""371 shops, each with a card of its own, that write through the servers of one platform of messenger bots."""

HARDLY_ANYBODYS = {"slot_repeats": (0.1, 0.06), "distinct_texts": (0.9, 0.96)}
"""Texts that hardly anybody else sends."""


@pytest.mark.parametrize(
    ("changed", "own", "expected"),
    [
        ({}, 1.0, "watch"),
        (
            {"subnets": (900.0, 604.0)},
            0.04,
            "watch",
        ),  # in as many networks, where its other customers are too
        ({"subnets": (900.0, 604.0), **HARDLY_ANYBODYS}, 1.0, "review"),  # nobody else is there
        ({"sign_up_span_days": (14.0, 491.0)}, 1.0, "review"),  # nor did they come one by one
        (
            {"evenness_of_dispatch": (0.97, 0.21), **HARDLY_ANYBODYS},
            1.0,
            "review",
        ),  # nor do customers take turns
    ],
)
def test_customers_of_a_platform_are_where_it_runs(changed, own: float, expected: str):
    found = told({**BOT_PLATFORM, **changed}, 371, 19_700, 2_647.0, {"prompt": 1.0, "network": own})
    assert found.triage == expected, found.reasons


HOSPITALS = {
    "requests_per_account": (42.0, 3.0),
    "addresses_per_account": (2.0, 1.0),
    "subnets": (1020.0, 392.0),
    "cards_per_account": (11 / 139, 1.0),
    "share_cards_unique": (0.0, 1.0),
    "share_in_payers_country": (0.18, 1.0),
    "share_night_hours": (0.2, 0.23),
    "share_busiest_day": (0.06, 0.09),
    "share_top_address": (0.03, 0.07),
    "share_in_templates": (0.3, 0.03),
    "slot_repeats": (0.0, 0.04),
    "evenness_of_work": (0.51, 0.24),
    "evenness_of_dispatch": (0.15, 0.29),
    "share_one_country": (0.14, 0.17),
    "sign_up_span_days": (473.0, 504.0),
}
"""139 people of many hospitals who write by one protocol and pay with its grant's codes."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "watch"),
        ({"sign_up_span_days": (9.0, 504.0)}, "review"),  # they did not come one by one
        ({"evenness_of_work": (0.8, 0.24)}, "review"),  # and show more than that they ask much
    ],
)
def test_who_came_one_by_one_and_asks_much_is_not_organised(changed, expected: str):
    found = told({**HOSPITALS, **changed}, 139, 9_260, 995.0, {"prompt": 1.0, "payment": 1.0})
    assert found.triage == expected, found.reasons


NO_CODE = {
    "requests_per_account": (36.0, 7.0),
    "addresses_per_account": (8.0, 1.5),
    "subnets": (230.0, 237.0),
    "client_strings": (123.0, 113.0),
    "cards_per_account": (1.08, 1.03),
    "share_cards_unique": (1.0, 1.0),
    "share_night_hours": (0.31, 0.26),
    "share_busiest_day": (0.09, 0.08),
    "share_top_address": (0.11, 0.05),
    "share_in_templates": (0.72, 0.02),
    "slot_repeats": (0.0, 0.02),
    "distinct_texts": (1.0, 0.99),
    "evenness_of_work": (0.61, 0.37),
    "evenness_of_dispatch": (0.39, 0.17),
    "share_one_country": (0.27, 0.32),
    "sign_up_span_days": (590.0, 470.0),
}
"""156 customers whose jobs a platform for automations runs, each with a text of its own in the same words."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "watch"),
        ({"evenness_of_dispatch": (0.5, 0.17)}, "watch"),  # as a timer has it
        ({"evenness_of_dispatch": (0.8, 0.17)}, "review"),  # they take turns
        (
            {
                "evenness_of_dispatch": (0.8, 0.17),
                "requests_per_day": (1.5, 2.0),
                "share_night_hours": (0.03, 0.26),
            },
            "watch",
        ),  # at nine, each day
        (
            {"evenness_of_dispatch": (0.5, 0.17), "requests_per_account": (90.0, 7.0)},
            "review",
        ),  # much is handed out
        ({"subnets": (480.0, 237.0)}, "review"),  # they are all over the world
        ({"distinct_texts": (0.9, 0.99)}, "review"),  # one answer is checked by another
        (
            {"cards_per_account": (0.5, 1.03), "share_cards_unique": (0.2, 1.0)},
            "review",
        ),  # nor do they pay alone
    ],
)
def test_jobs_of_a_platforms_customers_are_their_own(changed, expected: str):
    found = told({**NO_CODE, **changed}, 156, 8_000, 776.0, {"prompt": 0.99, "network": 0.43})
    assert found.triage == expected, found.reasons


COSTUME = {
    "requests_per_account": (63.0, 7.0),
    "requests_per_day": (23.0, 4.0),
    "addresses_per_account": (3.0, 1.0),
    "subnets": (12.0, 82.0),
    "cards_per_account": (1 / 45, 1.0),
    "share_cards_unique": (0.0, 1.0),
    "share_in_payers_country": (0.53, None),
    "share_night_hours": (0.08, 0.22),
    "share_busiest_day": (0.13, 0.1),
    "share_top_address": (0.38, 0.09),
    "share_in_templates": (1.0, 0.06),
    "slot_repeats": (0.0, 0.02),
    "evenness_of_work": (0.76, 0.37),
    "evenness_of_dispatch": (0.03, 0.15),
    "share_one_country": (0.53, 0.16),
    "sign_up_span_days": (0.59, 798.0),
}
"""45 accounts in the costume of a hackathon's teams, on its sponsor's card, each emptied before the next is taken."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "review"),
        ({"evenness_of_dispatch": (0.11, 0.15)}, "explained"),  # at it together, as people are
        ({"evenness_of_dispatch": (0.03, 0.04)}, "explained"),  # as customers are: hardly any two ask at once
        ({"evenness_of_work": (0.6, 0.37)}, "explained"),  # each as much as it needs
        ({"slot_repeats": (0.12, 0.02)}, "review"),  # each eighth text twice
        ({"slot_repeats": (0.5, 0.02)}, "explained"),  # what is set to all
        ({"sign_up_span_days": (454.0, 798.0)}, "explained"),  # a firm that grew, with jobs of its own
    ],
)
def test_accounts_that_are_used_up_one_after_another_are_no_team(changed, expected: str):
    found = told({**COSTUME, **changed}, 45, 3_345, 739.0, {"prompt": 1.0, "network": 1.0, "payment": 0.12})
    assert found.triage == expected, found.reasons
    assert ("one account after another" in found.intent_signs) == (expected == "review")


STOLEN = {
    **COSTUME,
    "cards_per_account": (1.0, 1.0),
    "share_cards_unique": (1.0, 1.0),
    "sign_up_span_days": (366.0, 640.0),
    "share_one_country": (0.33, 0.28),
    "share_night_hours": (0.29, 0.28),
    "share_top_address": (0.11, 0.07),
    "client_strings": (2.0, 40.0),
}
"""As many keys of customers who came one by one and pay for themselves: no tool of theirs empties one after another."""


@pytest.mark.parametrize(("dispatch", "expected"), [(0.05, "review"), (0.2, "explained")])
def test_keys_that_are_used_up_one_after_another_are_no_tool_s(dispatch: float, expected: str):
    measures = {**STOLEN, "evenness_of_dispatch": (dispatch, 0.41)}
    found = told(measures, 45, 3_345, 500.0, {"prompt": 1.0, "network": 1.0})
    assert found.triage == expected, found.reasons
