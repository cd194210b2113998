"""Firms that one hand works are one ring; firms that only use one tool stay as many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import polars as pl
import pytest
from made import court_of
from numpy.typing import NDArray

from graphscan.logs.sql import Connection, connect
from graphscan.rings.certificate import Court, Verdict
from graphscan.rings.one_hand import told_as_one
from graphscan.settings import Settings

N = 30_000
MIN_BITS = 10.0
HOUR = 3600
DAYS = 10
FIRMS = [list(range(i, i + 5)) for i in range(0, 60, 5)]
EVERYBODY = [a for firm in FIRMS for a in firm]
STRANGERS = list(range(2000, 2010))
EACH = 40
"""Requests of an account."""

Times = dict[int, NDArray[np.float64]]


@pytest.fixture
def con() -> Iterator[Connection]:
    opened = connect(Settings())
    yield opened
    opened.close()


def firms_of(texts: Sequence[Sequence[int]], firms: Sequence[Sequence[int]] = FIRMS) -> Court:
    """Firms each with a card, an office and a domain; who of them sends which texts, and a few strangers too."""
    return court_of(
        {
            "payment": firms,
            "network": [[*firm, 100 + i] for i, firm in enumerate(firms)],
            "identity": firms,
            "prompt": [[*who, STRANGERS[k]] for who in texts for k in range(3)],
        },
        N,
    )


def told(
    con: Connection,
    court: Court,
    times: Times,
    firms: Sequence[Sequence[int]] = FIRMS,
    countries: Sequence[str] = (),
) -> list[int]:
    """The sizes of the rings that the firms come out as; where countries are known, firm after firm has the next."""
    start = dt.datetime(2026, 3, 2)  # noqa: DTZ001 - naive UTC, as in the log
    rows = [
        (a, start + dt.timedelta(seconds=float(t)), i) for a, at in times.items() for i, t in enumerate(at)
    ]
    requests = pl.DataFrame(
        rows, {"account": pl.Int32, "ts": pl.Datetime("us"), "place": pl.Int64}, orient="row"
    )
    con.register("drawn", requests.to_arrow())
    con.execute("create table requests as select * from drawn")
    if countries:
        home = {a: countries[k % len(countries)] for k, firm in enumerate(firms) for a in firm}
        known = pl.DataFrame({"account": list(home), "country": list(home.values())}).with_columns(
            pl.col("account").cast(pl.Int32),
            account_id=pl.col("account").cast(pl.String),
            created_at=pl.lit(start),
            plan=pl.lit("api"),
            org_id=pl.lit(None, pl.String),
        )
        con.register("drawn_accounts", known.to_arrow())
        con.execute("create table accounts as select account, account_id from drawn_accounts")
        con.execute("create table log_accounts as select * exclude (account) from drawn_accounts")
    n_requests = np.zeros(N, np.int64)
    for account, at in times.items():
        n_requests[account] = len(at)
    rings: list[Verdict] = [court.judge(np.array(firm, np.int32)) for firm in firms]
    return [v.members.size for v in told_as_one(con, court, rings, n_requests, MIN_BITS)]


def in_turn(rng: np.random.Generator) -> Times:
    """A dispatcher hands each request to the next account."""
    at = np.sort(rng.uniform(0, DAYS * 24 * HOUR, EACH * len(EVERYBODY)))
    return {a: at[i :: len(EVERYBODY)] for i, a in enumerate(EVERYBODY)}


def in_step(rng: np.random.Generator) -> Times:
    """All ask at the same moments, within seconds of each; each account at a quarter of them."""
    beats = rng.uniform(0, DAYS * 24 * HOUR, 4 * EACH)
    return {a: rng.choice(beats, EACH) + rng.uniform(0, 20, EACH) for a in EVERYBODY}


def in_bursts(rng: np.random.Generator) -> Times:
    """People sit down a few times, and ask one thing after the other."""
    return {
        a: (rng.uniform(0, DAYS * 24 * HOUR, 5)[:, None] + rng.exponential(300, (5, EACH // 5))).ravel()
        for a in EVERYBODY
    }


def at_random(rng: np.random.Generator) -> Times:
    """Machines that know nothing of one another, around the clock."""
    return {a: rng.uniform(0, DAYS * 24 * HOUR, EACH) for a in EVERYBODY}


def on_the_hour(rng: np.random.Generator) -> Times:
    """Schedules that know nothing of one another start on the hour all the same."""
    hours = {a: rng.choice(DAYS * 24, EACH, replace=False) for a in EVERYBODY}
    return {a: hours[a] * HOUR + rng.uniform(0, 30, EACH) for a in EVERYBODY}


def in_office_hours(rng: np.random.Generator) -> Times:
    """At random from nine to six, by one clock."""
    day = 24 * HOUR
    return {a: rng.choice(DAYS, EACH) * day + rng.uniform(9, 18, EACH) * HOUR for a in EVERYBODY}


@pytest.mark.parametrize("works", [in_turn, in_step])
def test_firms_that_one_hand_works_are_one_ring(
    con: Connection, works: Callable[[np.random.Generator], Times]
):
    assert told(con, firms_of([EVERYBODY]), works(np.random.default_rng(1))) == [60]


@pytest.mark.parametrize("works", [in_bursts, at_random, on_the_hour])
def test_firms_that_use_one_tool_are_many(con: Connection, works: Callable[[np.random.Generator], Times]):
    assert told(con, firms_of([EVERYBODY]), works(np.random.default_rng(1))) == [5] * 12


def test_firms_of_many_countries_in_one_offices_hours_are_one_ring(con: Connection):
    times = in_office_hours(np.random.default_rng(1))
    assert told(con, firms_of([EVERYBODY]), times, countries=("US", "DE", "IN", "BR")) == [60]


@pytest.mark.parametrize("countries", [("DE",), ()])
def test_outlets_of_one_country_in_opening_hours_are_many(con: Connection, countries: Sequence[str]):
    """Nor is anything said where the log tells no countries."""
    times = in_office_hours(np.random.default_rng(1))
    assert told(con, firms_of([EVERYBODY]), times, countries=countries) == [5] * 12


def test_machines_in_many_countries_around_the_clock_are_many(con: Connection):
    times = at_random(np.random.default_rng(1))
    assert told(con, firms_of([EVERYBODY]), times, countries=("US", "DE", "IN", "BR")) == [5] * 12


def test_firms_with_texts_of_their_own_are_many_though_they_take_turns(con: Connection):
    assert told(con, firms_of(FIRMS), in_turn(np.random.default_rng(1))) == [5] * 12


def test_who_sends_the_texts_as_well_and_works_when_it_likes_is_left_out(con: Connection):
    rng = np.random.default_rng(1)
    times = in_turn(rng)
    bursts = in_bursts(rng)
    times |= {a: bursts[a] for a in FIRMS[3]}
    assert sorted(told(con, firms_of([EVERYBODY]), times)) == [5, 55]


@pytest.mark.parametrize(("works", "expected"), [(in_turn, [60]), (in_bursts, [5] * 12)])
def test_firms_that_are_hardly_related_to_one_another_are_to_all_of_them(
    con: Connection, works: Callable[[np.random.Generator], Times], expected: list[int]
):
    """Each account sends two texts of twelve, and a hundred strangers send each."""
    rng = np.random.default_rng(1)
    sends = {a: rng.choice(12, 2, replace=False) for a in EVERYBODY}
    texts = [
        [a for a in EVERYBODY if k in sends[a]] + list(range(2000 + 100 * k, 2100 + 100 * k))
        for k in range(12)
    ]
    assert told(con, firms_of(texts), works(rng)) == expected


def test_people_among_a_firms_accounts_who_work_in_bursts_are_in_no_ring(con: Connection):
    rng = np.random.default_rng(1)
    times, bursts = in_turn(rng), in_bursts(rng)
    times |= {a: bursts[a] for a in FIRMS[3][:2]}
    assert told(con, firms_of([EVERYBODY]), times) == [58]


def test_two_rings_that_send_the_same_texts_may_be_two(con: Connection):
    halves = [EVERYBODY[:30], EVERYBODY[30:]]
    court = firms_of([EVERYBODY], halves)
    assert told(con, court, in_turn(np.random.default_rng(1)), halves) == [30, 30]


def test_of_few_requests_nothing_is_said(con: Connection):
    times = {a: at[:4] for a, at in in_turn(np.random.default_rng(1)).items()}
    assert told(con, firms_of([EVERYBODY]), times) == [5] * 12


def test_without_rings_nobody_is_asked(con: Connection):
    assert told_as_one(con, firms_of([EVERYBODY]), [], np.zeros(N, np.int64), MIN_BITS) == []
