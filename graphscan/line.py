"""The straight line, one stage a line: logs → signals → incidences → views → proposals → rings → report."""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from dataclasses import replace as replace_fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

import graphscan
from graphscan.graph.rows import Incidences
from graphscan.graph.strata import Strata, strata_of
from graphscan.graph.survey import proposals, survey
from graphscan.kinds import CONTEXT
from graphscan.logs.check import limits_of
from graphscan.logs.log import Log, open_log
from graphscan.logs.sql import Connection, engine, frame, rest
from graphscan.progress import Progress, Silent
from graphscan.report import render
from graphscan.reviews.decisions import allowed_by, read_decisions
from graphscan.rings.evidence import Names
from graphscan.rings.evidence.relations import with_entities
from graphscan.rings.evidence.stability import Stability, stabilities
from graphscan.rings.evidence.words import with_words
from graphscan.rings.find import courts, rings_of
from graphscan.rings.hidden_by_language import hidden_rings
from graphscan.rings.one_hand import told_as_one
from graphscan.rings.portrait import Portraits, portraits
from graphscan.rings.summary import summary
from graphscan.rings.tables import Tables, ring_ids, ring_tables
from graphscan.rings.triage.likeness import weighed_rows
from graphscan.runs import check_free, write_run
from graphscan.settings import Settings
from graphscan.signals.incidences import (
    FamilyIncidences,
    Signal,
    families_on,
    family_incidences,
    run_signals,
    signals_of,
)
from graphscan.signals.language import countries, language_strata, languages
from graphscan.signals.stage import register, stage

VERSIONS_OF = ("duckdb", "polars", "numpy", "scipy", "numba", "igraph", "hdbscan", "pycld2")


@dataclass
class Stages:
    """The stages of a run as they pass: name, seconds and rows, for the manifest and for who watches."""

    progress: Progress
    done: list[dict[str, Any]] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[dict[str, Any]]:
        """One stage; the dictionary takes its number of `rows`."""
        self.progress.stage(name)
        row: dict[str, Any] = {"name": name, "seconds": 0.0, "rows": None}
        began = time.monotonic()
        yield row
        row["seconds"] = round(time.monotonic() - began, 3)
        self.done.append(row)


@dataclass(frozen=True)
class Touches:
    """All that the rings are found in: incidences by family, strata, and what accounts and entities are called.

    `context` is no family: it is stored beside the others, for `explain`, and finds no ring. `left_out` counts, by
    signal, the entities that reviewers allowed.
    """

    accounts: pl.DataFrame
    families: tuple[FamilyIncidences, ...]
    strata: Strata
    context: FamilyIncidences | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)

    def incidences(self) -> list[Incidences]:
        """The incidences without names: what finds rings knows no values."""
        return [
            Incidences(f.family, self.accounts.height, f.account, f.entity, f.cap, f.signal_numbers())
            for f in self.families
        ]

    def names(self) -> dict[str, Names]:
        """What the entities of each family are called."""
        return {f.family: Names(f.entities) for f in self.families}


def run_line(
    settings: Settings,
    out: Path,
    progress: Progress | None = None,
    replace: bool = False,
    finish: Callable[[Path], object] = render,
) -> None:
    """Scans the log that the settings name and writes the run folder `out`, all or nothing.

    `finish` is given the folder with its tables before anyone can see it: it renders the report, and may add to it.

    Raises LogsError, SettingsError, QueryError or RunError; then nothing is written.
    """
    check_free(out, replace)
    decisions = read_decisions(Path(settings.review.decisions)) if settings.review.decisions else ()
    stages = Stages(progress or Silent())
    with engine(settings) as con:
        with stages.stage("open the log") as row:
            log = open_log(con, settings)
            row["rows"] = log.n_requests
        signals = signals_of(settings, log.columns)
        with stages.stage("read the requests") as row, log.being_read():
            register(con)
            log = log.without_copies(stage(con, settings))
            row["rows"] = log.n_requests
        # As of the log's last day, not of today: the same input gives the same files.
        allowed = allowed_by(decisions, log.last_at.date()) if log.last_at else {}
        touches = touches_of(con, settings, log, signals, stages, allowed)
        rest(con, settings)
        told = _rings(con, settings, touches, stages)
        with (
            stages.stage("tell the rings"),
            log.being_read(),
            ThreadPoolExecutor(1) as aside,
            con.cursor() as reading,
        ):
            worded = aside.submit(with_words, reading, told.tables.evidence, told.members)
            portrait = portraits(con, told.tables.members)
            told = replace_fields(told, tables=replace_fields(told.tables, evidence=worded.result()))
            frames = _frames(touches, told, portrait, log)
        manifest = _manifest(settings, log, signals, touches, stages, con)
        manifest["allowed"] = dict(touches.left_out)
    with stages.stage("write the run"):
        write_run(out, frames, manifest, finish, replace)
    stages.progress.close()


@dataclass(frozen=True)
class Told:
    """All that is told of rings without the log: tables, confidence, who of them `hides` in a language, and the account
    indices of all members. Nothing here holds on to a view: the portraits need that memory."""

    tables: Tables
    stable: Mapping[str, Stability]
    hides: frozenset[str]
    members: Sequence[int]


def _rings(con: Connection, settings: Settings, touches: Touches, stages: Stages) -> Told:
    """From incidences to rings with their evidence."""
    threads = settings.run.threads
    with stages.stage("views and own clusters") as row:
        found = survey(touches.incidences(), touches.strata, threads)
        row["rows"] = sum(v.rows.ent.size for vs in found.views.values() for v in vs)
    with stages.stage("propose") as row:
        proposed = proposals(found, settings.rings.min_accounts, settings.run.seed)
        row["rows"] = len(proposed.all)
    with stages.stage("grow and certify") as row:
        both = courts(found)
        asked = settings.rings
        minima = (asked.min_bits, asked.min_accounts)
        verdicts = rings_of(both, proposed, *minima, threads, stages.progress.share)
        row["rows"] = len(verdicts)
    with stages.stage("rings that one hand works") as row:
        n_requests = touches.accounts["n_requests"].to_numpy()
        verdicts = told_as_one(con, both.certify, verdicts, n_requests, asked.min_bits)
        row["rows"] = len(verdicts)
    with stages.stage("rings that hide in a language") as row:
        hidden = hidden_rings(con, found, proposed, verdicts, both.certify, touches.accounts, minima, threads)
        verdicts = [*verdicts, *hidden.rings]
        row["rows"] = len(hidden.rings)
    with stages.stage("evidence"):
        rings = dict(zip(ring_ids(verdicts), verdicts, strict=True))
        tables = ring_tables(
            found, both.certify, rings, touches.names(), touches.accounts, asked.ownership, asked.min_bits
        )
    with stages.stage("leave parts out"):
        by_family = {f.family: f for f in touches.families}
        ids = touches.accounts["account_id"]
        hides = frozenset(name for name, v in rings.items() if any(v is h for h in hidden.rings))
        stable: dict[str, Stability] = {}
        for court, some in ((both.certify, rings.keys() - hides), (hidden.court, hides)):
            judged = {name: rings[name] for name in rings if name in some}
            stable |= stabilities(
                judged, tables.members, ids, court, by_family, settings.rings.min_bits, threads
            )
    return Told(tables, stable, hides, sorted({int(a) for v in verdicts for a in v.members}))


def touches_of(
    con: Connection,
    settings: Settings,
    log: Log,
    signals: list[Signal],
    stages: Stages,
    allowed: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> Touches:
    """Who touched what, in a log that is staged on the connection, and what accounts are alike in.

    Entities that reviewers `allowed`, by signal, are left out.
    """
    counts: dict[str, int] = {}
    left_out: dict[str, int] = {}
    for signal in [s for s in signals if not s.off]:
        with stages.stage(f"signal {signal.name}") as row:
            for made in run_signals(con, settings, [signal], allowed):
                row["rows"] = counts[signal.name] = made.n
                if made.n_left_out:
                    left_out[signal.name] = made.n_left_out
    rest(con, settings)
    # What accounts write is read beside: the incidences are put together on one core.
    with ThreadPoolExecutor(1) as aside, con.cursor() as reading:
        written = aside.submit(languages, reading, log.n_accounts, settings.run.threads)
        with stages.stage("incidences") as row:
            accounts = frame(
                con, "select account_id, n_requests, first_at, last_at from accounts order by account"
            )
            on = dict.fromkeys(s.family for s in signals if counts.get(s.name))
            told = {family: family_incidences(con, family, signals) for family in on}
            context = told.pop(CONTEXT, None)
            families = tuple(told.values())
            row["rows"] = sum(f.account.size for f in families)
        with stages.stage("strata"):
            language = language_strata(written.result(), countries(con, accounts.height))
            strata = strata_of(accounts["n_requests"].to_numpy(), language, _paid(con, log, accounts.height))
    return Touches(accounts, families, strata, context, left_out)


def _paid(con: Connection, log: Log, n_accounts: int) -> NDArray[np.bool_]:
    """Who has paid at all."""
    paid = np.zeros(n_accounts, bool)
    if log.has("payments.payment_fingerprint"):
        who = frame(
            con,
            "select distinct account from log_payments inner join accounts using (account_id) "
            "where payment_fingerprint is not null",
        )
        paid[who["account"].to_numpy()] = True
    return paid


def _frames(touches: Touches, told: Told, portrait: Portraits, log: Log) -> dict[str, pl.DataFrame]:
    """Every frame of the run folder, by file name."""
    tables = told.tables
    return {
        "rings": summary(tables, portrait, told.stable, told.hides, log.n_requests),
        "members": tables.members,
        "evidence": tables.evidence,
        "certificates": tables.certificates,
        "signals": tables.signals,
        "neighbours": tables.neighbours,
        "relations": with_entities(tables.relations, tables.evidence),
        "pairs": tables.pairs,
        "timeline": portrait.timeline,
        "templates": portrait.templates,
        "activity": weighed_rows(portrait.activity),
        "shares": portrait.shares,
        **_touched(touches),
    }


def _touched(touches: Touches) -> dict[str, pl.DataFrame]:
    """What the permuted null and `explain` start from: accounts with their strata, entities, incidences."""
    strata = {"language": touches.strata.language, "paid": touches.strata.paid}
    out = {"touches/accounts": touches.accounts.with_columns(**{k: pl.Series(v) for k, v in strata.items()})}
    stored = {f"touches/{f.family}": f for f in touches.families}
    if touches.context is not None:
        stored[CONTEXT] = touches.context
    for folder, f in stored.items():
        out[f"{folder}/entities"] = f.entities
        out[f"{folder}/incidences"] = pl.DataFrame({"account": f.account, "entity": f.entity, "cap": f.cap})
    return out


def _manifest(
    settings: Settings, log: Log, signals: Sequence[Signal], touches: Touches, stages: Stages, con: Connection
) -> dict[str, Any]:
    """What ran: inputs, settings, versions, stages, counts, what was set aside and why."""
    told = [*touches.families, *([touches.context] if touches.context is not None else [])]
    n_entities = {name: n for f in told for name, n in f.entities.group_by("signal").len().iter_rows()}
    return {
        "kind": "scan",
        "graphscan_version": graphscan.__version__,
        "window": {"first_at": _iso(log.first_at), "last_at": _iso(log.last_at)},
        "inputs": [vars(i) for i in log.inputs],
        "settings": settings.model_dump(mode="json", by_alias=True),
        "seed": settings.run.seed,
        "versions": {name: importlib.metadata.version(name) for name in VERSIONS_OF},
        "counts": {"requests": log.n_requests, "accounts": log.n_accounts},
        "set_aside": log.set_aside.to_dicts(),
        "signals": [
            {
                "name": s.name,
                "family": s.family,
                "on": not s.off,
                "why_off": s.off,
                "n_entities": n_entities.get(s.name, 0),
            }
            for s in signals
        ],
        "warnings": list(log.warnings),
        "cannot_find": list(limits_of(con, log, families_on(signals), "requests")),
        "changed_while_read": list(log.changed()),
        "stages": stages.done,
    }


def _iso(at: Any) -> str | None:
    return None if at is None else at.isoformat()
