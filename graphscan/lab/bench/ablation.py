"""What each part is for: signals, families and stages left out in turn, and what is lost without them.

In: logs with a truth, read once each. Out: a row for each log and part. A part whose absence costs no ring, accuses
nobody more and loses no bits on any log has earned nothing there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphscan.errors import SettingsError
from graphscan.faults import nearest
from graphscan.graph.strata import Strata, strata_of
from graphscan.graph.survey import PROPOSERS, Survey, proposals, survey
from graphscan.graph.views import View, view_of
from graphscan.lab.agreement import agreement
from graphscan.line import Stages, Touches, touches_of
from graphscan.logs.log import open_log
from graphscan.logs.sql import Connection, engine
from graphscan.progress import Silent
from graphscan.rings.certificate import Courts, Verdict
from graphscan.rings.evidence import held
from graphscan.rings.find import courts, rings_of
from graphscan.rings.one_hand import told_as_one
from graphscan.rings.portrait import portraits
from graphscan.rings.settle.packing import packed
from graphscan.rings.tables import ring_ids
from graphscan.rings.triage import triage_of
from graphscan.rings.triage.crowd import Crowd
from graphscan.rings.triage.measured import measures_of
from graphscan.settings import Settings
from graphscan.signals.incidences import FamilyIncidences, signals_of
from graphscan.signals.stage import register, stage

WHOLE = 0.8
"""Jaccard from which a ring counts as found."""

LEAST = 0.002
"""Change of precision or recall that is told as one."""

NOTHING = "nothing"

Sets = list[NDArray[np.int32]]


@dataclass(frozen=True)
class Case:
    """A log with a truth: its name, the settings that read it, and the table of truth or labels."""

    name: str
    settings: Settings
    truth: pl.DataFrame


@dataclass(frozen=True)
class Staged:
    """A log that was read once: what every run without a part starts from."""

    con: Connection
    settings: Settings
    touches: Touches

    def signals(self) -> list[str]:
        """Signals that any account touched."""
        return [
            name for f in self.touches.families for name in f.entities["signal"].unique(maintain_order=True)
        ]

    def families(self) -> list[str]:
        """Families that any account touched."""
        return [f.family for f in self.touches.families]


@contextmanager
def staged(settings: Settings) -> Iterator[Staged]:
    """Reads the log, up to who touched what."""
    with engine(settings) as con:
        log = open_log(con, settings)
        register(con)
        stage(con, settings)
        touches = touches_of(con, settings, log, signals_of(settings, log.columns), Stages(Silent()))
        yield Staged(con, settings, touches)


def parts_of(at: Staged) -> list[str]:
    """Every part that this log can do without, by name: `signal NAME`, `family NAME`, and the stages."""
    families = at.families()
    alone = {f for f in families if sum(name in at.signals() for name in _signals_in(at, f)) == 1}
    signals = [f"signal {s}" for f in families if f not in alone for s in _signals_in(at, f)]
    return [*signals, *(f"family {f}" for f in families), *STAGES]


def _signals_in(at: Staged, family: str) -> list[str]:
    (touched,) = (f for f in at.touches.families if f.family == family)
    return list(touched.entities["signal"].unique(maintain_order=True))


def rings_without(at: Staged, part: str) -> list[Verdict]:
    """The rings of the line without one part; `nothing` is the line as it is, but for rings that hide in a language."""
    touches = _touched_without(at.touches, part)
    found = survey(touches.incidences(), touches.strata)
    if part == "own clusters":
        found = _without_own_clusters(found, touches)
    if part == "caps":
        found = replace(found, views=found.open_views)
    rings, seed = at.settings.rings, at.settings.run.seed
    proposed = proposals(found, rings.min_accounts, seed, {part.removeprefix("proposals of ")})
    both = courts(found)
    if part == "what names lead to":
        both = Courts(both.certify.by_names_alone(), both.growth.by_names_alone())
    if part == "growth":
        judged = (both.certify.judge(p) for p in proposed.all)
        return packed([v for v in judged if v.bits >= rings.min_bits], found.n_accounts)
    told = rings_of(both, proposed, rings.min_bits, rings.min_accounts, at.settings.run.threads)
    if part == "branches":
        return told
    n_requests = touches.accounts["n_requests"].to_numpy()
    return told_as_one(at.con, both.certify, told, n_requests, rings.min_bits)


STAGES = (
    *(f"proposals of {name}" for name in PROPOSERS),
    "own clusters",
    "what names lead to",
    "growth",
    "caps",
    "strata of activity",
    "strata of language",
    "branches",
)
"""Stages that can be left out. `caps` leaves the views on all requests, without activity's strata; `growth` packs the
proposals as they come; `branches` leaves firms that one hand works as they are."""


def _touched_without(touches: Touches, part: str) -> Touches:
    kind, _, name = part.partition(" ")
    families = touches.families
    if kind == "family":
        return replace(touches, families=tuple(f for f in families if f.family != name))
    if kind == "signal":
        left = [_family_without(f, name) for f in families]
        return replace(touches, families=tuple(f for f in left if f.account.size))
    return replace(touches, strata=_strata_without(touches, part))


def _strata_without(touches: Touches, part: str) -> Strata:
    strata = touches.strata
    if part == "strata of activity":
        return replace(strata, by_cap=dict.fromkeys(strata.by_cap, strata.language))
    if part == "strata of language":
        n_requests = touches.accounts["n_requests"].to_numpy()
        return strata_of(n_requests, np.zeros_like(strata.language), strata.paid == 1)
    return strata


def _family_without(family: FamilyIncidences, signal: str) -> FamilyIncidences:
    """The family without one signal's entities, numbered anew."""
    stays = (family.entities["signal"] != signal).to_numpy()
    if stays.all():
        return family
    number = np.cumsum(stays) - 1
    rows = stays[family.entity]
    return replace(
        family,
        account=family.account[rows],
        entity=number[family.entity[rows]].astype(np.int32),
        cap=family.cap[rows],
        tenth=family.tenth[rows],
        entities=family.entities.filter(pl.Series(stays)),
    )


def _without_own_clusters(found: Survey, touches: Touches) -> Survey:
    incidences = {i.family: i for i in touches.incidences()}

    def plain(views: tuple[View, ...]) -> tuple[View, ...]:
        return tuple(view_of(incidences[v.family], v.cap, v.strata, []) for v in views)

    return replace(
        found,
        views={f: plain(v) for f, v in found.views.items()},
        open_views={f: plain(v) for f, v in found.open_views.items()},
    )


def measured(at: Staged, part: str, truth: pl.DataFrame) -> dict[str, object]:
    """One row: part, n_rings (found), n_planted, n_whole, precision, recall, covered, n_ordinary, bits, seconds.

    n_planted is null where the truth names no rings; n_whole counts the planted ones with a match of `WHOLE`;
    precision and recall are of accounts in review, covered is the share of planted accounts in a ring of any triage;
    n_ordinary are innocent accounts of kind ordinary in a ring of any triage; bits the sum over rings in review.
    """
    began = time.monotonic()
    verdicts = rings_without(at, part)
    ids = at.touches.accounts["account_id"]
    named = dict(zip(ring_ids(verdicts), verdicts, strict=True))
    members = pl.DataFrame(
        {
            "ring_id": [ring for ring, v in named.items() for _ in range(v.members.size)],
            "account_id": [ids[int(a)] for v in named.values() for a in v.members],
        },
        schema={"ring_id": pl.String, "account_id": pl.String},
    ).with_columns(tier=pl.lit("linked"))
    rings = _triaged(at, named, members)
    seconds = time.monotonic() - began
    found = agreement(rings, members, truth)
    ordinary = found.crowds.filter(pl.col("kind") == "ordinary")
    return {
        "part": part,
        "n_rings": rings.height,
        "n_planted": found.planted.height or None,
        "n_whole": found.planted.filter(pl.col("jaccard") >= WHOLE).height if found.planted.height else None,
        "precision": found.precision,
        "recall": found.recall,
        "covered": agreement(rings.with_columns(triage=pl.lit("review")), members, truth).recall,
        "n_ordinary": sum(int(ordinary[t].sum()) for t in ("review", "watch", "explained")),
        "bits": float(rings.filter(pl.col("triage") == "review")["bits"].sum()),
        "seconds": round(seconds, 1),
    }


def _triaged(at: Staged, named: dict[str, Verdict], members: pl.DataFrame) -> pl.DataFrame:
    """ring_id, triage, bits: triage from the same portraits as the line's."""
    measures = measures_of(portraits(at.con, members).activity)
    n_requests = at.touches.accounts["n_requests"].to_numpy()
    rows = []
    for ring, verdict in named.items():
        work = int(n_requests[verdict.members].sum())
        crowd = Crowd(measures.get(ring, {}), verdict.members.size, work, held(verdict))
        saved = [verdict.saved[f] for f in verdict.saving]
        triage = triage_of(crowd, verdict.bits, saved).triage
        rows.append((ring, triage, verdict.bits))
    schema = {"ring_id": pl.String, "triage": pl.String, "bits": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def ablation(case: Case, parts: Sequence[str], tell: Callable[[str], None]) -> pl.DataFrame:
    """The rows of `measured` for the line as it is and without each part (all of them where none is given), with a
    column `case`. Raises SettingsError for a part that this log has not."""
    tell(f"{case.name}: read")
    rows = []
    with staged(case.settings) as at:
        there = parts_of(at)
        if strange := [p for p in parts if p not in there]:
            close = nearest(strange[0], there)
            raise SettingsError(
                f"--part: not in {case.name}: got {', '.join(strange)}; expected {', '.join(there)}",
                f"did you mean {close}?" if close else "leave it out for all parts",
            )
        for part in (NOTHING, *(parts or there)):
            tell(f"{case.name}: without {part}")
            rows.append({"case": case.name, **measured(at, part, case.truth)})
    numbers = {"n_planted": pl.Int64, "n_whole": pl.Int64, **dict.fromkeys(SHARES, pl.Float64)}
    return pl.DataFrame(rows, schema_overrides=numbers, infer_schema_length=None)


def earned(rows: pl.DataFrame) -> pl.DataFrame:
    """A row for each part over all cases: what is lost without it.

    part, n_cases, n_whole (change of rings found whole), precision, recall, covered (the worst change in a case),
    n_ordinary (change of ordinary accounts in rings), bits (share that is lost; null where there were none), where (the
    case in which it matters most; null where nothing is lost but bits).
    """
    as_it_is = rows.filter(pl.col("part") == NOTHING).drop("part", "seconds", "n_rings", "n_planted")
    both = rows.filter(pl.col("part") != NOTHING).join(as_it_is, on="case", suffix="_with")
    changes = both.with_columns(
        *((pl.col(c) - pl.col(f"{c}_with")).fill_null(0).alias(f"d_{c}") for c in CHANGES)
    ).with_columns(
        harm=-pl.col("d_n_whole")
        + 10 * -pl.col("d_precision").clip(upper_bound=0)
        + 10 * -pl.col("d_recall").clip(upper_bound=0)
        + 10 * -pl.col("d_covered").clip(upper_bound=0)
        + pl.col("d_n_ordinary").clip(lower_bound=0) / 10
    )
    worst = pl.col("case").sort_by("harm").last()
    return changes.group_by("part", maintain_order=True).agg(
        n_cases=pl.len(),
        n_whole=pl.col("d_n_whole").sum(),
        precision=pl.col("d_precision").min(),
        recall=pl.col("d_recall").min(),
        covered=pl.col("d_covered").min(),
        n_ordinary=pl.col("d_n_ordinary").sum(),
        bits=pl.when(pl.col("bits_with").sum() > 0).then(-pl.col("d_bits").sum() / pl.col("bits_with").sum()),
        where=pl.when(pl.col("harm").max() > LEAST).then(worst),
    )


SHARES = ("precision", "recall", "covered")
CHANGES = ("n_whole", "precision", "recall", "covered", "n_ordinary", "bits")


def real_cases(configs: Sequence[Path], truths: Sequence[Path]) -> list[Case]:
    """Logs that are read by settings of their own, each with its table of truth, in the same order."""
    if len(configs) != len(truths):
        raise SettingsError(
            f"bench: a truth is missing: got {len(configs)} --config and {len(truths)} --truth; "
            "expected one --truth for each --config",
            "give them in the same order",
        )
    return [
        Case(config.stem, Settings.load(config), pl.read_parquet(truth))
        for config, truth in zip(configs, truths, strict=True)
    ]
