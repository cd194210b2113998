"""`export`, `appeal` and `decide` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from graphscan.cli import app
from graphscan.errors import RunError, SettingsError
from graphscan.report.exchange.pseudonyms import KEY_VARIABLE
from graphscan.results import Scan


def run_command(*words: str | Path) -> str:
    result = CliRunner().invoke(app, [str(w) for w in words], catch_exceptions=False)
    if result.exception:
        raise result.exception
    return result.stdout


def test_an_export_to_a_partner(sample_scan: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "k" * 32)
    words = ("export", sample_scan.path, "--journal", tmp_path / "j.jsonl", "--ring", "ring-0002", "--format")
    told = run_command(*words, "json", "--out", tmp_path / "a", "--json")
    assert [Path(p).name for p in json.loads(told)["files"]] == ["findings.json", "findings.schema.json"]
    document = json.loads((tmp_path / "a" / "findings.json").read_bytes())
    assert document["level"] == "partner" and [r["ring_id"] for r in document["rings"]] == ["ring-0002"]
    with pytest.raises(SettingsError, match="--format: is unknown: got jsn") as e:
        run_command(*words, "jsn", "--out", tmp_path / "b")
    assert e.value.hint == "did you mean json?"
    with pytest.raises(
        SettingsError, match="--level: is unknown: got all; expected internal, partner, public"
    ):
        run_command(*words, "json", "--out", tmp_path / "b", "--level", "all")
    monkeypatch.delenv(KEY_VARIABLE)
    with pytest.raises(RunError, match=f"{KEY_VARIABLE}: is no key for pseudonyms"):
        run_command(*words, "json", "--out", tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_an_appeal_is_printed_or_written(sample_scan: Scan, tmp_path: Path) -> None:
    account = sample_scan.members["account_id"][0]
    words = ("appeal", sample_scan.path, account, "--journal", tmp_path / "j.jsonl")
    printed = run_command(*words)
    told = run_command(*words, "--out", tmp_path / "packet.json", "--json")
    assert json.loads(told) == {"packet": str(tmp_path / "packet.json")}
    assert (tmp_path / "packet.json").read_text() == printed


def test_a_decision_ends_on_its_day(sample_scan: Scan, tmp_path: Path) -> None:
    words = ("decide", "ring-0001", "allow", "--run", sample_scan.path, "--reason", "a class")
    words = (*words, "--decisions", tmp_path / "d.jsonl")
    assert run_command(*words, "--until", "2027-06-30").startswith("allow: ring-0001, until 2027-06-30, by ")
    with pytest.raises(SettingsError, match="--until: is no date"):
        run_command(*words, "--until", "soon")
    assert len((tmp_path / "d.jsonl").read_text().splitlines()) == 1
    with pytest.raises(SettingsError, match="--decisions: is missing"):
        run_command(*words[:7])
