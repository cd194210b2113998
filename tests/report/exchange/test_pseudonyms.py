"""Tokens: equal for equal values, apart for different ones, and none without a key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graphscan.errors import RunError
from graphscan.report.exchange.pseudonyms import KEY_VARIABLE, Pseudonyms, read_key

KEY = b"k" * 32
NAMES = Pseudonyms(KEY)


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("address", "2001:DB8::1", "2001:db8:0:0:0:0:0:1"),
        ("address", "::ffff:198.51.100.7", "198.51.100.7"),
        ("network", "198.51.100.0/24", " 198.51.100.9/24"),
        ("entity", "caf\u00e9", "cafe\u0301"),
    ],
)
def test_two_spellings_of_one_value_have_one_token(field: str, one: str, other: str) -> None:
    assert NAMES.token(field, one) == NAMES.token(field, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("account", "00123"), ("account", "123")),
        (("account", "Ann"), ("account", "ann")),
        (("payment", "aB"), ("payment", "ab")),
        (("account", "198.51.100.7"), ("address", "198.51.100.7")),
    ],
)
def test_different_values_and_fields_have_different_tokens(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    digits = [NAMES.token(*x).rpartition("_")[2] for x in (one, other)]
    assert digits[0] != digits[1]


def test_a_token_is_the_published_hmac() -> None:
    # echo -ne 'account\0acct_1' | openssl dgst -sha256 -hmac kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk
    assert NAMES.token("account", "acct_1") == "account_b8ed0bc05ea0554b6cf338185a8bf010"


def test_two_keys_have_nothing_in_common_and_the_key_is_not_shown() -> None:
    other = Pseudonyms(b"l" * 32)
    assert NAMES.token("account", "a") != other.token("account", "a")
    assert NAMES.key_id != other.key_id
    assert re.fullmatch(r"key_[0-9a-f]{32}", NAMES.key_id)
    assert "kkk" not in repr(NAMES)


def test_without_a_key_there_are_no_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    with pytest.raises(RunError, match="got 0 bytes; expected at least 32"):
        read_key(None)
    short = tmp_path / "key"
    short.write_bytes(b"x" * 31 + b"\n")
    with pytest.raises(RunError, match="got 31 bytes"):
        read_key(short)
    with pytest.raises(RunError, match="cannot be read"):
        read_key(tmp_path / "none")


def test_a_key_comes_from_the_file_before_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "l" * 32)
    (tmp_path / "key").write_bytes(KEY + b"\r\n")
    assert read_key(tmp_path / "key") == NAMES
    assert read_key(None) == Pseudonyms(b"l" * 32)
