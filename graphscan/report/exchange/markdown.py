"""A Markdown page a ring and an indicator table, as Meta's threat research publishes them; all defanged.

Source: github.com/facebook/threat-research, indicators/.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphscan.report.exchange.findings import NOTICE, Finding, Findings
from graphscan.report.exchange.text import fenced, markdown
from graphscan.report.shown import bits, count, day, percent, plural

MOST_MEMBERS = 1000
"""Accounts that a page lists; the other formats hold all."""


def render(findings: Findings) -> dict[str, bytes]:
    """`findings.md`."""
    parts = [
        "# Rings of accounts",
        f"Level {findings.level}, as of {day(findings.as_of)}, graphscan {findings.graphscan_version}.",
        NOTICE,
        *(part for ring in findings.rings for part in _ring(ring)),
    ]
    if findings.n_rings_withheld:
        parts.append(f"{plural(findings.n_rings_withheld, 'ring')} too small for this level withheld.")
    return {"findings.md": ("\n\n".join(parts) + "\n").encode("utf-8")}


def _ring(ring: Finding) -> Iterable[str]:
    yield f"## {markdown(ring.ring_id)}"
    yield f"{markdown(ring.headline, 400)}."
    yield f"Triage: {markdown(ring.triage)}. {markdown(ring.likelihood, 400)}"
    yield markdown(ring.confidence, 400)
    seen = f"Seen from {day(ring.first_seen_at)} to {day(ring.last_seen_at)}"
    yield f"{seen}; {bits(ring.bits)} bits of evidence."
    if ring.triage_reasons:
        yield "\n".join(f"- {markdown(reason, 400)}" for reason in ring.triage_reasons)
    yield "### Indicators"
    yield _table(
        ("Family", "Signal", "Indicator (defanged)", "Members", "All users", "Bits"),
        [
            (
                *(markdown(text) for text in (i.family, i.signal, i.entity)),
                *(count(i.n_members), count(i.n_accounts), bits(i.bits)),
            )
            for i in ring.indicators
        ],
    )
    if ring.n_indicators_withheld:
        yield f"{plural(ring.n_indicators_withheld, 'indicator')} of few accounts withheld."
    if ring.templates:
        yield "### Templates"
        yield "Text of strangers, slots shown as ⟨…⟩."
    for template in ring.templates:
        yield f"{plural(template.n_requests, 'request')} ({percent(template.share)}):"
        yield fenced(template.untrusted_template)
    yield "### Accounts"
    yield _table(
        ("Account", "Tier"), [(markdown(m.account), markdown(m.tier)) for m in ring.members[:MOST_MEMBERS]]
    )
    if len(ring.members) > MOST_MEMBERS:
        yield f"and {len(ring.members) - MOST_MEMBERS:,} more."


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are Markdown already."""
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])
