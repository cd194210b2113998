"""The whole line on a log of its own: simulate, scan, evaluate. What a newcomer runs first."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from graphscan.api.scan import scan, watched
from graphscan.errors import RunError
from graphscan.lab.agreement import Evaluation
from graphscan.lab.evaluate import evaluate
from graphscan.lab.simulate import simulate
from graphscan.progress import Progress
from graphscan.results import Scan
from graphscan.runs import kind_of
from graphscan.settings import Settings

ACCOUNTS, SCALE, DAYS = 12_000, 0.02, 10
"""A world that two cores simulate and scan in under a minute, with every planted ring and crowd in it."""

RECORD = "simulated.json"


@dataclass(frozen=True)
class Demo:
    """What the demo left: the log and the run below `out`, and how they agree."""

    out: Path
    scan: Scan
    evaluation: Evaluation


def demo(out: Path, *, seed: int = 0, progress: bool | None = None) -> Demo:
    """Leaves `log/` and `run/` in `out`, which is new, or a demo's own from before and then replaced.

    Raises RunError where something else is in the way.
    """
    _clear(out)
    log = out / "log"
    watch = watched(progress)
    watch.stage("simulate a log")
    try:
        simulate(log, scale=SCALE, accounts=ACCOUNTS, days=DAYS, seed=seed, progress=_share_of(watch))
    finally:
        watch.close()
    settings = Settings.load(
        None,
        requests=str(log / "requests" / "*.parquet"),
        accounts=str(log / "accounts.parquet"),
        payments=str(log / "payments.parquet"),
        marks=json.loads((log / RECORD).read_text(encoding="utf-8"))["marks"],
    )
    found = scan(settings=settings, out=out / "run", progress=progress)
    return Demo(out, found, evaluate(found, log / "truth.parquet"))


def _share_of(watch: Progress) -> Callable[[float, str], None]:
    return lambda share, _: watch.share(round(1000 * share), 1000)


def _clear(out: Path) -> None:
    """Takes away what an earlier demo left, and nothing else."""
    log, run = out / "log", out / "run"
    inside = set(out.iterdir()) if out.is_dir() and not out.is_symlink() else set()
    ours = _is_demo(log) and (not run.exists() or kind_of(run) == "scan")
    if (
        out.is_symlink()
        or (out.exists() and not out.is_dir())
        or (inside and not (ours and inside <= {log, run}))
    ):
        raise RunError(
            f"{out}: is in the way: got something that is no demo's folder; expected a new one",
            "choose another --out",
        )
    for folder in sorted(inside):
        shutil.rmtree(folder)


def _is_demo(log: Path) -> bool:
    """Whether a log is of the demo's size: somebody may have simulated another, and scanned it, in a folder alike."""
    try:
        made = json.loads((log / RECORD).read_bytes())["settings"]
        return (made["scale"], made["accounts"], made["days"]) == (SCALE, ACCOUNTS, DAYS)
    except (OSError, ValueError, KeyError, TypeError):
        return False
