"""A run's map beside the run: it is drawn on demand, since a run is never edited and a map takes its time."""

from __future__ import annotations

import json
from pathlib import Path

from graphscan.errors import RunError
from graphscan.plots import map_figure
from graphscan.results import Scan
from graphscan.runs import check_name, keep_private, run_key


def write_map(run: Path, out: Path | None = None, seed: int = 0) -> tuple[Path, int]:
    """Writes map.parquet and map.png to `out` (RUN-map if not given), a new folder; it, and accounts drawn.

    map.json says of which run they are. An earlier map is replaced. Raises RunError where the run is none, or
    something else is in the way.
    """
    scan = Scan.read(run)
    folder = out if out is not None else run.resolve().with_name(f"{run.resolve().name}-map")
    check_name(folder)
    names = {"map.parquet", "map.png", "map.json"}
    if (
        folder.is_symlink()
        or (folder.exists() and not folder.is_dir())
        or (folder.is_dir() and not {p.name for p in folder.iterdir()} <= names)
    ):
        raise RunError(
            f"{folder}: is in the way: got something that is no map's folder; expected a new one",
            "choose another --out",
        )
    points = scan.map(seed)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    points.write_parquet(folder / "map.parquet")
    map_figure(points).savefig(folder / "map.png")
    (folder / "map.json").write_text(json.dumps({"run": run.name, "run_key": run_key(run), "seed": seed}))
    keep_private(folder)
    return folder, points.height
