"""Decisions: kept with their history, and found again when the ring comes up under another name."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import polars as pl
import pytest
from run_folder import write_run_folder

from graphscan.errors import RunError
from graphscan.results import Scan
from graphscan.reviews.decisions import decide, decisions_on, key_of, read_decisions
from graphscan.reviews.journal import append
from graphscan.runs.folder import read_run

UNTIL = dt.date(2027, 6, 30)


@pytest.fixture
def next_night(sample_scan: Scan, tmp_path: Path) -> Path:
    """The same run with its rings under other names."""
    run = tmp_path / "next"
    shutil.copytree(sample_scan.path, run)
    for name in ("rings", "members", "evidence", "pairs", "templates", "timeline", "activity"):
        frame = pl.read_parquet(run / f"{name}.parquet")
        frame.with_columns(pl.col("ring_id").str.replace("ring-0", "ring-9")).write_parquet(
            run / f"{name}.parquet"
        )
    return run


def test_a_ring_that_comes_up_under_another_name_is_shown_with_its_decision(
    sample_scan: Scan, next_night: Path, tmp_path: Path
) -> None:
    file = tmp_path / "decisions.jsonl"
    run = sample_scan.path
    decide(run, read_run(run), "ring-0001", "allow", "a class, says its teacher", UNTIL, file)
    decide(run, read_run(run), "ring-0001", "reject", "no class after all", None, file)
    folder = read_run(next_night)
    found = decisions_on(read_decisions(file), folder, "ring-9001")
    assert [(d.verb, d.reason, d.ring_id, d.until) for d in found] == [
        ("reject", "no class after all", "ring-0001", None),
        ("allow", "a class, says its teacher", "ring-0001", UNTIL),
    ]
    others = [r for r in folder.rings["ring_id"] if r != "ring-9001"]
    assert [decisions_on(read_decisions(file), folder, r) for r in others] == [()] * len(others)
    assert found[1].holds(UNTIL) and not found[1].holds(UNTIL + dt.timedelta(days=1))


@pytest.mark.parametrize(("kept", "is_found"), [("evidence", True), ("members", True), ("", False)])
def test_either_the_entities_or_the_core_are_enough(
    sample_scan: Scan, next_night: Path, tmp_path: Path, kept: str, is_found: bool
) -> None:
    """An operator who replaces every account keeps the name, and so does one who replaces the template."""
    file = tmp_path / "decisions.jsonl"
    decide(sample_scan.path, read_run(sample_scan.path), "ring-0001", "confirm", "why", None, file)
    for name, column in (("evidence", "entity"), ("members", "account_id")):
        if name != kept:
            path = next_night / f"{name}.parquet"
            pl.read_parquet(path).with_columns(pl.col(column) + "*").write_parquet(path)
    assert bool(decisions_on(read_decisions(file), read_run(next_night), "ring-9001")) == is_found


def test_a_decision_on_an_account_is_shown_with_its_ring(sample_scan: Scan, tmp_path: Path) -> None:
    file, run = tmp_path / "decisions.jsonl", sample_scan.path
    folder = read_run(run)
    account = folder.rows("members", "ring-0001")[0]["account_id"]
    made = decide(run, folder, account, "reject", "a victim: keys were stolen", None, file)
    assert (made.account_id, made.ring_id) == (account, "ring-0001")
    (found,) = decisions_on(read_decisions(file), folder, "ring-0001")
    assert found == made
    assert decisions_on(read_decisions(file), folder, "ring-0002") == ()


def test_no_ring_is_known_by_its_own_clusters(sample_scan: Scan) -> None:
    entities, core = key_of(read_run(sample_scan.path), "ring-0001")
    assert entities and core and "own cluster" not in {signal for signal, _ in entities}


def test_what_cannot_be_decided(sample_scan: Scan, tmp_path: Path) -> None:
    run, file = sample_scan.path, tmp_path / "decisions.jsonl"
    folder = read_run(run)
    with pytest.raises(RunError, match="has no such ring or account: got nobody"):
        decide(run, folder, "nobody", "confirm", "why", None, file)
    with pytest.raises(RunError, match="--reason: is empty"):
        decide(run, folder, "ring-0001", "confirm", "  ", None, file)
    assert not file.exists() and read_decisions(file) == ()
    append(file, {"what": "export"})
    with pytest.raises(RunError, match="line 1: is no decision"):
        read_decisions(file)


def test_errors_of_the_file_say_decisions_and_how_to_name_another(tmp_path: Path) -> None:
    run = write_run_folder(tmp_path / "run", {"ring-0001": 8})
    words = (run, read_run(run), "ring-0001", "confirm", "why", None)
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError) as unwritable:
        decide(*words, tmp_path / "file" / "decisions.jsonl")
    assert str(unwritable.value).endswith(
        "expected a file of decisions\nhint: nothing was decided; give --decisions a place that can be written"
    )
    file = tmp_path / "decisions.jsonl"
    decide(*words, file)
    decide(*words, file)
    whole = file.read_bytes()
    broken = {"no chain": b"{}\n" + whole, "half a line": whole[:-1], "shorter": whole.splitlines(True)[0]}
    told = []
    for content in broken.values():
        file.write_bytes(content)
        with pytest.raises(RunError) as caught:
            read_decisions(file)
        told.append(str(caught.value))
    file.unlink()
    file.mkdir()
    with pytest.raises(RunError) as unreadable:
        read_decisions(file)
    for text in (*told, str(unreadable.value)):
        assert "--decisions" in text and "journal" not in text and "export" not in text
