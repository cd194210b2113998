"""A scan or a check as a caller asks for it: tables, settings and a place in, a `Scan` or a `Checked` out.

The command line and a notebook both come in here; `graphscan.line` is what runs.
"""

from __future__ import annotations

import sys
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from graphscan.errors import SettingsError
from graphscan.line import run_line
from graphscan.logs.check import Check, check_log
from graphscan.logs.log import open_log
from graphscan.logs.sql import engine
from graphscan.progress import Progress, Silent, in_notebook, shown
from graphscan.results import Scan
from graphscan.settings import TABLES, Settings
from graphscan.signals.incidences import Signal, families_on, signals_of
from graphscan.signals.stage import count_copies, register
from graphscan.stopping import made_aside

_PREFIX = "graphscan-scan-"


class ArrowTable(Protocol):
    """A frame of Polars, Arrow, DuckDB or pandas."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The frame as a stream of Arrow."""


Given = str | Path | ArrowTable


def scan(
    requests: Given | None = None,
    accounts: Given | None = None,
    payments: Given | None = None,
    canaries: Given | None = None,
    *,
    config: str | Path | None = None,
    settings: Settings | None = None,
    out: str | Path | None = None,
    replace: bool = False,
    progress: bool | None = None,
    **overrides: object,
) -> Scan:
    """Rings in a log, with the reasons: a `Scan` over the run folder `out`.

    Each table is a path, a glob, a SELECT, or a frame. Settings come from `config`, a graphscan.toml, or are
    `settings`; `overrides` are further keys of [inputs], [rings] or [run], such as `seed=1`. Without `out`
    the folder is a temporary one that goes with the last use of the `Scan`. `replace` takes the place of an
    earlier run. `progress` is shown on a terminal and in a notebook; True shows it elsewhere too, False nowhere.

    Raises SettingsError, LogsError, QueryError or RunError, and then writes nothing.
    """
    with ExitStack() as aside:
        folder = aside.enter_context(made_aside(Path(tempfile.gettempdir()), _PREFIX))
        given = {"requests": requests, "accounts": accounts, "payments": payments, "canaries": canaries}
        tables = {name: _source(name, table, folder) for name, table in given.items() if table is not None}
        resolved = _resolved(config, settings, {**tables, **overrides})
        run = Path(out) if out is not None else folder / "run"
        watch = watched(progress)
        try:
            run_line(resolved, run, watch, replace)
        finally:
            watch.close()
        found = Scan.read(run)
        if out is None:
            weakref.finalize(found, aside.pop_all().close)
    return found


@dataclass(frozen=True)
class Checked:
    """What a log holds, and which signals it turns on."""

    check: Check
    signals: tuple[Signal, ...]

    def lines(self) -> Iterator[str]:
        """All of it as plain lines."""
        yield from self.check.lines()
        yield ""
        yield "signals"
        for s in self.signals:
            yield f"  {s.family:<10} {s.name:<20} {f'off: {s.off}' if s.off else 'on'}"

    def as_dict(self) -> dict[str, Any]:
        """All of it as values that JSON can hold."""
        signals = [
            {"name": s.name, "family": s.family, "on": not s.off, "why_off": s.off or None}
            for s in self.signals
        ]
        return {**self.check.as_dict(), "signals": signals}


def check(settings: Settings) -> Checked:
    """What a scan of the log would find to work with; nothing is written. Raises as `scan` does."""
    with engine(settings) as con:
        register(con)
        log = open_log(con, settings)
        log = log.without_copies(count_copies(con, settings))
        signals = signals_of(settings, log.columns)
        return Checked(check_log(con, log, families_on(signals)), tuple(signals))


def _resolved(config: str | Path | None, settings: Settings | None, overrides: dict[str, object]) -> Settings:
    if settings is None:
        return Settings.load(Path(config) if config is not None else None, **overrides)
    strangers = sorted(overrides.keys() - set(TABLES))
    if config is not None or strangers:
        raise SettingsError(
            f"scan: settings are given twice: got settings and {', '.join(strangers) or 'config'}; "
            "expected one of them",
            "give settings alone, or config with what differs from it",
        )
    return settings.model_copy(update={"inputs": settings.inputs.model_copy(update=overrides)})


def _source(name: str, table: Given, folder: Path) -> str:
    """A table as text that settings know; a frame is written down first."""
    if isinstance(table, str | Path):
        return str(table)
    path = folder / f"{name}.parquet"
    try:
        pl.DataFrame(table).write_parquet(path)
    except (TypeError, ValueError, pl.exceptions.PolarsError):
        raise SettingsError(
            f"scan: {name} is no table: got {type(table).__name__}; "
            "expected a path, a glob, a SELECT, or a frame of Polars or Arrow",
            "a lazy frame is collected first: frame.collect()",
        ) from None
    return str(path)


def watched(progress: bool | None) -> Progress:
    """What shows progress: on a terminal and in a notebook with None, everywhere with True, nowhere with False."""
    if progress is None and not sys.stderr.isatty() and not in_notebook():
        return Silent()
    return shown(progress is not False)
