"""Columns are exchanged, each by itself: counts stay, days stay where asked, and what went together does not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from graphscan.logs.sql import Connection, frame
from graphscan.signals.shuffle import Within, shuffle, unshuffled

N_ACCOUNTS, N_DAYS = 60, 4


def requests() -> pl.DataFrame:
    """Account i asks i + 1 times, from an address and in words of its own, the even ones on even days alone."""
    start = dt.datetime(2026, 3, 2)  # noqa: DTZ001 - naive UTC, as in most logs
    rows = [
        {
            "account_id": f"a{i:02d}",
            "ts": start + dt.timedelta(days=(j * 2 + i % 2) % N_DAYS, minutes=7 * i, seconds=j),
            "prompt": f"account number {'abcdefghij'[i % 10]}{'klmnopqrst'[i // 10]} asks what the weather is today",
            "ip": f"198.51.100.{i}",
        }
        for i in range(N_ACCOUNTS)
        for j in range(i + 1)
    ]
    return pl.DataFrame(rows)


def accounts() -> pl.DataFrame:
    start = dt.datetime(2026, 2, 1)  # noqa: DTZ001
    return pl.DataFrame(
        {
            "account_id": [f"a{i:02d}" for i in range(N_ACCOUNTS)],
            "created_at": [start + dt.timedelta(hours=i) for i in range(N_ACCOUNTS)],
            "email_domain": [f"mail{i % 7}.test" for i in range(N_ACCOUNTS)],
        }
    )


def payments() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "account_id": [f"a{i:02d}" for i in range(40)],
            "payment_fingerprint": [f"card {i}" for i in range(40)],
        }
    )


def staged_rows(con: Connection) -> pl.DataFrame:
    return frame(con, "select *, ts::DATE as day from requests order by all")


@pytest.fixture
def opened(staged):
    con, log, _ = staged(requests(), accounts=accounts(), payments=payments())
    return con, unshuffled(con, log)


@pytest.mark.parametrize("within", ["all", "day"])
def test_every_column_keeps_its_values_and_every_account_its_number_of_requests(opened, within: Within):
    con, tables = opened
    before, old_accounts = staged_rows(con), frame(con, "select * from accounts order by account")
    shuffle(con, tables, within, np.random.default_rng(1))
    after = staged_rows(con)
    for column in ("account", "ts", "ip", "fragments", "excerpt", "place"):
        assert before[column].to_list() != after[column].to_list() or column == "account"
        assert before[column].sort().to_list() == after[column].sort().to_list()
    new_accounts = frame(con, "select * from accounts order by account")
    same = ["account", "account_id", "n_requests"]
    assert new_accounts.select(same).equals(old_accounts.select(same))
    times = after.group_by("account").agg(
        pl.col("ts").min().alias("first_at"), pl.col("ts").max().alias("last_at")
    )
    assert new_accounts.select("account", "first_at", "last_at").equals(times.sort("account"))


def test_what_went_together_is_apart(opened):
    """Words, addresses and cards told the account; afterwards hardly any row has two that agree."""
    con, tables = opened
    shuffle(con, tables, "all", np.random.default_rng(2))
    rows = staged_rows(con)
    own = rows.with_columns(of_ip=pl.col("ip").str.split(".").list.last().cast(pl.Int32))
    assert (own["account"] == own["of_ip"]).mean() < 0.1
    by_words = own.group_by(pl.col("excerpt")).agg(pl.col("of_ip").n_unique(), pl.len())
    assert by_words.filter(pl.col("len") > 20)["of_ip"].min() > 10
    cards = frame(con, "select account_id, payment_fingerprint from log_payments order by account_id")
    assert cards["payment_fingerprint"].to_list() != payments()["payment_fingerprint"].to_list()
    assert sorted(cards["account_id"]) == payments()["account_id"].to_list()


def test_within_days_each_account_keeps_its_days(opened):
    con, tables = opened
    before = staged_rows(con)
    shuffle(con, tables, "day", np.random.default_rng(3))
    after = staged_rows(con)
    for pair in (("account", "day"), ("ip", "day"), ("excerpt", "day")):
        counts = [rows.group_by(pair).len().sort(pair) for rows in (before, after)]
        assert counts[0].equals(counts[1])
    assert (
        not before.group_by("account", "ip")
        .len()
        .sort("account", "ip")
        .equals(after.group_by("account", "ip").len().sort("account", "ip"))
    )


def test_a_seed_gives_the_same_shuffle_whatever_the_order_of_the_rows(
    staged: Callable[..., tuple[Connection, object, object]],
):
    shuffled = []
    for rows in (requests(), requests().sample(fraction=1.0, shuffle=True, seed=4)):
        con, log, _ = staged(rows, accounts=accounts())
        tables = unshuffled(con, log)
        shuffle(con, tables, "all", np.random.default_rng(5))
        shuffled.append(staged_rows(con))
        shuffle(con, tables, "all", np.random.default_rng(6))
        assert not staged_rows(con).equals(shuffled[-1])
    assert shuffled[0].equals(shuffled[1])
