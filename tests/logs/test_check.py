"""What `check` says: what was found, what is left out, and what cannot be found."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from graphscan.logs.check import Check, check_log
from tests.logs.conftest import NOON, Opened

DAY = dt.timedelta(days=1)


ONCE = [f"a{i}" for i in range(240)]
GATEWAY = ["gateway"] * 200 + ["b", "c"] * 20


def check(log: Opened, families: tuple[str, ...] = ("prompt", "network")) -> Check:
    return check_log(log.con, log.log, families)


def ordinary(n: int = 120, **columns: Any) -> dict[str, Any]:
    """A log without limits: two days, many accounts with two requests and an address each."""
    ids = [f"a{i // 2:03}" for i in range(2 * n)]
    return {
        "account_id": ids,
        "ts": [NOON + DAY * 2 * (i % 2) for i in range(2 * n)],
        "ip": [f"10.0.{i // 200}.{i % 200}" for i in range(2 * n)],
        **columns,
    }


def test_an_ordinary_log_has_no_limits(write, opened):
    assert check(opened(requests=write("r.parquet", **ordinary()))).limits == ()


@pytest.mark.parametrize(
    ("columns", "families", "said"),
    [
        ({}, ("prompt",), "any ring: only prompt is on, and two families must agree"),
        ({}, (), "any ring: only no family is on"),
        ({"ts": [NOON] * 240}, None, "schedules and quiet hours: the log covers 0.0 hours"),
        (ordinary(20), None, "most rings: 20 accounts are few to stand out from"),
        ({"account_id": ONCE}, None, "what accounts repeat: 240 of 240 (100%) made one request"),
        ({"account_id": GATEWAY}, None, "accounts behind one that makes 83% of all requests"),
        ({"ip": ["10.0.0.1"] * 240}, None, "rings by address: one address carries 100% of the accounts"),
    ],
)  # fmt: skip
def test_what_cannot_be_found_is_said(write, opened, columns, families, said: str):
    log = opened(requests=write("r.parquet", **{**ordinary(), **columns}))
    result = check(log) if families is None else check(log, families)
    assert any(limit.startswith(said) for limit in result.limits), result.limits


def test_an_empty_window_is_said(write, opened):
    log = opened(requests=write("r.parquet", **ordinary()), to="2020-01-01")
    assert check(log).limits == ("anything: there is no request in the window",)


def test_the_lines_name_columns_rows_and_what_is_left_out(write, opened):
    path = write("r.parquet", **ordinary(user=["-", "curl"] * 120, extra=[1] * 240))
    log = opened(requests=path, columns={"requests": {"user_agent": "user"}})
    lines = list(check(log).lines())
    assert lines[:3] == [
        "requests   240 of 120 accounts",
        "window     2026-11-20 12:00 to 2026-11-22 12:00 UTC",
        "requests   240 rows in 1 file",
    ]
    assert "  requests.user_agent             50.0% filled  from user" in lines
    assert "  requests.user_agent: placeholder: 120 values made null" in lines


def test_the_check_can_be_json(write, opened):
    log = opened(requests=write("r.parquet", **ordinary()))
    said = json.loads(json.dumps(check(log).as_dict()))
    assert (said["n_requests"], said["first_at"]) == (240, "2026-11-20T12:00:00")
    assert said["inputs"][0]["n_rows"] == 240


def test_no_value_of_the_log_is_in_a_check(write, opened):
    secret = "4111111111111111"
    log = opened(requests=write("r.parquet", **ordinary(prompt=[secret] * 240, ip=[f"{secret}"] * 240)))
    assert secret not in json.dumps(check(log).as_dict()) + "".join(check(log).lines())
