"""One table of the log as DuckDB will read it: its files, and the relations over files that agree in their
types.

Takes in what [inputs] says of a table and the names of columns that matter; gives out a `Source`. Files
whose columns differ in type become parts of their own, each cast by itself, so that '00123' in one file and
123 in another stay two accounts whichever comes first.
"""

from __future__ import annotations

import glob
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from graphscan.errors import LogsError
from graphscan.logs.files import Listing, LogFile, is_select, list_files, plain_files
from graphscan.logs.sql import Connection, Statement, Type, columns_of, quote_text, read_statement
from graphscan.settings import Table


@dataclass(frozen=True)
class Part:
    """What stands after FROM, its columns, and the files it reads."""

    relation: str
    columns: Mapping[str, Type]
    files: tuple[LogFile, ...]


@dataclass(frozen=True)
class Source:
    """A table's parts; files that could not be read with why; paths of files that were listed twice."""

    table: Table
    parts: tuple[Part, ...]
    files: tuple[LogFile, ...]
    unreadable: tuple[tuple[str, str], ...]
    twice: tuple[str, ...]

    @property
    def place(self) -> str:
        return f"inputs.{self.table}"

    def names(self) -> set[str]:
        return {name for part in self.parts for name in part.columns}


def open_source(con: Connection, table: Table, text: str, relevant: Iterable[str], n_threads: int) -> Source:
    """The source of one table; `relevant` are names that may be read, structs and maps by their own name.

    Raises LogsError where files are missing or unreadable, where a name that matters is there twice, or
    where a SELECT cannot be taken.
    """
    place = f"inputs.{table}"
    names = set(relevant)
    if is_select(text):
        return _open_select(con, table, text, names, n_threads)
    listing = list_files(text, place, n_threads)
    _refuse_twins(listing.files, names, place)
    from_path = _hive_keys(listing.files, names, place)
    parts = tuple(
        _part(con, tuple(files), from_path)
        for _, files in groupby(
            sorted(listing.files, key=lambda f: (_shape(f, names), f.path)), key=lambda f: _shape(f, names)
        )
    )
    return Source(table, parts, listing.files, listing.unreadable, listing.twice)


def _part(con: Connection, files: tuple[LogFile, ...], from_path: bool) -> Part:
    listed = ", ".join(quote_text(glob.escape(f.path)) for f in files)
    relation = (
        f"read_parquet([{listed}], hive_partitioning = {str(from_path).lower()}, "
        "hive_types_autocast = false, union_by_name = false, utf8_validation = 'replace')"
    )
    return Part(relation, columns_of(con, relation), files)


def _shape(file: LogFile, names: set[str]) -> tuple[tuple[str, str], ...]:
    """The types of the columns that matter: files of one shape are read as one."""
    return tuple(
        sorted(
            leaf for leaf in file.leaves if any(leaf[0] == n or leaf[0].startswith(f"{n}.") for n in names)
        )
    )


def _refuse_twins(files: tuple[LogFile, ...], names: set[str], place: str) -> None:
    """DuckDB does not tell names apart by case, and renames the second of two; which is meant is not ours to
    say."""
    folded = {n.casefold() for n in names}
    for file in files:
        seen: dict[str, str] = {}
        for name in file.names:
            twin = seen.setdefault(name.casefold(), name)
            if name.casefold() in folded and file.names.count(name) + (twin != name) > 1:
                raise LogsError(
                    f"{place}: {file.path}: column is there twice: got {twin} and {name}; "
                    "expected names that differ in more than case",
                    "rename one of them, or use a SELECT that takes the right one by its position",
                )


def _hive_keys(files: tuple[LogFile, ...], names: set[str], place: str) -> bool:
    """Whether a column that matters is in the folders' names."""
    keys = {key for f in files for key in f.hive()} & names
    if both := sorted(key for key in keys for f in files if key in f.names):
        raise LogsError(
            f"{place}: column is in the files and in folders' names: got {both[0]} twice; expected it once",
            "a SELECT can say which is meant, with read_parquet(…, hive_partitioning = false)",
        )
    if lacking := [f.path for f in files if keys - f.hive().keys()]:
        raise LogsError(
            f"{place}: column is in some folders' names only: "
            f"got {lacking[0]} without {', '.join(sorted(keys))}; expected it in every path"
        )
    return bool(keys)


def _open_select(con: Connection, table: Table, text: str, names: set[str], n_threads: int) -> Source:
    place = f"inputs.{table}"
    statement = read_statement(text, place, LogsError)
    if statement.params:
        raise LogsError(
            f"{place}: has parameters: got ${', $'.join(sorted(statement.params))}; expected values"
        )
    listings = [_listing(pattern, place, n_threads) for pattern in statement.files]
    for listing in listings:
        _refuse_mixed(listing.files, _named(statement, names), place)
    relation = f"({text.strip().rstrip(';')}\n)"
    try:
        columns = columns_of(con, relation)
    except LogsError as e:
        raise LogsError(
            f"{place}: {e.message.partition(': ')[2]}", "only local files that the SELECT names can be read"
        ) from None
    files = tuple({f.path: f for listing in listings for f in listing.files}.values())
    return Source(table, (Part(relation, columns, files),), files, (), ())


def _listing(pattern: str, place: str, n_threads: int) -> Listing:
    """The files of one pattern in a SELECT; what is no Parquet is listed without a footer."""
    try:
        return list_files(pattern, place, n_threads)
    except LogsError:
        return Listing(plain_files(pattern), (), ())


def _named(statement: Statement, names: set[str]) -> set[str]:
    return set(statement.columns) | (names if statement.has_star else set())


def _refuse_mixed(files: tuple[LogFile, ...], names: set[str], place: str) -> None:
    """Inside a SELECT DuckDB casts every file to the first one's types, where '00123' and 123 become one
    id."""
    kinds: dict[str, tuple[str, str]] = {}
    for file in files:
        for path, kind in file.leaves:
            if path not in names:
                continue
            first, where = kinds.setdefault(path, (kind, file.path))
            if first != kind:
                raise LogsError(
                    f"{place}: column {path} has two types: got {_said(first)} in {where} "
                    f"and {_said(kind)} in {file.path}; expected one",
                    "name the path or glob in place of the SELECT, or read and cast the files apart: "
                    f"SELECT CAST({path} AS VARCHAR) … UNION ALL …",
                )


def _said(leaf: str) -> str:
    """Parquet's types of a leaf in a word."""
    physical, logical, *_ = leaf.split(" ")
    return {"String": "text", "None": physical}.get(logical, logical.partition("(")[0])
