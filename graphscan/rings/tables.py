"""Certified sets told as tables: who is in, by which evidence, who stands near, what ties them.

Takes in verdicts and gives out the frames of a run folder that need no look at the requests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from graphscan.graph.survey import Survey
from graphscan.rings.certificate import Court, Verdict, lone
from graphscan.rings.evidence import (
    CERTIFICATES,
    EVIDENCE,
    Names,
    certificate_rows,
    class_rows,
    evidence_rows,
    held,
    neighbours,
    standing,
)
from graphscan.rings.evidence.relations import mutual, relations
from graphscan.rings.ties import drawn_ties
from graphscan.rings.triage.crowd import Held

CORE, LINKED = "core", "linked"

CORE_FAMILIES = 2
"""Families that must speak for a core member by entities which the ring owns."""

AGAINST = -4.0
"""Bits at which the other families speak against a core member: who was framed by two of a ring's habits stands alone
in what else it shares."""

NEIGHBOURS_SHOWN = 200
"""Accounts outside a ring that are listed beside it at most."""

JUDGED: pl.Schema = pl.Schema(
    {
        "ring_id": pl.String(),
        "bits": pl.Float64(),
        "families": pl.List(pl.String()),
        "saved": pl.List(pl.Float64()),
        "listing": pl.Float64(),
    }
)
MEMBERS = pl.Schema(
    {
        "ring_id": pl.String,
        "account_id": pl.String,
        "tier": pl.String,
        "bits": pl.Float64,
        "n_requests": pl.Int64,
    }
)
NEIGHBOURS = pl.Schema(
    {"ring_id": pl.String, "account_id": pl.String, "family": pl.String, "bits": pl.Float64}
)
CLASSES = pl.Schema({"family": pl.String, "cap": pl.Int32, "class": pl.String, "n_entities": pl.Int64})


@dataclass(frozen=True)
class Tables:
    """Frames of a run, each sorted, by ring_id first; the README says what a row of each is.

    `judged` is no file: a row a ring with its bits, the families that save any and how many each, the most first, and
    what the list costs with the price of one family alone. Nor is `held`: how much of that each ring has to itself.
    `relations` name entities by their step in the evidence, which is told in words later.
    """

    judged: pl.DataFrame
    held: Mapping[str, Mapping[str, Held]]
    members: pl.DataFrame
    evidence: pl.DataFrame
    certificates: pl.DataFrame
    signals: pl.DataFrame
    neighbours: pl.DataFrame
    relations: pl.DataFrame
    pairs: pl.DataFrame


def ring_ids(rings: Sequence[Verdict]) -> list[str]:
    """A name for each ring: numbered by size, then by the smallest account."""
    order = sorted(range(len(rings)), key=lambda i: (-rings[i].members.size, rings[i].members.tobytes()))
    names = [""] * len(rings)
    for number, i in enumerate(order, 1):
        names[i] = f"ring-{number:04d}"
    return names


def ring_tables(
    found: Survey,
    court: Court,
    rings: Mapping[str, Verdict],
    names: Mapping[str, Names],
    accounts: pl.DataFrame,
    ownership: float,
    min_bits: float,
) -> Tables:
    """The tables of all rings; `accounts` has account_id and n_requests in the order of the account indices."""
    ids = accounts["account_id"]
    n_requests = accounts["n_requests"].to_numpy()
    judged = []
    members: list[pl.DataFrame] = []
    evidence: list[dict[str, object]] = []
    certificates: list[dict[str, object]] = []
    near: list[tuple[str, str, str, float]] = []
    in_rings = np.zeros(accounts.height, bool)
    for verdict in rings.values():
        in_rings[verdict.members] = True
    for ring_id in sorted(rings):
        verdict = rings[ring_id]
        families = list(verdict.saving)
        listing = verdict.listing.bits + lone(verdict.saved, verdict.listing)
        judged.append((ring_id, verdict.bits, families, [verdict.saved[f] for f in families], listing))
        stand = standing(verdict, court, ownership)
        is_core = (stand.owned_families >= CORE_FAMILIES) & (stand.against > AGAINST)
        members.append(
            pl.DataFrame(
                {
                    "ring_id": [ring_id] * verdict.members.size,
                    "account_id": ids.gather(verdict.members),
                    "tier": np.where(is_core, CORE, LINKED),
                    "bits": stand.bits.round(6),
                    "n_requests": n_requests[verdict.members],
                },
                schema=MEMBERS,
            )
        )
        evidence += evidence_rows(ring_id, verdict, court, names)
        certificates += certificate_rows(ring_id, verdict)
        outside = neighbours(verdict, court, ownership, in_rings, NEIGHBOURS_SHOWN)
        near += [(ring_id, ids[account], family, round(bits, 6)) for account, family, bits in outside]
    return Tables(
        pl.DataFrame(judged, schema=JUDGED, orient="row"),
        {ring_id: held(verdict) for ring_id, verdict in rings.items()},
        pl.concat(members).sort("ring_id", "account_id") if members else pl.DataFrame(schema=MEMBERS),
        pl.DataFrame(evidence, schema=EVIDENCE).with_columns(pl.col("expected", "bits").round(6)),
        pl.DataFrame(certificates, schema=CERTIFICATES),
        pl.DataFrame(list(class_rows(court)), schema=CLASSES),
        pl.DataFrame(near, schema=NEIGHBOURS, orient="row"),
        mutual(relations(rings, min_bits)),
        drawn_ties(found, rings, names, ids),
    )
