"""`export`: what leaves the house, at a level, with a line in the journal first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphscan.cli import options as o
from graphscan.errors import SettingsError

if TYPE_CHECKING:
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
    typer.Option(help="Journal of exports; exports.jsonl beside the run if not given.", show_default=False),
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
    from graphscan.report.exchange.release import FORMATS, export
    from graphscan.report.pseudonyms import read_key

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
            f"did you mean {close}?" if close else "graphscan export --help lists them",
        )
