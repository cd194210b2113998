"""`export`, `appeal` and `decide`: what leaves the house, told to the journal first, and what was decided."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphscan.cli import options as o
from graphscan.errors import SettingsError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from graphscan.report.exchange.findings import Level

Out = Annotated[Path, typer.Option(help="A new folder.", show_default=False)]
Ring = Annotated[str | None, typer.Option(help="One ring; all if not given.", show_default=False)]
KeyFile = Annotated[
    Path | None,
    typer.Option(help="Key of the pseudonyms, 32 bytes or more; else GRAPHSCAN_KEY.", show_default=False),
]
Journal = Annotated[
    Path | None,
    typer.Option(
        help="Journal of exports; that of the run's settings, or exports.jsonl beside the run.",
        show_default=False,
    ),
]


def export(
    run: o.Run,
    form: Annotated[
        str,
        typer.Option("--format", help="markdown, json, csv, graphml, parquet, stix, misp, coop or osprey."),
    ],
    out: Out,
    level: Annotated[str, typer.Option(help="internal, partner or public.")] = "partner",
    ring: Ring = None,
    key_file: KeyFile = None,
    journal: Journal = None,
    to: Annotated[str, typer.Option(help="Who gets it, for the journal.")] = "",
    reason: Annotated[str, typer.Option(help="Why, for the journal.")] = "",
    as_json: o.AsJson = False,
) -> None:
    """Write findings for others: pseudonyms and templates to partners, counts to the public."""
    from graphscan.cli import shown
    from graphscan.report.exchange.pseudonyms import read_key
    from graphscan.report.exchange.release import FORMATS, export

    _one_of("--format", form, FORMATS)
    chosen = _level(level)
    key = None if chosen == "internal" else read_key(key_file)
    files = export(run, form, chosen, out, key, ring, journal, to, reason)
    if as_json:
        shown.as_json({"files": [str(path) for path in files]})
    else:
        shown.line(f"{len(files):,} files at level {chosen}: {out}")


def _level(given: str) -> Level:
    from graphscan.report.exchange.findings import LEVELS

    _one_of("--level", given, LEVELS)
    return next(level for level in LEVELS if level == given)


def _one_of(place: str, given: str, known: Iterable[str]) -> None:
    from graphscan.faults import nearest

    if given not in known:
        close = nearest(given, list(known))
        raise SettingsError(
            f"{place}: is unknown: got {given}; expected {', '.join(known)}",
            f"did you mean {close}?" if close else "--help of the command lists them",
        )


def appeal(
    run: o.Run,
    account: Annotated[str, typer.Argument(help="The account that appeals.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option(help="A new file; printed if not given.", show_default=False)
    ] = None,
    journal: Journal = None,
    as_json: o.AsJson = False,
) -> None:
    """Give one account's packet, as JSON: facts, period, its own evidence, nobody else's data."""
    from graphscan.cli import shown
    from graphscan.report.exchange.release import release_packet

    packet = release_packet(run, account, out, journal)
    if out is None:
        print(packet.decode("ascii"), end="")
    elif as_json:
        shown.as_json({"packet": str(out)})
    else:
        shown.line(f"packet of one account: {out}")


def decide(
    subject: Annotated[str, typer.Argument(help="A ring or an account.", show_default=False)],
    verb: Annotated[str, typer.Argument(help="confirm, reject or allow.", show_default=False)],
    run: Annotated[Path, typer.Option(help="The run that shows it.", show_default=False)],
    reason: Annotated[str, typer.Option(help="Why: shown the next time.", show_default=False)],
    decisions: o.Decisions = None,
    until: Annotated[str | None, typer.Option(help="Its last day: 2027-06-30.", show_default=False)] = None,
    as_json: o.AsJson = False,
) -> None:
    """Keep what a reviewer decided on a ring or an account, with its history."""
    from graphscan.cli import shown
    from graphscan.reviews.decisions import VERBS, decide
    from graphscan.runs.folder import read_run

    _one_of("decide", verb, VERBS)
    chosen = next(v for v in VERBS if v == verb)
    folder = read_run(run)
    file = decisions or folder.review_file("decisions")
    if file is None:
        raise SettingsError(
            "--decisions: is missing: got nothing; expected the file of decisions, outside every run",
            "give it, or name it in the settings of the scan: decisions under [review]",
        )
    made = decide(run, folder, subject, chosen, reason, _date(until), file)
    if as_json:
        shown.as_json({"verb": made.verb, "ring_id": made.ring_id, "account_id": made.account_id})
        return
    ends = f", until {made.until}" if made.until else ""
    shown.line(f"{made.verb}: {made.account_id or made.ring_id}{ends}, by {made.who}")


def _date(given: str | None) -> dt.date | None:
    import datetime as dt

    if given is None:
        return None
    try:
        return dt.date.fromisoformat(given)
    except ValueError:
        raise SettingsError(
            f"--until: is no date: got {given}; expected year, month and day", "as in 2027-06-30"
        ) from None
