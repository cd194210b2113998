"""A log opened and staged in memory from rows, as a scan does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from graphscan.logs.log import Log, open_log
from graphscan.logs.sql import Connection, engine
from graphscan.settings import Settings
from graphscan.signals.stage import register, stage

Staged = tuple[Connection, Log, Settings]


@pytest.fixture
def staged(tmp_path: Path) -> Iterator[Callable[..., Staged]]:
    """staged(requests, accounts=…, payments=…, declared=…): frames written down, opened and staged."""
    with ExitStack() as opened:

        def open_and_stage(
            requests: pl.DataFrame, declared: list[dict[str, str]] = (), **tables: Any
        ) -> Staged:
            given = {}
            for name, rows in {"requests": requests, **tables}.items():
                given[name] = str(tmp_path / f"{name}.parquet")
                rows.write_parquet(given[name])
            resolved = Settings.load(None, **given, declared=list(declared))
            con = opened.enter_context(engine(resolved))
            log = open_log(con, resolved)
            register(con)
            return con, log.without_copies(stage(con, resolved)), resolved

        yield open_and_stage
