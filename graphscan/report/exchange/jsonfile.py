"""JSON after the schema that ships beside this file, `findings.schema.json`."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import asdict
from importlib.resources import files
from typing import Any

from graphscan.report.exchange.findings import NOTICE, Findings

FORMAT = "graphscan-findings-1"

_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")


def render(findings: Findings) -> dict[str, bytes]:
    """`findings.json`, ASCII, and the schema."""
    document = {"format": FORMAT, "data_notice": NOTICE, **asdict(findings)}
    for ring in document["rings"]:
        del ring["binding"]  # the first indicator has it, where the level shows it
    return {"findings.json": encoded(document), "findings.schema.json": schema()}


def schema() -> bytes:
    """The published schema, JSON Schema 2020-12."""
    return files(__package__).joinpath("findings.schema.json").read_bytes()


def encoded(data: Any, indent: int | None = 1, sort_keys: bool = False) -> bytes:
    """A line of JSON, or several, that every parser reads: times in UTC with their Z."""
    text = json.dumps(
        data, indent=indent, ensure_ascii=False, allow_nan=False, sort_keys=sort_keys, default=stamp
    )
    return (in_ascii(text) + "\n").encode("ascii")


def in_ascii(text: str) -> str:
    """JSON with \\u… for all beyond ASCII; half a pair of UTF-16, which no strict parser takes, is U+FFFD."""
    return _BEYOND_ASCII.sub(_escaped, text)


def _escaped(run: re.Match[str]) -> str:
    whole = run[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return json.dumps(whole)[1:-1]


def stamp(at: object) -> str:
    """2026-03-02T14:05:00Z."""
    assert isinstance(at, dt.datetime)
    return at.replace(microsecond=0).isoformat() + "Z"
