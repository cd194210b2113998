"""Golden cases: `cases/<query>.toml` holds input rows, expected rows, and in one sentence why.

    [[case]]
    why = "…"
    params = { … }                                  where the query has any
    given.requests = { columns = […], rows = [[…], …] }
    expected = [[…], …]                             in the order of the header's columns

The text `null` stands for no value. Rows of a query that orders them come in that order, others in any. A case with
a `defect` is one that the query still fails.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from graphscan.logs.queries import load_queries, query_frame

CASES = Path(__file__).parent / "cases"
QUERIES = load_queries()


def cases() -> list[Any]:
    out = []
    for path in sorted(CASES.glob("*.toml")):
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
            defect = case.pop("defect", None)
            marks = [pytest.mark.xfail(strict=True, reason=defect)] if defect else []
            out.append(pytest.param(path.stem, case, id=f"{path.stem}: {case['why']}", marks=marks))
    return out


def value(x: Any) -> Any:
    return None if x == "null" else x


def told(row: tuple[Any, ...] | list[Any]) -> list[Any]:
    return [pytest.approx(x, abs=1e-9) if isinstance(x, float) else value(x) for x in row]


def test_every_query_has_a_case():
    assert {p.stem for p in CASES.glob("*.toml")} == QUERIES.keys()


@pytest.mark.parametrize(("name", "case"), cases())
def test_case(con, fill, name: str, case: dict[str, Any]):
    assert case["why"].endswith(".") and " " in case["why"]
    assert case.keys() <= {"why", "params", "given", "expected"}
    query = QUERIES[name]
    given = {
        relation: [dict(zip(t["columns"], map(value, row), strict=True)) for row in t["rows"]]
        for relation, t in case.get("given", {}).items()
    }
    fill(query, QUERIES, given)
    found = [list(row) for row in query_frame(con, query, case.get("params")).iter_rows()]
    expected = [[value(x) for x in row] for row in case["expected"]]
    if not re.search(r"\border by [^()]*$", query.text):
        found, expected = (sorted(rows, key=repr) for rows in (found, expected))
    assert found == [told(row) for row in expected]
