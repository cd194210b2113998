"""When a ring is first certified, and how much it had sent by then."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from shell import Shell

from graphscan.lab.bench.delay import ends_of, first_certified


def test_windows_end_where_asked_and_the_last_holds_everything() -> None:
    first, day = dt.datetime.fromisoformat("2026-03-01"), dt.timedelta(days=1)
    last = first + 4 * day - dt.timedelta(seconds=1)
    ends = ends_of(first, last, [25, 50, 75, 100])
    assert ends == [first + k * day for k in (1, 2, 3, 4)]
    assert ends[-1] > last


def test_the_first_window_counts_even_if_the_ring_is_lost_again() -> None:
    windows = pl.DataFrame(
        {
            "ring": ["a"] * 3 + ["b"] * 3,
            "n_accounts": [20] * 3 + [10] * 3,
            "share_time": [0.3, 0.6, 1.0] * 2,
            "share_log": [0.2, 0.5, 1.0] * 2,
            "share_ring": [0.1, 0.4, 1.0] * 2,
            "certified": [False, True, False, False, False, False],
            "jaccard": [0.0, 0.5, 0.9, 0.0, 0.3, 0.0],
        }
    )
    a, b = first_certified(windows).to_dicts()
    assert (a["share_log_certified"], a["share_ring_certified"], a["share_log_whole"]) == (0.5, 0.4, 1.0)
    assert b["share_log_certified"] is None and b["share_log_whole"] is None


@pytest.mark.slow
def test_shares_of_a_world(shell: Shell, small: Path, tmp_path: Path) -> None:
    (told,) = shell.json("bench", "delay", "--world", small, "--percents", "50,100", "--work", tmp_path)
    windows = pl.DataFrame(told["windows"])
    hanzi = windows.filter(pl.col("ring") == "hanzi")
    assert hanzi["share_time"].to_list() == [0.5, 1.0]
    assert hanzi["share_log"][0] < hanzi["share_log"][1] == 1.0
    requests = pl.read_parquet(small / "requests" / "*.parquet").join(
        pl.read_parquet(small / "truth.parquet"), on="account_id"
    )
    middle = requests["ts"].min() + (requests["ts"].max() - requests["ts"].min()) / 2
    early = requests.filter(pl.col("ring") == "hanzi")["ts"] < middle
    assert hanzi["share_ring"].to_list() == [pytest.approx(early.mean(), abs=0.001), 1.0]
    assert hanzi["certified"][1]
    first = {r["ring"]: r for r in told["rings"]}
    assert first["hanzi"]["share_time_whole"] in (0.5, 1.0)
    assert set(first) == {"deepseek", "hanzi", "tenant-a", "eight"}
