"""What reviewers decided, with its history, in a file of its own outside every run.

Takes in decisions and gives out those that concern a ring or an account. A line a decision, chained like the
journal of exports; nothing is ever changed or taken out, a later line stands over an earlier one. A ring is
known again by what binds it: decisions hold the entities that its evidence names and its core accounts, and
concern a ring that has half of either in common with them (as the lineage of rings over nights has it). What is
allowed ties nobody in later scans that are given the file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from graphscan.entities import OWN_CLUSTER, without_count
from graphscan.errors import RunError
from graphscan.reviews.allowed import named_entities
from graphscan.reviews.journal import Kind, append, read_journal
from graphscan.runs import read_frame
from graphscan.runs.folder import RunFolder

Verb = Literal["confirm", "reject", "allow"]
VERBS: tuple[Verb, ...] = ("confirm", "reject", "allow")

DECISIONS = Kind("a file of decisions", "--decisions", "nothing was decided")

SAME = 0.5
"""Share of the entities, or of the core accounts, of a decision that a ring must have to be concerned."""


@dataclass(frozen=True)
class Decision:
    """What somebody decided on a ring or an account, and why. `ring_id` is its name on that day, empty for an
    account in no ring; `account_id` is None where it concerns the ring; `until` is its last day. `entities` are as the
    evidence tells them, `named` as the log has them."""

    verb: str
    reason: str
    who: str
    at: dt.datetime
    until: dt.date | None
    ring_id: str
    account_id: str | None
    entities: frozenset[tuple[str, str]]
    named: frozenset[tuple[str, str]]
    core: frozenset[str]

    def holds(self, on: dt.date) -> bool:
        """Whether it has not ended on that day."""
        return self.until is None or on <= self.until


def decide(
    run: Path,
    folder: RunFolder,
    subject: str,
    verb: Verb,
    reason: str,
    until: dt.date | None,
    file: Path,
) -> Decision:
    """A decision on a ring or an account of a run, written to the file.

    Raises RunError where the run has no such ring or account, the reason is missing or the file is not whole.
    """
    if not reason.strip():
        raise RunError("--reason: is empty: got nothing; expected why, in words", "it is shown with the ring")
    is_ring = subject in folder.rings["ring_id"].to_list()
    if not is_ring and subject not in _accounts(run):
        raise RunError(
            f"{run}: has no such ring or account: got {subject}; expected one that the run knows",
            "rings.parquet lists the rings; ids are text, letter for letter",
        )
    ring_ids = [subject] if is_ring else rings_of(folder, subject)
    ring_id = ring_ids[0] if ring_ids else ""
    entities, core = key_of(folder, ring_id) if ring_id else (frozenset(), frozenset())
    named = named_entities(run, folder, ring_id) if is_ring else frozenset()
    append(
        file,
        {
            "what": "decision",
            "verb": verb,
            "reason": reason,
            "until": until.isoformat() if until else None,
            "ring_id": ring_id,
            "account_id": None if is_ring else subject,
            "entities": sorted(list(e) for e in entities),
            "named": sorted(list(e) for e in named),
            "core": sorted(core),
        },
        DECISIONS,
    )
    return read_decisions(file)[-1]


def read_decisions(file: Path) -> tuple[Decision, ...]:
    """All decisions of a file, the oldest first; none where there is no file yet.

    Raises RunError where the file is not whole.
    """
    if not file.exists():
        return ()
    return tuple(_decision(file, n, line) for n, line in enumerate(read_journal(file, DECISIONS), 1))


def decisions_on(decisions: tuple[Decision, ...], folder: RunFolder, ring_id: str) -> tuple[Decision, ...]:
    """The decisions that concern a ring of a run, and its accounts; the newest first, ended ones too."""
    entities, core = key_of(folder, ring_id)
    members = {m["account_id"] for m in folder.rows("members", ring_id)}
    found = [
        d
        for d in decisions
        if (
            d.account_id in members
            if d.account_id is not None
            else _most(d.entities, entities) or _most(d.core, core)
        )
    ]
    return tuple(reversed(found))


def allowed_by(decisions: Iterable[Decision], on: dt.date) -> dict[str, frozenset[str]]:
    """Signal → entities that are allowed on a day; the latest decision on a ring that named an entity counts."""
    last: dict[tuple[str, str], bool] = {}
    for decision in decisions:
        if decision.holds(on):
            last |= dict.fromkeys(decision.named, decision.verb == "allow")
    allowed = [key for key, is_allowed in last.items() if is_allowed]
    return {name: frozenset(e for s, e in allowed if s == name) for name in sorted({s for s, _ in allowed})}


def key_of(folder: RunFolder, ring_id: str) -> tuple[frozenset[tuple[str, str]], frozenset[str]]:
    """What a ring is known by: (signal, entity) of its evidence, and its core accounts. An own cluster is
    described anew every night, so it is no name."""
    entities = frozenset(
        (r["signal"], without_count(r["entity"]))
        for r in folder.rows("evidence", ring_id)
        if r["n_members"] is not None and r["signal"] != OWN_CLUSTER
    )
    core = frozenset(m["account_id"] for m in folder.rows("members", ring_id) if m["tier"] == "core")
    return entities, core


def rings_of(folder: RunFolder, account_id: str) -> list[str]:
    """The rings that an account is in, by rank."""
    return [
        ring_id
        for ring_id in folder.rings["ring_id"].to_list()
        if any(m["account_id"] == account_id for m in folder.rows("members", ring_id))
    ]


def _most(decided: frozenset[Any], found: frozenset[Any]) -> bool:
    return bool(decided) and len(decided & found) >= SAME * len(decided)


def _accounts(run: Path) -> set[str]:
    return set(read_frame(run, "touches/accounts")["account_id"].to_list())


def _decision(file: Path, line: int, raw: Mapping[str, Any]) -> Decision:
    try:
        return Decision(
            raw["verb"],
            raw["reason"],
            raw["who"],
            dt.datetime.fromisoformat(raw["at"]).astimezone(dt.UTC).replace(tzinfo=None),
            dt.date.fromisoformat(raw["until"]) if raw["until"] else None,
            raw["ring_id"],
            raw["account_id"],
            frozenset((signal, entity) for signal, entity in raw["entities"]),
            frozenset((signal, entity) for signal, entity in raw.get("named", ())),
            frozenset(raw["core"]),
        )
    except (KeyError, TypeError, ValueError):
        raise RunError(
            f"{file}: line {line}: is no decision: got another kind of line; expected what decide wrote",
            "give --decisions a file of its own, not the journal of exports",
        ) from None
