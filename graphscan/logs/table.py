"""One table of the contract as it stands in this log: found, checked against the contract, and as SQL.

Takes in the settings and a connection; gives out a `LogTable`, whose `rows()` is one SELECT over all parts
with the contract's columns in their one form.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphscan.errors import LogsError
from graphscan.faults import nearest, together
from graphscan.logs.columns import (
    CONVERSATIONS,
    PartReading,
    Wanted,
    read_part,
    times_without_unit,
    wanted_columns,
    with_conversations,
)
from graphscan.logs.messages import read_with, with_turns
from graphscan.logs.places import place_name
from graphscan.logs.source import Part, Source, open_source
from graphscan.logs.sql import Connection, frame, quote_ident
from graphscan.logs.times import is_integer, unit_shares
from graphscan.settings import Settings, Table

_CLOCK = {"requests": "ts", "payments": "ts", "accounts": "created_at", "canaries": "issued_at"}
_ALSO_CALLED = {
    "account_id": ("user_id", "customer_id", "client_id", "user", "uid", "api_key"),
    "ts": ("timestamp", "time", "datetime", "created_at", "start_time"),
}
_SAMPLE = 2_000
"""Prompts looked at in each part to learn whether they are conversations with system text."""


@dataclass(frozen=True)
class LogTable:
    """A table that is in this log. `names` are the columns it has, in the contract's order."""

    table: Table
    source: Source
    wanted: dict[str, Wanted]
    parts: tuple[PartReading, ...]
    names: tuple[str, ...]

    @property
    def clock(self) -> str | None:
        """The column with the table's time, if it is there."""
        return _CLOCK[self.table] if _CLOCK[self.table] in self.names else None

    def rows(self, names: Sequence[str], first: dt.datetime | None, last: dt.datetime | None) -> str:
        """A SELECT of these columns, of rows that have an account and in requests a time from `first` to
        `last`.

        The end is not part of the window. In the other tables a time outside 1990 to 2100 is null, and rows
        at or after `last` are left out. A column that the log does not have is null.
        """
        parts = "\nunion all\n".join(self._part_rows(p, names, first, last) for p in self.parts)
        needed = " and ".join(
            f"{quote_ident(n)} is not null"
            for n in ("account_id", *(("ts",) if self.table == "requests" else ()))
        )
        return f"select * from (\n{parts}\n) where {needed}"

    def _part_rows(
        self,
        part: PartReading,
        names: Sequence[str],
        first: dt.datetime | None,
        last: dt.datetime | None,
    ) -> str:
        columns = ", ".join(f"{self._sql(part, name)} as {quote_ident(name)}" for name in names)
        return f"select {columns} from {part.stored(self._in_time(part, first, last))}"

    def _in_time(self, part: PartReading, first: dt.datetime | None, last: dt.datetime | None) -> str:
        conditions = [part.only] if part.only else []
        when = part.columns[self.clock].stored_instant if self.clock and self.clock in part.columns else None
        if when is not None and self.table == "requests":
            conditions.append(when.between(first, last))
        elif when is not None and last is not None:
            conditions.append(f"not {when.is_from(last)}")
        return " and ".join(conditions) or "true"

    def _sql(self, part: PartReading, name: str) -> str:
        reading = part.columns.get(name)
        if reading is None:
            kinds = {"time": "TIMESTAMP", "value": "VARCHAR[]" if self.is_list(name) else "VARCHAR"}
            return f"null::{kinds.get(self.wanted[name].column.kind, 'VARCHAR')}"
        if reading.instant is not None and self.table != "requests":
            return f"(case when {reading.instant.between(None, None)} then {reading.sql} end)"
        if self.is_list(name) and not reading.is_list:
            return f"known_all([{reading.sql}])"
        return reading.sql

    def is_list(self, name: str) -> bool:
        """Whether a column is a list of values in any part."""
        return any(p.columns[name].is_list for p in self.parts if name in p.columns)

    def warnings(self) -> Iterator[str]:
        """What the reader should know of how the columns were read."""
        place = self.source.place
        for name in self.names:
            n_without = sum(len(p.part.files) for p in self.parts if name not in p.columns)
            if n_without:
                n_files = len(self.source.files)
                yield f"{place}: {name} is missing in {n_without} of {n_files} files: null there"
            kinds = sorted({k for p in self.parts if name in p.columns for k in p.columns[name].kinds})
            if self.wanted[name].column.kind in ("id", "key") and any(map(is_integer, kinds)):
                yield f"{place}: {name} is {' and '.join(kinds)}: read as text, '007' and '7' stay two"
            elif self.wanted[name].column.kind == "time" and len(kinds) > 1:
                yield f"{place}: {name} is {' and '.join(kinds)}: each read by its own type, as UTC"
        for path, why in self.source.unreadable:
            yield f"{place}: {path} cannot be read ({why}): left out"
        for path in self.source.twice:
            yield f"{place}: {path} is a file that was listed before: read once"
        for want in self.wanted.values():
            if want.column.kind == "value" and want.name not in self.names:
                close = nearest(want.name, self.source.names())
                yield f"{place}: no column {want.name} for a declared signal" + (
                    f": {close}?" if close else ""
                )


def open_table(con: Connection, table: Table, text: str, settings: Settings) -> LogTable:
    """The table with every file's schema read and checked, before any row.

    Raises LogsError with all faults of the table, SettingsError where a choice is left open.
    """
    wanted = wanted_columns(table, settings)
    relevant = {name for w in wanted.values() for name in w.relevant()}
    source = open_source(con, table, text, relevant, settings.run.threads)
    faults: list[LogsError] = []
    parts = []
    for part in source.parts:
        try:
            _refuse_unknown_unit(con, part, wanted[_CLOCK[table]], table, settings)
            parts.append(read_part(part, wanted, table, settings))
        except LogsError as e:
            faults.append(e)
    if faults := faults or list(_missing(source, wanted, parts, table)):
        raise together(faults)
    if table == "requests":
        talking = CONVERSATIONS if settings.inputs.preset else _talking(con, parts)
        parts = [with_conversations(p, talking) for p in parts]
    names = tuple(name for name in wanted if any(name in p.columns for p in parts))
    return LogTable(table, source, wanted, tuple(parts), names)


def _refuse_unknown_unit(
    con: Connection, part: Part, clock: Wanted, table: Table, settings: Settings
) -> None:
    """Numbers without a unit, with the unit in which most of them are times of our days."""
    found = times_without_unit(part, clock, table, settings)
    if found is None:
        return
    shares = unit_shares(con, *found, part.relation)
    best = max(shares, key=lambda u: shares[u])
    raise LogsError(
        f"inputs.{table}: column {place_name(clock.places[0])}: times are numbers without a unit: "
        f"got {found[1]}; expected time_unit s, ms, us or ns",
        f'[columns.{table}] time_unit = "{best}" makes {shares[best]:.0%} of them times of 1990 to 2100',
    )


def _missing(
    source: Source, wanted: dict[str, Wanted], parts: list[PartReading], table: Table
) -> Iterator[LogsError]:
    """Needed columns that a file lacks, and mapped ones that no file has."""
    for want in wanted.values():
        lacking = [p for p in parts if want.name not in p.columns]
        if not lacking or not (want.column.is_needed or (want.is_mapped and len(lacking) == len(parts))):
            continue
        files = [f.path for p in lacking for f in p.part.files]
        where = f" in {files[0]}" + (f" and {len(files) - 1} more" if len(files) > 1 else "") if files else ""
        names = sorted({n for p in lacking for n in p.part.columns})
        sought = " or ".join(dict.fromkeys(map(place_name, want.places)))
        close = nearest(place_name(want.places[0]), names) or nearest(want.name, names)
        close = close or next((n for n in _ALSO_CALLED.get(want.name, ()) if n in names), None)
        yield LogsError(
            f"{source.place}: no column for {want.name}{where}: got {_few(names)}; expected {sought}",
            f'map it: [columns.{table}] {want.name} = "{close or "name in your log"}"',
        )


def _few(names: list[str]) -> str:
    shown = ", ".join(repr(n)[1:-1][:40] for n in names[:12])
    return f"{shown} and {len(names) - 12} more" if len(names) > 12 else shown or "no column"


def _talking(con: Connection, parts: list[PartReading]) -> list[str]:
    """The columns of which a sample holds a conversation. Nested columns always do."""
    return [c for c in CONVERSATIONS if any(_talks(con, p, c) for p in parts if c in p.columns)]


def _talks(con: Connection, part: PartReading, column: str) -> bool:
    raw = part.columns[column].raws[0]
    if raw.startswith("to_json("):
        return True
    sample = f"(select {raw} as x from {part.part.relation} limit {_SAMPLE})"
    spoken = (
        f"select count(*) as n from {with_turns(sample, ['x'])} where {read_with(f'{column}_of', 'x')} <> x"
    )
    return bool(frame(con, spoken, place="inputs.requests", blame=LogsError).item())
