"""A placeholder ties nobody; what merely looks like one does."""

from __future__ import annotations

import duckdb
import pytest

from graphscan.logs.values import MACROS
from tests.logs.conftest import NOON


@pytest.mark.parametrize("column", ["user_agent", "prompt_hash", "model"])
def test_placeholders_are_null_and_counted(write, opened, column: str):
    """IN-16: every missing value would be one giant ring."""
    empty = ["", " ", "unknown", "NULL", "N/A", "-", "None", "undefined", "(not set)", "0" * 32]
    values = [*empty, "0x" + "0" * 40, "00000000-0000-0000-0000-000000000000", "real"]
    ids = [f"a{i:02}" for i in range(len(values))]
    log = opened(requests=write("r.parquet", account_id=ids, ts=[NOON] * len(ids), **{column: values}))
    assert log.column(column) == [None] * 12 + ["real"]
    assert (column, "placeholder", 12) in log.set_aside()


@pytest.mark.parametrize(
    "value", ["0", "00", "Namibia", "NA", "null island", "00000001", "-1", "0-9", "nothing", "  x"]
)
def test_what_looks_like_a_placeholder_stays(value: str):
    with duckdb.connect() as con:
        for macro in MACROS:
            con.execute(macro)
        assert con.execute("select known(x) from (select ?::VARCHAR as x)", [value]).fetchall() == [(value,)]


def test_addresses_that_name_nobody_are_told_from_those_that_cannot_be_read(write, opened):
    ips = ["1.2.3.4", "0.0.0.0", "unknown", "", "::1", "[::1]:80", "1.2.3", "10.0.0.1, 1.2.3.4", None]
    ids = [f"a{i}" for i in range(len(ips))]
    log = opened(requests=write("r.parquet", account_id=ids, ts=[NOON] * len(ids), ip=ips))
    assert log.column("ip") == ["1.2.3.4"] + [None] * 8
    assert log.set_aside() == {
        ("ip", "placeholder or local address", 5),
        ("ip", "no address that can be read", 2),
    }


def test_an_address_of_mail_is_cut_to_its_domain(write, opened):
    requests = write("r.parquet", account_id=["a"], ts=[NOON])
    domains = ["Ann@Mail.Example", "mail.example", "@", " MAIL.EXAMPLE ", None]
    accounts = write("a.parquet", account_id=list("abcde"), email_domain=domains)
    log = opened(requests=requests, accounts=accounts)
    assert log.column("email_domain", "accounts") == [
        "mail.example",
        "mail.example",
        None,
        "mail.example",
        None,
    ]
