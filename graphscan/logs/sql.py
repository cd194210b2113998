"""The one door to DuckDB: locked-down connections, quoting, and what a statement says of itself.

Takes in the settings and the places a run may read; gives out connections that can read nothing else. Query
files are in `graphscan.logs.queries`, the log's relations in `graphscan.logs.log`.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from duckdb.func import ARROW

from graphscan.errors import GraphscanError, LogsError, QueryError, RunError
from graphscan.logs.files import folders_named, is_select
from graphscan.logs.spill import spill_folder
from graphscan.settings import TABLES, Settings

Connection = duckdb.DuckDBPyConnection
Relation = duckdb.DuckDBPyRelation

AT_REST = 1 << 28
"""Bytes that a connection at rest holds at most."""

STAGED = "staged"
"""The database of what is too large for memory: a file in the spill folder, whose columns are compressed."""

_CLOSED = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_unsigned_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",  # a query that names a Python variable must fail, not read it
}


def connect(settings: Settings, *, spill: Path | None = None, read: Iterable[Path] = ()) -> Connection:
    """A connection in memory that reads only below `read`, in UTC, with the settings' threads and memory.

    Python functions can still be registered; settings but the memory limit, extensions, other files and the
    network are out of reach. Rows keep no order that an ORDER BY did not give them. The database `STAGED` is a file
    below `spill`; without `spill` nothing goes to disk.
    """
    con = duckdb.connect(":memory:", config={"threads": settings.run.threads, **_CLOSED})
    with contextlib.suppress(duckdb.InvalidInputException):
        # It would go to stdout. In a notebook without ipywidgets DuckDB has no bar, and refuses to turn it off.
        con.execute("set enable_progress_bar = false")
    folders = sorted({str(p.resolve()) for p in read})
    for statement in (
        f"set memory_limit = {quote_text(settings.run.memory_limit)}",
        "set TimeZone = 'UTC'",  # the default is the host's zone
        "set preserve_insertion_order = false",
        "set allow_extension_repositories = 'forbidden'",
        f"set temp_directory = {quote_text(str(spill) if spill else '')}",
        f"attach {quote_text(str(spill / f'{STAGED}.duckdb') if spill else ':memory:')} as {STAGED}",
        f"set allowed_directories = [{', '.join(map(quote_text, folders))}]",
        "set enable_external_access = false",
        "set allowed_configs = ['memory_limit']",  # for `rest`; no SELECT sets it
        "set lock_configuration = true",  # last: nothing can be set after it
    ):
        con.execute(statement)
    return con


@contextlib.contextmanager
def engine(settings: Settings) -> Iterator[Connection]:
    """A locked-down connection with a private spill folder; both are gone afterwards, also after an error.

    It reads what [inputs] names. DuckDB running out of memory, or the spill folder of room, is a RunError.
    """
    named = {f"inputs.{t}": text for t in TABLES if (text := getattr(settings.inputs, t))}
    places = [p for place, text in named.items() for p in places_of(text, place)]
    with spill_folder(settings.run.spill_folder) as spill:
        con = connect(settings, spill=spill, read=places)
        try:
            yield con
        except duckdb.OutOfMemoryException:
            raise RunError(
                f"duckdb: out of memory or disk: got memory_limit {settings.run.memory_limit}; expected more",
                "raise [run] memory_limit, or point [run] spill_folder at a disk with room",
            ) from None
        except duckdb.IOException as e:
            if not _is_full(e):
                raise
            raise RunError(
                f"{spill.parent}: has no room for what is staged: got a full disk; expected as much as the log takes",
                "point [run] spill_folder at a disk with room",
            ) from None
        finally:
            con.close()


def rest(con: Connection, settings: Settings) -> None:
    """Puts what the connection holds into the spill folder until it is read again: others need the memory meanwhile.

    Where the disk has no room for it, it stays in memory.
    """
    held = con.execute("select coalesce(sum(memory_usage_bytes), 0) from duckdb_memory()").fetchall()[0][0]
    if held > AT_REST:
        with contextlib.suppress(duckdb.OutOfMemoryException):
            con.execute(f"set memory_limit = '{AT_REST}B'")
    # Also where nothing had to go: setting a limit gives back to the system what was freed.
    con.execute(f"set memory_limit = {quote_text(settings.run.memory_limit)}")


def add_function(
    con: Connection, name: str, function: Callable[..., Any], takes: list[str], returns: str
) -> None:
    """Gives the connection a function over Arrow arrays; a null argument gives null without a call."""
    con.create_function(name, function, list(takes), returns, type=ARROW)


def quote_ident(name: str) -> str:
    """The name as an SQL identifier, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """The text as an SQL literal, for statements that DuckDB does not let take parameters (CREATE VIEW,
    SET)."""
    return "'" + text.replace("'", "''") + "'"


def frame(
    con: Connection,
    sql: str,
    params: Mapping[str, object] | None = None,
    *,
    place: str = "a query",
    blame: type[GraphscanError] = QueryError,
) -> pl.DataFrame:
    """The rows of a SELECT as Polars, in the order of its ORDER BY; what DuckDB refuses is `blame`, of
    `place`."""
    with said_by(place, blame):
        rows: pl.DataFrame = con.sql(sql, params=dict(params) if params else None).pl()
        return rows


@dataclass(frozen=True)
class Type:
    """A DuckDB type: its text, the fields of a struct, the item of a list or a map's values."""

    text: str
    fields: Mapping[str, Type]
    item: Type | None


def columns_of(con: Connection, relation: str) -> dict[str, Type]:
    """Names and types of what stands after FROM, in order."""
    with said_by("the log", LogsError):
        found = con.sql(f"select * from {relation}")
        return {name: _type(kind) for name, kind in zip(found.columns, found.types, strict=True)}


def _type(kind: Any) -> Type:
    children = kind.children if kind.id in ("struct", "map", "list", "array") else []
    fields = {name: _type(child) for name, child in children} if kind.id == "struct" else {}
    item = (
        _type(children[-1][1]) if kind.id == "map" else _type(children[0][1]) if kind.id == "list" else None
    )
    return Type(str(kind).strip('"'), fields, item)


@dataclass(frozen=True)
class Statement:
    """What DuckDB's own parser says of one SELECT."""

    tables: frozenset[str]
    """Tables read, without those that the statement's own CTEs define."""
    files: tuple[str, ...]
    """Texts given to table functions (`read_parquet('…')`) or written in place of a table ('x.parquet')."""
    functions: frozenset[str]
    params: frozenset[str]
    columns: frozenset[str]
    """Names of the columns referred to, without their tables."""
    has_star: bool
    nodes: tuple[Mapping[str, Any], ...]
    """Every node of the parse tree that has a type, in no particular order."""


def read_statement(sql: str, place: str, blame: type[GraphscanError] = QueryError) -> Statement:
    """What is in a SELECT. Raises `blame` where the text is not one single SELECT."""
    with duckdb.connect(":memory:", config=dict(_CLOSED)) as con:
        tree = json.loads(con.execute("select json_serialize_sql(?::VARCHAR)", [sql]).fetchall()[0][0])
    if tree.get("error"):
        other = tree["error_type"] == "not implemented"
        seen = "another kind of statement" if other else tree["error_message"]
        raise blame(f"{place}: is no SELECT: got {seen}; expected one SELECT")
    if len(tree["statements"]) != 1:
        raise blame(f"{place}: holds too much: got {len(tree['statements'])} statements; expected one SELECT")
    nodes = tuple(_nodes(tree["statements"][0]))
    ctes = {c["key"] for n in nodes for c in (n.get("cte_map") or {}).get("map", ())}
    tables = {n["table_name"] for n in nodes if n["type"] == "BASE_TABLE"}
    given = [n["function"] for n in nodes if n["type"] == "TABLE_FUNCTION"]
    files = {t for f in given for t in _texts(f)} | {t for t in tables if re.search(r"[./\\*]", t)}
    return Statement(
        tables=frozenset(tables - ctes),
        files=tuple(sorted(files)),
        functions=frozenset(n["function_name"] for n in nodes if "function_name" in n),
        params=frozenset(n["identifier"] for n in nodes if n["type"] == "VALUE_PARAMETER"),
        columns=frozenset(n["column_names"][-1] for n in nodes if n["type"] == "COLUMN_REF"),
        has_star=any(n["type"] == "STAR" for n in nodes),
        nodes=nodes,
    )


def places_of(text: str, place: str) -> tuple[Path, ...]:
    """The folders below which an input (path, glob or SELECT) reads; symbolic links are followed."""
    given = read_statement(text, place, LogsError).files if is_select(text) else (text,)
    return tuple(dict.fromkeys(folder for pattern in given for folder in folders_named(pattern)))


@contextlib.contextmanager
def said_by(place: str, blame: type[GraphscanError] = QueryError) -> Iterator[None]:
    """Turns what DuckDB says into an error of `place`, without any value of the log in it."""
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as e:
        if _is_full(e):
            raise
        raise blame(f"{place}: DuckDB refused it: got {without_values(e)}; expected a result") from e


def _is_full(error: duckdb.Error) -> bool:
    """Whether a disk has no room, or its user none on it: only what is staged or spilled is written by a connection."""
    told = (os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT))
    return isinstance(error, duckdb.IOException) and any(text in str(error) for text in told)


def without_values(error: duckdb.Error) -> str:
    """The first line of DuckDB's message; names stay where it speaks of the statement, values never do.

    A value may hold lines and quotes of its own, and nothing tells where it ends: what follows its beginning goes.
    """
    message = str(error)
    if not isinstance(error, duckdb.BinderException | duckdb.CatalogException | duckdb.ParserException):
        message = re.sub(r"""(['"]|\bvalue\b).*""", "…", message, flags=re.DOTALL)
    return message.partition("\n")[0]


def _nodes(tree: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(tree, dict):
        yield {"type": "", **tree}
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)


def _texts(tree: object) -> Iterator[str]:
    """The text constants below a node."""
    for node in _nodes(tree):
        literal = node.get("literal")
        if isinstance(literal, dict) and literal.get("kind") == "STRING":
            yield literal["text"]
