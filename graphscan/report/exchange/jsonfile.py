"""JSON after the schema that ships beside this file, `findings.schema.json`."""

from __future__ import annotations

from dataclasses import asdict
from importlib.resources import files

from graphscan.report.exchange.findings import NOTICE, Findings
from graphscan.strict_json import encoded

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
