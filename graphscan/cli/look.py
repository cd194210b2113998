"""`explain`, `map`, `null` and `queries`: a closer look at a run, and at what the program asks of a log."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphscan.cli import options as o

if TYPE_CHECKING:
    import polars as pl

    from graphscan.logs.header import Query
    from graphscan.report.explain import Explanation
    from graphscan.signals.shuffle import Within

OF_A_FAMILY = 8
"""Entities of a family that are printed, so that the many of one do not hide the few of another."""


def explain(
    run: o.Run,
    account: Annotated[list[str], typer.Argument(help="One account, or several.", show_default=False)],
    as_json: o.AsJson = False,
) -> None:
    """Say why accounts are in a ring, or tied to each other."""
    from graphscan.cli import shown
    from graphscan.report.explain import explain as explanation_of

    told = explanation_of(run, *account)
    if as_json:
        shown.as_json(told.as_dict())
        return
    shown.table(
        "Accounts", ("account", "requests", "ring", "triage", "tier", "own bits"), told.accounts.rows()
    )
    shown.line()
    _print_touches(told, len(set(account)))
    if not told.context.is_empty():
        shown.line()
        shown.table(
            "What they have in common that ties nobody",
            ("what", "which", "accounts", "of them", "of all"),
            [
                [signal, entity, n, f"{alike:.0%}", f"{everybody:.1%}"]
                for signal, entity, n, alike, everybody in told.context.iter_rows()
            ],
        )


def _print_touches(told: Explanation, n_given: int) -> None:
    from graphscan.cli import shown

    if told.touches.is_empty():
        shown.line("They share nothing." if n_given > 1 else "Nobody else touched what it touched.")
        return
    heads = ["family", "signal", "entity", "users"]
    names = ["family", "signal", "shown", "n_accounts"]
    if n_given > 1:
        heads, names = [*heads, "of these"], [*names, "n_given"]
    if told.ring_id:
        heads, names = [*heads, "in ring"], [*names, "n_members"]
    if n_given > 1 or told.ring_id:
        heads, names = [*heads, "bits"], [*names, "bits"]
    if told.ring_id:
        heads, names = [*heads, "named"], [*names, "named"]
    title = f"What ties them to {told.ring_id}" if told.ring_id else "What they share"
    if n_given == 1 and not told.ring_id:
        title = "What it touched that others touched too"
    rows = [
        {
            **row,
            "shown": f"{row['entity']} (+{n} with the same users)"
            if (n := row["n_alike"])
            else row["entity"],
        }
        for row in told.touches.group_by("family", maintain_order=True).head(OF_A_FAMILY).to_dicts()
    ]
    more = told.touches.height - len(rows)
    below = f"and {more:,} more: --json lists all" if more else ""
    shown.table(title, heads, [[row[name] for name in names] for row in rows], below)
    if n_given > 1 or told.ring_id:
        whom = "the ring" if told.ring_id else "these accounts"
        shown.line()
        shown.line(f"bits: what the entity alone saves in listing {whom}. They do not add up: entities come")
        shown.line("in bundles, and the certificate (evidence.parquet) counts what they say together, once.")


def draw_map(
    run: o.Run,
    out: Annotated[
        Path | None,
        typer.Option(help="A new folder; RUN-map if not given.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the drawing.")] = 0,
    as_json: o.AsJson = False,
) -> None:
    """Draw the rings and their neighbourhood by UMAP: map.png and map.parquet. It decides nothing."""
    from graphscan.api.map import write_map
    from graphscan.cli import shown

    folder, n_accounts = write_map(run, out, seed)
    if as_json:
        shown.as_json({"map": str(folder), "n_accounts": n_accounts})
    else:
        shown.line(f"{n_accounts:,} accounts drawn: {folder / 'map.png'}")


class Among(StrEnum):
    """Requests among which columns are exchanged."""

    ALL = "all"
    DAY = "day"


def null(
    run: o.Run,
    permutations: Annotated[int, typer.Option(min=0, help="How often the accounts are laid anew.")] = 20,
    shuffle: Annotated[
        list[Among] | None,
        typer.Option(
            help="Exchange the log's columns too, among all requests or those of a day; repeatable."
        ),
    ] = None,
    times: Annotated[int, typer.Option(min=1, help="How often, of each kind of shuffle.")] = 10,
    out: Annotated[
        Path | None,
        typer.Option(help="A new folder; RUN-null if not given.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the permutations and shuffles.")] = 0,
    as_json: o.AsJson = False,
) -> None:
    """Lay the accounts anew, family by family, and tell what is found where nothing is coordinated."""
    from graphscan.api.null import write_null
    from graphscan.cli import shown
    from graphscan.progress import shown as progress_shown

    within: list[Within] = ["day" if kind is Among.DAY else "all" for kind in dict.fromkeys(shuffle or ())]
    folder, frames = write_null(run, permutations, out, seed, progress_shown(not as_json), within, times)
    if as_json:
        shown.as_json({"null": str(folder), **_null_told(frames)})
        return
    if "null" in frames:
        rows = [
            [b, f"{share:.3f}", f"{bound:.3f}"] for b, share, bound in frames["curve"].head(10).iter_rows()
        ]
        shown.table("Permutations with best bits of b or more", ("b", "share", "at most"), rows)
        shown.line(f"best of {permutations}: {_most(frames['null'])}")
    for (kind,), part in frames["shuffled"].group_by("within", maintain_order=True) if within else ():
        among = "all requests" if kind == "all" else "the requests of a day"
        shown.line(
            f"columns exchanged among {among}, {part.height} times: {part['n_rings'].sum()} rings; best {_most(part)}"
        )
    shown.line(str(folder))


def reproduce(run: o.Run, as_json: o.AsJson = False) -> None:
    """Scan a run's log once more, with its settings, and compare every table with the run's, byte for byte."""
    from graphscan.api.reproduce import reproduce as made_again
    from graphscan.cli import shown
    from graphscan.progress import shown as progress_shown

    n_tables = made_again(run, progress_shown(not as_json))
    if as_json:
        shown.as_json({"run": str(run), "same_tables": n_tables})
    else:
        shown.line(f"{run}: all {n_tables} tables come out again, byte for byte")


def _null_told(frames: dict[str, pl.DataFrame]) -> dict[str, object]:
    told: dict[str, object] = {}
    if "null" in frames:
        told |= {"best_bits": frames["null"]["best_bits"].to_list(), "curve": frames["curve"].to_dicts()}
    if "shuffled" in frames:
        told["shuffled"] = frames["shuffled"].to_dicts()
    return told


def _most(sets: pl.DataFrame) -> str:
    """The most bits of any set."""
    told = sets["best_bits"].drop_nulls().to_list()
    return f"{max(told):,.1f} bits" if told else "nothing was proposed"


def report(
    run: o.Run,
    out: Annotated[
        Path | None,
        typer.Option(help="A new folder; RUN-report if not given.", show_default=False),
    ] = None,
    decisions: o.Decisions = None,
    as_json: o.AsJson = False,
) -> None:
    """Write the pages anew beside the run: with its map, its null and the decisions made since."""
    from graphscan.cli import shown
    from graphscan.report import render

    folder = out if out is not None else run.resolve().with_name(f"{run.resolve().name}-report")
    index = render(run, folder, decisions)
    if as_json:
        shown.as_json({"report": str(index)})
    else:
        shown.line(f"report: {index}")


def queries(as_json: o.AsJson = False) -> None:
    """List every query, after those it reads, with what it gives, and mistakes for coordination."""
    from graphscan.cli import shown
    from graphscan.logs.queries import load_queries, order_of

    known = load_queries()
    found = [known[name] for name in order_of(known)]
    if as_json:
        shown.as_json([_header(q) for q in found])
        return
    for query in found:
        shown.line(f"{query.place}: {query.doc}")
        for key, value in _header(query).items():
            if value and key not in ("name", "place", "doc"):
                shown.line(f"    {key + ':':<12}{_listed(value)}")
        shown.line()


def _header(query: Query) -> dict[str, object]:
    return {
        "name": query.name,
        "place": query.place,
        "doc": query.doc,
        "reads": list(query.reads),
        "grain": list(query.grain),
        "columns": [f"{name} {kind}" for name, kind in query.columns],
        "params": [f"{p.name} {p.type} = {p.default}  {p.note}".rstrip() for p in query.params],
        "family": query.family,
        "needs": list(query.needs),
        "looks_like": query.looks_like,
        "source": query.source,
    }


def _listed(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
