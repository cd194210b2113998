"""`demo`, `simulate` and `evaluate`: logs with a known truth, and how well it was found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphscan.cli import options as o

if TYPE_CHECKING:
    from graphscan.lab.agreement import Evaluation

Seed = Annotated[int, typer.Option(help="Another seed, another world.")]


def demo(
    out: Annotated[Path, typer.Option(help="Replaced, if a demo made it.")] = Path("graphscan-demo"),
    seed: Seed = 0,
    no_progress: o.NoProgress = False,
    as_json: o.AsJson = False,
) -> None:
    """Simulate a log, scan it, compare with the truth, write the report: a minute or two."""
    from graphscan.cli import shown
    from graphscan.lab.demo import demo as run_demo

    done = run_demo(out, seed=seed, progress=not no_progress)
    if as_json:
        paths = {"log": str(out / "log"), "run": str(done.scan.path), "report": str(done.scan.report)}
        shown.as_json({**paths, **done.evaluation.as_dict()})
        return
    _print_planted(done.evaluation)
    shown.line()
    _print_crowds(done.evaluation)
    shown.line()
    shown.line(_summary(done.evaluation))
    shown.line(f"report: {done.scan.report}")


def simulate(
    out: Annotated[Path, typer.Argument(help="The log's folder.", show_default=False)],
    scale: Annotated[float, typer.Option(help="Of the rings: 1.0 is their published size.")] = 0.02,
    accounts: Annotated[int, typer.Option(help="Ordinary customers.")] = 40_000,
    days: Annotated[int, typer.Option(help="Of the log.")] = 14,
    seed: Seed = 0,
    evasion: Annotated[str, typer.Option(help="none, evasive or hard.")] = "none",
    prompts: Annotated[
        Path | None,
        typer.Option(help="Parquet file whose column text the customers write.", show_default=False),
    ] = None,
    responses: Annotated[bool, typer.Option("--responses", help="With responses and canaries.")] = False,
    no_progress: o.NoProgress = False,
    as_json: o.AsJson = False,
) -> None:
    """Write a log with planted rings, crowds that look like rings, and the truth."""
    from graphscan.cli import shown
    from graphscan.lab.simulate import simulate as write_log
    from graphscan.progress import shown as progress_shown

    watch = progress_shown(not no_progress)
    watch.stage("simulate the log")
    try:
        written = write_log(
            out,
            scale=scale,
            accounts=accounts,
            days=days,
            seed=seed,
            evasion=evasion,
            prompts=prompts,
            responses=responses,
            progress=lambda share, _: watch.share(round(1000 * share), 1000),
        )
    finally:
        watch.close()
    if as_json:
        counts = {"n_accounts": written.n_accounts, "n_requests": written.n_requests}
        shown.as_json({"out": str(out), **counts, "kinds": written.kinds, "rings": written.rings})
        return
    shown.table("Planted rings", ("ring", "accounts"), written.rings.items())
    shown.table("Accounts by kind", ("kind", "accounts"), written.kinds.items())
    shown.line()
    shown.line(f"{written.n_requests:,} requests of {written.n_accounts:,} accounts: {out}")


def evaluate(
    run: o.Run,
    truth: Annotated[Path, typer.Argument(help="truth.parquet, or labels.", show_default=False)],
    as_json: o.AsJson = False,
) -> None:
    """Compare a run's rings with the truth."""
    from graphscan.cli import shown
    from graphscan.lab.evaluate import evaluate as compared

    found = compared(run, truth)
    if as_json:
        shown.as_json(found.as_dict())
        return
    for title, frame in found.tables():
        shown.table(title, frame.columns, frame.rows())
        shown.line()


def _print_planted(found: Evaluation) -> None:
    from graphscan.cli import shown

    heads = ("planted ring", "accounts", "found as", "triage", "Jaccard", "pieces")
    names = ("ring", "n_accounts", "best", "triage", "jaccard", "fragments")
    rows = [(*row[:4], f"{row[4]:.2f}", row[5]) for row in found.planted.select(names).iter_rows()]
    shown.table("Planted rings, and what was found", heads, rows)


def _print_crowds(found: Evaluation) -> None:
    from graphscan.cli import shown

    heads = ("who they are", "accounts", "to review", "to watch", "explained")
    names = ("kind", "n_accounts", "review", "watch", "explained")
    shown.table(
        "Accounts that are in no planted ring, and where they ended", heads, found.crowds.select(names).rows()
    )


def _summary(found: Evaluation) -> str:
    precision, recall = found.precision, found.recall
    if precision is None or recall is None:
        return "No account is to be reviewed."
    return f"Accounts to review: {found.n_review:,}, precision {precision:.3f}, recall {recall:.3f}"
