"""A map's folder: whole or not there, beside its run, and in the place of an earlier map alone."""

from __future__ import annotations

import resource
import signal
from pathlib import Path

import pytest
from run_folder import write_run_folder

from graphscan.api.map import NAMES, write_map
from graphscan.api.scan import scan
from graphscan.errors import RunError


def test_where_nothing_can_be_written_is_seen_before_anything_is_drawn(tmp_path: Path) -> None:
    """The run lacks what is drawn: who drew first would say so."""
    run = write_run_folder(tmp_path / "run", {"ring-0001": 5})
    with pytest.raises(RunError, match="/proc/nope/map: cannot be written"):
        write_map(run, Path("/proc/nope/map"))


@pytest.mark.parametrize("theirs", ["map.json", "map.png", "thesis.txt"])
def test_what_is_no_map_is_left(tmp_path: Path, theirs: str) -> None:
    run, out = write_run_folder(tmp_path / "run", {"ring-0001": 5}), tmp_path / "out"
    out.mkdir()
    (out / theirs).write_text('{"type": "FeatureCollection"}')
    with pytest.raises(RunError, match="is in the way: got something that is no map's folder"):
        write_map(run, out)
    assert [p.name for p in out.iterdir()] == [theirs]


def test_a_map_is_replaced_whole_or_not_at_all(small_log: Path, tmp_path: Path) -> None:
    run, out = scan(small_log, out=tmp_path / "run").path, tmp_path / "map"
    assert write_map(run, out) == (out, 0)
    assert write_map(run, out, seed=1) == (out, 0)
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    assert before.keys() == NAMES and b'"seed": 1' in before["map.json"]
    assert {p.stat().st_mode & 0o077 for p in (out, *out.iterdir())} == {0}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, limits[1]))
    try:
        with pytest.raises(RunError, match="map: cannot be written: got File too large"):
            write_map(run, out, seed=2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, heard)
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before
    assert {p.name for p in tmp_path.iterdir()} == {"run", "map", "requests.parquet"}
