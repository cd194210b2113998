"""A run's nulls: beside the run, from its own log, and empty where nothing is coordinated."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from shell import Shell
from watched import Watched

from graphscan.api.null import SHUFFLED, write_null
from graphscan.api.scan import scan
from graphscan.errors import RunError
from graphscan.line import run_line
from graphscan.results import Scan
from graphscan.runs import MANIFEST, kind_of, read_manifest, write_run
from graphscan.settings import Settings


@pytest.fixture(scope="module")
def told(sample_scan: Scan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The nulls of the sample: two permutations, two shuffles of each kind."""
    out = tmp_path_factory.mktemp("nulls") / "null"
    return write_null(sample_scan.path, 2, out, seed=1, within=("all", "day"), times=2)[0]


@pytest.mark.slow
def test_columns_exchanged_among_requests_leave_no_ring(told: Path, sample_scan: Scan):
    assert sample_scan.rings.height >= 5
    shuffled = pl.read_parquet(told / "shuffled.parquet")
    assert shuffled.schema == SHUFFLED
    assert shuffled.select("within", "shuffle").rows() == [("all", 0), ("all", 1), ("day", 0), ("day", 1)]
    assert shuffled["n_rings"].to_list() == [0] * 4
    assert shuffled["n_proposals"].min() > 0
    assert shuffled["best_bits"].max() < 0
    assert shuffled["best_bits"].n_unique() == 4


@pytest.mark.slow
def test_the_folder_says_what_was_done(told: Path, sample_scan: Scan):
    manifest = read_manifest(told)
    assert manifest["run"] == sample_scan.path.name
    assert (manifest["permutations"], manifest["shuffles"]) == (2, {"all": 2, "day": 2})
    assert len(manifest["stages"]) == 4
    assert pl.read_parquet(told / "null.parquet").height == 2
    assert (told / "curve.parquet").is_file()


def test_the_command_prints_either_null(sample_scan: Scan, shell: Shell, tmp_path: Path):
    code, out, _ = shell("null", sample_scan.path, "--permutations", 1, "--out", tmp_path / "null")
    assert code == 0 and "best of 1:" in out and "exchanged" not in out
    told = shell.json(
        "null",
        sample_scan.path,
        "--permutations",
        0,
        "--shuffle",
        "day",
        "--times",
        1,
        "--out",
        tmp_path / "null",
    )
    assert [row["n_rings"] for row in told["shuffled"]] == [0]
    assert "curve" not in told
    assert not (tmp_path / "null" / "null.parquet").exists()


def test_a_log_that_changed_has_another_null(small_log: Path, tmp_path: Path):
    copy = tmp_path / "copy.parquet"
    shutil.copy(small_log, copy)
    run = scan(copy, out=tmp_path / "run").path
    pl.read_parquet(copy).head(100).write_parquet(copy)
    with pytest.raises(RunError, match="null: the log is another than the run's"):
        write_null(run, 0, tmp_path / "null", within=("all",), times=1)
    assert not (tmp_path / "null").exists()


def _write(folder: Path, **manifest: object) -> Path:
    write_run(folder, {}, manifest, lambda _: None)
    return folder


def test_a_null_takes_the_place_of_no_run(tmp_path: Path):
    run, older = _write(tmp_path / "run", kind="scan"), _write(tmp_path / "older", seed=3)
    for out in (run, older):
        before, watch = (out / MANIFEST).read_bytes(), Watched()
        with pytest.raises(RunError, match="got the folder of a scan; expected a new one, or that of a null"):
            write_null(run, 20, out, progress=watch)
        assert (out / MANIFEST).read_bytes() == before
        assert (watch.stages, watch.closed) == ([], 1)


def test_a_null_takes_the_place_of_an_earlier_one_and_a_run_does_not(tmp_path: Path):
    run, null = _write(tmp_path / "run", kind="scan"), tmp_path / "run-null"
    assert write_null(run, 0)[0].resolve() == null.resolve()
    manifest = read_manifest(null)
    assert kind_of(null) == manifest.pop("kind") == "null"
    (null / MANIFEST).write_text(json.dumps(manifest | {"seed": 9}))  # as older ones are
    with pytest.raises(RunError, match="got the folder of a null; expected a new one, or that of a scan"):
        run_line(Settings.load(requests="log"), null, replace=True)
    with pytest.raises(RunError, match="is no run: got the folder of a null"):
        write_null(null, 0, tmp_path / "other")
    write_null(run, 0)
    assert read_manifest(null)["seed"] == 0


def test_a_manifest_of_others_marks_no_run(tmp_path: Path):
    run, theirs = _write(tmp_path / "run", kind="scan"), tmp_path / "extension"
    theirs.mkdir()
    (theirs / MANIFEST).write_text('{"manifest_version": 3}')
    with pytest.raises(RunError, match="is in the way: got a folder that is not empty"):
        write_null(run, 0, theirs)
    with pytest.raises(RunError, match="is in the way: got a folder that is not empty"):
        run_line(Settings.load(requests="log"), theirs, replace=True)


def test_progress_is_closed_after_an_error_in_the_midst(tmp_path: Path):
    watch = Watched()
    with pytest.raises(RunError, match="is not whole"):
        write_null(_write(tmp_path / "run", kind="scan"), 1, progress=watch)
    assert (watch.stages, watch.closed) == (["views and own clusters"], 1)
