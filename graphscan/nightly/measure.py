"""What a night's input is, before it is scanned: its requests by day, what is missing in them, and its identity.

Takes in an opened log and gives out plain values that go into night.json, where later nights compare themselves.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import graphscan
from graphscan.logs.files import LogFile, is_select
from graphscan.logs.log import Log
from graphscan.logs.sql import Connection, frame, quote_ident
from graphscan.settings import TABLES, Settings

TEXTS = ("prompt", "system", "response")
"""Columns that are not counted by day: it would be reading the text a second time. Footers tell their nulls."""

_ZONES = dt.timedelta(days=1)
"""How far a time of another zone may be from UTC."""

_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - naive UTC
_NANOSECONDS = {"milliseconds": 1_000_000, "microseconds": 1_000, "nanoseconds": 1}


@dataclass(frozen=True)
class Measured:
    """`rows`: requests by day (ISO text). `nulls`: column to share of nulls on the window's last day; of texts over
    the files' footers. `inputs`: those files of the window, as (table, SHA-256), sorted."""

    rows: Mapping[str, int]
    nulls: Mapping[str, float]
    inputs: tuple[tuple[str, str], ...]

    def as_dict(self) -> dict[str, Any]:
        """As night.json has it."""
        return asdict(self)


def measure(con: Connection, log: Log, settings: Settings, last_day: dt.date) -> Measured:
    """The log's requests by day, its nulls on the last day, its files."""
    names = [c for c in log.columns["requests"] if c not in (*TEXTS, "account_id", "ts")]
    counts = "".join(f", count({quote_ident(n)}) as c{i}" for i, n in enumerate(names))
    days = frame(
        con, f"select ts::DATE as day, count(*) as n{counts} from log_requests group by day order by day"
    )
    rows = {day.isoformat(): n for day, n in days.select("day", "n").iter_rows()}
    nulls: dict[str, float] = {}
    for day, n, *filled in days.iter_rows():
        if day == last_day:
            nulls = {name: 1.0 - f / n for name, f in zip(names, filled, strict=True)}
    for name in TEXTS:
        share = _footer_nulls(log, name)
        if share is not None:
            nulls[name] = share
    return Measured(rows, {k: round(v, 6) for k, v in nulls.items()}, _inputs(log, settings))


def identity(measured: Measured, settings: Settings) -> str:
    """The generation: the same for the same files, settings and version, whatever threads, memory and watching are.

    It says nothing of what is in the files. A decision made since makes another one: it may allow an entity.
    """
    told = settings.model_dump(mode="json", by_alias=True, exclude={"nightly"})
    told["run"] = {"seed": settings.run.seed}
    told["review"] = _decided(settings)
    # A log that was moved is the same log; a SELECT says what is read of it.
    told["inputs"] = {k: v for k, v in told["inputs"].items() if k not in TABLES or (v and is_select(v))}
    text = json.dumps([graphscan.__version__, told, measured.inputs], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


def _decided(settings: Settings) -> str | None:
    """The SHA-256 of the reviewers' decisions; None where there are none yet."""
    file = Path(settings.review.decisions) if settings.review.decisions else None
    return hashlib.sha256(file.read_bytes()).hexdigest() if file and file.exists() else None


def _inputs(log: Log, settings: Settings) -> tuple[tuple[str, str], ...]:
    """The files whose rows can be in the window: another day's file that a glob names is none of this night."""
    outside = {f.path for f in log.files if _outside(f, log, settings)}
    return tuple(sorted((i.table, i.sha256) for i in log.inputs if i.path not in outside))


def _outside(file: LogFile, log: Log, settings: Settings) -> bool:
    """Whether the file's footer says that no request in it is in the window."""
    first, last = settings.inputs.from_at, settings.inputs.to_at
    clock = log.origins["requests"].get("ts")
    if first is None or last is None or clock not in file.names:
        return False
    if any(i.path == file.path and i.table != "requests" for i in log.inputs):
        return False
    margin = dt.timedelta(0) if settings.columns.requests.time_zone in (None, "UTC") else _ZONES
    bounds = _bounds(file.path, clock)
    return bounds is not None and (
        bounds[1] < _nanoseconds(first - margin) or bounds[0] >= _nanoseconds(last + margin)
    )


def _bounds(path: str, column: str) -> tuple[int, int] | None:
    """Smallest and greatest time of a column by the footer, in nanoseconds since 1970; None where it does not say."""
    lows, highs = [], []
    for stats in _statistics(path, column):
        if stats is None or not stats.has_min_max or stats.logical_type.type != "TIMESTAMP":
            return None
        # As stored: a datetime has no nanoseconds, and no year past 9999.
        unit = _NANOSECONDS[json.loads(stats.logical_type.to_json())["timeUnit"]]
        lows.append(stats.min_raw * unit)
        highs.append(stats.max_raw * unit)
    return (min(lows), max(highs)) if lows else None


def _nanoseconds(at: dt.datetime) -> int:
    return (at - _EPOCH) // dt.timedelta(microseconds=1) * 1_000


def _footer_nulls(log: Log, name: str) -> float | None:
    """Share of nulls of a text by its files' footers; None where a footer does not say."""
    origin = log.origins["requests"].get(name)
    n = n_null = 0
    for file in log.files:
        if origin not in file.names or file.n_rows is None:
            continue
        for stats in _statistics(file.path, origin):
            if stats is None or not stats.has_null_count:
                return None
            n_null += stats.null_count
        n += file.n_rows
    return n_null / n if n else None


def _statistics(path: str, column: str) -> list[Any]:
    """What the footer says of a column, by row group; one None where the column is no plain one."""
    import pyarrow.parquet as pq

    footer = pq.read_metadata(path)
    number = next((i for i in range(footer.num_columns) if footer.schema.column(i).path == column), None)
    if number is None:
        return [None]
    return [footer.row_group(g).column(number).statistics for g in range(footer.num_row_groups)]
