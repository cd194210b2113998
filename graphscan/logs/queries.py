"""The query files: found, their headers read and checked against their statements, run in their order.

A file in `queries/` holds one SELECT below a header (see `Query`). Whatever the header says is checked here,
so that it cannot go stale: params and reads when the file is loaded, columns and grain on every run.
"""

from __future__ import annotations

import functools
import graphlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

import graphscan
from graphscan.errors import QueryError
from graphscan.faults import nearest
from graphscan.logs.header import Param, Query, read_header
from graphscan.logs.sql import Connection, Relation, frame, quote_ident, read_statement, said_by

__all__ = [
    "Param",
    "Query",
    "load_queries",
    "load_query",
    "order_of",
    "query_batches",
    "query_frame",
    "run_query",
]

_BATCH = 10_000

_GRAIN_SAMPLE = 1_000_000
"""Rows above which the grain is checked on a sample: all rows of some values of its first column."""


def load_queries(folder: Path | None = None) -> dict[str, Query]:
    """Every query below `queries/`, by name, names in order; headers checked against the statements.

    The folder is the one inside the wheel, or beside the package in a checkout. Raises one QueryError with
    all faults.
    """
    return dict(_load(folder) if folder else _load_shipped())


@functools.cache
def _load_shipped() -> dict[str, Query]:
    """The project's own queries do not change while a process lives; checking them takes half a second."""
    return _load(_folder())


def _load(root: Path) -> dict[str, Query]:
    queries: dict[str, Query] = {}
    faults: list[QueryError] = []
    for path in sorted(root.rglob("*.sql"), key=lambda p: p.stem):
        try:
            query = load_query(path, root)
            if query.name in queries:
                raise QueryError(
                    f"{query.place}: second query of this name: got {path.stem}; expected a new one"
                )
            queries[query.name] = query
        except QueryError as e:
            faults.append(e)
    if faults:
        raise QueryError("\n".join(f.message for f in faults), faults[0].hint)
    return queries


def load_query(path: Path, root: Path | None = None) -> Query:
    """One query file, its header checked against its statement."""
    query = read_header(path, root or path.parent)
    statement = read_statement(query.text, query.place)
    _agree(query, "params", {p.name for p in query.params}, statement.params)
    _agree(query, "reads", set(query.reads), statement.tables)
    if strangers := set(query.grain) - {name for name, _ in query.columns}:
        raise QueryError(
            f"{query.place}: grain names what is no column: got {', '.join(sorted(strangers))}; "
            f"expected some of {', '.join(name for name, _ in query.columns)}"
        )
    return query


def order_of(queries: Mapping[str, Query]) -> tuple[str, ...]:
    """The names in an order in which every query comes after those it reads; ties by name."""
    graph = {name: {r for r in q.reads if r in queries} for name, q in sorted(queries.items())}
    sorter = graphlib.TopologicalSorter(graph)
    try:
        sorter.prepare()
    except graphlib.CycleError as e:
        raise QueryError(
            f"queries: read one another in a circle: got {' → '.join(e.args[1])}; expected no circle"
        ) from None
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order += ready
        sorter.done(*ready)
    return tuple(order)


def run_query(con: Connection, query: Query, into: str, params: Mapping[str, object] | None = None) -> None:
    """Make (or replace) the table `into` from the query; params not given take the header's default.

    Raises QueryError where a param is unknown or missing, where DuckDB refuses, or where what comes out has
    other columns or another grain than the header says.
    """
    values = _values(query, params or {})
    with said_by(query.place):
        con.execute(f"create or replace table {quote_ident(into)} as {query.text}", values)
        relation = con.table(quote_ident(into))
        _check_columns(query, relation)
        _check_grain(con, query, into)


def query_frame(con: Connection, query: Query, params: Mapping[str, object] | None = None) -> pl.DataFrame:
    """The query's rows as Polars, in the order of its ORDER BY; columns are checked, the grain too."""
    values = _values(query, params or {})
    with said_by(query.place):
        relation = con.sql(query.text, params=values or None)
        _check_columns(query, relation)
        rows: pl.DataFrame = relation.pl()
    if query.grain and rows.select(query.grain).is_duplicated().any():
        raise _grain_broken(query)
    return rows


def query_batches(con: Connection, query: Query) -> Iterator[pl.DataFrame]:
    """The query's rows as `query_frame` gives them, some thousands at a time, since all of them are many.

    Params take the header's defaults; columns are checked, the grain is not.
    """
    with said_by(query.place):
        relation = con.sql(query.text, params=_values(query, {}) or None)
        _check_columns(query, relation)
        for batch in relation.to_arrow_reader(_BATCH):
            yield pl.DataFrame(pl.from_arrow(batch))


def _folder() -> Path:
    package = Path(graphscan.__file__).parent
    for folder in (package / "_queries", package.parent / "queries"):
        if folder.is_dir():
            return folder
    raise QueryError(
        "queries: are not installed: got no folder _queries; expected it in the package", "reinstall"
    )


def _agree(query: Query, what: str, said: set[str], found: frozenset[str]) -> None:
    if missing := sorted(found - said):
        raise QueryError(
            f"{query.place}: {what} of the header lack what the statement has: got {', '.join(missing)}; "
            f"expected them in the header"
        )
    if stale := sorted(said - found):
        raise QueryError(
            f"{query.place}: {what} of the header are not in the statement: got {', '.join(stale)}; "
            f"expected {', '.join(sorted(found)) or 'none'}"
        )


def _values(query: Query, given: Mapping[str, object]) -> dict[str, object]:
    known = {p.name: p for p in query.params}
    for name in given:
        if name not in known:
            close = nearest(name, known)
            raise QueryError(
                f"{query.place}: unknown param: got {name}; expected {', '.join(known) or 'none'}",
                f"did you mean {close}?" if close else "",
            )
    values = {name: given.get(name, p.default) for name, p in known.items()}
    if missing := [name for name, value in values.items() if value is None]:
        raise QueryError(f"{query.place}: params without a value: got none; expected {', '.join(missing)}")
    return values


def _check_columns(query: Query, relation: Relation) -> None:
    found = tuple(zip(relation.columns, map(str, relation.types), strict=True))
    if found != query.columns:
        raise QueryError(
            f"{query.place}: columns are not as the header says: got {_listed(found)}; "
            f"expected {_listed(query.columns)}"
        )


def _check_grain(con: Connection, query: Query, into: str) -> None:
    """No two rows alike in the grain, no null in it; above a million rows, on a sample of the first
    column."""
    if not query.grain:
        return
    keys = ", ".join(map(quote_ident, query.grain))
    first, table = quote_ident(query.grain[0]), quote_ident(into)
    n_rows = frame(con, f"select count(*) as n from {table}").item()
    parts = -(-n_rows // _GRAIN_SAMPLE)
    sampled = f"hash({first}) % {parts} = 0" if parts > 1 else "true"
    nulls = " or ".join(f"{quote_ident(k)} is null" for k in query.grain)
    broken = (
        f"select 1 from {table} where {sampled} group by {keys} having count(*) > 1 "
        f"union all select 1 from {table} where {nulls} limit 1"
    )
    if frame(con, broken).height:
        raise _grain_broken(query)


def _grain_broken(query: Query) -> QueryError:
    return QueryError(
        f"{query.place}: grain is not as the header says: got two rows alike, or a null, in "
        f"{', '.join(query.grain)}; expected one row for each"
    )


def _listed(columns: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns)
