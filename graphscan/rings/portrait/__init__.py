"""What a certified ring does, told from its requests.

Takes in the connection in which the log is open and staged, and the members of all rings; gives out the
frames of the run folder that describe rings: `timeline`, `templates`, `activity`, `shares`. Nothing here
accuses anybody: it tells the reader what the ring is like, and triage what to look at. Prompts are read once
more, at most `SAMPLE` of a ring, chosen by the requests' places, and of a few thousand ordinary customers
one each, to compare with.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl

from graphscan.logs.queries import load_queries, query_frame, run_query
from graphscan.logs.sql import Connection, frame
from graphscan.rings.portrait import activity
from graphscan.rings.portrait.given import given
from graphscan.rings.portrait.groups import Groups, groups_of
from graphscan.rings.portrait.sample import SHARES, TEMPLATES, Sampled, read_sample

__all__ = ["Portraits", "portraits", "shares_in_templates"]

TIMELINE: pl.Schema = pl.Schema(
    {"ring_id": pl.String(), "hour": pl.Datetime("us"), "n_requests": pl.Int64(), "n_accounts": pl.Int64()}
)


@dataclass(frozen=True)
class Portraits:
    """What rings do; each frame sorted by ring_id first.

    timeline   ring_id, hour (UTC), n_requests, n_accounts: hours with any
    templates  ring_id, template_id (0 … by n_requests), template, n_requests, n_accounts, share, examples,
               task
    activity   ring_id, measure, value, ordinary, unit: see `activity.UNITS`
    shares     ring_id, what (task, term, model, client, plan, country), label, share, ordinary: of requests,
               sampled prompts or accounts, most first
    """

    timeline: pl.DataFrame
    templates: pl.DataFrame
    activity: pl.DataFrame
    shares: pl.DataFrame


def portraits(con: Connection, members: pl.DataFrame) -> Portraits:
    """The portraits of all rings in `members` (ring_id, account_id); empty frames where there is none."""
    if members.is_empty():
        return Portraits(*(pl.DataFrame(schema=s) for s in (TIMELINE, TEMPLATES, activity.SCHEMA, SHARES)))
    groups = groups_of(con, members)
    queries = load_queries()
    with given(con, "portrait_groups", groups.table), ThreadPoolExecutor(1) as aside, con.cursor() as reading:
        # Prompts are told in Python, on one core: the other is DuckDB's meanwhile.
        told = aside.submit(read_sample, reading, queries, groups)
        run_query(con, queries["ring_hours"], "ring_hours")
        timeline = _named(query_frame(con, queries["ring_timeline"]), groups).rename({"hour_at": "hour"})
        values = activity.measured(con, queries, frame(con, "select count(*) as n from requests").item())
        con.execute("drop table ring_hours")
        labels = activity.shares(con, queries)
        sampled = told.result()
    rows = activity.beside(groups, pl.concat([values, sampled.values]))
    return Portraits(
        timeline.select(list(TIMELINE)).cast(TIMELINE),
        sampled.templates,
        _with_ordinary(rows, sampled),
        _in_order(pl.concat([sampled.shares, *(_shares(k, f, groups) for k, f in labels.items())])),
    )


def shares_in_templates(con: Connection, members: pl.DataFrame) -> dict[str, float]:
    """The share of each ring's sampled requests that fit its templates: of its portrait this alone, at a third of the
    cost. A ring without prompts has none."""
    groups = groups_of(con, members)
    with given(con, "portrait_groups", groups.table):
        values = read_sample(con, load_queries(), groups).values
    told = values.filter(pl.col("measure") == "share_in_templates").select("group_id", "value")
    return {groups.rings[group]: share for group, share in told.iter_rows()}


def _in_order(shares: pl.DataFrame) -> pl.DataFrame:
    kinds = pl.Enum(["task", "term", "model", "client", "plan", "country"])
    by = [pl.col("ring_id"), pl.col("what").cast(kinds), pl.col("share"), pl.col("label")]
    return shares.sort(by, descending=[False, False, True, False])


def _named(rows: pl.DataFrame, groups: Groups) -> pl.DataFrame:
    """Rows of rings, with ring_id in place of group_id."""
    names = pl.DataFrame(
        {"group_id": range(len(groups.rings)), "ring_id": groups.rings},
        schema={"group_id": pl.Int32(), "ring_id": pl.String()},
    )
    return rows.join(names, on="group_id", maintain_order="left").drop("group_id")


def _with_ordinary(rows: pl.DataFrame, sampled: Sampled) -> pl.DataFrame:
    """What the customers' own sampled prompts say, beside each ring's."""
    said = pl.DataFrame(
        {"measure": list(sampled.ordinary), "said": list(sampled.ordinary.values())},
        schema={"measure": pl.String(), "said": pl.Float64()},
    )
    return (
        rows.join(said, on="measure", how="left", maintain_order="left")
        .with_columns(ordinary=pl.coalesce("ordinary", "said"))
        .drop("said")
    )


def _shares(kind: str, found: pl.DataFrame, groups: Groups) -> pl.DataFrame:
    """Shares of one kind: the rings' labels, with the customers' share of each (none: 0)."""
    ordinary = found.filter(pl.col("group_id") == groups.ordinary)
    return (
        _named(found.rename({"entry": "label", "share_of_group": "share"}), groups)
        .join(ordinary.select(label="entry", ordinary="share_of_group"), on="label", how="left")
        .with_columns(what=pl.lit(kind), ordinary=pl.col("ordinary").fill_null(0.0))
        .select(list(SHARES))
    )
