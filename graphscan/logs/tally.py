"""What a table leaves out and why, counted in one pass over the columns concerned.

Takes in a `LogTable`; gives out rows for `Log.set_aside`: `what` is row (left out), value (made null) or
file. Prompts, system texts and responses are not read for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from graphscan.errors import LogsError
from graphscan.logs.columns import PartReading, Reading
from graphscan.logs.sql import Connection, frame, quote_ident
from graphscan.logs.table import LogTable
from graphscan.logs.times import FIRST, LAST, Instant, unit_shares

SET_ASIDE = {
    "table": pl.String,
    "column": pl.String,
    "what": pl.String,
    "reason": pl.String,
    "n_rows": pl.Int64,
}
_UNCOUNTED = ("prompt", "system", "response", "time")
_IS_REQUEST = '":is_request"'
_MOST = 0.5
"""Share of times outside 1990 to 2100 above which the unit is taken to be wrong, not the rows."""


@dataclass(frozen=True)
class Tally:
    """`set_aside` as in the module's docstring; `n_rows` of the table; columns without a single value."""

    set_aside: pl.DataFrame
    n_rows: int
    empty: tuple[str, ...]


def aside_told(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Rows of `SET_ASIDE` in words, one a line."""
    whats = {"row": "rows left out", "value": "values made null", "file": "file left out"}
    lines = []
    for row in rows:
        column = f".{row['column']}" if row["column"] else ""
        n_rows = f"{row['n_rows']:,} " if row["n_rows"] else ""
        lines.append(f"{row['table']}{column}: {row['reason']}: {n_rows}{whats[row['what']]}")
    return lines


def tally(con: Connection, table: LogTable, first: dt.datetime | None, last: dt.datetime | None) -> Tally:
    """Counts over all rows of a table. Raises LogsError where its times are in another unit than said."""
    counts: dict[tuple[str, str, str], int] = {}
    filled: dict[str, int] = {}
    n_rows = 0
    for part in table.parts:
        measures = dict(_measures(table, part, first, last))
        columns = ", ".join(f"{sql} as m{i}" for i, sql in enumerate(measures.values()))
        forms = ", ".join(f"{r.sql} as {_form(r)}" for r in _counted(table, part))
        stored = part.stored("true", f"{part.only or 'true'} as {_IS_REQUEST}")
        counted = f"select count(*) as n, {columns} from (select *, {forms} from {stored})"
        row = frame(con, counted, place=table.source.place, blame=LogsError).row(0)
        n_rows += row[0]
        for key, n in zip(measures, row[1:], strict=True):
            if key[1] == "filled":
                filled[key[0]] = filled.get(key[0], 0) + n
            else:
                counts[key] = counts.get(key, 0) + n
        _refuse_wrong_unit(con, table, part)
    rows: list[tuple[str, str | None, str, str, int | None]]
    rows = [(table.table, key[0] or None, key[1], key[2], n) for key, n in counts.items() if n]
    rows += [(table.table, None, "file", f"unreadable: {path}", None) for path, _ in table.source.unreadable]
    rows += [(table.table, None, "file", f"listed twice: {path}", None) for path in table.source.twice]
    empty = tuple(name for name, n in filled.items() if not n) if n_rows else ()
    return Tally(pl.DataFrame(rows, schema=SET_ASIDE, orient="row"), n_rows, empty)


def _counted(table: LogTable, part: PartReading) -> list[Reading]:
    return [r for name, r in part.columns.items() if table.wanted[name].column.kind not in _UNCOUNTED]


def _form(reading: Reading) -> str:
    """The name of a column in its one form, beside the ref of what is stored."""
    return quote_ident(f"form {reading.name}")


Key = tuple[str, str, str]


def _measures(
    table: LogTable, part: PartReading, first: dt.datetime | None, last: dt.datetime | None
) -> Iterator[tuple[Key, str]]:
    """(column, what, reason) with the SQL that counts it; each row is left out for one reason only."""
    yield ("", "row", "no request to a model"), f"count(*) filter (not {_IS_REQUEST})"
    who = part.columns["account_id"]
    yield from _left_out("account_id", _IS_REQUEST, _row_faults_of_id(who))
    left = f"{_IS_REQUEST} and {_form(who)} is not null"
    when = part.columns[table.clock].instant if table.clock and table.clock in part.columns else None
    if table.table == "requests" and when is not None:
        yield from _left_out("ts", left, _row_faults_of_time(when, first, last))
        left = f"{left} and {when.between(first, last)}"
    elif table.clock is not None and when is not None:
        for reason, sql in _row_faults_of_time(when, None, None):
            yield (table.clock, "value", reason), _count(f"{left} and {when.raw} is not null", sql)
        if last is not None:
            yield from _left_out(table.clock, left, [("outside from and to", when.is_from(last))])
            left = f"{left} and not {when.is_from(last)}"
    for reading in _counted(table, part):
        if reading.name != "account_id":
            yield (reading.name, "filled", ""), f"count({_form(reading)}) filter ({left})"
            for reason, sql in _value_faults(reading, table.wanted[reading.name].column.kind):
                yield (reading.name, "value", reason), _count(left, sql)


def _left_out(column: str, left: str, faults: Iterable[tuple[str, str]]) -> Iterator[tuple[Key, str]]:
    for reason, sql in faults:
        yield (column, "row", reason), _count(left, sql)


def _count(left: str, condition: str) -> str:
    return f"count(*) filter ({left} and {condition})"


def _row_faults_of_id(who: Reading) -> Iterator[tuple[str, str]]:
    yield "no account", f"{who.ref()} is null"
    yield "placeholder for an account", f"{who.ref()} is not null and {_form(who)} is null"


def _row_faults_of_time(
    when: Instant, first: dt.datetime | None, last: dt.datetime | None
) -> Iterator[tuple[str, str]]:
    held = when.between(None, None)
    yield "no time", f"{when.raw} is null"
    if when.is_text:
        yield "time cannot be read", f"{when.raw} is not null and {when.utc} is null"
        yield "time outside 1990 to 2100", f"{when.utc} is not null and not ({held})"
    else:
        yield "time outside 1990 to 2100", f"{when.raw} is not null and not coalesce({held}, false)"
    if first is not None or last is not None:
        yield "outside from and to", f"coalesce({held}, false) and not ({when.between(first, last)})"


def _value_faults(reading: Reading, kind: str) -> Iterator[tuple[str, str]]:
    if reading.is_list:
        return
    nulled = f"{reading.ref()} is not null and {_form(reading)} is null"
    if kind == "address":
        nobody = f"(known({reading.ref()}) is null or names_nobody({reading.ref()}))"
        # CASE, since both sides of an AND are worked out for every row.
        yield "placeholder or local address", f"case when {nulled} then {nobody} else false end"
        yield "no address that can be read", f"case when {nulled} then not {nobody} else false end"
    else:
        yield "placeholder", nulled


def _refuse_wrong_unit(con: Connection, table: LogTable, part: PartReading) -> None:
    """A column of numbers most of which are no times in the unit said, but are in another."""
    reading = part.columns.get(table.clock) if table.clock else None
    if reading is None or reading.instant is None or reading.instant.unit is None:
        return
    place = f"{table.source.place}: column {reading.origin}"
    fits = unit_shares(con, reading.raws[0], reading.kinds[0], part.part.relation)
    said = reading.instant.unit
    best = max(fits, key=lambda u: fits[u])
    if fits[best] > _MOST and best != said:
        raise LogsError(
            f"{place}: times are in another unit: got {said}, in which {fits[str(said)]:.0%} lie between "
            f"{FIRST.year} and {LAST.year}; expected {best}, in which {fits[best]:.0%} do",
            f'[columns.{table.table}] time_unit = "{best}"',
        )
