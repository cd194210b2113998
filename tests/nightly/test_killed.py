"""Killed, or refused by the disk, at every operation on files: what is published is whole, and the next run heals.

`strace` (Debian's package) injects the faults; without it these tests skip.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commit import BEGIN, END, commit

from graphscan.errors import RunError
from graphscan.nightly.publish import opened
from graphscan.nightly.shelf import CURRENT, faults, read_catalog

BEFORE, NIGHT = "2026-03-04", "2026-03-05"
CALLS = "openat,write,read,close,fsync,flock,mkdir,rename,symlink,unlink,unlinkat,rmdir,getdents64,readlink,newfstatat"
ERRORS = ("ENOSPC", "EIO", "EMFILE")

pytestmark = pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace is not installed (apt-get install strace)"
)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the night BEFORE, and what a killed run left."""
    root = tmp_path_factory.mktemp("killed") / "nights"
    root.mkdir()
    assert commit(root, BEFORE) == 0
    left = root / ".partial" / "night"
    left.mkdir(parents=True)
    (left / "rings.parquet").write_text("half")
    return root


@pytest.fixture(scope="module")
def points(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, int]]:
    """Every call on files between the marks: its name, and which call of that name it is."""
    root = tmp_path_factory.mktemp("traced") / "nights"
    shutil.copytree(prepared, root, symlinks=True)
    trace = root.parent / "trace"
    assert _run(root, "-e", f"trace={CALLS},access", "-o", str(trace)).returncode == 0
    found, counts, inside = [], dict[str, int](), False
    for line in trace.read_text(errors="replace").splitlines():
        if (call := re.match(r"(?:\d+ +)?(\w+)\(", line)) is None:
            continue
        name = call[1]
        counts[name] = counts.get(name, 0) + 1
        if name == "access" and BEGIN in line:
            inside = True
        elif name == "access" and END in line:
            inside = False
        elif inside:
            found.append((name, counts[name]))
    assert {name for name, _ in found} >= {"openat", "write", "fsync", "rename", "symlink", "mkdir"}
    return found


def _run(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The commit under strace, always with the same calls before the first mark."""
    script = Path(__file__).with_name("commit.py")
    command = ["strace", "-q", *options, sys.executable, "-I", "-c", _START, str(script), str(root), NIGHT]
    return subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)


_START = (
    f"import sys; sys.path[:0] = {[str(Path(__file__).parent.parent.parent)]!r}; sys.argv = sys.argv[1:]; "
    "sys.dont_write_bytecode = True; import runpy; runpy.run_path(sys.argv[0], run_name='__main__')"
)


def _fault(prepared: Path, home: Path, name: str, number: int, fault: str) -> str:
    """What one fault led to: `before` or `night`; asserts that it is whole and that the next run heals."""
    root = home / "nights"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(prepared, root, symlinks=True)
    done = _run(root, "-e", f"trace={name}", "-e", f"inject={name}:{fault}:when={number}", "-o", os.devnull)
    at = f"{name} {number} {fault}"
    assert "Traceback" not in done.stderr, f"{at}: {done.stderr}"
    published = sorted(read_catalog(root).nights)
    assert published in ([BEFORE], [BEFORE, NIGHT]), at
    wrong = [f for f in faults(root) if not (f.startswith(CURRENT) or "was never published" in f)]
    assert wrong == [], at
    assert (root / CURRENT).resolve().parent.name in published, at
    assert (root / CURRENT / "rings.parquet").is_file(), at
    if done.returncode == 0:
        assert published == [BEFORE, NIGHT], at
    assert commit(root, NIGHT) == (99 if published == [BEFORE, NIGHT] else 0), at
    assert faults(root) == [], at
    assert not (root / ".partial").exists(), at
    return "night" if NIGHT in published else "before"


def _outcomes(prepared: Path, home: Path, chosen: Iterator[tuple[str, int, str]]) -> dict[str, int]:
    outcomes: dict[str, int] = {}
    for name, number, fault in chosen:
        became = _fault(prepared, home, name, number, fault)
        key = f"{fault.removeprefix('signal=').removeprefix('error=')} {became}"
        outcomes[key] = outcomes.get(key, 0) + 1
    return outcomes


def test_killed_or_refused_at_chosen_points_the_published_is_whole(
    prepared: Path, points: list[tuple[str, int]], tmp_path: Path
) -> None:
    """Killed before every change of a name, and each fault at every ninth call."""
    names = [p for p in points if p[0] in ("rename", "symlink", "mkdir")]
    chosen = [(*p, "signal=SIGKILL") for p in names]
    for i, error in enumerate(ERRORS):
        chosen += [(*p, f"error={error}") for p in points[i::24]]
    chosen += [(*p, "signal=SIGKILL") for p in points[3::12]]
    outcomes = _outcomes(prepared, tmp_path / "at", iter(chosen))
    assert outcomes["SIGKILL before"] > 5
    assert outcomes["SIGKILL night"] > 0


@pytest.mark.slow
def test_killed_or_refused_at_every_point_the_published_is_whole(
    prepared: Path, points: list[tuple[str, int]], tmp_path: Path
) -> None:
    kinds = ("signal=SIGKILL", *(f"error={e}" for e in ERRORS))
    chosen = [(*p, kind) for kind in kinds for p in points]
    assert len(chosen) >= 200
    outcomes = _outcomes(prepared, tmp_path / "at", iter(chosen))
    print(f"\n{len(chosen)} injections: {outcomes}")
    assert sum(outcomes.values()) == len(chosen)


def test_a_night_that_fills_a_gap_does_not_move_the_pointer_back(prepared: Path, tmp_path: Path) -> None:
    root = tmp_path / "nights"
    shutil.copytree(prepared, root, symlinks=True)
    assert commit(root, "2026-03-01") == 0
    assert (root / CURRENT).resolve().parent.name == BEFORE
    assert faults(root) == []


def test_a_folder_that_nobody_may_write_is_said(prepared: Path) -> None:
    with pytest.raises(RunError, match="cannot be written"), opened(prepared / "nowhere"):
        pass
