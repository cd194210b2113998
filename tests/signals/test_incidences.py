"""From signals to incidences: which are on, what ties whom, and from which cap on each touch is seen."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import numpy as np
import polars as pl
import pytest

from graphscan.errors import SettingsError
from graphscan.logs.sql import frame
from graphscan.settings import Settings
from graphscan.signals.incidences import NEVER, FamilyIncidences, family_incidences, run_signals, signals_of
from graphscan.signals.stage import MAX_CAP

NOON = dt.datetime(2026, 11, 20, 12)  # noqa: DTZ001 - naive UTC, as in most logs


def touched(made: FamilyIncidences) -> dict[tuple[str, str], list[int]]:
    """(signal, entity) → its accounts."""
    names = made.entities.select("signal", "entity").rows()
    out: dict[tuple[str, str], list[int]] = defaultdict(list)
    for a, e in zip(made.account.tolist(), made.entity.tolist(), strict=True):
        out[names[e]].append(a)
    return dict(out)


def requests(rows: list[tuple], columns: list[str]) -> pl.DataFrame:
    return pl.DataFrame(rows, columns, orient="row")


def test_signals_are_off_where_their_columns_are_missing():
    settings = Settings.load(
        None,
        declared=[{"name": "tag", "family": "prompt", "column": "tag"}],
        signals={"subnet": {"off": True}},
    )
    columns = {"requests": ("account_id", "ts", "ip"), "accounts": ("account_id", "created_at")}
    off = {s.name: s.off for s in signals_of(settings, columns)}
    assert off["address"] == ""
    assert off["subnet"] == "turned off in the settings"
    assert off["prompt_fragment"] == "no column prompt"
    assert off["payment"] == "no column payments.payment_fingerprint"
    assert off["sign_up_hour"] == ""
    assert off["sign_up_day"] == "no column accounts.email_domain"
    assert off["tag"] == "no column tag"
    assert "declared" not in off
    order = [(s.family, s.name) for s in signals_of(settings, columns)]
    assert order == sorted(order)


def test_a_section_of_a_signal_that_is_none_is_an_error():
    settings = Settings.load(None, signals={"adress": {"off": True}, "subnet": {"off": True}})
    with pytest.raises(
        SettingsError, match="signals: no signal of this name: got adress; expected activity_wind"
    ) as e:
        signals_of(settings, {"requests": ("account_id", "ts", "ip")})
    assert e.value.hint == "did you mean address?"


def test_params_that_a_query_has_not_or_of_another_type_are_errors():
    wrong = {
        "address": {"min_requests": 2},
        "activity_window": {"window": 60, "seldom": "x", "off": True},
        "tag": {"window_s": 60},
    }
    declared = [{"name": "tag", "family": "prompt", "column": "tag", "window": "5m"}]
    columns = {"requests": ("account_id", "ts", "ip", "tag")}
    with pytest.raises(SettingsError) as e:
        signals_of(Settings.load(None, declared=declared, signals=wrong), columns)
    assert str(e.value).splitlines() == [
        "settings: signals.activity_window.window: unknown key: got window; expected off, window_s, seldom",
        "settings: signals.activity_window.seldom: is not allowed: got 'x'; expected a number",
        "settings: signals.address.min_requests: unknown key: got min_requests; expected off",
        "settings: signals.tag.window_s: unknown key: got window_s; expected off",
        "hint: did you mean window_s for window?",
    ]


@pytest.mark.parametrize("value", ["x", 0, -300, 1.5, True, 2**63])
def test_a_window_is_a_whole_number_above_0(value: object):
    settings = Settings.load(None, signals={"activity_window": {"window_s": value}})
    with pytest.raises(
        SettingsError, match=r"window_s: is not allowed: got .*; expected a whole number above 0"
    ):
        signals_of(settings, {"requests": ("account_id", "ts")})


def test_params_of_the_type_that_the_header_says_are_taken():
    settings = Settings.load(None, signals={"activity_window": {"window_s": 60, "seldom": 1}})
    assert any(s.name == "activity_window" for s in signals_of(settings, {"requests": ("account_id", "ts")}))


def test_a_declared_signal_takes_no_name_that_is_there():
    settings = Settings.load(None, declared=[{"name": "address", "family": "direct", "column": "x"}])
    with pytest.raises(SettingsError, match="declared: a signal of this name is there already: got address"):
        signals_of(settings, {"requests": ("account_id", "ts", "ip")})


def test_a_declared_signal_is_of_a_family_that_can_certify():
    with pytest.raises(SettingsError, match="context"):
        Settings.load(None, declared=[{"name": "mine", "family": "context", "column": "x"}])


def test_an_entity_of_one_account_is_dropped_and_the_others_are_numbered_by_signal_and_name(staged):
    rows = [
        ("a", NOON, "198.51.100.7"),
        ("a", NOON + dt.timedelta(seconds=9), "198.51.100.7"),
        ("b", NOON, "198.51.100.7"),
        ("b", NOON, "203.0.113.9"),
        ("c", NOON, "203.0.113.200"),
        ("d", NOON, "192.0.2.1"),
    ]
    con, log, settings = staged(requests(rows, ["account_id", "ts", "ip"]))
    signals = signals_of(settings, log.columns)
    counts = {made.signal.name: made.n for made in run_signals(con, settings, signals)}
    assert counts["address"] == 2 and counts["subnet"] == 4
    made = family_incidences(con, "network", signals)
    assert touched(made) == {
        ("address", "198.51.100.7"): [0, 1],
        ("subnet", "198.51.100.0/24"): [0, 1],
        ("subnet", "203.0.113.0/24"): [1, 2],
    }
    assert made.entities["n"].to_list() == [3, 3, 2]
    assert made.entities["last_at"][0] == NOON + dt.timedelta(seconds=9)
    assert made.signal_numbers().tolist() == [0, 1, 1]
    assert (np.lexsort((made.entity, made.account)) == np.arange(made.account.size)).all()


def test_each_touch_is_seen_from_the_smallest_cap_that_shows_it(staged):
    """Against going through the requests one by one, for accounts of 1 to 1,500 requests."""
    rng = np.random.default_rng(5)
    sizes = [1, 2, 3, 6, 8, 40, 100, 700, 1500]
    rows = [
        (f"a{a}", NOON + dt.timedelta(seconds=i), f"prompt number {i}", f"198.51.100.{rng.integers(1, 40)}")
        for a, m in enumerate(sizes)
        for i in range(m)
    ]
    con, log, settings = staged(requests(rows, ["account_id", "ts", "prompt", "ip"]))
    signals = signals_of(settings, log.columns)
    list(run_signals(con, settings, signals))
    made = family_incidences(con, "network", signals)
    order = frame(
        con,
        "select account, ip, row_number() over (partition by account order by place) as rank from requests",
    )
    expected: dict[tuple[int, str], int] = {}
    for account, ip, rank in order.iter_rows():
        shown = [c for c in range(MAX_CAP + 1) if rank <= min(2**c, 2 ** (sizes[account].bit_length() - 1))]
        key = (account, ip)
        expected[key] = min([expected.get(key, NEVER), *shown])
    names = made.entities["entity"].to_list()
    signal = made.entities["signal"].to_list()
    seen = {
        (a, names[e]): c
        for a, e, c in zip(made.account.tolist(), made.entity.tolist(), made.cap.tolist(), strict=True)
        if signal[e] == "address"
    }
    assert len(seen) > 150
    assert seen == {key: expected[key] for key in seen}
    assert NEVER in seen.values() and 0 in seen.values()


def test_payments_and_sign_ups_do_not_grow_with_use(staged):
    rows = [(a, NOON, "some words in a prompt") for a in "abc"]
    accounts = pl.DataFrame(
        {
            "account_id": list("abcx"),
            "created_at": [NOON] * 4,
            "email_domain": ["m.test"] * 2 + ["n.test"] * 2,
        }
    )
    payments = pl.DataFrame({"account_id": ["a", "b", "b", "x"], "payment_fingerprint": ["k", "k", "k", "k"]})
    con, log, settings = staged(
        requests(rows, ["account_id", "ts", "prompt"]), accounts=accounts, payments=payments
    )
    signals = signals_of(settings, log.columns)
    list(run_signals(con, settings, signals))
    card = family_incidences(con, "payment", signals)
    assert touched(card) == {("payment", "k"): [0, 1]}
    assert card.entities["n"].to_list() == [3]
    identity = family_incidences(con, "identity", signals)
    assert touched(identity) == {
        ("sign_up_day", "2026-11-20 @m.test"): [0, 1],
        ("sign_up_hour", "2026-11-20 12:00"): [0, 1, 2],
    }
    assert not card.cap.any() and not identity.cap.any()


@pytest.mark.parametrize("window", [None, "1h"])
def test_declared_signals_take_columns_lists_and_windows(staged, window: str | None):
    declared = [{"name": "tag", "family": "prompt", "column": "tag"} | ({"window": window} if window else {})]
    rows = [
        ("a", NOON, ["x", "y", "y"]),
        ("b", NOON + dt.timedelta(minutes=50), ["x"]),
        ("b", NOON + dt.timedelta(minutes=70), ["y"]),
        ("c", NOON, []),
    ]
    con, log, settings = staged(requests(rows, ["account_id", "ts", "tag"]), declared=declared)
    signals = signals_of(settings, log.columns)
    list(run_signals(con, settings, signals))
    found = touched(family_incidences(con, "prompt", [s for s in signals if s.name == "tag"]))
    if window:
        assert found == {("tag", "x @2026-11-20 12:00:00"): [0, 1]}
    else:
        assert found == {("tag", "x"): [0, 1], ("tag", "y"): [0, 1]}


def test_a_request_without_a_value_is_no_entity_at_its_time(staged):
    """Two signals with windows over two columns: what carries neither would be one entity in both families."""
    declared = [
        {"name": "url_at_once", "family": "prompt", "column": "url", "window": "1m"},
        {"name": "place_at_once", "family": "network", "column": "place_id", "window": "1m"},
        {"name": "at_once", "family": "timing", "window": "1m"},
    ]
    rows = [("a", NOON, "u", None), ("b", NOON, "u", None), ("c", NOON, None, "p"), ("d", NOON, None, "p")]
    con, log, settings = staged(requests(rows, ["account_id", "ts", "url", "place_id"]), declared=declared)
    signals = [s for s in signals_of(settings, log.columns) if s.name.endswith("at_once")]
    list(run_signals(con, settings, signals))
    told = {f: touched(family_incidences(con, f, signals)) for f in ("prompt", "network", "timing")}
    assert told == {
        "prompt": {("url_at_once", "u @2026-11-20 12:00:00"): [0, 1]},
        "network": {("place_at_once", "p @2026-11-20 12:00:00"): [2, 3]},
        "timing": {("at_once", "2026-11-20 12:00:00"): [0, 1, 2, 3]},
    }


def test_templates_tie_those_who_fill_them(staged):
    fillings = ["dragons", "castles", "rivers and seas", "winter"]
    rows = [
        (
            f"a{i}",
            NOON + dt.timedelta(minutes=i),
            f"Please write a detailed report about {f} with three clear examples, a table of sources, and "
            "a short list of the questions that remain open at the end of it",
        )
        for i, f in enumerate(fillings)
    ] + [("b0", NOON, "how do I mend a bicycle tyre"), ("b1", NOON, "what should we cook for dinner tonight")]
    con, log, settings = staged(requests(rows, ["account_id", "ts", "prompt"]))
    signals = [s for s in signals_of(settings, log.columns) if s.name == "prompt_fragment"]
    list(run_signals(con, settings, signals))
    made = family_incidences(con, "prompt", signals)
    assert made.entities.height >= 1
    assert set(made.account.tolist()) <= {0, 1, 2, 3}
    assert all(len(users) >= 2 for users in touched(made).values())
