"""A run's map beside the run: it is drawn on demand, since a run is never edited and a map takes its time."""

from __future__ import annotations

import json
from pathlib import Path

from graphscan.errors import RunError
from graphscan.plots import map_figure
from graphscan.results import Scan
from graphscan.runs import check_name, check_writable, run_key, staged

NAMES = frozenset({"map.parquet", "map.png", "map.json"})


def write_map(run: Path, out: Path | None = None, seed: int = 0) -> tuple[Path, int]:
    """Writes map.parquet and map.png to `out` (RUN-map if not given), a new folder; it, and accounts drawn.

    map.json says of which run they are. An earlier map is replaced. Raises RunError where the run is none, or
    something else is in the way or nothing can be written, before anything is drawn.
    """
    scan = Scan.read(run)
    folder = out if out is not None else run.resolve().with_name(f"{run.resolve().name}-map")
    check_name(folder)
    if folder.is_symlink() or (folder.exists() and not _is_map(folder)):
        raise RunError(
            f"{folder}: is in the way: got something that is no map's folder; expected a new one",
            "choose another --out",
        )
    check_writable(folder)
    points = scan.map(seed)
    with staged(folder, replace=True) as stage:
        points.write_parquet(stage / "map.parquet")
        map_figure(points).savefig(stage / "map.png")
        (stage / "map.json").write_text(json.dumps({"run": run.name, "run_key": run_key(run), "seed": seed}))
    return folder, points.height


def _is_map(folder: Path) -> bool:
    """Whether a folder is empty or holds a map that was drawn here, and nothing else."""
    if not folder.is_dir():
        return False
    names = {p.name for p in folder.iterdir()}
    try:
        return not names or (names <= NAMES and "run_key" in json.loads((folder / "map.json").read_bytes()))
    except (OSError, ValueError, TypeError):
        return False
