"""The last user turn is the prompt, system texts and tools are the system text, the rest is dropped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from graphscan.logs.messages import MACROS, read_with, with_turns
from tests.logs.conftest import NOON

CHAT = [
    {"role": "system", "content": "be brief"},
    {"role": "user", "content": "an earlier turn"},
    {"role": "assistant", "content": "an answer"},
    {
        "role": "user",
        "content": [{"type": "text", "text": "now"}, {"type": "image_url", "image_url": {"url": "x"}}],
    },
]
TOOL = {"type": "function", "function": {"name": "weather"}}
ANTHROPIC = {
    "model": "m",
    "system": [{"type": "text", "text": "be kind"}],
    "messages": [
        {"role": "user", "content": "what is 6 × 7?"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "1", "name": "sum", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1", "content": "42"}]},
    ],
}
OTEL = [
    {"role": "system", "parts": [{"type": "text", "content": "be brief"}]},
    {"role": "user", "parts": [{"type": "text", "content": "look"}, {"type": "blob", "content": "aGVsbG8="}]},
]
RESPONSES = {"model": "m", "instructions": "no jokes", "input": [{"role": "user", "content": "a joke"}]}
THOUGHT = [{"type": "reasoning", "content": "hm"}, {"type": "text", "content": "an answer"}]
GEMINI = {
    "systemInstruction": {"parts": [{"text": "be brief"}]},
    "contents": [{"role": "user", "parts": [{"text": "one"}, {"text": "two"}]}],
}


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        for macro in MACROS:
            con.execute(macro)
        yield con


def ask(con: duckdb.DuckDBPyConnection, macro: str, stored: Any) -> str | None:
    text = stored if stored is None or isinstance(stored, str) else json.dumps(stored)
    con.execute("create or replace temp table given as select ?::VARCHAR as x", [text])
    return con.execute(f"select {read_with(macro, 'x')} from {with_turns('given', ['x'])}").fetchall()[0][0]


@pytest.mark.parametrize(
    ("stored", "prompt", "system"),
    [
        ("plain text", "plain text", None),
        (CHAT, "now", "be brief"),
        ({"model": "m", "messages": CHAT, "tools": [{"name": "w"}]}, "now", 'be brief\n[{"name":"w"}]'),
        ({"body": {"messages": CHAT}}, "now", "be brief"),
        (ANTHROPIC, "what is 6 × 7?", "be kind"),
        (OTEL, "look", "be brief"),
        (RESPONSES, "a joke", "no jokes"),
        ({"model": "m", "input": "a joke"}, "a joke", None),
        (GEMINI, "one\ntwo", "be brief"),
        ([{"type": "system", "content": "s"}, {"type": "human", "content": "h"}], "h", "s"),
        ({"role": "user", "content": "alone"}, "alone", None),
        ([{"role": "developer", "content": "d"}, {"role": "user", "content": "u"}], "u", "d"),
        ([{"role": "assistant", "content": "only an answer"}], None, None),
        ([{"role": "user", "content": None}], None, None),
    ],
)  # fmt: skip
def test_conversations(con, stored: Any, prompt: str | None, system: str | None):
    assert ask(con, "prompt_of", stored) == prompt
    assert ask(con, "system_of_prompt", stored) == system


@pytest.mark.parametrize("text", ["{}", "[]", "", "null", None])
def test_what_was_not_stored_is_null(con, text: str | None):
    for macro in ("prompt_of", "system_of", "response_of"):
        assert ask(con, macro, text) is None


@pytest.mark.parametrize(
    "text",
    [
        "[not json",
        "{",
        "[1, 2]",
        '{"a": 1}',
        '{"input": "x"}',
        '{"messages": "x"}',
        '["role"]',
        "[]()",
        "{{slot}}",
    ],
)
def test_json_that_is_no_conversation_is_somebodys_prompt(con, text: str):
    assert ask(con, "prompt_of", text) == text
    assert ask(con, "response_of", text) == text


def test_half_a_surrogate_pair_spoils_no_conversation(con):
    """IN-28: Python writes what was no text as \\ud800, and DuckDB then refuses the whole value."""
    assert ask(con, "prompt_of", r'[{"role": "user", "content": "half \ud800 here"}]') == "half \ufffd here"
    assert ask(con, "prompt_of", r'[{"role": "user", "content": "whole \ud83d\ude00"}]') == "whole \U0001f600"


@pytest.mark.parametrize(
    ("stored", "system"),
    [
        ("be brief", "be brief"),
        ([{"type": "text", "content": "no jokes"}], "no jokes"),
        (CHAT, "be brief"),
        (json.dumps([TOOL]), json.dumps([TOOL])),
    ],
)
def test_a_system_column_of_its_own(con, stored: Any, system: str):
    assert ask(con, "system_of", stored) == system


@pytest.mark.parametrize(
    ("stored", "response"),
    [
        ("an answer", "an answer"),
        ({"id": "1", "choices": [{"message": {"role": "assistant", "content": "an answer"}}]}, "an answer"),
        ({"role": "assistant", "content": "an answer"}, "an answer"),
        ([{"role": "assistant", "parts": THOUGHT}], "an answer"),
        ({"role": "assistant", "content": [{"type": "text", "text": "an answer"}]}, "an answer"),
    ],
)  # fmt: skip
def test_responses(con, stored: Any, response: str):
    assert ask(con, "response_of", stored) == response


def test_nested_columns_are_conversations_too(write, opened):
    part = pa.struct([("type", pa.string()), ("text", pa.string())])
    turn = pa.struct([("role", pa.string()), ("content", pa.list_(part))])
    turns = [
        {"role": "system", "content": [{"type": "text", "text": "be brief"}]},
        {"role": "user", "content": [{"type": "text", "text": "now"}]},
    ]
    messages = pa.array([turns, [], None], pa.list_(turn))
    log = opened(requests=write("r.parquet", account_id=["a", "b", "c"], ts=[NOON] * 3, prompt=messages))
    assert [(r["prompt"], r["system"]) for r in log.rows()] == [
        ("now", "be brief"),
        (None, None),
        (None, None),
    ]


def test_a_log_of_plain_prompts_has_no_system_column(write, opened):
    """Else every query over it would read all prompts a second time for nothing."""
    path = write("r.parquet", account_id=["a", "b"], ts=[NOON] * 2, prompt=["hello", "[x] or [y]?"])
    assert not opened(requests=path).log.has("system")


def test_text_and_bytes_of_prompts(write, opened):
    path = write("r.parquet", account_id=["a"], ts=[NOON], prompt=pa.array([b"caf\xc3\xa9 \xff"]))
    assert opened(requests=path).column("prompt") == ["café ?"]
