"""Real sets, where they are beside the project: each is scanned under its own settings and compared with its
labels.

The figures are printed (`pytest -m slow -s tests/real`). What is asserted is less than what was measured: a
tool that finds nothing, or accuses a crowd, fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

import graphscan
from graphscan.lab.evaluate import Evaluation
from graphscan.results import Scan

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
DATA = ROOT.parent / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real sets are not beside the project")


@dataclass(frozen=True)
class Found:
    scan: Scan
    evaluation: Evaluation | None

    def told(self) -> str:
        """The scan and its figures, for whoever reads the test's output."""
        e = self.evaluation
        figures = {k: v if v is None else round(v, 3) for k, v in e.numbers().items()} if e else "no labels"
        return f"\n{self.scan!r}\n{figures}"


def scanned(name: str, labels: str | None, monkeypatch: pytest.MonkeyPatch) -> Found:
    """The set under its settings, whose paths are relative to the project's folder."""
    monkeypatch.chdir(ROOT)
    scan = graphscan.scan(config=HERE / f"{name}.toml")
    found = Found(scan, graphscan.evaluate(scan, DATA / labels) if labels else None)
    print(found.told())
    return found


def test_another_projects_log_is_read_through_a_column_map(monkeypatch: pytest.MonkeyPatch) -> None:
    found = scanned("glasswally", "glasswally_synthetic/labels.parquet", monkeypatch)
    assert found.scan.manifest["counts"] == {"requests": 5000, "accounts": 231}
    labels = pl.read_parquet(DATA / "glasswally_synthetic/labels.parquet").filter(pl.col("label") == 1)
    assert set(found.scan.members["account_id"]) == set(labels["account_id"])


@pytest.mark.slow
def test_airdrop_rings_are_found_by_what_accounts_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    found = scanned("hop_airdrop", "hop_airdrop/labels_dev.parquet", monkeypatch)
    assert found.evaluation is not None
    assert (found.evaluation.precision or 0) >= 0.92
    assert (found.evaluation.recall or 0) >= 0.4
    # The component that joins 7,423 candidates by chance is no ring.
    assert found.scan.rings["n_accounts"].max() < 2000  # type: ignore[operator]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ira_tweets", "ira_tweets_matched"])
def test_troll_rings_are_pure(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = scanned(name, "ira_vs_ordinary/labels_dev.parquet", monkeypatch)
    assert found.evaluation is not None
    assert found.evaluation.n_review >= 10
    assert (found.evaluation.precision or 0) >= 0.95


@pytest.mark.slow
def test_retweets_alone_are_one_family_and_certify_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = scanned("coortweet_russian", None, monkeypatch)
    assert found.scan.rings.is_empty()
    assert any("two families must agree" in limit for limit in found.scan.manifest["cannot_find"])


@pytest.mark.slow
def test_posts_of_five_platforms_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    found = scanned("coortweet_german", None, monkeypatch)
    assert found.scan.manifest["counts"] == {"requests": 218971, "accounts": 58317}
    assert set(found.scan.rings["triage"]) <= {"review", "watch", "explained"}
