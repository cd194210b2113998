"""One row a ring: triage and its reasons, scale, signs of intent, bits, and the ring in one sentence.

Takes in tables and portraits and gives out `rings.parquet`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from graphscan.rings.evidence.stability import Stability
from graphscan.rings.portrait import Portraits
from graphscan.rings.tables import CORE, Tables
from graphscan.rings.triage import in_own_language, triage_of
from graphscan.rings.triage.answers import EXPLAINED, REVIEW, WATCH
from graphscan.rings.triage.crowd import Crowd
from graphscan.rings.triage.measured import measures_of

RINGS = pl.Schema(
    {
        "ring_id": pl.String(),
        "rank": pl.Int64(),
        "triage": pl.String(),
        "triage_reasons": pl.List(pl.String()),
        "scale": pl.String(),
        "intent_signs": pl.List(pl.String()),
        "bits": pl.Float64(),
        "q_value": pl.Float64(),
        "n_accounts": pl.Int64(),
        "n_core": pl.Int64(),
        "n_requests": pl.Int64(),
        "first_seen_at": pl.Datetime("us"),
        "last_seen_at": pl.Datetime("us"),
        "families": pl.List(pl.String()),
        "explanation": pl.String(),
        "stability_log": pl.Float64(),
        "stability_signal": pl.Float64(),
    }
)


def summary(
    tables: Tables,
    portrait: Portraits,
    stable: Mapping[str, Stability],
    hide: Collection[str],
    n_log_requests: int,
) -> pl.DataFrame:
    """`rings.parquet`: ranked with those for review first, then by bits; sorted by rank.

    `hide` names the rings that are certified only where language is no stratum: they are for `watch`.
    """
    rows = []
    measures = measures_of(portrait.activity)
    for ring_id, bits, families, saved, listing in tables.judged.iter_rows():
        own = tables.members.filter(pl.col("ring_id") == ring_id)
        hours = portrait.timeline.filter(pl.col("ring_id") == ring_id)
        n_requests = int(own["n_requests"].sum())
        crowd = Crowd(measures.get(ring_id, {}), own.height, n_requests, tables.held[ring_id])
        told = triage_of(crowd, bits, saved)
        if ring_id in hide:
            told = in_own_language(told, crowd)
        rows.append(
            {
                "ring_id": ring_id,
                "rank": 0,
                "triage": told.triage,
                "triage_reasons": list(told.reasons),
                "scale": told.scale,
                "intent_signs": list(told.intent_signs),
                "bits": round(bits, 6),
                "q_value": min(1.0, 2.0**-bits),
                "n_accounts": own.height,
                "n_core": int((own["tier"] == CORE).sum()),
                "n_requests": n_requests,
                "first_seen_at": hours["hour"].min(),
                "last_seen_at": hours["hour"].max(),
                "families": families,
                "explanation": _sentence(
                    own.height, n_requests, n_log_requests, bits, families, saved, listing
                ),
                "stability_log": stable[ring_id].log,
                "stability_signal": stable[ring_id].signal,
            }
        )
    order = {REVIEW: 0, WATCH: 1, EXPLAINED: 2}
    rows.sort(key=lambda r: (order[str(r["triage"])], -float(str(r["bits"])), str(r["ring_id"])))
    for rank, row in enumerate(rows, 1):
        row["rank"] = rank
    return pl.DataFrame(rows, schema=RINGS)


def _sentence(
    n: int,
    n_requests: int,
    n_log_requests: int,
    bits: float,
    families: Sequence[str],
    saved: Sequence[float],
    listing: float,
) -> str:
    """The ring in words: how many, how much, and what each family saves against the plain list."""
    saves = ", ".join(f"{f} saves {b:,.0f} bits" for f, b in zip(families, saved, strict=True))
    return (
        f"{n:,} accounts with {n_requests:,} requests ({n_requests / max(n_log_requests, 1):.2%} of the log). "
        f"Listing them costs {listing:,.0f} bits; {saves}; {bits:,.0f} bits are left."
    )
