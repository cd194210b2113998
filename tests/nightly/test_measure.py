"""What names a generation: its files, settings and decisions, and nothing that changes no ring."""

from __future__ import annotations

from pathlib import Path

from graphscan.nightly.measure import Measured, identity
from graphscan.report.exchange.journal import append
from graphscan.settings import Settings

MEASURED = Measured({"2026-03-02": 7}, {}, (("requests", "ab" * 32),))


def named(**overrides: object) -> str:
    return identity(MEASURED, Settings.load(None, **overrides))


def test_how_a_night_is_run_and_watched_names_no_other_generation(tmp_path: Path) -> None:
    assert named() == named(threads=7, memory_limit="1GB") == named(journal=str(tmp_path / "j.jsonl"))
    assert named() == named(nightly={"min_rows_share": 0.1})
    assert named() != named(seed=1) and named() != named(min_bits=12.0)


def test_a_decision_made_since_does(tmp_path: Path) -> None:
    file = tmp_path / "decisions.jsonl"
    assert named(decisions=str(file)) == named()
    append(file, {"what": "decision"})
    once = named(decisions=str(file))
    append(file, {"what": "decision"})
    assert len({named(), once, named(decisions=str(file))}) == 3
