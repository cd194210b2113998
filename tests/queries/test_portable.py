"""The query files stay in SQL that a distributed engine runs as it stands: what is used must be on a list.

`portable` refuses what is known to differ; here whatever is not known to agree fails too. On the first
list is what is plain SQL, or was found to give the same rows in DuckDB and, translated word by word, in Spark. On the
second is what a query may use although another engine needs care with it, and what care.
"""

from __future__ import annotations

import pytest

from graphscan.logs.queries import load_queries
from graphscan.logs.sql import Statement, read_statement

SAME = {
    *("+", "-", "*", "/", "%", "<<"),
    *("count", "count_star", "sum", "min", "max"),
    *("row_number", "lag", "median", "greatest", "nullif", "pow", "floor", "ceil"),
    *("concat", "concat_ws", "contains", "replace", "split_part", "substring", "~~", "md5"),
    *("date_part", "date_trunc", "strftime", "unnest"),
    *("to_days", "trunc"),  # what DuckDB's parser makes of `interval 2 day`
}

WITH_CARE = {
    "avg": "of whole numbers alone: sums of fractions differ in the last digits with the order of rows",
    "epoch": "has fractions of a second: unix_micros(ts) / 1e6 on Spark",
    "make_timestamp": "timestamp_micros on Spark; it takes microseconds",
    "range": "as a relation: explode(sequence(…)) on Spark, which refuses range(…) AS r (power) out loud",
    "string_agg": "listagg(…) within group (order by …) on Spark 4; earlier ones refuse it",
}

TYPES = {"BIGINT", "INTEGER", "TINYINT", "DOUBLE", "VARCHAR"}
"""Types that a query may cast to. HUGEINT and unsigned ones have no counterpart."""

JOINS = {("INNER", "REGULAR"), ("LEFT", "REGULAR"), ("INNER", "CROSS")}

NODES = {
    *("SELECT_NODE", "SET_OPERATION_NODE", "SUBQUERY", "BASE_TABLE", "TABLE_FUNCTION", "JOIN"),
    *("COLUMN_REF", "STAR", "VALUE_CONSTANT", "VALUE_PARAMETER", "TYPE", "OPERATOR_CAST"),
    *("FUNCTION", "WINDOW_AGGREGATE", "WINDOW_ROW_NUMBER", "WINDOW_LAG", "CASE_EXPR", "OPERATOR_COALESCE"),
    *("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "CONJUNCTION_AND", "CONJUNCTION_OR"),
    *("COMPARE_EQUAL", "COMPARE_NOTEQUAL", "COMPARE_IN", "COMPARE_LESSTHAN", "COMPARE_LESSTHANOREQUALTO"),
    *("COMPARE_GREATERTHAN", "COMPARE_GREATERTHANOREQUALTO"),
    *("ORDER_MODIFIER", "DISTINCT_MODIFIER", "ASCENDING", "DESCENDING", "ORDER_DEFAULT", ""),
}
"""Kinds of nodes in the parse tree: no recursive CTE, lambda, PIVOT, list or struct literal, VALUES or EMPTY_TABLE."""

QUERIES = load_queries()


def beyond(statement: Statement) -> set[str]:
    """What of a statement is on no list."""
    out = {f"{f}()" for f in statement.functions - SAME - WITH_CARE.keys()}
    for node in statement.nodes:
        kind = node["type"]
        if kind not in NODES:
            out.add(kind)
        if kind == "TYPE" and node["type_name"] not in TYPES:
            out.add(f"a cast to {node['type_name']}")
        if kind == "JOIN" and (node["join_type"], node["ref_type"]) not in JOINS:
            out.add(f"{node['join_type']} {node['ref_type']} JOIN")
    return out


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_uses_what_is_known_to_run_elsewhere(name: str) -> None:
    assert beyond(read_statement(QUERIES[name].text, QUERIES[name].place)) == set()


def test_the_lists_hold_nothing_that_no_query_needs() -> None:
    used = set().union(*(read_statement(q.text, q.place).functions for q in QUERIES.values()))
    assert used >= SAME | WITH_CARE.keys()


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select levenshtein(a, b) as n from t", "levenshtein()"),
        ("select a::HUGEINT as n from t", "a cast to HUGEINT"),
        ("select t.a from t full join u on t.a = u.a", "FULL REGULAR JOIN"),
        ("select t.a from t semi join u on t.a = u.a", "SEMI REGULAR JOIN"),
        (
            "with recursive c as (select 1 as a union select a + 1 from c) select a from c",
            "RECURSIVE_CTE_NODE",
        ),
        ("select list_filter(a, lambda x: x > 1) as n from t", "LAMBDA"),
        ("select a from (values (1)) as v (a)", "EXPRESSION_LIST"),
        ("select [1, a] as n from t", "list_value()"),
    ],
)
def test_what_is_on_no_list_is_found(sql: str, found: str) -> None:
    assert found in beyond(read_statement(sql, "q.sql"))
