"""Thirty nights of five rings that change: names stay, each event is told on its night; killed at random, the same."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from month import BACK, BAN, DAYS, FIRST, MERGE, N_RINGS, SILENT, SPLIT, night, write_month

from graphscan.nightly.shelf import faults, folder_of, read_catalog, read_night

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The month's log, and its nights undisturbed in `twin`, run by one process; what it held meanwhile is in
    counts.parquet."""
    home = tmp_path_factory.mktemp("month")
    (home / "tmp").mkdir()
    write_month(home / "log")
    command = _command(home, "twin", ("--from", night(0), "--to", night(DAYS - 1)))
    process = subprocess.Popen(command, env={**os.environ, "TMPDIR": str(home / "tmp")})
    rows = []
    while process.poll() is None:
        with contextlib.suppress(OSError):  # a process that has just ended
            rows += _counted(home / "twin", process.pid)
        time.sleep(0.02)
    assert process.returncode == 0
    pl.DataFrame(rows).write_parquet(home / "counts.parquet")
    return home


def _counted(nights: Path, process: int) -> Iterator[dict[str, int | str]]:
    """What the process that runs the nights holds now, and the one that scans: (who, night, files, threads, kB)."""
    folder = nights / "nights"
    number = len(list(folder.iterdir())) if folder.is_dir() else 0
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    for who, pid in (("runs", process), *(("scans", child) for child in children)):
        own = Path(f"/proc/{pid}")
        resident = [line for line in (own / "status").read_text().splitlines() if line.startswith("VmRSS")]
        if not resident:  # it has just ended
            continue
        yield {
            "who": who,
            "night": number,
            "n_files": len(list((own / "fd").iterdir())),
            "n_threads": len(list((own / "task").iterdir())),
            "kilobytes": int(resident[0].split()[1]),
        }


def _command(home: Path, nights: str, dates: tuple[str, ...]) -> list[str]:
    inputs = {"requests": "{date}.parquet", "accounts": "accounts.parquet", "payments": "payments.parquet"}
    inputs["requests"] = f"requests/{inputs['requests']}"
    given = [part for name, path in inputs.items() for part in (f"--{name}", str(home / "log" / path))]
    start = [sys.executable, "-c", "from graphscan.cli import main; main()", "nightly", "--no-progress"]
    return [*start, "--window", "1d", "--nights", str(home / nights), *dates, *given]


def _lineage(home: Path) -> pl.DataFrame:
    return pl.read_parquet(home / "twin" / "current" / "lineage.parquet")


def test_names_change_for_less_than_a_fiftieth_of_ring_nights(home: Path) -> None:
    """A ring's name is that of the night before for whoever is in it: its members' planted pool tells who it is."""
    changed = seen = 0
    names: dict[str, str] = {}
    for day in range(DAYS):
        for pool, name in _names_of_pools(home, day).items():
            seen += 1
            changed += names.get(pool, name) != name
            names[pool] = name
    assert seen > N_RINGS * (DAYS - 8)
    # One merger and the part that splits off are changes that happened.
    assert changed / seen < 0.02, f"{changed} of {seen}"


def _names_of_pools(home: Path, day: int) -> dict[str, str]:
    """The name that most of a planted ring's accounts are under, by ring; the banned pool's successor is the same
    ring."""
    current = read_catalog(home / "twin").nights[night(day)]
    run = folder_of(home / "twin", night(day), current.generation)
    members = pl.read_parquet(run / "members.parquet").join(
        pl.read_parquet(run / "rings.parquet"), on="ring_id"
    )
    pool = pl.col("account_id").str.extract(r"^([a-z]+)").replace({"new": "ban"})
    number = pl.col("account_id").str.extract(r"(\d+)$").cast(pl.Int64)
    part = (pool == "whole") & (number >= 24) & pl.lit(day >= SPLIT)
    counted = members.group_by(pl.when(part).then(pl.lit("part")).otherwise(pool).alias("pool"), "name").len()
    best = counted.sort("len", "name").group_by("pool", maintain_order=True).last()
    return {p: n for p, n in best.select("pool", "name").iter_rows() if p != "right" or day < MERGE}


def test_each_event_is_told_on_its_night_and_no_other(home: Path) -> None:
    rows = _lineage(home).filter(pl.col("events") != ["same"]).sort("night", "name")
    told = {
        (n - FIRST).days: sorted(events.explode().drop_nulls().unique().to_list())
        for n, events in ((n, part["events"]) for (n,), part in rows.group_by("night", maintain_order=True))
    }
    assert told.pop(0) == ["born"]
    assert "merged" in told.pop(MERGE)
    assert "split" in told.pop(SPLIT)
    assert told.pop(SILENT) == ["dormant"]
    assert told.pop(BACK) == ["returned"]
    assert told.pop(BAN) == ["replaced"]
    assert told == {}


def test_a_ban_with_a_replacement_pool_keeps_the_name(home: Path) -> None:
    names = [_names_of_pools(home, day)["ban"] for day in (BAN - 1, BAN, DAYS - 1)]
    assert len(set(names)) == 1
    on_the_night = _lineage(home).filter((pl.col("name") == names[0]) & (pl.col("night") == _date(BAN)))
    assert on_the_night["n_stayed"].item() == 0
    assert on_the_night["share_entities"].item() > 0.5


def test_every_ring_is_certified_on_its_first_night(home: Path) -> None:
    born = _lineage(home).filter(pl.col("events").list.contains("born"))
    assert born["n_days_unseen"].max() == 0
    assert born["since"].unique().to_list() == [FIRST]


def test_thirty_nights_killed_at_random_are_those_of_the_undisturbed_twin(home: Path) -> None:
    dice = random.Random(11)
    n_killed = 0
    for day in range(DAYS):
        command = _command(home, "killed", ("--date", night(day)))
        while True:
            process = subprocess.Popen(
                command,
                env={**os.environ, "TMPDIR": str(home / "tmp")},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                code = process.wait(timeout=dice.uniform(0.2, 12.0) if dice.random() < 0.5 else None)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                n_killed += 1
                assert len(read_catalog(home / "killed").nights) in (day, day + 1)
                continue
            assert code in (0, 99)
            break
    assert n_killed > 5
    assert faults(home / "killed") == []
    assert _bytes(home / "killed") == _bytes(home / "twin")
    print(f"\n{n_killed} kills")
    left = {p.name for p in (home / "killed").iterdir() if p.name.startswith(".")}
    assert left == {".lock"}
    assert list((home / "tmp").iterdir()) == []
    assert _scanning(home) == []


@pytest.mark.parametrize("who", ["runs", "scans"])
def test_files_threads_and_memory_stay_flat_over_thirty_nights(home: Path, who: str) -> None:
    counts = pl.read_parquet(home / "counts.parquet").filter(pl.col("who") == who)
    # Of files the usual number: a pipe that is open for a moment is seen or not.
    peaks = counts.group_by("night").agg(pl.median("n_files"), pl.max("n_threads"), pl.max("kilobytes"))
    print(f"\n{who}: {peaks.sort('night').rows()}")
    first, last = peaks.filter(pl.col("night") < 10), peaks.filter(pl.col("night") >= DAYS - 10)
    assert (first.height, last.height) >= (10, 10)
    assert last["n_files"].max() <= first["n_files"].max()
    assert last["n_threads"].max() <= first["n_threads"].max()
    assert last["kilobytes"].max() < 1.1 * first["kilobytes"].max()


def test_the_disk_stays_flat_over_thirty_nights(home: Path) -> None:
    twin = read_catalog(home / "twin").nights
    nights = [read_night(home / "twin", day, twin[day]) for day in sorted(twin)]
    sizes = [sum(f["n_bytes"] for f in n["files"]) for n in nights]
    assert max(sizes[-10:]) < 1.3 * max(sizes[:10])
    assert list((home / "tmp").iterdir()) == []
    lines = (home / "twin" / "log.jsonl").read_text().splitlines()
    by_night = {n: sum(json.loads(x)["night"] == n for x in lines) for n in sorted(twin)}
    assert max(by_night.values()) == min(by_night.values())


def _bytes(nights: Path) -> dict[str, str]:
    """The hash of every table of every night that holds; manifests hold times."""
    out = {}
    for day, entry in read_catalog(nights).nights.items():
        folder = folder_of(nights, day, entry.generation)
        for path in sorted(folder.rglob("*.parquet")):
            key = f"{day}/{entry.generation}/{path.relative_to(folder)}"
            out[key] = hashlib.sha256(path.read_bytes()).hexdigest()
    return out


def _scanning(home: Path) -> list[str]:
    """Processes that still scan for a run below `home`: their scratch folder is there."""
    time.sleep(0.5)
    return [
        p.name for p in Path("/proc").iterdir() if p.name.isdigit() and _scratch_of(p).startswith(str(home))
    ]


def _scratch_of(process: Path) -> str:
    try:
        environment = (process / "environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return ""
    return next((v.removeprefix("TMPDIR=") for v in environment if v.startswith("TMPDIR=")), "")


def _date(day: int) -> dt.date:
    return FIRST + dt.timedelta(days=day)
