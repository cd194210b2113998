"""The README's pieces for schedulers, each tried as far as this machine can."""

from __future__ import annotations

import ast
import datetime as dt
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from graphscan.nightly.shelf import read_catalog

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


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


@pytest.mark.slow
def test_the_crontab_line_runs_the_night_of_yesterday_in_an_empty_environment(place, tmp_path: Path) -> None:
    """As cron runs it: by sh, with four variables, and a % where the line has one behind a backslash."""
    yesterday = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    _write_as_of(place.log / "requests", yesterday)
    served = tmp_path / "srv"
    graphscan = served / ".venv" / "bin" / "graphscan"
    graphscan.parent.mkdir(parents=True)
    start = shlex.join([sys.executable, "-c", "from graphscan.cli import main; main()"])
    graphscan.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {start} "$@"\n')
    graphscan.chmod(0o700)
    inputs = [f'{t} = "{place.log}/{f}"' for t, f in (("requests", "requests/{date}.parquet"), *BESIDE)]
    (served / "graphscan.toml").write_text("\n".join(["[inputs]", *inputs, "[nightly]", 'window = "3d"']))
    command = _block("crontab").split(maxsplit=5)[5].replace("\\%", "%").strip()
    here = command.replace("/srv/graphscan", shlex.quote(str(served)))
    given = {"HOME": str(tmp_path), "LOGNAME": "nobody", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(["/bin/sh", "-c", here], env=given, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert list(read_catalog(served / "nights").nights) == [yesterday.isoformat()]
    assert {p.name for p in served.iterdir()} == {".venv", "graphscan.toml", "nights"}


BESIDE = (("accounts", "accounts.parquet"), ("payments", "payments.parquet"))


def _write_as_of(requests: Path, day: dt.date) -> None:
    """The last three days of a log once more, the last of them on another day."""
    last = sorted(requests.iterdir())[-3:]
    moved_by = day - dt.date.fromisoformat(last[-1].stem)
    for path in last:
        rows = pl.read_parquet(path).with_columns(pl.col("ts") + moved_by)
        rows.write_parquet(requests / f"{dt.date.fromisoformat(path.stem) + moved_by}.parquet")


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
