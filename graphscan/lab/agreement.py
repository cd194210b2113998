"""How well found rings agree with the truth.

In: the rings and members of a run, and a table of truth: `account_id` with `ring` and `kind` as `simulate`
writes them, or with `label` (0 or 1) and `cluster` as real sets have them. Out: `Evaluation`. An account that
the truth does not name is not scored: it counts neither for nor against anybody.
"""

import math
from dataclasses import dataclass
from typing import Any

import polars as pl

from graphscan.errors import LogsError

TRIAGES = ("review", "watch", "explained")


@dataclass(frozen=True, repr=False)
class Evaluation:
    """What was planted beside what was found; a share is None where nothing could be counted.

    planted  a row for each planted ring, largest first: n_accounts, best (ring_id), triage, jaccard, n_best
             (its accounts in the best match), n_review (its accounts in any ring in review), fragments
             (rings in review that hold two or more of its accounts)
    found    a row for each found ring, in the run's order: triage, n_members, n_scored, planted (the one it
             holds most of), purity (the share of scored members from that one), n_innocent
    crowds   a row for each kind of account that is in no ring: n_accounts, review, watch, explained
             (accounts, each at its worst), core (in review, accused by two families)
    precision, recall      of accounts in review
    pairwise_*, bcubed_*   of rings in review as groups (Amigó et al. 2009, doi:10.1007/s10791-008-9066-8); an
                           account in two rings counts in the first
    ordinary_per_100_000   accounts of kind `ordinary` in review
    """

    n_scored: int
    n_planted: int
    n_review: int
    precision: float | None
    recall: float | None
    pairwise_precision: float | None
    pairwise_recall: float | None
    bcubed_precision: float | None
    bcubed_recall: float | None
    ordinary_per_100_000: float | None
    planted: pl.DataFrame
    found: pl.DataFrame
    crowds: pl.DataFrame

    def __repr__(self) -> str:
        """In numbers alone: names of rings and kinds are text of whoever wrote the truth."""
        told = {"precision": self.precision, "recall": self.recall}
        shares = [f"{name} {x:.3f}" for name, x in told.items() if x is not None]
        return (
            f"Evaluation of {self.n_scored:,} accounts: {self.n_planted:,} planted, {self.n_review:,} in review\n"
            f"{', '.join(shares) or 'nothing to count'}\n"
            f"rings: {self.planted.height:,} planted, {self.found.height:,} found"
        )

    def tables(self) -> list[tuple[str, pl.DataFrame]]:
        """Titles and frames, to be printed one after the other."""
        numbers = [(name, value) for name, value in self.numbers().items() if value is not None]
        overall = pl.DataFrame(
            {"measure": [name for name, _ in numbers], "value": [float(value) for _, value in numbers]},
            schema={"measure": pl.String, "value": pl.Float64},
        )
        return [
            ("Accounts in review, against the truth", overall),
            ("Planted rings and their best match", self.planted),
            ("Found rings", self.found),
            ("Accounts that are in no ring", self.crowds),
        ]

    def numbers(self) -> dict[str, float | int | None]:
        """The single figures by name."""
        return {
            "n_scored": self.n_scored,
            "n_planted": self.n_planted,
            "n_review": self.n_review,
            "precision": self.precision,
            "recall": self.recall,
            "pairwise_precision": self.pairwise_precision,
            "pairwise_recall": self.pairwise_recall,
            "bcubed_precision": self.bcubed_precision,
            "bcubed_recall": self.bcubed_recall,
            "ordinary_per_100_000": self.ordinary_per_100_000,
        }

    def as_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return {
            **self.numbers(),
            "planted": self.planted.to_dicts(),
            "found": self.found.to_dicts(),
            "crowds": self.crowds.to_dicts(),
        }


def agreement(rings: pl.DataFrame, members: pl.DataFrame, truth: pl.DataFrame) -> Evaluation:
    """How a run agrees with the truth; rings: ring_id, triage; members: ring_id, account_id, tier.

    Raises LogsError where the truth lacks its columns or names an account twice.
    """
    known = _truth(truth)
    order = rings.select("ring_id", "triage").with_row_index("order")
    held = (
        members.select("ring_id", "account_id", "tier")
        .unique(["ring_id", "account_id"], keep="first", maintain_order=True)
        .join(order, on="ring_id", how="inner", maintain_order="left")
    )
    scored = held.join(known, on="account_id", how="inner", maintain_order="left")
    review = scored.filter(pl.col("triage") == "review")
    flagged = review.unique("account_id")
    n_right = flagged.filter("bad").height
    n_planted = known.filter("bad").height
    ordinary = known.filter(pl.col("kind") == "ordinary")
    in_review = flagged.filter(pl.col("kind") == "ordinary").height
    groups = _groups(review, known)
    return Evaluation(
        n_scored=known.height,
        n_planted=n_planted,
        n_review=flagged.height,
        precision=_share(n_right, flagged.height),
        recall=_share(n_right, n_planted),
        pairwise_precision=groups["pairwise_precision"],
        pairwise_recall=groups["pairwise_recall"],
        bcubed_precision=groups["bcubed_precision"],
        bcubed_recall=groups["bcubed_recall"],
        ordinary_per_100_000=None if not ordinary.height else 1e5 * in_review / ordinary.height,
        planted=_planted(scored, known),
        found=_found(held, scored, order),
        crowds=_crowds(scored, known),
    )


def _truth(truth: pl.DataFrame) -> pl.DataFrame:
    """account_id, bad, ring (null where unknown or none), kind."""
    names = truth.columns
    if "account_id" not in names or not {"ring", "label", "cluster"} & set(names):
        raise LogsError(
            f"truth: columns missing: got {', '.join(names)}; "
            "expected account_id with ring, or with label or cluster",
            "simulate writes truth.parquet in the right form",
        )
    nothing = pl.lit(None, pl.String)
    ring = next((pl.col(name).cast(pl.String) for name in ("ring", "cluster") if name in names), nothing)
    bad = pl.col("label").cast(pl.Int64) == 1 if "label" in names else ring.is_not_null()
    usual = pl.when(bad).then(pl.lit("ring")).otherwise(pl.lit("ordinary"))
    known = truth.select(
        pl.col("account_id").cast(pl.String),
        bad=bad,
        ring=pl.when(bad).then(ring).otherwise(nothing),
        kind=pl.col("kind").cast(pl.String) if "kind" in names else usual,
    ).filter(pl.col("bad").is_not_null())
    n_twice = known.height - known["account_id"].n_unique()
    if n_twice:
        raise LogsError(
            f"truth: accounts named twice: got {n_twice} more rows than accounts; expected one row each",
            "drop the repeated rows",
        )
    return known


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _groups(review: pl.DataFrame, known: pl.DataFrame) -> dict[str, float | None]:
    """Pairwise and B-cubed agreement.

    An innocent account is a group of its own; a bad one whose group is unknown is left out.
    """
    ungrouped = pl.col("bad") & pl.col("ring").is_null()
    first = review.sort("order").unique("account_id", keep="first").filter(~ungrouped)
    planted = known.filter(pl.col("ring").is_not_null())
    by_found = first.group_by("ring_id").len("n")
    by_planted = planted.group_by("ring").len("n")
    both = first.filter(pl.col("ring").is_not_null()).group_by("ring_id", "ring").len("n_both")
    both = both.join(by_found, on="ring_id").join(by_planted, on="ring", suffix="_planted")
    pairs_both, pairs_found, pairs_planted = (
        _pairs(frame, column) for frame, column in ((both, "n_both"), (by_found, "n"), (by_planted, "n"))
    )
    alone = first.filter(pl.col("ring").is_null()).join(by_found, on="ring_id")
    missed = planted.join(first, on="account_id", how="anti").join(by_planted, on="ring")
    found_right = _sum(both, pl.col("n_both") ** 2 / pl.col("n")) + _sum(alone, 1 / pl.col("n"))
    planted_right = _sum(both, pl.col("n_both") ** 2 / pl.col("n_planted")) + _sum(missed, 1 / pl.col("n"))
    return {
        "pairwise_precision": _share(pairs_both, pairs_found),
        "pairwise_recall": _share(pairs_both, pairs_planted),
        "bcubed_precision": _share(found_right, first.height),
        "bcubed_recall": _share(planted_right, planted.height),
    }


def _pairs(frame: pl.DataFrame, column: str) -> int:
    return sum(math.comb(n, 2) for n in frame[column].to_list())


def _sum(frame: pl.DataFrame, value: pl.Expr) -> float:
    return math.fsum(frame.select(value.cast(pl.Float64).alias("value"))["value"].to_list())


def _planted(scored: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    sizes = (
        known.filter(pl.col("ring").is_not_null()).group_by("ring").agg(n_accounts=pl.len().cast(pl.Int64))
    )
    found = scored.group_by("ring_id").agg(n_scored=pl.len())
    overlap = (
        scored.filter(pl.col("ring").is_not_null())
        .group_by("ring", "ring_id", "triage", "order")
        .agg(n_best=pl.len().cast(pl.Int64))
        .join(found, on="ring_id")
        .join(sizes, on="ring")
        .with_columns(
            jaccard=pl.col("n_best") / (pl.col("n_scored") + pl.col("n_accounts") - pl.col("n_best"))
        )
    )
    in_review = pl.col("triage") == "review"
    best = (
        overlap.with_columns(in_review.alias("in_review"))
        .sort("jaccard", "in_review", "order", descending=[True, True, False])
        .unique("ring", keep="first")
        .select("ring", "n_best", "jaccard", "triage", best="ring_id")
    )
    fragments = (
        overlap.filter(in_review & (pl.col("n_best") >= 2))
        .group_by("ring")
        .agg(fragments=pl.len().cast(pl.Int64))
    )
    caught = (
        scored.filter(in_review & pl.col("ring").is_not_null())
        .group_by("ring")
        .agg(n_review=pl.col("account_id").n_unique().cast(pl.Int64))
    )
    return (
        sizes.join(best, on="ring", how="left")
        .join(caught, on="ring", how="left")
        .join(fragments, on="ring", how="left")
        .with_columns(
            pl.col("jaccard").fill_null(0.0), pl.col("n_best", "n_review", "fragments").fill_null(0)
        )
        .sort("n_accounts", "ring", descending=[True, False])
        .select("ring", "n_accounts", "best", "triage", "jaccard", "n_best", "n_review", "fragments")
    )


def _found(held: pl.DataFrame, scored: pl.DataFrame, order: pl.DataFrame) -> pl.DataFrame:
    n_members = held.group_by("ring_id").agg(n_members=pl.len().cast(pl.Int64))
    counts = scored.group_by("ring_id").agg(
        n_scored=pl.len().cast(pl.Int64), n_innocent=(~pl.col("bad")).sum().cast(pl.Int64)
    )
    main = (
        scored.filter(pl.col("ring").is_not_null())
        .group_by("ring_id", "ring")
        .len("n_main")
        .sort("n_main", "ring", descending=[True, False])
        .unique("ring_id", keep="first")
        .rename({"ring": "planted"})
    )
    return (
        order.join(n_members, on="ring_id", how="left")
        .join(counts, on="ring_id", how="left")
        .join(main, on="ring_id", how="left")
        .sort("order")
        .with_columns(
            pl.col("n_members", "n_scored", "n_innocent").fill_null(0),
            purity=pl.when(pl.col("n_scored") > 0).then(pl.col("n_main").fill_null(0) / pl.col("n_scored")),
        )
        .select("ring_id", "triage", "n_members", "n_scored", "planted", "purity", "n_innocent")
    )


def _crowds(scored: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    innocent = known.filter(~pl.col("bad"))
    place = pl.col("triage").replace_strict(
        {name: at for at, name in enumerate(TRIAGES)}, default=None, return_dtype=pl.Int64
    )
    worst = (
        scored.filter(~pl.col("bad"))
        .with_columns(place=place, core=(pl.col("tier") == "core") & (pl.col("triage") == "review"))
        .group_by("account_id")
        .agg(pl.col("place").min(), pl.col("core").any())
    )
    return (
        innocent.join(worst, on="account_id", how="left")
        .group_by("kind")
        .agg(
            n_accounts=pl.len().cast(pl.Int64),
            **{name: (pl.col("place") == at).sum().cast(pl.Int64) for at, name in enumerate(TRIAGES)},
            core=pl.col("core").fill_null(False).sum().cast(pl.Int64),
        )
        .sort("n_accounts", "kind", descending=[True, False])
    )
