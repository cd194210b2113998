"""`bench scale` and `bench peers`: what a scan costs, stage by stage and beside other programs."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphscan.cli import options as o
from graphscan.cli.bench import Scale, Work

if TYPE_CHECKING:
    from graphscan.lab.bench.growth import Growth
    from graphscan.lab.bench.scale import Cost


def scale(
    scale: Scale = 0.02,
    customers: Annotated[int, typer.Option(help="Ordinary customers of the simulated world.")] = 40_000,
    seed: Annotated[int, typer.Option(help="Of the simulated world.")] = 1,
    world: Annotated[
        Path | None,
        typer.Option(help="A folder as simulate writes it, in place of a simulated one.", show_default=False),
    ] = None,
    growth: Annotated[
        bool, typer.Option("--growth", help="How cost grows, on many small worlds, and nothing else.")
    ] = False,
    threads: o.Threads = None,
    work: Work = None,
    no_progress: o.NoProgress = False,
    as_json: o.AsJson = False,
) -> None:
    """What a scan costs, stage by stage, beside reading and hashing the prompts alone."""
    from graphscan.cli import shown
    from graphscan.lab.bench.growth import growth as growth_of
    from graphscan.lab.bench.scale import cost
    from graphscan.lab.bench.worlds import Recipe, given_worlds, simulated_worlds, workroom
    from graphscan.progress import shown as progress_shown

    watch = progress_shown(not no_progress)
    with workroom(work) as room, closing(watch):
        if growth:
            grown = growth_of(
                room, scale=scale, customers=customers, threads=threads, seed=seed, tell=watch.stage
            )
            shown.as_json(grown.as_dict()) if as_json else _print_growth(grown)
            return
        made = simulated_worlds(room, [seed], "none", Recipe(scale, customers))
        for one in given_worlds([world]) if world else made:
            watch.stage(one.name)
            measured = cost(one, room, threads)
    shown.as_json(measured.as_dict()) if as_json else _print_cost(measured)


def _print_cost(cost: Cost) -> None:
    from graphscan.cli import shown

    heads = ("stage", "seconds", "share", "CPU s", "rows", "MB read", "MB written", "peak MB")
    rows = [
        (stage, f"{s:,.1f}", f"{share:.0%}", f"{cpu_s:,.1f}", n, *(_mb(b) for b in n_bytes))
        for stage, s, share, cpu_s, n, *n_bytes in cost.scanned.stages.iter_rows()
    ]
    done = cost.scanned
    title = f"{done.n_requests:,} requests of {done.n_accounts:,} accounts, {cost.threads} threads"
    shown.table(title, heads, rows)
    whole = done.whole
    shown.line(f"whole scan: {whole.seconds:,.1f} s, {whole.cpu_s:,.1f} CPU s, {_mb(whole.peak_bytes):,} MB")
    readings = ", ".join(f"{s:.2f}" for s in (*cost.floor.before, *cost.floor.after))
    shown.line(
        f"floor: {cost.floor.seconds:.2f} s to read and hash {_mb(cost.n_prompt_bytes):,} MB of prompts ({readings})"
    )
    shown.line(f"whole scan ÷ floor: {cost.times_the_floor:,.1f}")
    shown.line(f"prompt kernel: {_mb(round(cost.kernel_bytes_s)):,} MB a second on one core")


def _print_growth(grown: Growth) -> None:
    from graphscan.cli import shown

    heads = ("what grows", "to", "requests", "accounts", "incidences", "seconds", "CPU s", "peak MB")
    rows = [
        (*counts, f"{seconds:,.1f}", f"{work_s:,.1f}", _mb(peak))
        for *counts, seconds, work_s, peak in grown.scans.iter_rows()
    ]
    shown.table("Worlds in which one thing grows (CPU seconds after start-up)", heads, rows)
    shown.line()
    laws = [
        (experiment, what, f"{exponent:.2f}") for experiment, what, exponent in grown.exponents.iter_rows()
    ]
    shown.table("Cost as a power of what grew", ("what grows", "power of", "exponent"), laws)


def _mb(n_bytes: int | None) -> int | None:
    return None if n_bytes is None else round(n_bytes / 1e6)
