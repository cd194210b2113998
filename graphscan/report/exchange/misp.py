"""A MISP event for each ring: its accounts as user-account objects, its addresses as attributes.

Ids are UUIDv5, as in `stix`; an event is never set to block or to alert (`to_ids` is off).

Source: MISP core format (draft-dulaunoy-misp-core-format); templates as PyMISP brings them.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from graphscan.errors import RunError
from graphscan.report.exchange.findings import Finding, Findings
from graphscan.report.exchange.ids import stable_id
from graphscan.report.shown import visible
from graphscan.strict_json import encoded

TLP = {"internal": "tlp:red", "partner": "tlp:amber", "public": "tlp:clear"}
UNDEFINED, INITIAL, OWN_ORGANISATION = 4, 0, 0


def render(findings: Findings) -> dict[str, bytes]:
    """`events/<n>.misp.json` for the n-th ring. Raises RunError where the library is missing."""
    try:
        import pymisp
    except ModuleNotFoundError:
        raise RunError(
            "format misp: needs a library: got no pymisp; expected it installed",
            "pip install 'graphscan[share]'",
        ) from None
    return {
        f"events/{n:04d}.misp.json": _event(pymisp, ring, findings)
        for n, ring in enumerate(findings.rings, 1)
    }


def _event(pymisp: Any, ring: Finding, findings: Findings) -> bytes:
    words = (findings.level, ring.ring_id, ring.binding)
    at = findings.as_of.replace(tzinfo=dt.UTC)
    event = pymisp.MISPEvent()
    event.from_dict(
        uuid=str(stable_id("event", *words)),
        info=ring.title,
        date=findings.as_of.date().isoformat(),
        timestamp=int(at.timestamp()),
        distribution=OWN_ORGANISATION,
        threat_level_id=UNDEFINED,
        analysis=INITIAL,
        published=False,
    )
    for tag in (TLP[findings.level], f'graphscan:triage="{ring.triage}"'):
        event.add_tag(tag)
    for sentence in (ring.likelihood, ring.confidence):
        _attribute(event, words, at, "comment", sentence)
    for i in ring.indicators:
        comment = f"{i.family}, {i.n_members} members, {i.bits:.1f} bits"
        kind = "ip-src" if i.kind in ("address", "network") else "text"
        _attribute(event, words, at, kind, visible(i.entity), comment)
    for member in ring.members:
        made = pymisp.MISPObject("user-account", strict=True)
        made.uuid = str(stable_id("object", *words, member.account))
        made.timestamp = int(at.timestamp())
        values = {
            "user-id": visible(member.account),
            "description": f"{member.tier} member of {ring.ring_id}",
        }
        for relation, value in values.items():
            made.add_attribute(
                relation,
                value=value,
                uuid=str(stable_id("attribute", *words, member.account, relation)),
                timestamp=int(at.timestamp()),
                to_ids=False,
            )
        event.add_object(made)
    return encoded({"Event": json.loads(event.to_json())})


def _attribute(
    event: Any, words: tuple[str, ...], at: dt.datetime, kind: str, value: str, comment: str = ""
) -> None:
    event.add_attribute(
        kind,
        value,
        category="Network activity" if kind == "ip-src" else "Other",
        comment=comment,
        to_ids=False,
        uuid=str(stable_id("attribute", *words, kind, value)),
        timestamp=int(at.timestamp()),
    )
