"""Nights that retention takes away, and the proof that they are gone.

Takes in a date; removes every generation of every night before it. What stays of such a night are names, dates and
counts in the histories of rings that are still there.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from graphscan.errors import RunError
from graphscan.nightly.publish import point
from graphscan.nightly.shelf import (
    Catalog,
    alone,
    clear_left_over,
    dates_there,
    folder_of,
    read_catalog,
    write_catalog,
)
from graphscan.nightly.tell import forget
from graphscan.runs import read_frame

ACCOUNTS = "touches/accounts"


@dataclass(frozen=True)
class Purged:
    """`dates` that were removed; `n_accounts` that were in no later night, each looked for in `n_files` and found in
    none; `unread` are generations that were damaged, so that what was in them could not be looked for."""

    dates: tuple[str, ...]
    n_accounts: int
    n_files: int
    unread: tuple[str, ...]


def purge(root: Path, before: dt.date) -> Purged:
    """Removes the nights before a date, then looks for their accounts in whatever is left.

    Raises RunError where one is found: then something that is no night of graphscan holds it, and is named.
    """
    with alone(root):
        catalog = read_catalog(root)
        clear_left_over(root)
        dates = tuple(d for d in sorted({*catalog.nights, *catalog.earlier}) if d < before.isoformat())
        kept = sorted({*catalog.nights, *catalog.earlier} - set(dates))
        unread: list[str] = []
        gone = _accounts(root, catalog, dates, unread) - _accounts(root, catalog, kept, [])
        left = replace(
            catalog,
            nights={d: e for d, e in catalog.nights.items() if d not in dates},
            earlier={d: e for d, e in catalog.earlier.items() if d not in dates},
        )
        write_catalog(root, left)
        point(root, left)
        for date in [d for d in dates_there(root) if d < before.isoformat()]:
            shutil.rmtree(root / "nights" / date)
        forget(root, before)
        files = [p for p in sorted(root.rglob("*")) if p.is_file() and not p.is_symlink()]
        found = [str(p.relative_to(root)) for p in files if gone and _holds(p, gone)]
    if found:
        raise RunError(
            f"{root}: accounts of purged nights are still there: got {', '.join(found)}; expected none",
            "nightly did not write these: remove them",
        )
    return Purged(dates, len(gone), len(files), tuple(unread))


def _accounts(root: Path, catalog: Catalog, dates: Iterable[str], unread: list[str]) -> set[str]:
    """The accounts of all generations of these dates; those that cannot be read are added to `unread`."""
    found: set[str] = set()
    for date in dates:
        for entry in catalog.all(date):
            try:
                found |= set(read_frame(folder_of(root, date, entry.generation), ACCOUNTS)["account_id"])
            except RunError:
                unread.append(f"{date}/{entry.generation}")
    return found


def _holds(path: Path, accounts: set[str]) -> bool:
    """Whether a file holds one of the accounts: as a value of a table, or as a word of a text."""
    if path.suffix == ".parquet":
        frame = pl.read_parquet(path).select(pl.col(pl.String))
        return any(not accounts.isdisjoint(frame[c].unique().drop_nulls().to_list()) for c in frame.columns)
    text = path.read_text(encoding="utf-8", errors="replace")
    return any(word in accounts for word in _words(text))


def _words(text: str) -> Iterable[str]:
    """The text cut at quotes, brackets and blanks, as ids stand in JSON and HTML."""
    return text.translate(_CUTS).split()


_CUTS = str.maketrans(dict.fromkeys("\"'<>(),;[]{}=&", " "))
