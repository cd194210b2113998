"""The sample log, scanned again with what must not matter changed: row order, files, threads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import networkx as nx
import numpy as np
import polars as pl
import pytest
from rescanned import read, sets

from graphscan.api.null import survey_of
from graphscan.graph.survey import proposals
from graphscan.line import run_line
from graphscan.results import Scan
from graphscan.rings.find import courts, rings_of
from graphscan.rings.growth import grow
from graphscan.runs import read_frame
from graphscan.settings import Settings


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


def test_rows_delivered_twice_change_no_byte_and_are_told(sample: Path, sample_scan: Scan, scanned):
    tables = read(sample)
    twice = tables["requests"].gather_every(3)
    again = scanned({**tables, "requests": pl.concat([tables["requests"], twice, twice])})
    told = [row for row in again.manifest["set_aside"] if row["reason"] == "copy of another row"]
    assert [row["n_rows"] for row in told] == [2 * twice.height]
    assert again.manifest["counts"] == sample_scan.manifest["counts"]
    files = [p.relative_to(sample_scan.path) for p in sample_scan.path.rglob("*.parquet")]
    assert [
        str(f) for f in files if (sample_scan.path / f).read_bytes() != (again.path / f).read_bytes()
    ] == []


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
    rings = rings_of(courts(found), proposals(found, 4, 0), 10.0, 4)
    assert rings
    for ring in rings:
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
