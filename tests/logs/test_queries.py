"""Query files: what the header says is what the statement does, or nothing runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from portable import unportable

from graphscan.errors import QueryError
from graphscan.logs.queries import load_queries, load_query, order_of, query_frame, run_query
from graphscan.logs.sql import Connection, engine, frame
from graphscan.settings import Settings

HEADER = """\
-- Which account was seen on which address.
--
-- reads:   log_requests
-- grain:   account_id, entity
-- columns: account_id VARCHAR, entity VARCHAR,
--          n BIGINT, share DECIMAL(18,3)
-- params:  min_requests BIGINT = 1      addresses an account used less often
--                                       are left out
--          unit VARCHAR = 'x'           a word
-- family:  network
-- needs:   ip, accounts.plan         without these columns the query is off
--
-- Looks like coordination but is not: households, campus
-- and carrier NAT.
-- Source: somebody, "A title" (2020).
"""
STATEMENT = """\
select account_id, ip as entity, count(*) as n, 0.5::DECIMAL(18,3) as share
from log_requests
where $unit = 'x'
group by account_id, ip
having count(*) >= $min_requests
order by account_id, ip;
"""


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    def written(text: str) -> Path:
        path = tmp_path / "queries/address.sql"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    return written


@pytest.fixture
def con() -> Connection:
    with engine(Settings.load(None)) as con:
        seen = "(values ('a', '1'), ('a', '1'), ('b', '1')) t(account_id, ip)"
        con.execute(f"create table log_requests as select * from {seen}")
        yield con


def test_a_header_is_read_whole(file):
    query = load_query(file(HEADER + STATEMENT))
    assert (query.name, query.place) == ("address", "queries/address.sql")
    assert query.doc == "Which account was seen on which address."
    assert (query.reads, query.grain) == (("log_requests",), ("account_id", "entity"))
    assert query.columns == (
        ("account_id", "VARCHAR"),
        ("entity", "VARCHAR"),
        ("n", "BIGINT"),
        ("share", "DECIMAL(18,3)"),
    )
    assert [(p.name, p.type, p.default, p.note) for p in query.params] == [
        ("min_requests", "BIGINT", 1, "addresses an account used less often are left out"),
        ("unit", "VARCHAR", "x", "a word"),
    ]
    assert (query.family, query.needs) == ("network", ("ip", "accounts.plan"))
    assert query.looks_like == "households, campus and carrier NAT."
    assert query.source == 'somebody, "A title" (2020).'
    assert query.text.startswith("select account_id") and query.text.endswith("ip")


def test_a_query_makes_a_table(file, con):
    query = load_query(file(HEADER + STATEMENT))
    run_query(con, query, "seen")
    assert frame(con, "select account_id, entity, n from seen order by all").rows() == [
        ("a", "1", 2),
        ("b", "1", 1),
    ]
    run_query(con, query, "seen", {"min_requests": 2})
    assert frame(con, "select account_id from seen").rows() == [("a",)]
    assert query_frame(con, query, {"min_requests": 2})["account_id"].to_list() == ["a"]


FAULTS = {
    "a stale param": (
        ("$min_requests", "1"),
        "queries/address.sql: params of the header are not in the statement: got min_requests; expected unit",
    ),
    "a param the header lacks": (
        ("having count(*) >=", "having $more and count(*) >="),
        "queries/address.sql: params of the header lack what the statement has: got more; "
        "expected them in the header",
    ),
    "a stale table": (
        ("from log_requests", "from (values ('a', '1')) as t(account_id, ip)"),
        "queries/address.sql: reads of the header are not in the statement: got log_requests; expected none",
    ),
    "a table the header lacks": (
        ("from log_requests", "from log_requests, log_accounts"),
        "queries/address.sql: reads of the header lack what the statement has: got log_accounts; "
        "expected them in the header",
    ),
    "a grain that is no column": (
        ("grain:   account_id,", "grain:   account,"),
        "queries/address.sql: grain names what is no column: got account; "
        "expected some of account_id, entity, n, share",
    ),
    "an unknown key": (
        ("-- family:", "-- familly:"),
        "queries/address.sql:10: unknown or repeated key: got familly; "
        "expected each once of reads, grain, columns, params, family, needs",
    ),
    "a default of another type": (
        ("BIGINT = 1 ", "BIGINT = one"),
        "queries/address.sql:7: default is not of its type: got one; expected a BIGINT literal",
    ),
    "no columns": (
        ("-- columns:", "-- Columns:"),
        "queries/address.sql: header is not whole: got no columns; "
        "expected a sentence, reads, grain and columns",
    ),
    "a column without a type": (
        ("entity VARCHAR,", "entity,"),
        "queries/address.sql:5: no column: got 'entity'; expected `name TYPE`, …",
    ),
    "no header": (
        (HEADER, ""),
        "queries/address.sql:1: has no header: got select account_id, ip as entity, count(*; expected --",
    ),
    "no select": (
        ("select account_id, ip", "create table t as select account_id, ip"),
        "queries/address.sql: is no SELECT: got another kind of statement; expected one SELECT",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_header_that_is_not_true_is_refused(file, fault: str):
    (old, new), said = FAULTS[fault]
    text = (HEADER + STATEMENT).replace(old, new)
    assert text != HEADER + STATEMENT
    with pytest.raises(QueryError) as caught:
        load_query(file(text))
    assert caught.value.message == said


RESULTS = {
    "other columns": (
        ("count(*) as n", "count(*)::INTEGER as n"),
        "columns are not as the header says: "
        "got account_id VARCHAR, entity VARCHAR, n INTEGER, share DECIMAL(18,3); "
        "expected account_id VARCHAR, entity VARCHAR, n BIGINT, share DECIMAL(18,3)",
    ),
    "another grain": (
        ("group by account_id, ip\n", "group by account_id, ip, random()\n"),
        "grain is not as the header says: got two rows alike, or a null, in account_id, entity; "
        "expected one row for each",
    ),
    "a null in the grain": (
        ("ip as entity", "nullif(ip, '1') as entity"),
        "grain is not as the header says: got two rows alike, or a null, in account_id, entity; "
        "expected one row for each",
    ),
}


@pytest.mark.parametrize("fault", RESULTS)
def test_a_result_that_is_not_as_the_header_says_is_refused(file, con, fault: str):
    (old, new), said = RESULTS[fault]
    query = load_query(file((HEADER + STATEMENT).replace(old, new)))
    with pytest.raises(QueryError) as caught:
        run_query(con, query, "seen")
    assert caught.value.message == f"queries/address.sql: {said}"


def test_params_are_checked(file, con):
    query = load_query(file(HEADER + STATEMENT))
    with pytest.raises(QueryError) as caught:
        run_query(con, query, "seen", {"min_request": 2})
    assert str(caught.value) == (
        "queries/address.sql: unknown param: got min_request; expected min_requests, unit\n"
        "hint: did you mean min_requests?"
    )
    needed = load_query(file((HEADER + STATEMENT).replace("VARCHAR = 'x'", "VARCHAR")))
    with pytest.raises(QueryError, match="params without a value: got none; expected unit"):
        run_query(con, needed, "seen")


def test_all_faults_of_all_files_are_told_at_once(file, tmp_path: Path):
    file(HEADER.replace("family", "familly") + STATEMENT)
    (tmp_path / "queries/other.sql").write_text("select 1")
    with pytest.raises(QueryError) as caught:
        load_queries(tmp_path / "queries")
    assert caught.value.message.splitlines() == [
        FAULTS["an unknown key"][1],
        "queries/other.sql:1: has no header: got select 1; expected --",
    ]


def test_two_queries_of_one_name_are_refused(file, tmp_path: Path):
    file(HEADER + STATEMENT)
    (tmp_path / "queries/signals").mkdir()
    (tmp_path / "queries/signals/address.sql").write_text(HEADER + STATEMENT)
    with pytest.raises(QueryError, match="second query of this name: got address"):
        load_queries(tmp_path / "queries")


def _reading(tmp_path: Path, reads: dict[str, str]) -> Path:
    for name, table in reads.items():
        header = f"-- A sentence.\n--\n-- reads:   {table}\n-- grain:   x\n-- columns: x BIGINT\n"
        (tmp_path / f"{name}.sql").write_text(f"{header}select x from {table}\n")
    return tmp_path


def test_queries_run_after_what_they_read(tmp_path: Path):
    reads = {"a": "c", "b": "log_requests", "c": "d", "d": "log_requests"}
    queries = load_queries(_reading(tmp_path, reads))
    assert order_of(queries) == ("b", "d", "c", "a")


def test_queries_in_a_circle_are_refused(tmp_path: Path):
    queries = load_queries(_reading(tmp_path, {"a": "b", "b": "a"}))
    with pytest.raises(QueryError, match="read one another in a circle"):
        order_of(queries)


SHIPPED = load_queries()


@pytest.mark.parametrize("name", SHIPPED)
def test_the_queries_of_this_project_are_portable(name: str):
    """They are to run on Spark too, and to give the same rows whatever the threads."""
    assert unportable(SHIPPED[name].text, SHIPPED[name].place) == ()


def test_every_signal_says_what_innocent_thing_looks_the_same():
    signals = [q for q in SHIPPED.values() if q.path.parent.name == "signals"]
    assert signals
    assert [q.name for q in signals if not (q.family and q.looks_like and q.source)] == []


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select hash(x) as h from t", "hash() is not portable"),
        ("select len(x) as h from t", "len() is not portable"),
        ("select approx_count_distinct(x) as h from t", "approx_count_distinct() is not portable"),
        (
            "select percentile_cont(0.5) within group (order by x) as h from t",
            "quantile_cont() is not portable",
        ),
        ("select time_bucket(interval '1h', x) as h from t", "time_bucket() is not portable"),
        ("select a.x from t as a asof join u as b on a.x >= b.x", "ASOF JOIN is not portable"),
        ("select x from t tablesample 10%", "a sample differs"),
        ("select list(x) as h from t", "list() without ORDER BY"),
        ("select string_agg(x, ',') as h from t", "string_agg() without ORDER BY"),
        ("select row_number() over (partition by x) as h from t", "row_number() without ORDER BY"),
        ("select first(x) as h from t", "first() is not portable"),
        ("select any_value(x) as h from t", "any_value() is not portable"),
        ("select random() as h from t", "random() is not portable"),
        ("select current_timestamp as h from t", "is not portable"),
        ("select * from read_parquet('x.parquet')", "files are read: x.parquet"),
        ("select columns('a.*') from t", "COLUMNS()"),
        ("with a as (select x from (select hash(x) as x from t)) select x from a", "hash() is not portable"),
    ],
)
def test_what_is_not_portable_is_found_wherever_it_is(sql: str, said: str):
    assert any(said in fault for fault in unportable(sql, "here"))


@pytest.mark.parametrize(
    "sql",
    [
        "select x, count(*) as n, sum(n) over (partition by x) as s from t group by x, n order by x",
        "select list(x order by x) as l, array_length(l) as n, md5(x) as h, median(x) as m from t",
        "select floor(epoch(ts) / 300) as b, row_number() over (partition by x order by ts, y) as r from t",
    ],
)
def test_what_is_portable_passes(sql: str):
    assert unportable(sql, "here") == ()
