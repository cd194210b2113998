"""`check` and `scan`: a log in, what is in it or a run folder out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphscan.cli import options as o

if TYPE_CHECKING:
    from graphscan.results import Scan

RINGS_SHOWN = 25


def check(
    requests: o.Requests = None,
    accounts: o.Accounts = None,
    payments: o.Payments = None,
    canaries: o.Canaries = None,
    config: o.Config = None,
    preset: o.Preset = None,
    account: o.Account = None,
    from_at: o.From = None,
    to_at: o.To = None,
    threads: o.Threads = None,
    memory_limit: o.MemoryLimit = None,
    as_json: o.AsJson = False,
) -> None:
    """Say what a log holds: columns, rows, signals on or off and why, what would be set aside."""
    from graphscan.api.scan import check as check_log
    from graphscan.cli import shown

    settings = o.settings_of(
        config,
        requests=requests,
        accounts=accounts,
        payments=payments,
        canaries=canaries,
        preset=preset,
        account=account,
        from_at=from_at,
        to_at=to_at,
        threads=threads,
        memory_limit=memory_limit,
    )
    checked = check_log(settings)
    if as_json:
        shown.as_json(checked.as_dict())
    else:
        for text in checked.lines():
            shown.line(text)


def scan(
    out: Annotated[Path, typer.Option(help="The run's folder, a new one.", show_default=False)],
    requests: o.Requests = None,
    accounts: o.Accounts = None,
    payments: o.Payments = None,
    canaries: o.Canaries = None,
    config: o.Config = None,
    preset: o.Preset = None,
    account: o.Account = None,
    from_at: o.From = None,
    to_at: o.To = None,
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of an earlier run.")] = False,
    threads: o.Threads = None,
    memory_limit: o.MemoryLimit = None,
    seed: Annotated[int | None, typer.Option(rich_help_panel="The run")] = None,
    no_progress: o.NoProgress = False,
    as_json: o.AsJson = False,
) -> None:
    """Find the rings in a log; write tables and a report to a new folder."""
    settings = o.settings_of(
        config,
        requests=requests,
        accounts=accounts,
        payments=payments,
        canaries=canaries,
        preset=preset,
        account=account,
        from_at=from_at,
        to_at=to_at,
        threads=threads,
        memory_limit=memory_limit,
        seed=seed,
    )
    from graphscan.api.scan import scan as scan_log

    found = scan_log(settings=settings, out=out, replace=replace, progress=not no_progress)
    _print(found, as_json)


def _print(found: Scan, as_json: bool) -> None:
    from graphscan.cli import shown
    from graphscan.logs.tally import aside_told

    if as_json:
        counts, aside = found.manifest["counts"], found.manifest["set_aside"]
        shown.as_json(
            {
                "run": str(found.path),
                "report": str(found.report),
                "counts": counts,
                "set_aside": aside,
                "warnings": found.manifest["warnings"],
                "changed_while_read": found.manifest["changed_while_read"],
                "cannot_find": found.manifest["cannot_find"],
                "rings": found.rings.to_dicts(),
            }
        )
        return
    heads = ("ring", "triage", "accounts", "core", "requests", "bits", "families")
    names = ("ring_id", "triage", "n_accounts", "n_core", "n_requests", "bits", "families")
    rows = found.rings.select(names).head(RINGS_SHOWN).rows()
    more = found.rings.height - len(rows)
    if rows:
        shown.table("Rings, in order of triage", heads, rows, f"and {more:,} more" if more else "")
    else:
        shown.line("No ring: no set of accounts is described by two families in fewer bits than its list.")
    for line in aside_told(found.manifest["set_aside"]):
        shown.line(f"set aside: {line}")
    for warning in found.manifest["warnings"]:
        shown.line(f"to know: {warning}")
    for path in found.manifest["changed_while_read"]:
        shown.line(f"changed while it was read: {path}: scan again what is there now")
    for limit in found.manifest["cannot_find"]:
        shown.line(f"cannot find {limit}")
    shown.line()
    shown.line(repr(found))
