"""The line as a whole: all or nothing, the same twice, and a manifest that says what was done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from watched import Watched

from graphscan.errors import LogsError, RunError, SettingsError
from graphscan.line import run_line
from graphscan.results import Scan
from graphscan.runs import read_manifest, write_run
from graphscan.settings import Settings
from graphscan.stopping import made_aside

FILES = {
    "rings",
    "members",
    "evidence",
    "certificates",
    "signals",
    "neighbours",
    "relations",
    "timeline",
    "templates",
    "activity",
    "shares",
    "pairs",
}


@pytest.fixture
def small(small_log: Path) -> Settings:
    return Settings.load(None, requests=str(small_log))


def test_a_run_without_rings_has_all_files_empty_and_typed(
    small: Settings, sample_scan: Scan, tmp_path: Path
) -> None:
    run_line(small, tmp_path / "run")
    scan = Scan.read(tmp_path / "run")
    assert scan.rings.is_empty()
    for name in FILES - {"signals"}:
        empty, full = getattr(scan, name), getattr(sample_scan, name)
        assert empty.is_empty()
        assert empty.schema == full.schema, name
    assert scan.report.is_file()
    assert scan.graph().vcount() == 0
    assert scan.map().is_empty()


def test_the_run_folder_is_as_the_design_has_it(sample_scan: Scan) -> None:
    run = sample_scan.path
    assert {p.stem for p in run.glob("*.parquet")} == FILES
    folders = {p.name for p in run.iterdir() if p.suffix != ".parquet"}
    assert folders == {"manifest.json", "report", "touches", "context"}
    pages = {p.stem for p in sample_scan.report.parent.glob("*.html")}
    assert pages == {"index", *sample_scan.rings["ring_id"]}


def test_the_manifest_says_what_was_done(sample_scan: Scan, sample: Path) -> None:
    manifest = sample_scan.manifest
    assert manifest["counts"] == {"requests": 13757, "accounts": 1926}
    by_path = {Path(i["path"]).name: i for i in manifest["inputs"]}
    assert by_path["accounts.parquet"]["n_rows"] == 1926
    assert len(by_path) == 7
    assert all(len(i["sha256"]) == 64 and i["n_bytes"] > 0 for i in manifest["inputs"])
    assert manifest["settings"]["rings"]["min_bits"] == 10.0
    assert {s["name"] for s in manifest["stages"]} >= {"open the log", "grow and certify", "tell the rings"}
    off = {s["name"]: s["why_off"] for s in manifest["signals"] if not s["on"]}
    assert off["prompt_hash"] == "no column prompt_hash"
    assert {"duckdb", "igraph", "hdbscan", "polars"} <= manifest["versions"].keys()
    text = (sample_scan.path / "manifest.json").read_text(encoding="ascii")
    assert json.loads(text) == dict(manifest)


def test_what_is_in_the_way_is_seen_before_the_log_is_read(small: Settings, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "notes.txt").write_text("mine")
    watch = Watched()
    for replace in (False, True):
        with pytest.raises(
            RunError, match="is in the way: got a folder that is not empty; expected a new one"
        ):
            run_line(small, tmp_path / "run", watch, replace)
    assert watch.stages == []
    assert (tmp_path / "run" / "notes.txt").read_text() == "mine"


def test_a_wrong_param_is_seen_before_the_requests_are_read(small_log: Path, tmp_path: Path) -> None:
    watch = Watched()
    settings = Settings.load(None, requests=str(small_log), signals={"address": {"min_requests": 2}})
    with pytest.raises(SettingsError, match=r"signals\.address\.min_requests: unknown key"):
        run_line(settings, tmp_path / "run", watch)
    assert watch.stages == ["open the log"]


def test_a_folder_that_cannot_be_written_is_seen_before_the_log_is_read(small: Settings) -> None:
    """FA-07: an hour's scan is not lost."""
    watch = Watched()
    with pytest.raises(RunError, match="/proc/nope/run: cannot be written"):
        run_line(small, Path("/proc/nope/run"), watch)
    assert watch.stages == []


def test_what_came_in_the_way_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    """FA-12: of two runs to one folder the second says so."""
    out = tmp_path / "run"

    def another(stage: Path) -> None:
        write_run(out, {}, {"first": True}, lambda _: None)

    with pytest.raises(RunError, match="cannot be written: got Directory not empty"):
        write_run(out, {}, {"first": False}, another)
    assert read_manifest(out)["first"]
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_what_a_killed_run_left_is_removed_and_a_living_ones_is_not(tmp_path: Path) -> None:
    """FA-01: it holds pieces of prompts."""
    left = tmp_path / ".run.partial-1"
    left.mkdir()
    with made_aside(tmp_path, ".run.partial-") as living:
        write_run(tmp_path / "run", {}, {}, lambda _: None)
        assert not left.exists()
        assert living.exists()


def test_a_failure_leaves_nothing_and_an_older_run_in_place(small: Settings, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run_line(small, run)
    before = {p.name: p.read_bytes() for p in run.glob("*.parquet")}
    broken = Settings.load(None, requests=str(tmp_path / "nothing.parquet"))
    with pytest.raises(LogsError):
        run_line(broken, run, replace=True)
    assert {p.name: p.read_bytes() for p in run.glob("*.parquet")} == before
    assert {p.name for p in tmp_path.iterdir()} == {"run", "requests.parquet"}


def test_a_run_is_replaced_whole_and_the_same_bytes_come_again(small: Settings, tmp_path: Path) -> None:
    run = tmp_path / "run"
    watch = Watched()
    run_line(small, run, watch)
    before = {p.relative_to(run): p.read_bytes() for p in run.rglob("*.parquet")}
    (run / "extra.parquet").write_bytes(b"left by somebody")
    run_line(small, run, replace=True)
    assert {p.relative_to(run): p.read_bytes() for p in run.rglob("*.parquet")} == before
    assert watch.stages[0] == "open the log" and watch.stages[-1] == "write the run"
    assert watch.closed == 1


class Moving(Watched):
    """Progress that does something to a file of the log when it is about to be read: what another process may do."""

    def __init__(self, does: Callable[[Path], object], path: Path) -> None:
        super().__init__()
        self._does, self._path = does, path

    def stage(self, name: str) -> None:
        super().stage(name)
        if name == "read the requests":
            self._does(self._path)


@pytest.mark.parametrize(
    ("does", "told"),
    [
        (Path.unlink, "is gone while it was read"),
        (lambda p: p.write_bytes(b"PAR1"), "changed while it was read"),
    ],
)
def test_a_file_that_is_moved_while_it_is_read_is_named(
    small: Settings, small_log: Path, tmp_path: Path, does: Callable[[Path], object], told: str
) -> None:
    with pytest.raises(LogsError, match=told) as e:
        run_line(small, tmp_path / "run", Moving(does, small_log))
    assert str(small_log) in str(e.value) and "scan a copy" in str(e.value)
    assert not (tmp_path / "run").exists()
