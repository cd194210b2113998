"""Sentences, numbers and the arithmetic of a page, each against what a reader must find there."""

from __future__ import annotations

import datetime as dt
import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphscan.report import shown, terms
from graphscan.report.arithmetic import arithmetic
from graphscan.report.drawings import MOST_BINS, picture, timeline


@pytest.mark.parametrize(
    ("bits", "logs"),
    [
        (1.0, "1.0 bits in at most every second log."),
        (10.0, "10.0 bits in at most one of 1,024 logs."),
        (9000.0, "9,000 bits in at most one of 10⁶⁰ logs."),
    ],
)
def test_likelihood_is_what_chance_alone_does_and_no_probability_of_the_ring(bits: float, logs: str) -> None:
    assert terms.likelihood_sentence(bits) == f"Chance alone gives any set of accounts {logs}"


@pytest.mark.parametrize(
    ("log", "signal", "word"),
    [(None, None, "not measured"), (0.95, 0.9, "high"), (0.95, 0.7, "moderate"), (0.69, None, "low")],
)
def test_confidence_is_the_smaller_of_the_two(log: float | None, signal: float | None, word: str) -> None:
    assert terms.confidence_word(log, signal) == word
    assert word in terms.confidence_sentence(log, signal)


@given(st.text())
def test_nothing_stays_unseen(text: str) -> None:
    out = shown.visible(text)
    assert not any(ord(c) < 32 and c not in "\n\t" for c in out)
    assert not set(out) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\ufeff\x7f"
    )
    assert shown.visible(out) == out


@given(st.dictionaries(st.text(), st.text()))
def test_data_for_the_script_reads_back_and_holds_no_markup(data: dict[str, str]) -> None:
    text = shown.for_script(data)
    assert json.loads(text) == data
    assert not set("<>&\u2028\u2029") & set(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0"),
        (0.0314, "0.031"),
        (4.25, "4.2"),
        (62.75, "62.8"),
        (878.5, "878"),
        (1e6, "1,000,000"),
    ],
)
def test_numbers(value: float | None, text: str) -> None:
    assert shown.number(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(None, "–"), (0.0, "0%"), (0.00001, "< 0.01%"), (0.0042, "0.42%"), (0.3041, "30%"), (1.0, "100%")],
)
def test_percent(share: float | None, text: str) -> None:
    assert shown.percent(share) == text


def test_minus_is_a_minus_and_nothing_is_minus_zero() -> None:
    assert [shown.signed(x) for x in (9.44, -3.0, 212.4, -0.01)] == ["+9.4", "−3.0", "+212", "+0.0"]


ROWS = [
    {"family": "network", "signal": "address", "entity": "a", "bits": 60.0},
    {"family": "network", "signal": "price", "entity": "choice of view", "bits": -3.0},
    {"family": "prompt", "signal": "prompt_fragment", "entity": "b", "bits": 200.0},
    {"family": "prompt", "signal": "price", "entity": "choice of view", "bits": -3.0},
    {"family": "payment", "signal": "price", "entity": "choice of view", "bits": -1.0},
    {"family": "", "signal": "price", "entity": "list of the accounts", "bits": -90.0},
    {"family": "", "signal": "price", "entity": "size of the ring", "bits": -10.0},
]


def test_arithmetic_adds_up_and_leaves_no_family_out() -> None:
    sums = arithmetic(ROWS)
    assert sums.bits == pytest.approx(153.0)
    assert sums.cost == pytest.approx(100.0)
    assert [(s.name, s.bits, s.without) for s in sums.savings] == [
        ("prompt", 197.0, -44.0),
        ("network", 57.0, 96.0),
    ]
    assert sums.silent == pytest.approx(-1.0)
    assert sum(s.bits for s in sums.savings) + sums.silent - sums.cost == pytest.approx(sums.bits)


def test_the_picture_s_last_bar_reaches_from_the_list_to_what_all_families_save() -> None:
    sums = arithmetic(ROWS)
    cost, *_, left = sums.steps
    assert cost.x == 0.0
    assert left.x == pytest.approx(cost.width, abs=0.01)
    assert left.width / cost.width == pytest.approx(1.53, abs=0.01)
    assert all(s.x >= 0 and s.x + s.width <= 100.5 for s in sums.steps)


START = dt.datetime(2026, 3, 2)  # noqa: DTZ001 - UTC by contract


@pytest.mark.parametrize("days", [1, 14, 90, 700])
def test_timeline_keeps_every_request_and_stays_small(days: int) -> None:
    hours = pl.DataFrame(
        {
            "hour": [START + dt.timedelta(hours=h) for h in range(24 * days)],
            "n_requests": [h % 5 for h in range(24 * days)],
            "n_accounts": [1] * 24 * days,
        }
    )
    drawn = timeline(
        hours, START, START + dt.timedelta(days=days), [(START + dt.timedelta(days=days / 2), "half")]
    )
    assert len(drawn.bars) <= MOST_BINS
    told = sum(int(b.title.split(": ")[1].split(" ")[0].replace(",", "")) for b in drawn.bars)
    assert told == hours["n_requests"].sum()
    assert drawn.marks[0].x == pytest.approx(500, abs=25)


def members(n: int) -> pl.DataFrame:
    return pl.DataFrame({"account_id": [f"a{i:05d}" for i in range(n)], "tier": ["core"] * n})


def chain(n: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "account_id_l": [f"a{i:05d}" for i in range(n - 1)],
            "account_id_r": [f"a{i + 1:05d}" for i in range(n - 1)],
            "weight": [25.0] * (n - 1),
            "signals": [["address"]] * (n - 1),
        }
    )


@pytest.mark.parametrize("n", [2, 8, 200])
def test_small_rings_are_drawn_account_by_account(n: int) -> None:
    drawn = picture(members(n + 1), chain(n))
    assert drawn is not None
    assert (len(drawn.dots), len(drawn.ties), drawn.n_untied, drawn.by_part) == (n, n - 1, 1, False)
    assert all(t.is_bridge for t in drawn.ties)


def test_large_rings_are_drawn_by_parts_that_do_not_overlap() -> None:
    drawn = picture(members(3_000), chain(3_000))
    assert drawn is not None
    assert drawn.by_part
    assert sum(int(d.name.replace(",", "")) for d in drawn.dots) == 3_000
    for i, a in enumerate(drawn.dots):
        for b in drawn.dots[i + 1 :]:
            assert (a.x - b.x) ** 2 + (a.y - b.y) ** 2 >= (a.radius + b.radius) ** 2
        assert a.radius <= a.x <= 1000 - a.radius and a.radius <= a.y <= 620 - a.radius


def test_without_ties_there_is_no_picture() -> None:
    assert picture(members(8), None) is None
