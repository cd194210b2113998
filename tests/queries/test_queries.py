"""Every query file: runs on empty tables, keeps its header's word, and gives the same rows from rows in any order."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest
from portable import unportable

from graphscan.logs.queries import Query, load_queries, order_of, query_frame, run_query
from graphscan.logs.sql import Connection, engine, frame
from graphscan.settings import Settings

QUERIES = load_queries()
NOON = dt.datetime(2026, 11, 20, 12)  # noqa: DTZ001 - naive UTC, as in most logs
NEEDED = {"n_log_requests": 1000, "mark": "zq-"}
N_ACCOUNTS = 24
N_REQUESTS = 3000


def params(query: Query) -> Mapping[str, Any]:
    """Values for the params that have no default."""
    return {p.name: NEEDED[p.name] for p in query.params if p.default is None}


def frames() -> dict[str, pl.DataFrame]:
    """Rows for every relation, drawn once: accounts in three rings, one control and the customers, in busy weeks."""
    rng = np.random.default_rng(17)
    account = rng.integers(0, N_ACCOUNTS, N_REQUESTS) ** 2 // N_ACCOUNTS
    seconds = rng.integers(0, 14 * 86_400, N_REQUESTS) // rng.choice([1, 300], N_REQUESTS)
    ts = [NOON + dt.timedelta(seconds=int(s)) for s in seconds]
    ids = [f"a{a:02d}" for a in range(N_ACCOUNTS)]

    def some(values: list[Any], n: int, share_null: float = 0.1) -> list[Any]:
        return [
            None if rng.random() < share_null else values[int(rng.integers(len(values)))] for _ in range(n)
        ]

    fragments = [rng.integers(0, 60, int(rng.integers(0, 9))).tolist() for _ in range(N_REQUESTS)]
    requests = pl.DataFrame(
        {
            "account": account.astype(np.int32),
            "ts": ts,
            "place": rng.integers(0, 2**62, N_REQUESTS),
            "is_read": [True] * N_REQUESTS,
            "ip": some([f"198.51.{i % 4}.{i}" for i in range(9)] + ["2001:db8::/64"], N_REQUESTS),
            "user_agent": some(["cli/1", "cli/2", "web"], N_REQUESTS),
            "model": some(["large", "small", "new"], N_REQUESTS),
            "prompt_hash": some([f"h{i}" for i in range(30)], N_REQUESTS),
            "system_key": some([1, 2, 3], N_REQUESTS),
            "fragments": fragments,
            "excerpt": some(["some words", "другие слова"], N_REQUESTS),
        },
        schema_overrides={"fragments": pl.List(pl.Int64)},
    )
    n = requests.group_by("account").agg(
        n_requests=pl.len().cast(pl.Int64), first_at=pl.col("ts").min(), last_at=pl.col("ts").max()
    )
    known = pl.DataFrame(
        {"account": range(N_ACCOUNTS), "account_id": ids}, schema_overrides={"account": pl.Int32}
    )
    accounts = known.join(n, on="account", how="inner").sort("account")
    groups = [(g, "ring", a) for g in range(3) for a in range(g * 5, g * 5 + 7)]
    groups += [(3, "control", a) for a in range(18, 24)] + [(4, "ordinary", a) for a in range(15, 24)]
    log = requests.join(accounts.select("account", "account_id"), on="account").select("account_id", "ts")
    words = ["zq-123 word", "plain words", "other words here"]
    hours = requests.select("account", hour_at=pl.col("ts").dt.truncate("1h")).group_by("account", "hour_at")
    sample = log.sample(200, seed=1).unique(["account_id", "ts"])
    return {
        "requests": requests,
        "accounts": accounts,
        "log_activity": accounts.drop("account"),
        "log_requests": log.with_columns(
            prompt=pl.Series(some(words, N_REQUESTS)), response=pl.Series(some(words, N_REQUESTS))
        ),
        "log_accounts": pl.DataFrame(
            {
                "account_id": ids,
                "created_at": some([NOON - dt.timedelta(hours=int(h)) for h in range(9)], N_ACCOUNTS),
                "plan": some(["free", "pro"], N_ACCOUNTS),
                "country": some(["FI", "SE", "NO"], N_ACCOUNTS),
                "email_domain": some(["m.test", "n.test"], N_ACCOUNTS),
                "org_id": some(["o1", "o2"], N_ACCOUNTS, 0.5),
            }
        ),
        "log_payments": pl.DataFrame(
            {
                "account_id": some(ids, 60, 0.0),
                "payment_fingerprint": some([f"k{i}" for i in range(12)], 60),
                "ts": some(ts[:50], 60),
            }
        ),
        "systems": pl.DataFrame(
            {
                "system_key": [1, 2, 3],
                "system": ["one", "two", "three"],
                "fragments": [[1, 2, 2], [2, 3], []],
            },
            schema_overrides={"fragments": pl.List(pl.Int64)},
        ),
        "declared_values": requests.select("account", "place", "ts", value="prompt_hash"),
        "portrait_groups": pl.DataFrame(
            groups, {"group_id": pl.Int32, "kind": pl.String, "account": pl.Int32}, orient="row"
        ),
        "group_branches": pl.DataFrame(
            [
                (g, b, a)
                for g in range(2)
                for b in range(3)
                for a in range(g * 12 + b * 4, g * 12 + b * 4 + 4)
            ],
            {"group_id": pl.Int32, "branch": pl.Int32, "account": pl.Int32},
            orient="row",
        ),
        "portrait_patterns": pl.DataFrame(
            [(g, t, f, 1 + t % 2) for g in range(3) for t in range(4) for f in range(t * 12, t * 12 + 14)],
            {"group_id": pl.Int32, "template_id": pl.Int32, "fragment": pl.Int64, "n_needed": pl.Int64},
            orient="row",
        ),
        "portrait_responses": pl.DataFrame(
            [(g, 10 * g + r, ids[5 * g], r * 6 + f) for g in range(3) for r in range(8) for f in range(6)],
            {"group_id": pl.Int32, "response_id": pl.Int64, "account_id": pl.String, "fragment": pl.Int64},
            orient="row",
        ),
        "wanted_accounts": pl.DataFrame({"account": range(8)}, schema={"account": pl.Int32}),
        "wanted_fragments": pl.DataFrame({"fragment": range(20)}, schema={"fragment": pl.Int64}),
        "ring_hours": hours.agg(n_requests=pl.len().cast(pl.Int64)),
        "ring_sample": sample.with_columns(
            group_id=pl.lit(0, pl.Int32), n_requests=pl.lit(1, pl.Int64)
        ).select("group_id", "account_id", "ts", "n_requests"),
        "ring_looked_at": requests.select(
            "account", "ts", "place", weight=pl.lit(1.5), fragments="fragments"
        ),
    }


@pytest.fixture(scope="module")
def drawn() -> dict[str, pl.DataFrame]:
    return frames()


def load(con: Connection, query: Query, tables: Mapping[str, pl.DataFrame]) -> None:
    for relation in query.reads:
        con.register("drawn", tables[relation].to_arrow())
        con.execute(f"create or replace table {relation} as select * from drawn")
        con.unregister("drawn")


@pytest.mark.parametrize("name", QUERIES)
def test_runs_on_empty_tables(con, fill, name: str):
    query = QUERIES[name]
    fill(query, QUERIES, {})
    assert query_frame(con, query, params(query)).is_empty()
    run_query(con, query, "made", params(query))
    assert frame(con, "select count(*) as n from made").item() == 0


@pytest.fixture(scope="module")
def engines() -> Iterator[list[Connection]]:
    """Engines of one thread and of four."""
    with engine(Settings.load(None, threads=1)) as one, engine(Settings.load(None, threads=4)) as four:
        yield [one, four]


@pytest.mark.parametrize("name", QUERIES)
def test_gives_the_same_rows_from_rows_in_any_order_on_any_number_of_threads(engines, drawn, name: str):
    query = QUERIES[name]
    is_ordered = re.search(r"\border by [^()]*$", query.text)
    results = []
    for con, seed in zip([*engines, engines[1]], (0, 1, 2), strict=True):
        load(con, query, {n: t.sample(fraction=1.0, shuffle=True, seed=seed) for n, t in drawn.items()})
        rows = query_frame(con, query, params(query))
        results.append(rows if is_ordered else rows.sort(rows.columns))
    assert not results[0].is_empty()
    assert results[0].equals(results[1]) and results[0].equals(results[2])


@pytest.mark.parametrize("name", QUERIES)
def test_stays_in_the_portable_subset(name: str):
    assert unportable(QUERIES[name].text, QUERIES[name].place) == ()


@pytest.mark.parametrize("name", QUERIES)
def test_begins_with_a_sentence_and_keeps_ctes_first(name: str):
    query = QUERIES[name]
    assert query.doc.endswith(".")
    assert query.path.stem == name
    assert re.match(r"(with|select)\b", query.text)
    assert not re.search(r"\{\{|\{%|create |select \* from [a-z_]+$", query.text)


def test_signals_have_what_is_asked_of_a_signal():
    columns = ("account", "entity", "n", "place", "first_at", "last_at")
    for query in QUERIES.values():
        if query.path.parent.name == "signals":
            assert tuple(name for name, _ in query.columns) == columns, query.name
            assert query.grain == ("account", "entity")
            assert query.family and query.looks_like and query.source


def test_what_leaves_sql_is_ordered():
    """Whatever comes back as rows, not as a table of the connection, has one order."""
    tables = {"accounts", "caps", "ring_hours", "ring_sample", "ring_looked_at"}
    for name, query in QUERIES.items():
        if query.path.parent.name != "signals" and name not in tables:
            assert re.search(r"\border by [^()]*$", query.text), name


def test_queries_run_in_an_order_in_which_each_comes_after_those_it_reads():
    order = order_of(QUERIES)
    assert sorted(order) == sorted(QUERIES)
    for name, query in QUERIES.items():
        assert all(order.index(r) < order.index(name) for r in query.reads if r in QUERIES)
