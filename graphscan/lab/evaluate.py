"""A run against the truth: `graphscan.lab.agreement` for whoever has a run's folder, or a `Scan`."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from graphscan.errors import LogsError
from graphscan.lab.agreement import Evaluation, agreement
from graphscan.results import Scan


def evaluate(run: Scan | str | Path, truth: pl.DataFrame | str | Path) -> Evaluation:
    """How a run agrees with the truth, a frame or a Parquet file, of `simulate` or with label and cluster.

    Raises RunError where the run is none, LogsError where the truth is none.
    """
    scan = run if isinstance(run, Scan) else Scan.read(run)
    known = truth if isinstance(truth, pl.DataFrame) else _read(Path(truth))
    return agreement(scan.rings, scan.members, known)


def _read(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path, glob=False)
    except (OSError, pl.exceptions.PolarsError) as e:
        raise LogsError(
            f"truth: cannot be read: got {path} ({type(e).__name__}); expected a Parquet file",
            "simulate writes truth.parquet beside the log",
        ) from None
