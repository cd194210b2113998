"""A log becomes relations whose ids are text, whose times are UTC and whose placeholders are null."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphscan.errors import LogsError

NOON = dt.datetime(2026, 11, 20, 12)  # noqa: DTZ001 - a naive UTC time, as in most logs
HOUR = dt.timedelta(hours=1)


def test_ids_of_files_with_other_types_stay_apart_whichever_comes_first(write, opened):
    """IN-07: DuckDB alone takes the first file's type and makes '00123' and 123 one customer."""
    numbers, text = pa.array([123], pa.int64()), ["00123"]
    write("nt/1.parquet", account_id=numbers, ts=[NOON])
    numbers_first = opened(requests=write("nt/2.parquet", account_id=text, ts=[NOON]).parent)
    write("tn/1.parquet", account_id=text, ts=[NOON])
    text_first = opened(requests=write("tn/2.parquet", account_id=numbers, ts=[NOON]).parent)
    assert numbers_first.column("account_id") == text_first.column("account_id") == ["00123", "123"]
    assert any("read as text" in w for w in numbers_first.log.warnings)


def test_ids_are_text_from_end_to_end(write, opened):
    """IN-29, IN-30, IN-31: nothing about an id is normalised."""
    ids = [
        "1e3",
        " 12",
        "12",
        "00123",
        "9007199254740993",
        "e\u0301",
        "\u00e9",
        "\u0430",
        "a",
        "a\0b",
        "a\0c",
        "x" * 10_000,
    ]
    log = opened(requests=write("r.parquet", account_id=ids, ts=[NOON] * len(ids)))
    assert sorted(log.column("account_id")) == sorted(ids)
    assert log.log.n_accounts == len(ids)


@pytest.mark.parametrize("kind", [pa.int8(), pa.int64(), pa.uint64()])
def test_whole_numbers_become_text_with_a_warning(write, opened, kind):
    log = opened(requests=write("r.parquet", account_id=pa.array([7], kind), ts=[NOON]))
    assert log.column("account_id") == ["7"]
    assert any("account_id is" in w and "read as text" in w for w in log.log.warnings)


def test_rows_without_account_or_time_are_left_out_and_counted(write, opened):
    ids = ["a", None, "", "  ", "Unknown", "b", "c", "d"]
    times = [NOON] * 5 + [None, dt.datetime(1970, 1, 21), dt.datetime(2262, 1, 1)]  # noqa: DTZ001
    log = opened(requests=write("r.parquet", account_id=ids, ts=times))
    assert log.column("account_id") == ["a"]
    assert log.set_aside() == {
        ("account_id", "no account", 1),
        ("account_id", "placeholder for an account", 3),
        ("ts", "no time", 1),
        ("ts", "time outside 1990 to 2100", 2),
    }


def test_extreme_times_end_no_query(write, opened):
    """IN-21: int64 extremes and infinity abort arithmetic on them."""
    extremes = pa.array([2**63 - 1, -(2**63) + 1, 0, 1_795_176_000_000_000], pa.timestamp("us"))
    path = write("r.parquet", account_id=["a", "b", "c", "d"], ts=extremes)
    for zone in ("UTC", "Asia/Kolkata", "America/New_York"):
        assert opened(requests=path, columns={"requests": {"time_zone": zone}}).column("account_id") == ["d"]


@pytest.mark.parametrize(
    ("stored", "settings"),
    [
        (pa.array([NOON], pa.timestamp("us")), {}),
        (pa.array([NOON], pa.timestamp("ns")), {}),
        (pa.array([NOON], pa.timestamp("ms")), {}),
        (pa.array([NOON.replace(tzinfo=dt.UTC)], pa.timestamp("us", "UTC")), {}),
        (pa.array([NOON.replace(tzinfo=dt.UTC)], pa.timestamp("us", "America/New_York")), {}),
        (pa.array([NOON.replace(tzinfo=dt.UTC)], pa.timestamp("ns", "Asia/Kolkata")), {}),
        (pa.array([NOON + 5 * HOUR + HOUR / 2], pa.timestamp("us")), {"time_zone": "Asia/Kolkata"}),
        (["2026-11-20T12:00:00"], {}),
        (["2026-11-20T17:30:00+05:30"], {}),
        (["2026-11-20 12:00:00Z"], {"time_zone": "Asia/Kolkata"}),
        (["2026-11-20 17:30:00"], {"time_zone": "Asia/Kolkata"}),
        (pa.array([1_795_176_000], pa.int32()), {"time_unit": "s"}),
        (pa.array([1_795_176_000_000]), {"time_unit": "ms"}),
        (pa.array([1_795_176_000_000_000]), {"time_unit": "us"}),
        (pa.array([1_795_176_000_000_000_000], pa.uint64()), {"time_unit": "ns"}),
        (pa.array([1_795_176_000.0]), {"time_unit": "s"}),
        (["1795176000000000000"], {"time_unit": "ns"}),
    ],
    ids=str,
)
def test_times_of_any_type_are_the_same_utc_instant(write, opened, stored, settings):
    """IN-23, IN-24: DuckDB alone drops the offset of text, and reads naive times in the session's zone."""
    path = write("r.parquet", account_id=["a"], ts=stored)
    cut = {"from": NOON - HOUR, "to": NOON + HOUR}
    assert opened(requests=path, columns={"requests": settings}, **cut).column("ts") == [NOON]
    assert opened(requests=path, columns={"requests": settings}, to=NOON).column("ts") == []


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_the_hosts_zone_changes_nothing(write, zone):
    """IN-24: a process of its own, since the zone of a process is read once."""
    aware = pa.array([NOON.replace(tzinfo=dt.UTC)], pa.timestamp("us", "America/New_York"))
    write("r/a.parquet", account_id=["a"], ts=[NOON])
    folder = write("r/b.parquet", account_id=["b"], ts=aware).parent
    script = (
        "import sys; from graphscan.settings import Settings; from graphscan.logs.log import open_log;"
        "from graphscan.logs.sql import engine, frame\n"
        "settings = Settings.load(None, requests=sys.argv[1])\n"
        "with engine(settings) as con:\n"
        "    open_log(con, settings); print(frame(con, 'from log_requests order by all')['ts'].to_list())"
    )
    env = {**os.environ, "TZ": zone}
    run = subprocess.run(
        [sys.executable, "-c", script, folder], env=env, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == str([NOON, NOON])


def test_each_request_is_in_one_night(write, opened):
    """IN-25: the end of a window is not part of it."""
    midnight = dt.datetime(2026, 11, 21)  # noqa: DTZ001
    times = [midnight - dt.timedelta(microseconds=1), midnight, midnight + dt.timedelta(days=1)]
    path = write("r.parquet", account_id=["a", "b", "c"], ts=times)
    nights = [
        opened(requests=path, **{"from": midnight + d * 24 * HOUR, "to": midnight + (d + 1) * 24 * HOUR})
        for d in (-1, 0, 1)
    ]
    assert [n.column("account_id") for n in nights] == [["a"], ["b"], ["c"]]
    assert ("ts", "outside from and to", 2) in nights[0].set_aside()


def test_an_empty_window_is_an_empty_log(write, opened):
    path = write("r.parquet", account_id=["a"], ts=[NOON])
    log = opened(requests=path, **{"from": "2020-01-01", "to": "2020-01-02"})
    assert (log.log.n_requests, log.log.n_accounts, log.log.first_at) == (0, 0, None)
    assert log.rows() == []


def test_zero_rows_are_an_empty_log(write, opened):
    """IN-14."""
    empty = pa.table({"account_id": pa.array([], pa.string()), "ts": pa.array([], pa.timestamp("us"))})
    path = write("r.parquet", account_id=["a"], ts=[NOON])
    pq.write_table(empty, path)
    assert opened(requests=path).log.n_requests == 0


def test_text_that_is_no_utf8_ends_nothing(write, opened):
    """IN-27: DuckDB alone refuses the whole scan; through Arrow the instance dies."""
    offsets = pa.py_buffer(np.array([0, 2, 4, 6], dtype=np.int32).tobytes())
    bad = pa.Array.from_buffers(pa.string(), 3, [None, offsets, pa.py_buffer(b"ab\xff\xfecd")])
    log = opened(requests=write("r.parquet", account_id=["a", "b", "c"], ts=[NOON] * 3, prompt=bad))
    assert log.column("prompt")[0] == "ab"
    assert log.con.sql("select count(upper(prompt)) as n from log_requests").fetchall() == [(3,)]


def test_columns_in_another_order_and_further_ones_do_not_matter(write, opened):
    """IN-08."""
    write("r/a.parquet", account_id=["a"], ts=[NOON], ip=["1.2.3.4"])
    folder = write("r/b.parquet", extra=[1], ip=["5.6.7.8"], ts=[NOON], account_id=["b"]).parent
    log = opened(requests=folder)
    assert [(r["account_id"], r["ip"]) for r in log.rows()] == [("a", "1.2.3.4"), ("b", "5.6.7.8")]
    assert set(log.rows()[0]) == {"account_id", "ts", "ip"}


def test_an_optional_column_missing_in_some_files_is_null_there(write, opened):
    """IN-09."""
    write("r/a.parquet", account_id=["a"], ts=[NOON], ip=["1.2.3.4"])
    folder = write("r/b.parquet", account_id=["b"], ts=[NOON]).parent
    log = opened(requests=folder)
    assert log.column("ip") == ["1.2.3.4", None]
    assert "inputs.requests: ip is missing in 1 of 2 files: null there" in log.log.warnings


@pytest.mark.parametrize("spelling", ["Account_ID", "accountId", "account_id "])
def test_other_spellings_match_only_through_the_map(write, opened, spelling):
    """IN-02: DuckDB alone does not tell names apart by case."""
    path = write("r.parquet", **{spelling: ["a"], "ts": [NOON]})
    with pytest.raises(LogsError, match="no column for account_id"):
        opened(requests=path)
    assert opened(requests=path, columns={"requests": {"account_id": spelling}}).column("account_id") == ["a"]


@pytest.mark.parametrize(
    "name", ['a"b', "a]b", "a\nb", "x" * 5000, "SELECT", "$1", "\u202eid", "a.b", "it's"]
)
def test_any_column_name_is_read_by_the_map(write, opened, name):
    """IN-04."""
    path = write("r.parquet", **{name: ["a"], "ts": [NOON]})
    assert opened(requests=path, columns={"requests": {"account_id": name}}).column("account_id") == ["a"]


def test_declared_columns_are_text_or_lists_of_it(write, opened):
    path = write(
        "r.parquet",
        account_id=["a", "b", "c"],
        ts=[NOON] * 3,
        counterparty=[1, 2, None],
        tags=[["x", "unknown", None], [], None],
    )
    declared = [
        {"name": "to", "family": "transfer", "column": "counterparty"},
        {"name": "tag", "family": "content", "column": "hashtag"},
    ]
    log = opened(requests=path, declared=declared, columns={"requests": {"hashtag": "tags"}})
    assert log.column("counterparty") == ["1", "2", None]
    assert [r["hashtag"] for r in log.rows()] == [["x"], [], None]


def test_a_declared_column_that_is_not_there_is_a_warning(write, opened):
    path = write("r.parquet", account_id=["a"], ts=[NOON], hashtags=["x"])
    log = opened(requests=path, declared=[{"name": "tag", "family": "content", "column": "hashtag"}])
    assert "inputs.requests: no column hashtag for a declared signal: hashtags?" in log.log.warnings


def test_a_column_without_values_is_as_if_it_were_missing(write, opened):
    """IN-15."""
    path = write("r.parquet", account_id=["a"], ts=[NOON], ip=pa.array([None], pa.string()), user_agent=["-"])
    log = opened(requests=path)
    assert set(log.rows()[0]) == {"account_id", "ts"}
    assert not log.log.has("ip")
    assert not log.log.has("user_agent")
    assert log.log.has("ts")


def test_columns_without_a_type_are_read(write, opened):
    """A writer that saw no value stores a column of type null."""
    empty = dict.fromkeys(("prompt", "system", "response", "ip", "model"), pa.nulls(1))
    path = write("r.parquet", account_id=["a"], ts=[NOON], **empty)
    row = {"account_id": "a", "ts": NOON, "prompt": None, "system": None, "response": None}
    assert opened(requests=path).rows() == [row]


def test_nested_columns_are_reached_by_dots(write, opened):
    nested = [{"who": {"id": "a"}, "net": [("client.ip", "1.2.3.4")]}]
    kind = pa.struct([("who", pa.struct([("id", pa.string())])), ("net", pa.map_(pa.string(), pa.string()))])
    path = write(
        "r.parquet",
        meta=pa.array(nested, kind),
        ts=[NOON],
        http=['{"headers": {"user-agent": "curl/8"}, "model.name": "m1"}'],
    )
    columns = {
        "account_id": "meta.who.id",
        "ip": "meta.net.client.ip",
        "user_agent": "http.headers.user-agent",
        "model": "http.model.name",
    }
    assert opened(requests=path, columns={"requests": columns}).rows() == [
        {"account_id": "a", "ts": NOON, "ip": "1.2.3.4", "user_agent": "curl/8", "model": "m1"}
    ]


def test_a_select_is_read_like_a_file(write, opened):
    path = write("r.parquet", who=["a", "b"], moment=[NOON, NOON], size=[1, 5])
    select = (
        f"-- the big ones\nSELECT who AS account_id, moment AS ts FROM read_parquet('{path}') WHERE size > 2;"
    )
    log = opened(requests=select)
    assert log.column("account_id") == ["b"]
    assert [i.path for i in log.log.inputs] == [str(path)]


def test_a_select_may_read_other_formats(tmp_path: Path, opened):
    path = tmp_path / "r.csv"
    path.write_text("account_id,ts,ip\n007,2026-11-20 12:00:00,1.2.3.4\n")
    select = f"SELECT * FROM read_csv('{path}', types = {{'account_id': 'VARCHAR'}})"
    log = opened(requests=select)
    assert log.rows() == [{"account_id": "007", "ts": NOON, "ip": "1.2.3.4"}]
    assert [(i.n_rows, len(i.sha256)) for i in log.log.inputs] == [(None, 64)]


def test_accounts_have_one_row_each_whatever_the_order(write, opened):
    requests = write("r.parquet", account_id=["a"], ts=[NOON])
    rows = [
        ("a", NOON, "pro", "X@Mail.Example"),
        ("a", NOON - HOUR, "free", "mail.example"),
        ("b", None, "-", None),
    ]
    for ordered in (rows, rows[::-1]):
        ids, created, plan, domain = zip(*ordered, strict=True)
        accounts = write("a.parquet", account_id=ids, created_at=created, plan=plan, email_domain=domain)
        log = opened(requests=requests, accounts=accounts)
        assert [tuple(r.values()) for r in log.rows("accounts")] == [
            ("a", NOON - HOUR, "free", None, "mail.example", None),
            ("b", None, None, None, None, None),
        ]


def test_payments_keep_what_came_before_the_window(write, opened):
    """A card used at sign-up ties accounts later; one used after the window is not known yet."""
    requests = write("r.parquet", account_id=["a", "b"], ts=[NOON, NOON])
    payments = write(
        "p.parquet",
        account_id=["a", "b", "c"],
        payment_fingerprint=["card1", "0000000000000000", "card3"],
        ts=[NOON - 999 * HOUR, None, NOON + HOUR],
    )
    log = opened(requests=requests, payments=payments, **{"from": NOON, "to": NOON + HOUR})
    assert [(r["account_id"], r["payment_fingerprint"]) for r in log.rows("payments")] == [
        ("a", "card1"),
        ("b", None),
    ]
    assert ("payments", "ts", "row", "outside from and to", 1) in log.log.set_aside.rows()


def test_tables_whose_ids_never_meet_are_a_warning(write, opened):
    requests = write("r.parquet", account_id=["a"], ts=[NOON])
    log = opened(requests=requests, accounts=write("a.parquet", account_id=[1]))
    assert (
        "inputs.accounts: no account of it made a request: are its ids of the same kind?" in log.log.warnings
    )


def test_activity_counts_the_requests_of_each_account(write, opened):
    log = opened(requests=write("r.parquet", account_id=["a", "b", "a"], ts=[NOON, NOON, NOON + HOUR]))
    assert log.rows("activity") == [
        {"account_id": "a", "n_requests": 2, "first_at": NOON, "last_at": NOON + HOUR},
        {"account_id": "b", "n_requests": 1, "first_at": NOON, "last_at": NOON},
    ]
    assert (log.log.n_requests, log.log.first_at, log.log.last_at) == (3, NOON, NOON + HOUR)


def test_inputs_are_named_with_size_and_hash_and_changes_are_seen(write, opened):
    """IN-12, IN-13."""
    path = write("r.parquet", account_id=["a"], ts=[NOON])
    log = opened(requests=path).log
    first = log.inputs[0]
    assert (first.path, first.n_bytes, first.n_rows) == (str(path), path.stat().st_size, 1)
    assert log.changed() == ()
    write("r.parquet", account_id=["b"], ts=[NOON])
    assert log.changed() == (str(path),)
    assert opened(requests=path).log.inputs[0].sha256 != first.sha256


def test_an_error_does_not_wait_until_large_files_are_hashed(write, opened):
    """Half a terabyte, nearly all of it a hole: its table is read at once, its hash takes minutes."""
    path = write("r.parquet", account_id=["a", "b"], ts=[10**12, 10**12])
    content = path.read_bytes()
    end = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    with path.open("r+b") as file:
        file.seek(end + (1 << 39))
        file.write(content[end:])
    began = time.monotonic()
    with pytest.raises(LogsError, match="time_unit"):
        opened(requests=path, columns={"requests": {"time_unit": "s"}})
    assert time.monotonic() - began < 20.0
