"""Every error that a log can cause, word for word: `errors/<case>.txt` holds what the user reads."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphscan.errors import GraphscanError
from tests.logs.conftest import NOON

GOLDEN = Path(__file__).parent / "errors"
SECONDS = 1_795_176_000


def _files(tmp_path: Path, **files: dict[str, Any]) -> str:
    for name, columns in files.items():
        (tmp_path / "r").mkdir(exist_ok=True)
        pq.write_table(pa.table(columns), tmp_path / f"r/{name}.parquet")
    return str(tmp_path / "r")


def _good(**columns: Any) -> dict[str, Any]:
    return {"account_id": ["a"], "ts": [NOON], **columns}


CASES: dict[str, Callable[[Path], dict[str, Any]]] = {
    "no_requests": lambda p: {},
    "no_such_file": lambda p: {"requests": _files(p, requests=_good()) + "/request.parquet"},
    "no_file_matches": lambda p: {"requests": str(p / "*.parquet")},
    "no_account_column": lambda p: {"requests": _files(p, a=_good(), b={"Account_ID": ["a"], "ts": [NOON]})},
    "no_time_column": lambda p: {"requests": _files(p, a={"account_id": ["a"], "timestamp": [NOON]})},
    "a_mapped_column_is_not_there": lambda p: {
        "requests": _files(p, a=_good(address=["1.2.3.4"])),
        "columns": {"requests": {"ip": "adress"}},
    },
    "accounts_are_floats": lambda p: {
        "requests": _files(p, a=_good(), b={"account_id": [1.5], "ts": [NOON]})
    },
    "accounts_are_bytes": lambda p: {"requests": _files(p, a={"account_id": [b"a"], "ts": [NOON]})},
    "addresses_are_a_list": lambda p: {"requests": _files(p, a=_good(ip=[["1.2.3.4"]]))},
    "times_without_a_unit": lambda p: {"requests": _files(p, a={"account_id": ["a"], "ts": [SECONDS]})},
    "times_in_another_unit": lambda p: {
        "requests": _files(p, a={"account_id": ["a", "b"], "ts": [SECONDS * 1000, SECONDS * 1000]}),
        "columns": {"requests": {"time_unit": "s"}},
    },
    "times_are_booleans": lambda p: {"requests": _files(p, a={"account_id": ["a"], "ts": [True]})},
    "no_row_can_be_used": lambda p: {
        "requests": _files(p, a={"account_id": ["", None, "a"], "ts": [NOON, NOON, NOON.replace(year=1970)]})
    },
    "faults_of_several_tables": lambda p: {
        "requests": _files(p, a={"who": ["a"], "ts": [NOON]}),
        "accounts": str(p / "accounts.parquet"),
        "payments": str(_payments(p)),
    },
    "a_select_that_is_none": lambda p: {"requests": "SELECT account_id, FROM WHERE"},
    "a_select_of_two": lambda p: {"requests": "SELECT 1 AS account_id; DROP TABLE x"},
    "a_select_with_parameters": lambda p: {"requests": "SELECT $who AS account_id, now() AS ts"},
    "a_select_of_what_is_not_there": lambda p: {"requests": "SELECT * FROM nowhere"},
    "a_select_over_mixed_types": lambda p: {
        "requests": "SELECT account_id, ts FROM read_parquet('"
        + _files(p, a=_good(), b={"account_id": [7], "ts": [NOON]})
        + "/*.parquet')"
    },
    "a_select_beyond_this_machine": lambda p: {
        "requests": "SELECT * FROM 'https://example.invalid/r.parquet'"
    },
    "a_name_twice": lambda p: {"requests": _files(p, a=_good(Account_ID=["b"]))},
    "a_column_in_files_and_folders": lambda p: {"requests": _hive(p, "model=large", _good(model=["small"]))},
    "a_column_in_some_folders": lambda p: {
        "requests": _hive(p, "model=large", _good()) and _hive(p, "other", _good())
    },
    "a_pipe": lambda p: {"requests": str(_pipe(p))},
    "a_file_that_is_cut_off": lambda p: {"requests": str(_cut_off(p))},
    "no_parquet": lambda p: {"requests": str(_noise(p))},
}


def _hive(tmp_path: Path, folder: str, columns: dict[str, Any]) -> str:
    (tmp_path / "h" / folder).mkdir(parents=True)
    pq.write_table(pa.table(columns), tmp_path / "h" / folder / "a.parquet")
    return str(tmp_path / "h")


def _pipe(tmp_path: Path) -> Path:
    path = tmp_path / "requests.parquet"
    os.mkfifo(path)
    return path


def _cut_off(tmp_path: Path) -> Path:
    path = tmp_path / "requests.parquet"
    pq.write_table(pa.table(_good()), path)
    path.write_bytes(path.read_bytes()[:-20])
    return path


def _payments(tmp_path: Path) -> Path:
    path = tmp_path / "payments.parquet"
    pq.write_table(pa.table({"account_id": [1.0], "payment_fingerprint": [2.0]}), path)
    return path


def _noise(tmp_path: Path) -> Path:
    path = tmp_path / "requests.csv"
    path.write_text("account_id,ts\na,2026-11-20\n")
    return path


@pytest.mark.parametrize("case", CASES)
def test_the_text_is_as_agreed(tmp_path: Path, opened, case: str):
    with pytest.raises(GraphscanError) as caught:
        opened(**CASES[case](tmp_path))
    said = f"{type(caught.value).__name__}: {caught.value}".replace(str(tmp_path), "LOG")
    assert said == (GOLDEN / f"{case}.txt").read_text().rstrip("\n")


def test_every_golden_text_has_its_case():
    assert {p.stem for p in GOLDEN.glob("*.txt")} == set(CASES)
