"""Triage from measures made by hand: who pays openly, who hides, what a machine leaves."""

from __future__ import annotations

import pytest

from graphscan.rings.triage import triage_of

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
    ],
)
def test_one_card_for_all_is_a_customer_unless_a_machine_works(changed, n_accounts: int, expected: str):
    found = triage_of({**AGENCY, **changed}, n_accounts, 35 * n_accounts, 30.0)
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
    found = triage_of({**AGENCY, **twelve, **changed}, 12, 840, 54.0)
    assert found.triage == expected, found.reasons


def test_where_no_card_is_known_nobody_pays_openly():
    measures = {name: told for name, told in AGENCY.items() if "card" not in name}
    assert triage_of(measures, 30, 1050, 30.0).triage == "review"
