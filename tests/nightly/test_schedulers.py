"""The README's pieces for schedulers, each tried as far as this machine can."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")


def _block(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n```\w*\n(.*?)```\n<!-- /{name} -->", README, re.DOTALL)
    assert found, name
    return found[1]


def _in_folder(command: str, folder: Path) -> list[str]:
    """What the command gives graphscan, in a folder where that is a script that prints its arguments."""
    graphscan = folder / ".venv" / "bin" / "graphscan"
    graphscan.parent.mkdir(parents=True)
    graphscan.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    graphscan.chmod(0o700)
    here = command.replace("/srv/graphscan", shlex.quote(str(folder)))
    done = subprocess.run(["/bin/sh", "-c", here], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_the_crontab_line_asks_for_yesterday(tmp_path: Path) -> None:
    when, command = re.fullmatch(r"((?:\S+ ){5})(.*)\n", _block("crontab")).groups()  # type: ignore[union-attr]
    assert when.split() == ["30", "2", "*", "*", "*"]
    given = _in_folder(command.replace("\\%", "%"), tmp_path)
    assert given[:2] == ["nightly", "--date"]
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", given[2])


def test_the_service_asks_for_yesterday(tmp_path: Path) -> None:
    start = re.search(r"^ExecStart=(.*)$", _block("service"), re.MULTILINE)
    assert start
    shell = shlex.split(start[1].replace("%%", "%"))
    assert shell[:2] == ["/bin/sh", "-c"]
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", _in_folder(shell[2], tmp_path)[2])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    units = []
    for kind in ("service", "timer"):
        unit = tmp_path / f"graphscan-nightly.{kind}"
        unit.write_text(_block(kind))
        units.append(str(unit))
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "graphscan-nightly" in line] == []


def test_the_airflow_task_is_python_and_gives_the_logical_date() -> None:
    call = ast.parse(_block("airflow")).body[0]
    assert isinstance(call, ast.Expr)
    assert isinstance(call.value, ast.Call)
    given = {k.arg: ast.literal_eval(k.value) for k in call.value.keywords}
    assert "--date {{ ds }}" in given["bash_command"]
    assert given["skip_on_exit_code"] == 99
