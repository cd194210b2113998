"""Actions for Osprey as JSON lines, and its label files with one id a line.

Source: roostorg/osprey 1.1.0 (commit 699ff64): `osprey.actions_input` and `osprey-cli bulk-apply-label`.
"""

from __future__ import annotations

import hashlib

from graphscan.report.exchange.findings import Findings
from graphscan.report.exchange.jsonfile import encoded, stamp
from graphscan.report.exchange.lines import id_lists

ACTION = "graphscan_ring_member"
MOST_IDS = 100_000
"""Entities that a bulk job takes without more ado."""


def render(findings: Findings) -> dict[str, bytes]:
    """`osprey/actions.jsonl` and `osprey/labels/<n>_0001.txt` … for the n-th ring."""
    at = stamp(findings.as_of)
    lines, files = [], {}
    for n, ring in enumerate(findings.rings, 1):
        for m in ring.members:
            data = {
                "account_id": m.account,
                "ring_id": ring.ring_id,
                "tier": m.tier,
                "triage": ring.triage,
                "bits": m.bits,
            }
            action = {"action_id": _number(at, ring.ring_id, m.account), "action_name": ACTION, "data": data}
            lines.append(encoded({"send_time": at, "data": action}, None))
        files.update(id_lists(f"osprey/labels/{n:04d}", [m.account for m in ring.members], MOST_IDS))
    return {"osprey/actions.jsonl": b"".join(lines), **files}


def _number(*words: str) -> int:
    """The same id for the same member of the same ring on the same date, below 2^53 for JSON."""
    digest = hashlib.sha256("\0".join(words).encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") >> 11
