"""`bench`: how well graphscan does, on worlds whose truth is known."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from graphscan.cli import bench_tables as tables
from graphscan.cli import options as o
from graphscan.errors import SettingsError

app = typer.Typer(
    name="bench", help="Measure graphscan itself, on worlds whose truth is known.", no_args_is_help=True
)

Seeds = Annotated[str, typer.Option(help="Of the simulated worlds: 1,2,3.")]
Scale = Annotated[float, typer.Option(help="Of the rings: 1.0 is their published size.")]
Customers = Annotated[int, typer.Option(help="Ordinary customers of each simulated world.")]
Evasive = Annotated[str, typer.Option(help="none, evasive or hard.")]
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
    evasion: Evasive = "none",
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
        tables.quality(done)
    tables.goals(asked)


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
    tables.sweep(found)
    tables.prices(price, min_bits)
    if asked:
        tables.goals(asked)


@app.command()
def ablation(
    part: Annotated[
        list[str] | None,
        typer.Option(
            help="Left out: 'signal NAME', 'family NAME' or a stage; all in turn if not given. More than once.",
            show_default=False,
        ),
    ] = None,
    world: Worlds = None,
    config: Annotated[
        list[Path] | None,
        typer.Option(
            help="A graphscan.toml of another log; with --truth, more than once.", show_default=False
        ),
    ] = None,
    truth: Annotated[
        list[Path] | None,
        typer.Option(help="Its truth, or labels: Parquet.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the simulated world, where no log is given.")] = 1,
    evasion: Evasive = "hard",
    scale: Scale = 0.01,
    customers: Customers = 8_000,
    work: Work = None,
    no_progress: o.NoProgress = False,
    as_json: o.AsJson = False,
) -> None:
    """Leave out each signal, family and stage in turn, and tell what is lost."""
    import polars as pl

    from graphscan.cli import shown
    from graphscan.lab.bench import ablation as of
    from graphscan.lab.bench.worlds import Recipe, given_worlds, simulated_worlds, workroom
    from graphscan.progress import shown as progress_shown

    cases = of.real_cases(config or [], truth or [])
    given = given_worlds(world or [])
    watch = progress_shown(not no_progress)
    with workroom(work) as room, closing(watch):
        made = simulated_worlds(room, [] if given or cases else [seed], evasion, Recipe(scale, customers))
        measured = [of.ablation(case, part or [], watch.stage) for case in cases]
        for one in chain(given, made):
            measured.append(
                of.ablation(of.Case(one.name, one.settings(), one.truth()), part or [], watch.stage)
            )
    rows = pl.concat(measured)
    parts = of.earned(rows)
    if as_json:
        shown.as_json({"rows": rows.to_dicts(), "parts": parts.to_dicts()})
        return
    tables.ablation(rows, parts)


@app.command()
def delay(
    percents: Annotated[
        str, typer.Option(help="Of the log's time, from its beginning: what each scan sees.")
    ] = "1,2,5,10,20,50,100",
    world: Worlds = None,
    seed: Annotated[int, typer.Option(help="Of the simulated world, where none is given.")] = 1,
    evasion: Evasive = "none",
    scale: Scale = 0.02,
    customers: Customers = 12_000,
    work: Work = None,
    no_progress: o.NoProgress = False,
    as_json: o.AsJson = False,
) -> None:
    """How much of the traffic is seen until each planted ring is certified."""
    from graphscan.cli import shown
    from graphscan.lab.bench.delay import delay as windows_of
    from graphscan.lab.bench.delay import first_certified
    from graphscan.lab.bench.worlds import Recipe, given_worlds, simulated_worlds, workroom
    from graphscan.progress import shown as progress_shown

    shares = numbers_of(percents, "--percents", 1, 100)
    told = []
    watch = progress_shown(not no_progress)
    with workroom(work) as room, closing(watch):
        made = simulated_worlds(room, [seed], evasion, Recipe(scale, customers))
        for one in given_worlds(world) if world else made:
            windows = windows_of(one, room / f"runs-{one.name}", shares, watch.stage)
            told.append((one.name, windows, first_certified(windows)))
    if as_json:
        shown.as_json(
            [{"world": name, "windows": w.to_dicts(), "rings": r.to_dicts()} for name, w, r in told]
        )
        return
    for name, _, rings in told:
        tables.delay(name, rings)


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
    """The seeds of --seeds, rising. Raises SettingsError where there are none."""
    return numbers_of(text, "--seeds", 0, 2**31 - 1)


def numbers_of(text: str, option: str, least: int, most: int) -> list[int]:
    """Whole numbers between commas, rising. Raises SettingsError for anything else."""
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if not numbers or min(numbers) < least or max(numbers) > most or numbers != sorted(set(numbers)):
        raise SettingsError(
            f"{option}: no such list: got {text}; expected whole numbers from {least:,} to {most:,}, rising, "
            "between commas",
            f"for example {option} 1,2,5",
        )
    return numbers
