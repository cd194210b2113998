"""Triage by what accounts send, and by how much of what tells them apart is theirs alone."""

from __future__ import annotations

import pytest
from crowds import AT_ONCE, STRANGERS, told

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
        ({"network": 0.85, "prompt": 0.22}, "watch"),  # 18 times as often as everybody
        ({"network": 0.85, "prompt": 0.26}, "review"),
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


@pytest.mark.parametrize(("requests", "expected"), [(9.0, "watch"), (14.0, "review")])
def test_many_classes_in_one_set_are_no_secret(requests: float, expected: str):
    """318 people of fifteen classes, who came one by one and pay alone: no campus leaves much of the requests."""
    classes = {
        "requests_per_account": (requests, 3.0),
        "addresses_per_account": (3.0, 1.0),
        "share_night_hours": (0.29, 0.26),
        "share_busiest_day": (0.12, 0.1),
        "share_top_address": (0.03, 0.06),
        "subnets": (395.0, 492.0),
        "share_in_templates": (0.27, 0.03),
        "slot_repeats": (0.0, 0.11),
        "distinct_texts": (1.0, 0.92),
        "evenness_of_work": (0.68, 0.32),
        "evenness_of_dispatch": (0.24, 0.17),
        "cards_per_account": (1.0, 1.0),
        "share_cards_unique": (1.0, 1.0),
        "sign_up_span_days": (320.0, 406.0),
        "share_one_country": (0.3, 0.3),
        "client_strings": (115.0, 113.0),
    }
    found = told(classes, 318, 3_000, 2_184.0, {"prompt": 0.9, "network": 0.95, "identity": 0.3})
    assert found.triage == expected, found.reasons
