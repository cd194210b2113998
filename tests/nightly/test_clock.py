"""A clock that is wrong, and is set back and forth between nights and during one, changes nothing but times in the log.

`faketime` (Debian's package) moves the clock of whole processes, their children's too; without it this test skips.
Files keep their true times, and so do durations, as where a clock is set.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest
from shell import Shell

from graphscan.nightly.shelf import faults, read_catalog

FIRST, SECOND, THIRD = "2026-03-04", "2026-03-05", "2026-03-06"
BACK, AHEAD = "-9000d", "+9000d"


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    """The file that says how far a process's clock is off."""
    if shutil.which("faketime") is None:
        pytest.skip("faketime is not installed (apt-get install faketime)")
    return tmp_path / "clock"


def _under(clock: Path) -> Mapping[str, str]:
    """The environment of a process that has this clock, at the other end of the world."""
    asked = ("faketime", "-m", "-f", "+0", "printenv", "LD_PRELOAD")
    preload = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    kept = {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1", "FAKETIME_NO_CACHE": "1"}
    kept["TZ"] = "Pacific/Kiritimati"
    return {**os.environ, "LD_PRELOAD": preload, "FAKETIME_TIMESTAMP_FILE": str(clock), **kept}


def _set(clock: Path, to: str) -> None:
    new = clock.with_suffix(".new")
    new.write_text(to)
    new.replace(clock)


def _start(clock: Path, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from graphscan.cli import main; main()", *map(str, arguments)]
    return subprocess.Popen(command, env=_under(clock), stdout=subprocess.PIPE, text=True)


def _end(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code of a process, and what it printed."""
    said, _ = process.communicate()
    return process.returncode, said


def _lines(place, name: str = "log.jsonl") -> list[dict[str, str]]:
    return [json.loads(line) for line in (place.nights / name).read_text().splitlines()]


def _set_at(clock: Path, place, night: subprocess.Popen[str], stage: str, to: str) -> None:
    """Sets the clock once the night of SECOND is at a stage."""
    while not any(x["night"] == SECOND and x.get("stage") == stage for x in _lines(place)):
        assert night.poll() is None
        time.sleep(0.01)
    _set(clock, to)


def _published(place) -> dict[str, str]:
    """The hash of every table of every night, by its place, in which its generation is."""
    root = place.nights / "nights"
    return {
        str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in root.rglob("*.parquet")
    }


@pytest.mark.slow
def test_a_clock_that_is_set_back_and_forth_changes_no_name_window_or_purge(
    place, clock: Path, shell: Shell, tmp_path: Path
) -> None:
    moved = type(place)(shutil.copytree(place.home, tmp_path / "moved", symlinks=True))
    _set(clock, BACK)
    second = _start(clock, *moved.arguments(SECOND))
    _set_at(clock, moved, second, "read the requests", AHEAD)
    _set_at(clock, moved, second, "propose", BACK)
    assert _end(second)[0] == 0
    years = [x["at"][:4] for x in _lines(moved) if x["night"] == SECOND]
    assert len(set(years)) == 2 and years != sorted(years)  # the clock did go both ways
    _set(clock, AHEAD)
    assert _end(_start(clock, *moved.arguments(SECOND)))[0] == 99
    _set(clock, BACK)
    assert _end(_start(clock, *moved.arguments(THIRD)))[0] == 0
    for night in (SECOND, THIRD):
        assert shell(*place.arguments(night))[0] == 0
    assert _published(moved) == _published(place)
    assert list(read_catalog(moved.nights).nights) == [FIRST, SECOND, THIRD]
    told = pl.read_parquet(moved.nights / "current" / "lineage.parquet")
    assert [n.isoformat() for n in told["night"].unique().sort()] == [FIRST, SECOND, THIRD]
    facts = json.loads((moved.nights / "current" / "night.json").read_text())
    assert facts["window"] == ["2026-03-04 00:00:00", "2026-03-07 00:00:00"]
    assert all(0 <= seconds < 600 for seconds in facts["stages"].values())
    _set(clock, AHEAD)
    code, said = _end(_start(clock, "purge", "--nights", moved.nights, "--before", SECOND, "--json"))
    assert (code, json.loads(said)["dates"]) == (0, [FIRST])
    assert {x["night"] for x in _lines(moved)} == {SECOND, THIRD}
    assert [x["eventType"] for x in _lines(moved, "openlineage.jsonl")] == ["START", "COMPLETE"] * 3
    assert faults(moved.nights) == []
