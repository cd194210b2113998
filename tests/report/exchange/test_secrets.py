"""Planted secrets: what a level must not show is in no file of it, in no spelling."""

from __future__ import annotations

import base64
import html
import io
import json
import unicodedata
import urllib.parse
from pathlib import Path

import polars as pl
import pytest
from exchange.shorthand import NAMES
from run_folder import write_run_folder

from graphscan.entities import with_count, without_count
from graphscan.errors import RunError
from graphscan.report.exchange.findings import Level
from graphscan.report.exchange.levels import SMALL, findings
from graphscan.report.exchange.release import FORMATS, export
from graphscan.report.exchange.text import markdown
from graphscan.reviews.journal import read_journal
from graphscan.runs.folder import read_run
from graphscan.stopping import made_aside

SECRET = "Sékret<7x/Q"
IN_TEMPLATE = (
    "203.0.113.77",
    "2001:db8:77::1",
    "someone@victim.example",
    "4242 4242 4242 4242",
    "sk-ant-Zx81kQp0dLw93nTbVr",
    "https://victim.example/x",
    "harvest.example",
)
SIZES = {"ring-0001": 40, "ring-0002": 12, "ring-0003": 4, f"{SECRET} ring": 9}
LAST = list(SIZES)[-1]
"""A ring whose own id, triage, scale, families, signals and measures are text of strangers too."""


def planted(text: str) -> str:
    """Every text of the log with a secret before it; templates with what a template must lose."""
    if "⟨…⟩" in text:
        return f"{text} {' and '.join(IN_TEMPLATE)}, as {SECRET} acct-1-00003 said"
    return f"{SECRET} {text}"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_run_folder(tmp_path_factory.mktemp("secrets") / f"{SECRET[:6]}-run", SIZES, planted)
    rings = pl.read_parquet(folder / "rings.parquet")
    for column in ("scale", "triage"):
        rings = rings.with_columns(
            pl.when(pl.col("rank") == 4).then(pl.lit(SECRET)).otherwise(column).alias(column)
        )
    rings = rings.with_columns(
        families=pl.when(pl.col("rank") == 4).then(pl.lit([SECRET])).otherwise("families")
    )
    rings.write_parquet(folder / "rings.parquet")
    for name, columns in (("evidence", ("family", "signal")), ("activity", ("measure",))):
        frame = pl.read_parquet(folder / f"{name}.parquet")
        frame = frame.with_columns(
            pl.when(pl.col("ring_id") == LAST).then(pl.lit(SECRET)).otherwise(c).alias(c) for c in columns
        )
        frame.write_parquet(folder / f"{name}.parquet")
    return folder


def spellings(secret: str) -> list[bytes]:
    """A text as it is, and as formats and programs would write it."""
    plain = secret.encode()
    middle = [base64.b64encode(b"x" * n + plain)[4 * bool(n) : -4] for n in range(3)]
    written = {
        secret,
        secret[::-1],
        unicodedata.normalize("NFD", secret),
        html.escape(secret),
        json.dumps(secret)[1:-1],
        urllib.parse.quote(secret),
        urllib.parse.quote(secret, safe=""),
        plain.hex(),
        secret.upper(),
        secret.replace(".", "[.]"),
        markdown(secret),
    }
    return [*(w.encode() for w in written), *(m for m in middle if len(m) > 8)]


def readable(files: dict[str, bytes]) -> bytes:
    """All bytes of an export, names too, compressed files also unpacked."""
    parts = [name.encode() + b"\n" + content for name, content in files.items()]
    for name, content in files.items():
        if name.endswith(".parquet"):
            frame = pl.read_parquet(io.BytesIO(content))
            parts.append(json.dumps(frame.to_dict(as_series=False), default=str, ensure_ascii=False).encode())
    return b"\n".join(parts)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("level", ["partner", "public"])
def test_no_secret_is_in_any_file(form: str, level: Level, run: Path) -> None:
    content = readable(FORMATS[form](findings(read_run(run), level, NAMES)))
    hidden = [SECRET, *IN_TEMPLATE, "acct-1-0", "near-1", "198.51.100.", "card 4", "meridian-5", "axios"]
    hidden += ["at all hours", "Listing costs"]
    if level == "public":
        hidden += ["careful engineer", "Solve ticket"]
    assert [h for h in hidden for s in spellings(h) if s in content] == []
    assert NAMES.key not in content and NAMES.key.hex().encode() not in content


@pytest.mark.parametrize("form", ["json", "parquet", "stix", "markdown"])
def test_templates_reach_partners(form: str, run: Path) -> None:
    content = readable(FORMATS[form](findings(read_run(run), "partner", NAMES)))
    assert b"careful engineer" in content


@pytest.mark.parametrize("form", FORMATS)
def test_prompts_leave_at_no_level(form: str, run: Path) -> None:
    content = readable(FORMATS[form](findings(read_run(run), "internal", NAMES)))
    assert b"Solve ticket 0 of part" not in content


def test_internal_has_what_the_run_has(run: Path) -> None:
    """Else the tests above would pass on empty files."""
    content = readable(FORMATS["json"](findings(read_run(run), "internal")))
    assert json.dumps(SECRET)[1:-1].encode() in content and b"198.51.100.3" in content


@pytest.mark.parametrize("level", ["partner", "public"])
def test_no_number_counts_fewer_than_five_accounts(level: Level, run: Path) -> None:
    told = findings(read_run(run), level, NAMES)
    assert told.n_rings_withheld == 1
    for ring in told.rings:
        assert ring.n_accounts >= SMALL
        assert ring.n_indicators_withheld == (0 if ring.n_accounts >= 20 else 6)
        linked = 0 if ring.n_core is None else ring.n_accounts - ring.n_core
        assert linked == 0 or linked >= SMALL
        if ring.n_core is None:
            assert {m.tier for m in ring.members} == {"member"}
        for i in ring.indicators:
            assert i.n_members >= SMALL
            assert i.n_accounts is None or not 0 < i.n_accounts - i.n_members < SMALL


def test_same_account_same_token_on_another_night(run: Path, tmp_path: Path) -> None:
    other = write_run_folder(tmp_path / "next", {"ring-0007": 40}, planted)
    one, two = (findings(read_run(r), "partner", NAMES).rings[0] for r in (run, other))
    assert {m.account for m in one.members} == {m.account for m in two.members}
    assert {i.entity for i in one.indicators} == {i.entity for i in two.indicators}


def test_an_entity_is_the_same_however_many_have_its_users(run: Path, tmp_path: Path) -> None:
    folder = write_run_folder(tmp_path / "next", SIZES, planted)
    evidence = pl.read_parquet(folder / "evidence.parquet")
    more = pl.when(pl.col("signal") == "address").then(pl.col("entity").map_elements(_one_more, pl.String))
    evidence.with_columns(entity=more.otherwise("entity")).write_parquet(folder / "evidence.parquet")
    before, after = (findings(read_run(r), "partner", NAMES).rings[0].indicators for r in (run, folder))
    assert [i.entity for i in before] == [i.entity for i in after]
    plain = read_run(write_run_folder(tmp_path / "plain", SIZES))
    (first, *_) = findings(plain, "internal").rings
    kinds = {i.kind for i in first.indicators if i.signal == "address"}
    assert kinds == {"address"}


def _one_more(entity: str) -> str:
    return with_count(without_count(entity), 7)


def test_the_journal_comes_first_and_tells_no_secret(run: Path, tmp_path: Path) -> None:
    journal = tmp_path / "exports.jsonl"
    files = export(run, "json", "partner", tmp_path / "out", NAMES, "ring-0001", journal, "peer", "asked")
    (entry,) = read_journal(journal)
    assert entry["rings"] == ["ring-0001"] and entry["to"] == "peer" and entry["key_id"] == NAMES.key_id
    assert sorted(entry["files"]) == sorted(p.name for p in files)
    assert "acct" not in journal.read_text() and NAMES.key.decode() not in journal.read_text()
    assert all(p.stat().st_mode & 0o077 == 0 for p in (*files, tmp_path / "out"))


def test_without_a_journal_or_a_key_nothing_is_released(run: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    out = tmp_path / "out"
    with pytest.raises(RunError, match=r"exports\.jsonl: cannot be written"):
        export(run, "csv", "internal", out, journal=tmp_path / "file" / "exports.jsonl")
    with pytest.raises(RunError, match="level partner: needs pseudonyms: got no key"):
        export(run, "csv", "partner", out, journal=tmp_path / "exports.jsonl")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    journal = tmp_path / "exports.jsonl"
    for name in ("one", "two"):
        export(run, "csv", "internal", tmp_path / name, journal=journal)
    first, _ = journal.read_bytes().splitlines(keepends=True)
    for shorter in (first, b"", first[:-9]):
        journal.write_bytes(shorter)
        with pytest.raises(RunError, match=r"is not what was written|broken chain"):
            export(run, "csv", "internal", out, journal=journal)
        assert not out.exists() and journal.read_bytes() == shorter
    assert not [p for p in tmp_path.iterdir() if "partial" in p.name]


def test_what_a_killed_export_left_is_removed_and_a_living_ones_is_not(run: Path, tmp_path: Path) -> None:
    left = tmp_path / ".out.partial-left"
    left.mkdir()
    (left / "members.csv").write_text("somebody")
    with made_aside(tmp_path, ".out.partial-") as living:
        export(run, "csv", "internal", tmp_path / "out", journal=tmp_path / "exports.jsonl")
        assert not left.exists() and living.exists()
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0


def test_what_is_in_the_way_stays(run: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is in the way"):
        export(run, "csv", "internal", tmp_path, journal=tmp_path / "exports.jsonl")
    assert list(tmp_path.iterdir()) == []
