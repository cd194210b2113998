"""The subset of SQL in which the query files stay: what runs alike on Spark, and gives the same rows each
time.

Takes in the text of a query; gives out what is outside the subset, with what to write instead. It looks at
DuckDB's own parse tree, so that nothing hides in spelling.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphscan.logs.sql import Statement, read_statement

REFUSED: Mapping[str, str] = {
    "hash": "md5, or arithmetic on whole numbers: another engine's hash() differs without a word",
    "len": "length() of a text, array_length() of a list: len() of a list is taken for a text's on Spark",
    "time_bucket": "floor(epoch(ts) / seconds)",
    "quantile": "median",
    "quantile_cont": "median: percentile_cont … WITHIN GROUP becomes an approximation on Spark",
    "quantile_disc": "median",
    "list_intersect": "array_intersect",
    "first": "min, max or arg_min: which row is first depends on the threads",
    "last": "min, max or arg_max: which row is last depends on the threads",
    "any_value": "min or max: which value is taken depends on the threads",
    "arbitrary": "min or max: which value is taken depends on the threads",
    "random": "arithmetic on ids: chance differs from run to run",
    "uuid": "ids made from ids",
    "now": "times of the log",
    "current_timestamp": "times of the log",
    "get_current_timestamp": "times of the log",
    "current_date": "times of the log",
    "read_parquet": "a relation that graphscan.logs makes",
    "read_csv": "a relation that graphscan.logs makes",
    "getvariable": "a parameter",
}
"""Function names as DuckDB resolves them, and what to use instead."""

_ORDERED = {"list", "array_agg", "string_agg", "group_concat", "listagg"}
_WINDOWS = {"row_number", "lag", "lead", "first_value", "last_value", "nth_value", "ntile"}


def unportable(sql: str, place: str) -> tuple[str, ...]:
    """What of a query is outside the subset, one sentence each, sorted. Empty if all is well."""
    statement = read_statement(sql, place)
    return tuple(sorted({f"{place}: {fault}" for fault in _faults(statement)}))


def _faults(statement: Statement) -> Iterator[str]:
    for name in (statement.functions | statement.columns) & REFUSED.keys():
        yield f"{name}() is not portable; use {REFUSED[name]}"
    for name in (f for f in statement.functions if f.startswith("approx_")):
        yield f"{name}() is not portable; use the exact function"
    if statement.files:
        yield f"files are read: {', '.join(statement.files)}; use a relation that graphscan.logs makes"
    for node in statement.nodes:
        yield from _node_faults(node)


def _node_faults(node: Mapping[str, Any]) -> Iterator[str]:
    if node.get("ref_type") in ("ASOF", "POSITIONAL"):
        yield f"{node['ref_type']} JOIN is not portable; use an equality and a window"
    if node.get("sample") is not None:
        yield "a sample differs from run to run; use arithmetic on ids"
    if node.get("type") == "STAR" and (node.get("columns") or node.get("replace_list")):
        yield "COLUMNS() and REPLACE are not portable; name the columns"
    name = node.get("function_name")
    orders = (node.get("order_bys") or {}).get("orders", ())
    if name in _ORDERED and node.get("class") == "FUNCTION" and not orders:
        yield f"{name}() without ORDER BY inside it gives another order each time"
    if name in _WINDOWS and not node.get("orders", ()):
        yield f"{name}() without ORDER BY gives another row each time"
