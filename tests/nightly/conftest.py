"""A folder of nights with one night of a small log in it, made once; tests work on copies."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from graphscan.cli import main

DAYS = tuple(f"2026-03-0{i}" for i in range(2, 7))
FIRST = DAYS[2]
TEMPLATE = (
    "You are a careful grader of essays. Read the answer below twice, mark it from one to ten on clarity, truth and "
    "style, give your reasons step by step, then write a better answer of the same length in plain words, and end "
    "with one line of advice to the student who wrote it, number"
)


@dataclass(frozen=True)
class Place:
    """A log and a folder of nights below `home`."""

    home: Path

    @property
    def nights(self) -> Path:
        return self.home / "nights"

    @property
    def log(self) -> Path:
        return self.home / "log"

    def arguments(self, date: str) -> tuple[object, ...]:
        """The command line of a night."""
        options = ("--window", "3d", "--nights", self.nights, "--no-progress")
        inputs = ("--requests", self.log / "requests" / "{date}.parquet")
        more = ("--accounts", self.log / "accounts.parquet", "--payments", self.log / "payments.parquet")
        return ("nightly", "--date", date, *options, *inputs, *more)


@pytest.fixture(scope="session")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A small log, a file a day, and its night of FIRST; nobody writes into it."""
    place = Place(tmp_path_factory.mktemp("nights"))
    _write_log(place.log)
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
        patch.setattr("sys.argv", ["graphscan", *map(str, place.arguments(FIRST))])
        assert _code(main) == 0
    return place


def _write_log(log: Path) -> None:
    """Four days of 300 accounts that have nothing to do with one another, and 16 with one text and one address each
    for three of them."""
    (log / "requests").mkdir(parents=True)
    for day in DAYS:
        midnight = dt.datetime.fromisoformat(day)
        rows = [
            {
                "account_id": f"a{i:03d}",
                "ts": midnight + dt.timedelta(minutes=(17 * i + 400 * j) % 1440, seconds=i % 60),
                "prompt": f"what of the {i * 7 + j} old {['boat', 'barn', 'bell'][(i + j) % 3]} by the lake {i}",
                "ip": f"198.{51 + i // 250}.{i % 250}.{j + 1}",
            }
            for i in range(300)
            for j in range(2)
        ]
        rows += [
            {
                "account_id": f"r{i:03d}",
                "ts": midnight + dt.timedelta(minutes=(31 * i + 90 * j) % 1440),
                "prompt": f"{TEMPLATE} {i} {j}",
                "ip": f"203.0.113.{i // 4}",
            }
            for i in range(16)
            for j in range(6)
        ]
        pl.DataFrame(rows).write_parquet(log / "requests" / f"{day}.parquet")
    accounts = [(f"a{i:03d}", f"card-{i}", 37 * i) for i in range(300)]
    accounts += [(f"r{i:03d}", f"shared-{i // 4}", 5_000) for i in range(16)]
    table = pl.DataFrame(accounts, schema=("account_id", "payment_fingerprint", "hours"), orient="row")
    table.select("account_id", "payment_fingerprint").write_parquet(log / "payments.parquet")
    created = pl.lit(dt.datetime.fromisoformat("2025-06-01")) + pl.duration(hours="hours")
    table.select("account_id", created.alias("created_at")).write_parquet(log / "accounts.parquet")


def _code(main: Callable[[], None]) -> int:
    try:
        main()
    except SystemExit as e:
        return e.code if isinstance(e.code, int) else 0
    return 0


@pytest.fixture
def place(first_night: Place, tmp_path: Path) -> Place:
    """A copy of the first night to work on."""
    shutil.copytree(first_night.home, tmp_path / "place", symlinks=True)
    return Place(tmp_path / "place")
