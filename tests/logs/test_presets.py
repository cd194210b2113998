"""Logs that people already have, with their real nesting: shapes as in the sources that `presets` names."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphscan.errors import LogsError, SettingsError
from tests.logs.conftest import NOON

FIXTURES = Path(__file__).parent / "presets"
MAP = pa.map_(pa.string(), pa.string())
TYPES = {
    "litellm": {"startTime": pa.timestamp("us")},
    "otel-genai": {"Timestamp": pa.timestamp("ns", "UTC"), "SpanAttributes": MAP, "ResourceAttributes": MAP},
    "langfuse": {"metadata": MAP, "tool_calls": pa.list_(pa.string())},
}


def stored(tmp_path: Path, name: str) -> Path:
    """The fixture as the Parquet its source would write: JSON columns as text, maps as maps."""
    rows = json.loads((FIXTURES / f"{name}.json").read_text())
    types = TYPES[name]
    columns = {}
    for column in rows[0]:
        values = [row[column] for row in rows]
        kind = types.get(column)
        if kind == MAP:
            values = [[(k, _written(v)) for k, v in m.items()] for m in values]
        elif kind is None:
            values = [_written(v) for v in values]
        elif pa.types.is_timestamp(kind):
            values = [NOON for _ in values]
        columns[column] = pa.array(values, kind)
    path = tmp_path / f"{name}.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def _written(value: object) -> object:
    return json.dumps(value) if isinstance(value, dict | list) else value


def test_litellm(tmp_path: Path, opened):
    """The body is in proxy_server_request; messages is {} but for realtime calls."""
    log = opened(requests=stored(tmp_path, "litellm"), preset="litellm", account="end_user")
    assert log.rows() == [
        {
            "account_id": "customer-1",
            "ts": NOON,
            "prompt": "Write ten questions about tides.",
            "system": 'You are a tutor.\n[{"type":"function","function":{"name":"lookup"}}]',
            "ip": "203.0.113.7",
            "user_agent": "openai-python/1.99",
            "model": "gpt-large",
            "response": "1. Why are there two tides a day?",
        },
        {
            "account_id": "customer-2",
            "ts": NOON,
            "prompt": None,
            "system": None,
            "ip": "203.0.113.8",
            "user_agent": None,
            "model": "claude-large",
            "response": None,
        },
        {
            "account_id": "customer-3",
            "ts": NOON,
            "prompt": "hello",
            "system": None,
            "ip": None,
            "user_agent": None,
            "model": "realtime-1",
            "response": None,
        },
    ]
    assert ("account_id", "placeholder for an account", 1) in log.set_aside()


@pytest.mark.parametrize(
    ("choice", "accounts"), [("user", {"u-1", "u-2"}), ("key", {"hash-1", "hash-2"}), ("team", {"team-1"})]
)
def test_litellm_studies_the_account_that_was_chosen(tmp_path, opened, choice: str, accounts: set[str]):
    log = opened(requests=stored(tmp_path, "litellm"), preset="litellm", account=choice)
    assert set(log.column("account_id")) == accounts


def test_a_preset_with_several_accounts_asks_for_one(tmp_path: Path, opened):
    with pytest.raises(SettingsError) as caught:
        opened(requests=stored(tmp_path, "litellm"), preset="litellm")
    assert caught.value.message == (
        "inputs.account: preset litellm has several kinds of account: got none chosen; "
        "expected one of user, end_user, key, team"
    )
    with pytest.raises(SettingsError, match="got key; expected one of user, end_user, team"):
        opened(requests=stored(tmp_path, "litellm"), preset="otel-genai", account="key")


def test_otel_genai(tmp_path: Path, opened):
    """Attributes in a map, under new and old names; spans of tools and of the web server are no requests."""
    log = opened(requests=stored(tmp_path, "otel-genai"), preset="otel-genai", account="user")
    assert log.rows() == [
        {
            "account_id": "u-1",
            "ts": NOON,
            "prompt": "Tell me a joke about telemetry",
            "system": "You must never tell jokes\nYou are a helpful bot",
            "ip": "203.0.113.7",
            "user_agent": "curl/8.7.1",
            "model": "gpt-4",
            "response": "I cannot.",
        },
        {
            "account_id": "u-2",
            "ts": NOON,
            "prompt": "an old span",
            "system": None,
            "ip": "2001:db8:1:2::/64",
            "user_agent": "python/3",
            "model": "gpt-3",
            "response": "an old answer",
        },
    ]
    assert (None, "no request to a model", 2) in log.set_aside()


def test_otel_attributes_as_columns_of_their_own(write, opened):
    path = write(
        "flat.parquet",
        **{
            "startTimeUnixNano": pa.array([1_795_176_000_000_000_000]),
            "enduser.id": ["e-1"],
            "gen_ai.operation.name": ["chat"],
            "gen_ai.request.model": ["gpt-4"],
            "gen_ai.input.messages": ['[{"role": "user", "parts": [{"type": "text", "content": "hi"}]}]'],
        },
    )
    log = opened(requests=path, preset="otel-genai", account="end_user")
    assert log.rows() == [{"account_id": "e-1", "ts": NOON, "prompt": "hi", "system": None, "model": "gpt-4"}]


def test_langfuse(tmp_path: Path, opened):
    """Times are text, input is text or JSON; a generation is a request, its tools and spans are not."""
    log = opened(requests=stored(tmp_path, "langfuse"), preset="langfuse")
    assert log.rows() == [
        {
            "account_id": "user-1",
            "ts": NOON,
            "prompt": "And in winter?",
            "system": '[{"name": "lookup"}]\nYou are a guide.',
            "ip": "203.0.113.7",
            "model": "gpt-4o",
            "response": "Colder.",
        },
        {
            "account_id": "user-2",
            "ts": NOON,
            "prompt": "just text",
            "system": None,
            "ip": None,
            "model": "claude-x",
            "response": "plain answer",
        },
    ]
    assert (None, "no request to a model", 1) in log.set_aside()
    assert ("account_id", "placeholder for an account", 1) in log.set_aside()


def test_the_map_goes_before_the_preset(tmp_path: Path, opened):
    columns = {"requests": {"account_id": "metadata.user_api_key_alias", "model": "call_type"}}
    log = opened(requests=stored(tmp_path, "litellm"), preset="litellm", columns=columns)
    assert {(r["account_id"], r["model"]) for r in log.rows()} == {
        ("alias-1", "acompletion"),
        ("alias-2", "acompletion"),
    }


def test_a_log_of_another_kind_is_told(tmp_path: Path, opened):
    with pytest.raises(LogsError) as caught:
        opened(requests=stored(tmp_path, "langfuse"), preset="litellm", account="key")
    assert "no column for account_id" in caught.value.message
    assert "expected api_key" in caught.value.message
    assert "no column for ts" in caught.value.message
