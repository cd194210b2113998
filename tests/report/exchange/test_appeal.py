"""One account's packet: its own evidence, the same bytes again, and nobody else."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema
import polars as pl
import pytest

from graphscan.api.scan import scan
from graphscan.errors import RunError
from graphscan.report.exchange.appeal import _evidence, appeal
from graphscan.report.exchange.release import release_packet
from graphscan.report.explain import explain
from graphscan.results import Scan
from graphscan.reviews.journal import read_journal
from graphscan.settings import Settings


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


def test_what_names_another_account_stands_without_its_value() -> None:
    """A declared signal may have a counterparty and a time in one entity."""
    entities = ["acct-2", "acct-2 @2026-03-01 10:00:00", "card 7"]
    row = {"family": "direct", "signal": "paid", "n_members": 9, "n_accounts": 9, "bits": 1.0, "named": False}
    touches = pl.DataFrame([{**row, "entity": entity} for entity in entities])
    assert [e["entity"] for e in _evidence(touches, frozenset({"acct-2"}))] == [None, None, "card 7"]


def test_its_evidence_is_what_it_touched_itself(sample_scan: Scan, account: str) -> None:
    requests = pl.read_parquet(
        Path(__file__).parents[3] / "data" / "sample" / "requests" / "*.parquet", hive_partitioning=False
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


@pytest.fixture(scope="module")
def planted(
    sample: Path, sample_scan: Scan, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[str]]:
    """A run in which every account of the largest ring has secrets of its own in all that the ring shares."""
    place = tmp_path_factory.mktemp("planted")
    ring = sample_scan.ring(sample_scan.rings.sort("n_accounts")["ring_id"][-1])
    members = ring.members["account_id"].sort().to_list()
    who = pl.DataFrame({"account_id": members, "k": range(len(members))}, schema_overrides={"k": pl.Int64})
    requests = pl.read_parquet(sample / "requests" / "*.parquet", hive_partitioning=False)
    # Digits, case and marks are nothing to a fragment: the ring shares these words, not what each has in them.
    number = 700_000_000 + pl.col("k") * 7_919
    words = (
        "call desk",
        "for order",
        "of the west gate",
        "beside lamp",
        "under roof",
        "behind wall",
        "at lot",
    )
    parts = [
        part for w in words for part in (pl.lit(f"{w} ⟦"), pl.col("mark"), pl.lit("⟧ "), number, pl.lit(" "))
    ]
    secret = pl.concat_str(*parts, pl.col("prompt"))
    marks = pl.col("k").map_elements(lambda k: f"{k:08b}".replace("0", "†").replace("1", "‡"), pl.String)
    theirs = (
        requests.join(who, on="account_id", how="left", maintain_order="left")
        .with_columns(mark=marks)
        .with_columns(
            prompt=pl.when(pl.col("k").is_null()).then("prompt").otherwise(secret),
            counterparty=pl.when(pl.col("k").is_not_null()).then(pl.lit(members[0])),
        )
        .drop("k", "mark")
    )
    theirs.write_parquet(place / "requests.parquet")
    config = place / "graphscan.toml"
    config.write_text('[[declared]]\nname = "counterparty"\nfamily = "deals"\ncolumn = "counterparty"\n')
    found = scan(
        place / "requests.parquet",
        sample / "accounts.parquet",
        sample / "payments.parquet",
        settings=Settings.load(config),
        out=place / "run",
    )
    return found.path, members


def test_secrets_of_others_are_in_no_packet(planted: tuple[Path, list[str]]) -> None:
    run, members = planted
    marks = [f"{k:08b}".replace("0", "†").replace("1", "‡") for k in range(len(members))]
    for k in (0, 1, len(members) // 2, len(members) - 1):
        packet = json.loads(appeal(run, members[k]))
        shown = " ".join(explain(run, members[k]).touches["entity"])
        assert re.search(r"\b7[0-9]{8}\b", shown) and re.search("[†‡]", shown), (
            "else the packet has nothing to hide"
        )
        told = " ".join(e["entity"] or "" for e in packet["evidence"])
        assert re.search("(desk|order|gate|lamp|roof|wall|lot) #", told)
        assert not re.search(r"\b7[0-9]{8}\b|[†‡]", told)
        everything = json.dumps(packet, ensure_ascii=False)
        assert not [m for m in (*marks, *(m for m in members if m != members[k])) if m in everything]
        deals = [e for e in packet["evidence"] if e["signal"] == "counterparty"]
        assert [e["entity"] for e in deals] == [members[0] if k == 0 else None]


def test_a_packet_is_rebuilt_in_another_process_from_another_place(
    sample_scan: Scan, account: str, tmp_path: Path
) -> None:
    """Whatever the threads and the seed of hashes, and whatever else was made of the run since."""
    run = shutil.copytree(sample_scan.path, tmp_path / "moved")
    (tmp_path / "moved-null").mkdir()
    code = "import sys, pathlib; from graphscan.report.exchange.appeal import appeal; "
    code += "sys.stdout.buffer.write(appeal(pathlib.Path(sys.argv[1]), sys.argv[2]))"
    for threads, seed in (("1", "1"), ("2", "77")):
        environment = {
            **os.environ,
            "POLARS_MAX_THREADS": threads,
            "PYTHONHASHSEED": seed,
            "TZ": "Asia/Tokyo",
        }
        built = subprocess.check_output([sys.executable, "-c", code, str(run), account], env=environment)
        assert built == appeal(sample_scan.path, account)


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
