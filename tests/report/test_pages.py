"""Pages hold what a reviewer needs, load nothing, and keep hostile text as text."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import itertools
import json
import re
import resource
import signal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from payloads import MARKUP, UNSEEN
from reading import ELEMENTS, assert_nothing_came_out, name, text_of, walk
from run_folder import write_run_folder

from graphscan.errors import RunError
from graphscan.report import render, render_ring
from graphscan.report.pages import TEMPLATES, page_name
from graphscan.report.shown import visible
from graphscan.reviews.decisions import decide
from graphscan.rings.null import curve
from graphscan.runs import read_frame, run_key, write_run
from graphscan.runs.folder import read_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run_folder(tmp_path_factory.mktemp("runs") / "run", {"ring-0001": 60, "ring-0002": 8})


@pytest.fixture(scope="module")
def pages(run: Path) -> dict[str, str]:
    folder = render(run).parent
    return {p.name: p.read_text(encoding="utf-8") for p in folder.iterdir()}


def test_a_page_for_the_run_and_one_for_each_ring(pages: dict[str, str]) -> None:
    assert sorted(pages) == ["index.html", "ring-0001.html", "ring-0002.html"]


TOGETHER = 8
"""Payloads that every text of a run holds at once: each is in each place, and a run is not made for each."""


def together(payloads: tuple[str, ...]) -> list[str]:
    return [" ".join(payloads[i : i + TOGETHER]) for i in range(0, len(payloads), TOGETHER)]


@pytest.mark.parametrize("payload", together((*MARKUP, *UNSEEN)))
def test_hostile_text_stays_text_wherever_it_stands(payload: str, tmp_path: Path) -> None:
    run = write_run_folder(tmp_path / "run", {"ring-0001": 8}, word=lambda text: f"{text} {payload}")
    for page in render(run).parent.iterdir():
        html = page.read_text(encoding="utf-8")
        assert_nothing_came_out(html)
        shown = visible(f"requests at all hours {payload}")
        assert " ".join(shown.split()) in " ".join(text_of(html).split())


@pytest.mark.parametrize("payload", together(MARKUP))
def test_data_for_the_script_cannot_leave_its_element(payload: str, tmp_path: Path) -> None:
    run = write_run_folder(tmp_path / "run", {"ring-0001": 8}, word=lambda text: text + payload)
    html = render_ring(run, "ring-0001")
    data = next(e for e in walk(html) if e.get("id") == "members-data")
    accounts = json.loads(str(data.text))["accounts"]
    assert sorted(accounts) == [visible(f"acct-1-{i:05d}{payload}") for i in range(8)]
    assert not set("<>&") & set(str(data.text))


def test_pages_name_no_address_outside(pages: dict[str, str]) -> None:
    for page, html in pages.items():
        for element in walk(html):
            for attribute, value in element.attrib.items():
                assert not re.search(r"https?:|//|javascript:", value) or attribute == "content", (
                    page,
                    value,
                )
            if element.get("href"):
                assert element.get("href") in {*pages, "#main", "#terms"}
        styles = "".join(str(e.text) for e in walk(html) if name(e) in ("style", "script"))
        assert not re.search(r"https?:|@import|url\(|src=", styles)


def test_the_policy_names_the_page_s_own_style_and_script_and_nothing_else(pages: dict[str, str]) -> None:
    for html in pages.values():
        elements = [e for e in walk(html) if isinstance(e.tag, str)]
        policy = next(e.get("content") for e in elements if e.get("http-equiv") == "Content-Security-Policy")
        own = {
            name(e): base64.b64encode(hashlib.sha256(str(e.text).encode()).digest()).decode()
            for e in elements
            if name(e) in ("style", "script") and e.get("type") is None
        }
        assert policy == (
            f"default-src 'none'; style-src 'sha256-{own['style']}'; script-src 'sha256-{own['script']}'; "
            "img-src data:; base-uri 'none'; form-action 'none'"
        )


def test_first_screen_says_what_how_many_since_when_how_sure(pages: dict[str, str]) -> None:
    text = " ".join(text_of(pages["ring-0001.html"]).split())
    for fact in (
        "60 accounts sharing prompt templates, addresses and means of payment, 3,",
        " requests since 2 March 2026: by chance alone in at most one of 10⁶⁰ logs",
        "Chance alone gives any set of accounts 212 bits in at most one of 10⁶⁰ logs.",
        "Confidence was not measured in this run",
        "30% of all requests in the log; as many ordinary customers send 0.32%",
        "212 bits are left after the plain list of the accounts is paid",
        "Triage: review requests at all hours cards shared by threes",
        "meridian-5 released",
        "Looks the same, and is not: households, campus and carrier NAT",
        "You are a careful engineer. Solve ticket ⟨…⟩ of part 0.",
        "Not claimed: who runs these accounts",
    ):
        assert fact in text
    assert "long before the log" not in text.split("How to reproduce")[0]


def test_likelihood_and_confidence_are_sentences_of_their_own(tmp_path: Path) -> None:
    run = write_run_folder(tmp_path / "run", {"ring-0001": 8}, stability=True)
    html = render_ring(run, "ring-0001")
    by_id = {e.get("id"): "".join(e.itertext()) for e in walk(html) if e.get("id")}
    assert "confidence" not in by_id["likelihood"].lower()
    assert by_id["confidence"] == (
        "Confidence is moderate: without a tenth of the log 97% of the core is found again, "
        "without the signal that matters most 74%."
    )
    assert not re.search("certain|likely|chance", by_id["confidence"])


def test_the_page_judges_nobody(pages: dict[str, str]) -> None:
    words = r"\b(fraud\w*|abus(?!e\.)\w*|attack\w*|malicious|bots?|botnet|guilty|criminal|ban(ned)?|gang)\b"
    for html in pages.values():
        assert not re.findall(words, text_of(html), re.IGNORECASE)


def test_evidence_adds_up_on_the_page(run: Path, pages: dict[str, str]) -> None:
    rows = pl.read_parquet(run / "evidence.parquet").filter(pl.col("ring_id") == "ring-0001")
    assert rows["bits"].sum() == pytest.approx(212.0)
    steps = [e for e in walk(pages["ring-0001.html"]) if name(e) == "tr" and e.get("class") == "total"]
    assert "".join(steps[0].itertext()).split() == ["What", "is", "left212"]


def test_what_the_measures_say_adds_up_on_the_page(run: Path, pages: dict[str, str], tmp_path: Path) -> None:
    activity = read_frame(run, "activity").filter(pl.col("ring_id") == "ring-0001")
    total = activity["bits"].sum()
    assert total > 0
    assert f"All of them together are {total:+.1f} bits: like those of rings." in text_of(
        pages["ring-0001.html"]
    )
    older = write_run_folder(tmp_path / "older", {"ring-0001": 8})
    pl.read_parquet(older / "activity.parquet").drop("bits").write_parquet(older / "activity.parquet")
    assert "All of them together" not in text_of(render_ring(older, "ring-0001"))


def test_every_member_is_in_the_data_of_the_page(run: Path, pages: dict[str, str]) -> None:
    data = next(e for e in walk(pages["ring-0001.html"]) if e.get("id") == "members-data")
    members = json.loads(str(data.text))
    own = pl.read_parquet(run / "members.parquet").filter(pl.col("ring_id") == "ring-0001")
    assert sorted(members["accounts"]) == own["account_id"].to_list()
    assert members["tiers"].count("c") == own.filter(pl.col("tier") == "core").height
    assert sum(members["requests"]) == own["n_requests"].sum()


def test_tables_regions_and_pictures_have_names_for_a_screen_reader(pages: dict[str, str]) -> None:
    for html in pages.values():
        elements = list(walk(html))
        ids = [e.get("id") for e in elements if e.get("id")]
        assert len(ids) == len(set(ids))
        for element in elements:
            if element.get("aria-labelledby"):
                assert set(str(element.get("aria-labelledby")).split()) <= set(ids)
            if element.get("role") in ("region", "img"):
                assert element.get("aria-label") or element.get("aria-labelledby")
            if name(element) == "svg":
                assert element.get("role") == "img" or element.get("aria-hidden") == "true"
        headings = [int(name(e)[1]) for e in elements if re.fullmatch("h[1-6]", name(e))]
        assert headings.count(1) == 1
        assert all(b - a <= 1 for a, b in itertools.pairwise(headings))


def test_a_ring_of_14000_fits_into_a_page_of_five_megabytes(tmp_path: Path) -> None:
    run = write_run_folder(tmp_path / "run", {"ring-0001": 14_000})
    html = render_ring(run, "ring-0001")
    assert len(html.encode()) < 5_000_000
    assert html.count("<circle") < 300
    assert "14,000 accounts sharing" in html


def test_what_rings_have_in_common_is_on_both_pages_and_on_the_first(pages: dict[str, str]) -> None:
    told = "pays with the same means as {}: one operator pays for all of it"
    for here, other in (("ring-0001", "ring-0002"), ("ring-0002", "ring-0001")):
        page = pages[f"{here}.html"]
        assert told.format(other) in text_of(page)
        assert "7 of 8" in text_of(page)
        assert f"{other}.html" in {e.get("href") for e in walk(page) if name(e) == "a"}
        assert told.format(other) in text_of(pages["index.html"])


def test_many_related_rings_are_counted(tmp_path: Path) -> None:
    run = write_run_folder(tmp_path / "run", {f"ring-{i:04d}": 4 for i in range(1, 7)})
    assert "pays with the same means as 5 other rings" in text_of(render_ring(run, "ring-0001"))


def test_a_run_without_rings_has_a_page(tmp_path: Path) -> None:
    run = write_run_folder(tmp_path / "run", {})
    text = text_of(render(run).read_text(encoding="utf-8"))
    assert "0 rings" in text
    assert "a log of an hour has no schedule" in text
    assert "No set of accounts was certified" in text


@pytest.mark.parametrize(
    "missing", ["timeline", "templates", "activity", "shares", "pairs", "neighbours", "relations"]
)
def test_a_run_of_an_older_format_lacks_files_and_still_has_pages(missing: str, tmp_path: Path) -> None:
    run = write_run_folder(tmp_path / "run", {"ring-0001": 8})
    (run / f"{missing}.parquet").unlink()
    assert "8 accounts sharing" in render_ring(run, "ring-0001")


def test_a_map_that_was_drawn_beside_the_run_is_on_its_page(tmp_path: Path) -> None:
    run = write_run_folder(tmp_path / "run", {"ring-0001": 8})
    assert "None was drawn" in text_of(render(run).read_text(encoding="utf-8"))
    beside = tmp_path / "run-map"
    beside.mkdir()
    (beside / "map.png").write_bytes(b"\x89PNG\r\n\x1a\n rest")
    (beside / "map.json").write_text(json.dumps({"run_key": run_key(run)}))
    page = render(run, tmp_path / "run-report").read_text(encoding="utf-8")
    assert [e.get("src") for e in walk(page) if name(e) == "img"] == [
        "data:image/png;base64,iVBORw0KGgogcmVzdA=="
    ]
    (beside / "map.png").write_bytes(b"<script>")
    assert "None was drawn" in text_of(render(run).read_text(encoding="utf-8"))
    (beside / "map.png").write_bytes(b"\x89PNG\r\n\x1a\n rest")
    (beside / "map.json").write_text(json.dumps({"run_key": "of an earlier run in this folder"}))
    assert "None was drawn" in text_of(render(run).read_text(encoding="utf-8"))


def test_the_permuted_null_is_on_the_page_once_it_was_made(tmp_path: Path) -> None:
    run = write_run_folder(tmp_path / "run", {"ring-0001": 8})
    assert "It was not made" in text_of(render(run).read_text(encoding="utf-8"))
    null = pl.DataFrame(
        {"permutation": [0, 1], "n_proposals": [9, 9], "best_bits": [-3.5, 1.25], "n_accounts": [4, 5]}
    )
    made_of = {"permutations": 2, "run_key": run_key(run)}
    write_run(
        tmp_path / "run-null", {"null": null, "curve": curve(null)}, made_of, lambda _: None, replace=True
    )
    text = " ".join(text_of(render(run).read_text(encoding="utf-8")).split())
    assert "laid anew in each family 2 times" in text
    assert "The best set of all reached 1.2 bits." in text
    assert "by the proof 150%50% 20%25%" in text


@pytest.mark.parametrize("payload", together((*MARKUP, *UNSEEN)))
def test_decisions_are_shown_as_text_with_their_ring(payload: str, tmp_path: Path) -> None:
    run = write_run_folder(tmp_path / "run", {"ring-0001": 8})
    file = tmp_path / "decisions.jsonl"
    words = ("ring-0001", "allow", f"a class {payload}", dt.date(2026, 3, 20), file)
    decide(run, read_run(run), *words)
    decide(run, read_run(run), "ring-0001", "confirm", "read ten prompts", dt.date(2026, 3, 1), file)
    folder = render(run, tmp_path / "pages", file).parent
    for page in ("index.html", "ring-0001.html"):
        html = (folder / page).read_text(encoding="utf-8")
        (listed,) = [e for e in walk(html) if e.get("class") == "decided"]
        assert {name(e) for e in walk(html) if isinstance(e.tag, str)} <= ELEMENTS
        told = " ".join("".join(listed.itertext()).split())
        assert told.startswith("confirm ring-0001 by ")
        assert "ended on 1 March 2026: read ten prompts allow ring-0001 by" in told
        assert " ".join(visible(f"until 20 March 2026: a class {payload}").split()) in told
    assert 'class="decided"' not in render_ring(run, "ring-0001")


def test_a_run_of_a_newer_format_is_refused(tmp_path: Path) -> None:
    run = write_run_folder(tmp_path / "run", {"ring-0001": 8})
    manifest: dict[str, Any] = json.loads((run / "manifest.json").read_text())
    (run / "manifest.json").write_text(json.dumps(manifest | {"format_version": 99}))
    with pytest.raises(RunError, match="is of a newer graphscan: got format 99"):
        render(run)


def test_a_report_takes_the_place_of_an_earlier_one_alone(tmp_path: Path) -> None:
    run, site = write_run_folder(tmp_path / "run", {"ring-0001": 8}), tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("<title>a thesis</title>")
    with pytest.raises(RunError, match="is in the way: got something that is no report"):
        render(run, site)
    assert (site / "index.html").read_text() == "<title>a thesis</title>"
    pages = render(run, tmp_path / "pages").parent
    (pages / "ring-9999.html").write_bytes((pages / "ring-0001.html").read_bytes())
    render(run, pages)
    assert sorted(p.name for p in pages.iterdir()) == ["index.html", "ring-0001.html"]
    (pages / "notes.html").write_text("<p>whom I asked</p>")
    with pytest.raises(RunError, match="is in the way"):
        render(run, pages)
    assert (pages / "notes.html").exists() and (pages / "index.html").exists()


def test_a_report_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    run = write_run_folder(tmp_path / "run", {"ring-0001": 8})
    index = render(run, tmp_path / "pages")
    before = index.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, limits[1]))
    try:
        with pytest.raises(RunError, match="pages: cannot be written: got File too large"):
            render(run, tmp_path / "pages")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, heard)
    assert index.read_bytes() == before
    assert {p.name for p in tmp_path.iterdir()} == {"run", "pages"}
    with pytest.raises(RunError, match="/proc/nope/pages: cannot be written"):
        render(run, Path("/proc/nope/pages"))


def test_an_unknown_ring_is_an_error_with_the_nearest_name(run: Path) -> None:
    with pytest.raises(RunError) as e:
        render_ring(run, "ring-001")
    assert str(e.value) == (
        "run: has no such ring: got ring-001; expected one of 2 rings\nhint: did you mean ring-0001?"
    )


@pytest.mark.parametrize(
    "ring_id", ["../../x", "index", "a/b", "CON.", "A", "", "x" * 300, "a\x00b", "-rf", "å"]
)
def test_file_names_come_from_no_text_of_the_log(ring_id: str) -> None:
    assert re.fullmatch(r"r-[0-9a-f]{24}\.html", page_name(ring_id))


def test_same_run_same_bytes(run: Path, pages: dict[str, str]) -> None:
    again = {p.name: p.read_text(encoding="utf-8") for p in render(run).parent.iterdir()}
    assert again == pages


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(scheme: str) -> None:
    """WCAG 2.2, 1.4.3: a contrast of 4.5 for text; 1.4.11: 3 for what a picture is read by."""
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    block = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[0 if scheme == "light" else 1]
    colours = {k: luminance(v) for k, v in re.findall(r"--(\w+): (#[0-9a-f]{6})", block)}
    for ground in ("ground", "raised"):
        for ink, least in (
            {"ink": 4.5, "quiet": 4.5, "link": 4.5, "review": 4.5, "watch": 4.5, "explained": 4.5}
            | {f"f{i}": 3.0 for i in range(7)}
        ).items():
            low, high = sorted((colours[ground], colours[ink]))
            assert (high + 0.05) / (low + 0.05) >= least, (ground, ink)
