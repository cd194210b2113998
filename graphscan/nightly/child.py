"""The process in which a night is scanned, so that a crash in a library, a hang or a full memory end it alone.

Takes in a task as JSON on stdin; gives out JSON lines on stdout: {"stage": name} as each stage begins, at the end one
of {"done": facts}, {"error": class, "message", "hint"} and {"crash": class}. What libraries print goes to stderr.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import faulthandler
import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphscan.errors import GraphscanError, LogsError, RunError
from graphscan.kinds import n_bytes
from graphscan.settings import Settings
from graphscan.stopping import SIGNALS

if TYPE_CHECKING:
    from graphscan.logs.log import Log

_PR_SET_PDEATHSIG = 1

Tell = Callable[[Mapping[str, Any]], None]


class _Told:
    """Progress that tells each stage to the parent."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def stage(self, name: str) -> None:
        self._tell({"stage": name})

    def share(self, done: int, total: int) -> None:
        """Nothing: what counts is how long a stage takes."""

    def close(self) -> None:
        """Nothing."""


def main() -> None:
    """Does the task; exits 0 where `done` was told, else 1."""
    # systemd asks every process of a unit: the parent is who answers, and ends this one.
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    to_parent = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    faulthandler.enable()

    def tell(line: Mapping[str, Any]) -> None:
        to_parent.write(json.dumps(line) + "\n")
        to_parent.flush()

    task = json.load(sys.stdin)
    _die_with(task["parent"])
    try:
        _limit_memory(task["settings"]["nightly"]["max_memory"])
        tell({"done": scan_night(task, tell)})
    except GraphscanError as e:
        tell({"error": type(e).__name__, "message": e.message, "hint": e.hint})
        sys.exit(1)
    except BaseException as e:  # some libraries' errors are no Exception: polars' panics, leidenalg's own
        traceback.print_exc()
        tell({"crash": type(e).__name__})
        sys.exit(1)


def scan_night(task: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """The facts of a night for night.json, and under `outcome` what was done: `scanned`, `known` or `refused`.

    Only where it is `scanned` there is a run folder at the task's `staged`. Raises GraphscanError as a scan does.
    """
    import polars as pl

    from graphscan.line import run_line
    from graphscan.logs.log import open_log
    from graphscan.logs.sql import engine
    from graphscan.nightly.ancestry import add_lineage
    from graphscan.nightly.gates import gates
    from graphscan.nightly.measure import Measured, identity, measure
    from graphscan.nightly.shelf import read_catalog
    from graphscan.report import render
    from graphscan.runs import read_manifest

    settings = Settings.load(None, **task["settings"])
    date = dt.date.fromisoformat(task["date"])
    tell({"stage": "measure the log"})
    with engine(settings) as con:
        log = open_log(con, settings)
        measured = measure(con, log, settings, date)
    if not measured.rows:
        # Published, it would make every ring dormant, and of a date far ahead it would be the newest night for years.
        raise LogsError(
            f"nightly: the window of night {task['date']} is empty: got no request from {settings.inputs.from_at} "
            f"to {settings.inputs.to_at}; expected some",
            "is the date right, and has the log of these days arrived?",
        )
    generation = identity(measured, settings)
    before = {day: Measured(**m) for day, m in task["before"].items()}
    own = settings.nightly
    passed = gates(measured, date, own.window_days, before, own.min_rows_share, own.max_null_rise)
    unread = log.set_aside.filter(pl.col("what") == "file").select("table", "reason").iter_rows()
    breaches = [*passed.breaches, *(f"{table}: {reason}" for table, reason in unread)]
    facts: dict[str, Any] = {
        "date": task["date"],
        "generation": generation,
        "measured": measured.as_dict(),
        "breaches": breaches,
        "late": list(passed.late),
    }
    if generation in task["known"]:
        return {**facts, "outcome": "known"}
    if breaches and own.on_breach == "refuse":
        return {**facts, "outcome": "refused"}
    staged = Path(task["staged"])
    told: dict[str, Any] = {}

    def finish(run: Path) -> None:
        breaches.extend(f"{path}: changed while it was read" for path in _changed(log, read_manifest(run)))
        tell({"stage": "lineage"})
        root = Path(task["root"])
        told.update(_counts(run))
        told.update(add_lineage(run, root, read_catalog(root), date, settings.rings.ownership))
        tell({"stage": "report"})
        render(run)

    run_line(settings, staged, _Told(tell), finish=finish)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {**facts, **told, "peak_memory_mb": peak // 1024, "outcome": "scanned"}


def _changed(measured: Log, manifest: Mapping[str, Any]) -> list[str]:
    """Paths of files that are not what they were when the log was measured, or that came or went since: the scan opens
    the log anew."""
    before = {(i.table, i.path, i.sha256) for i in measured.inputs}
    scanned = {(i["table"], i["path"], i["sha256"]) for i in manifest["inputs"]}
    return sorted({path for _, path, _ in before ^ scanned} | set(manifest["changed_while_read"]))


def _counts(run: Path) -> dict[str, Any]:
    """How many rings, accounts and requests: what is watched from night to night."""
    from graphscan.runs import read_frame, read_manifest

    rings, members = read_frame(run, "rings"), read_frame(run, "members")
    by_triage = dict(rings.group_by("triage").len().iter_rows())
    return {
        "n_requests": read_manifest(run)["counts"]["requests"],
        "n_rings": {t: by_triage.get(t, 0) for t in ("review", "watch", "explained")},
        "n_accounts_in_rings": members["account_id"].n_unique(),
    }


def _die_with(parent: int) -> None:
    """A parent that is killed takes this process with it, so that nothing scans without holding the lock."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise RunError("nightly: the process that began the night is gone: got none; expected one")


def _limit_memory(limit: str | None) -> None:
    if limit is not None:
        resource.setrlimit(resource.RLIMIT_AS, (n_bytes(limit), n_bytes(limit)))


if __name__ == "__main__":
    main()
