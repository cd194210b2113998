"""How much of its traffic a ring gets through before it is certified: scans of a log that ends earlier.

In: a world. Out: for each planted ring the first end of the window at which a certified ring is mostly its accounts,
and the first at which one holds most of those that have asked by then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from graphscan.api.scan import scan
from graphscan.lab.agreement import agreement
from graphscan.lab.bench.worlds import World

WHOLE = 0.8
"""Jaccard with the accounts that have asked by then from which a ring counts as found whole."""

PURE = 0.5
"""Share of a found ring's accounts that are the planted one's from which it is certified: more are than are not."""


def ends_of(first: dt.datetime, last: dt.datetime, percents: Sequence[int]) -> list[dt.datetime]:
    """Where windows from `first` on end that hold so much of the time until a second after `last`."""
    length = last - first + dt.timedelta(seconds=1)
    return [first + length * percent / 100 for percent in percents]


def delay(world: World, room: Path, percents: Sequence[int], tell: Callable[[str], None]) -> pl.DataFrame:
    """A row for each planted ring and window: ring, n_accounts, share_time, n_asked (its accounts that have asked by
    then), share_log and share_ring (of all requests, and of the ring's, that are in the window), certified, jaccard.

    `percents` of the log's time are the windows, rising. `certified` says whether a found ring of any triage is mostly
    of the planted ring's accounts.
    """
    truth = world.truth()
    times = pl.scan_parquet(world.log / "requests" / "*.parquet").select("account_id", "ts").collect()
    known = times.join(truth.select("account_id", "ring"), on="account_id", how="left")
    first, last = known["ts"].min(), known["ts"].max()
    assert isinstance(first, dt.datetime) and isinstance(last, dt.datetime)
    sizes = (
        known.drop_nulls("ring")
        .group_by("ring")
        .agg(n_accounts=pl.col("account_id").n_unique(), n_all=pl.len())
    )
    tables = []
    for percent, end in zip(percents, ends_of(first, last, percents), strict=True):
        tell(f"{world.name}: the first {percent}%")
        seen = known.filter(pl.col("ts") < end)
        asked = truth.join(seen.select("account_id").unique(), on="account_id", how="semi")
        run = scan(settings=world.settings(to=end), out=room / f"run-{percent}", progress=False)
        found = agreement(run.rings, run.members, asked)
        pure = found.found.filter(pl.col("purity") >= PURE)["planted"]
        by_ring = seen.drop_nulls("ring").group_by("ring").agg(n_seen=pl.len())
        tables.append(
            sizes.join(by_ring, on="ring", how="left")
            .join(found.planted.select("ring", "jaccard", n_asked="n_accounts"), on="ring", how="left")
            .select(
                "ring",
                "n_accounts",
                pl.lit(percent / 100).alias("share_time"),
                pl.col("n_asked").fill_null(0),
                pl.lit(seen.height / known.height).alias("share_log"),
                (pl.col("n_seen").fill_null(0) / pl.col("n_all")).alias("share_ring"),
                pl.col("ring").is_in(pure.to_list()).alias("certified"),
                pl.col("jaccard").fill_null(0.0),
            )
        )
    return pl.concat(tables).sort("n_accounts", "ring", "share_time", descending=[True, False, False])


def first_certified(windows: pl.DataFrame) -> pl.DataFrame:
    """A row for each ring: ring, n_accounts, and the shares in the first window in which it is certified, and in which
    it is whole: log, time and ring's own requests; null for never."""
    shares = ("share_time", "share_log", "share_ring")

    def first(when: pl.Expr, name: str) -> list[pl.Expr]:
        return [pl.col(s).filter(when).first().alias(f"{s}_{name}") for s in shares]

    return windows.group_by("ring", "n_accounts", maintain_order=True).agg(
        *first(pl.col("certified"), "certified"), *first(pl.col("jaccard") >= WHOLE, "whole")
    )
