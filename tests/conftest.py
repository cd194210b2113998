"""The sample log, scanned once for all tests that look at a run; a small log; the command line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from hypothesis import settings
from shell import Shell

from graphscan.api.scan import scan
from graphscan.results import Scan

# How fast a law is found to hold is not what it says: another process may have the cores.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

SAMPLE = Path(__file__).parent.parent / "data" / "sample"


@pytest.fixture(scope="session")
def sample() -> Path:
    """The folder of the sample log."""
    return SAMPLE


@pytest.fixture(scope="session")
def sample_scan(tmp_path_factory: pytest.TempPathFactory) -> Scan:
    """The sample log, scanned with default settings; nobody writes into the run."""
    return scan(
        SAMPLE / "requests" / "*.parquet",
        SAMPLE / "accounts.parquet",
        SAMPLE / "payments.parquet",
        out=tmp_path_factory.mktemp("sample") / "run",
    )


@pytest.fixture
def small_log(tmp_path: Path) -> Path:
    """Requests of 40 accounts, three each, in which nothing is coordinated."""
    noon = dt.datetime(2026, 11, 20, 12)  # noqa: DTZ001 - naive UTC, as in most logs
    deeds = ("cook", "mend", "paint", "sell")
    rows = [
        {
            "account_id": f"{i:03d}",
            "ts": noon + dt.timedelta(hours=7 * i + j, seconds=i),
            "prompt": f"how do I {deeds[(i + j) % 4]} a {i * 7 + j} year old thing",
            "ip": f"198.51.{i}.{j + 1}",
        }
        for i in range(40)
        for j in range(3)
    ]
    path = tmp_path / "requests.parquet"
    pl.DataFrame(rows).write_parquet(path)
    return path


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """`shell("scan", …)` gives exit code, stdout and stderr; `shell.json(…)` what `--json` prints."""
    return Shell(monkeypatch, capsys)
