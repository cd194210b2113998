"""A STIX 2.1 bundle: a grouping a ring, its accounts, its addresses, and a note with the evidence.

Ids are UUIDv5: those of accounts and addresses of their value (as STIX has it), all others of the level, the
ring's id and the entity that says most of it, so that a ring keeps its id over the nights. Marked with TLP:
internal red, partner amber, public white.

Source: OASIS, "STIX Version 2.1" (2021).
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import asdict
from typing import Any

from graphscan.errors import RunError
from graphscan.report.exchange.findings import NOTICE, Finding, Findings
from graphscan.report.exchange.ids import stable_id
from graphscan.report.shown import visible
from graphscan.strict_json import encoded

MOST_MEMBERS = 2000
"""Accounts of a ring in the bundle, core first; the CSV has all."""

CONFIDENCE = {"high": "High", "moderate": "Med", "low": "Low"}
"""Our terms on the scale None/Low/Med/High of the standard's appendix A."""

CONVENTION = "The number of the confidence stands for its term by STIX’s scale; it is no probability."
"""Ours is a share of the core that is found again; the standard's numbers read as percent."""


def render(findings: Findings) -> dict[str, bytes]:
    """`bundle.stix.json`. Raises RunError where the library is missing."""
    try:
        import stix2
    except ModuleNotFoundError:
        raise RunError(
            "format stix: needs a library: got no stix2; expected it installed",
            "pip install 'graphscan[share]'",
        ) from None
    at = findings.as_of.replace(tzinfo=dt.UTC)
    mark = {"internal": stix2.TLP_RED, "partner": stix2.TLP_AMBER, "public": stix2.TLP_WHITE}[findings.level]
    author = stix2.Identity(
        id=f"identity--{stable_id('identity', findings.level)}",
        name="graphscan",
        identity_class="system",
        created=at,
        modified=at,
        object_marking_refs=[mark],
    )
    objects: dict[str, Any] = {mark.id: mark, author.id: author}
    for ring in findings.rings:
        for made in _ring(stix2, ring, findings.level, at, author.id, mark):
            objects.setdefault(made.id, made)
    bundle = stix2.Bundle(
        id=f"bundle--{stable_id('bundle', *sorted(objects), at.isoformat())}", objects=list(objects.values())
    )
    # By our own writer: the library's leaves characters in it that other programs take for line ends.
    return {"bundle.stix.json": encoded(_plain(bundle))}


def _plain(bundle: Any) -> Any:
    import json

    return json.loads(bundle.serialize())


def _ring(stix2: Any, ring: Finding, level: str, at: dt.datetime, author: str, mark: Any) -> list[Any]:
    words = (level, ring.ring_id, ring.binding)
    common: dict[str, Any] = {
        "created": at,
        "modified": at,
        "created_by_ref": author,
        "object_marking_refs": [mark],
    }
    sentences = [ring.likelihood, ring.confidence]
    if ring.confidence_word in CONFIDENCE:
        scale = stix2.confidence.scales.none_low_med_high_to_value
        common["confidence"] = scale(CONFIDENCE[ring.confidence_word])
        sentences.append(CONVENTION)
    core_first = sorted(ring.members, key=lambda m: m.tier)[:MOST_MEMBERS]
    seen: list[Any] = [
        stix2.UserAccount(user_id=visible(m.account), object_marking_refs=[mark]) for m in core_first
    ]
    seen += [made for i in ring.indicators if (made := _address(stix2, i.kind, i.entity, mark)) is not None]
    group = stix2.Grouping(
        id=f"grouping--{stable_id('grouping', *words)}",
        name=ring.title,
        description=" ".join([*sentences, NOTICE]),
        context="unspecified" if ring.triage == "explained" else "suspicious-activity",
        object_refs=[o.id for o in seen],
        **common,
    )
    evidence = {
        "families": ring.families,
        "bits": ring.bits,
        "n_members": len(ring.members),
        "n_members_in_bundle": len(core_first),
        "indicators": [asdict(i) for i in ring.indicators],
        "templates": [asdict(t) for t in ring.templates],
    }
    note = stix2.Note(
        id=f"note--{stable_id('note', *words)}",
        abstract="Evidence, as JSON",
        content=encoded(evidence, None).decode("ascii").strip(),
        object_refs=[group.id],
        **common,
    )
    return [*seen, group, note]


def _address(stix2: Any, kind: str, entity: str, mark: Any) -> Any | None:
    """An address or a network, checked by us: the library takes any text for one."""
    if kind not in ("address", "network"):
        return None
    version = ipaddress.ip_network(entity).version
    made = stix2.IPv4Address if version == 4 else stix2.IPv6Address
    return made(value=entity, object_marking_refs=[mark])
