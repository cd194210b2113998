"""What a reviewer allowed ties nobody in the next scan, exactly: as if the log had said nothing there."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from graphscan.api.scan import scan
from graphscan.errors import RunError
from graphscan.results import Scan
from graphscan.reviews.allowed import named_entities
from graphscan.reviews.decisions import allowed_by, decide, decisions_on, read_decisions
from graphscan.runs import read_frame
from graphscan.runs.folder import read_run

RING = "ring-0002"
"""A ring of the sample with three families and more."""

DAY = dt.date(2026, 3, 5)


@pytest.fixture(scope="module")
def decisions(sample_scan: Scan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("review") / "decisions.jsonl"
    decide(sample_scan.path, read_run(sample_scan.path), RING, "allow", "our own batch", None, file)
    return file


@pytest.fixture(scope="module")
def again(sample: Path, decisions: Path, tmp_path_factory: pytest.TempPathFactory) -> Scan:
    """The sample scanned with the decisions."""
    return scan(
        sample / "requests" / "*.parquet",
        sample / "accounts.parquet",
        sample / "payments.parquet",
        out=tmp_path_factory.mktemp("again") / "run",
        decisions=str(decisions),
    )


def test_the_entities_are_those_of_the_evidence_and_their_doubles(sample_scan: Scan) -> None:
    """An own cluster names none; a fragment is told by its words there and by its hash here."""
    folder = read_run(sample_scan.path)
    named = named_entities(sample_scan.path, folder, RING)
    rows = [r for r in folder.rows("evidence", RING) if r["signal"] not in ("price", "own cluster")]
    assert len(rows) > 5
    for row in rows:
        entities = read_frame(sample_scan.path, f"touches/{row['family']}/entities")
        stored = set(entities.select("signal", "entity").iter_rows()) & named
        if not row["signal"].endswith("_fragment"):
            assert (row["signal"], row["entity"].split(" (and ")[0]) in stored
        else:
            assert any(signal == row["signal"] for signal, _ in stored)
    assert len(named) >= len(rows)


def test_what_is_allowed_ties_nobody_and_all_else_is_as_before(
    sample_scan: Scan, again: Scan, decisions: Path
) -> None:
    (decision,) = read_decisions(decisions)
    assert decision.named
    for folder in sorted((sample_scan.path / "touches").iterdir()):
        if folder.is_dir():
            both = [
                read_frame(run, f"touches/{folder.name}/incidences").join(
                    read_frame(run, f"touches/{folder.name}/entities")
                    .with_row_index("at")
                    .select(pl.col("at").cast(pl.Int32), "signal", name="entity"),
                    left_on="entity",
                    right_on="at",
                )
                for run in (sample_scan.path, again.path)
            ]
            keys = ["account", "signal", "name", "cap"]
            before, after = (set(rows.select(keys).iter_rows()) for rows in both)
            assert after == {r for r in before if (r[1], r[2]) not in decision.named}
    counts = {s: sum(1 for signal, _ in decision.named if signal == s) for s, _ in decision.named}
    assert again.manifest["allowed"] == dict(sorted(counts.items()))
    assert "Left out as allowed by reviewers" in again.report.read_text(encoding="utf-8")


def test_the_ring_is_shown_with_its_decision_or_is_gone(again: Scan, decisions: Path) -> None:
    folder = read_run(again.path)
    (decision,) = read_decisions(decisions)
    known = [r for r in folder.rings["ring_id"] if decisions_on((decision,), folder, r)]
    still = [r for r in again.rings["ring_id"] if decision.core & set(again.ring(r).members["account_id"])]
    assert known == still
    for ring_id in known:
        page = (again.path / "report" / f"{ring_id}.html").read_text(encoding="utf-8")
        assert "our own batch" in page


def test_a_later_decision_takes_it_back_and_a_day_ends_it(sample_scan: Scan, tmp_path: Path) -> None:
    run, file = sample_scan.path, tmp_path / "decisions.jsonl"
    decide(run, read_run(run), RING, "allow", "a class", DAY, file)
    allowed = allowed_by(read_decisions(file), DAY)
    assert sum(map(len, allowed.values())) == len(read_decisions(file)[0].named) > 0
    assert allowed_by(read_decisions(file), DAY + dt.timedelta(days=1)) == {}
    decide(run, read_run(run), RING, "confirm", "no class after all", None, file)
    assert allowed_by(read_decisions(file), DAY) == {}


def test_a_decision_on_an_account_allows_no_entity(sample_scan: Scan, tmp_path: Path) -> None:
    run, file = sample_scan.path, tmp_path / "decisions.jsonl"
    folder = read_run(run)
    decide(run, folder, folder.rows("members", RING)[0]["account_id"], "allow", "known to us", None, file)
    assert allowed_by(read_decisions(file), DAY) == {}


def test_a_file_that_was_edited_stops_the_scan_before_it_reads_anything(
    decisions: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "decisions.jsonl"
    broken.write_bytes(decisions.read_bytes().replace(b"our own batch", b"somebody else"))
    broken.write_bytes(broken.read_bytes() * 2)
    with pytest.raises(RunError, match="line 2: does not follow"):
        scan("no-such-log.parquet", decisions=str(broken))
