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
from graphscan.lab.agreement import Evaluation
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
def test_no_ordinary_account_is_accused_beside_trolls(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trolls are not found: what they post is one family, and the times of their own words say nothing.

    Forty of one kind are described by 103 bits, where their list costs 283. Until requests without a value were left
    out of declared windows, their times stood in both families, and rings were found by that alone.
    """
    found = scanned(name, "ira_vs_ordinary/labels_dev.parquet", monkeypatch)
    assert found.evaluation is not None
    assert found.evaluation.n_review == 0


@pytest.mark.slow
def test_retweets_alone_are_one_family_and_certify_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = scanned("coortweet_russian", None, monkeypatch)
    assert found.scan.rings.is_empty()
    assert any("two families must agree" in limit for limit in found.scan.manifest["cannot_find"])


@pytest.mark.slow
def test_posts_of_a_campaign_are_no_giant_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Evenings of debates and of the vote, when everybody posts at once, make no ring: times are one family."""
    found = scanned("coortweet_german", None, monkeypatch)
    assert found.scan.manifest["counts"] == {"requests": 194694, "accounts": 58317}  # copies left out
    assert set(found.scan.rings["triage"]) <= {"review", "watch", "explained"}
    assert found.scan.members.height <= 58


@pytest.mark.slow
def test_posts_with_their_times_exchanged_make_no_ring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = pl.read_parquet(DATA / "coortweet_german/events.parquet")
    empty = pl.all_horizontal(pl.col("url_id", "hashtag_id", "domain_id", "phash_id").is_null())
    posts.with_columns(
        pl.col("ts").shuffle(seed=1), carries_nothing=pl.when(empty).then("platform")
    ).write_parquet(tmp_path / "posts.parquet")
    monkeypatch.chdir(ROOT)
    shuffled = graphscan.scan(tmp_path / "posts.parquet", config=HERE / "coortweet_german.toml")
    assert shuffled.manifest["counts"]["accounts"] == 58317
    assert shuffled.rings.is_empty()
