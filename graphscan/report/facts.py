"""What a ring's page says, gathered from the run folder: sentences, tables, pictures; no HTML.

Takes in a `RunFolder` and a ring's name and gives out `RingFacts`, whose fields the template lays out in
order.
"""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from graphscan.entities import OWN_CLUSTER
from graphscan.logs.header import Query
from graphscan.report.arithmetic import Arithmetic, Saving, arithmetic
from graphscan.report.drawings import Picture, Timeline, picture, timeline
from graphscan.report.families import MEASURES, family
from graphscan.report.shown import day, for_script, listed, number, percent, plural, time_of, visible
from graphscan.report.terms import confidence_sentence, likelihood_sentence, odds
from graphscan.reviews.decisions import Decision, decisions_on
from graphscan.runs.folder import RunFolder
from graphscan.settings import TABLES

ENTITIES = 10
"""Entities of a family that a card shows at once."""

MORE_ENTITIES = 100
"""Entities of a family that a card shows at all."""

BLOCKED = ("network", "payment")
"""Families whose entities are mostly blocked."""

BLAST = 12
"""Entities whose other users are listed."""

NIGHTS = 60
"""Nights of a ring's history that are on its page, the newest first."""

RELATED = 3
"""Other rings that are told by name where several have the same in common; more are counted."""

FIRST_MEMBERS = 50
"""Members that are on the page without a script."""


@dataclass(frozen=True)
class Beside:
    """A measure of the ring beside ordinary customers, as text; `times` how often as much, where that says
    anything; `bits` what it adds to the likeness to rings."""

    label: str
    value: str
    ordinary: str
    times: str
    bits: str


@dataclass(frozen=True)
class Share:
    """A part of what a ring does, beside customers; `width` of 100 for its bar."""

    label: str
    share: str
    ordinary: str
    width: float


@dataclass(frozen=True)
class ToldSaving:
    """A family's saving, and what innocent thing looks the same."""

    saving: Saving
    innocent: str


@dataclass(frozen=True)
class ToldDecision:
    """A reviewer's decision as a page shows it; `subject` is the ring by its name of that day, or an account."""

    verb: str
    subject: str
    who: str
    on: str
    until: str
    holds: bool
    reason: str


@dataclass(frozen=True)
class RingFacts:
    """One ring's page."""

    ring: Mapping[str, Any]
    headline: str
    likelihood: str
    confidence: str
    scale: str
    sums: Arithmetic
    savings: tuple[ToldSaving, ...]
    n_accounts_outside: int | None
    queries: Mapping[str, Query]
    timeline: Timeline | None
    next_steps: tuple[str, ...]
    blast: tuple[Mapping[str, Any], ...]
    templates: tuple[Mapping[str, Any], ...]
    shares: Mapping[str, tuple[Share, ...]]
    activity: tuple[Beside, ...]
    likeness: str
    picture: Picture | None
    owned_from: str
    first_members: tuple[Mapping[str, Any], ...]
    members_json: str
    neighbours: tuple[Mapping[str, Any], ...]
    related: tuple[str, ...]
    relations: tuple[Mapping[str, Any], ...]
    decisions: tuple[ToldDecision, ...]
    history: tuple[Mapping[str, Any], ...]
    command: str


def ring_facts(
    run: RunFolder, ring_id: str, queries: Mapping[str, Query], decisions: tuple[Decision, ...]
) -> RingFacts:
    """All that the page of one ring says."""
    ring = run.ring(ring_id)
    sums = arithmetic(run.rows("evidence", ring_id))
    members = run.part("members", ring_id)
    assert members is not None  # no ring is without members
    n_log = run.count("accounts", "n_accounts")
    activity = run.rows("activity", ring_id)
    return RingFacts(
        ring=ring,
        headline=headline(ring),
        likelihood=likelihood_sentence(ring["bits"]),
        confidence=confidence_sentence(ring.get("stability_log"), ring.get("stability_signal")),
        scale=_scale(ring, activity),
        sums=sums,
        savings=_told(sums, queries),
        n_accounts_outside=None if n_log is None else n_log - ring["n_accounts"],
        queries=queries,
        timeline=_timeline(run, ring_id),
        next_steps=_next_steps(ring, sums),
        blast=_blast(sums),
        templates=tuple(run.rows("templates", ring_id)),
        shares=_shares(run.rows("shares", ring_id)),
        activity=tuple(_beside(r) for r in activity if r["measure"] in MEASURES),
        likeness=_likeness(activity),
        picture=picture(members, run.part("pairs", ring_id)),
        owned_from=_owned_from(run.manifest),
        first_members=tuple(_ordered(members).head(FIRST_MEMBERS).to_dicts()),
        members_json=_members_json(_ordered(members)),
        neighbours=tuple(run.rows("neighbours", ring_id)),
        related=related(run, ring_id),
        relations=_relations(run, ring_id),
        decisions=told_decisions(run, ring_id, decisions),
        history=tuple(run.rows("lineage", ring_id)[::-1][:NIGHTS]),
        command=scan_command(run.manifest),
    )


def _owned_from(manifest: Mapping[str, Any]) -> str:
    """The share of an entity's other users from which a ring owns it, in words."""
    ownership = ((manifest.get("settings") or {}).get("rings") or {}).get("ownership")
    return "a good part" if ownership is None else f"{percent(ownership)} or more"


def told_decisions(run: RunFolder, ring_id: str, decisions: tuple[Decision, ...]) -> tuple[ToldDecision, ...]:
    """What was decided on the ring or its accounts, the newest first; whether it holds on the log's last day."""
    last = time_of((run.manifest.get("window") or {}).get("last_at")) or run.ring(ring_id)["last_seen_at"]
    return tuple(
        ToldDecision(
            d.verb,
            d.account_id or d.ring_id,
            d.who,
            day(d.at),
            f"{d.until.day} {d.until:%B %Y}" if d.until else "",
            last is None or d.holds(last.date()),
            d.reason,
        )
        for d in decisions_on(decisions, run, ring_id)
    )


def headline(ring: Mapping[str, Any]) -> str:
    """What, how many, since when, how sure, in one line of plain words."""
    shared = listed([family(f).shared for f in ring["families"]]) or "what others do not"
    since = f" since {day(ring['first_seen_at'])}" if ring["first_seen_at"] else ""
    return (
        f"{plural(ring['n_accounts'], 'account')} sharing {shared}, "
        f"{plural(ring['n_requests'], 'request')}{since}: "
        f"by chance alone in at most {odds(ring['bits'])}"
    )


def related(run: RunFolder, ring_id: str) -> tuple[str, ...]:
    """What the ring has in common with other rings, a sentence a family; the families with most others come last."""
    others: dict[str, list[str]] = {}
    for row in run.rows("relations", ring_id):
        others.setdefault(row["family"], []).append(row["other_id"])
    return tuple(
        family(name).related.replace(
            "{}", listed(ids) if len(ids) <= RELATED else f"{number(len(ids))} other rings"
        )
        for name, ids in sorted(others.items(), key=lambda o: (len(o[1]), o[0]))
    )


def _relations(run: RunFolder, ring_id: str) -> tuple[Mapping[str, Any], ...]:
    """Other rings by what they have in common with this one, the most bits first; each with its triage."""
    triage = dict(run.rings.select("ring_id", "triage").iter_rows())
    rows = sorted(run.rows("relations", ring_id), key=lambda r: (-r["bits"], r["other_id"], r["family"]))
    return tuple({**row, "triage": triage.get(row["other_id"], "")} for row in rows)


def scan_command(manifest: Mapping[str, Any]) -> str:
    """The command line that made the run, as far as the manifest tells it."""
    inputs = (manifest.get("settings") or {}).get("inputs") or {}
    parts = ["graphscan", "scan"]
    for key in (*TABLES, "preset", "account", "from", "to"):
        if inputs.get(key) is not None:
            parts += [f"--{key}", shlex.quote(str(inputs[key]))]
    return " ".join([*parts, "--config", "settings.toml", "--out", "RUN"])


def _scale(ring: Mapping[str, Any], activity: Sequence[Mapping[str, Any]]) -> str:
    """The scale anchor: requests, accounts and share of all traffic in one sentence."""
    share = next((r for r in activity if r["measure"] == "share_of_all_requests"), None)
    text = (
        f"Scale of {_with_article(ring['scale'])}: {plural(ring['n_requests'], 'request')} by "
        f"{plural(ring['n_accounts'], 'account')} between {day(ring['first_seen_at'])} "
        f"and {day(ring['last_seen_at'])}"
    )
    if share is None:
        return f"{text}."
    text += f", {percent(share['value'])} of all requests in the log"
    if share["ordinary"] is not None:
        text += f"; as many ordinary customers send {percent(share['ordinary'])}"
    return f"{text}."


def _with_article(scale: str) -> str:
    return {"personal": "one person", "team": "a team", "organisation": "an organisation"}.get(
        scale, f"an {scale} operation"
    )


def _timeline(run: RunFolder, ring_id: str) -> Timeline | None:
    """The ring's hours over the log's window, or over its own where the manifest has none."""
    hours = run.part("timeline", ring_id)
    if hours is None or hours.is_empty():
        return None
    window = run.manifest.get("window") or {}
    first = time_of(window.get("first_at")) or hours["hour"].min()
    last = time_of(window.get("last_at")) or hours["hour"].max()
    assert isinstance(first, dt.datetime) and isinstance(last, dt.datetime)
    marks = [(at, label) for text, label in run.marks if (at := time_of(text)) is not None]
    return timeline(hours, first, max(last, first + dt.timedelta(hours=1)), marks)


def _next_steps(ring: Mapping[str, Any], sums: Arithmetic) -> tuple[str, ...]:
    """What to do now, by triage; the checks are those of the families that save most."""
    checks = [s.words.check for s in sums.savings if s.bits > 0]
    if ring["triage"] == "explained":
        return (
            "Confirm the explanation with whoever the accounts belong to.",
            "Record the decision, so that the ring is shown with it the next time.",
        )
    if ring["triage"] == "watch":
        return (
            "Take no step against any account on this evidence.",
            *checks[:1],
            "Look again when the ring grows, or when another family speaks for it.",
        )
    return (
        *checks[:3],
        "Decide on the ring as a whole, by the innocent explanations below; core members stand on two "
        "families each, linked members on the ring.",
        "Record the decision with its reason and a date on which it ends.",
    )


def _blast(sums: Arithmetic) -> tuple[Mapping[str, Any], ...]:
    """What others were seen with too, and how many a block of it would hit: what is mostly blocked first.

    A cluster of other families is no one thing, so it cannot be blocked.
    """
    shared = [
        {**row, "n_others": row["n_accounts"] - row["n_members"]}
        for saving in sums.savings
        for row in saving.rows
        if (row["n_accounts"] or 0) > (row["n_members"] or 0)
        and (saving.name in BLOCKED or row["signal"] != OWN_CLUSTER)
    ]
    shared.sort(key=lambda r: (r["family"] not in BLOCKED, -r["n_others"], r["entity"]))
    return tuple(shared[:BLAST])


def _shares(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, tuple[Share, ...]]:
    """Tasks, terms, models and the rest, by kind, shares below half a percent left out."""
    found: dict[str, list[Share]] = {}
    for row in rows:
        if row["share"] >= 0.005:
            found.setdefault(row["what"], []).append(
                Share(
                    row["label"],
                    percent(row["share"]),
                    percent(row["ordinary"]),
                    round(100 * min(1.0, row["share"]), 2),
                )
            )
    return {what: tuple(shares) for what, shares in found.items()}


def _beside(row: Mapping[str, Any]) -> Beside:
    label, kind = MEASURES[row["measure"]]
    shown = percent if kind == "percent" else number
    value, ordinary = row["value"], row["ordinary"]
    times = ""
    if ordinary is not None and ordinary > 0 and value > 0:
        ratio = value / ordinary
        times = f"{_rough(ratio)} ×" if ratio >= 2 else f"1/{_rough(1 / ratio)}" if ratio <= 0.5 else "alike"
    bits = row.get("bits")
    return Beside(label, shown(value), shown(ordinary), times, "" if bits is None else f"{bits:+.1f}")


def _likeness(activity: Sequence[Mapping[str, Any]]) -> str:
    """What the measures say together; empty where the run does not weigh them, or the log shows too few."""
    told = [r["bits"] for r in activity if r.get("bits") is not None]
    if not told:
        return ""
    total = sum(told)
    of = "rings" if total > 0 else "honest crowds"
    return (
        f"All of them together are {total:+.1f} bits: like those of {of}. Learnt from worlds that were made for it: "
        "a reason for the triage among others, and no evidence of the ring."
    )


def _rough(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}"


def _ordered(members: pl.DataFrame) -> pl.DataFrame:
    """Members with the core first, then by evidence."""
    return members.sort("tier", "bits", "account_id", descending=[False, True, False])


def _members_json(members: pl.DataFrame) -> str:
    """The members for the page's own table: columns, one letter for the tier."""
    return for_script(
        {
            "accounts": [visible(a) for a in members["account_id"]],
            "tiers": "".join("c" if t == "core" else "l" for t in members["tier"]),
            "bits": [round(b, 1) for b in members["bits"]],
            "requests": members["n_requests"].to_list(),
        }
    )


def _told(sums: Arithmetic, queries: Mapping[str, Query]) -> tuple[ToldSaving, ...]:
    """Each family that is named, with what its queries say looks the same."""
    told = []
    for saving in sums.savings:
        likes = [
            q.looks_like.rstrip(".")
            for name in dict.fromkeys(r["signal"] for r in saving.rows)
            if (q := queries.get(name)) and q.looks_like
        ]
        told.append(ToldSaving(saving, "; ".join(likes) or saving.words.innocent))
    return tuple(told)
