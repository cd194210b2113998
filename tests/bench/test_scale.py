"""What a scan costs: each stage measured, the floor beside it, and how cost grows."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from shell import Shell

from graphscan.cli import bench_costs
from graphscan.lab.bench import growth as growing
from graphscan.lab.bench.measured import Measured, measured
from graphscan.lab.bench.scale import Cost, Floor, Scanned
from graphscan.lab.bench.staged import START
from graphscan.runs import read_manifest

SPINS = "import time; end = time.process_time() + 0.5\nwhile time.process_time() < end: pass"


def test_a_command_is_charged_for_its_children(tmp_path: Path) -> None:
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SPINS!r}])"
    done = measured([sys.executable, "-c", parent], tmp_path / "said")
    assert done.fault == ""
    assert 0.5 <= done.cpu_s <= done.seconds + 0.5
    assert 2e6 < done.peak_bytes < 60e6, "not what the tests themselves hold"


def test_a_command_that_works_too_long_is_stopped(tmp_path: Path) -> None:
    alone = "while True: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {alone!r}], check=True)"
    for program in (alone, parent):
        done = measured([sys.executable, "-c", program], tmp_path / "said", most_s=1)
        assert done.fault == "stopped after 1 processor seconds"
        assert 0.9 < done.cpu_s < 3


def test_a_command_that_waits_too_long_is_stopped_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphscan.lab.bench.measured.LONGEST", 1)
    mark = tmp_path / "mark"
    child = f"import pathlib, time; time.sleep(3); pathlib.Path({str(mark)!r}).touch()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    done = measured([sys.executable, "-c", parent], tmp_path / "said", most_s=1)
    assert done.fault == "stopped after waiting 1 s"
    time.sleep(2.5)
    assert not mark.exists()


def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    done = measured(
        [sys.executable, "-c", "print('hello'); raise SystemExit('no such tool')"], tmp_path / "said"
    )
    assert done.fault == "failed with exit code 1: no such tool"
    none = measured(["no-such-program"], tmp_path / "said")
    assert none.fault == "failed with exit code 127: no-such-program: No such file or directory"


def test_a_command_stays_on_its_core(tmp_path: Path) -> None:
    where = "import os, time; time.sleep(0.2); print(os.sched_getaffinity(0))"
    assert measured([sys.executable, "-c", where], tmp_path / "said", core=0).fault == ""
    assert (tmp_path / "said").read_text() == "{0}\n"


@pytest.mark.slow
def test_every_stage_of_a_scan_is_measured(shell: Shell, small: Path, tmp_path: Path) -> None:
    (tmp_path / "warming").mkdir()  # as if compiled code had been warmed
    told = shell.json("bench", "scale", "--world", small, "--work", tmp_path, "--no-progress")
    stages = pl.DataFrame(told["stages"])
    manifest = read_manifest(tmp_path / "small-run")
    names = [stage["name"] for stage in manifest["stages"]]
    assert stages["stage"].to_list() == [START, *names, "write the run"]
    assert stages["share"].sum() == pytest.approx(1.0)
    assert stages["seconds"].sum() <= told["scan"]["seconds"]
    assert stages["cpu_s"].sum() <= told["scan"]["cpu_s"]
    assert 0 < stages["peak_bytes"].max() <= told["scan"]["peak_bytes"]
    rows = dict(stages.select("stage", "rows").iter_rows())
    assert rows["open the log"] == told["n_requests"] == manifest["counts"]["requests"]
    read = dict(stages.select("stage", "n_read").iter_rows())
    log_bytes = sum(path.stat().st_size for path in (small / "requests").iterdir())
    assert read["open the log"] > log_bytes
    assert told["times_the_floor"] == pytest.approx(told["scan"]["seconds"] / told["floor_s"])
    readings = [*told["floor"]["before"], *told["floor"]["after"]]
    assert len(readings) == 6 and min(readings) <= told["floor_s"] <= max(readings)
    prompts = pl.read_parquet(small / "requests" / "*.parquet", columns=["prompt"])["prompt"]
    assert told["n_prompt_bytes"] == prompts.str.len_bytes().sum()


def test_the_table_of_stages_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    stages = pl.DataFrame(
        {
            "stage": ["read the requests"],
            "seconds": [6.0],
            "share": [0.75],
            "cpu_s": [11.0],
            "rows": [1_234_567],
            "n_read": [98_000_000],
            "n_written": [None],
            "peak_bytes": [712_000_000],
        }
    )
    scanned = Scanned(Measured(8.0, 12.0, 712_000_000, ""), stages, 1_234_567, 50_000, 7)
    bench_costs._print_cost(Cost(scanned, Floor((1.0, 2.0, 3.0), (1.5, 2.5, 9.0)), 200_000_000, 3e8, 2))
    out = capsys.readouterr().out
    assert re.search(r"read the requests +6.0 +75% +11.0 +1,234,567 +98 +– +712", out)
    assert out.startswith("1,234,567 requests of 50,000 accounts, 2 threads\n")
    assert "floor: 2.25 s to read and hash 200 MB of prompts (1.00, 2.00, 3.00, 1.50, 2.50, 9.00)\n" in out
    assert "whole scan ÷ floor: 3.6\n" in out
    assert out.endswith("prompt kernel: 300 MB a second on one core\n")


def test_a_world_that_is_none(shell: Shell, tmp_path: Path) -> None:
    code, out, err = shell(
        "bench", "scale", "--world", tmp_path, "--work", tmp_path / "work", "--no-progress"
    )
    assert (code, out) == (1, "")
    assert "Traceback" not in err and err.startswith("error: ")


def test_more_requests_of_many_accounts_share_one_thing_and_no_other(small: Path, tmp_path: Path) -> None:
    accounts = pl.read_parquet(small / "accounts.parquet")["account_id"].sort().head(50)
    growing._add_requests(small, tmp_path / "hub", accounts, "ip", growing.HUB, 20)
    before = pl.read_parquet(small / "requests" / "*.parquet")
    after = pl.read_parquet(tmp_path / "hub" / "requests" / "*.parquet")
    assert after.schema == before.schema
    assert after.height == before.height + 50
    hub = after.filter(pl.col("ip") == growing.HUB)
    assert sorted(hub["account_id"]) == accounts.head(20).to_list()
    assert hub["prompt"].null_count() == hub["system"].null_count() == 20


def test_exponents_are_the_powers_that_made_the_costs() -> None:
    def rows(experiment: str, sizes: list[int], power: float) -> list[dict[str, object]]:
        same = {"experiment": experiment, "n_incidences": 100}
        return [
            {**same, "size": n, "n_requests": 50 * n, "n_accounts": 7 * n, "work_s": 3.0 * n**power}
            for n in sizes
        ]

    scans = pl.DataFrame(
        [
            *rows("requests", [1, 2, 4, 8], 1.1),
            *rows("accounts", [1, 10], 0.9),
            {**rows("users of one address", [1], 0.0)[0], "size": 0},
            *rows("users of one address", [100, 1000, 10_000], 0.25),
        ]
    ).with_columns(n_incidences=pl.col("n_accounts") * 2)
    found = {what: exponent for _, what, exponent in growing._exponents(scans).iter_rows()}
    assert found == {
        "work with requests, all": pytest.approx(1.1),
        "work with requests, last doubling": pytest.approx(1.1),
        "work with accounts": pytest.approx(0.9),
        "work with incidences": pytest.approx(0.9),
        "work with users, all": pytest.approx(0.25),
    }


@pytest.mark.slow
def test_growth_scans_every_world(shell: Shell, tmp_path: Path) -> None:
    told = shell.json("bench", "scale", "--growth", "--customers", 1000, "--scale", 0.005, "--work", tmp_path)
    scans = pl.DataFrame(told["scans"])
    by = {name: rows for (name,), rows in scans.group_by("experiment", maintain_order=True)}
    assert list(by) == ["requests", "accounts", "users of one address", "senders of one text"]
    assert by["requests"]["n_accounts"].n_unique() == 1
    few, many = by["accounts"]["n_requests"]
    assert few == pytest.approx(many, rel=0.35)
    # Every account of the hub makes one incidence with its address, and one with its subnet.
    users = by["users of one address"]
    more = users["n_incidences"] - users["n_incidences"][0]
    assert (more[1:] >= users["size"][1:]).all() and (more[1:] <= 2 * users["size"][1:]).all()
    texts = by["senders of one text"]
    assert texts["n_incidences"][0] - users["n_incidences"][0] == pytest.approx(
        60 * texts["size"][0], rel=0.5
    )
