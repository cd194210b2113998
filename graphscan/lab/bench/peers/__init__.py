"""graphscan beside other programs, on the same logs and one core each: cost, and what was found.

Takes in logs in every layout and the environments of the peers; gives out `Compared`. Every command from the log to
labels is charged, also the step that a peer leaves to its user. Groups of fewer than five accounts count for nobody.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from graphscan.lab.agreement import agreement
from graphscan.lab.bench.measured import ONE_THREAD, Measured, measured
from graphscan.lab.bench.peers.environments import PACKAGES, environment
from graphscan.lab.bench.peers.logs import PeerLog
from graphscan.lab.bench.peers.tools import (
    PEERS,
    Bench,
    Command,
    Peer,
    Started,
    check_runners,
    graphscan,
    labels_of,
    labels_of_run,
)
from graphscan.lab.bench.scale import warm

OURS = "graphscan"

SMALLEST = 5
"""Accounts of a group from which it counts."""

FOUND = 0.5
"""Jaccard from which a planted ring is found."""

PRECISE = 0.5
"""Precision from which a peer's time is worth comparing."""

MANY = 1_000_000
"""Requests from which time is compared."""


@dataclass(frozen=True)
class Row:
    """One program on one log; figures are None where it gave no answer, and `fault` says why."""

    world: str
    n_requests: int
    program: str
    cpu_s: float | None
    peak_bytes: int | None
    precision: float | None
    recall: float | None
    n_found: int | None
    n_planted: int
    jaccard: float | None
    fault: str


@dataclass(frozen=True)
class Lab:
    """Where things are, and what a program may take: `most_s` processor seconds a command, on one `core`."""

    bench: Bench
    work: Path
    core: int
    most_s: int

    def run(self, started: Started, out: Path) -> Measured:
        """The charged commands one after the other, up to the first that fails; then the free ones."""
        out.mkdir(parents=True, exist_ok=True)
        parts: list[Measured] = []
        for n, command in enumerate((*started.charged, *started.free)):
            done = self.one(command, out)
            if n < len(started.charged):
                parts.append(done)
            if done.fault:
                break
        return Measured(
            math.fsum(p.seconds for p in parts),
            math.fsum(p.cpu_s for p in parts),
            max(p.peak_bytes for p in parts),
            parts[-1].fault,
        )

    def one(self, command: Command, out: Path) -> Measured:
        """One command on the core, with one thread where it would take more."""
        return measured(
            command, out / "said", core=self.core, most_s=self.most_s, folder=out, environment=ONE_THREAD
        )


def laboratory(runners: Path, environments: Path, work: Path, core: int, most_s: int) -> Lab:
    """The runners, checked, and the environments, made where they are missing.

    Raises RunError where a runner is missing.
    """
    check_runners(runners)
    environments.mkdir(parents=True, exist_ok=True)
    made = {name: environment(name, environments.resolve()) for name in PACKAGES}
    return Lab(Bench(runners.resolve(), made), work, core, most_s)


def compare(
    lab: Lab,
    logs: Iterable[PeerLog],
    peers: Sequence[Peer] = PEERS,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Row]:
    """Every program on every log, graphscan first; `tell` hears of each before it begins.

    Compiled code is in its cache before anything is charged, as it is from the second scan on.
    """
    warm(lab.work)
    rows = []
    for log in logs:
        tell(f"{log.name}: {OURS}")
        rows += _ours(lab, log)
        for peer in peers:
            tell(f"{log.name}: {peer.name}")
            rows.append(_theirs(lab, log, peer))
    return rows


def _ours(lab: Lab, log: PeerLog) -> list[Row]:
    """Two rows of one scan: what it puts to review, and what it also watches."""
    out = _fresh(lab.work / f"{log.name}-{OURS}")
    done = lab.run(Started((graphscan(log, out / "run"),)), out)
    if done.fault:
        return [_row(log, OURS, done, None)]
    watched = labels_of_run(out / "run", ("review", "watch"))
    return [
        _row(log, OURS, done, labels_of_run(out / "run")),
        _row(log, f"{OURS} with watch", done, watched),
    ]


def _theirs(lab: Lab, log: PeerLog, peer: Peer) -> Row:
    faults = [lab.bench.environments[name].fault for name in peer.needs]
    if any(faults):
        return _row(log, peer.name, None, None, next(f for f in faults if f))
    out = _fresh(lab.work / f"{log.name}-{peer.name.replace(' ', '-')}")
    n_rings = log.world.truth()["ring"].drop_nulls().n_unique()
    done = lab.run(peer.commands(lab.bench, log, out, n_rings), out)
    return _row(log, peer.name, done, None if done.fault else labels_of(out))


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def _row(log: PeerLog, name: str, done: Measured | None, labels: pl.DataFrame | None, fault: str = "") -> Row:
    scores = score(labels, log.world.truth()) if labels is not None else {}
    return Row(
        world=log.name,
        n_requests=log.n_requests,
        program=name,
        cpu_s=done.cpu_s if done and not done.fault else None,
        peak_bytes=done.peak_bytes if done and not done.fault else None,
        precision=scores.get("precision"),
        recall=scores.get("recall"),
        n_found=scores.get("n_found"),
        n_planted=log.world.truth()["ring"].drop_nulls().n_unique(),
        jaccard=scores.get("jaccard"),
        fault=done.fault if done else fault,
    )


def score(labels: pl.DataFrame, truth: pl.DataFrame) -> dict[str, Any]:
    """How labels (account_id, cluster) agree with the truth: precision and recall of accounts, `n_found` planted
    rings with a group of Jaccard .5 or more, and the planted rings' mean `jaccard`."""
    groups = labels.filter(pl.len().over("cluster") >= SMALLEST)
    rings = groups.select(ring_id="cluster").unique(maintain_order=True)
    found = agreement(
        rings.with_columns(triage=pl.lit("review")),
        groups.select("account_id", ring_id="cluster", tier=pl.lit("core")),
        truth,
    )
    jaccard = found.planted["jaccard"]
    return {
        "precision": found.precision,
        "recall": found.recall or 0.0,
        "n_found": int((jaccard >= FOUND).sum()),
        "jaccard": jaccard.mean(),
    }


@dataclass(frozen=True)
class Goal:
    """What is asked of graphscan on one log, what was measured, and whether it holds."""

    world: str
    asked: str
    measured: str
    held: bool


def goals(rows: Sequence[Row]) -> list[Goal]:
    """No peer more precise, none with more recall, one of the two better than all; on large logs none both faster
    and of some precision. A peer without an answer asks for nothing."""
    out = []
    for world in dict.fromkeys(row.world for row in rows):
        ours = next(r for r in rows if r.world == world and r.program == OURS)
        peers = [r for r in rows if r.world == world and not r.program.startswith(OURS)]
        answered = [r for r in peers if r.recall is not None]
        for what in ("precision", "recall"):
            out.append(_no_worse(world, what, ours, answered))
        out.append(_better_in_one(world, ours, answered))
        if ours.n_requests >= MANY:
            out.append(_no_slower(world, ours, answered))
    return out


def _no_worse(world: str, what: str, ours: Row, peers: Sequence[Row]) -> Goal:
    mine = getattr(ours, what) or 0.0
    best = max(peers, key=lambda r: getattr(r, what) or 0.0, default=None)
    if best is None:
        return Goal(world, f"{what} as good as any", f"{mine:.3f}, and no peer answered", True)
    other = getattr(best, what) or 0.0
    told = f"{mine:.3f}, best of the peers {other:.3f} ({best.program})"
    return Goal(world, f"{what} as good as any", told, mine >= other)


def _better_in_one(world: str, ours: Row, peers: Sequence[Row]) -> Goal:
    def share(row: Row) -> tuple[float, float]:
        return row.precision or 0.0, row.recall or 0.0

    equal = [p.program for p in peers if all(t >= m for t, m in zip(share(p), share(ours), strict=True))]
    told = f"not better than {', '.join(equal)}" if equal else "better than each"
    return Goal(world, "better than each in precision or in recall", told, not equal)


def _no_slower(world: str, ours: Row, peers: Sequence[Row]) -> Goal:
    asked = f"less processor time than any of precision ≥ {PRECISE:g}"
    precise = [r for r in peers if r.cpu_s is not None and (r.precision or 0.0) >= PRECISE]
    fastest = min(precise, key=lambda r: r.cpu_s or 0.0, default=None)
    if ours.cpu_s is None or fastest is None or fastest.cpu_s is None:
        return Goal(world, asked, "nothing to compare with", ours.cpu_s is not None)
    told = f"{ours.cpu_s:,.0f} s, {fastest.program} {fastest.cpu_s:,.0f} s"
    return Goal(world, asked, told, ours.cpu_s < fastest.cpu_s)
