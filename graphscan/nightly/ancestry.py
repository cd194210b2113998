"""A night's rings among those of earlier nights: names, histories, and what changed.

Takes in a run folder before anyone can see it and the folder of nights; adds to the run `bindings.parquet` and
`lineage.parquet`, and to its `rings.parquet` the columns `name` and `since`.

- bindings: ring_id, family, signal, entity, n_members, n_accounts, bits: the entities that a ring owns, by which a
  later night knows it again (bits of surprise that so many members touched it; the heaviest of each family). Owned is
  what two members or more touch who are the share `ownership` of all its users; a member's tier asks for that share of
  the others beside it (`graphscan.rings.evidence.standing`).
- lineage: a row for each name and night on which it was found, or fell dormant, or was merged; the schema is LINEAGE.
  `ring_id` is what the name is called in this run, null where it is not in it; `told` is the row in words.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from graphscan.errors import RunError
from graphscan.nightly.sentences import told
from graphscan.nightly.shelf import Catalog, Entry, folder_of
from graphscan.rings.lineage import Known, Step, Traits, n_born, trace
from graphscan.runs import read_frame

HEAVIEST = 100
"""Entities of a family by which a ring is known again, at most."""

LINEAGE = pl.Schema(
    {
        "name": pl.String(),
        "night": pl.Date(),
        "ring_id": pl.String(),
        "events": pl.List(pl.String()),
        "state": pl.String(),
        "triage": pl.String(),
        "n_accounts": pl.Int64(),
        "n_before": pl.Int64(),
        "n_stayed": pl.Int64(),
        "share_members": pl.Float64(),
        "share_entities": pl.Float64(),
        "kin": pl.List(pl.String()),
        "since": pl.Date(),
        "n_days_unseen": pl.Int64(),
        "found": pl.Boolean(),
        "told": pl.String(),
    }
)

URGENCY = {"review": 0, "watch": 1, None: 2, "explained": 3}
"""What is told first of a night, by triage; names that no ring of tonight has come before the honest crowds."""

_COUNTED = ("n_accounts", "n_before", "n_stayed", "share_members", "share_entities")


def add_lineage(run: Path, root: Path, catalog: Catalog, date: dt.date, ownership: float) -> dict[str, Any]:
    """Adds the lineage to the run; `last_number`, `events` in words, those for review and the largest first, and
    `changes` against the generation that held of this night, where one did."""
    bindings_of(run, ownership).write_parquet(run / "bindings.parquet")
    day = date.isoformat()
    history = _history(root, catalog, day)
    known = _known(root, catalog, history)
    other = catalog.nights.get(day)
    elsewhere = _elsewhere(root, catalog, day)
    tonight = _traits(run, date, "ring_id")
    steps = trace(known, tonight, catalog.last_number, elsewhere)
    rows = _rows(run, steps, history, date)
    names = rows.filter("found").select("ring_id", "name", "since")
    old = history.drop("ring_id").join(names.select("name", "ring_id"), on="name", how="left")
    pl.concat([old.select(LINEAGE.names()), rows]).sort("name", "night").write_parquet(
        run / "lineage.parquet"
    )
    rings = read_frame(run, "rings").join(names, on="ring_id", how="left", maintain_order="left")
    rings.write_parquet(run / "rings.parquet", compression="zstd", statistics=True)
    return {
        "last_number": catalog.last_number + n_born(steps, known, elsewhere),
        "events": _sentences(rows),
        "changes": _changes(run, folder_of(root, day, other.generation)) if other else None,
    }


def bindings_of(run: Path, ownership: float) -> pl.DataFrame:
    """What each ring owns, the heaviest first within ring and family."""
    accounts = read_frame(run, "touches/accounts").select("account_id").with_row_index("account")
    members = read_frame(run, "members").select("ring_id", "account_id").join(accounts, on="account_id")
    members = members.with_columns(pl.col("account").cast(pl.Int64), n_ring=pl.len().over("ring_id"))
    parts = []
    for folder in sorted(p.parent for p in (run / "touches").glob("*/incidences.parquet")):
        family = folder.name
        touched = read_frame(run, f"touches/{family}/incidences").select(
            pl.col("account").cast(pl.Int64), pl.col("entity").cast(pl.Int64)
        )
        entities = read_frame(run, f"touches/{family}/entities").select("signal", named="entity")
        users = touched.group_by("entity").agg(n_accounts=pl.len())
        owned = (
            touched.join(members, on="account")
            .group_by("ring_id", "entity")
            .agg(n_members=pl.len(), n_ring=pl.first("n_ring"))
            .join(users, on="entity")
            .filter((pl.col("n_members") > 1) & (pl.col("n_members") >= ownership * pl.col("n_accounts")))
        )
        surprise = (pl.col("n_members") / pl.col("n_ring")) / (pl.col("n_accounts") / accounts.height)
        parts.append(
            owned.join(entities.with_row_index("entity").cast({"entity": pl.Int64}), on="entity")
            .select(
                "ring_id",
                pl.lit(family).alias("family"),
                "signal",
                pl.col("named").cast(pl.String).alias("entity"),
                pl.col("n_members").cast(pl.Int64),
                pl.col("n_accounts").cast(pl.Int64),
                (pl.col("n_members") * surprise.log(2)).round(3).alias("bits"),
            )
            .filter(pl.col("bits") > 0.0)
            .sort("ring_id", "bits", "signal", "entity", descending=[False, True, False, False])
            .group_by("ring_id", maintain_order=True)
            .head(HEAVIEST)
        )
    return pl.concat(parts).sort("ring_id", "family", maintain_order=True) if parts else _no_bindings()


def _no_bindings() -> pl.DataFrame:
    text, number = pl.String(), pl.Int64()
    return pl.DataFrame(
        schema={
            "ring_id": text,
            "family": text,
            "signal": text,
            "entity": text,
            "n_members": number,
            "n_accounts": number,
            "bits": pl.Float64(),
        }
    )


def _history(root: Path, catalog: Catalog, day: str) -> pl.DataFrame:
    """The lineage up to the last night before this one."""
    earlier = [d for d in catalog.nights if d < day]
    if not earlier:
        return pl.DataFrame(schema=LINEAGE)
    last = max(earlier)
    return read_frame(folder_of(root, last, catalog.nights[last].generation), "lineage")


def _known(root: Path, catalog: Catalog, history: pl.DataFrame) -> dict[str, Known]:
    """Every name of the history whose ring can still be read, as it was last found."""
    last = history.sort("name", "night").group_by("name", maintain_order=True).last()
    states = dict(last.select("name", "state").iter_rows())
    found = history.filter("found").group_by("name").agg(pl.max("night"))
    known: dict[str, Known] = {}
    for (night,), names in found.group_by("night"):
        entry = catalog.nights.get(night.isoformat())
        if entry is None:
            continue
        all_of_it = _traits_of(root, night.isoformat(), entry)
        for name in names["name"]:
            if name in all_of_it:
                known[name] = Known(all_of_it[name], states[name])
    return known


def _elsewhere(root: Path, catalog: Catalog, day: str) -> dict[str, Traits]:
    """Names of the generation that held of this night, and of the next later one (of the next two, if none did of this
    night), as far as they can still be read."""
    out: dict[str, Traits] = {}
    later = sorted(d for d in catalog.nights if d >= day)[:2]
    for date in later:
        with contextlib.suppress(RunError):  # damaged: that is why the night is made again
            out = _traits_of(root, date, catalog.nights[date]) | out
    return out


def _traits_of(root: Path, day: str, entry: Entry) -> dict[str, Traits]:
    return _traits(folder_of(root, day, entry.generation), dt.date.fromisoformat(day), "name")


def _traits(run: Path, date: dt.date, key: str) -> dict[str, Traits]:
    """The traits of a night's rings, by `ring_id` or by `name`."""
    rings = read_frame(run, "rings")
    keys = dict(zip(rings["ring_id"], rings[key], strict=True))
    seen = dict(zip(rings["ring_id"], rings["last_seen_at"], strict=True))
    awake_from = dt.datetime.combine(date, dt.time())
    members: dict[str, dict[str, float]] = {r: {} for r in keys}
    for ring_id, account, bits in (
        read_frame(run, "members").select("ring_id", "account_id", "bits").iter_rows()
    ):
        members[ring_id][account] = max(1.0, bits)
    entities: dict[str, dict[str, dict[str, float]]] = {r: {} for r in keys}
    bound = read_frame(run, "bindings").select("ring_id", "family", "signal", "entity", "bits")
    for ring_id, family, signal, entity, bits in bound.iter_rows():
        entities[ring_id].setdefault(family, {})[f"{signal}\0{entity}"] = bits
    return {
        keys[r]: Traits(members[r], entities[r], seen[r] is not None and seen[r] >= awake_from) for r in keys
    }


def _rows(run: Path, steps: list[Step], history: pl.DataFrame, date: dt.date) -> pl.DataFrame:
    """Tonight's rows of the lineage."""
    since = dict(history.group_by("name").agg(pl.min("night")).iter_rows())
    unseen = dict(history.group_by("name").agg(pl.first("n_days_unseen")).iter_rows())
    ring = {r["ring_id"]: r for r in read_frame(run, "rings").to_dicts()}
    rows = []
    for step in steps:
        told_of = ring.get(step.ring_id or "")
        first = told_of["first_seen_at"] if told_of else None
        days = (date - first.date()).days if first else None
        rows.append(
            {
                "name": step.name,
                "night": date,
                "ring_id": step.ring_id,
                "events": list(step.events),
                "state": step.state,
                "triage": told_of["triage"] if told_of else None,
                **{k: getattr(step, k) for k in _COUNTED},
                "kin": list(step.kin),
                "since": since.get(step.name, date),
                "n_days_unseen": unseen.get(step.name, days),
                "found": step.ring_id is not None,
                "told": told(step),
            }
        )
    return pl.DataFrame(rows, schema=LINEAGE).with_columns(pl.col("share_members", "share_entities").round(3))


def _sentences(rows: pl.DataFrame) -> list[str]:
    """What happened, in the order in which somebody should read it: a log of millions has hundreds of honest crowds."""
    order = pl.col("triage").replace_strict(URGENCY, default=len(URGENCY), return_dtype=pl.Int64)
    size = pl.max_horizontal("n_accounts", "n_before")
    happened = rows.filter(pl.col("events") != ["same"]).sort(order, -size, "name")
    return [
        f"{triage}: {told}" if triage else told
        for triage, told in happened.select("triage", "told").iter_rows()
    ]


def _changes(new: Path, old: Path) -> dict[str, Any] | None:
    """Rings that this generation has and the other had not, the other way round, and those that differ, by name; None
    where the other is damaged."""
    try:
        now, before = _by_name(new), _by_name(old)
    except RunError:
        return None
    both = sorted(now.keys() & before.keys())
    return {
        "against": old.name,
        "added": sorted(now.keys() - before.keys()),
        "removed": sorted(before.keys() - now.keys()),
        "changed": [
            {"name": name, "was": before[name], "is": now[name]} for name in both if now[name] != before[name]
        ],
    }


def _by_name(run: Path) -> Mapping[str, dict[str, Any]]:
    rings = read_frame(run, "rings").select("name", "triage", "n_accounts", "n_core", "n_requests", "bits")
    return {row.pop("name"): row for row in rings.to_dicts()}
