"""What `graphscan check` says of a log before it is scanned: what was found, and what cannot be found with
it.

Takes in an opened log; gives out a `Check`, as lines to print or as plain values for JSON. No value of the
log is in it, only counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import polars as pl

from graphscan.logs.log import Log
from graphscan.logs.sql import Connection, frame, quote_ident
from graphscan.logs.tally import aside_told

_SHORT = dt.timedelta(days=1)
_ONCE = 0.5
"""Share of accounts with one request above which the log says little of each."""
_GATEWAY = 0.2
"""Share of accounts on one address above which it is asked whether account_id is the right column."""
_GATEWAY_ACCOUNTS = 50
_ONE_ACCOUNT = 0.5
_FEW = 100


@dataclass(frozen=True)
class Check:
    """`found`: table, column, origin (the log's name for it), share_filled (of rows that are used).

    `limits` are sentences on what cannot be found in this log.
    """

    log: Log
    found: pl.DataFrame
    limits: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """The check as plain lines."""
        log = self.log
        yield f"requests   {log.n_requests:,} of {log.n_accounts:,} accounts"
        if log.first_at and log.last_at:
            yield f"window     {log.first_at:%Y-%m-%d %H:%M} to {log.last_at:%Y-%m-%d %H:%M} UTC"
        for table, n in log.n_rows.items():
            n_files = sum(i.table == table for i in log.inputs)
            yield f"{table:<10} {n:,} rows in {n_files:,} file{'s' * (n_files != 1)}"
        yield ""
        yield "columns found"
        for table, column, origin, share in self.found.iter_rows():
            said = "" if origin == column else f"  from {origin}"
            yield f"  {table}.{column:<20} {share:>7.1%} filled{said}"
        yield from _section("set aside", aside_told(self.log.set_aside.to_dicts()))
        yield from _section("to know", log.warnings)
        yield from _section("what cannot be found", self.limits)

    def as_dict(self) -> dict[str, object]:
        """The check as values that JSON can hold; times are ISO text in UTC."""
        log = self.log
        return {
            "n_requests": log.n_requests,
            "n_accounts": log.n_accounts,
            "first_at": log.first_at.isoformat() if log.first_at else None,
            "last_at": log.last_at.isoformat() if log.last_at else None,
            "n_rows": dict(log.n_rows),
            "inputs": [vars(i) for i in log.inputs],
            "found": self.found.to_dicts(),
            "set_aside": log.set_aside.to_dicts(),
            "warnings": list(log.warnings),
            "limits": list(self.limits),
        }


def check_log(con: Connection, log: Log, families: Collection[str]) -> Check:
    """The check of a log that `open_log` opened; `families` are those with a signal that is on."""
    return Check(log, _found(con, log), tuple(limits_of(con, log, families)))


def _section(title: str, lines: Collection[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield title
        yield from (f"  {line}" for line in lines)


def _found(con: Connection, log: Log) -> pl.DataFrame:
    rows = []
    for table, columns in log.columns.items():
        counts = ", ".join(f"count({quote_ident(c)}) as c{i}" for i, c in enumerate(columns))
        n, *filled = frame(con, f"select count(*) as n, {counts} from log_{table}").row(0)
        for column, n_filled in zip(columns, filled, strict=True):
            rows.append((table, column, log.origins[table][column], n_filled / n if n else 0.0))
    schema = {"table": pl.String, "column": pl.String, "origin": pl.String, "share_filled": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def limits_of(
    con: Connection, log: Log, families: Collection[str], requests: str = "log_requests"
) -> Iterator[str]:
    """Sentences on what cannot be found in this log; reads no text of it.

    `requests` names the relation that is read for it: the staged table has accounts as numbers, and is at hand.
    """
    if not log.n_requests or log.first_at is None or log.last_at is None:
        yield "anything: there is no request in the window"
        return
    if len(families) < 2:
        named = " and ".join(sorted(families)) or "no family"
        yield f"any ring: only {named} is on, and two families must agree before a set of accounts is a ring"
    span = log.last_at - log.first_at
    if span < _SHORT:
        hours = span / dt.timedelta(hours=1)
        yield f"schedules and quiet hours: the log covers {hours:.1f} hours"
    if log.n_accounts < _FEW:
        yield f"most rings: {log.n_accounts} accounts are few to stand out from"
    yield from _limits_of_accounts(con, log)
    if log.has("ip"):
        yield from _limits_of_addresses(con, log, requests)


def _limits_of_accounts(con: Connection, log: Log) -> Iterator[str]:
    once, most = frame(
        con, "select count(*) filter (n_requests = 1) as once, max(n_requests) as most from log_activity"
    ).row(0)
    if once / log.n_accounts > _ONCE:
        share = once / log.n_accounts
        yield f"what accounts repeat: {once:,} of {log.n_accounts:,} ({share:.0%}) made one request"
    if log.n_accounts > 1 and most / log.n_requests > _ONE_ACCOUNT:
        yield (
            f"accounts behind one that makes {most / log.n_requests:.0%} of all requests: "
            "is account_id the right column, or is that a gateway's key?"
        )


def _limits_of_addresses(con: Connection, log: Log, requests: str) -> Iterator[str]:
    """Pairs are counted on a quarter of the accounts where there are many: the share is what matters."""
    parts = 4 if log.n_accounts > 200_000 else 1
    who = "account" if "account" in con.table(requests).columns else "account_id"
    top, seen = frame(
        con,
        f"with pairs as (select distinct ip, {who} as who from {requests} "
        f"where ip is not null and hash({who}) % {parts} = 0), "
        "users as (select count(*) as n from pairs group by ip) "
        "select max(n) as top, (select count(distinct who) from pairs) as seen from users",
    ).row(0)
    if top and seen >= _GATEWAY_ACCOUNTS and top / seen > _GATEWAY:
        yield (
            f"rings by address: one address carries {top / seen:.0%} of the accounts that have one. Is it a "
            "gateway? Then use the address it forwards, and the customer, not its own user, as account_id"
        )
