"""What happened to a ring on a night, in a sentence with numbers and without a word of the log."""

from __future__ import annotations

from collections.abc import Sequence

from graphscan.rings.lineage import BORN, DORMANT, GROWN, MERGED, REPLACED, RETURNED, SHRUNK, SPLIT, Step

SHOWN = 20
"""Events of a night that a message, a page or a terminal has room for."""


def told(step: Step) -> str:
    """One sentence a step, the name first."""
    kin = ", ".join(step.kin)
    said = {
        BORN: f"is new, with {_accounts(step.n_accounts)}",
        GROWN: f"grew from {step.n_before:,} to {_accounts(step.n_accounts)}",
        SHRUNK: f"shrank from {step.n_before:,} to {_accounts(step.n_accounts)}",
        REPLACED: f"replaced its accounts, {step.n_accounts:,} now",
        MERGED: f"merged with {kin}" if step.ring_id else f"is merged into {kin}",
        SPLIT: f"split: {kin}" if step.n_before else f"split from {kin}, with {_accounts(step.n_accounts)}",
        DORMANT: "made no request on this day" if step.ring_id else "was not found: dormant",
        RETURNED: f"is back, with {_accounts(step.n_accounts)}",
    }
    parts = [said[e] for e in step.events if e in said] or [f"has {_accounts(step.n_accounts)}"]
    if step.ring_id and step.n_before:
        left, joined = step.n_before - step.n_stayed, step.n_accounts - step.n_stayed
        parts.append(f"{step.n_stayed:,} stayed, {joined:,} joined, {left:,} left")
        if REPLACED in step.events:
            parts.append(f"{step.share_entities:.0%} of what binds it is the same")
    return f"{step.name} {'; '.join(parts)}"


def first(events: Sequence[str]) -> list[str]:
    """The first events of a night, and how many more there are."""
    more = len(events) - SHOWN
    return [*events[:SHOWN], *([f"and {more:,} more"] if more > 0 else [])]


def _accounts(n: int) -> str:
    return f"{n:,} account{'s' * (n != 1)}"
