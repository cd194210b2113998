"""Bits of a ring are the sum of its evidence rows; who knows only the published counts finds each again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from made import court_of, incidences, plain_strata
from verifier import verified

from graphscan.graph.rows import Incidences
from graphscan.graph.strata import Strata
from graphscan.graph.survey import Survey, survey
from graphscan.results import Scan
from graphscan.rings.certificate import Courts, Verdict
from graphscan.rings.evidence import (
    CERTIFICATES,
    Names,
    certificate_rows,
    evidence_rows,
    held,
    neighbours,
    standing,
)
from graphscan.rings.find import courts
from graphscan.rings.tables import ring_tables

RING = list(range(30))
N_ACCOUNTS = 600


def _world() -> tuple[Survey, Strata]:
    """A ring of 30 that shares ten fragments and five addresses under caps, and six cards; the rest by chance."""
    rng = np.random.default_rng(3)
    chance = [sorted(rng.choice(N_ACCOUNTS, 4, replace=False).tolist()) for _ in range(300)]
    prompts = [sorted(set(RING[i % 3 :]) | set(rng.choice(N_ACCOUNTS, 8).tolist())) for i in range(10)]
    addresses = [RING[6 * i : 6 * i + 6] for i in range(5)]
    cards = [RING[5 * i : 5 * i + 5] for i in range(6)] + [[a, a + 1] for a in range(30, 400, 2)]
    families = [
        incidences(prompts + chance[:150], N_ACCOUNTS, "prompt", rng.integers(2, 5, 160).tolist()),
        incidences(addresses + chance[150:], N_ACCOUNTS, "network", rng.integers(2, 5, 155).tolist()),
        incidences(cards, N_ACCOUNTS, "payment"),
    ]
    strata = plain_strata(rng.integers(4, 80, N_ACCOUNTS).tolist(), n_caps=3)
    return survey(families, strata), strata


@pytest.fixture(scope="module")
def both() -> Courts:
    return courts(_world()[0])


@pytest.fixture(scope="module")
def verdict(both: Courts) -> Verdict:
    return both.certify.judge(np.array(RING, np.int32))


@pytest.fixture(scope="module")
def names(both: Courts) -> dict[str, Names]:
    n = {f: int(views[0].fold.size) for f, views in both.certify.views.items()}
    return {f: _names(f"{f} signal", f, k) for f, k in n.items()}


def _names(signal: str, family: str, n: int) -> Names:
    return Names(pl.DataFrame({"signal": [signal] * n, "entity": [f"{family} {e}" for e in range(n)]}))


def test_rows_add_up_to_the_bits(both: Courts, verdict: Verdict, names: dict[str, Names]):
    rows = list(evidence_rows("ring-0001", verdict, both.certify, names))
    assert verdict.bits > 100.0
    assert sum(r["bits"] for r in rows) == pytest.approx(verdict.bits, abs=1e-6)
    by_family = pl.DataFrame(rows).group_by("family").agg(pl.col("bits").sum())
    for family, bits in by_family.filter(pl.col("family") != "").iter_rows():
        assert bits == pytest.approx(verdict.saved[family], abs=1e-6)
    named = [r for r in rows if r["signal"] != "price"]
    assert {r["family"] for r in named} == {"prompt", "network", "payment"}
    for row in named:
        assert 2 <= row["n_members"] <= row["n_accounts"]
        assert 0 < row["expected"] <= row["n_accounts"]
        assert row["bits"] > 0
    assert all(r["bits"] <= 0 for r in rows if r["signal"] == "price")


def test_certificates_end_where_the_description_ends(verdict: Verdict):
    """Step 0 and what each step changes lead to the counts from which the description's bits were taken."""
    rows = pl.DataFrame(list(certificate_rows("ring-0001", verdict)), schema=CERTIFICATES)
    for family, description in verdict.best.items():
        last = (
            rows.filter(family=family)
            .sort("step")
            .group_by("stratum", "level", maintain_order=True)
            .agg(pl.col("n_members", "n_accounts").last())
        )
        members, accounts = np.zeros_like(description.members), np.zeros_like(description.accounts)
        members[last["stratum"], last["level"]] = last["n_members"]
        accounts[last["stratum"], last["level"]] = last["n_accounts"]
        np.testing.assert_array_equal(members, description.members)
        np.testing.assert_array_equal(accounts, description.accounts)


def test_members_by_what_others_own_are_no_core(both: Courts):
    """Five who share two of the ring's fragments and one crowd's address own nothing in a second family."""
    ring = both.certify.judge(np.array(RING, np.int32))
    stand = standing(ring, both.certify, 0.3)
    assert (stand.owned_families >= 2).mean() > 0.9
    framed = both.certify.judge(np.array([*RING, 590, 591], np.int32))
    stand = standing(framed, both.certify, 0.3)
    assert stand.owned_families[-2:].tolist() == [0, 0]
    assert stand.bits[-2:].max() < stand.bits[:-2].min()


def test_neighbours_are_tied_by_one_family_alone_and_in_no_ring():
    """Beside thirty on three cards and a text: one on the first card, one who sends the text, one who does both; and
    one on the second card, of another ring."""
    ring = list(range(30))
    cards = [[*ring[:10], 100, 102], [*ring[10:20], 103], ring[20:]]
    court = court_of({"payment": cards, "prompt": [[*ring, 101, 102]]}, 5_000)
    verdict = court.judge(np.array(ring, np.int32))
    in_rings = np.isin(np.arange(5_000), [*ring, 103])
    told = neighbours(verdict, court, 0.3, in_rings, 10)
    assert sorted((account, family) for account, family, _ in told) == [(100, "payment"), (101, "prompt")]
    assert neighbours(verdict, court, 0.3, in_rings, 1) == told[:1]


def test_held_is_the_share_of_users_who_are_members(both: Courts, verdict: Verdict, names: dict[str, Names]):
    """The ring's cards are its own; each of its fragments has eight strangers among some thirty users."""
    own = held(verdict)
    assert own["payment"].share == 1.0
    assert own["payment"].times == pytest.approx(N_ACCOUNTS / len(RING))
    assert 0.7 < own["prompt"].share < 1.0
    rows = pl.DataFrame(list(evidence_rows("ring-0001", verdict, both.certify, names)))
    named = rows.filter(pl.col("signal") != "price").with_columns(
        share=pl.col("n_members") / pl.col("n_accounts")
    )
    for family, share in own.items():
        of_family = named.filter(pl.col("family") == family)
        weighed = (of_family["share"] * of_family["bits"]).sum() / of_family["bits"].sum()
        assert share.share == pytest.approx(weighed)


def test_a_family_that_tells_something_of_few_members_does_not_know_the_ring():
    """400 of 5,000 write alike, and eight of them share a card, which saves bits all the same."""
    court = court_of({"prompt": [range(400), range(5, 405)], "payment": [range(8), range(600, 602)]}, 5_000)
    verdict = court.judge(np.arange(400, dtype=np.int32))
    assert verdict.saved["payment"] > 0.0
    assert held(verdict).keys() == {"prompt"}


def test_who_was_framed_by_two_habits_stands_alone_in_the_third():
    """One of thirty-one shares the ring's cards and prompts, which the ring owns, and none of its addresses."""
    ring, framed = list(range(30)), 100
    everybody = [*ring, framed]
    lonely = [[a] for a in range(200, 300)]
    families = {
        "payment": [everybody, *lonely],
        "prompt": [everybody[::2], [*everybody[1::2], framed], *lonely],
        "network": [ring[::2], ring[1::2], *lonely],
    }
    found = survey(
        [incidences(users, N_ACCOUNTS, family) for family, users in families.items()],
        plain_strata([8] * N_ACCOUNTS),
    )
    court = courts(found).certify
    accused = court.judge(np.array(everybody, np.int32))
    stand = standing(accused, court, 0.3)
    assert (stand.owned_families >= 2).all()
    assert stand.against[-1] < -4 < 0 == stand.against[:-1].min()
    accounts = pl.DataFrame({"account_id": [f"a{i}" for i in range(N_ACCOUNTS)], "n_requests": 8})
    names = {f: _names(f"{f} signal", f, int(v[0].fold.size)) for f, v in court.views.items()}
    members = ring_tables(found, court, {"ring-0001": accused}, names, accounts, 0.3, 10.0).members
    assert members.filter(tier="linked")["account_id"].to_list() == [f"a{framed}"]
    assert members.height == 31


def test_bits_of_the_sample_are_the_sum_of_its_evidence(sample_scan: Scan):
    summed = sample_scan.evidence.group_by("ring_id").agg(pl.col("bits").sum().alias("summed"))
    both = sample_scan.rings.join(summed, on="ring_id")
    assert both.height == sample_scan.rings.height > 0
    assert (both["bits"] - both["summed"]).abs().max() < 0.1


def test_a_reader_of_the_counts_alone_finds_every_row_again(sample_scan: Scan):
    again = verified(sample_scan.path)
    assert again.height == sample_scan.evidence.height
    assert again["recomputed"].null_count() == 0
    assert (again["bits"] - again["recomputed"]).abs().max() < 1e-4


def _published(families: list[Incidences], strata: Strata, folder: Path) -> float:
    """Judges the ring, writes the three tables that tell how, and gives its bits."""
    found = survey(families, strata)
    court = courts(found).certify
    ring = court.judge(np.array(RING, np.int32))
    called = {f: _names(f, f, v[0].fold.size) for f, v in found.views.items()}
    ids = pl.DataFrame(
        {"account_id": [f"{a:03d}" for a in range(N_ACCOUNTS)], "n_requests": [9] * N_ACCOUNTS}
    )
    tables = ring_tables(found, court, {"ring-0001": ring}, called, ids, 0.3, 10.0)
    for name in ("evidence", "certificates", "signals"):
        getattr(tables, name).write_parquet(folder / f"{name}.parquet")
    return ring.bits


def test_a_view_without_an_entity_is_still_paid_for(tmp_path: Path):
    """Nobody's addresses are seen under the smallest cap, and no card is shared at all: both are choices."""
    cards = [RING[5 * i : 5 * i + 5] for i in range(6)]
    mails = [[a] for a in range(N_ACCOUNTS)]
    families = [
        incidences([RING] * 3, N_ACCOUNTS, "network", [3, 3, 3]),
        incidences(cards, N_ACCOUNTS, "payment"),
        incidences(mails, N_ACCOUNTS, "identity"),
    ]
    strata = plain_strata(np.random.default_rng(4).integers(4, 80, N_ACCOUNTS).tolist(), n_caps=3)
    bits = _published(families, strata, tmp_path)
    again = verified(tmp_path)
    assert again["recomputed"].null_count() == 0
    assert again["recomputed"].sum() == pytest.approx(bits, abs=1e-4)
    prices = again.filter(what="choice of view")
    assert dict(prices.select("family", "bits").iter_rows()) == {
        "identity": -1.0,
        "network": -2.0,
        "payment": -1.0,
    }


def test_kinds_of_strata_are_counted_where_no_family_grows_with_use(tmp_path: Path):
    """Cards and mail providers alone: no view has a cap, and a list may still be told within any of four strata."""
    families = [incidences([RING[i::3] for i in range(3)], N_ACCOUNTS, f) for f in ("payment", "identity")]
    strata = plain_strata(np.random.default_rng(4).integers(4, 80, N_ACCOUNTS).tolist(), n_caps=3)
    bits = _published(families, strata, tmp_path)
    again = verified(tmp_path)
    assert again["recomputed"].sum() == pytest.approx(bits, abs=1e-4)
    assert again.filter(what="choice of strata")["bits"].to_list() == [-2.0]


def test_a_changed_count_is_seen_by_the_reader(sample_scan: Scan, tmp_path):
    """The reader would not agree with anything: one account more on one level, and rows differ."""
    for name in ("evidence", "signals"):
        getattr(sample_scan, name).write_parquet(tmp_path / f"{name}.parquet")
    counts = sample_scan.certificates.with_row_index()
    moved = counts.filter((pl.col("step") == 1) & (pl.col("n_members") > 1))["index"][0]
    forged = counts.with_columns(pl.col("n_members") - (pl.col("index") == moved)).drop("index")
    forged.write_parquet(tmp_path / "certificates.parquet")
    again = verified(tmp_path)
    assert (again["bits"] - again["recomputed"]).abs().max() > 1e-3
