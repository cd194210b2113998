"""A night's window, its days in paths, and amounts of memory."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from graphscan.errors import LogsError, SettingsError
from graphscan.kinds import n_bytes
from graphscan.logs.files import folders_named, paths_named
from graphscan.nightly.night import run_night
from graphscan.nightly.plan import nights_of, plan_of, preflight
from graphscan.progress import Silent
from graphscan.settings import Settings

DATE = dt.date(2026, 3, 1)


def _settings(requests: str, folder: Path | str = "nights", **inputs: object) -> Settings:
    return Settings.load(
        None, inputs={"requests": requests, **inputs}, nightly={"folder": str(folder), "window": "3d"}
    )


def test_the_window_ends_with_the_date_and_days_stand_for_it() -> None:
    plan = plan_of(_settings("log/dt={date}/*.parquet"), DATE)
    inputs = plan.settings.inputs
    assert (inputs.from_at, inputs.to_at) == (dt.datetime(2026, 2, 27), dt.datetime(2026, 3, 2))  # noqa: DTZ001
    assert inputs.requests == "log/dt={2026-02-27..2026-03-01}/*.parquet"


def test_a_select_is_left_as_it_is() -> None:
    text = "SELECT * FROM read_parquet('log/*.parquet') WHERE note <> '{date}'"
    assert plan_of(_settings(text), DATE).settings.inputs.requests == text


def test_a_window_of_its_own_is_refused() -> None:
    with pytest.raises(SettingsError, match="a night has its own window"):
        plan_of(_settings("log", **{"from": "2026-01-01"}), DATE)


def test_days_in_a_path_are_those_that_are_there(tmp_path: Path) -> None:
    for day in ("2026-02-26", "2026-02-27", "2026-03-01", "2026-03-02"):
        folder = tmp_path / f"dt={day}"
        folder.mkdir()
        (folder / "part.parquet").write_bytes(b"")
    text = f"{tmp_path}/dt={{2026-02-27..2026-03-01}}/*.parquet"
    assert [Path(p).parent.name for p in paths_named(text)] == ["dt=2026-02-27", "dt=2026-03-01"]
    assert folders_named(text)[0] == tmp_path
    assert paths_named(f"{tmp_path}/dt={{2026-02-30..2026-03-01}}/*.parquet") == []


def test_a_file_with_braces_in_its_name_is_that_file(tmp_path: Path) -> None:
    path = tmp_path / "{2026-02-27..2026-03-01}.parquet"
    path.write_bytes(b"")
    assert paths_named(str(path)) == [str(path)]


def test_every_input_that_is_missing_is_named_at_once(tmp_path: Path) -> None:
    settings = _settings(str(tmp_path / "{date}.parquet"), tmp_path, accounts=str(tmp_path / "none.parquet"))
    with pytest.raises(LogsError) as e:
        preflight(plan_of(settings, DATE))
    assert "inputs.requests: names no file" in e.value.message
    assert "inputs.accounts: names no file" in e.value.message
    assert list(tmp_path.iterdir()) == []


class Closed(Silent):
    """Progress that knows whether it was closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


def test_a_night_that_cannot_begin_leaves_no_bar_on_the_terminal(tmp_path: Path) -> None:
    progress = Closed()
    with pytest.raises(LogsError, match="names no file"):
        run_night(plan_of(_settings(str(tmp_path / "{date}.parquet"), tmp_path), DATE), progress)
    assert progress.closed


def test_several_nights_are_all_days_from_first_to_last() -> None:
    assert [d.isoformat() for d in nights_of(None, "2026-02-27", "2026-03-01")] == [
        "2026-02-27",
        "2026-02-28",
        "2026-03-01",
    ]


@pytest.mark.parametrize("date", ["0001-01-05", "1989-12-31", "2100-01-01", "9999-12-31"])
def test_a_night_is_of_a_date_that_a_log_may_be_of(date: str) -> None:
    with pytest.raises(
        SettingsError, match=f"--date: is out of range: got {date}; expected a date of 1990 to 2099"
    ):
        nights_of(date, None, None)


@pytest.mark.parametrize(
    ("memory", "number"), [("1MB", 10**6), ("1.5GB", 15 * 10**8), ("2 GiB", 2 << 30), ("1TiB", 1 << 40)]
)
def test_amounts_of_memory_are_bytes(memory: str, number: int) -> None:
    assert n_bytes(memory) == number
