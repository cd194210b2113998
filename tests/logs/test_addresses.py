"""One form for each address; what can be read in two ways is not read."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphscan.logs.addresses import MACROS


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        for macro in MACROS:
            con.execute(macro)
        yield con


def canonical(con: duckdb.DuckDBPyConnection, texts: list[str | None]) -> list[str | None]:
    # A table, since constants are folded on another path than rows.
    con.execute("create or replace temp table given as select unnest(?::VARCHAR[]) as x", [texts])
    return [y for (y,) in con.execute("select canonical_address(x) from given").fetchall()]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("1.2.3.4", "1.2.3.4"),
        (" 1.2.3.4 ", "1.2.3.4"),
        ("1.2.3.4:80", "1.2.3.4"),
        ("[1.2.3.4]:80", "1.2.3.4"),
        ("10.0.0.5", "10.0.0.5"),
        ("100.64.0.1", "100.64.0.1"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("::FFFF:0102:0304", "1.2.3.4"),
        ("0:0:0:0:0:ffff:1.2.3.4", "1.2.3.4"),
        ("64:ff9b::1.2.3.4", "1.2.3.4"),
        ("2001:DB8::1", "2001:db8::/64"),
        ("[2001:db8::1]:443", "2001:db8::/64"),
        ("2001:0db8:0000:0000:0001::", "2001:db8::/64"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2002:102:304::1", "2002:102:304::/64"),
        ("fd00::1", "fd00::/64"),
    ],
)
def test_one_form(con, text: str, form: str):
    """IN-36."""
    assert canonical(con, [text]) == [form]
    assert canonical(con, [form.removesuffix("/64") + "1" if form.endswith("/64") else form]) == [form]


NOBODY = "unknown - 0.0.0.0 127.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 fe80::1"
AMBIGUOUS = "010.1.1.1 1.2.3 1.2.3.4.5 0x7f.1 256.1.1.1 1.2.3.4: 1.2.3.4:999999 [1.2.3.4 １.2.3.4 1.2.3.4/24"
SCOPES_AND_LISTS = [
    "fe80::1%eth0",
    "fe80::1%<script>",
    "2001:db8::1%1",
    "1.2.3.4, 5.6.7.8",
    "1.2.3.4\n",
    "1.2.3.4\0",
]
BROKEN = (
    "2001::::1 2001:db8::1::2 1:2:3:4:5:6:7 1:2:3:4:5:6:7:8:9 1::2:3:4:5:6:7:8 20010::1 :1:: 1:2:3:4:5:6:7:8:"
)


@pytest.mark.parametrize(
    "text", [None, "", *NOBODY.split(), *AMBIGUOUS.split(), *SCOPES_AND_LISTS, *BROKEN.split()]
)
def test_what_names_nobody_or_is_no_address_is_null(con, text: str | None):
    """IN-16, IN-36, HO: a `%` lets anything into a scope."""
    assert canonical(con, [text]) == [None]


def by_the_book(text: str) -> str | None:
    """The same from Python's ipaddress, which knows no ports."""
    text = re.sub(r"^([0-9.]+):[0-9]{1,5}$", r"\1", text)
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    number = int(address)
    if address.version == 6 and number >> 32 in (0xFFFF, 0x64_FF9B << 64):
        address = ipaddress.IPv4Address(number & 0xFFFFFFFF)
    if address.version == 4:
        nobody = address.packed[0] in (0, 127) or str(address) == "255.255.255.255"
        return None if nobody else str(address)
    network = ipaddress.ip_network((number >> 64 << 64, 64))
    if number >> 64 == 0 or str(network) == "fe80::/64":
        return None
    groups = [f"{number >> (112 - 16 * i) & 0xFFFF:x}" for i in range(4)]
    while groups[-1] == "0":
        groups.pop()
    return ":".join(groups) + "::/64"


near_addresses = st.one_of(
    st.ip_addresses().map(str),
    st.ip_addresses(v=6).map(lambda a: a.exploded),
    st.ip_addresses(v=4).map(lambda a: f"::ffff:{a}"),
    st.lists(
        st.sampled_from(
            ["0", "0000", "1", "00a", "ffff", "64", "ff9b", "2001", "fe80", "::", ":", "1.2.3.4", "g"]
        ),
        max_size=12,
    ).map("".join),
    st.lists(st.sampled_from(["0", "1", "ffff", "2001", "", "00b2"]), max_size=10).map(":".join),
    st.lists(st.integers(0, 300).map(str), min_size=3, max_size=5).map(".".join),
)


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(near_addresses, min_size=50, max_size=100))
def test_agrees_with_the_standard_library(con, texts: list[str]):
    assert canonical(con, list(texts)) == [by_the_book(t) for t in texts]
