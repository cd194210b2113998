"""A ring that is all there is of a language is to be watched; the people of a country are not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from crowds import COMPANY, STRANGERS
from rescanned import read
from verifier import verified

from graphscan.line import run_line
from graphscan.results import Scan
from graphscan.rings.hidden_by_language import fills_a_language
from graphscan.rings.triage import by_rules, in_own_language
from graphscan.rings.triage.crowd import Crowd
from graphscan.settings import Settings

RING = [f"ring{i:03d}" for i in range(130)]
PEOPLE = [f"people{i:03d}" for i in range(130)]

THEMES = ["ฟิสิกส์", "เคมี", "ชีววิทยา", "ประวัติศาสตร์", "ภูมิศาสตร์", "คณิตศาสตร์", "ดนตรี", "ศิลปะ", "กฎหมาย", "การแพทย์"]
GREEK = (
    "πώς μπορώ να φτιάξω ψωμί στο σπίτι χωρίς φούρνο",
    "γράψε μου ένα γράμμα για τον δάσκαλο του γιου μου",
    "ποιο βιβλίο να διαβάσω το καλοκαίρι στη θάλασσα",
    "τι καιρό θα κάνει αύριο στη Θεσσαλονίκη και στα νησιά",
    "εξήγησέ μου απλά πώς λειτουργεί μια τράπεζα",
    "θέλω μια συνταγή για φακές που να αρέσει στα παιδιά",
)
USUAL = (
    "καλημέρα σας, μπορείτε σας παρακαλώ να με βοηθήσετε λίγο με κάτι",
    "γεια σου, θα ήθελα να σε ρωτήσω κάτι που με απασχολεί πολύ",
    "συγγνώμη για την ενόχληση, χρειάζομαι τη γνώμη σου για το εξής",
    "πες μου σε παρακαλώ με απλά λόγια τι σημαίνει όταν κάποιος λέει",
    "έχω μια μικρή απορία και δεν ξέρω ποιον άλλον να ρωτήσω για αυτό",
    "ευχαριστώ εκ των προτέρων για τη βοήθεια, το ερώτημά μου είναι αυτό",
)


def tables(
    accounts: list[str], prompts: list[list[str]], ips: list[list[str]], cards: list[str]
) -> dict[str, pl.DataFrame]:
    """A request of each prompt of each account, at the address beside it."""
    noon = dt.datetime(2026, 3, 3, 12)  # noqa: DTZ001 - naive UTC, as in the sample
    requests = [
        (account, noon + dt.timedelta(hours=5 * j, seconds=97 * i), prompt, ip)
        for i, account in enumerate(accounts)
        for j, (prompt, ip) in enumerate(zip(prompts[i], ips[i], strict=True))
    ]
    return {
        "requests": pl.DataFrame(requests, ["account_id", "ts", "prompt", "ip"], orient="row"),
        "payments": pl.DataFrame({"account_id": accounts, "payment_fingerprint": cards}),
    }


def thai_ring() -> dict[str, pl.DataFrame]:
    """One template, a pool of sixty addresses, a card for every five."""
    rng = np.random.default_rng(1)
    prompts = [
        [
            f"กรุณาเขียนบทความโดยละเอียดเกี่ยวกับ{THEMES[(i + j) % 10]}บทที่{int(rng.integers(1, 999))}"
            "พร้อมตัวอย่างสามข้อ ตารางแหล่งอ้างอิง และคำถามสั้นๆที่ยังไม่มีคำตอบ"
            for j in range(8)
        ]
        for i in range(len(RING))
    ]
    ips = [[f"203.0.113.{int(x)}" for x in rng.integers(1, 60, 8)] for _ in RING]
    return tables(RING, prompts, ips, [f"pool-card-{i // 5}" for i in range(len(RING))])


def greek_people() -> dict[str, pl.DataFrame]:
    """Six usual openings before two requests of five, then words of their own; one carrier, own cards."""
    rng = np.random.default_rng(2)
    known = [w for line in GREEK for w in line.split() if len(w) > 3]
    letters = np.array(list("αβγδεζηθικλμνξοπρστυφχψω"))
    prompts = []
    for _ in PEOPLE:
        own = ["".join(rng.choice(letters, 8)) for _ in range(40)]
        said = [
            " ".join(w for pair in zip(rng.choice(known, 9), rng.choice(own, 9), strict=True) for w in pair)
            for _ in range(8)
        ]
        prompts.append([f"{rng.choice(USUAL)} {line}" if rng.random() < 0.4 else line for line in said])
    ips = [[f"198.18.7.{int(x)}" for x in rng.integers(1, 60, 8)] for _ in PEOPLE]
    return tables(PEOPLE, prompts, ips, [f"own-{a}" for a in PEOPLE])


@pytest.fixture(scope="module")
def scan(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Scan:
    folder = tmp_path_factory.mktemp("hidden")
    logs = [read(sample), thai_ring(), greek_people()]
    given = {}
    for name in ("requests", "accounts", "payments"):
        schema = logs[0][name].schema
        rows = [t[name].cast({c: schema[c] for c in t[name].columns}) for t in logs if name in t]
        given[name] = str(folder / f"{name}.parquet")
        pl.concat(rows, how="diagonal").write_parquet(given[name])
    run_line(Settings.load(None, **given), folder / "run")
    return Scan.read(folder / "run")


def test_a_ring_that_alone_writes_a_language_is_to_be_watched(scan: Scan):
    of_ring = scan.members.filter(pl.col("account_id").is_in(RING))
    assert of_ring.height >= 0.9 * len(RING) and of_ring["ring_id"].n_unique() == 1
    ring = scan.rings.filter(ring_id=of_ring["ring_id"][0]).row(0, named=True)
    assert ring["n_accounts"] == of_ring.height
    assert ring["triage"] == "watch"
    assert ring["triage_reasons"][0].startswith("certified only if their language is evidence; ")


@pytest.mark.parametrize(
    ("measures", "by_itself", "expected"),
    [(STRANGERS, "review", "watch"), (COMPANY, "explained", "explained")],
)
def test_who_is_certified_by_a_language_alone_is_never_for_review(
    measures: dict[str, tuple[float, float]], by_itself: str, expected: str
) -> None:
    crowd = Crowd({**measures, "share_in_templates": (0.62, 0.0)}, 45, 945, {})
    told = by_rules(crowd, 300.0)
    assert told.triage == by_itself
    found = in_own_language(told, crowd)
    assert (found.triage, found.scale, found.intent_signs) == (expected, told.scale, told.intent_signs)
    reason = "certified only if their language is evidence; 62% of their requests fit templates"
    assert found.reasons == (reason, *told.reasons)


def test_people_of_a_country_are_in_no_ring(scan: Scan):
    """Their phrases and carrier would certify them without strata of language; they fill no template."""
    assert scan.members.filter(pl.col("account_id").is_in(PEOPLE)).is_empty()


def test_the_other_rings_are_as_they_were(scan: Scan, sample_scan: Scan):
    def rings(run: Scan) -> list[tuple[str, int]]:
        return sorted(run.rings.filter(triage="review").select("triage", "n_accounts").iter_rows())

    assert rings(scan) == rings(sample_scan)


def test_its_rows_can_be_counted_again(scan: Scan):
    again = verified(scan.path)
    assert again["recomputed"].null_count() == 0
    assert (again["bits"] - again["recomputed"]).abs().max() < 1e-4


def test_a_set_hides_only_where_it_is_half_of_a_class():
    language = np.repeat(np.array([0, 1, 2], np.int32), [800, 150, 50])
    sizes = np.bincount(language)
    assert fills_a_language(np.arange(800, 880, dtype=np.int32), language, sizes)
    assert not fills_a_language(
        np.arange(800, 870, dtype=np.int32), language, sizes
    )  # less than half of its class
    assert not fills_a_language(
        np.arange(700, 880, dtype=np.int32), language, sizes
    )  # mostly of the largest class
    assert not fills_a_language(np.arange(0, 500, dtype=np.int32), language, sizes)
