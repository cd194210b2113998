"""What names a generation: its files, settings and decisions, and nothing that changes no ring."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from graphscan.logs.log import open_log
from graphscan.logs.sql import engine
from graphscan.nightly.gates import gates
from graphscan.nightly.measure import Measured, identity, measure
from graphscan.reviews.journal import append
from graphscan.settings import Settings

MEASURED = Measured({"2026-03-02": 7}, {}, (("requests", "ab" * 32),))


def named(**overrides: object) -> str:
    return identity(MEASURED, Settings.load(None, **overrides))


def test_how_a_night_is_run_and_watched_names_no_other_generation(tmp_path: Path) -> None:
    assert named() == named(threads=7, memory_limit="1GB") == named(journal=str(tmp_path / "j.jsonl"))
    assert named() == named(nightly={"min_rows_share": 0.1})
    assert named() != named(seed=1) and named() != named(min_bits=12.0)


def test_a_decision_made_since_does(tmp_path: Path) -> None:
    file = tmp_path / "decisions.jsonl"
    assert named(decisions=str(file)) == named()
    append(file, {"what": "decision"})
    once = named(decisions=str(file))
    append(file, {"what": "decision"})
    assert len({named(), once, named(decisions=str(file))}) == 3


DAY = dt.date(2026, 3, 3)
PER_SECOND = {"ms": 10**3, "us": 10**6, "ns": 10**9}


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_files_of_other_days_are_none_of_the_night_whatever_the_unit_of_the_times(
    unit: pl.datatypes.TimeUnit, tmp_path: Path
) -> None:
    """Times between two microseconds, and past the year 9999, are no datetimes."""
    night = _seconds(DAY)
    files = {
        "night": [night, night + 86_400 - 0.5],
        "eve": [night - 0.5],
        "morrow": [night + 86_400],
        "never": [min(6 * 10**11, 9 * 10**18 // PER_SECOND[unit])],
    }
    for name, seconds in files.items():
        raw = pl.Series("ts", [int(s * PER_SECOND[unit]) + (unit == "ns") for s in seconds], pl.Int64)
        who = [f"a{i}" for i in range(len(seconds))]
        ts = raw.cast(pl.Datetime(unit))
        pl.DataFrame({"account_id": who, "ts": ts}).write_parquet(tmp_path / f"{name}.parquet")
    measured = _measure(tmp_path / "*.parquet")
    assert measured.inputs == _measure(tmp_path / "night.parquet").inputs
    assert (measured.rows, len(measured.inputs)) == ({DAY.isoformat(): 2}, 1)
    assert gates(measured, DAY, 1, {}, 0.5, 0.2).breaches == ()


def _seconds(day: dt.date) -> int:
    return (day - dt.date(1970, 1, 1)).days * 86_400


def _measure(requests: Path) -> Measured:
    midnight = dt.datetime.combine(DAY, dt.time())
    settings = Settings.load(
        None, requests=str(requests), from_at=midnight, to_at=midnight + dt.timedelta(days=1)
    )
    with engine(settings) as con:
        return measure(con, open_log(con, settings), settings, DAY)
