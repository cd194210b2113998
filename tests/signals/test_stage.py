"""The random order of an account's requests, and how many of them each cap shows."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphscan.logs.sql import frame
from graphscan.signals.incidences import run_signals, signals_of
from graphscan.signals.stage import MAX_CAP, PLACES, count_copies, request_place, text_key

NOON = dt.datetime(2026, 11, 20, 12)  # noqa: DTZ001 - naive UTC, as in most logs


def places(accounts: list[str], at: list[int], prompts: list[str], rest: list[str]) -> list[int]:
    keys = text_key(pa.array(accounts, pa.string()))
    found = request_place(
        keys, pa.array(at, pa.int64()), pa.array(prompts, pa.string()), pa.array(rest, pa.string())
    )
    return found.to_pylist()


@given(
    st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40), min_size=1, max_size=30)
)
@settings(max_examples=100, deadline=None)
def test_keys_are_equal_where_texts_are(texts: list[str]):
    keys = text_key(pa.array(texts, pa.string())).to_pylist()
    assert len(set(keys)) == len(set(texts))
    assert dict(zip(texts, keys, strict=True)) == {t: text_key(pa.array([t])).to_pylist()[0] for t in texts}
    assert all(0 <= k < PLACES for k in keys)


def test_a_text_cannot_undo_what_stands_before_it():
    """A first letter and the time differ in the same bits; a text is as long as its one byte says."""
    assert len(set(text_key(pa.array(["", "\x01", "\x00", "\x02\x00"])).to_pylist())) == 4
    at = 1_700_000_000_000_000
    assert len(set(places(["a", "a"], [at, at ^ 3], ["a prompt", "b prompt"], ["|", "|"]))) == 2
    assert len(set(places(["a", "a"], [at, at ^ 3], ["same", "same"], ["a address", "b address"]))) == 2


REQUESTS = st.tuples(
    st.sampled_from(["a", "b", "00123", "123"]),
    st.integers(-1000, 2**31).map(lambda s: 1_000_000 * s),
    st.sampled_from(["", "hi", "write a story", "write a storz", "写一首关于春天的诗"]),
    st.sampled_from(["|", "|198.51.100.7", "|198.51.100.8"]),
)


@given(st.lists(REQUESTS, min_size=2, max_size=20, unique=True), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_a_place_hangs_on_the_request_alone(requests: list[tuple[str, int, str, str]], random):
    """Not on its row, nor on what stands beside it; account, time, prompt and the rest each change it."""
    found = dict(zip(requests, places(*map(list, zip(*requests, strict=True))), strict=True))
    shuffled = requests[:]
    random.shuffle(shuffled)
    assert dict(zip(shuffled, places(*map(list, zip(*shuffled, strict=True))), strict=True)) == found
    assert len(set(found.values())) == len(requests)
    assert all(0 <= p < PLACES for p in found.values())


def test_two_accounts_that_send_the_same_are_looked_at_independently():
    """Places of the same 5,000 requests, sent by two accounts, are even and know nothing of each other."""
    n = 5000
    at, prompts = list(range(n)), [f"prompt {i % 7}" for i in range(n)]
    mine, theirs = (np.array(places([a] * n, at, prompts, ["|1.2.3.4"] * n)) / PLACES for a in ("x", "y"))
    assert abs(np.corrcoef(mine, theirs)[0, 1]) < 0.05
    for order in (mine, theirs):
        counts = np.histogram(order, 20, (0, 1))[0]
        assert ((counts - n / 20) ** 2 / (n / 20)).sum() < 44  # chi-square, 19 degrees: p < .001
    # Nor does the time of a request decide.
    assert abs(np.corrcoef(mine, at)[0, 1]) < 0.05


def test_the_log_is_staged_with_the_account_in_each_place(staged):
    rows = [(a, NOON + dt.timedelta(seconds=i), f"prompt {i}") for a in ("x", "y") for i in range(200)]
    con, _, _ = staged(pl.DataFrame(rows, ["account_id", "ts", "prompt"], orient="row"))
    found = (
        frame(con, "select account, place from requests order by account, ts")["place"].to_numpy() / PLACES
    )
    assert np.unique(found).size == 400
    assert abs(np.corrcoef(found[:200], found[200:])[0, 1]) < 0.25


SHOWN = """
    select accounts.account_id, caps.cap, any_value(accounts.n_requests) as m,
           count(*) filter (requests.place <= caps.place) as n_shown
    from caps
    inner join accounts on caps.account = accounts.account
    inner join requests on caps.account = requests.account
    group by accounts.account_id, caps.cap
"""


def test_an_account_shows_the_cap_or_the_largest_power_of_two_in_its_requests(staged):
    sizes = [1, 2, 3, 4, 5, 7, 8, 31, 63, 64, 513, 2000]
    rows = [(f"a{m}", NOON + dt.timedelta(seconds=i), f"prompt {i}") for m in sizes for i in range(m)]
    con, _, _ = staged(pl.DataFrame(rows, ["account_id", "ts", "prompt"], orient="row"))
    shown = frame(con, SHOWN)
    most = shown.group_by("account_id").agg(pl.col("m").first(), pl.col("cap").max())
    assert sorted(most["m"]) == sizes
    for _, m, cap in most.iter_rows():
        assert cap == min(MAX_CAP, m.bit_length() - 1)
    for _, cap, m, n_shown in shown.iter_rows():
        assert n_shown == min(2**cap, 2 ** (m.bit_length() - 1))


def test_requests_of_a_heavy_account_are_read_as_far_as_any_cap_looks(staged):
    rows = [("heavy", NOON + dt.timedelta(seconds=i), f"what is {i} about") for i in range(20_000)]
    rows += [("light", NOON + dt.timedelta(seconds=i), f"what is {i} about") for i in range(300)]
    con, _, _ = staged(pl.DataFrame(rows, ["account_id", "ts", "prompt"], orient="row"))
    read = frame(
        con,
        "select account_id, sum(is_read::INTEGER)::BIGINT as n_read, count(fragments) as n_with, "
        "max(place) filter (is_read) < min(place) filter (not is_read) as is_first "
        "from requests inner join accounts using (account) group by account_id order by account_id",
    )
    heavy, light = read.rows()
    assert heavy[1] == heavy[2] and 2**MAX_CAP < heavy[1] < 4 * 2**MAX_CAP and heavy[3]
    assert light[1] == light[2] == 300


def test_an_account_of_many_copies_is_seen_too(staged):
    """Forty accounts send 4,096 requests each at eight moments, all with one text: eight requests each."""
    rows = [
        (f"{a:02d}", NOON + dt.timedelta(hours=i % 8), "the same words every time")
        for a in range(40)
        for i in range(4096)
    ]
    con, _, _ = staged(pl.DataFrame(rows, ["account_id", "ts", "prompt"], orient="row"))
    assert frame(con, "select distinct n_requests from accounts").rows() == [(8,)]
    assert (
        frame(con, "select account, max(cap) as most from caps group by account")["most"].to_list()
        == [3] * 40
    )


@pytest.mark.parametrize("times", [2, 5])
def test_copies_change_nothing(staged, times: int):
    """Of a heavy account, of one in three rows and of every row: the tables are those of the log without them."""
    sizes = {"heavy": 1500, "light": 40, "once": 1, "other": 300}
    once = pl.DataFrame(
        [
            (a, NOON + dt.timedelta(seconds=i), f"what is {i % 50} about", f"198.51.100.{i % 9}", "web")
            for a, n in sizes.items()
            for i in range(n)
        ],
        ["account_id", "ts", "prompt", "ip", "user_agent"],
        orient="row",
    )
    told = []
    for copies in (
        once.clear(),
        once.filter(pl.col("account_id") == "heavy"),
        once.gather_every(3),
        once,
    ):
        con, log, resolved = staged(pl.concat([once, *[copies] * (times - 1)]))
        assert frame(con, "select sum(n_requests) as n from log_activity").item() == once.height
        assert count_copies(con, resolved) == copies.height * (times - 1)
        n_copies = log.set_aside.filter(pl.col("reason") == "copy of another row")["n_rows"].sum()
        assert n_copies == copies.height * (times - 1)
        assert log.n_requests == once.height
        told.append(
            [frame(con, f"select * from {t} order by all").rows() for t in ("accounts", "requests", "caps")]
        )
    assert len(told[0][1]) == once.height
    assert told[1] == told[0] and told[2] == told[0] and told[3] == told[0]


def test_requests_that_differ_in_one_column_are_no_copies(staged):
    """A null is not another column's null, and the same text from another program is another request."""
    row = {"account_id": "a", "ts": NOON, "prompt": "some words of a prompt", "ip": "198.51.100.7"}
    row |= {"user_agent": "web", "model": "large", "system": "You help."}
    other = {
        "ip": "198.51.100.8",
        "user_agent": "cli",
        "model": "small",
        "system": "You do not.",
        "prompt": "else",
    }
    rows = [row, *({**row, c: v} for c, v in other.items()), {**row, "user_agent": None, "model": "web"}]
    rows += [{**row, "user_agent": "web", "model": None}, {**row, "ts": NOON + dt.timedelta(microseconds=1)}]
    con, log, _ = staged(pl.DataFrame(rows))
    assert log.set_aside.is_empty()
    assert frame(con, "select count(*) as n from requests").item() == len(rows)


def test_rows_in_another_order_stage_the_same(staged):
    rows = [(f"a{i % 5}", NOON + dt.timedelta(seconds=i // 3), f"prompt {i % 11}") for i in range(200)]
    requests = pl.DataFrame(rows, ["account_id", "ts", "prompt"], orient="row")
    kept = []
    for order in (requests, requests.sample(fraction=1.0, shuffle=True, seed=3)):
        con, _, _ = staged(order)
        kept.append(
            [frame(con, f"select * from {t} order by all").rows() for t in ("accounts", "requests", "caps")]
        )
    assert kept[0] == kept[1]
    assert len(kept[0][1]) == 200


def test_ids_stay_text_and_accounts_are_numbered_by_them(staged):
    rows = [(a, NOON, "words of a prompt") for a in ("123", "00123", "Z", "é", "10", "9")]
    con, _, _ = staged(pl.DataFrame(rows, ["account_id", "ts", "prompt"], orient="row"))
    found = frame(con, "select account, account_id from accounts order by account")
    assert found["account"].to_list() == list(range(6))
    assert found["account_id"].to_list() == sorted(["123", "00123", "Z", "é", "10", "9"], key=str.encode)


def test_system_texts_are_kept_once(staged):
    rows = [
        (f"a{i % 4}", NOON + dt.timedelta(seconds=i), "hello there my friend", f"You are tool {i % 2}. Help.")
        for i in range(40)
    ]
    con, _, _ = staged(pl.DataFrame(rows, ["account_id", "ts", "prompt", "system"], orient="row"))
    systems = frame(con, "select system, fragments from systems order by system")
    assert systems["system"].to_list() == ["You are tool 0. Help.", "You are tool 1. Help."]
    joined = frame(con, "select count(*) as n from requests inner join systems using (system_key)").item()
    assert joined == 40


@pytest.mark.parametrize(
    "name", ["seed", "account", "place", "read_below", "excerpt", "is_read", "fragments"]
)
def test_a_declared_column_may_be_called_like_one_of_stagings_own(staged, name):
    rows = [("a", NOON, "what is one about", 7), ("b", NOON, "what is two about", 7)]
    requests = pl.DataFrame(rows, ["account_id", "ts", "prompt", name], orient="row")
    con, log, resolved = staged(requests, declared=[{"name": "seeds", "family": "tools", "column": name}])
    signals = [s for s in signals_of(resolved, log.columns) if s.name == "seeds"]
    assert [(made.signal.name, made.n) for made in run_signals(con, resolved, signals)] == [("seeds", 2)]
