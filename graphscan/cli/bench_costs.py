"""`bench scale` and `bench peers`: what a scan costs, stage by stage and beside other programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphscan.cli import options as o
from graphscan.cli.bench import Scale, Work, Worlds, known, seeds_of

if TYPE_CHECKING:
    from graphscan.lab.bench.growth import Growth
    from graphscan.lab.bench.peers import Goal, Lab, Row
    from graphscan.lab.bench.peers.hub import HubRow
    from graphscan.lab.bench.peers.logs import PeerLog
    from graphscan.lab.bench.scale import Cost


def scale(
    scale: Annotated[
        float | None, typer.Option(help="Of the rings: 0.02; with --growth 0.005.", show_default=False)
    ] = None,
    customers: Annotated[
        int | None,
        typer.Option(
            help="Ordinary ones: 40,000; with --growth 4,000, and ten times as many.", show_default=False
        ),
    ] = None,
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
    from graphscan.lab.bench.growth import SMALL
    from graphscan.lab.bench.growth import growth as growth_of
    from graphscan.lab.bench.scale import cost
    from graphscan.lab.bench.worlds import Recipe, given_worlds, simulated_worlds, workroom
    from graphscan.progress import shown as progress_shown

    watch = progress_shown(not no_progress)
    usual = SMALL if growth else Recipe()
    recipe = Recipe(
        usual.scale if scale is None else scale, usual.customers if customers is None else customers
    )
    with workroom(work) as room, closing(watch):
        if growth:
            grown = growth_of(room, recipe, threads=threads, seed=seed, tell=watch.stage)
            shown.as_json(grown.as_dict()) if as_json else _print_growth(grown)
            return
        made = simulated_worlds(room, [seed], "none", recipe)
        for one in given_worlds([world]) if world else made:
            watch.stage(one.name)
            measured = cost(one, room, threads)
    shown.as_json(measured.as_dict()) if as_json else _print_cost(measured)


def peers(
    environments: Annotated[
        Path,
        typer.Option(
            help="A folder for the peers' own environments; made where missing.", show_default=False
        ),
    ],
    runners: Annotated[Path, typer.Option(help="The folder of the peers' runners.")] = Path(
        "../shared/peers"
    ),
    seeds: Annotated[str, typer.Option(help="Of the logs of the peers' generator and of ours.")] = "2,3",
    customers: Annotated[int, typer.Option(help="Ordinary accounts of each log.")] = 10_000,
    scale: Scale = 0.02,
    world: Worlds = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="A peer; all of them if not given. More than once.", show_default=False),
    ] = None,
    hub: Annotated[
        list[int] | None,
        typer.Option(
            help="Only logs in which so many accounts share one address. More than once.", show_default=False
        ),
    ] = None,
    core: Annotated[int, typer.Option(help="Of the machine, on which each program runs.")] = 0,
    most_s: Annotated[int, typer.Option(help="Processor seconds after which a command is stopped.")] = 170,
    work: Work = None,
    no_progress: o.NoProgress = False,
    as_json: o.AsJson = False,
) -> None:
    """graphscan beside other programs, on the same logs and one core each."""
    from graphscan.cli import shown
    from graphscan.lab.bench.peers import compare, goals, laboratory
    from graphscan.lab.bench.peers.hub import hubs
    from graphscan.lab.bench.peers.tools import PEERS
    from graphscan.lab.bench.worlds import workroom
    from graphscan.progress import shown as progress_shown

    names = [peer.name for peer in PEERS]
    wanted = known(only or names, names, "--only")
    watch = progress_shown(not no_progress)
    with workroom(work) as room, closing(watch):
        watch.stage("environments")
        lab = laboratory(runners, environments, room.resolve(), core, most_s)
        if hub:
            on_hubs = hubs(lab, hub, watch.stage)
            shown.as_json([r.as_dict() for r in on_hubs]) if as_json else _print_hubs(on_hubs)
            return
        logs = _logs(lab, world, seeds_of(seeds), customers, scale)
        rows = compare(lab, logs, [p for p in PEERS if p.name in wanted], watch.stage)
    asked = goals(rows)
    if as_json:
        shown.as_json({"rows": [vars(r) for r in rows], "goals": [vars(g) for g in asked]})
        return
    _print_rows(rows)
    _print_goals(asked)


def _logs(
    lab: Lab, worlds: list[Path] | None, seeds: list[int], customers: int, scale: float
) -> Iterator[PeerLog]:
    """The worlds given, or a log of their generator and one of ours for each seed."""
    from graphscan.lab.bench.peers.logs import ours, theirs
    from graphscan.lab.bench.worlds import Recipe, given_worlds, simulated_worlds

    if worlds:
        for one in given_worlds(worlds):
            yield ours(one, lab.work)
        return
    for seed in seeds:
        yield theirs(lab.bench.runners, lab.work, customers, seed)
    for one in simulated_worlds(lab.work, seeds, "none", Recipe(scale, customers)):
        yield ours(one, lab.work)


def _print_rows(rows: Sequence[Row]) -> None:
    from graphscan.cli import shown

    heads = ("program", "CPU s", "MB", "precision", "recall", "rings", "mean Jaccard", "")
    for world in dict.fromkeys(row.world for row in rows):
        here = [row for row in rows if row.world == world]
        title = f"{world}: {here[0].n_requests:,} requests, {here[0].n_planted} planted rings"
        cells = [
            (
                r.program,
                *_figures((r.cpu_s, "{:,.1f}"), (_mb(r.peak_bytes), "{:,}")),
                *_figures(
                    (r.precision, "{:.3f}"), (r.recall, "{:.3f}"), (r.n_found, "{}"), (r.jaccard, "{:.2f}")
                ),
                r.fault,
            )
            for r in here
        ]
        shown.table(title, heads, cells)
        shown.line()


def _print_goals(asked: Sequence[Goal]) -> None:
    from graphscan.cli import shown

    held = [(g.world, g.asked, g.measured, "yes" if g.held else "no") for g in asked]
    shown.table("Goals", ("log", "asked", "measured", "held"), held)


def _print_hubs(rows: Sequence[HubRow]) -> None:
    from graphscan.cli import shown

    heads = ("accounts", "graphscan CPU s", "MB", "cnt CPU s", "MB", "cnt edges", "")
    cells = [
        (
            r.users,
            *_figures((r.cpu_s, "{:,.1f}"), (_mb(r.peak_bytes), "{:,}")),
            *_figures((r.cnt_cpu_s, "{:,.1f}"), (_mb(r.cnt_peak_bytes), "{:,}"), (r.cnt_edges, "{:,}")),
            "extrapolated" if r.extrapolated else "",
        )
        for r in rows
    ]
    shown.table("Accounts that share one address and nothing else", heads, cells)


def _figures(*figures: tuple[float | None, str]) -> list[str | None]:
    return [None if value is None else form.format(value) for value, form in figures]


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
