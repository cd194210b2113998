"""What commands print: tables, lines and JSON on stdout.

Everything that came with a log is hostile text. It enters a terminal through `safe` and `on_one_screen`
alone: control, bidirectional and invisible characters are shown as what they are, nothing is read as markup.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from graphscan.report.shown import number, visible
from graphscan.strict_json import in_ascii

WIDTH = 110
"""Columns of a table where stdout is no terminal."""


def console() -> Console:
    """Stdout, as wide as the terminal."""
    return Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False, soft_wrap=False)


def safe(value: object) -> Text:
    """A value as text for a terminal, on one line."""
    if value is None:
        return Text("–")
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, float):
        return Text(number(value))
    if isinstance(value, int):
        return Text(f"{value:,}")
    if isinstance(value, list | tuple):
        return Text(", ".join(safe(v).plain for v in value))
    return Text(on_one_screen(str(value)).replace("\n", "⏎").replace("\t", " "))


def on_one_screen(text: str) -> str:
    """A text that cannot move the cursor, change colours or turn the line around; line ends stay."""
    return visible(text)


def line(text: str = "") -> None:
    """One line on stdout, never wrapped."""
    print(on_one_screen(text))


def table(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]], more: str = "") -> None:
    """A table on stdout: numbers to the right, long text folded; `more` stands below it."""
    listed = [tuple(row) for row in rows]
    shown = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for i, head in enumerate(heads):
        numbers = all(isinstance(row[i], int | float | None) for row in listed)
        shown.add_column(safe(head), justify="right" if numbers else "left", overflow="fold")
    for row in listed:
        shown.add_row(*(safe(v) for v in row))
    line(title)
    console().print(shown)
    if more:
        line(more)


def as_json(data: Mapping[str, Any] | Sequence[Any]) -> None:
    """JSON on stdout, in ASCII, for the strictest parser; times as ISO text in UTC."""
    print(in_ascii(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False, default=_plain)))


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is nothing that JSON holds")
