"""A run's rings: their frames, ring by ring, and the manifest.

Takes in the folder that `scan` wrote; gives out a `RunFolder`. Files that a run may lack (an older format,
or a log without the columns) are empty frames.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from graphscan.errors import RunError
from graphscan.faults import nearest
from graphscan.runs import read_frame, read_manifest

NEEDED = ("rings", "members", "evidence")
OPTIONAL = ("neighbours", "relations", "timeline", "templates", "activity", "shares", "pairs", "lineage")


@dataclass(frozen=True)
class RunFolder:
    """A run: `rings` by rank, the other frames by name and ring_id."""

    name: str
    manifest: Mapping[str, Any]
    rings: pl.DataFrame
    frames: Mapping[str, Mapping[str, pl.DataFrame]] = field(repr=False)

    def rows(self, frame: str, ring_id: str) -> list[dict[str, Any]]:
        """The rows of one ring in a frame, in the order of the file; none where the run lacks it."""
        part = self.part(frame, ring_id)
        return part.to_dicts() if part is not None else []

    def part(self, frame: str, ring_id: str) -> pl.DataFrame | None:
        """The rows of one ring in a frame; None where there are none."""
        return self.frames.get(frame, {}).get(ring_id)

    def ring(self, ring_id: str) -> dict[str, Any]:
        """The row of one ring. Raises RunError where there is none."""
        return ring_row(self.name, self.rings, ring_id)

    @property
    def marks(self) -> list[tuple[Any, str]]:
        """Dates that the user wants on timelines: time as ISO text, label."""
        settings = self.manifest.get("settings") or {}
        marks = self.manifest.get("marks") or settings.get("marks") or ()
        return [(mark["at"], str(mark["label"])) for mark in marks]

    def review_file(self, name: str) -> Path | None:
        """The file of decisions, or the journal, that the run's settings name."""
        named = ((self.manifest.get("settings") or {}).get("review") or {}).get(name)
        return Path(named) if named else None

    def count(self, *names: str) -> int | None:
        """One of the manifest's counts, the first name that is there."""
        counts = self.manifest.get("counts") or {}
        return next((int(counts[n]) for n in names if counts.get(n) is not None), None)


def read_run(run: Path) -> RunFolder:
    """The run in a folder. Raises RunError where it is none, or of a newer format."""
    manifest = read_manifest(run)
    frames = {name: read_frame(run, name) for name in NEEDED}
    for name in OPTIONAL:
        if (run / f"{name}.parquet").exists():
            frames[name] = read_frame(run, name)
    rings = frames.pop("rings").sort("rank", "ring_id")
    by_ring = {
        name: {str(key): part for (key,), part in frame.group_by("ring_id", maintain_order=True)}
        for name, frame in frames.items()
    }
    return RunFolder(run.resolve().name, manifest, rings, by_ring)


def ring_row(run: object, rings: pl.DataFrame, ring_id: str) -> dict[str, Any]:
    """The row of one ring. Raises RunError, which calls the run as given, where there is none."""
    found = rings.filter(pl.col("ring_id") == ring_id)
    if found.is_empty():
        known = rings["ring_id"].to_list()
        close = nearest(ring_id, known)
        raise RunError(
            f"{run}: has no such ring: got {ring_id}; expected one of {len(known)} rings",
            f"did you mean {close}?" if close else "rings.parquet lists them",
        )
    return found.row(0, named=True)
