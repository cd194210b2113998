"""What a scan costs, stage by stage, beside the floor: DuckDB reading the prompts of the same log and hashing them.

The scan is one process of its own, with the settings that the command line would make, compiled code cached. Memory
and bytes are what the system counts for that process.
"""

from __future__ import annotations

import dataclasses
import json
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from graphscan.errors import RunError
from graphscan.lab.bench.measured import Measured, measured
from graphscan.lab.bench.staged import Stage
from graphscan.lab.bench.worlds import World
from graphscan.lab.simulate import simulate
from graphscan.logs.sql import connect, frame, quote_text
from graphscan.runs import read_frame, read_manifest
from graphscan.settings import Settings
from graphscan.signals.kernel import prompt_fragments

TIMES = 3
"""Readings of the floor before the scan, and as many after it."""

KERNEL_ROWS = 300_000
"""Prompts on which the kernel is timed alone."""


@dataclass(frozen=True)
class Floor:
    """Seconds of reading and hashing the prompt column, warm: each reading before the scan and after it."""

    before: tuple[float, ...]
    after: tuple[float, ...]

    @property
    def seconds(self) -> float:
        """The median of all readings."""
        return statistics.median((*self.before, *self.after))


@dataclass(frozen=True)
class Scanned:
    """What one scan cost: `Measured` of its process, its stages, and how much it looked at.

    `stages` has a row a stage, in order: stage, seconds, share (of all stages), cpu_s, rows, n_read, n_written,
    peak_bytes.
    """

    whole: Measured
    stages: pl.DataFrame
    n_requests: int
    n_accounts: int
    n_incidences: int


@dataclass(frozen=True)
class Cost:
    """A scan beside its floor; `kernel_bytes_s` is what the prompt kernel does a second on one core."""

    scanned: Scanned
    floor: Floor
    n_prompt_bytes: int
    kernel_bytes_s: float
    threads: int

    @property
    def times_the_floor(self) -> float:
        """The whole scan, from start to report, over the floor."""
        return self.scanned.whole.seconds / self.floor.seconds

    def as_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        done = self.scanned
        return {
            "n_requests": done.n_requests,
            "n_accounts": done.n_accounts,
            "n_incidences": done.n_incidences,
            "threads": self.threads,
            "scan": vars(done.whole),
            "stages": done.stages.to_dicts(),
            "floor_s": self.floor.seconds,
            "floor": vars(self.floor),
            "times_the_floor": self.times_the_floor,
            "n_prompt_bytes": self.n_prompt_bytes,
            "kernel_bytes_s": self.kernel_bytes_s,
        }


def cost(world: World, work: Path, threads: int | None = None) -> Cost:
    """What a scan of the world costs, beside its floor; `work` is a folder for what it leaves.

    Raises LogsError where there is no log, RunError where the scan fails.
    """
    settings = world.settings(threads=threads)
    _read_prompts(settings)
    warm(work)
    before = tuple(_read_prompts(settings) for _ in range(TIMES))
    done = scanned(settings, work / f"{world.name}-run")
    after = tuple(_read_prompts(settings) for _ in range(TIMES))
    n_bytes = int(_one(settings, "coalesce(sum(strlen(prompt)), 0)::BIGINT"))
    return Cost(done, Floor(before, after), n_bytes, kernel_speed(settings), settings.run.threads)


def scanned(settings: Settings, run: Path) -> Scanned:
    """Scans the log of the settings into the new folder `run`. Raises RunError where the scan fails."""
    run.parent.mkdir(parents=True, exist_ok=True)
    given, costs, said = (run.with_name(f"{run.name}.{end}") for end in ("json", "costs.json", "said"))
    given.write_text(settings.model_dump_json(by_alias=True), encoding="utf-8")
    whole = measured([sys.executable, "-m", "graphscan.lab.bench.staged", given, run, costs], said)
    if whole.fault:
        raise RunError(f"bench: the scan of {run.name} {whole.fault}; expected a run", f"see {said}")
    stages = [Stage(**row) for row in json.loads(costs.read_text(encoding="utf-8"))]
    # Each stage began by starting the process's own count of its peak anew.
    peak = max([whole.peak_bytes, *(s.peak_bytes for s in stages if s.peak_bytes is not None)])
    whole = dataclasses.replace(whole, peak_bytes=peak)
    manifest = read_manifest(run)
    rows = {stage["name"]: stage["rows"] for stage in manifest["stages"]}
    return Scanned(
        whole,
        _table(stages, rows),
        manifest["counts"]["requests"],
        manifest["counts"]["accounts"],
        sum(read_frame(path.parent, path.stem).height for path in run.glob("touches/*/incidences.parquet")),
    )


def warm(work: Path) -> None:
    """Scans a small world once, so that compiled code is in its cache."""
    small = work / "warming"
    if not small.exists():
        simulate(small, scale=0.005, accounts=2000, days=4)
        scanned(World(small.name, small).settings(), work / "warming-run")


def kernel_speed(settings: Settings) -> float:
    """Bytes of prompts a second that the kernel turns into fragments on one core: the best of three passes."""
    with connect(settings, read=[_folder(settings)]) as con:
        texts = frame(con, f"select prompt from {_files(settings)} limit {KERNEL_ROWS}")["prompt"].to_arrow()
    n_bytes = sum(len(text.encode()) for text in texts.to_pylist() if text is not None)
    spent = []
    for _ in range(TIMES):
        began = time.process_time()
        prompt_fragments(texts)
        spent.append(time.process_time() - began)
    return n_bytes / min(spent)


def _table(stages: list[Stage], rows: dict[str, int | None]) -> pl.DataFrame:
    total = sum(s.seconds for s in stages)
    listed = [
        {"stage": s.name, "share": s.seconds / total, "rows": rows.get(s.name), **dataclasses.asdict(s)}
        for s in stages
    ]
    columns = ("stage", "seconds", "share", "cpu_s", "rows", "n_read", "n_written", "peak_bytes")
    return pl.DataFrame(listed, infer_schema_length=None).select(columns)


def _read_prompts(settings: Settings) -> float:
    began = time.monotonic()
    _one(settings, "bit_xor(hash(prompt))")
    return time.monotonic() - began


def _one(settings: Settings, what: str) -> int:
    with connect(settings, read=[_folder(settings)]) as con:
        value: int = frame(con, f"select {what} as value from {_files(settings)}").item()
        return value


def _files(settings: Settings) -> str:
    return f"read_parquet({quote_text(settings.inputs.requests or '')})"


def _folder(settings: Settings) -> Path:
    return Path(settings.inputs.requests or "").parent
