"""Actions for Osprey as JSON lines, and its label files with one id a line.

Osprey reads an action in two shapes: its topic `osprey.actions_input` has messages with an envelope, and
`osprey-async-cli run --input-file` takes lines without one, under other names. Label files are for
`osprey-cli bulk-apply-label`.

Source: roostorg/osprey 1.1.0 (commit 699ff64): KafkaInputStream, AsyncFileInputStream, get_lines_from_file_as_set.
"""

from __future__ import annotations

import hashlib

from graphscan.report.exchange.findings import Findings
from graphscan.report.exchange.lines import id_lists
from graphscan.strict_json import encoded, stamp

ACTION = "graphscan_ring_member"
MOST_IDS = 100_000
"""Entities that a bulk job takes without more ado."""


def render(findings: Findings) -> dict[str, bytes]:
    """`osprey/actions.jsonl` for the topic, `osprey/file_actions.jsonl` for a file, and `osprey/labels/<n>_0001.txt`
    … for the n-th ring."""
    at = stamp(findings.as_of)
    sent, filed, files = [], [], {}
    for n, ring in enumerate(findings.rings, 1):
        for m in ring.members:
            data = {
                "account_id": m.account,
                "ring_id": ring.ring_id,
                "tier": m.tier,
                "triage": ring.triage,
                "bits": m.bits,
            }
            number = _number(at, ring.ring_id, m.account)
            action = {"action_id": number, "action_name": ACTION, "data": data}
            sent.append(encoded({"send_time": at, "data": action}, None))
            filed.append(encoded({"id": number, "name": ACTION, "data": data}, None))
        files.update(id_lists(f"osprey/labels/{n:04d}", [m.account for m in ring.members], MOST_IDS))
    return {
        "osprey/actions.jsonl": b"".join(sent),
        "osprey/file_actions.jsonl": b"".join(filed),
        **files,
    }


def _number(*words: str) -> int:
    """The same id for the same member of the same ring on the same date, below 2^53 for JSON."""
    digest = hashlib.sha256("\0".join(words).encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") >> 11
