"""Marked strings are found in whatever script they are quoted in."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pytest

from graphscan.logs.queries import load_queries
from graphscan.logs.sql import Connection, connect
from graphscan.rings.portrait.marks import canary_hits
from graphscan.settings import Settings


@pytest.fixture
def con() -> Iterator[Connection]:
    with connect(Settings.load()) as con:
        con.execute(
            "create table log_canaries as select * from "
            "(values ('MARK-ab12cd', 'a'), ('zeta-99', 'c')) as t (token, account_id)"
        )
        yield con


@pytest.mark.parametrize(
    ("prompt", "hits"),
    [
        ("what does MARK-ab12cd mean", 1.0),
        ("请翻译MARK-ab12cd的内容", 1.0),
        ("แปลMARK-ab12cdให้หน่อย", 1.0),
        ("what does MARK-ab12cde mean", 0.0),
    ],
)
def test_a_marked_string_is_found_beside_text_without_spaces(
    con: Connection, prompt: str, hits: float
) -> None:
    sampled = pl.DataFrame({"group_id": [0], "account_id": ["b"], "prompt": [prompt]})
    assert canary_hits(con, load_queries(), sampled, [0]) == {0: hits}
