"""Likeness: its table is what the sets teach, its bits add up, and triage does well by them on all sets."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from crowds import COMPANY, STRANGERS
from rings.triage.learn import (
    Likenesses,
    Sets,
    bits_of,
    blind,
    by,
    learnt,
    precision_and_recall,
    sets,
    told,
)

from graphscan.results import Scan
from graphscan.rings.triage import ALIKE, UNLIKE, by_rules, weighed
from graphscan.rings.triage.crowd import Crowd
from graphscan.rings.triage.likeness import NEEDED, Likeness, likeness
from graphscan.rings.triage.measured import measures_of


@pytest.fixture(scope="module")
def known() -> Sets:
    return sets()


@pytest.fixture(scope="module")
def by_table(known: Sets) -> Likenesses:
    return by(None, known)


def test_the_table_is_what_the_sets_teach(known: Sets, by_table: Likenesses) -> None:
    again = by(learnt(known, np.ones(known.hand.size, bool)), known)
    assert not np.isnan(bits_of(by_table)).any()
    assert np.abs(bits_of(again) - bits_of(by_table)).max() < 0.2  # solvers end a little apart


def test_bits_are_the_sum_of_what_the_measures_say_those_that_say_most_first() -> None:
    alike = likeness(STRANGERS)
    assert alike is not None
    assert alike.bits == pytest.approx(sum(bits for _, bits in alike.of))
    assert [abs(bits) for _, bits in alike.of] == sorted((abs(bits) for _, bits in alike.of), reverse=True)
    assert {name for name, _ in alike.of} <= STRANGERS.keys()


def test_a_log_that_shows_too_little_says_nothing() -> None:
    for name in NEEDED:
        assert likeness({k: v for k, v in STRANGERS.items() if k != name}) is None


def test_what_says_most_is_told_in_the_direction_of_the_sum() -> None:
    alike = Likeness(2.0, [("a_b", -3.0), ("c", 2.5), ("d", 1.5), ("e", 0.7), ("f", 0.3)])
    assert alike.told() == "c +2.5, d +1.5, e +0.7"


def test_nothing_is_for_review_that_is_like_honest_crowds() -> None:
    crowd = Crowd(
        {**STRANGERS, "evenness_of_work": (0.9, 0.3), "evenness_of_dispatch": (0.8, 0.3)}, 100, 700, {}
    )
    assert by_rules(crowd, 640.0).triage == "review"
    found = weighed(by_rules(crowd, 640.0), crowd, Likeness(UNLIKE, [("evenness_of_work", UNLIKE)]))
    assert found.triage == "watch"
    assert (
        found.reasons[0] == "its measures are like those of honest crowds, by 2.0 bits: evenness of work -2.0"
    )
    assert found.reasons[1:] == by_rules(crowd, 640.0).reasons
    assert weighed(by_rules(crowd, 640.0), crowd, Likeness(UNLIKE + 0.1, [])).triage == "review"


@pytest.mark.parametrize(
    ("changed", "bits", "expected"),
    [
        ({}, ALIKE, "review"),
        ({}, ALIKE - 0.1, "explained"),
        (
            {"cards_per_account": (1 / 45, 1.0), "share_cards_unique": (0.0, 1.0)},
            ALIKE,
            "explained",
        ),  # one pays
        ({"share_in_templates": (0.1, 0.0), "evenness_of_work": (0.4, 0.4)}, ALIKE, "explained"),  # one sign
    ],
)
def test_work_that_is_like_that_of_rings_is_for_review_unless_one_pays(
    changed, bits: float, expected: str
) -> None:
    office = {**COMPANY, "cards_per_account": (1.0, 1.0), "share_cards_unique": (1.0, 1.0), **changed}
    crowd = Crowd(office, 45, 945, {})
    assert by_rules(crowd, 300.0).triage == "explained"
    found = weighed(by_rules(crowd, 300.0), crowd, Likeness(bits, [("evenness_of_work", bits)]))
    assert found.triage == expected
    if expected == "review":
        assert found.reasons[0].startswith(
            "its measures are like those of rings, by 4.0 bits: evenness of work +4.0"
        )


def test_triage_of_all_sets_accuses_few_and_finds_most(known: Sets, by_table: Likenesses) -> None:
    """10,508 sets by seventeen hands: what a new rule loses or gains is seen here."""
    answers = np.array(
        [
            weighed(by_rules(c, b), c, likeness(c.measures)).triage
            for c, b in zip(known.crowds, known.bits, strict=True)
        ]
    )
    assert (answers == np.where(told(known, by_table), "review", answers)).all()
    everything = np.ones(known.hand.size, bool)
    precision, recall = precision_and_recall(known, answers == "review", everything)
    assert precision >= 0.993 and recall >= 0.94
    assert int(((answers == "review") & ~known.is_ring).sum()) <= 26
    for hand in np.unique(known.hand):
        assert precision_and_recall(known, answers == "review", known.hand == hand)[0] >= 0.965


@pytest.mark.slow
def test_a_hand_that_it_was_not_learnt_from_is_told_better_with_it(known: Sets) -> None:
    """Of the hands since the eighteenth the rules have learnt seven things."""
    new = known.hand >= 18
    rules = precision_and_recall(known, told(known, [None] * len(known.crowds)), new)
    both = precision_and_recall(known, told(known, blind(known)), new)
    assert both[0] >= max(rules[0], 0.99) and both[1] >= rules[1] + 0.03


def test_a_run_tells_what_each_measure_adds(sample_scan: Scan) -> None:
    for ring_id, measures in measures_of(sample_scan.activity).items():
        rows = sample_scan.activity.filter(pl.col("ring_id") == ring_id)
        alike = likeness(measures)
        assert alike is not None
        assert rows["bits"].sum() == pytest.approx(alike.bits), ring_id
        assert dict(rows.drop_nulls("bits").select("measure", "bits").iter_rows()) == dict(alike.of)
