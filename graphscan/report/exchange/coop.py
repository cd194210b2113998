"""Reports for Coop's `POST /api/v1/report`, one a ring, and its members in lists of a thousand ids.

The type of rings must not be of the kind THREAD there: a thread takes no additional items. The ids of types and
policies are each installation's own.

Source: roostorg/coop 1.0.2 (commit 1c1f54d): ReportingRoutes.ts and submitReport.ts for the report, the console's
bulk actions for the lists.
"""

from __future__ import annotations

from graphscan.report.exchange.findings import NOTICE, Finding, Findings
from graphscan.report.exchange.lines import id_lists
from graphscan.strict_json import encoded, stamp

MOST_IDS = 1000
"""Ids that Coop's bulk action takes at once."""

APART = r"[\s,]"
"""What parts two ids in its field."""

SERVICE, RING, ACCOUNT, POLICY = (
    "graphscan-service",
    "graphscan-ring",
    "graphscan-account",
    "graphscan-policy",
)
"""Stand for the ids that the installation gives; whoever sends the report puts its own in their place."""


def render(findings: Findings) -> dict[str, bytes]:
    """`coop/<n>.json` for the n-th ring, and `coop/<n>_members_0001.txt` …, core first."""
    files = {}
    for n, ring in enumerate(findings.rings, 1):
        files[f"coop/{n:04d}.json"] = encoded(_report(ring, stamp(findings.as_of)))
        core_first = [m.account for m in sorted(ring.members, key=lambda m: m.tier)]
        files.update(id_lists(f"coop/{n:04d}_members", core_first, MOST_IDS, APART))
    return files


def _report(ring: Finding, at: str) -> dict[str, object]:
    return {
        "reporter": {"kind": "user", "typeId": SERVICE, "id": "graphscan"},
        "reportedAt": at.replace("Z", ".000Z"),
        "reportedForReason": {"policyId": POLICY, "reason": ring.title, "csam": False},
        "reportedItem": {
            "id": ring.ring_id,
            "typeId": RING,
            "data": {
                "accounts": ring.n_accounts,
                "requests": ring.n_requests,
                "triage": ring.triage,
                "likelihood": ring.likelihood,
                "confidence": ring.confidence,
                "families": list(ring.families),
                "data_notice": NOTICE,
            },
        },
        "additionalItems": [
            {
                "id": m.account,
                "typeId": ACCOUNT,
                "data": {"ring_id": ring.ring_id, "tier": m.tier, "bits": m.bits},
            }
            for m in ring.members
            if m.tier != "linked"
        ],
    }
