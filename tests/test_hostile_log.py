"""A log in which all that accounts and their tools can write is hostile, scanned, and shown on every surface."""

from __future__ import annotations

import itertools
import json
import shutil
from pathlib import Path

import html5lib
import polars as pl
import pydantic_core
import pytest
from payloads import MARKUP, UNSEEN
from reading import assert_nothing_came_out, text_of
from shell import Shell

import graphscan
from graphscan.api.scan import scan
from graphscan.report.exchange.release import FORMATS
from graphscan.report.shown import visible
from graphscan.results import Scan

CORPUS = (*MARKUP, *UNSEEN, "=1+1", "@SUM(1)", "$\\frac{$", "{" * 60, "x'] OR [file:name = 'y", "ﷺ" * 40)
FOLDER = "<img src=x onerror=alert(1)> \u202e\x1b[2J"
"""A name of a folder, as whoever delivers logs may choose it; a slash cannot be in it."""


def hostile(column: str) -> pl.Expr:
    """The column's values, each with one payload before it: equal values stay equal, others other."""
    return pl.concat_str(
        pl.col(column)
        .hash(seed=7)
        .mod(len(CORPUS))
        .replace_strict(dict(enumerate(CORPUS)), return_dtype=pl.String),
        pl.lit(" "),
        column,
    )


@pytest.fixture(scope="module")
def log(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("log") / FOLDER
    (place / "requests").mkdir(parents=True)
    requests = pl.read_parquet(sample / "requests" / "*.parquet", hive_partitioning=False)
    requests = requests.with_columns(
        hostile(c) for c in ("account_id", "prompt", "system", "user_agent", "model")
    ).with_columns(pl.lit("x").alias(MARKUP[0]), repo=hostile("ip"))
    requests.write_parquet(place / "requests" / "a'b.parquet")
    accounts = pl.read_parquet(sample / "accounts.parquet")
    accounts = accounts.with_columns(
        hostile(c) for c in ("account_id", "plan", "country", "email_domain", "org_id")
    )
    accounts.write_parquet(place / "accounts.parquet")
    payments = pl.read_parquet(sample / "payments.parquet")
    payments.with_columns(hostile(c) for c in ("account_id", "payment_fingerprint")).write_parquet(
        place / "payments.parquet"
    )
    truth = pl.read_parquet(sample / "truth.parquet")
    truth.with_columns(hostile(c) for c in ("account_id", "ring", "kind")).write_parquet(
        place / "truth.parquet"
    )
    (place / "graphscan.toml").write_text(
        '[[declared]]\nname = "repo"\nfamily = "content"\ncolumn = "repo"\n'
        f"[[marks]]\nat = 2026-03-05\nlabel = {json.dumps(CORPUS[7])}\n"
    )
    return place


@pytest.fixture(scope="module")
def found(log: Path, tmp_path_factory: pytest.TempPathFactory) -> Scan:
    return scan(
        log / "requests" / "*.parquet",
        log / "accounts.parquet",
        log / "payments.parquet",
        config=log / "graphscan.toml",
        out=tmp_path_factory.mktemp("hostile") / f"run {FOLDER}",
    )


def plain(text: str) -> bool:
    return all(c.isprintable() or c == "\n" for c in text)


def test_the_same_rings_are_found(found: Scan, sample_scan: Scan) -> None:
    """Else the tests below would see little; a declared family more may add to a ring."""
    largest = sample_scan.rings.filter(pl.col("n_accounts") >= 10)["n_accounts"].to_list()
    assert found.rings.filter(pl.col("n_accounts") >= 10).height >= len(largest) - 1
    written = "\n".join(found.members["account_id"])
    assert sum(payload in written for payload in CORPUS) > len(CORPUS) // 2


def test_its_pages_are_ours_alone(found: Scan, log: Path) -> None:
    told = ""
    for page in sorted((found.path / "report").iterdir()):
        html = page.read_text(encoding="utf-8")
        assert_nothing_came_out(html)
        told += text_of(html)
    for text in (visible(str(log)), "onerror=alert(1)", "⟦U+001B⟧[2J"):
        assert text in told


def test_what_it_shows_in_a_notebook_is_ours_alone(found: Scan, log: Path) -> None:
    rings = [found.ring(r) for r in found.rings["ring_id"]]
    one, two = rings[0].members["account_id"][:2]
    told = graphscan.explain(found.path, one, two)
    compared = graphscan.evaluate(found, log / "truth.parquet")
    for shown in (found, told, compared, *rings):
        assert plain(repr(shown)) and len(repr(shown).splitlines()) == 3
    for page in (found._repr_html_(), *(r._repr_html_() for r in rings)):
        tree = html5lib.parse(page, namespaceHTMLElements=False)
        assert not any(e.attrib for e in tree.iter()) and visible(page) == page
        assert not {"script", "img", "svg", "a", "iframe"} & {e.tag for e in tree.iter()}


def test_it_is_drawn(found: Scan) -> None:
    """No text of accounts is in a picture; a ring's own name is, and may be of a run that others wrote."""
    assert found.ring(found.rings["ring_id"][0]).plot()._repr_png_()  # type: ignore[attr-defined]


def test_every_command_tells_it_in_plain_lines_and_in_json(
    shell: Shell, found: Scan, log: Path, tmp_path: Path
) -> None:
    one, two = found.ring(str(found.rings["ring_id"][0])).members["account_id"][:2]
    requests = ("--requests", log / "requests" / "*.parquet", "--accounts", log / "accounts.parquet")
    commands: list[tuple[object, ...]] = [
        ("check", *requests, "--config", log / "graphscan.toml"),
        ("explain", found.path, one),
        ("explain", found.path, one, two),
        ("evaluate", found.path, log / "truth.parquet"),
        ("decide", one, "reject", "--run", found.path, "--reason", CORPUS[3], "--decisions", tmp_path / "d"),
    ]
    for command in commands:
        code, out, err = shell(*command)
        assert code == 0 and plain(out + err), (command[0], err)
        code, out, err = shell(*command, "--json")
        assert code == 0 and out.isascii() and plain(out + err)
        pydantic_core.from_json(out, allow_inf_nan=False)
    for wrong in (("explain", found.path, CORPUS[0]), ("check", "--requests", log / "no" / "*.parquet")):
        code, out, err = shell(*wrong)
        assert code != 0 and plain(out + err) and "Traceback" not in err


def test_scan_prints_it_in_plain_lines(shell: Shell, log: Path, tmp_path: Path) -> None:
    where = ("--requests", log / "requests" / "*.parquet", "--payments", log / "payments.parquet")
    code, out, err = shell("scan", *where, "--out", tmp_path / f"run {FOLDER}")
    assert code == 0 and plain(out)
    assert visible(FOLDER) in out
    assert not set("\u202e\x1b") & set(err)


@pytest.mark.parametrize("form", FORMATS)
def test_it_leaves_in_every_format(shell: Shell, found: Scan, tmp_path: Path, form: str) -> None:
    """What each format makes of the corpus is in `report/exchange/test_hostile.py`; here, that a run goes through."""
    journal = ("--journal", tmp_path / "j.jsonl")
    told = shell.json(
        "export", found.path, "--format", form, "--level", "internal", "--out", tmp_path / "o", *journal
    )
    for path in map(Path, told["files"]):
        if path.suffix == ".json":
            pydantic_core.from_json(path.read_bytes(), allow_inf_nan=False)
        if path.suffix not in (".json", ".jsonl", ".parquet"):
            text = path.read_bytes().decode("utf-8-sig")
            assert visible(text.replace("\r\n", "\n")) == text.replace("\r\n", "\n")


def test_an_appeal_of_each_kind_of_name_is_valid(shell: Shell, found: Scan, tmp_path: Path) -> None:
    accounts = found.members["account_id"].unique().sort().to_list()
    for k, account in enumerate(itertools.islice(accounts, 0, None, 17)):
        packet = tmp_path / f"{k}.json"
        code, _, err = shell(
            "appeal", found.path, "--out", packet, "--journal", tmp_path / "j", "--", account
        )
        assert code == 0, err
        assert pydantic_core.from_json(packet.read_bytes(), allow_inf_nan=False)["account_id"] == account


def test_pages_made_anew_with_a_decision_are_ours_alone(shell: Shell, found: Scan, tmp_path: Path) -> None:
    run = shutil.copytree(found.path, tmp_path / "run")
    file = tmp_path / "d"
    for ring_id, reason in zip(found.rings["ring_id"], CORPUS[20:24], strict=False):
        assert (
            shell("decide", ring_id, "confirm", "--run", run, "--reason", reason, "--decisions", file)[0] == 0
        )
    shell.json("report", run, "--out", tmp_path / "pages", "--decisions", file)
    for page in (tmp_path / "pages").iterdir():
        assert_nothing_came_out(page.read_text(encoding="utf-8"))
