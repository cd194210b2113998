"""A night is published whole or not at all; repeated, it changes nothing; what is wrong is said before it costs."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from shell import Shell

from graphscan.errors import RunError
from graphscan.nightly.child import scan_night
from graphscan.nightly.gates import gates
from graphscan.nightly.measure import Measured
from graphscan.nightly.night import BACK
from graphscan.nightly.shelf import alone, faults, read_catalog
from graphscan.nightly.watch import watched
from graphscan.results import Scan

FIRST, SECOND = "2026-03-04", "2026-03-05"


def test_a_night_is_a_run_whose_every_file_has_its_hash(first_night, shell: Shell) -> None:
    assert faults(first_night.nights) == []
    assert Scan.read(first_night.nights / "current").rings.height > 0
    code, out, _ = shell("verify", "--nights", first_night.nights)
    assert (code, out) == (0, "1 nights: all whole\n")


def test_a_night_repeated_is_nothing_to_do(place, shell: Shell) -> None:
    before = read_catalog(place.nights)
    code, out, _ = shell(*place.arguments(FIRST))
    assert code == 99
    assert out.startswith(f"{FIRST}: nothing")
    assert read_catalog(place.nights) == before


def test_other_settings_are_a_generation_beside_the_old_one_and_the_old_ones_bring_it_back(
    place, shell: Shell
) -> None:
    config = place.home / "graphscan.toml"
    config.write_text("[rings]\nmin_accounts = 1000\n")
    code, _, _ = shell(*place.arguments(FIRST), "--config", config)
    assert code == 0
    catalog = read_catalog(place.nights)
    assert len(catalog.all(FIRST)) == 2
    assert faults(place.nights) == []
    code, out, _ = shell(*place.arguments(FIRST))
    assert code == 0
    assert out.startswith(f"{FIRST}: restored")
    assert [e.generation for e in read_catalog(place.nights).all(FIRST)] == [
        e.generation for e in reversed(catalog.all(FIRST))
    ]
    assert faults(place.nights) == []


def test_a_day_that_is_missing_is_degraded_or_refused(place, shell: Shell) -> None:
    (place.log / "requests" / f"{SECOND}.parquet").unlink()
    config = place.home / "graphscan.toml"
    config.write_text('[nightly]\non_breach = "refuse"\n')
    code, _, err = shell(*place.arguments(SECOND), "--config", config)
    assert code == 1
    assert f"night {SECOND} is refused: got {SECOND}: no request is there" in err
    assert list(read_catalog(place.nights).nights) == [FIRST]
    code, out, _ = shell(*place.arguments(SECOND))
    assert code == 3
    assert f"degraded: {SECOND}: no request is there" in out
    assert shell.json("nights", "--nights", place.nights)[-1]["breaches"] == [
        f"{SECOND}: no request is there"
    ]


def test_a_file_that_cannot_be_read_makes_the_night_degraded(place, shell: Shell) -> None:
    """IN-10: a log of which a part is missing is not one like before."""
    (place.log / "requests" / f"{SECOND}-2.parquet").write_bytes(b"noise")
    arguments = [str(a).replace("{date}.parquet", "{date}*.parquet") for a in place.arguments(SECOND)]
    code, out, _ = shell(*arguments)
    assert code == 3
    unread = f"requests: unreadable: {place.log}/requests/{SECOND}-2.parquet"
    assert f"degraded: {unread}" in out
    assert shell.json("nights", "--nights", place.nights)[-1]["breaches"] == [unread]


def test_files_that_come_or_change_between_the_gates_and_the_scan_make_the_night_degraded(place) -> None:
    """They are in the rings, and not in what names the generation."""
    requests, accounts = place.log / "requests", place.log / "accounts.parquet"
    late = requests / f"{FIRST}-late.parquet"
    inputs = {
        "requests": f"{requests}/*.parquet",
        "accounts": str(accounts),
        "from": "2026-03-02",
        "to": SECOND,
    }
    told: list[str] = []

    def tell(line: Mapping[str, Any]) -> None:
        told.append(line["stage"])
        if line["stage"] == "open the log":
            shutil.copy(requests / f"{FIRST}.parquet", late)
            pl.read_parquet(accounts).head(300).write_parquet(accounts)

    task = {
        "root": str(place.nights),
        "date": FIRST,
        "settings": {"inputs": inputs},
        "staged": str(place.home / "staged"),
        "known": [],
        "before": {},
    }
    facts = scan_night(task, tell)
    assert told.index("measure the log") < told.index("open the log")
    assert (facts["outcome"], len(facts["measured"]["inputs"])) == ("scanned", 4)
    assert facts["breaches"] == [f"{path}: changed while it was read" for path in (accounts, late)]


def test_a_date_at_which_the_log_has_nothing_is_no_night(place, shell: Shell) -> None:
    """A scheduler whose clock is years ahead asks for it: it would be the newest night until then."""
    arguments = [str(a).replace("{date}", "*") for a in place.arguments("2031-01-05")]
    code, _, err = shell(*arguments)
    assert code == 1
    assert "the window of night 2031-01-05 is empty: got no request from 2031-01-03 00:00:00" in err
    assert list(read_catalog(place.nights).nights) == [FIRST]
    assert (place.nights / "current").resolve().parent.name == FIRST


def test_purge_removes_nights_and_finds_nothing_of_them(place, shell: Shell) -> None:
    (place.nights / "note.txt").write_text("who looks for accounts finds none here")
    (place.nights / "decisions.jsonl").write_text('{"core": ["r001"]}\n')
    config = place.home / "graphscan.toml"
    config.write_text(f'[review]\ndecisions = "{place.nights}/decisions.jsonl"\n')
    n_files = len(list((place.nights / "current").resolve().rglob("*.*"))) - 1
    report = shell.json("purge", "--nights", place.nights, "--before", SECOND, "--config", config)
    assert report["dates"] == [FIRST]
    assert report["n_accounts"] == 316
    assert report["n_entities"] > 20  # shared ones: addresses, cards, hashes of the template
    assert report["n_gone_files"] == n_files
    assert report["kept"] == [f"{place.nights}/decisions.jsonl"]
    assert not (place.nights / "nights" / FIRST).exists()
    assert not (place.nights / "current").is_symlink()
    assert faults(place.nights) == []


def test_purge_says_what_was_looked_for_and_what_stays(place, shell: Shell) -> None:
    code, out, _ = shell("purge", "--nights", place.nights, "--before", SECOND)
    assert code == 0
    assert re.search(r"316 accounts, \d+ entities and \d+ files .* looked for in .* none found", out)
    assert "kept: names, dates and counts" in out


def _account(run: Path) -> str:
    return f"look at {Scan.read(run).members['account_id'][0]}, please"


def _address(run: Path) -> str:
    named = pl.read_parquet(run / "touches" / "network" / "entities.parquet")
    return json.dumps({"seen": named["entity"][0]})


def _page(run: Path) -> str:
    return (run / "report" / "index.html").read_text()


@pytest.mark.parametrize("left", [_account, _address, _page])
def test_purge_names_what_still_holds_an_account_an_entity_or_a_file(place, left, shell: Shell) -> None:
    text = left(place.nights / "current")
    (place.nights / "note.txt").write_text(text)
    code, _, err = shell("purge", "--nights", place.nights, "--before", SECOND)
    assert code == 1
    assert "note.txt" in err
    assert text not in err


def test_purge_looks_into_the_cells_of_tables(place, shell: Shell) -> None:
    members = Scan.read(place.nights / "current").members["account_id"].to_list()
    pl.DataFrame({"seen": [["nobody", members[0]]]}).write_parquet(place.nights / "copy.parquet")
    code, _, err = shell("purge", "--nights", place.nights, "--before", SECOND)
    assert code == 1
    assert "got copy.parquet; expected none" in err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--date", "2026-13-01"), "--date: is no date"),
        ((), "nightly: which night: got nothing"),
        (("--date", FIRST, "--from", FIRST), "got --date and --from"),
        (("--from", SECOND, "--to", FIRST), "--to: is before --from"),
        (("--date", FIRST), "inputs.requests: is missing"),
    ],
)
def test_a_wrong_command_line_exits_2(given, said: str, shell: Shell, tmp_path: Path) -> None:
    code, _, err = shell("nightly", *given, "--nights", tmp_path)
    assert code == 2
    assert said in err


def test_inputs_that_are_not_there_end_the_night_before_it_begins(place, shell: Shell) -> None:
    code, _, err = shell(*place.arguments("2027-03-05"))
    assert code == 1
    assert "inputs.requests: names no file" in err


def test_a_full_disk_ends_the_night_before_it_begins(place, shell: Shell) -> None:
    config = place.home / "graphscan.toml"
    config.write_text('[nightly]\nmin_free = "999999GB"\n')
    code, _, err = shell(*place.arguments(SECOND), "--config", config)
    assert code == 1
    assert "has no room" in err


def test_a_folder_that_cannot_be_written_ends_the_night_before_it_begins(place, shell: Shell) -> None:
    (place.home / "file").write_text("")
    arguments = [place.home / "file" if a == place.nights else a for a in place.arguments(SECOND)]
    code, _, err = shell(*arguments)
    assert code == 1
    assert "cannot be written" in err


def test_one_run_at_a_time_until_the_other_dies(place, shell: Shell) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time, pathlib\nfrom graphscan.nightly.shelf import alone\n"
            "with alone(pathlib.Path(sys.argv[1])):\n    print(flush=True)\n    time.sleep(60)",
            place.nights,
        ],
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    with holder.stdout:
        holder.stdout.readline()
        code, _, err = shell(*place.arguments(FIRST))
        assert code == 1
        assert "is in use" in err
        holder.kill()
        holder.wait()
    with alone(place.nights):
        pass


def test_what_a_killed_run_left_is_cleared_but_never_a_night(place, shell: Shell) -> None:
    stray = place.nights / "nights" / FIRST / "0123456789abcdef"
    for folder in (place.nights / ".partial" / "night", stray):
        folder.mkdir(parents=True)
    (place.nights / ".nights.json.new").write_text("{")
    (place.nights / "current").unlink()
    assert shell(*place.arguments(FIRST))[0] == 99
    assert {p.name for p in place.nights.iterdir() if p.name.startswith(".")} == {".lock"}
    assert faults(place.nights) == [f"{FIRST}/0123456789abcdef was never published: run the night again"]
    assert shell("purge", "--nights", place.nights, "--before", SECOND)[0] == 0
    assert not stray.exists()


def test_a_catalog_that_is_gone_loses_no_night(place, shell: Shell) -> None:
    catalog = (place.nights / "nights.json").rename(place.home / "nights.json")
    code, _, err = shell(*place.arguments(FIRST))
    assert code == 1
    assert "is gone: got nights without it" in err
    catalog.rename(place.nights / "nights.json")
    assert faults(place.nights) == []


def test_what_a_night_writes_is_for_its_owner_alone(first_night) -> None:
    there = [p for p in first_night.nights.rglob("*") if not p.is_symlink()]
    assert [p for p in there if p.stat().st_mode & 0o077] == []


def test_verify_names_every_fault(place, shell: Shell) -> None:
    night = (place.nights / "current").resolve()
    (night / "rings.parquet").write_bytes(b"PAR1")
    (night / "members.parquet").unlink()
    (night / "stranger").write_text("")
    (place.nights / "current").unlink()
    code, out, _ = shell("verify", "--nights", place.nights)
    assert code == 1
    for said in ("current: leads to nothing", "rings.parquet has other bytes", "members.parquet is missing"):
        assert said in out
    assert "stranger was put there later" in out


def test_a_night_that_was_damaged_is_made_again_in_its_place(place, shell: Shell) -> None:
    night = (place.nights / "current").resolve()
    before = (night / "members.parquet").read_bytes()
    (night / "members.parquet").write_bytes(b"PAR1")
    assert shell(*place.arguments(FIRST))[0] == 0
    assert (night / "members.parquet").read_bytes() == before
    assert len(read_catalog(place.nights).all(FIRST)) == 1
    assert faults(place.nights) == []


def test_purge_removes_a_damaged_night_and_says_so(place, shell: Shell) -> None:
    night = (place.nights / "current").resolve()
    (night / "touches" / "accounts.parquet").write_bytes(b"PAR1")
    report = shell.json("purge", "--nights", place.nights, "--before", SECOND)
    assert (report["n_accounts"], report["unread"]) == (0, [f"{FIRST}/{night.name}"])
    assert not night.exists()


def test_purge_removes_nothing_while_a_night_that_stays_is_damaged(place, shell: Shell) -> None:
    """What it shares with the nights that go would be looked for, and found in it."""
    assert shell(*place.arguments(SECOND))[0] == 0
    catalog, there = read_catalog(place.nights), sorted(place.nights.rglob("*"))
    accounts = (place.nights / "current").resolve() / "touches" / "accounts.parquet"
    whole = accounts.read_bytes()
    accounts.write_bytes(b"PAR1")
    code, _, err = shell("purge", "--nights", place.nights, "--before", SECOND)
    assert code == 1
    said = (
        f"nights that stay cannot be read: got {SECOND}/{catalog.nights[SECOND].generation}; expected whole"
    )
    assert said in " ".join(err.split())
    assert (read_catalog(place.nights), sorted(place.nights.rglob("*"))) == (catalog, there)
    accounts.write_bytes(whole)
    report = shell.json("purge", "--nights", place.nights, "--before", SECOND)
    assert (report["dates"], report["n_accounts"], report["unread"]) == ([FIRST], 0, [])
    assert faults(place.nights) == []


def test_a_catalog_of_a_newer_graphscan_is_refused(place, shell: Shell) -> None:
    path = place.nights / "nights.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format_version": 99}))
    code, _, err = shell(*place.arguments(FIRST))
    assert code == 1
    assert "is of a newer graphscan" in err


CRASHES = {
    "SIGSEGV": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    "exit code 7": "import os; os._exit(7)",
    "more than 2 s": "import time; time.sleep(60)",
}


@pytest.mark.parametrize("how", CRASHES)
def test_a_crash_and_a_hang_name_the_stage(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!{sys.executable}\nprint(\'{{"stage": "propose"}}\', flush=True)\n{CRASHES[how]}\n')
    python.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(python))
    stages: list[str] = []
    with pytest.raises(RunError, match=rf"stage “propose” .*{how}"):
        watched({}, tmp_path, 2.0, stages.append)
    assert stages == ["propose"]


ENDLESS = (
    "select * from read_parquet('{path}') "
    "where (select count(*) from range(1000000) as a, range(1000000) as b where a.range * b.range % 7 = 3) > 0"
)


@pytest.mark.parametrize(
    ("how", "stage"),
    [("a query that does not end", "measure the log"), ("kernels compile", "read the requests")],
)
def test_sigterm_ends_a_night_within_five_seconds_and_leaves_nothing(place, how: str, stage: str) -> None:
    arguments = [str(a) for a in place.arguments(SECOND)]
    if how == "a query that does not end":
        endless = ENDLESS.format(path=place.log / "requests" / f"{SECOND}.parquet")
        arguments[arguments.index("--requests") + 1] = endless
    night = subprocess.Popen(
        [sys.executable, "-c", "from graphscan.cli import main; main()", *arguments],
        env={**os.environ, "NUMBA_CACHE_DIR": str(place.home / "cold")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    while f'"night": "{SECOND}", "event": "stage"' not in (
        log := (place.nights / "log.jsonl").read_text()
    ) or (f'"stage": "{stage}"' not in log.partition(f'"night": "{SECOND}"')[2]):
        assert night.poll() is None
        time.sleep(0.05)
    time.sleep(1.0)
    children = Path(f"/proc/{night.pid}/task/{night.pid}/children").read_text().split()
    assert len(children) == 1
    asked = time.monotonic()
    os.kill(int(children[0]), signal.SIGTERM)  # as systemd does, to all of a unit
    night.send_signal(signal.SIGTERM)
    _, said = night.communicate(timeout=5.0)
    assert (night.returncode, said) == (128 + signal.SIGTERM, "")
    assert time.monotonic() - asked < 5.0
    assert not _runs(children[0])
    assert not (place.nights / ".partial").exists()
    assert faults(place.nights) == []
    assert list(read_catalog(place.nights).nights) == [FIRST]
    last = json.loads((place.nights / "log.jsonl").read_text().splitlines()[-1])
    assert (last["event"], last["why"]) == ("stopped", "SIGTERM")


def test_a_parent_that_is_killed_takes_the_scan_with_it_and_the_lock_is_free(place) -> None:
    command = [
        sys.executable,
        "-c",
        "from graphscan.cli import main; main()",
        *map(str, place.arguments(SECOND)),
    ]
    night = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    children = Path(f"/proc/{night.pid}/task/{night.pid}/children")
    while not (there := children.read_text().split()):
        assert night.poll() is None
        time.sleep(0.02)
    time.sleep(0.5)
    night.kill()
    night.wait()
    until = time.monotonic() + 5.0
    while (runs := _runs(there[0])) and time.monotonic() < until:
        time.sleep(0.02)
    assert not runs
    with alone(place.nights):
        assert faults(place.nights) == []


def _runs(process: str) -> bool:
    """Whether a process lives; one that nobody has waited for yet does not."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(") ")[2][0] != "Z"


def test_the_clock_and_the_zone_of_the_host_change_nothing(place) -> None:
    env = {**os.environ, "TZ": "Pacific/Kiritimati"}
    command = [
        sys.executable,
        "-c",
        "from graphscan.cli import main; main()",
        *map(str, place.arguments(FIRST)),
    ]
    assert subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=False).returncode == 99


def _measured(rows: dict[str, int], **nulls: float) -> Measured:
    return Measured(rows, nulls, ())


def test_gates_tell_missing_days_few_rows_lost_rows_nulls_and_stale_nights() -> None:
    import datetime as dt

    last = _measured({"2026-03-01": 100, "2026-03-02": 90, "2026-03-03": 100}, ip=0.1, model=0.0)
    tonight = _measured({"2026-03-01": 100, "2026-03-02": 100, "2026-03-03": 80, "2026-03-05": 10}, ip=0.5)
    told = gates(tonight, dt.date(2026, 3, 5), 5, {"2026-03-03": last}, 0.5, 0.2)
    assert told.breaches == (
        "2026-03-04: no request is there",
        "2026-03-05: 10 requests, 10% of the window's median day",
        "2026-03-03: 20 requests are gone that were there",
        "ip: 50.0% of its values are null; 10.0% were on the last night",
        "model: 100.0% of its values are null; 0.0% were on the last night",
    )
    assert told.late == ("2026-03-03",)


WEEKENDS = {"ip": (0.1, 0.8), "model": (0.0, 0.0)}
"""Columns whose null share is another one on Saturdays and Sundays: (working day, weekend)."""


def _weeks(first: str, n_days: int, working: int, weekend: int) -> dict[str, Measured]:
    """So many nights, each with the 28 days before it, of a log that is quiet at weekends."""
    import datetime as dt

    days = [dt.date.fromisoformat(first) + dt.timedelta(days=i) for i in range(n_days)]
    rows = {d.isoformat(): weekend if d.weekday() >= 5 else working for d in days}
    return {
        night.isoformat(): Measured(
            {d.isoformat(): rows[d.isoformat()] for d in days[max(0, i - 27) : i + 1]},
            {name: shares[night.weekday() >= 5] for name, shares in WEEKENDS.items()},
            (),
        )
        for i, night in enumerate(days)
    }


def _told_on(day: str, nights: dict[str, Measured], window: int, **changed: object) -> tuple[str, ...]:
    import dataclasses
    import datetime as dt

    tonight = dataclasses.replace(nights[day], **changed)
    tonight = dataclasses.replace(tonight, rows=dict(sorted(tonight.rows.items())[-window:]))
    before = {d: m for d, m in nights.items() if d < day}
    last = {d: before[d] for d in sorted(before)[-BACK:]}
    return gates(tonight, dt.date.fromisoformat(day), window, last, 0.5, 0.2).breaches


@pytest.mark.parametrize("window", [7, 28])
def test_a_quiet_weekend_is_no_breach_once_two_were_seen(window: int) -> None:
    """From Monday 2 March 2026: the third Saturday is compared with Saturdays, its nulls too."""
    nights = _weeks("2026-03-02", 21, 1000, 200)
    told = {day: _told_on(day, nights, window) for day in list(nights)[14:]}
    assert told == dict.fromkeys(told, ())
    quiet = {**nights["2026-03-21"].rows, "2026-03-21": 60}
    assert _told_on("2026-03-21", nights, window, rows=quiet) == (
        "2026-03-21: 60 requests, 30% of the median Saturday",
    )
    assert _told_on("2026-03-21", nights, window, nulls={"ip": 0.8, "model": 0.5}) == (
        "model: 50.0% of its values are null; 0.0% were on a usual Saturday",
    )
    monday = {**nights["2026-03-16"].rows, "2026-03-16": 300}
    assert _told_on("2026-03-16", nights, window, rows=monday, nulls={"ip": 0.8, "model": 0.0}) == (
        "2026-03-16: 300 requests, 30% of the median Monday",
        "ip: 80.0% of its values are null; 10.0% were on a usual Monday",
    )


def test_until_then_all_days_say_what_is_usual() -> None:
    nights = _weeks("2026-03-02", 6, 1000, 200)
    assert _told_on("2026-03-07", nights, 28) == (
        "2026-03-07: 200 requests, 20% of the window's median day",
        "ip: 80.0% of its values are null; 10.0% were on the last night",
    )


def test_late_rows_name_the_stale_nights(place, shell: Shell) -> None:
    path = place.log / "requests" / "2026-03-03.parquet"
    whole = pl.read_parquet(path)
    pl.concat([whole, whole.head(50).with_columns(pl.col("ts") + pl.duration(seconds=1))]).write_parquet(path)
    report = json.loads(shell(*place.arguments(SECOND), "--json")[1])
    assert report[0]["late"] == [FIRST]


def test_files_of_later_days_that_a_glob_names_are_none_of_an_earlier_night(place, shell: Shell) -> None:
    assert shell(*(str(a).replace("{date}", "*") for a in place.arguments(FIRST)))[0] == 99


def test_the_report_tells_names_and_history(first_night) -> None:
    run = first_night.nights / "current"
    ring = pl.read_parquet(run / "rings.parquet").row(0, named=True)
    assert (ring["since"].isoformat(), bool(ring["name"])) == (FIRST, True)
    page = (run / "report" / f"{ring['ring_id']}.html").read_text()
    assert f'known as <strong id="name">{ring["name"]}</strong> since {FIRST}' in page
    assert f"{ring['name']} is new, with {ring['n_accounts']} accounts" in page
    assert f"{ring['name']}, since {FIRST}" in (run / "report" / "index.html").read_text()


def test_what_is_for_review_and_large_is_told_first(first_night) -> None:
    run = first_night.nights / "current"
    events = json.loads((run / "night.json").read_text())["events"]
    rings = pl.read_parquet(run / "rings.parquet").select("triage", "n_accounts", "name").rows()
    order = ("review", "watch", "explained")
    expected = sorted(rings, key=lambda r: (order.index(r[0]), -r[1], r[2]))
    assert [e.split(" is new")[0] for e in events] == [f"{triage}: {name}" for triage, _, name in expected]
