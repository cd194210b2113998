"""The relations that queries read, with the columns and types that the program gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from graphscan.logs.queries import Query
from graphscan.logs.sql import Connection, engine, quote_ident
from graphscan.settings import Settings
from graphscan.signals.stage import register

Rows = Sequence[Mapping[str, Any]]

RELATIONS = {
    "log_activity": "account_id VARCHAR, n_requests BIGINT, first_at TIMESTAMP, last_at TIMESTAMP",
    "log_requests": "account_id VARCHAR, ts TIMESTAMP, prompt VARCHAR, response VARCHAR",
    "log_accounts": "account_id VARCHAR, created_at TIMESTAMP, plan VARCHAR, country VARCHAR, "
    "email_domain VARCHAR, org_id VARCHAR",
    "log_payments": "account_id VARCHAR, payment_fingerprint VARCHAR, ts TIMESTAMP",
    "accounts": "account INTEGER, account_id VARCHAR, n_requests BIGINT, first_at TIMESTAMP, last_at TIMESTAMP",
    "requests": "account INTEGER, ts TIMESTAMP, place BIGINT, is_read BOOLEAN, ip VARCHAR, user_agent VARCHAR, "
    "model VARCHAR, prompt_hash VARCHAR, system_key BIGINT, fragments BIGINT[], excerpt VARCHAR",
    "systems": "system_key BIGINT, system VARCHAR, fragments BIGINT[]",
    "declared_values": "account INTEGER, place BIGINT, ts TIMESTAMP, value VARCHAR",
    "portrait_groups": "group_id INTEGER, kind VARCHAR, account INTEGER",
    "group_branches": "group_id INTEGER, branch INTEGER, account INTEGER",
    "portrait_patterns": "group_id INTEGER, template_id INTEGER, fragment BIGINT, n_needed BIGINT",
    "portrait_responses": "group_id INTEGER, response_id BIGINT, account_id VARCHAR, fragment BIGINT",
    "wanted_accounts": "account INTEGER",
    "wanted_fragments": "fragment BIGINT",
}
"""What is made by Python or by a SELECT inside it; the other relations are queries themselves."""


@pytest.fixture
def con() -> Iterator[Connection]:
    """An empty engine with the compiled functions."""
    with engine(Settings.load(None)) as opened:
        register(opened)
        yield opened


@pytest.fixture
def fill(con: Connection) -> Callable[[Query, Mapping[str, Query], Mapping[str, Rows]], None]:
    """fill(query, queries, {relation: rows}): every relation that the query reads, empty where nothing is given."""

    def filled(query: Query, queries: Mapping[str, Query], given: Mapping[str, Rows]) -> None:
        assert set(given) <= set(query.reads), f"{query.name} does not read {set(given) - set(query.reads)}"
        for relation in query.reads:
            made = RELATIONS.get(relation) or ", ".join(" ".join(c) for c in queries[relation].columns)
            con.execute(f"create or replace table {quote_ident(relation)} ({made})")
            for row in given.get(relation, ()):
                names = ", ".join(map(quote_ident, row))
                marks = ", ".join("?" * len(row))
                con.execute(f"insert into {relation} ({names}) values ({marks})", list(row.values()))

    return filled
