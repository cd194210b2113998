"""A run made once more from its manifest: what an appeal stands on has to come out again.

Takes in a run's folder, whose manifest holds the settings, the seed and the hashes of what was read; scans the same
files again, compares every table byte for byte, and leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from graphscan.errors import RunError
from graphscan.line import run_line
from graphscan.progress import Progress, Silent
from graphscan.runs import manifest_of_scan, read_frame, read_manifest
from graphscan.settings import Settings
from graphscan.stopping import made_aside

LATER = {"bindings.parquet", "lineage.parquet"}
"""What a night adds to a run, beside columns of its rings: much of it hangs on the nights before."""


def reproduce(run: Path, progress: Progress | None = None) -> int:
    """How many tables a second scan of the same log writes to the last byte as the run has them: all of them, but for
    what a night added (`LATER`).

    Raises RunError where the run is none, the log changed since (before anything is scanned), or a table comes out
    otherwise: then it says which, and which versions are others than the run's.
    """
    manifest = manifest_of_scan(run)
    _refuse_another(run, [i["path"] for i in manifest["inputs"] if _sha256(i["path"]) != i["sha256"]])
    settings = Settings.of_manifest(manifest["settings"])
    aside = made_aside(Path(tempfile.gettempdir()), "graphscan-again-")
    with closing(progress or Silent()) as told, aside as folder:
        again = folder / "run"
        run_line(settings, again, told, finish=lambda _: None)
        came = read_manifest(again)
        known = {i["path"] for i in manifest["inputs"]}
        _refuse_another(run, [i["path"] for i in came["inputs"] if i["path"] not in known])
        tables = {str(p.relative_to(top)) for top in (run, again) for p in top.rglob("*.parquet")} - LATER
        others = sorted(t for t in tables if not _is_same(run / t, again / t))
        if others == ["rings.parquet"] and _are_same_rings(run, again):
            others = []
    if others:
        raise RunError(
            f"{run}: does not come out again: got other bytes in {', '.join(others)}; expected the run's",
            _since(manifest, came),
        )
    return len(tables)


def _refuse_another(run: Path, paths: list[str]) -> None:
    """A second scan of a log that is no longer the run's would say nothing of the run."""
    if paths:
        raise RunError(
            f"{run}: was made of another log: got other bytes, or none, or a new file, in {', '.join(paths)}; "
            "expected what the manifest lists",
            "put the files back as they were, or scan the log again",
        )


def _sha256(path: str) -> str | None:
    """Of a file; None where it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _is_same(one: Path, other: Path) -> bool:
    """Whether both are files of the same bytes."""
    return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()


def _are_same_rings(run: Path, again: Path) -> bool:
    """Whether a night's rings are those of the scan, with columns of the night's."""
    rings, scanned = read_frame(run, "rings"), read_frame(again, "rings")
    is_night = (run / "lineage.parquet").exists() and set(scanned.columns) < set(rings.columns)
    return is_night and rings.select(scanned.columns).equals(scanned)


def _since(manifest: Mapping[str, Any], came: Mapping[str, Any]) -> str:
    """What may be why: versions and counts of what reviewers allowed that are others now."""
    then = {"graphscan": manifest["graphscan_version"], **manifest["versions"]}
    now = {"graphscan": came["graphscan_version"], **came["versions"]}
    moved = [f"{name} {then.get(name)} then, {now[name]} now" for name in now if then.get(name) != now[name]]
    if manifest.get("allowed", {}) != came.get("allowed", {}):
        moved.append("reviewers allow other entities now")
    return "; ".join(moved) or "versions and settings are the run's: keep both, and report a bug"
