"""`bench`: how well graphscan does, on worlds whose truth is known."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphscan.cli import options as o
from graphscan.errors import SettingsError

if TYPE_CHECKING:
    import polars as pl

    from graphscan.lab.bench.evasion import Sweep
    from graphscan.lab.bench.quality import Goal, Quality

app = typer.Typer(
    name="bench", help="Measure graphscan itself, on worlds whose truth is known.", no_args_is_help=True
)

Seeds = Annotated[str, typer.Option(help="Of the simulated worlds: 1,2,3.")]
Scale = Annotated[float, typer.Option(help="Of the rings: 1.0 is their published size.")]
Customers = Annotated[int, typer.Option(help="Ordinary customers of each simulated world.")]
Worlds = Annotated[
    list[Path] | None,
    typer.Option(
        "--world", help="A folder as simulate writes it, in place of simulated ones; more than once."
    ),
]
Work = Annotated[
    Path | None,
    typer.Option(help="Where worlds and runs are while they are needed; a temporary folder if not given."),
]


@app.command()
def quality(
    seeds: Seeds = "1,2,3,4,5",
    evasion: Annotated[str, typer.Option(help="none, evasive or hard.")] = "none",
    scale: Scale = 0.02,
    customers: Customers = 40_000,
    world: Worlds = None,
    jaccard: Annotated[
        float | None, typer.Option(help="Asked of a ring; .80 for hard worlds, else .90.", show_default=False)
    ] = None,
    work: Work = None,
    no_progress: o.NoProgress = False,
    as_json: o.AsJson = False,
) -> None:
    """Every planted ring's bits beside the found ring's, who else is accused, and the goals."""
    from graphscan.cli import shown
    from graphscan.lab.bench.quality import goals
    from graphscan.lab.bench.quality import quality as quality_of
    from graphscan.lab.bench.worlds import Recipe, given_worlds, simulated_worlds, workroom
    from graphscan.progress import shown as progress_shown
    from graphscan.settings import Settings

    measured = []
    watch = progress_shown(not no_progress)
    with workroom(work) as room, closing(watch):
        made = simulated_worlds(room, seeds_of(seeds), evasion, Recipe(scale, customers))
        for one in given_worlds(world) if world else made:
            watch.stage(one.name)
            measured.append(quality_of(one, room / f"run-{one.name}"))
    hard = evasion == "hard"
    asked = goals(
        measured,
        jaccard if jaccard is not None else (0.8 if hard else 0.9),
        0.9 if hard else 0.95,
        Settings().rings.min_bits,
    )
    if as_json:
        shown.as_json({"worlds": [q.as_dict() for q in measured], "goals": [vars(g) for g in asked]})
        return
    for done in measured:
        _print_quality(done)
    _print_goals(asked)


@app.command()
def evasion(
    habit: Annotated[
        list[str] | None,
        typer.Option(help="Given up by steps; all of them if not given. More than once.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the simulated worlds.")] = 1,
    scale: Scale = 0.02,
    customers: Customers = 12_000,
    out: Annotated[
        Path | None, typer.Option(help="A folder for evasion.png and the figures.", show_default=False)
    ] = None,
    work: Work = None,
    no_progress: o.NoProgress = False,
    as_json: o.AsJson = False,
) -> None:
    """Rings that give up their habits step by step: what is still found, and the price of invisibility."""
    from graphscan.cli import shown
    from graphscan.lab.bench import evasion as of
    from graphscan.lab.bench.worlds import Recipe, workroom
    from graphscan.progress import shown as progress_shown
    from graphscan.settings import Settings

    min_bits = Settings().rings.min_bits
    steps = of.steps_of(known(habit or list(of.HABITS), of.HABITS, "--habit"))
    watch = progress_shown(not no_progress)
    with workroom(work) as room, closing(watch):
        found = of.sweep(steps, room, seed, Recipe(scale, customers), min_bits, watch.stage)
    price, asked = of.prices(found, min_bits), of.goals(found)
    if out is not None:
        of.write(found, out)
    if as_json:
        told = {"prices": price.to_dicts(), "goals": [vars(g) for g in asked]}
        shown.as_json({**found.as_dict(), **told})
        return
    _print_sweep(found)
    _print_prices(price, min_bits)
    _print_goals(asked)


def known(given: Sequence[str], allowed: Collection[str], option: str) -> list[str]:
    """The names given, each one of those allowed. Raises SettingsError for the others, all at once."""
    from graphscan.faults import nearest

    strange = [name for name in given if name not in allowed]
    if strange:
        near = [close for name in strange if (close := nearest(name, list(allowed)))]
        raise SettingsError(
            f"{option}: unknown: got {', '.join(strange)}; expected {', '.join(allowed)}",
            f"did you mean {', '.join(near)}?" if near else "leave it out for all of them",
        )
    return list(given)


def seeds_of(text: str) -> list[int]:
    """Whole numbers between commas. Raises SettingsError for anything else."""
    try:
        seeds = [int(part) for part in text.split(",")]
    except ValueError:
        seeds = []
    if not seeds or min(seeds) < 0:
        raise SettingsError(
            f"--seeds: no list of seeds: got {text}; expected whole numbers from 0 on, between commas",
            "for example --seeds 1,2,3",
        )
    return seeds


def _print_quality(one: Quality) -> None:
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


def _print_goals(asked: Sequence[Goal]) -> None:
    from graphscan.cli import shown

    shown.table(
        "Goals",
        ("asked", "measured", "held"),
        [(g.asked, g.measured, "yes" if g.held else "no") for g in asked],
    )


def _print_sweep(found: Sweep) -> None:
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


def _print_prices(price: pl.DataFrame, min_bits: float) -> None:
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
