"""Small logs on disk: tables are written as given, opened through the same door as any run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphscan.logs.log import Log, open_log
from graphscan.logs.sql import Connection, engine, frame
from graphscan.settings import Settings

NOON = dt.datetime(2026, 11, 20, 12)  # noqa: DTZ001 - a naive UTC time, as in most logs


class Opened:
    """An opened log with its connection."""

    def __init__(self, con: Connection, log: Log) -> None:
        self.con = con
        self.log = log

    def rows(self, table: str = "requests") -> list[dict[str, Any]]:
        return frame(self.con, f"select * from log_{table} order by all").to_dicts()

    def column(self, name: str, table: str = "requests") -> list[Any]:
        return [row[name] for row in self.rows(table)]

    def set_aside(self) -> set[tuple[str | None, str, int | None]]:
        """(column, reason, n_rows) of the requests."""
        of_requests = self.log.set_aside.filter(pl.col("table") == "requests")
        return set(of_requests.select("column", "reason", "n_rows").iter_rows())


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """write("a.parquet", account_id=[…], …): a Parquet file below tmp_path; values may be Arrow arrays."""

    def written(name: str, **columns: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(columns), path)
        return path

    return written


@pytest.fixture
def opened() -> Iterator[Callable[..., Opened]]:
    """opened(requests=path, …): the log under these settings, open until the test ends."""
    open_engines = []

    def open_with(**settings: Any) -> Opened:
        resolved = Settings.load(
            None, **{k: str(v) if isinstance(v, Path) else v for k, v in settings.items()}
        )
        context = engine(resolved)
        con = context.__enter__()
        open_engines.append(context)
        return Opened(con, open_log(con, resolved))

    yield open_with
    for context in open_engines:
        context.__exit__(None, None, None)
