"""Parquet files for analysts: rings, members, indicators, templates and ties."""

from __future__ import annotations

import io
from dataclasses import asdict

import polars as pl

from graphscan.report.exchange.findings import Findings

TEXT, WHOLE, REAL = pl.String(), pl.Int64(), pl.Float64()
TEXTS, TIME = pl.List(pl.String()), pl.Datetime("us")

RINGS = {
    "ring_id": TEXT,
    "triage": TEXT,
    "triage_reasons": TEXTS,
    "headline": TEXT,
    "likelihood": TEXT,
    "confidence": TEXT,
    "scale": TEXT,
    "families": TEXTS,
    "bits": REAL,
    "q_value": REAL,
    "n_accounts": WHOLE,
    "n_core": WHOLE,
    "n_requests": WHOLE,
    "first_seen_at": TIME,
    "last_seen_at": TIME,
    "n_indicators_withheld": WHOLE,
}
PARTS = {
    "members": {"account": TEXT, "tier": TEXT, "bits": REAL, "n_requests": WHOLE},
    "indicators": {
        "family": TEXT,
        "signal": TEXT,
        "kind": TEXT,
        "entity": TEXT,
        "n_members": WHOLE,
        "n_accounts": WHOLE,
        "expected": REAL,
        "bits": REAL,
    },
    "templates": {"untrusted_template": TEXT, "n_requests": WHOLE, "n_accounts": WHOLE, "share": REAL},
    "ties": {"account_l": TEXT, "account_r": TEXT, "weight": REAL, "signals": TEXTS},
    "activity": {"measure": TEXT, "value": REAL, "ordinary": REAL},
}


def render(findings: Findings) -> dict[str, bytes]:
    """`rings.parquet` and a file for each part, its rows keyed by ring_id."""
    rings = [{name: getattr(ring, name) for name in RINGS} for ring in findings.rings]
    files = {"rings.parquet": _bytes(pl.DataFrame(rings, schema=RINGS))}
    for name, columns in PARTS.items():
        rows = [
            {"ring_id": ring.ring_id, **asdict(row)} for ring in findings.rings for row in getattr(ring, name)
        ]
        files[f"{name}.parquet"] = _bytes(pl.DataFrame(rows, schema={"ring_id": TEXT, **columns}))
    return files


def _bytes(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=False)
    return buffer.getvalue()
