"""`nightly`, `nights`, `verify` and `purge`: what a scheduler calls, and what is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphscan.cli import options as o
from graphscan.errors import SettingsError
from graphscan.stopping import SIGNALLED

if TYPE_CHECKING:
    from graphscan.nightly.night import Outcome
    from graphscan.settings import Settings

DEGRADED, NOTHING_TO_DO = 3, 99

Folder = Annotated[
    Path | None,
    typer.Option("--nights", help="The folder of nights; else the one in the settings.", show_default=False),
]


def nightly(
    date: Annotated[str | None, typer.Option(help="The night: 2026-11-22.", show_default=False)] = None,
    from_date: Annotated[str | None, typer.Option("--from", help="First of several nights.")] = None,
    to_date: Annotated[str | None, typer.Option("--to", help="Last of several nights.")] = None,
    window: Annotated[str | None, typer.Option(help="Days that a night looks at: 28d.")] = None,
    nights: Folder = None,
    requests: o.Requests = None,
    accounts: o.Accounts = None,
    payments: o.Payments = None,
    config: o.Config = None,
    threads: o.Threads = None,
    memory_limit: o.MemoryLimit = None,
    no_progress: o.NoProgress = False,
    as_json: o.AsJson = False,
) -> None:
    """Scan and publish a night, or several; exits 0 done, 3 degraded, 99 nothing to do."""
    from graphscan.nightly.night import Stopped, run_night
    from graphscan.nightly.plan import nights_of, plan_of
    from graphscan.progress import shown as progress_shown

    settings = _settings(
        config,
        nights,
        window,
        requests=requests,
        accounts=accounts,
        payments=payments,
        threads=threads,
        memory_limit=memory_limit,
    )
    plans = [plan_of(settings, day) for day in nights_of(date, from_date, to_date)]
    outcomes: list[Outcome] = []
    try:
        for plan in plans:
            outcomes.append(run_night(plan, progress_shown(not no_progress)))
            if not as_json:
                _tell(outcomes[-1])
    except Stopped as e:
        raise typer.Exit(SIGNALLED + e.number) from None
    finally:
        if as_json:
            _json([_row(out) for out in outcomes])
    if any(out.degraded and out.outcome != "nothing" for out in outcomes):
        raise typer.Exit(DEGRADED)
    if all(out.outcome == "nothing" for out in outcomes):
        raise typer.Exit(NOTHING_TO_DO)


def list_nights(nights: Folder = None, config: o.Config = None, as_json: o.AsJson = False) -> None:
    """List the nights that are published."""
    from graphscan.cli import shown
    from graphscan.nightly.shelf import read_catalog, read_night

    root = _root(nights, config)
    catalog = read_catalog(root)
    facts = [read_night(root, date, catalog.nights[date]) for date in sorted(catalog.nights)]
    if as_json:
        shown.as_json([{k: v for k, v in f.items() if k not in ("files", "measured")} for f in facts])
        return
    if not facts:
        shown.line(f"No night is published in {root}.")
        return
    heads = ("night", "generation", "requests", "review", "watch", "explained", "degraded")
    rows = [
        (f["date"], f["generation"], f["n_requests"], *f["n_rings"].values(), "; ".join(f["breaches"]))
        for f in facts
    ]
    shown.table("Nights, the newest last", heads, rows)


def verify(nights: Folder = None, config: o.Config = None, as_json: o.AsJson = False) -> None:
    """Check every file of every night against the hash it was published with; exits 1 where one differs."""
    from graphscan.cli import shown
    from graphscan.nightly.shelf import faults, read_catalog

    root = _root(nights, config)
    catalog, found = read_catalog(root), faults(root)
    if as_json:
        shown.as_json({"nights": len(catalog.nights), "faults": found})
    else:
        for fault in found:
            shown.line(fault)
        whole = "all whole" if not found else f"{len(found):,} faults"
        shown.line(f"{len(catalog.nights):,} nights: {whole}")
    if found:
        raise typer.Exit(1)


def purge(
    before: Annotated[str, typer.Option(help="The first date that stays.", show_default=False)],
    nights: Folder = None,
    config: o.Config = None,
    as_json: o.AsJson = False,
) -> None:
    """Remove every night before a date, and look for what was in them in whatever is left."""
    from graphscan.cli import shown
    from graphscan.nightly.plan import parse_date
    from graphscan.nightly.purge import purge

    review = _settings(config, nights, None).review
    decided = [Path(file) for file in (review.decisions, review.journal) if file]
    done = purge(_root(nights, config), parse_date(before, "--before"), decided)
    if as_json:
        shown.as_json({**vars(done), "kept": [str(p) for p in decided]})
        return
    shown.line(f"{len(done.dates):,} nights removed: {', '.join(done.dates) or 'none'}")
    shown.line(
        f"{done.n_accounts:,} accounts, {done.n_entities:,} entities and {done.n_gone_files:,} files that only they "
        f"had: looked for in the {done.n_files:,} files that are left, none found"
    )
    shown.line("kept: names, dates and counts of rings that later nights know")
    for path in decided:
        shown.line(f"kept: {path}, which is of no night; it may hold accounts that were decided on")
    for generation in done.unread:
        shown.line(f"{generation} was damaged: what was in it could not be looked for")


def _settings(config: Path | None, nights: Path | None, window: str | None, **given: object) -> Settings:
    from graphscan.settings import Settings

    own = {"folder": None if nights is None else str(nights), "window": window}
    return Settings.load(config, nightly={k: v for k, v in own.items() if v is not None}, **given)


def _root(nights: Path | None, config: Path | None) -> Path:
    root = Path(_settings(config, nights, None).nightly.folder)
    if not root.is_dir():
        raise SettingsError(
            f"{root}: is no folder of nights: got nothing there; expected one that nightly wrote",
            "give --nights, or folder under [nightly] of a file given by --config",
        )
    return root


def _tell(out: Outcome) -> None:
    from graphscan.cli import shown
    from graphscan.nightly.sentences import first

    rings = ", ".join(f"{n:,} {triage}" for triage, n in out.facts["n_rings"].items())
    shown.line(f"{out.date}: {out.outcome}, {rings}: {out.folder}")
    for event in first(out.facts["events"]) if out.outcome != "nothing" else ():
        shown.line(f"  {event}")
    for breach in out.degraded:
        shown.line(f"degraded: {breach}")
    for date in out.facts["late"]:
        shown.line(f"stale: night {date} saw fewer requests than there are now; run it again")


def _row(out: Outcome) -> dict[str, Any]:
    facts = {k: v for k, v in out.facts.items() if k not in ("files", "measured")}
    return {**facts, "outcome": out.outcome, "folder": str(out.folder)}


def _json(rows: list[dict[str, Any]]) -> None:
    from graphscan.cli import shown

    shown.as_json(rows)
