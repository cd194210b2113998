"""The staged log with its columns shuffled: each account keeps its number of requests, and nothing else it did.

Takes in the connection after `stage` and gives out the same tables, where every column was exchanged among the rows
by itself: heavy accounts stay heavy everywhere, and no two columns know of one another. Requests within their days, if
asked: then each account keeps its days. Sign-ups and payments are exchanged among all, since a ring that signs up and
pays on one day is most of that day: exchanged within it, both would stay with the ring. Signals that run on these
tables find what heavy use, or keeping the same days, alone would show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphscan.logs.log import Log
from graphscan.logs.sql import Connection, frame, quote_ident
from graphscan.signals.stage import REQUESTS

Within = Literal["all", "day"]
"""Requests among which columns are exchanged: all, or those of one day (UTC)."""

PROMPT = ("fragments", "excerpt")
"""What is kept of one prompt, of the requests whose prompt was read: they move together."""

STAYS = ("account", "place", "is_read")
"""What makes a request one of its account's, in the account's random order."""


@dataclass(frozen=True)
class Unshuffled:
    """The tables as they were staged, in an order that does not hang on the log's: what each shuffle starts from."""

    requests: pl.DataFrame
    accounts: pl.DataFrame | None
    payments: pl.DataFrame | None


def unshuffled(con: Connection, log: Log) -> Unshuffled:
    """The tables of a log that was just staged."""
    return Unshuffled(
        _sorted(con, "requests"),
        _sorted(con, "log_accounts") if "accounts" in log.columns else None,
        _sorted(con, "log_payments") if "payments" in log.columns else None,
    )


def shuffle(con: Connection, tables: Unshuffled, within: Within, dice: np.random.Generator) -> None:
    """Puts shuffled tables in the place of those staged; `accounts` gets the times of its shuffled requests."""
    requests = tables.requests
    day = requests["ts"].dt.epoch("d").cast(pl.Int64).to_numpy() if within == "day" else None
    thin = [(c,) for c in requests.columns if c not in (*STAYS, *PROMPT)]
    moved = _exchanged(requests, thin, day, dice)
    read = moved.filter("is_read")
    prompt = [tuple(c for c in PROMPT if c in read.columns)]
    read = _exchanged(read, prompt, None if day is None else day[requests["is_read"].to_numpy()], dice)
    _replace(con, REQUESTS, pl.concat([read, moved.filter(~pl.col("is_read"))]))
    for name, rows in (("log_accounts", tables.accounts), ("log_payments", tables.payments)):
        if rows is not None:
            columns = [(c,) for c in rows.columns if c != "account_id"]
            _replace(con, name, _exchanged(rows, columns, None, dice))
    con.execute(
        "create or replace table accounts as select accounts.account, account_id, n_requests, "
        "min(ts) as first_at, max(ts) as last_at from accounts inner join requests "
        "on accounts.account = requests.account group by accounts.account, account_id, n_requests"
    )


def _exchanged(
    rows: pl.DataFrame,
    together: Sequence[tuple[str, ...]],
    part: NDArray[np.int64] | None,
    dice: np.random.Generator,
) -> pl.DataFrame:
    """The rows with the values of each group of columns exchanged, within each part."""
    base = np.arange(rows.height) if part is None else np.argsort(part, kind="stable")
    for columns in together:
        drawn = dice.permutation(rows.height)
        source = np.empty(rows.height, np.int64)
        source[base] = drawn if part is None else drawn[np.argsort(part[drawn], kind="stable")]
        rows = rows.with_columns(rows[c].gather(source) for c in columns)
    return rows


def _sorted(con: Connection, table: str) -> pl.DataFrame:
    """The whole table, in the order of all its columns but the lists of fragments, which follow from the rest."""
    by = ", ".join(quote_ident(c) for c in con.table(table).columns if c != "fragments")
    return frame(con, f"select * from {table} order by {by}")


def _replace(con: Connection, table: str, rows: pl.DataFrame) -> None:
    con.register("exchanged", rows.to_arrow())
    con.execute(f"create or replace table {table} as select * from exchanged")
    con.unregister("exchanged")
