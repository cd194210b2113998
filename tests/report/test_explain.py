"""Why accounts are in a ring, or tied: checked against counts made by hand from the log itself."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import polars as pl
import pytest

from graphscan.api.scan import scan
from graphscan.errors import RunError
from graphscan.report.explain import TOUCHES, explain
from graphscan.results import Scan

N = 1926


def two_of(scan: Scan, ring_id: str) -> tuple[str, str]:
    first, second = scan.ring(ring_id).members["account_id"][:2]
    return str(first), str(second)


def log2_choose(n: int, k: int) -> float:
    return math.log2(math.comb(n, k))


def test_a_member_is_explained_by_what_it_shares_with_the_ring(sample_scan: Scan, sample: Path) -> None:
    account, _ = two_of(sample_scan, "ring-0002")
    told = explain(sample_scan.path, account)
    assert told.ring_id == "ring-0002"
    own = sample_scan.ring("ring-0002").members.row(0, named=True)
    row = told.accounts.row(0, named=True)
    assert {k: row[k] for k in ("account_id", "tier", "bits", "n_requests")} == {
        k: own[k] for k in ("account_id", "tier", "bits", "n_requests")
    }
    requests = pl.read_parquet(sample / "requests" / "*.parquet")
    members = set(sample_scan.ring("ring-0002").members["account_id"])
    addresses = told.touches.filter(pl.col("signal") == "address")
    assert addresses.height
    for touched in addresses.to_dicts():
        users = set(requests.filter(pl.col("ip") == touched["entity"])["account_id"])
        assert account in users
        u, m, n = len(users), len(users & members), len(members)
        assert (touched["n_accounts"], touched["n_members"], touched["n_given"]) == (u, m, 1)
        wanted = log2_choose(N, n) - log2_choose(u, m) - log2_choose(N - u, n - m)
        assert touched["bits"] == pytest.approx(wanted, abs=1e-4)


def test_named_entities_are_rows_of_the_evidence(sample_scan: Scan) -> None:
    ring = sample_scan.ring("ring-0002")
    told = explain(sample_scan.path, *ring.members["account_id"])
    named = told.touches.filter("named")
    evidence = ring.evidence.filter(pl.col("step").is_not_null() & (pl.col("signal") != "own cluster"))
    said = {text.partition(" (and ")[0] for text in evidence["entity"]}
    assert set(named["entity"]) == said
    assert (named["n_given"] == named["n_members"]).all()
    assert (told.touches["n_members"] <= ring.members.height).all()


def test_fragments_are_told_in_words(sample_scan: Scan) -> None:
    told = explain(sample_scan.path, *two_of(sample_scan, "ring-0002"))
    fragments = told.touches.filter(pl.col("signal") == "prompt_fragment")
    assert fragments["entity"].str.starts_with("“").mean() > 0.5


def test_client_strings_are_told_beside_the_evidence_and_are_none(sample_scan: Scan, sample: Path) -> None:
    told = explain(sample_scan.path, two_of(sample_scan, "ring-0002")[0])
    requests = pl.read_parquet(sample / "requests" / "*.parquet")
    members = set(sample_scan.ring("ring-0002").members["account_id"])
    users = dict(requests.group_by("user_agent").agg(pl.col("account_id").unique()).iter_rows())
    assert told.context.height and told.context["n_alike"].is_sorted(descending=True)
    for signal, client, n, share, everybody in told.context.iter_rows():
        assert signal == "client"
        assert n == len(members & set(users[client])) > 1
        assert share == pytest.approx(n / len(members))
        assert everybody == pytest.approx(len(users[client]) / N)
    assert "context" not in {*told.touches["family"], *sample_scan.evidence["family"]}
    assert not (sample_scan.path / "touches" / "context").exists()
    assert {s["name"]: s["family"] for s in sample_scan.manifest["signals"] if s["on"]}["client"] == "context"


def test_accounts_of_two_rings_have_none_in_common(sample_scan: Scan) -> None:
    one, _ = two_of(sample_scan, "ring-0001")
    other, _ = two_of(sample_scan, "ring-0002")
    told = explain(sample_scan.path, one, other)
    assert told.ring_id is None
    rings = dict(told.accounts.select("account_id", "ring_id").iter_rows())
    assert rings == {one: "ring-0001", other: "ring-0002"}
    assert (told.touches["n_given"] == 2).all()
    for touched in told.touches.to_dicts():
        u = touched["n_accounts"]
        assert touched["bits"] == pytest.approx(log2_choose(N, 2) - log2_choose(u, 2), abs=1e-4)


def test_an_account_in_no_ring_is_told_by_what_others_touched_too(sample_scan: Scan) -> None:
    innocent = read_innocent(sample_scan)
    told = explain(sample_scan.path, innocent)
    assert told.ring_id is None
    assert told.accounts.row(0) == (innocent, told.accounts["n_requests"][0], None, None, None, None)
    assert told.touches.height and told.touches["bits"].null_count() == told.touches.height
    assert (told.touches["n_accounts"] >= 2).all()


def read_innocent(scan: Scan) -> str:
    """An account of no ring that shares something."""
    in_rings = set(scan.members["account_id"])
    incidences = pl.read_parquet(scan.path / "touches" / "network" / "incidences.parquet")
    ids = pl.read_parquet(scan.path / "touches" / "accounts.parquet")["account_id"]
    return next(a for a in ids.gather(incidences["account"].unique().sort()) if a not in in_rings)


def test_most_bits_first_and_json_holds_it(sample_scan: Scan) -> None:
    told = explain(sample_scan.path, *two_of(sample_scan, "ring-0001"))
    assert told.touches["bits"].is_sorted(descending=True)
    assert told.touches.schema == pl.Schema(TOUCHES)
    assert len(told.as_dict()["touches"]) == told.touches.height


def test_an_unknown_account_is_an_error(sample_scan: Scan) -> None:
    with pytest.raises(
        RunError, match=r"has no such account: got 00123; expected some of the 1,926 accounts"
    ) as e:
        explain(sample_scan.path, "00123")
    assert "00123 and 123 are two accounts" in e.value.hint
    with pytest.raises(RunError, match="got none; expected"):
        explain(sample_scan.path)


def test_an_account_that_shares_nothing_is_told_so(tmp_path: Path) -> None:
    log = pl.DataFrame({"account_id": ["alone"], "ts": [dt.datetime(2026, 11, 20)]})  # noqa: DTZ001
    log.write_parquet(tmp_path / "log.parquet")
    found = scan(requests=str(tmp_path / "log.parquet"), out=tmp_path / "run", progress=False)
    told = explain(found.path, "alone")
    assert told.accounts["account_id"].to_list() == ["alone"]
    assert told.touches.is_empty()
