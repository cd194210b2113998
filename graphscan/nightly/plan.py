"""A night as it is asked for: its date, its window, its settings, and whether it can be begun at all.

Takes in settings and dates; gives out a `Plan`, or within a second the error that would end the night after hours.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from graphscan.errors import LogsError, RunError, SettingsError
from graphscan.faults import together
from graphscan.kinds import n_bytes
from graphscan.logs.files import is_select, paths_named
from graphscan.logs.times import FIRST, LAST
from graphscan.settings import TABLES, Settings


@dataclass(frozen=True)
class Plan:
    """One night: `settings` have its window, and the days of it in place of `{date}`."""

    root: Path
    date: dt.date
    settings: Settings

    @property
    def day(self) -> str:
        """The date as ISO text."""
        return self.date.isoformat()


def plan_of(settings: Settings, date: dt.date) -> Plan:
    """The night of a date: the window ends with the date's last instant in UTC, whatever the clock says.

    Raises SettingsError where no requests are named, or the settings have a window of their own.
    """
    inputs = settings.inputs
    if inputs.requests is None:
        raise SettingsError(
            "inputs.requests: is missing: got nothing; expected a Parquet file, a folder, a glob or a SELECT",
            "give --requests, or requests under [inputs] of a file given by --config",
        )
    if inputs.from_at or inputs.to_at:
        raise SettingsError(
            "inputs: a night has its own window: got from or to; expected neither",
            "give the length by --window, or window under [nightly]",
        )
    midnight = dt.datetime.combine(date, dt.time())
    first = midnight - dt.timedelta(days=settings.nightly.window_days - 1)
    days = f"{{{first.date().isoformat()}..{date.isoformat()}}}"
    given: dict[str, str] = {t: text for t in TABLES if (text := getattr(inputs, t))}
    named = {t: text if is_select(text) else text.replace("{date}", days) for t, text in given.items()}
    window = {"from_at": first, "to_at": midnight + dt.timedelta(days=1)}
    resolved = settings.model_copy(update={"inputs": inputs.model_copy(update={**named, **window})})
    return Plan(Path(settings.nightly.folder), date, resolved)


def preflight(plan: Plan) -> None:
    """Raises what would end the night later: no room, no permission, no input. Reads no row.

    RunError for the folder of nights and the disk, LogsError for inputs, all of them together.
    """
    _writable(plan.root)
    free, needed = shutil.disk_usage(plan.root).free, n_bytes(plan.settings.nightly.min_free)
    if free < needed:
        raise RunError(
            f"{plan.root}: has no room: got {free:,} bytes free; expected {needed:,}",
            "make room, or set min_free under [nightly]",
        )
    if missing := [e for t in TABLES if (e := _missing(plan, t))]:
        raise together(missing)


def _writable(root: Path) -> None:
    """A file can be made, filled and synced there."""
    probe = root / ".probe.new"
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        with probe.open("wb") as f:
            f.write(b"\0" * 4096)
            f.flush()
            os.fsync(f.fileno())
        probe.unlink()
    except OSError as e:
        raise RunError(
            f"{root}: cannot be written: got {e.strerror}; expected a folder of nights that can be",
            "mend the permissions or the disk, or set folder under [nightly]",
        ) from None


def _missing(plan: Plan, table: str) -> LogsError | None:
    """What is wrong with an input's name; of a SELECT nothing is said here."""
    text = getattr(plan.settings.inputs, table)
    if text is None or is_select(text):
        return None
    place = f"inputs.{table}"
    paths = paths_named(text)
    if not paths:
        return LogsError(
            f"{place}: names no file: got {text}; expected a Parquet file, a folder, a glob or a SELECT",
            "has the log of this day arrived?",
        )
    closed = [p for p in paths if not os.access(p, os.R_OK)]
    if closed:
        return LogsError(
            f"{place}: {closed[0]} cannot be read: got no permission; expected a file that can be read"
        )
    return None


def nights_of(date: str | None, first: str | None, last: str | None) -> list[dt.date]:
    """The nights that are asked for: one by its date, or all from first to last. Raises SettingsError."""
    if (date is None) == (first is None and last is None) or (first is None) != (last is None):
        given = [k for k, v in (("--date", date), ("--from", first), ("--to", last)) if v is not None]
        raise SettingsError(
            f"nightly: which night: got {' and '.join(given) or 'nothing'}; expected --date, or --from and --to",
            "the date is given, never taken from the clock: in a crontab --date $(date -u -d yesterday +%F)",
        )
    if date is not None:
        return [parse_date(date, "--date")]
    begin, end = parse_date(str(first), "--from"), parse_date(str(last), "--to")
    if end < begin:
        raise SettingsError(f"--to: is before --from: got {end}; expected {begin} or later")
    return [begin + dt.timedelta(days=i) for i in range((end - begin).days + 1)]


def parse_date(text: str, place: str) -> dt.date:
    """A date from ISO text, one that a log may be of. Raises SettingsError."""
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"{place}: is no date: got {text}; expected one such as 2026-11-22") from None
    if not FIRST.date() <= date < LAST.date():
        raise SettingsError(
            f"{place}: is out of range: got {text}; expected a date of {FIRST.year} to {LAST.year - 1}"
        )
    return date
