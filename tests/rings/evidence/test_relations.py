"""What two rings have in common is told with its numbers; what many strangers have too relates nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from made import court_of

from graphscan import evaluate, scan, simulate
from graphscan.rings.certificate import Verdict
from graphscan.rings.evidence.relations import RELATIONS, relations, with_entities

N = 4_000
MIN_BITS = 10.0
ONE, TWO = list(range(20)), list(range(100, 120))
CARDS_OF_OTHERS = [[a, a + 1] for a in range(1000, 2000, 2)]
OWN_TEXTS = [ONE] * 3 + [TWO] * 3
OWN_CARDS = [ONE[i : i + 4] for i in range(0, 20, 4)] + [TWO[i : i + 4] for i in range(0, 20, 4)]


def related(
    families: Mapping[str, Sequence[Sequence[int]]], rings: Mapping[str, Sequence[int]]
) -> tuple[pl.DataFrame, dict[str, Verdict]]:
    court = court_of(families, N)
    verdicts = {name: court.judge(np.array(sorted(r), np.int32)) for name, r in rings.items()}
    return relations(verdicts, MIN_BITS), verdicts


def told(frame: pl.DataFrame) -> set[tuple[str, str, str]]:
    return set(frame.select("ring_id", "other_id", "family").iter_rows())


BOTH_WAYS = {("one", "two"), ("two", "one")}


def by(family: str) -> set[tuple[str, str, str]]:
    return {(*pair, family) for pair in BOTH_WAYS}


def test_rings_on_one_card_pool_are_related_though_no_card_tells_it_alone():
    """Each card is used by two accounts of either ring: of twenty it would be hard to say that two are too many."""
    pool = [[*ONE[i : i + 2], *TWO[i : i + 2]] for i in range(0, 20, 2)]
    frame, _ = related({"prompt": OWN_TEXTS, "payment": [*pool, *CARDS_OF_OTHERS]}, {"one": ONE, "two": TWO})
    assert told(frame) == by("payment")
    row = frame.row(0, named=True)
    assert (row["n_others"], row["n_asked"], row["n_entities"]) == (20, 20, 10)
    # 20 of 20, of 3,980 accounts outside the ring on its cards; ten numbers of cards to choose from, one other ring.
    assert row["bits"] == pytest.approx(20 * np.log2(3980 / 20) - np.log2(10), abs=1e-6)
    assert row["expected"] == pytest.approx(20 * 20 / 3980, abs=1e-6)


def test_rings_that_rent_from_one_network_are_related_by_it_alone():
    proxies = [[*ONE[i::4], *TWO[i::4], 3000 + i] for i in range(4)]
    frame, _ = related(
        {"prompt": OWN_TEXTS, "payment": [*OWN_CARDS, *CARDS_OF_OTHERS], "network": proxies},
        {"one": ONE, "two": TWO},
    )
    assert told(frame) == by("network")


def test_rings_that_share_nothing_are_not_related():
    frame, _ = related(
        {"prompt": OWN_TEXTS, "payment": [*OWN_CARDS, *CARDS_OF_OTHERS]}, {"one": ONE, "two": TWO}
    )
    assert frame.is_empty()
    assert frame.schema == RELATIONS


def test_what_many_strangers_have_too_relates_nobody():
    """Three in four of all accounts send it, and all of both rings."""
    public = sorted({*ONE, *TWO, *range(1000, N)})
    frame, _ = related(
        {"prompt": [*OWN_TEXTS, public], "payment": [*OWN_CARDS, *CARDS_OF_OTHERS]}, {"one": ONE, "two": TWO}
    )
    assert frame.is_empty()


def test_who_is_in_both_rings_relates_them_to_nobody():
    bridge = [*ONE[:2], *TWO]
    frame, verdicts = related(
        {
            "prompt": [ONE] * 3 + [bridge] * 3,
            "payment": [ONE[i : i + 4] for i in range(0, 20, 4)] + [bridge[:11], bridge[11:]],
        },
        {"one": ONE, "two": bridge},
    )
    assert all(v.bits > 100.0 for v in verdicts.values())
    assert frame.is_empty()


def test_it_must_be_told_of_both():
    """The second ring's accounts are behind the first one's address, which says nothing of them: half of all are."""
    gate = [*ONE, *TWO, *range(200, 2200)]
    families = {
        "prompt": OWN_TEXTS,
        "payment": [*OWN_CARDS, *CARDS_OF_OTHERS],
        "network": [[*ONE, *TWO[:12]], gate, *([a, a + 1] for a in range(2500, 3500, 2))],
    }
    frame, verdicts = related(families, {"one": ONE, "two": TWO})
    assert "network" in verdicts["one"].best
    for name in BOTH_WAYS:
        assert (name[::-1] in {t[:2] for t in told(frame)}) == (name in {t[:2] for t in told(frame)})


def test_one_ring_or_none_has_no_relations():
    frame, verdicts = related({"prompt": OWN_TEXTS, "payment": OWN_CARDS}, {"one": ONE})
    assert frame.is_empty()
    assert relations({}, MIN_BITS).schema == RELATIONS
    assert verdicts["one"].bits > 0.0


def test_entities_are_told_as_the_evidence_has_them():
    related_by = pl.DataFrame(
        [("one", "two", "payment", 2, 3, 20, 0.1, 12.0, 4)], schema=RELATIONS, orient="row"
    )
    evidence = pl.DataFrame(
        {
            "ring_id": ["one", "one", "two"],
            "family": ["payment", "payment", "payment"],
            "step": pl.Series([1, 2, 2], dtype=pl.Int32),
            "signal": ["payment"] * 3,
            "entity": ["card 1", "card 2", "card 3"],
            "n_members": [4, 5, 6],
            "n_accounts": [8, 9, 10],
        }
    )
    row = with_entities(related_by, evidence).row(0, named=True)
    assert (row["entity"], row["n_members"], row["n_accounts"]) == ("card 2", 5, 9)


def test_tenants_of_one_proxy_network_are_two_rings_and_what_they_share_is_told(tmp_path: Path):
    log = tmp_path / "log"
    simulate(log, scale=0.02, accounts=1500, days=5, rings=["tenant-a", "tenant-b"])
    run = scan(
        log / "requests" / "*.parquet",
        log / "accounts.parquet",
        log / "payments.parquet",
        out=tmp_path / "run",
    )
    planted = evaluate(run, log / "truth.parquet").planted
    assert planted["jaccard"].to_list() == pytest.approx([1.0, 1.0], abs=0.1)
    one, two = planted["best"]
    by_network = run.relations.filter(pl.col("family") == "network")
    assert {(one, two), (two, one)} <= set(by_network.select("ring_id", "other_id").iter_rows())
    assert "payment" not in set(run.relations["family"])
    page = (run.report.parent / f"{one}.html").read_text(encoding="utf-8")
    assert f"is seen at the same addresses as {two}" in page
