"""A run's nulls beside the run: what is found where nothing is coordinated.

The permuted null starts from the run's stored incidences (`graphscan.rings.null`). The shuffled one opens the run's
log again, exchanges every column among the requests (`graphscan.signals.shuffle`) and runs the line.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from graphscan.errors import RunError
from graphscan.graph.rows import Incidences
from graphscan.graph.strata import strata_of
from graphscan.graph.survey import Survey, proposals, survey
from graphscan.line import Stages, touches_of
from graphscan.logs.log import Log, open_log
from graphscan.logs.sql import Connection, engine
from graphscan.progress import Progress, Silent
from graphscan.rings.find import courts, rings_of
from graphscan.rings.null import crossings, curve, permuted_null
from graphscan.runs import check_free, manifest_of_scan, read_frame, run_key, write_run
from graphscan.settings import Settings
from graphscan.signals.incidences import signals_of
from graphscan.signals.shuffle import Within, shuffle, unshuffled
from graphscan.signals.stage import register, stage

SHUFFLED = pl.Schema(
    {
        "within": pl.String,
        "shuffle": pl.Int64,
        "n_proposals": pl.Int64,
        "best_bits": pl.Float64,
        "n_accounts": pl.Int64,
        "n_rings": pl.Int64,
    }
)
"""One row a shuffle: `best_bits` and `n_accounts` are of the best set as it was proposed, `n_rings` counts rings of any
triage, of all that grew."""


def write_null(
    run: Path,
    permutations: int,
    out: Path | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    within: Sequence[Within] = (),
    times: int = 10,
) -> tuple[Path, dict[str, pl.DataFrame]]:
    """Writes null.parquet and curve.parquet to `out` (RUN-null if not given), and shuffled.parquet where `within` says
    among which requests the log's columns are exchanged, `times` times each; the folder and the frames.

    An earlier null in `out` is replaced. Raises RunError where the run is none, the log changed since, or something
    else is in the way, before anything is computed; LogsError where the log is gone.
    """
    folder = out if out is not None else run.resolve().with_name(f"{run.resolve().name}-null")
    frames: dict[str, pl.DataFrame] = {}
    seconds: list[dict[str, Any]] = []
    with closing(progress or Silent()) as told:
        manifest = manifest_of_scan(run)
        check_free(folder, replace=True, kind="null")
        if permutations:
            told.stage("views and own clusters")
            found = survey_of(run)
            told.stage(f"{permutations} permutations")
            null = permuted_null(found, permutations, seed, told.share)
            frames |= {"null": null, "curve": curve(null)}
        if within:
            rows = list(_shuffles(manifest, [w for w in within for _ in range(times)], seed, told, seconds))
            frames["shuffled"] = pl.DataFrame(rows, schema=SHUFFLED, orient="row")
    made_of = {
        "kind": "null",
        "run": run.name,
        "run_key": run_key(run),
        "permutations": permutations,
        "shuffles": dict.fromkeys(within, times),
        "seed": seed,
        "versions": manifest.get("versions"),
        "stages": seconds,
    }
    write_run(folder, frames, made_of, lambda _: None, replace=True)
    return folder, frames


def _shuffles(
    manifest: Mapping[str, Any],
    plan: Sequence[Within],
    seed: int,
    told: Progress,
    stages: list[dict[str, Any]],
) -> Iterator[tuple[str, int, int, float | None, int, int]]:
    """Rows of SHUFFLED; what each took goes to `stages`."""
    settings = Settings.of_manifest(manifest["settings"])
    minima = (settings.rings.min_bits, settings.rings.min_accounts)
    with engine(settings) as con:
        told.stage("read the log again")
        log = open_log(con, settings)
        _refuse_another(manifest, log)
        register(con)
        stage(con, settings)
        tables = unshuffled(con, log)
        for number, within in enumerate(plan):
            began = time.monotonic()
            told.stage(f"shuffle {number + 1} of {len(plan)}, {_named(within)}")
            nth = plan[:number].count(within)
            shuffle(con, tables, within, np.random.default_rng([seed, nth]))
            found = _survey_again(con, settings, log)
            both, made = courts(found), proposals(found, minima[1], settings.run.seed)
            n_rings = len(rings_of(both, made, *minima, settings.run.threads))
            judged = [both.certify.judge(m) for m in (*made.all, *crossings(found))]
            stages.append({"name": f"shuffle {nth}, {_named(within)}", "seconds": time.monotonic() - began})
            best = max(judged, key=lambda v: v.bits, default=None)
            told_best = (best.bits, best.members.size) if best else (None, 0)
            yield within, nth, len(judged), *told_best, n_rings


def _survey_again(con: Connection, settings: Settings, log: Log) -> Survey:
    touches = touches_of(con, settings, log, signals_of(settings, log.columns), Stages(Silent()))
    return survey(touches.incidences(), touches.strata)


def _named(within: Within) -> str:
    return "among all requests" if within == "all" else "within days"


def _refuse_another(manifest: Mapping[str, Any], log: Log) -> None:
    """The null of a log that is no longer the run's would say nothing of the run."""
    then = sorted(i["sha256"] for i in manifest["inputs"])
    if then != sorted(i.sha256 for i in log.inputs):
        raise RunError(
            "null: the log is another than the run's: got files of other bytes; expected those of the manifest",
            "scan the log again, and take the null of that run",
        )


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
