"""What the evidence of a ring names, as the log has it: what a reviewer allows, and a later scan leaves out.

Takes in a run's files and gives out (signal, entity) as the signals have it: evidence tells fragments by their words,
and one entity for all that have the same users.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from graphscan.entities import FRAGMENTS, without_count
from graphscan.runs import read_frame
from graphscan.runs.folder import RunFolder
from graphscan.signals.kernel import fragment_words


def named_entities(run: Path, folder: RunFolder, ring_id: str) -> frozenset[tuple[str, str]]:
    """(signal, entity) of all that the ring's evidence names, and of all that have the same users in that view.

    A family's own clusters are no entities of the log and have none.
    """
    rows = [r for r in folder.rows("evidence", ring_id) if r["n_members"] is not None]
    found: set[tuple[str, str]] = set()
    known = [f for f in dict.fromkeys(r["family"] for r in rows) if (run / f"touches/{f}").is_dir()]
    for family in known:
        entities = read_frame(run, f"touches/{family}/entities").with_row_index("at")
        own = [r for r in rows if r["family"] == family]
        at = [n for r in own if (n := _stored(r, entities)) is not None]
        incidences = pl.scan_parquet(run / f"touches/{family}/incidences.parquet", glob=False)
        named = entities.filter(pl.col("at").is_in(_same_users(incidences, at, own[0]["cap"])))
        found |= set(named.select("signal", "entity").iter_rows())
    return frozenset(found)


def _stored(row: Mapping[str, Any], entities: pl.DataFrame) -> int | None:
    """The number of the entity that a row of evidence is about; None for an own cluster."""
    own = entities.filter(pl.col("signal") == row["signal"])
    texts = [row["entity"], without_count(row["entity"])]
    if row["signal"] in FRAGMENTS:
        hashes = {int(e) for e in own["entity"].to_list()}
        texts = [str(h) for h in fragment_words([texts[1]], hashes)] or [texts[1].removeprefix("text ")]
    known = own.filter(pl.col("entity").is_in(texts))["at"]
    return None if known.is_empty() else int(known[0])


def _same_users(incidences: pl.LazyFrame, at: list[int], cap: int | None) -> list[int]:
    """The entities, and all others that exactly the users of one of them touch under a cap (in requests)."""
    seen = incidences if cap is None else incidences.filter(pl.col("cap") <= cap.bit_length() - 1)
    users = [pl.len(), *(pl.col("account").hash(seed=s).sum().alias(f"who_{s}") for s in (1, 2))]
    of = seen.group_by("entity").agg(users).collect()
    mine = of.filter(pl.col("entity").is_in(at))
    return sorted(of.join(mine, on=["len", "who_1", "who_2"], how="semi")["entity"].to_list())
