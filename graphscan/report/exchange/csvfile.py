"""CSV that is safe in spreadsheets: rings, members and indicators."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from graphscan.report.exchange.findings import Findings
from graphscan.report.exchange.text import from_spreadsheet, spreadsheet
from graphscan.strict_json import stamp

RINGS = (
    "ring_id",
    "triage",
    "likelihood",
    "confidence",
    "scale",
    "families",
    "bits",
    "n_accounts",
    "n_core",
    "n_requests",
    "first_seen_at",
    "last_seen_at",
)
MEMBERS = ("ring_id", "account", "tier", "bits", "n_requests")
INDICATORS = ("ring_id", "family", "signal", "kind", "entity", "n_members", "n_accounts", "expected", "bits")


def render(findings: Findings) -> dict[str, bytes]:
    """`rings.csv`, `members.csv`, `indicators.csv`: UTF-8 with a mark, every cell quoted."""
    rings, members, indicators = [], [], []
    for ring in findings.rings:
        rings.append([getattr(ring, name) for name in RINGS])
        members += [[ring.ring_id, *(getattr(m, name) for name in MEMBERS[1:])] for m in ring.members]
        indicators += [
            [ring.ring_id, *(getattr(i, name) for name in INDICATORS[1:])] for i in ring.indicators
        ]
    return {
        "rings.csv": _table(RINGS, rings),
        "members.csv": _table(MEMBERS, members),
        "indicators.csv": _table(INDICATORS, indicators),
    }


def read_csv(content: bytes) -> list[dict[str, str]]:
    """The rows of a file that `render` wrote, with the guarding quotes taken away."""
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return [{key: from_spreadsheet(cell) for key, cell in row.items()} for row in rows]


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, tuple):
        return spreadsheet(", ".join(value))
    return spreadsheet(value if isinstance(value, str) else stamp(value))
