"""The log inside DuckDB: everything after this module reads `log_*` and nothing else of what the user has.

`open_log` takes in a connection and the settings, and leaves in the connection

- `log_requests`, a view that streams over the files: account_id, ts (TIMESTAMP), and what of prompt, system,
  prompt_hash, ip, user_agent, model, response and declared columns has a value (VARCHAR, lists VARCHAR[]);
- `log_activity`, a table of the accounts in it: account_id, n_requests, first_at, last_at;
- `log_accounts` (one row an account), `log_payments`, `log_canaries`: tables, where the log has them, with
  every column of the contract.

Ids are text, times UTC, placeholders null, addresses in one form.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

import polars as pl

from graphscan.errors import LogsError, QueryError
from graphscan.faults import together
from graphscan.logs import addresses, messages, values
from graphscan.logs.contract import CONTRACT
from graphscan.logs.files import LogFile, changed
from graphscan.logs.sql import Connection, frame, quote_ident, said_by
from graphscan.logs.table import LogTable, open_table
from graphscan.logs.tally import SET_ASIDE, Tally, tally
from graphscan.settings import Settings, Table

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Input:
    """One file that was read; `n_rows` is None where it is no Parquet."""

    table: Table
    path: str
    n_bytes: int
    sha256: str
    n_rows: int | None


@dataclass(frozen=True)
class Log:
    """What a log holds.

    `columns` are those with at least one value, by table; `origins` the log's own names for them.
    `set_aside` has a row for each reason: table, column, what (row: left out; value: made null; file),
    reason, n_rows. Times are naive UTC, None where there is no request.
    """

    columns: Mapping[str, tuple[str, ...]]
    origins: Mapping[str, Mapping[str, str]]
    inputs: tuple[Input, ...]
    set_aside: pl.DataFrame
    warnings: tuple[str, ...]
    n_rows: Mapping[str, int]
    n_requests: int
    n_accounts: int
    first_at: dt.datetime | None
    last_at: dt.datetime | None
    files: tuple[LogFile, ...] = field(repr=False)

    def has(self, need: str) -> bool:
        """Whether a column is there: `ip` of the requests, or `accounts.created_at`."""
        table, _, column = need.rpartition(".")
        return column in self.columns.get(table or "requests", ())

    def without_copies(self, n: int) -> Log:
        """The log as it is told when so many rows turned out to be exact copies of others."""
        if not n:
            return self
        row = pl.DataFrame(
            [("requests", None, "row", "copy of another row", n)], schema=SET_ASIDE, orient="row"
        )
        return replace(self, set_aside=pl.concat([self.set_aside, row]), n_requests=self.n_requests - n)

    def changed(self) -> tuple[str, ...]:
        """Paths of files that changed since the log was opened: what was read of them may be half old."""
        return changed(self.files)

    @contextmanager
    def being_read(self) -> Iterator[None]:
        """Raises LogsError, which names the file, where a query fails since one changed or is gone: who moves or writes
        files beside a scan is told which, and not what a query makes of it."""
        try:
            with said_by("the log"):
                yield
        except QueryError as e:
            if not (files := self.changed()):
                raise
            happened = "changed" if Path(files[0]).exists() else "is gone"
            raise LogsError(
                f"{files[0]}: {happened} while it was read: got {len(files):,} such of {len(self.files):,} files; "
                "expected files that stay as they are",
                "scan again when nothing moves or writes them, or scan a copy",
            ) from e


def open_log(con: Connection, settings: Settings) -> Log:
    """The log, checked, with its relations made in the connection (see the module's docstring).

    Raises LogsError with all faults of all tables, SettingsError where a choice is left open.
    """
    for macro in (*addresses.MACROS, *values.MACROS, *messages.MACROS):
        con.execute(macro)
    tables = _open_tables(con, settings)
    files = {t.table: t.source.files for t in tables.values()}
    failed = Event()
    with ThreadPoolExecutor(settings.run.threads) as pool:
        try:
            hashes = {f.path: pool.submit(_sha256, f.path, failed) for fs in files.values() for f in fs}
            tallies = {name: _make(con, table, settings) for name, table in tables.items()}
            inputs = tuple(_input(table, f, hashes[f.path]) for table, fs in files.items() for f in fs)
        except BaseException:
            failed.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    _make_activity(con)
    facts = frame(
        con,
        "select coalesce(sum(n_requests), 0)::BIGINT as n, count(*) as accounts, "
        "min(first_at) as first_at, max(last_at) as last_at from log_activity",
    ).row(0, named=True)
    _refuse_nothing_left(tables["requests"], tallies["requests"], facts["n"])
    warnings = [
        w for name, table in tables.items() for w in (*table.warnings(), *_empty(table, tallies[name]))
    ]
    warnings += _strangers(con, tables)
    return Log(
        columns={
            name: tuple(c for c in table.names if c not in tallies[name].empty)
            for name, table in tables.items()
        },
        origins={name: _origins(table) for name, table in tables.items()},
        inputs=inputs,
        set_aside=pl.concat([t.set_aside for t in tallies.values()])
        if tallies
        else pl.DataFrame(schema=SET_ASIDE),
        warnings=tuple(warnings),
        n_rows={name: t.n_rows for name, t in tallies.items()},
        n_requests=facts["n"],
        n_accounts=facts["accounts"],
        first_at=facts["first_at"],
        last_at=facts["last_at"],
        files=tuple(f for fs in files.values() for f in fs),
    )


def _open_tables(con: Connection, settings: Settings) -> dict[Table, LogTable]:
    """The tables that [inputs] names, with the faults of all of them in one error."""
    if settings.inputs.requests is None:
        raise LogsError(
            "inputs.requests: is missing: got nothing; expected a Parquet file, a folder, a glob or a SELECT",
            "give --requests, or requests under [inputs]",
        )
    tables: dict[Table, LogTable] = {}
    faults: list[LogsError] = []
    for table in CONTRACT:
        text = getattr(settings.inputs, table)
        if text is None:
            continue
        try:
            tables[table] = open_table(con, table, text, settings)
        except LogsError as e:
            faults.append(e)
    if faults:
        raise together(faults)
    return tables


def _make(con: Connection, table: LogTable, settings: Settings) -> Tally:
    """The table's relation, and the count of what it leaves out."""
    first, last = settings.inputs.from_at, settings.inputs.to_at
    counted = tally(con, table, first, last)
    if table.table == "requests":
        names = [n for n in table.names if n not in counted.empty]
        con.execute(f"create or replace view log_requests as {table.rows(names, first, last)}")
        return counted
    rows = table.rows(list(table.wanted), first, last)
    if table.table != "accounts":
        con.execute(f"create or replace table log_{table.table} as {rows}")
        return counted
    con.execute(f"create or replace table log_accounts as {_one_row_an_account(table, rows)}")
    second = frame(con, f"select count(*) - count(distinct account_id) as n from ({rows})").item()
    row = ("accounts", "account_id", "row", "second row of an account", second)
    more = pl.DataFrame([row] if second else [], schema=SET_ASIDE, orient="row")
    return Tally(pl.concat([counted.set_aside, more]), counted.n_rows, counted.empty)


def _one_row_an_account(table: LogTable, rows: str) -> str:
    """Of several rows the earliest, ties by value: the same one whatever their order."""
    by = sorted(set(table.wanted) - {"account_id"}, key=lambda n: (n != table.clock, n))
    order = f"order by {', '.join(f'{quote_ident(n)} nulls last' for n in by)}"
    return f"{rows} qualify row_number() over (partition by account_id {order}) = 1"


def _make_activity(con: Connection) -> None:
    con.execute(
        "create or replace table log_activity as select account_id, count(*) as n_requests, "
        "min(ts) as first_at, max(ts) as last_at from log_requests group by account_id"
    )


def _refuse_nothing_left(requests: LogTable, counted: Tally, n_requests: int) -> None:
    """Rows of which none can be used are a wrong column or unit, not an empty night."""
    if n_requests or not counted.n_rows:
        return
    lost = counted.set_aside.filter(pl.col("what") == "row").sort(
        "n_rows", "reason", descending=[True, False]
    )
    outside = lost.filter(pl.col("reason") == "outside from and to")["n_rows"].sum()
    if outside:
        return
    reasons = ", ".join(f"{n:,} × {reason}" for reason, n in lost.select("reason", "n_rows").iter_rows())
    who = requests.parts[0].columns["account_id"].origin
    raise LogsError(
        f"{requests.source.place}: no row can be used: got {counted.n_rows:,} rows ({reasons}); "
        f"expected rows with an account in {who} and a time in {requests.parts[0].columns['ts'].origin}",
        "name the right columns under [columns.requests], or choose another account under [inputs]",
    )


def _empty(table: LogTable, counted: Tally) -> list[str]:
    return [
        f"{table.source.place}: {name} has no value in any row: as if it were missing"
        for name in counted.empty
    ]


def _strangers(con: Connection, tables: Mapping[Table, LogTable]) -> list[str]:
    """Tables none of whose accounts made a request: their ids are probably of another kind."""
    warnings = []
    for name, table in tables.items():
        if name == "requests":
            continue
        known = f"select count(*) as n from log_{name} semi join log_activity using (account_id)"
        if frame(con, f"select count(*) as n from log_{name}").item() and not frame(con, known).item():
            warnings.append(
                f"{table.source.place}: no account of it made a request: are its ids of the same kind?"
            )
    return warnings


def _origins(table: LogTable) -> dict[str, str]:
    """The log's own name for each column, those of all parts where they differ."""
    return {
        name: " or ".join(dict.fromkeys(p.columns[name].origin for p in table.parts if name in p.columns))
        for name in table.names
    }


def _input(table: Table, file: LogFile, digest: Future[str]) -> Input:
    return Input(table, file.path, file.n_bytes, digest.result(), file.n_rows)


def _sha256(path: str, failed: Event) -> str:
    """Of the whole file: about a gigabyte a second, and beside the counting, so that a flipped byte is
    seen. Of no use, and at once, where the log failed meanwhile."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as f:
        while not failed.is_set() and (block := f.read(_BLOCK)):
            digest.update(block)
    return digest.hexdigest()
