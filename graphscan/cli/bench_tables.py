"""What `bench` prints: one function a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from graphscan.lab.bench.evasion import Sweep
    from graphscan.lab.bench.quality import Goal, Quality


def quality(one: Quality) -> None:
    """One world: every planted ring, what has fewer bits than it should, and who is accused."""
    from graphscan.cli import shown

    heads = ("planted ring", "accounts", "bits planted", "bits found", "Jaccard", "pieces", "triage")
    rows = [
        (
            ring,
            n,
            f"{planted:,.1f}",
            None if found is None else f"{found:,.1f}",
            f"{jaccard:.2f}",
            pieces,
            triage,
        )
        for ring, n, planted, found, jaccard, pieces, triage in one.rings.iter_rows()
    ]
    shown.table(f"{one.world}, scanned in {one.seconds:.0f} s", heads, rows)
    for ring_id, found, ring, planted in one.poorer.iter_rows():
        shown.line(f"{ring_id} has {found:,.1f} bits; {ring}, of which it holds most, has {planted:,.1f}")
    for kind, n, review, core in one.accused().iter_rows():
        shown.line(f"accused: {review} of {n:,} accounts of the kind {kind}, {core} of them core")
    e = one.evaluation
    if e.precision is not None and e.recall is not None:
        shown.line(f"accounts to review: {e.n_review:,}, precision {e.precision:.3f}, recall {e.recall:.3f}")
    shown.line()


def goals(asked: Sequence[Goal]) -> None:
    """What was asked, what was measured, and whether it holds."""
    from graphscan.cli import shown

    shown.table(
        "Goals",
        ("asked", "measured", "held"),
        [(g.asked, g.measured, "yes" if g.held else "no") for g in asked],
    )


def sweep(found: Sweep) -> None:
    """What is found at each step of a sweep."""
    from graphscan.cli import shown

    heads = ("given up", "strength", "precision", "recall", "mean Jaccard", "rings", "whole", "with bits")
    rows = [
        (
            habit,
            f"{strength:g}",
            *(None if x is None else f"{x:.3f}" for x in (precision, recall, jaccard)),
            *counts,
        )
        for habit, strength, precision, recall, jaccard, *counts in found.worlds.iter_rows()
    ]
    shown.table("Rings that give up a habit", heads, rows)
    shown.line()


def prices(price: pl.DataFrame, min_bits: float) -> None:
    """A row for each planted ring, a column for each habit."""
    from graphscan.cli import shown

    habits = price["habit"].unique(maintain_order=True).to_list()
    rows = []
    for (ring, n), of_ring in price.group_by("ring", "n_accounts", maintain_order=True):
        at = dict(of_ring.select("habit", "price").iter_rows())
        rows.append((ring, n, *(None if at[h] is None else f"{at[h]:.2g}" for h in habits)))
    title = (
        f"The price of invisibility: the strength at which B(truth) falls under {min_bits:g} bits (–: never)"
    )
    shown.table(title, ("planted ring", "accounts", *habits), rows)
    shown.line()


def ablation(rows: pl.DataFrame, parts: pl.DataFrame) -> None:
    """A table for each log, and one over all of them."""
    from graphscan.cli import shown

    heads = ("left out", "found", "whole", "precision", "recall", "covered", "ordinary", "bits", "seconds")
    for (case,), of_case in rows.group_by("case", maintain_order=True):
        table = []
        for row in of_case.to_dicts():
            shares = (None if row[c] is None else f"{row[c]:.3f}" for c in ("precision", "recall", "covered"))
            whole = None if row["n_planted"] is None else f"{row['n_whole']} of {row['n_planted']}"
            table.append(
                (
                    row["part"],
                    row["n_rings"],
                    whole,
                    *shares,
                    row["n_ordinary"],
                    round(row["bits"]),
                    row["seconds"],
                )
            )
        shown.table(str(case), heads, table)
        shown.line()
    columns = ("left out", "logs", "whole", "precision", "recall", "covered", "ordinary", "bits", "worst on")
    table = [
        (
            part,
            n,
            f"{whole:+d}",
            f"{precision:+.3f}",
            f"{recall:+.3f}",
            f"{covered:+.3f}",
            f"{ordinary:+d}",
            None if bits is None else f"{-bits:+.0%}",
            where,
        )
        for part, n, whole, precision, recall, covered, ordinary, bits, where in parts.iter_rows()
    ]
    shown.table("What changes without a part, over all logs; shares where they change most", columns, table)


def delay(name: str, rings: pl.DataFrame) -> None:
    """A row for each planted ring of one world."""
    from graphscan.cli import shown

    heads = ("planted ring", "accounts", "first certified at", "its requests by then", "whole at", "by then")
    rows = [
        (
            row["ring"],
            row["n_accounts"],
            *(
                None if row[f"{share}_{when}"] is None else f"{row[f'{share}_{when}']:.0%}"
                for when in ("certified", "whole")
                for share in ("share_log", "share_ring")
            ),
        )
        for row in rings.to_dicts()
    ]
    shown.table(
        f"{name}: share of the log's requests seen until each ring is certified (–: never)", heads, rows
    )
    shown.line()
