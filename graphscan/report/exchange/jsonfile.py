"""JSON after the schema that ships beside this file, `findings.schema.json`."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from importlib.resources import files
from typing import Any

from graphscan.report.exchange.findings import NOTICE, Findings

FORMAT = "graphscan-findings-1"


def render(findings: Findings) -> dict[str, bytes]:
    """`findings.json`, ASCII, and the schema."""
    document = {"format": FORMAT, "data_notice": NOTICE, **asdict(findings)}
    for ring in document["rings"]:
        del ring["binding"]  # the first indicator has it, where the level shows it
    return {"findings.json": encoded(document), "findings.schema.json": schema()}


def schema() -> bytes:
    """The published schema, JSON Schema 2020-12."""
    return files(__package__).joinpath("findings.schema.json").read_bytes()


def encoded(data: Any, indent: int | None = 1) -> bytes:
    """JSON that every parser reads: ASCII, no NaN, times in UTC with their Z."""
    return (json.dumps(data, indent=indent, ensure_ascii=True, allow_nan=False, default=stamp) + "\n").encode(
        "ascii"
    )


def stamp(at: object) -> str:
    """2026-03-02T14:05:00Z."""
    assert isinstance(at, dt.datetime)
    return at.replace(microsecond=0).isoformat() + "Z"
