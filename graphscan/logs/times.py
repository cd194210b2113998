"""Times of a log as UTC: for a column of any type that can hold times, the SQL that reads it.

Takes in an expression and its DuckDB type; gives out `Instant`, whose `utc` is a TIMESTAMP in UTC, to
be used where `between` holds, within 1990 to 2100: arithmetic on extreme times ends the whole query.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from graphscan.errors import LogsError
from graphscan.logs.sql import Connection, frame, quote_text

# Naive times are UTC here.
FIRST, LAST = dt.datetime(1990, 1, 1), dt.datetime(2100, 1, 1)  # noqa: DTZ001
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001

_NAIVE = ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE")
_AWARE = ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS")
_INTEGERS = (
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
)
_FLOATS = ("FLOAT", "DOUBLE")
PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}

_OFFSET = r"\d{1,2}:\d{2}.*(Z|z|UTC|GMT|[+-]\d{2}(:?\d{2})?)$"
"""Text with a time of day and a zone after it; a date alone ends in digits that look like an offset."""


@dataclass(frozen=True)
class Instant:
    """How one column is read: `utc` as SQL, and what to compare with what to cut a window, as SQL.

    Where it can be, the window is cut on the column as it is stored, so that Parquet's statistics skip by it.
    """

    raw: str
    utc: str
    compared: str
    literal: Callable[[dt.datetime], str]
    unit: str | None = None
    """Of a column of numbers."""
    is_text: bool = False

    def between(self, first: dt.datetime | None, last: dt.datetime | None) -> str:
        """The predicate first ≤ time < last, within 1990 to 2100."""
        low, high = max(first or FIRST, FIRST), min(last or LAST, LAST)
        return f"{self.compared} >= {self.literal(low)} and {self.compared} < {self.literal(high)}"

    def is_from(self, last: dt.datetime) -> str:
        """The predicate last ≤ time, which a time that is null or cannot be one is not."""
        return f"coalesce({self.between(last, None)}, false)"


def is_integer(kind: str) -> bool:
    return kind in _INTEGERS


def is_float(kind: str) -> bool:
    return kind in _FLOATS or kind.startswith("DECIMAL")


def instant(raw: str, kind: str, unit: str | None, zone: str | None, place: str) -> Instant:
    """How to read times of this DuckDB type; naive ones are local times of `zone` (UTC if None).

    Raises LogsError where the type holds no time, or a number without a unit.
    """
    if kind in _NAIVE:
        local = raw if kind == "TIMESTAMP" else f"({raw})::TIMESTAMP"
        if zone in (None, "UTC"):
            return Instant(raw, local, raw, _naive_literal)
        utc = f"({local} at time zone {quote_text(str(zone))} at time zone 'UTC')"
        return Instant(raw, utc, utc, _naive_literal)
    if kind in _AWARE:
        aware = raw if kind == _AWARE[0] else f"({raw})::TIMESTAMPTZ"
        return Instant(
            raw, f"({aware} at time zone 'UTC')", aware, lambda t: f"timestamptz '{t.isoformat(sep=' ')}+00'"
        )
    if is_integer(kind) or is_float(kind):
        if unit is None:
            raise LogsError(f"{place}: times have no unit: got {kind}; expected time_unit s, ms, us or ns")
        return _number(raw, unit, exact=is_integer(kind))
    if kind == "VARCHAR":
        return _text(raw, unit, zone)
    raise LogsError(
        f"{place}: holds no times: got {kind}; expected TIMESTAMP, text, or numbers with time_unit"
    )


def _number(raw: str, unit: str, *, exact: bool) -> Instant:
    per_second = PER_SECOND[unit]
    if per_second > 1_000_000:
        micros = f"({raw})::BIGINT // 1000" if exact else f"floor(({raw}) / 1000)::BIGINT"
    else:
        factor = 1_000_000 // per_second
        micros = f"({raw})::BIGINT * {factor}" if exact else f"round(({raw}) * {factor})::BIGINT"

    def literal(t: dt.datetime) -> str:
        return str((t - _EPOCH) // dt.timedelta(microseconds=1) * per_second // 1_000_000)

    bounds = f"{raw} >= {literal(FIRST)} and {raw} < {literal(LAST)}"
    return Instant(raw, f"(case when {bounds} then make_timestamp({micros}) end)", raw, literal, unit=unit)


def _text(raw: str, unit: str | None, zone: str | None) -> Instant:
    utc = f"try_cast({raw} as TIMESTAMPTZ) at time zone 'UTC'"
    if zone not in (None, "UTC"):
        local = f"try_cast({raw} as TIMESTAMP) at time zone {quote_text(str(zone))} at time zone 'UTC'"
        utc = f"case when regexp_matches({raw}, {quote_text(_OFFSET)}) then {utc} else {local} end"
    if unit is not None:
        utc = f"coalesce({_number(f'try_cast({raw} as BIGINT)', unit, exact=True).utc}, {utc})"
    return Instant(raw, f"({utc})", f"({utc})", _naive_literal, is_text=True)


def _naive_literal(t: dt.datetime) -> str:
    return f"timestamp '{t.isoformat(sep=' ')}'"


def unit_shares(con: Connection, raw: str, kind: str, relation: str) -> dict[str, float]:
    """For each unit, the share of a column's numbers that are times between 1990 and 2100 in it."""
    inside = {u: instant(raw, kind, u, None, "").between(None, None) for u in PER_SECOND}
    counts = ", ".join(f"count(*) filter ({sql}) as {u}" for u, sql in inside.items())
    row = frame(con, f"select {counts}, count({raw}) as n from {relation}").row(0, named=True)
    return {u: row[u] / row["n"] if row["n"] else 0.0 for u in PER_SECOND}
