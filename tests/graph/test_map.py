"""The map: every account that shares something has a place, however few accounts and entities there are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from graphscan.graph.map import SCHEMA, map_of

MEMBERS = pl.DataFrame({"ring_id": ["ring-0001"] * 2, "account_id": ["a0", "a1"]})

FEW = {
    "one entity": [range(5)],
    "two with the same accounts": [range(6), range(6)],
    "two apart": [range(3), range(3, 6)],
    "a chain of three": [range(4), range(3, 7), range(6, 9)],
    "one inside the other": [range(n) for n in range(3, 12)],
}


def _touched(entities: list[range]) -> pl.DataFrame:
    """Who touches each entity; and twenty accounts that touch one of their own each."""
    shared = [(f"a{i}", "network", e) for e, accounts in enumerate(entities) for i in accounts]
    alone = [(f"z{i}", "network", 100 + i) for i in range(20)]
    return pl.DataFrame([*shared, *alone], ["account_id", "family", "entity"], orient="row")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The map of each log in FEW, drawn in a process that compiles nothing: for so few it takes a minute less."""
    folder = tmp_path_factory.mktemp("maps")
    MEMBERS.write_parquet(folder / "members.parquet")
    for name, entities in FEW.items():
        _touched(entities).write_parquet(folder / f"{name}.touched")
    script = (
        "import pathlib\nimport polars as pl\nfrom graphscan.graph.map import map_of\n"
        "members = pl.read_parquet('members.parquet')\n"
        "for path in pathlib.Path().glob('*.touched'):\n"
        "    touched = pl.read_parquet(path)\n"
        "    near = touched.filter(pl.col('entity') < 100)['account_id'].unique()\n"
        "    map_of(touched, members, near).write_parquet(path.with_suffix('.map'))\n"
    )
    bare = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    subprocess.run([sys.executable, "-c", script], cwd=folder, env=bare, check=True)
    return folder


@pytest.mark.parametrize("name", FEW)
def test_few_entities_make_a_map(folder: Path, name: str) -> None:
    found = pl.read_parquet(folder / f"{name}.map")
    assert found["account_id"].to_list() == sorted({f"a{i}" for r in FEW[name] for i in r})
    assert np.isfinite(found.select("x", "y").to_numpy()).all()
    assert found["ring_id"].to_list()[:2] == ["ring-0001"] * 2
    assert found.select("x", "y").n_unique() > 1


@pytest.mark.parametrize("entities", [[range(2)], [range(2)] * 3, [range(4)] * 4])
def test_fewer_than_five_accounts_make_none(entities: list[range]) -> None:
    """However much they share."""
    touched = _touched(entities)
    assert map_of(touched, MEMBERS, touched["account_id"].head(4)).equals(pl.DataFrame(schema=SCHEMA))
