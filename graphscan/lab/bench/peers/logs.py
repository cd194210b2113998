"""One log in the layouts of all programs: Parquet tables for graphscan, and the two CSV files that the peers read.

Takes in folders that `simulate` wrote, or seeds for the peers' own generator; gives out `PeerLog`.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from graphscan.errors import RunError
from graphscan.lab.bench.worlds import World

GENERATOR = "gen.py"
"""The peers' generator, among their runners: OUT N_BENIGN EVENTS_PER_ACCOUNT SEED SCALE."""

EVENTS = 8
"""Requests an account, on average, of which their logs are made."""

WEEK_S = 7 * 86_400

FULL_SIZE = 10_000
"""Ordinary accounts for which their rings have their full size."""


@dataclass(frozen=True)
class PeerLog:
    """A log in `folder`: `log.csv` (message_id, account_id, timestamp, text, ip, payment), `cnt.csv` in the eight
    columns of the Coordination Network Toolkit, and the same as Parquet in `world`."""

    world: World
    folder: Path
    n_requests: int

    @property
    def name(self) -> str:
        """Of the world."""
        return self.world.name

    @property
    def csv(self) -> Path:
        """The log as most peers read it."""
        return self.folder / "log.csv"

    @property
    def cnt(self) -> Path:
        """The log as the toolkit reads it: an address is a link that was posted."""
        return self.folder / "cnt.csv"


def theirs(runners: Path, work: Path, customers: int, seed: int) -> PeerLog:
    """A log of the peers' own generator, with the payments as a table of their own for graphscan.

    Raises RunError where the generator fails.
    """
    folder = work / f"peers-{customers}-{seed}"
    command = [sys.executable, runners / GENERATOR, folder, customers, EVENTS, seed, customers / FULL_SIZE]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RunError(
            f"{runners / GENERATOR}: failed: got exit code {done.returncode}; expected a log",
            done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "run it by hand",
        )
    rows = pl.read_csv(folder / "log.csv", schema_overrides={"timestamp": pl.Int64})
    ts = pl.from_epoch("timestamp", time_unit="s").cast(pl.Datetime("us"))
    (folder / "requests").mkdir(exist_ok=True)
    rows.select("account_id", ts.alias("ts"), prompt="text", ip="ip").write_parquet(
        folder / "requests" / "requests.parquet"
    )
    rows.select("account_id", payment_fingerprint="payment").unique().sort("account_id").write_parquet(
        folder / "payments.parquet"
    )
    truth = pl.read_csv(folder / "truth.csv", schema_overrides={"ring": pl.String})
    kind = pl.when(pl.col("ring").is_null()).then(pl.lit("ordinary")).otherwise(pl.lit("ring"))
    truth.with_columns(pl.col("ring").replace("", None)).with_columns(kind=kind).write_parquet(
        folder / "truth.parquet"
    )
    return PeerLog(World(folder.name, folder), folder, rows.height)


def ours(world: World, work: Path) -> PeerLog:
    """A simulated world as CSV files. An account without a card, or a request without an address, gets a value that
    is nobody else's, so that no peer joins those that have none."""
    folder = work / f"{world.name}-csv"
    folder.mkdir(parents=True, exist_ok=True)
    payments = (
        pl.scan_parquet(world.log / "payments.parquet")
        .group_by("account_id")
        .agg(payment=pl.col("payment_fingerprint").min())
    )
    rows = (
        pl.scan_parquet(world.log / "requests" / "*.parquet")
        .join(payments, on="account_id", how="left")
        .select(
            message_id=pl.concat_str(pl.lit("m"), pl.int_range(pl.len())),
            account_id="account_id",
            timestamp=pl.col("ts").dt.epoch("s"),
            text=pl.col("prompt").fill_null(""),
            ip=pl.col("ip").fill_null(pl.concat_str(pl.lit("none-"), "account_id")),
            payment=pl.col("payment").fill_null(pl.concat_str(pl.lit("none-"), "account_id")),
        )
        .sort("timestamp", "account_id", "message_id")
        .collect()
    )
    write_layouts(rows, folder)
    return PeerLog(world, folder, rows.height)


def write_layouts(rows: pl.DataFrame, folder: Path) -> None:
    """`log.csv` and `cnt.csv` from the rows of the first."""
    rows.write_csv(folder / "log.csv")
    rows.select(
        message_id="message_id",
        user_id="account_id",
        username="account_id",
        repost_id=pl.lit(""),
        reply_id=pl.lit(""),
        message="text",
        timestamp="timestamp",
        urls=pl.concat_str(pl.lit("ip://"), "ip", pl.lit(" pay://"), "payment"),
    ).write_csv(folder / "cnt.csv")
