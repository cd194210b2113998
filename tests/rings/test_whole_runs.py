"""The sample log, scanned again with what must not matter changed: row order, files, threads, names, strangers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import numpy as np
import polars as pl
import pytest

from graphscan.graph.survey import proposals
from graphscan.line import run_line
from graphscan.nulls import survey_of
from graphscan.results import Scan
from graphscan.rings.find import courts, rings_of
from graphscan.rings.growth import grow
from graphscan.runs import read_frame
from graphscan.settings import Settings


def read(sample: Path) -> dict[str, pl.DataFrame]:
    """The sample's three tables."""
    return {
        "requests": pl.read_parquet(sample / "requests" / "*.parquet"),
        "accounts": pl.read_parquet(sample / "accounts.parquet"),
        "payments": pl.read_parquet(sample / "payments.parquet"),
    }


@pytest.fixture
def scanned(tmp_path: Path) -> Callable[..., Scan]:
    """scanned(tables, n_files=1, threads=2): the run of these frames."""

    def run(tables: dict[str, pl.DataFrame], n_files: int = 1, threads: int = 2) -> Scan:
        given = {}
        for name, rows in tables.items():
            folder = tmp_path / name
            folder.mkdir()
            for part in range(n_files):
                rows.gather_every(n_files, part).write_parquet(folder / f"{n_files - part}.parquet")
            given[name] = str(folder / "*.parquet")
        run_line(Settings.load(None, **given, threads=threads), tmp_path / "run")
        return Scan.read(tmp_path / "run")

    return run


def sets(scan: Scan, names: dict[str, str] | None = None) -> dict[frozenset[str], str]:
    """Members → triage of every ring, by the accounts' first names."""
    members = scan.members
    if names is not None:
        members = members.with_columns(pl.col("account_id").replace_strict(names))
    joined = members.join(scan.rings.select("ring_id", "triage"), on="ring_id")
    return {frozenset(part["account_id"]): part["triage"][0] for _, part in joined.group_by("ring_id")}


def moved(before: dict[frozenset[str], str], after: dict[frozenset[str], str]) -> list[tuple[str, int, int]]:
    """For each ring that changed: triage, its size, and how many accounts it lost or won against the nearest one."""
    out = []
    for ring, triage in sorted(before.items(), key=lambda r: (-len(r[0]), sorted(r[0]))):
        nearest = max(after, key=lambda other, ring=ring: len(other & ring) / len(other | ring))
        if nearest != ring or after[nearest] != triage:
            out.append((triage, len(ring), len(nearest ^ ring)))
    print(f"{len(out)} of {len(before)} rings changed (triage, accounts, accounts moved): {out}")
    return out


def test_row_order_files_and_threads_change_no_byte(sample: Path, sample_scan: Scan, scanned):
    shuffled = {name: rows.sample(fraction=1.0, shuffle=True, seed=5) for name, rows in read(sample).items()}
    again = scanned(shuffled, n_files=3, threads=1)
    files = sorted(p.relative_to(sample_scan.path) for p in sample_scan.path.rglob("*.parquet"))
    assert len(files) >= 12
    assert files == sorted(p.relative_to(again.path) for p in again.path.rglob("*.parquet"))
    differing = [
        str(f) for f in files if (sample_scan.path / f).read_bytes() != (again.path / f).read_bytes()
    ]
    assert differing == []


@pytest.mark.parametrize(
    "seed", [3, pytest.param(4, marks=pytest.mark.slow), pytest.param(5, marks=pytest.mark.slow)]
)
def test_names_of_the_accounts_change_no_ring_in_review(sample: Path, sample_scan: Scan, scanned, seed: int):
    """New names draw each account's random order of requests anew: what the caps show is another sample.

    A crowd of ten whose bits are near the threshold may come or go with that, by tens of bits; a ring may win or lose
    an account that stands at the threshold of growth.
    """
    tables = read(sample)
    ids = sorted(set().union(*(t["account_id"].to_list() for t in tables.values())))
    order = np.random.default_rng(seed).permutation(len(ids))
    new = {old: f"x{order[i]:06d}" for i, old in enumerate(ids)}
    renamed = scanned(
        {n: t.with_columns(pl.col("account_id").replace_strict(new)) for n, t in tables.items()}
    )
    before, after = sets(sample_scan), sets(renamed, {b: a for a, b in new.items()})
    changed = [(size, n) for triage, size, n in moved(before, after) if triage == "review"]
    assert all(size >= 30 and n == 1 for size, n in changed)
    assert [t for t in after.values() if t == "review"] == [t for t in before.values() if t == "review"]


def strangers(n: int) -> dict[str, pl.DataFrame]:
    """Customers that share nothing with anybody: their own words, addresses, cards, sign-ups all over the year."""
    rng = np.random.default_rng(8)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    start = dt.datetime(2026, 3, 2)  # noqa: DTZ001 - the sample's first day, in UTC
    requests, accounts, payments = [], [], []
    for i in range(n):
        account = f"stranger{i:05d}"
        created = start - dt.timedelta(minutes=int(rng.integers(1, 500_000)))
        accounts.append((account, created, f"mail{i}.test"))
        payments.append((account, f"own-card-{i}"))
        for _ in range(int(rng.integers(1, 12))):
            words = " ".join("".join(rng.choice(letters, 7)) for _ in range(12))
            at = start + dt.timedelta(seconds=int(rng.integers(0, 5 * 86_400)))
            requests.append((account, at, words, f"10.{i // 250}.{i % 250}.9"))
    return {
        "requests": pl.DataFrame(requests, ["account_id", "ts", "prompt", "ip"], orient="row"),
        "accounts": pl.DataFrame(accounts, ["account_id", "created_at", "email_domain"], orient="row"),
        "payments": pl.DataFrame(payments, ["account_id", "payment_fingerprint"], orient="row"),
    }


def test_strangers_change_no_ring(sample: Path, sample_scan: Scan, scanned):
    """A ring of 30 or more, or a crowd, may win or lose one account that stands at a threshold; no more."""
    more = strangers(300)
    tables = {
        n: pl.concat([t, more[n].cast({c: t.schema[c] for c in more[n].columns})], how="diagonal")
        for n, t in read(sample).items()
    }
    before, after = sets(sample_scan), sets(scanned(tables))
    assert len(after) == len(before)
    assert all(n == 1 and (triage != "review" or size >= 30) for triage, size, n in moved(before, after))
    assert not any(a.startswith("stranger") for ring in after for a in ring)


def test_a_log_in_which_no_address_is_known_has_no_network_and_still_rings(
    sample: Path, sample_scan: Scan, scanned
):
    tables = read(sample)
    tables["requests"] = tables["requests"].with_columns(ip=pl.lit(None, pl.String))
    blind = scanned(tables)
    off = {s["name"]: s["why_off"] for s in blind.manifest["signals"] if not s["on"]}
    assert off["address"] == off["subnet"] == "no column ip"
    assert "network" not in set(blind.evidence["family"])
    review = [ring for ring, triage in sets(sample_scan).items() if triage == "review"]
    found = sets(blind)
    best = [max(len(r & f) / len(r | f) for f in found) for r in review]
    assert sorted(best)[1] > 0.7


def test_what_a_run_stores_is_what_its_rings_were_found_in(sample_scan: Scan):
    found = survey_of(sample_scan.path)
    rings = rings_of(courts(found), proposals(found, 4, 0), 10.0, 4)
    told = sample_scan.rings.sort("bits", descending=True)
    assert [v.members.size for v in rings] == told["n_accounts"].to_list()
    assert [v.bits for v in rings] == pytest.approx(told["bits"].to_list(), abs=1e-5)


def test_every_ring_is_in_one_piece(sample_scan: Scan):
    """Through the entities that describe it each member is tied to each: no ring is a heap of crowds."""
    found = survey_of(sample_scan.path)
    for ring in rings_of(courts(found), proposals(found, 4, 0), 10.0, 4):
        ties = nx.Graph()
        ties.add_nodes_from(ring.members.tolist())
        for family, told in ring.best.items():
            rows = told.view.rows
            for e in told.entities.tolist():
                users = np.intersect1d(rows.users[rows.eptr[e] : rows.eptr[e + 1]], ring.members)
                ties.add_edges_from((int(u), (family, e)) for u in users)
        assert nx.is_connected(ties)


@pytest.mark.parametrize(
    "seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)]
)
def test_heavy_use_alone_is_no_evidence(sample: Path, scanned, seed: int):
    """Every column shuffled, heavy accounts staying heavy: no ring, and the most active know nothing of each other.

    The most active 0.1 to 10 % of the accounts, their random halves, and what grows from either: below zero, each.
    """
    rng = np.random.default_rng(seed)
    shuffled = {}
    for name, rows in read(sample).items():
        order = {c: rng.permutation(rows.height) for c in rows.columns if c != "account_id"}
        shuffled[name] = rows.with_columns(rows[c][o] for c, o in order.items())
    scan = scanned(shuffled)
    assert scan.rings.is_empty()
    both = courts(survey_of(scan.path))
    n_requests = read_frame(scan.path, "touches/accounts")["n_requests"].to_numpy()
    order = np.argsort(-n_requests, kind="stable").astype(np.int32)
    for share in (0.002, 0.005, 0.01, 0.03, 0.1):
        most = order[: max(4, int(share * order.size))]
        for members in (np.sort(most), np.sort(rng.choice(most, max(2, most.size // 2), replace=False))):
            assert both.certify.judge(members).bits < 0
            for court in (both.growth, both.certify):
                assert both.certify.judge(grow(court, members).members).bits < 0
