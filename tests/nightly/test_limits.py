"""A full disk, a disk that may not be written and too little memory end a night, and nothing that was published."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from shell import Shell

from graphscan.nightly.shelf import faults, read_catalog

FIRST, SECOND = "2026-03-04", "2026-03-05"


@pytest.fixture
def disk(place, tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB with the place's nights on it; `place.nights` leads there."""
    point = tmp_path / "disk"
    point.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(point)]
    if os.getuid() != 0 or subprocess.run(mount, stderr=subprocess.DEVNULL, check=False).returncode != 0:
        pytest.skip("no disk can be mounted here")
    try:
        shutil.copytree(place.nights, point / "nights", symlinks=True)
        yield point / "nights"
    finally:
        subprocess.run(["umount", "-l", str(point)], check=True)


def _arguments(place, nights: Path) -> list[object]:
    config = place.home / "graphscan.toml"
    config.write_text('[nightly]\nmin_free = "1MB"\n')
    return [nights if a == place.nights else a for a in place.arguments(SECOND)] + ["--config", config]


@pytest.mark.slow
def test_a_disk_that_fills_up_or_may_not_be_written(place, disk: Path, shell: Shell) -> None:
    arguments = _arguments(place, disk)
    command = [sys.executable, "-c", "from graphscan.cli import main; main()", *map(str, arguments)]
    night = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while not (disk / ".partial" / "spill").exists():
        assert night.poll() is None
        time.sleep(0.02)
    filler = disk.parent / "filler"
    with filler.open("wb", buffering=0) as f:
        try:
            while True:
                f.write(b"\0" * 4096)
        except OSError:
            pass
    _, err = night.communicate(timeout=60)
    assert night.returncode == 1
    assert "error:" in err
    assert faults(disk) == []
    assert list(read_catalog(disk).nights) == [FIRST]
    code, _, err = shell(*arguments)
    assert code == 1
    assert "cannot be written" in err or "has no room" in err
    filler.unlink()
    subprocess.run(["mount", "-o", "remount,ro", str(disk.parent)], check=True)
    code, _, err = shell(*arguments)
    assert code == 1
    assert "cannot be written: got Read-only file system" in err
    subprocess.run(["mount", "-o", "remount,rw", str(disk.parent)], check=True)
    assert shell(*arguments)[0] in (0, 3)
    assert faults(disk) == []
    assert list(read_catalog(disk).nights) == [FIRST, SECOND]


@pytest.mark.slow
def test_too_little_memory_ends_the_scan_and_names_the_stage(place, shell: Shell) -> None:
    config = place.home / "graphscan.toml"
    config.write_text('[nightly]\nmax_memory = "700MB"\n')
    code, _, err = shell(*place.arguments(SECOND), "--config", config)
    assert code == 1
    assert "nightly: stage “" in err or "out of memory" in err
    assert faults(place.nights) == []
    assert not (place.nights / ".partial").exists()
    assert shell(*place.arguments(SECOND))[0] == 0


@pytest.mark.slow
def test_of_two_runs_at_once_one_does_the_night(place) -> None:
    command = [
        sys.executable,
        "-c",
        "from graphscan.cli import main; main()",
        *map(str, place.arguments(SECOND)),
    ]
    both = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
    codes = sorted(process.wait(timeout=120) for process in both)
    assert codes in ([0, 1], [0, 99])
    assert faults(place.nights) == []
