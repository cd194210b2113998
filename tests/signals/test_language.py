"""Strata of language: who is in which class, and that a small class hides nobody."""

from __future__ import annotations

import datetime as dt

import polars as pl

from graphscan.signals.language import countries, language_strata, languages

NOON = dt.datetime(2026, 11, 20, 12)  # noqa: DTZ001 - naive UTC, as in most logs

TEXTS = {
    "en": "Could you please explain how the weather changes in the mountains during autumn and winter months",
    "de": "Könnten Sie mir bitte erklären, wie sich das Wetter in den Bergen im Herbst und im Winter verändert",
    "zh": "请你给我解释一下秋天和冬天山区的天气是怎么变化的，最好能够说得详细一些",
    "th": "กรุณาอธิบายว่าสภาพอากาศบนภูเขาเปลี่ยนแปลงอย่างไรในช่วงฤดูใบไม้ร่วงและฤดูหนาว",
}


def classes(codes: list[tuple[str, ...]], where: list[str] | None = None, smallest: int = 3) -> list[int]:
    return language_strata(codes, where or [""] * len(codes), smallest).tolist()


def test_languages_are_read_from_the_prompts(staged):
    rows = [
        (f"{code}{i}", NOON + dt.timedelta(minutes=j), f"{text} {j}")
        for code, text in TEXTS.items()
        for i in range(2)
        for j in range(3)
    ] + [("nothing", NOON, "{}"), ("code", NOON, "x = f(y); return x[0]")]
    con, _, _ = staged(pl.DataFrame(rows, ["account_id", "ts", "prompt"], orient="row"))
    found = languages(con, 10)
    by_id = dict(
        zip(sorted([*(f"{c}{i}" for c in TEXTS for i in range(2)), "nothing", "code"]), found, strict=True)
    )
    for code in TEXTS:
        assert by_id[f"{code}0"] == by_id[f"{code}1"]
        assert [c.split("-")[0] for c in by_id[f"{code}0"]] == [code]
    assert by_id["nothing"] == ()


def test_a_log_without_prompts_has_one_class(staged):
    con, _, _ = staged(pl.DataFrame({"account_id": ["a", "b"], "ts": [NOON] * 2, "ip": ["198.51.100.1"] * 2}))
    assert languages(con, 2) == [(), ()]
    assert classes([(), ()]) == [0, 0]


def test_countries_are_those_of_the_accounts(staged):
    accounts = pl.DataFrame({"account_id": ["a", "z"], "country": ["FI", "SE"]})
    con, _, _ = staged(
        pl.DataFrame({"account_id": ["a", "b"], "ts": [NOON] * 2, "prompt": ["x y z w"] * 2}),
        accounts=accounts,
    )
    assert countries(con, 2) == ["FI", ""]


def test_the_largest_language_is_class_0_with_all_that_are_too_small():
    codes = [("en",)] * 10 + [("de",)] * 4 + [("fi",)] * 2 + [()]
    assert classes(codes) == [0] * 10 + [1] * 4 + [0] * 3
    assert classes(codes, smallest=5) == [0] * 17


def test_a_ring_that_alone_writes_a_language_is_no_class_of_its_own():
    codes = [("en",)] * 400 + [("zh",)] * 50
    assert language_strata(codes, [""] * 450).tolist() == [0] * 450


def test_who_writes_two_belongs_to_the_rarer_that_is_a_class():
    codes = [("en",)] * 10 + [("en", "de")] * 4 + [("en", "fi")] * 2
    assert classes(codes) == [0] * 10 + [1] * 4 + [0] * 2


def test_who_writes_the_largest_language_in_a_country_of_another_belongs_there():
    codes = [("en",)] * 10 + [("fi",)] * 5 + [("en",)] + [()]
    where = ["US"] * 10 + ["FI"] * 5 + ["FI"] + ["FI"]
    assert classes(codes, where) == [0] * 10 + [1] * 7


def test_classes_are_dense_and_numbered_by_size():
    codes = [("en",)] * 9 + [("de",)] * 4 + [("fr",)] * 5
    assert classes(codes) == [0] * 9 + [2] * 4 + [1] * 5
