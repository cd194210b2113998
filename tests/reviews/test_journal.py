"""The journal sees a line that was changed, moved or taken out."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pydantic_core
import pytest

from graphscan.errors import RunError
from graphscan.reviews.journal import append, head_of, read_journal


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "exports.jsonl"
    for name in ("json", "csv", "stix"):
        append(path, {"format": name})
    return path


def test_half_a_pair_from_the_command_line_leaves_lines_that_every_parser_reads(tmp_path: Path) -> None:
    journal = tmp_path / "exports.jsonl"
    append(journal, {"to": "p\udcffq", "reason": "\ud83d\ude00 \ud800", "\udc00": "x\U0001f600\u2028"})
    append(journal, {"to": "peer"})
    for line in journal.read_bytes().splitlines():
        pydantic_core.from_json(line, allow_inf_nan=False)
    told, _ = read_journal(journal)
    assert (told["to"], told["reason"], told["\ufffd"]) == (
        "p\ufffdq",
        "\U0001f600 \ufffd",
        "x\U0001f600\u2028",
    )


def test_entries_read_back_in_their_order_for_the_owner_alone(journal: Path) -> None:
    assert [e["format"] for e in read_journal(journal)] == ["json", "csv", "stix"]
    assert [p.stat().st_mode & 0o077 for p in (journal, head_of(journal))] == [0, 0]


@pytest.mark.parametrize(
    "tamper",
    [
        lambda lines: [lines[0].replace(b"json", b"misp"), *lines[1:]],
        lambda lines: [lines[0], lines[2]],
        lambda lines: [lines[1], lines[0], lines[2]],
        lambda lines: lines[1:],
        lambda lines: lines[:2],
        lambda lines: [],
        lambda lines: [lines[0]],
        lambda lines: [*lines[:2], lines[2].replace(b"stix", b"misp")],
        lambda lines: [*lines[:2], b"{}"],
        lambda lines: [*lines[:2], b"no json"],
    ],
)
def test_a_broken_chain_is_seen_and_nothing_is_added(
    journal: Path, tamper: Callable[[list[bytes]], list[bytes]]
) -> None:
    journal.write_bytes(b"".join(line + b"\n" for line in tamper(journal.read_bytes().splitlines())))
    before = journal.read_bytes()
    said = "does not follow the line before it|is not what was written"
    with pytest.raises(RunError, match=said):
        read_journal(journal)
    with pytest.raises(RunError, match=said):
        append(journal, {"format": "csv"})
    assert journal.read_bytes() == before


def test_a_journal_that_is_gone_or_begun_anew_is_seen(journal: Path, tmp_path: Path) -> None:
    journal.unlink()
    with pytest.raises(RunError, match="got 0 lines; expected 3 or more"):
        append(journal, {"format": "csv"})
    other = tmp_path / "other.jsonl"
    for name in ("json", "csv", "parquet", "stix"):
        append(other, {"format": name, "to": "somebody else"})
    other.rename(journal)
    with pytest.raises(RunError, match="is not what was written: got 4 lines; expected 3 or more"):
        read_journal(journal)


def test_a_crash_before_the_head_was_written_costs_nothing(journal: Path) -> None:
    head = head_of(journal)
    before = head.read_text()
    append(journal, {"format": "csv"})
    head.write_text(before)
    append(journal, {"format": "misp"})
    assert len(read_journal(journal)) == 5 and head.read_text().startswith("5 ")
    head.unlink()
    assert len(read_journal(journal)) == 5
    head.write_text("five")
    with pytest.raises(RunError, match="is no head of a journal"):
        append(journal, {})


def test_a_full_disk_leaves_no_half_line(journal: Path) -> None:
    before = journal.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 40, limits[1]))
    try:
        with pytest.raises(RunError, match="cannot be written"):
            append(journal, {"format": "csv"})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, heard)
    assert journal.read_bytes() == before
    append(journal, {"format": "csv"})
    assert len(read_journal(journal)) == 4


def test_a_user_without_a_name_is_told_by_number(tmp_path: Path) -> None:
    """As in a container that was started under a number."""
    script = "import sys, pathlib; from graphscan.reviews.journal import append; "
    script += "append(pathlib.Path(sys.argv[1]), {})"
    path = tmp_path / "exports.jsonl"
    code = "import os, pwd; pwd.getpwuid = {}.__getitem__; " + script
    bare = {k: v for k, v in os.environ.items() if k not in ("LOGNAME", "USER", "LNAME", "USERNAME")}
    subprocess.run([sys.executable, "-c", code, str(path)], check=True, env=bare)
    assert read_journal(path)[0]["who"] == f"uid {os.getuid()}"


def test_two_exports_at_once_follow_one_another(tmp_path: Path) -> None:
    path = tmp_path / "exports.jsonl"
    code = "import sys, pathlib; from graphscan.reviews.journal import append\n"
    code += "for n in range(20): append(pathlib.Path(sys.argv[1]), {'n': n})"
    both = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(2)]
    assert [p.wait() for p in both] == [0, 0]
    assert len(read_journal(path)) == 40


def test_half_a_line_is_no_line(journal: Path) -> None:
    journal.write_bytes(journal.read_bytes()[:-1])
    with pytest.raises(RunError, match="line 3: does not follow"):
        read_journal(journal)


def test_a_journal_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be written"):
        append(tmp_path / "file" / "exports.jsonl", {})
