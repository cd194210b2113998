"""Frames as tables of the connection, for as long as a query needs them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import polars as pl

from graphscan.logs.queries import Query
from graphscan.logs.sql import Connection, quote_ident

Queries = Mapping[str, Query]
"""All query files, by name."""


@contextlib.contextmanager
def given(con: Connection, name: str, rows: pl.DataFrame) -> Iterator[None]:
    """The rows as the table `name`, which is gone afterwards; after an error the connection is of no more
    use."""
    view = f"{name}_given"
    con.register(view, rows.to_arrow())
    con.execute(f"create or replace table {quote_ident(name)} as select * from {quote_ident(view)}")
    con.unregister(view)
    yield
    con.execute(f"drop table {quote_ident(name)}")


def columns_of(con: Connection, relation: str) -> frozenset[str]:
    """The names of a relation's columns, none where it does not exist."""
    known = con.execute(
        "select column_name from information_schema.columns where table_name = ?", [relation]
    ).fetchall()
    return frozenset(name for (name,) in known)


def has_needs(con: Connection, query: Query) -> bool:
    """Whether the connection has every column that the query needs."""
    for need in query.needs:
        table, _, column = need.rpartition(".")
        of_requests = "log_requests" if "log_requests" in query.reads else "requests"
        if column not in columns_of(con, f"log_{table}" if table else of_requests):
            return False
    return True
