"""The README is true: it shows what the program prints, its commands run, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
import sys
import tomllib
from pathlib import Path

import pytest
from readme_blocks import BLOCKS, GRAPHSCAN, QUICK, README, ROOT, block, python_lines, run_in
from shell import Shell

from graphscan.results import Scan

TEXT = README.read_text(encoding="utf-8")
COMMANDS = re.findall(r"^graphscan .*$", block(TEXT, "commands"), re.MULTILINE)


@pytest.mark.parametrize("name", QUICK)
def test_what_it_shows_is_up_to_date(name: str) -> None:
    assert block(TEXT, name) == BLOCKS[name](TEXT), "python tests/readme_blocks.py writes it anew"


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(BLOCKS) - set(QUICK)))
def test_what_it_prints_is_up_to_date(name: str) -> None:
    assert block(TEXT, name) == BLOCKS[name](TEXT), "python tests/readme_blocks.py writes it anew"


def test_the_python_is_six_lines() -> None:
    assert len(python_lines(TEXT).splitlines()) == 6


def test_its_commands_run(
    tmp_path: Path, shell: Shell, sample_scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order of the page; the map has a slow test of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").symlink_to(ROOT / "data")
    names = {"check", "scan", "explain", "evaluate", "map", "simulate", "queries"}
    assert {c.split()[1] for c in COMMANDS} == names
    for command in COMMANDS:
        _, *args = shlex.split(command)
        if args[0] != "map":
            code, out, err = shell(*args)
            assert code == 0 and out, err
    # The page's scan is the session's, whatever was called in between.
    for name in ("rings", "members", "evidence"):
        file = f"{name}.parquet"
        assert (tmp_path / "run" / file).read_bytes() == (sample_scan.path / file).read_bytes()


def test_every_command_and_table_is_told() -> None:
    listed = run_in(ROOT, GRAPHSCAN, "--help")
    for command in re.findall(r"^│ (\w+) ", listed, re.MULTILINE):
        assert f"| `{command}" in TEXT


def test_every_file_of_a_run_is_told(sample_scan: Scan) -> None:
    for path in sample_scan.path.iterdir():
        assert f"`{path.name}" in TEXT, path.name


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    rows = re.findall(r"^\| ([a-z0-9, -]+) \|", TEXT.partition("## Dependencies")[2], re.MULTILINE)
    told = {name.strip() for row in rows for name in row.split(",")} - {"library"}
    assert told == {re.split("[><=]", d)[0] for d in project["dependencies"]}
    assert "GPL" in TEXT


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        assert (ROOT / target).exists(), target


def test_the_python_version_is_the_projects() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "requires-python"
    ]
    assert f"Python {wanted.removeprefix('>=')} or newer" in TEXT
    assert sys.version_info >= tuple(int(n) for n in wanted.removeprefix(">=").split("."))
