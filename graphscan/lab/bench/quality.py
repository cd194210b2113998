"""How whole rings are found, and whether anybody else is accused: each planted ring's bits beside the found ring's.

A planted ring has B(truth), the bits of exactly its accounts. Where B(truth) is under the threshold the families are
the limit: nothing that searches better would find the ring. Where it is not, and the ring is not found whole, the
search is the limit. So the goals ask only for rings whose B(truth) certifies.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from graphscan.api.null import survey_of
from graphscan.api.scan import scan
from graphscan.lab.agreement import Evaluation, agreement
from graphscan.lab.bench.worlds import World, planted_sets
from graphscan.rings.find import courts
from graphscan.runs import read_frame

SMALLEST = 10
"""Accounts of a planted ring from which it has to be found."""

BIT = 0.1
"""Bits are published to so much: less than this is no difference."""


@dataclass(frozen=True)
class Quality:
    """One world's figures.

    rings    a row for each planted ring, largest first: ring, n_accounts, bits_planted (B(truth)), bits_found (of
             its best match), jaccard, fragments, triage
    poorer   a row for each found ring with fewer bits than the planted one it holds most of: ring_id, bits, ring,
             bits_planted
    """

    world: str
    seconds: float
    evaluation: Evaluation
    rings: pl.DataFrame
    poorer: pl.DataFrame

    def accused(self) -> pl.DataFrame:
        """Kinds of innocent accounts that are in review: kind, n_accounts, review, core."""
        crowds = self.evaluation.crowds.filter(pl.col("review") > 0)
        return crowds.select("kind", "n_accounts", "review", "core")

    def as_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return {
            "world": self.world,
            "seconds": round(self.seconds, 1),
            **self.evaluation.numbers(),
            "rings": self.rings.to_dicts(),
            "poorer": self.poorer.to_dicts(),
            "found": self.evaluation.found.to_dicts(),
            "crowds": self.evaluation.crowds.to_dicts(),
        }


@dataclass(frozen=True)
class Goal:
    """One line of the summary: what is asked, what was measured, and whether it holds."""

    asked: str
    measured: str
    held: bool


def quality(world: World, run: Path) -> Quality:
    """Scans a world into the folder `run` and compares what was found with what was planted, in bits and accounts."""
    truth = world.truth()
    began = time.monotonic()
    found = scan(settings=world.settings(), out=run, progress=False)
    seconds = time.monotonic() - began
    evaluation = agreement(found.rings, found.members, truth)
    court = courts(survey_of(run)).certify
    planted = planted_sets(truth, read_frame(run, "touches/accounts")["account_id"])
    bits = pl.DataFrame(
        [(ring, court.judge(members).bits) for ring, members in planted.items()],
        schema={"ring": pl.String, "bits_planted": pl.Float64},
        orient="row",
    )
    of_found = found.rings.select("ring_id", bits_found="bits")
    rings = (
        evaluation.planted.join(bits, on="ring", how="left", maintain_order="left")
        .join(of_found, left_on="best", right_on="ring_id", how="left", maintain_order="left")
        .select("ring", "n_accounts", "bits_planted", "bits_found", "jaccard", "fragments", "triage")
    )
    poorer = (
        evaluation.found.join(of_found, on="ring_id", how="inner", maintain_order="left")
        .join(bits, left_on="planted", right_on="ring", how="inner", maintain_order="left")
        .filter(pl.col("bits_found") < pl.col("bits_planted") - BIT)
        .select("ring_id", "bits_found", "planted", "bits_planted")
    )
    return Quality(world.name, seconds, evaluation, rings, poorer)


def goals(measured: Sequence[Quality], min_jaccard: float, min_recall: float, min_bits: float) -> list[Goal]:
    """What is asked of all worlds together, and of each."""
    rings = pl.concat([q.rings for q in measured])
    asked = rings.filter((pl.col("n_accounts") >= SMALLEST) & (pl.col("bits_planted") >= min_bits))
    whole = asked.filter((pl.col("jaccard") >= min_jaccard) & (pl.col("fragments") == 1))
    poorer = sum(q.poorer.height for q in measured)
    precision = [q.evaluation.precision for q in measured if q.evaluation.precision is not None]
    recall = [q.evaluation.recall for q in measured if q.evaluation.recall is not None]
    crowds = pl.concat([q.evaluation.crowds for q in measured])
    ordinary = crowds.filter(pl.col("kind") == "ordinary")
    n_ordinary, n_accused = ordinary["n_accounts"].sum(), ordinary["review"].sum()
    others = crowds.filter((pl.col("kind") != "ordinary") & (pl.col("review") > 0))
    framed = crowds.filter(pl.col("kind").str.starts_with("framed"))
    n_framed, n_core = framed["n_accounts"].sum(), framed["core"].sum()
    caught = others.group_by("kind").agg(pl.col("review").sum()).sort("kind")
    return [
        Goal(
            f"rings of {SMALLEST} accounts or more with B(truth) >= {min_bits:g}: "
            f"Jaccard >= {min_jaccard:.2f}, in one piece, in review",
            f"{whole.height} of {asked.height}",
            whole.height == asked.height,
        ),
        Goal("no found ring has fewer bits than the planted one it holds most of", f"{poorer}", poorer == 0),
        Goal(
            "precision of accounts in review >= .99 in every world",
            _least(precision),
            bool(precision) and min(precision) >= 0.99,
        ),
        Goal(
            f"recall of accounts in review >= {min_recall:.2f} in every world",
            _least(recall),
            bool(recall) and min(recall) >= min_recall,
        ),
        Goal(
            "ordinary accounts in review <= 1 in 100,000",
            f"{n_accused} of {n_ordinary:,}",
            n_accused * 100_000 <= n_ordinary,
        ),
        Goal(
            "no account of any crowd in review",
            ", ".join(f"{kind} {n}" for kind, n in caught.iter_rows()) or "none",
            others.is_empty(),
        ),
        Goal("framed accounts that are core <= 2%", f"{n_core} of {n_framed}", 50 * n_core <= n_framed),
    ]


def _least(shares: Sequence[float]) -> str:
    return f"least {min(shares):.3f}" if shares else "–"
