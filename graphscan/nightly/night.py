"""A night from beginning to end: preflight, lock, what was left over, scan, publish.

Takes in a plan; gives out an `Outcome`. A night that fails leaves what was published, and says why.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Any, Literal

import graphscan
from graphscan.errors import GraphscanError, RunError
from graphscan.nightly.plan import Plan, preflight
from graphscan.nightly.publish import hold, opened, publish
from graphscan.nightly.shelf import (
    PARTIAL,
    Catalog,
    folder_of,
    generation_faults,
    read_night,
)
from graphscan.nightly.tell import Watch
from graphscan.nightly.watch import watched
from graphscan.progress import Progress
from graphscan.stopping import SIGNALS

BACK = 14
"""Earlier nights that a night's input is compared with: two of every weekday."""


class Stopped(BaseException):
    """The process was asked to end."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(signal.Signals(number).name)


@dataclass(frozen=True)
class Outcome:
    """What became of a night. `nothing`: this generation holds already. `restored`: it was there, and holds again.

    `facts` are those of night.json; `folder` is where the generation is; `problems` what could not be told to those who
    watch.
    """

    outcome: Literal["published", "restored", "nothing"]
    date: str
    generation: str
    folder: Path
    facts: Mapping[str, Any] = field(repr=False)
    problems: tuple[str, ...] = ()

    @property
    def degraded(self) -> tuple[str, ...]:
        """Why the night is degraded; nothing where it is not."""
        return (*self.facts["breaches"], *self.problems)


def run_night(plan: Plan, progress: Progress) -> Outcome:
    """Scans and publishes a night, unless the same is there, and tells it to those who watch.

    Raises SettingsError, LogsError, QueryError or RunError, `Stopped` on SIGTERM, SIGINT and SIGHUP; then what was
    published before still is, and the next run clears what is left.
    """
    with _private_and_stoppable(), closing(progress):
        preflight(plan)
        watch = Watch(plan)

        def on_stage(name: str) -> None:
            progress.stage(name)
            watch.stage(name)

        try:
            with opened(plan.root) as catalog:
                try:
                    outcome = _run(plan, catalog, on_stage)
                finally:
                    shutil.rmtree(plan.root / PARTIAL, ignore_errors=True)
            problems = watch.ended(outcome.outcome, outcome.facts)
        except Stopped as e:
            watch.failed(str(e), stopped=True)
            raise
        except GraphscanError as e:
            watch.failed(e.message)
            raise
        return replace(outcome, problems=problems)


def _run(plan: Plan, catalog: Catalog, on_stage: Callable[[str], None]) -> Outcome:
    partial = plan.root / PARTIAL
    spill, staged = partial / "spill", partial / "night"
    spill.mkdir(parents=True, mode=0o700)
    limit_s = plan.settings.nightly.stage_limit_s
    told, seconds = watched(_task(plan, catalog, staged), spill, limit_s, on_stage)
    outcome, generation = told.pop("outcome"), told["generation"]
    home = folder_of(plan.root, plan.day, generation)
    if outcome == "refused":
        raise RunError(
            f"nightly: night {plan.day} is refused: got {'; '.join(told['breaches'])}; expected an input like before",
            'mend the log, or set on_breach = "publish" under [nightly]',
        )
    if outcome == "known":
        held = catalog.nights.get(plan.day)
        entry = next(e for e in catalog.all(plan.day) if e.generation == generation)
        facts = read_night(plan.root, plan.day, entry)
        if held == entry:
            return Outcome("nothing", plan.day, generation, home, facts)
        hold(plan.root, catalog, plan.day, entry)
        return Outcome("restored", plan.day, generation, home, facts)
    facts = {
        **told,
        "graphscan_version": graphscan.__version__,
        "window": [str(plan.settings.inputs.from_at), str(plan.settings.inputs.to_at)],
        "stages": seconds,
    }
    publish(plan.root, catalog, staged, facts)
    return Outcome("published", plan.day, generation, home, facts)


def _task(plan: Plan, catalog: Catalog, staged: Path) -> dict[str, Any]:
    earlier = [d for d in sorted(catalog.nights) if d < plan.day][-BACK:]
    return {
        "root": str(plan.root),
        "date": plan.day,
        "settings": plan.settings.model_dump(mode="json", by_alias=True),
        "staged": str(staged),
        # A generation that is damaged is not known: it is made again, and takes its place.
        "known": [
            e.generation for e in catalog.all(plan.day) if not generation_faults(plan.root, plan.day, e)
        ],
        "before": {d: m for d in earlier if (m := _measured(plan.root, d, catalog))},
    }


def _measured(root: Path, day: str, catalog: Catalog) -> dict[str, Any] | None:
    """What was measured of an earlier night; None where that cannot be read, which is for `verify` to say."""
    try:
        measured: dict[str, Any] = read_night(root, day, catalog.nights[day])["measured"]
    except RunError:
        return None
    return measured


@contextmanager
def _private_and_stoppable() -> Iterator[None]:
    """Files are for their owner alone; SIGTERM, SIGINT and SIGHUP end the night at once: the scanning process is
    killed, what is staged removed."""

    def stop(number: int, frame: FrameType | None) -> None:
        for s in signals:  # a second signal must not end the clearing up
            signal.signal(s, signal.SIG_IGN)
        raise Stopped(number)

    signals = [s for s in SIGNALS if signal.getsignal(s) is not signal.SIG_IGN]
    before = {s: signal.signal(s, stop) for s in signals}
    mask = os.umask(0o077)  # a night holds accounts, addresses and words of prompts
    try:
        yield
    finally:
        os.umask(mask)
        for s, handler in before.items():
            signal.signal(s, handler)
