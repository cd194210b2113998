"""The findings of a run at a level: internal, partner or public.

internal  everything as the run has it, but for the prompts themselves
partner   accounts, entities and ties as keyed pseudonyms; templates that five accounts and more use, with
          what looks like an address or a number of somebody taken out; reasons and free labels left out
public    as partner, without templates, ties, numbers of a single account and hours of the day

At partner and public, whatever counts fewer than five accounts is withheld, and so is a number from which
such a count could be taken by subtraction (El Emam, Dankar, "Protecting privacy using k-anonymity", 2008,
DOI 10.1197/jamia.M2716).
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any

from graphscan import __version__
from graphscan.entities import OWN_CLUSTER, values_of, without_count
from graphscan.errors import RunError
from graphscan.report.exchange.findings import (
    Finding,
    Findings,
    Indicator,
    Level,
    Measure,
    Member,
    Template,
    Tie,
)
from graphscan.report.exchange.pseudonyms import Pseudonyms
from graphscan.report.facts import headline
from graphscan.report.families import FAMILIES, MEASURES, SIGNALS
from graphscan.report.shown import time_of
from graphscan.report.terms import confidence_sentence, confidence_word, likelihood_sentence
from graphscan.runs.folder import RunFolder

SMALL = 5
"""Accounts below which a count says too much of one of them."""

TRIAGES = ("review", "watch", "explained")
SCALES = ("personal", "team", "organisation", "industrial")
TIERS = ("core", "linked")
FIELDS = {"address": "address", "subnet": "network", "payment": "payment", OWN_CLUSTER: "cluster"}
KNOWN_SIGNALS = {*SIGNALS, "activity_window"}

EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - UTC by contract
"""Stands for the date of a run without a request."""

_OURS = re.compile(r"ring-[0-9]{1,9}")
_SOMEBODY = re.compile(
    r"""[^\s@]+@[^\s@]+              # a mail address
    | (?:https?|ftp)://\S+           # a link
    | \b(?:\d{1,3}\.){3}\d{1,3}\b    # an IPv4 address
    | [0-9A-Fa-f:]*::?(?:[0-9A-Fa-f]{1,4}:)+[0-9A-Fa-f:]+  # an IPv6 address
    | [A-Za-z0-9+/_-]{20,}           # a key, a hash, an id
    | \d[\d\s-]{6,}\d                # a card, a telephone
    """,
    re.VERBOSE,
)


def findings(
    run: RunFolder, level: Level, pseudonyms: Pseudonyms | None = None, ring_id: str | None = None
) -> Findings:
    """The run's rings, or one of them, at a level.

    Raises RunError where there is no such ring, or where a level needs a key and has none.
    """
    if level != "internal" and pseudonyms is None:
        raise RunError(
            f"level {level}: needs pseudonyms: got no key; expected one of 32 bytes or more",
            "give --key-file, or GRAPHSCAN_KEY in the environment",
        )
    rings = run.rings.to_dicts() if ring_id is None else [run.ring(ring_id)]
    shown = [r for r in rings if level == "internal" or r["n_accounts"] >= SMALL]
    known = _known(run) if level == "partner" else ()
    made = [
        _internal(run, r)
        if pseudonyms is None or level == "internal"
        else _shared(run, r, level, pseudonyms, known)
        for r in shown
    ]
    as_of = time_of((run.manifest.get("window") or {}).get("last_at")) or max(
        (r["last_seen_at"] for r in rings if r["last_seen_at"]), default=EPOCH
    )
    as_of = as_of.replace(microsecond=0)
    if level == "public":
        as_of = _day(as_of) or as_of
    return Findings(level, __version__, as_of, tuple(made), len(rings) - len(shown))


def _internal(run: RunFolder, ring: Mapping[str, Any]) -> Finding:
    ring_id = ring["ring_id"]
    rows = _named(run, ring_id)
    return Finding(
        **_common(ring, ring),
        ring_id=ring_id,
        binding=rows[0]["entity"] if rows else "",
        triage_reasons=tuple(ring["triage_reasons"]),
        n_core=ring["n_core"],
        first_seen_at=ring["first_seen_at"],
        last_seen_at=ring["last_seen_at"],
        members=tuple(
            Member(m["account_id"], m["tier"], m["bits"], m["n_requests"]) for m in _members(run, ring_id)
        ),
        indicators=tuple(
            Indicator(
                r["family"],
                r["signal"],
                _kind(r["entity"]),
                r["entity"],
                r["n_members"],
                r["n_accounts"],
                r["expected"],
                r["bits"],
            )
            for r in rows
        ),
        n_indicators_withheld=0,
        templates=tuple(
            Template(t["template"], t["n_requests"], t["n_accounts"], t["share"])
            for t in run.rows("templates", ring_id)
        ),
        ties=tuple(
            Tie(p["account_id_l"], p["account_id_r"], p["weight"], tuple(p["signals"] or ()))
            for p in run.rows("pairs", ring_id)
        ),
        activity=_activity(run, ring_id),
    )


def _shared(
    run: RunFolder, ring: Mapping[str, Any], level: Level, names: Pseudonyms, known: Sequence[str]
) -> Finding:
    """A ring for others: every text is one of ours, or a token, or (at partner) a template without `known`."""
    ring_id, public = ring["ring_id"], level == "public"
    rows = _named(run, ring_id)
    shown = [r for r in rows if r["n_members"] >= SMALL]
    indicators = [_masked(r, names) for r in shown]
    clean = {
        **ring,
        "families": [f if f in FAMILIES else "other" for f in ring["families"]],
        "triage": ring["triage"] if ring["triage"] in TRIAGES else "watch",
        "scale": ring["scale"] if ring["scale"] in SCALES else "",
        "first_seen_at": _day(ring["first_seen_at"]) if public else ring["first_seen_at"],
    }
    n_linked = ring["n_accounts"] - ring["n_core"]
    tells = 0 < n_linked < SMALL or 0 < ring["n_core"] < SMALL
    members = sorted(
        (
            Member(
                names.token("account", m["account_id"]),
                "member" if tells or m["tier"] not in TIERS else m["tier"],
                None if public else m["bits"],
                None if public else m["n_requests"],
            )
            for m in _members(run, ring_id)
        ),
        key=lambda m: (m.tier, m.account),  # their order in the run would tell more than the tokens
    )
    return Finding(
        **_common(clean, ring),
        ring_id=ring_id if _OURS.fullmatch(ring_id) else names.token("ring", ring_id),
        binding=_masked(rows[0], names).entity if rows else "",
        triage_reasons=(),
        n_core=None if tells else ring["n_core"],
        first_seen_at=clean["first_seen_at"],
        last_seen_at=_day(ring["last_seen_at"]) if public else ring["last_seen_at"],
        members=tuple(members),
        indicators=tuple(indicators),
        n_indicators_withheld=len(rows) - len(shown),
        templates=() if public else _templates(run, ring_id, known),
        ties=() if public else _ties(run, ring_id, names),
        activity=_activity(run, ring_id),
    )


def _common(ring: Mapping[str, Any], numbers: Mapping[str, Any]) -> dict[str, Any]:
    """What every level says; `ring` has texts that the level may show."""
    log, signal = numbers.get("stability_log"), numbers.get("stability_signal")
    return {
        "triage": ring["triage"],
        "headline": headline(ring),
        "likelihood": likelihood_sentence(numbers["bits"]),
        "confidence": confidence_sentence(log, signal),
        "confidence_word": confidence_word(log, signal),
        "scale": ring["scale"],
        "families": tuple(ring["families"]),
        "bits": numbers["bits"],
        "q_value": numbers["q_value"],
        "n_accounts": numbers["n_accounts"],
        "n_requests": numbers["n_requests"],
    }


def _masked(row: Mapping[str, Any], names: Pseudonyms) -> Indicator:
    signal = row["signal"] if row["signal"] in KNOWN_SIGNALS else "declared"
    others = row["n_accounts"] - row["n_members"]
    hidden = 0 < others < SMALL
    return Indicator(
        row["family"] if row["family"] in FAMILIES else "other",
        signal,
        "other",
        names.token(FIELDS.get(signal, "entity"), row["entity"]),
        row["n_members"],
        None if hidden else row["n_accounts"],
        None if hidden else row["expected"],
        row["bits"],
    )


def _known(run: RunFolder) -> list[str]:
    """Accounts of all rings and the values of entities that are no prompts, the longest first: no template may hold
    one."""
    values: set[str] = set()
    for ring_id in run.rings["ring_id"]:
        for name in ("members", "neighbours"):
            values |= {row["account_id"] for row in run.rows(name, ring_id)}
        for row in _named(run, ring_id):
            values |= values_of(row["entity"]) if row["family"] != "prompt" else frozenset()
    return sorted((v for v in values if len(v) > 3), key=lambda v: (-len(v), v))


def _templates(run: RunFolder, ring_id: str, known: Sequence[str]) -> tuple[Template, ...]:
    """Templates of five accounts and more, without what names somebody."""
    return tuple(
        Template(_nameless(t["template"], known), t["n_requests"], t["n_accounts"], t["share"])
        for t in run.rows("templates", ring_id)
        if t["n_accounts"] >= SMALL
    )


def _nameless(template: str, known: Sequence[str]) -> str:
    for value in known:
        if value in template:
            template = template.replace(value, "⟨…⟩")
    return _SOMEBODY.sub("⟨…⟩", template)


def _ties(run: RunFolder, ring_id: str, names: Pseudonyms) -> tuple[Tie, ...]:
    ties = []
    for p in run.rows("pairs", ring_id):
        left, right = sorted(names.token("account", p[side]) for side in ("account_id_l", "account_id_r"))
        known = tuple(sorted({s if s in KNOWN_SIGNALS else "declared" for s in p["signals"] or ()}))
        ties.append(Tie(left, right, p["weight"], known))
    return tuple(sorted(ties, key=lambda t: (t.account_l, t.account_r)))


def _activity(run: RunFolder, ring_id: str) -> tuple[Measure, ...]:
    return tuple(
        Measure(r["measure"], r["value"], r["ordinary"])
        for r in run.rows("activity", ring_id)
        if r["measure"] in MEASURES
    )


def _named(run: RunFolder, ring_id: str) -> list[dict[str, Any]]:
    """Evidence rows that name an entity, by its own value, most bits first."""
    rows = [
        {**r, "entity": without_count(r["entity"])}
        for r in run.rows("evidence", ring_id)
        if r["n_members"] is not None
    ]
    return sorted(rows, key=lambda r: (-r["bits"], r["family"], r["entity"]))


def _members(run: RunFolder, ring_id: str) -> list[dict[str, Any]]:
    """Members with the core first, then by id."""
    return sorted(run.rows("members", ring_id), key=lambda m: (m["tier"], m["account_id"]))


def _kind(entity: str) -> str:
    try:
        ipaddress.ip_address(entity)
    except ValueError:
        pass
    else:
        return "address"
    try:
        ipaddress.ip_network(entity)
    except ValueError:
        return "other"
    return "network"


def _day(at: dt.datetime | None) -> dt.datetime | None:
    return None if at is None else at.replace(hour=0, minute=0, second=0, microsecond=0)
