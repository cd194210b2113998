"""A run comes out again to the last byte, or it is said what does not, and since when."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import polars as pl
import pytest
from nightly.conftest import Place, first_night  # noqa: F401 - a fixture
from shell import Shell

from graphscan.api.reproduce import reproduce
from graphscan.api.scan import scan
from graphscan.errors import RunError
from graphscan.results import Scan


@pytest.fixture
def aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the second scan is meanwhile."""
    folder = tmp_path / "aside"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_run_comes_out_again_and_nothing_is_left(shell: Shell, sample_scan: Scan, aside: Path) -> None:
    tables = list(sample_scan.path.rglob("*.parquet"))
    told = shell.json("reproduce", sample_scan.path)
    assert told == {"run": str(sample_scan.path), "same_tables": len(tables)}
    assert not list(aside.iterdir())


def test_a_night_does_but_for_what_the_nights_before_gave_it(first_night: Place, aside: Path) -> None:  # noqa: F811
    (manifest,) = first_night.nights.rglob("manifest.json")
    assert reproduce(manifest.parent) > 10
    assert not list(aside.iterdir())


def test_what_comes_out_otherwise_is_named_with_what_changed_since(
    sample_scan: Scan, tmp_path: Path, aside: Path
) -> None:
    run = Path(shutil.copytree(sample_scan.path, tmp_path / "run"))
    evidence = run / "evidence.parquet"
    pl.read_parquet(evidence).with_columns(bits=pl.col("bits") + 1.0).write_parquet(evidence)
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["versions"]["duckdb"] = "1.0"
    (run / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(
        RunError, match=r"got other bytes in evidence\.parquet; .*\n.*duckdb 1\.0 then, "
    ) as e:
        reproduce(run)
    assert "numpy" not in str(e.value)
    assert not list(aside.iterdir())


def test_another_log_is_refused_before_it_is_scanned(small_log: Path, tmp_path: Path, aside: Path) -> None:
    log = tmp_path / "log"
    log.mkdir()
    day = shutil.move(small_log, log / "1.parquet")
    run = scan(log, out=tmp_path / "run").path
    aside.rmdir()  # whoever scanned would miss it
    shutil.copy(day, log / "kept")
    pl.read_parquet(day).head(9).write_parquet(day)
    with pytest.raises(RunError, match=r"was made of another log: .*1\.parquet"):
        reproduce(run)
    Path(day).unlink()
    with pytest.raises(RunError, match=r"was made of another log: .*1\.parquet"):
        reproduce(run)
    aside.mkdir()
    shutil.copy(log / "kept", day)
    assert reproduce(run) > 10
    shutil.copy(day, log / "2.parquet")
    with pytest.raises(RunError, match=r"was made of another log: .*2\.parquet"):
        reproduce(run)
    with pytest.raises(RunError, match="is no run: got no readable manifest"):
        reproduce(log)
