"""Nights that retention takes away, and the proof that they are gone.

Takes in a date; removes every generation of every night before it. What stays of such a night are names, dates and
counts in the histories of rings that are still there, and what reviewers decided and exported, which is of no night.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
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
    read_night,
    sha256_of,
    write_catalog,
)
from graphscan.nightly.tell import forget
from graphscan.runs import read_frame

_TOUCHED = ("touches/*/entities.parquet", "context/entities.parquet")

_LEAST = 7
"""Characters of an entity that is looked for: a shorter one stands in a text by chance."""

_HOUR = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}(:[0-9]{2})*$"

_AT_ONCE = 2_000_000
"""Texts that are compared in one go."""


@dataclass(frozen=True)
class Purged:
    """`dates` that were removed. What only they had was looked for in the `n_files` that are left, and none was found:
    `n_accounts`, `n_entities` (addresses, cards, hashes of texts) and `n_gone_files`, by their hashes. `unread` are
    generations that were damaged, so that what was in them could not be looked for."""

    dates: tuple[str, ...]
    n_accounts: int
    n_entities: int
    n_gone_files: int
    n_files: int
    unread: tuple[str, ...]


@dataclass(frozen=True)
class _Held:
    """What generations hold: accounts and entities, each once, and their files as (bytes, SHA-256)."""

    accounts: pl.Series
    entities: pl.Series
    files: frozenset[tuple[int, str]]

    def without(self, other: _Held) -> _Held:
        """What the other does not hold."""
        return _Held(
            self.accounts.filter(~self.accounts.is_in(other.accounts.implode())),
            self.entities.filter(~self.entities.is_in(other.entities.implode())),
            self.files - other.files,
        )


def purge(root: Path, before: dt.date, of_no_night: Collection[Path] = ()) -> Purged:
    """Removes the nights before a date, then looks for their accounts, entities and files in whatever is left.

    `of_no_night` are files that stay as they are, and are not looked into: reviewers' decisions and their journal.

    Raises RunError where a night that stays cannot be read, before anything is removed: what it shares with those that
    go would be looked for as if it were theirs alone. And where something is found: then what holds it is no night of
    graphscan, and is named.
    """
    with alone(root):
        catalog = read_catalog(root)
        clear_left_over(root)
        dates = tuple(d for d in sorted({*catalog.nights, *catalog.earlier}) if d < before.isoformat())
        kept = sorted({*catalog.nights, *catalog.earlier} - set(dates))
        unread: list[str] = []
        damaged: list[str] = []
        stays = _held(root, catalog, kept, damaged)
        if damaged:
            raise RunError(
                f"{root}: nights that stay cannot be read: got {', '.join(damaged)}; expected whole ones, which tell "
                "what is theirs too",
                "run these nights again, or bring them back from a copy; graphscan verify says what is not whole",
            )
        gone = _held(root, catalog, dates, unread).without(stays)
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
        apart = {p.resolve() for p in of_no_night}
        there = (p for p in sorted(root.rglob("*")) if p.is_file() and not p.is_symlink())
        files = [p for p in there if p.resolve() not in apart]
        found = [str(p.relative_to(root)) for p in _holding(files, gone)]
    if found:
        raise RunError(
            f"{root}: accounts, entities or files of purged nights are still there: got {', '.join(found)}; "
            "expected none",
            "nightly did not write these: remove them",
        )
    return Purged(dates, gone.accounts.len(), gone.entities.len(), len(gone.files), len(files), tuple(unread))


def _held(root: Path, catalog: Catalog, dates: Iterable[str], unread: list[str]) -> _Held:
    """What all generations of these dates hold; those that cannot be read are added to `unread`."""
    accounts, entities = _no_texts(), _no_texts()
    files: set[tuple[int, str]] = set()
    for date in dates:
        for entry in catalog.all(date):
            run = folder_of(root, date, entry.generation)
            try:
                files |= {(f["n_bytes"], f["sha256"]) for f in read_night(root, date, entry)["files"]}
                accounts = _together(accounts, read_frame(run, "touches/accounts")["account_id"])
                for path in (p for pattern in _TOUCHED for p in run.glob(pattern)):
                    named = read_frame(run, str(path.relative_to(run).with_suffix("")))["entity"]
                    entities = _together(entities, named.filter(_is_telling(named)))
            except RunError:
                unread.append(f"{date}/{entry.generation}")
    return _Held(accounts, entities, frozenset(files))


def _no_texts() -> pl.Series:
    return pl.Series("text", [], pl.String)


def _together(texts: pl.Series, more: pl.Series) -> pl.Series:
    return pl.concat([texts, more.drop_nulls().alias("text")]).unique()


def _is_telling(entities: pl.Series) -> pl.Series:
    """Which entities' texts are somebody's: no short word, no hour of the calendar, which stand anywhere."""
    text = entities.str
    return (text.len_chars() >= _LEAST) & text.contains("[0-9]") & ~text.contains(_HOUR)


def _holding(files: Sequence[Path], gone: _Held) -> list[Path]:
    """The files that are gone ones, or that hold an account or an entity that is: as a cell of a table, or as words of
    a text."""
    hashes, sizes = {sha256 for _, sha256 in gone.files}, {size for size, _ in gone.files if size}
    wanted = _phrases(pl.concat([gone.accounts, gone.entities])).unique().to_frame("phrase")
    lengths = sorted((wanted["phrase"].str.count_matches(" ") + 1).unique().to_list())
    found: set[int] = set()
    parts: list[pl.DataFrame] = []
    for number, path in enumerate(files):
        if path.stat().st_size in sizes and sha256_of(path) in hashes:
            found.add(number)
        there = _cells(path) if path.suffix == ".parquet" else _runs_of_words(path, lengths)
        parts += [pl.DataFrame({"phrase": t, "file": pl.repeat(number, t.len(), eager=True)}) for t in there]
        if sum(p.height for p in parts) >= _AT_ONCE or path is files[-1]:
            found |= set(pl.concat(parts).join(wanted, on="phrase", how="semi")["file"]) if parts else set()
            parts = []
    return [files[number] for number in sorted(found)]


def _cells(path: Path) -> Iterator[pl.Series]:
    """The texts in each column of a table, those in lists too."""
    try:
        for name, kind in pl.read_parquet_schema(path).items():
            if kind in (pl.String, pl.List(pl.String)):
                column = pl.read_parquet(path, columns=[name], glob=False)[name]
                yield _phrases((column if kind == pl.String else column.explode()).drop_nulls().unique())
    except (OSError, pl.exceptions.PolarsError) as e:
        raise RunError(
            f"{path}: cannot be looked into: got {type(e).__name__}; expected a table",
            "the nights before the date are gone; graphscan verify says what is not whole",
        ) from None


def _runs_of_words(path: Path, lengths: Iterable[int]) -> Iterator[pl.Series]:
    """Every run of so many words in a text, once."""
    text = path.read_text(encoding="utf-8", errors="replace")
    words = pl.Series(_CUT.sub(" ", text).split(), dtype=pl.String).to_frame("word")
    for n in lengths:
        run = pl.concat_str([pl.col("word").shift(-i) for i in range(n)], separator=" ")
        yield words.select(run).to_series().drop_nulls().unique()


def _phrases(texts: pl.Series) -> pl.Series:
    """The texts cut at quotes, brackets and blanks, as they stand in JSON and HTML; none where nothing is left."""
    cut = texts.str.replace_all(_CUT.pattern, " ").str.strip_chars(" ")
    return cut.filter(cut != "")


_CUT = re.compile(r"""["'<>(),;\[\]{}=&\s]+""")
