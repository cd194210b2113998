"""A run's permuted null beside the run: what is found where nothing is coordinated (`graphscan.rings.null`)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from graphscan.graph.strata import strata_of
from graphscan.graph.survey import Survey, survey
from graphscan.graph.views import Incidences
from graphscan.progress import Progress, Silent
from graphscan.rings.null import curve, permuted_null
from graphscan.runs import read_frame, read_manifest, write_run


def write_null(
    run: Path, permutations: int, out: Path | None = None, seed: int = 0, progress: Progress | None = None
) -> tuple[Path, pl.DataFrame, pl.DataFrame]:
    """Writes null.parquet and curve.parquet to `out` (RUN-null if not given); the folder and both frames.

    Starts from the run's stored incidences. Raises RunError where the run is none, or `out` is in the way.
    """
    manifest = read_manifest(run)
    told = progress or Silent()
    folder = out if out is not None else run.resolve().with_name(f"{run.resolve().name}-null")
    told.stage("views and own clusters")
    found = survey_of(run)
    told.stage(f"{permutations} permutations")
    null = permuted_null(found, permutations, seed, told.share)
    frames = {"null": null, "curve": curve(null)}
    made_of = {
        "run": run.name,
        "permutations": permutations,
        "seed": seed,
        "versions": manifest.get("versions"),
    }
    write_run(folder, frames, made_of, lambda _: None, replace=True)
    told.close()
    return folder, null, frames["curve"]


def survey_of(run: Path) -> Survey:
    """The survey of a run, from its stored incidences and strata."""
    accounts = read_frame(run, "touches/accounts")
    incidences = []
    for family in sorted(p.name for p in (run / "touches").iterdir() if p.is_dir()):
        entities = read_frame(run, f"touches/{family}/entities")
        rows = read_frame(run, f"touches/{family}/incidences")
        incidences.append(
            Incidences(
                family,
                accounts.height,
                rows["account"].to_numpy(),
                rows["entity"].to_numpy(),
                rows["cap"].to_numpy(),
                entities["signal"].rle_id().cast(pl.Int16).to_numpy(),
            )
        )
    strata = strata_of(
        accounts["n_requests"].to_numpy(),
        accounts["language"].to_numpy(),
        np.asarray(accounts["paid"].to_numpy() == 1),
    )
    return survey(incidences, strata)
