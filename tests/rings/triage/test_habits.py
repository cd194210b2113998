"""What nobody shares out: the habits of people, and what everybody sends."""

from __future__ import annotations

from dataclasses import replace

import pytest
from crowds import told

from graphscan.rings.triage import Triage, by_one_family

CHALLENGE = {
    "requests_per_account": (9.0, 4.0),
    "requests_per_day": (1.0, 2.0),
    "active_days_per_account": (9.0, 2.0),
    "span_days": (14.0, 14.0),
    "addresses_per_account": (7.0, 2.0),
    "subnets": (1019.0, 577.0),
    "client_strings": (266.0, 230.0),
    "cards_per_account": (1.0, 1.0),
    "share_cards_unique": (1.0, 1.0),
    "share_night_hours": (0.045, 0.18),
    "share_busiest_day": (0.08, 0.09),
    "share_top_address": (0.005, 0.045),
    "share_in_templates": (1.0, 0.06),
    "slot_repeats": (0.0, 0.1),
    "evenness_of_work": (0.9, 0.3),
    "evenness_of_dispatch": (0.82, 0.22),
    "share_one_country": (0.17, 0.11),
    "sign_up_span_days": (3.6, 400.0),
}
"""212 people of many countries who took up a fortnight's challenge: a text a day, each at home."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "watch"),
        ({"requests_per_day": (2.0, 2.0)}, "review"),  # more than once a day
        ({"share_night_hours": (0.31, 0.18)}, "review"),  # day and night
        ({"cards_per_account": (0.3, 1.0), "share_cards_unique": (0.1, 1.0)}, "review"),  # on shared cards
    ],
)
def test_who_pays_for_himself_and_asks_once_a_day_has_a_habit(changed, expected: str):
    found = told({**CHALLENGE, **changed}, 212, 2_000, 888.0, {"prompt": 1.0, "identity": 0.6})
    assert found.triage == expected, found.reasons


BENCHMARK = {
    "requests_per_account": (125.0, 5.5),
    "requests_per_day": (125.0, 2.0),
    "active_days_per_account": (1.0, 2.5),
    "span_days": (17.0, 21.0),
    "addresses_per_account": (9.0, 2.0),
    "subnets": (200.0, 140.0),
    "cards_per_account": (1.0, 1.0),
    "share_cards_unique": (1.0, 1.0),
    "share_night_hours": (0.2, 0.2),
    "share_busiest_day": (0.16, 0.1),
    "share_top_address": (0.08, 0.1),
    "share_in_templates": (0.98, 0.04),
    "slot_repeats": (0.61, 0.05),
    "distinct_texts": (0.5, 0.96),
    "evenness_of_work": (0.75, 0.3),
    "evenness_of_dispatch": (1.0, 0.23),
    "share_one_country": (0.26, 0.24),
    "sign_up_span_days": (290.0, 370.0),
}
"""42 customers each of whom ran one public test in a night of his own."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "watch"),
        (
            {"slot_repeats": (0.0, 0.05), "distinct_texts": (1.0, 0.96)},
            "review",
        ),  # each has a part of the work
        ({"distinct_texts": (0.7, 0.96)}, "review"),  # some of which is said again
        ({"sign_up_span_days": (9.0, 370.0)}, "review"),  # they came at once
        ({"cards_per_account": (0.3, 1.0), "share_cards_unique": (0.1, 1.0)}, "review"),
    ],
)
def test_who_came_in_his_own_time_and_sends_what_others_send_is_alone(changed, expected: str):
    found = told({**BENCHMARK, **changed}, 42, 5_200, 225.0, {"prompt": 1.0, "network": 0.5})
    assert found.triage == expected, found.reasons


WRITERS = {
    "requests_per_account": (25.0, 6.0),
    "active_days_per_account": (9.0, 3.0),
    "span_days": (21.0, 21.0),
    "addresses_per_account": (4.0, 2.0),
    "subnets": (160.0, 140.0),
    "cards_per_account": (4 / 57, 1.0),
    "share_cards_unique": (0.0, 1.0),
    "share_in_payers_country": (1.0, 1.0),
    "share_night_hours": (0.0, 0.16),
    "share_busiest_day": (0.07, 0.09),
    "share_top_address": (0.3, 0.12),
    "share_in_templates": (1.0, 0.04),
    "slot_repeats": (0.0, 0.05),
    "evenness_of_work": (0.5, 0.3),
    "evenness_of_dispatch": (0.18, 0.22),
    "share_one_country": (1.0, 0.21),
    "sign_up_span_days": (370.0, 430.0),
}
"""57 writers of one agency, in its office and at home, on its four cards."""

ABROAD = {
    "share_one_country": (0.5, 0.21),
    "share_in_payers_country": (0.6, 1.0),
    "evenness_of_work": (0.7, 0.3),
}
"""Writers of several countries, who ask alike."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "watch"),
        ({"evenness_of_dispatch": (0.5, 0.22)}, "review"),  # somebody hands out the work
        ({"active_days_per_account": (20.0, 3.0)}, "review"),  # they have no day off
        ({"sign_up_span_days": (9.0, 430.0)}, "review"),  # they came at once
        (ABROAD, "review"),
        ({**ABROAD, "evenness_of_work": (0.5, 0.3)}, "watch"),  # each as much as he likes
        ({**ABROAD, "evenness_of_work": (0.5, 0.3), "requests_per_account": (60.0, 6.0)}, "review"),
    ],
)
def test_people_of_one_country_work_in_bursts_and_have_days_off(changed, expected: str):
    found = told({**WRITERS, **changed}, 57, 1_500, 962.0, {"prompt": 1.0, "payment": 0.9})
    assert found.triage == expected, found.reasons


def test_accounts_of_which_no_country_is_known_are_no_people_of_one():
    as_much = {**WRITERS, "evenness_of_work": (0.7, 0.3)}
    measures = {name: value for name, value in as_much.items() if name != "share_one_country"}
    found = told(measures, 57, 1_500, 962.0, {"prompt": 1.0, "payment": 0.9})
    assert found.triage == "review", found.reasons


ACADEMY = {
    "requests_per_account": (17.0, 5.0),
    "active_days_per_account": (6.0, 3.0),
    "span_days": (25.0, 28.0),
    "addresses_per_account": (3.0, 2.0),
    "subnets": (630.0, 370.0),
    "cards_per_account": (1.0, 1.0),
    "share_cards_unique": (1.0, 1.0),
    "share_night_hours": (0.18, 0.18),
    "share_busiest_day": (0.05, 0.07),
    "share_top_address": (0.02, 0.07),
    "share_in_templates": (0.98, 0.0),
    "slot_repeats": (0.22, 0.07),
    "evenness_of_work": (0.64, 0.3),
    "evenness_of_dispatch": (0.23, 0.23),
    "share_one_country": (0.15, 0.22),
    "sign_up_span_days": (3.9, 430.0),
}
"""153 people of many countries who enrolled in an online course in one week and study at home."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "watch"),
        ({"evenness_of_dispatch": (0.25, 0.22)}, "watch"),  # as customers do, by chance
        ({"evenness_of_dispatch": (0.4, 0.23)}, "review"),  # not in bursts of their own
        ({"requests_per_account": (21.0, 5.0)}, "review"),  # more than people at work
        ({"subnets": (1100.0, 370.0)}, "review"),  # all over the world
        ({"active_days_per_account": (25.0, 3.0)}, "review"),  # without a day off
        ({"cards_per_account": (0.3, 1.0), "share_cards_unique": (0.1, 1.0)}, "review"),
    ],
)
def test_who_pays_for_himself_and_asks_in_bursts_is_at_work_for_himself(changed, expected: str):
    found = told({**ACADEMY, **changed}, 153, 3_000, 542.0, {"prompt": 0.95, "identity": 0.2})
    assert found.triage == expected, found.reasons


@pytest.mark.parametrize(("others", "expected"), [(0.09, "watch"), (0.25, "review"), (3.0, "review")])
def test_of_whom_one_family_tells_alone_is_no_ring_for_review(others: float, expected: str):
    """1,376 who wrote to one airline in the hours of its delays: 5,104 bits by the one, 128 by the other."""
    by_rules = Triage("review", ("nothing in this log explains it",), "industrial", ())
    found = by_one_family(by_rules, others)
    assert found.triage == expected
    assert len(found.reasons) == (2 if expected == "watch" else 1)
    explained = replace(by_rules, triage="explained")
    assert by_one_family(explained, others) is explained


COURSE = {
    "requests_per_account": (60.0, 4.0),
    "active_days_per_account": (7.0, 3.0),
    "span_days": (14.0, 14.0),
    "addresses_per_account": (7.0, 2.0),
    "subnets": (73.0, 47.0),
    "cards_per_account": (0.4, 1.0),
    "share_cards_unique": (0.83, 1.0),
    "share_night_hours": (0.05, 0.2),
    "share_busiest_day": (0.12, 0.1),
    "share_top_address": (0.05, 0.1),
    "share_in_templates": (0.6, 0.04),
    "slot_repeats": (0.2, 0.02),
    "distinct_texts": (0.8, 0.98),
    "evenness_of_work": (0.73, 0.3),
    "evenness_of_dispatch": (0.16, 0.16),
    "share_one_country": (0.3, 0.24),
    "sign_up_span_days": (0.3, 370.0),
}
"""30 people of a course who signed up on its first evening and do its tasks at home."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "watch"),
        ({"sign_up_span_days": (290.0, 370.0), "subnets": (10.0, 47.0)}, "watch"),  # laboratories, one test
        (
            {"slot_repeats": (0.02, 0.02), "distinct_texts": (0.99, 0.98)},
            "review",
        ),  # each has tasks of his own
        ({"slot_repeats": (0.9, 0.02), "distinct_texts": (0.4, 0.98)}, "review"),  # two or three answer each
        ({"evenness_of_dispatch": (0.5, 0.16)}, "review"),  # somebody hands out the work
        ({"subnets": (10.0, 47.0)}, "review"),  # they came at once, and share a few networks
    ],
)
def test_who_are_set_the_same_tasks_do_them_in_sittings_of_their_own(changed, expected: str):
    found = told({**COURSE, **changed}, 30, 1_800, 225.0, {"prompt": 1.0, "identity": 0.83})
    assert found.triage == expected, found.reasons


SHIFTS = {
    "requests_per_account": (85.0, 5.0),
    "active_days_per_account": (9.0, 3.0),
    "span_days": (14.0, 14.0),
    "addresses_per_account": (2.0, 2.0),
    "subnets": (1.0, 47.0),
    "cards_per_account": (1.0, 1.0),
    "share_cards_unique": (1.0, 1.0),
    "share_night_hours": (0.3, 0.2),
    "share_busiest_day": (0.09, 0.1),
    "share_top_address": (0.6, 0.1),
    "share_in_templates": (0.83, 0.04),
    "slot_repeats": (0.0, 0.02),
    "distinct_texts": (1.0, 0.98),
    "evenness_of_work": (0.75, 0.3),
    "evenness_of_dispatch": (0.13, 0.16),
    "share_one_country": (1.0, 0.24),
    "sign_up_span_days": (1.0, 370.0),
}
"""60 people of a call centre, who work in shifts and each have a card from the firm."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "watch"),
        ({"evenness_of_dispatch": (0.03, 0.16)}, "review"),  # one account after another is emptied
        ({"evenness_of_dispatch": (0.5, 0.16)}, "review"),
        ({"share_one_country": (0.4, 0.24)}, "review"),
    ],
)
def test_shifts_of_a_call_centre_sit_in_one_place_and_have_cards_of_their_own(changed, expected: str):
    found = told({**SHIFTS, **changed}, 60, 5_100, 567.0, {"prompt": 1.0, "network": 1.0, "identity": 0.4})
    assert found.triage == expected, found.reasons


TEACHERS = {
    "requests_per_account": (8.0, 8.0),
    "requests_per_day": (1.4, 4.5),
    "active_days_per_account": (5.0, 2.0),
    "addresses_per_account": (5.0, 1.0),
    "subnets": (256.0, 248.0),
    "share_night_hours": (0.04, 0.11),
    "share_busiest_day": (0.11, 0.09),
    "share_top_address": (0.01, 0.05),
    "share_in_templates": (0.75, 0.03),
    "slot_repeats": (0.22, 0.01),
    "distinct_texts": (0.89, 0.99),
    "evenness_of_work": (0.77, 0.32),
    "evenness_of_dispatch": (0.5, 0.12),
    "share_one_country": (1.0, 0.34),
    "sign_up_span_days": (4.7, 523.0),
}
"""290 teachers in training, who signed up in one week and do the same exercises on the same evenings, at home."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "watch"),
        ({"requests_per_account": (14.0, 8.0)}, "review"),  # more than customers do
        ({"share_night_hours": (0.2, 0.11)}, "review"),  # at night as well
        ({"share_one_country": (0.5, 0.34)}, "review"),
    ],
)
def test_people_of_one_country_who_ask_for_little_by_day_are_not_accused(changed, expected: str):
    found = told({**TEACHERS, **changed}, 290, 2_392, 2_213.0, {"prompt": 1.0, "identity": 1.0})
    assert found.triage == expected, found.reasons
