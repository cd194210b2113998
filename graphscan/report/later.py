"""What was made of a run after it: its map, its permuted null, and what reviewers decided.

A run is never edited, so all of this stands beside it: RUN-map, RUN-null, and the file of decisions. A map or a null of
an earlier run in the same folder is none of this one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from graphscan.reviews.decisions import Decision, read_decisions
from graphscan.runs import read_frame, read_manifest, run_key
from graphscan.runs.folder import RunFolder

PNG = b"\x89PNG\r\n\x1a\n"

MOST_MAP = 3_000_000
"""Bytes of a map that a page takes in."""

CURVE = 10
"""Steps of bits of the null that a page shows."""


@dataclass(frozen=True)
class Null:
    """The permuted null: `best` bits over all permutations, and (bits, share, bound) for 1, 2, … bits."""

    permutations: int
    best: float | None
    curve: tuple[tuple[int, float, float], ...]


@dataclass(frozen=True)
class Later:
    """What stands beside a run; nothing where nothing was made."""

    map_png: bytes | None = None
    null: Null | None = None
    decisions: tuple[Decision, ...] = ()


def read_later(run: Path, folder: RunFolder, decisions: Path | None = None) -> Later:
    """What stands beside the run; decisions from the file given, else from the one that the run's settings name.

    Raises RunError where a file of decisions, or a null, is not whole.
    """
    file = decisions or folder.review_file("decisions")
    run = run.resolve()
    key = run_key(run)
    return Later(_map(run, key), _null(run, key), read_decisions(file) if file else ())


def _map(run: Path, key: str) -> bytes | None:
    folder = run.with_name(f"{run.name}-map")
    try:
        png = (folder / "map.png").read_bytes()
        of = json.loads((folder / "map.json").read_bytes()).get("run_key")
    except (OSError, ValueError):
        return None
    return png if of == key and png.startswith(PNG) and len(png) <= MOST_MAP else None


def _null(run: Path, key: str) -> Null | None:
    folder = run.with_name(f"{run.name}-null")
    if not folder.is_dir():
        return None
    manifest = read_manifest(folder)
    if manifest.get("run_key") != key or not manifest["permutations"]:
        return None
    best = read_frame(folder, "null")["best_bits"].drop_nulls().to_list()
    curve = read_frame(folder, "curve").head(CURVE)
    return Null(manifest["permutations"], max(best, default=None), tuple(curve.iter_rows()))
