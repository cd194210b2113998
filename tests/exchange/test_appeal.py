"""One account's packet: its own evidence, the same bytes again, and nobody else."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import polars as pl
import pytest

from graphscan.errors import RunError
from graphscan.report.appeal import appeal
from graphscan.report.exchange.journal import read_journal
from graphscan.report.exchange.release import release_packet
from graphscan.results import Scan


@pytest.fixture(scope="module")
def account(sample_scan: Scan) -> str:
    """A core member of the largest ring."""
    ring = sample_scan.ring(sample_scan.rings.sort("n_accounts")["ring_id"][-1])
    return str(ring.members.filter(pl.col("tier") == "core")["account_id"].sort()[0])


def test_a_packet_is_the_same_bytes_again_and_names_its_account(sample_scan: Scan, account: str) -> None:
    packet = appeal(sample_scan.path, account)
    assert packet == appeal(sample_scan.path, account)
    told = json.loads(packet)
    assert told["account_id"] == account and told["automated"] == {"detection": True, "decision": False}
    assert {r["ring_id"] for r in told["rings"]} == set(
        sample_scan.members.filter(pl.col("account_id") == account)["ring_id"]
    )
    assert any(e["named"] for e in told["evidence"])
    assert {e["family"] for e in told["evidence"]} >= {"network", "prompt"}


def test_packets_keep_to_the_published_schema(sample_scan: Scan) -> None:
    schema = json.loads(files("graphscan.report.exchange").joinpath("packet.schema.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    valid = jsonschema.Draft202012Validator(schema)
    for one in sample_scan.members["account_id"].unique().sort().gather_every(40):
        packet = json.loads(appeal(sample_scan.path, one))
        valid.validate(packet)
        for wrong in ({"verdict": "fraud"}, {"automated": {"detection": True, "decision": True}}):
            assert not valid.is_valid(packet | wrong)
        packet["evidence"][0]["n_members"] = 3
        assert not valid.is_valid(packet)


def test_its_evidence_is_what_it_touched_itself(sample_scan: Scan, account: str) -> None:
    requests = pl.read_parquet(
        Path(__file__).parents[2] / "data" / "sample" / "requests" / "*.parquet", hive_partitioning=False
    )
    own = set(requests.filter(pl.col("account_id") == account)["ip"])
    told = {
        e["entity"]
        for e in json.loads(appeal(sample_scan.path, account))["evidence"]
        if e["signal"] == "address"
    }
    assert told and told <= own


def test_nobody_else_is_in_it(sample_scan: Scan) -> None:
    everybody = pl.read_parquet(sample_scan.path / "touches" / "accounts.parquet")["account_id"]
    addresses = sample_scan.evidence.filter(pl.col("signal") == "address")["entity"].to_list()
    for account in sample_scan.members["account_id"].unique().sort().gather_every(40):
        packet = appeal(sample_scan.path, account).decode()
        assert [a for a in everybody if a != account and a in packet] == []
        told = json.loads(packet)
        clusters = [e for e in told["evidence"] if e["signal"] == "own cluster"]
        assert all(e["entity"] is None for e in clusters)
        touched = {e["entity"] for e in told["evidence"]}
        assert all(a in touched or a not in packet for a in addresses)
        both = [
            e
            for e in told["evidence"]
            if isinstance(e["n_accounts"], int) and isinstance(e["n_members"], int)
        ]
        assert both and not any(0 < e["n_accounts"] - e["n_members"] < 5 for e in both)
        assert not any(
            isinstance(e[n], int) and e[n] < 5 for e in told["evidence"] for n in ("n_members", "n_accounts")
        )


def test_who_is_in_no_ring_or_unknown_has_no_packet(sample_scan: Scan) -> None:
    everybody = pl.read_parquet(sample_scan.path / "touches" / "accounts.parquet")["account_id"]
    outside = next(a for a in everybody if a not in set(sample_scan.members["account_id"]))
    with pytest.raises(RunError, match="has this account in no ring"):
        appeal(sample_scan.path, outside)
    with pytest.raises(RunError, match="has no such account"):
        appeal(sample_scan.path, "nobody")


def test_a_packet_is_told_to_the_journal_first(sample_scan: Scan, account: str, tmp_path: Path) -> None:
    out, journal = tmp_path / "packet.json", tmp_path / "exports.jsonl"
    assert release_packet(sample_scan.path, account, out, journal) == out.read_bytes()
    assert [e["what"] for e in read_journal(journal)] == ["appeal"]
    assert out.stat().st_mode & 0o077 == 0
    with pytest.raises(RunError, match="is in the way"):
        release_packet(sample_scan.path, account, out, journal)
