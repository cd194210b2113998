"""Commands as a shell runs them: what they print and where, how they end."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pydantic_core
import pytest
from payloads import MARKUP, UNSEEN
from run_folder import write_run_folder
from shell import Shell

import graphscan
from graphscan.cli import shown
from graphscan.results import Scan

COMMANDS = (
    *("demo", "check", "scan", "explain", "map", "null", "report", "export", "appeal", "decide"),
    *("simulate", "evaluate", "queries"),
)


def log_of(sample: Path) -> tuple[object, ...]:
    return (
        "--requests",
        sample / "requests" / "*.parquet",
        "--accounts",
        sample / "accounts.parquet",
        "--payments",
        sample / "payments.parquet",
    )


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    """What makes it quick; how quick is for benchmarks, on a machine that does nothing else."""
    heavy = "{'polars', 'numpy', 'duckdb', 'numba', 'igraph', 'matplotlib', 'pydantic'} & set(sys.modules)"
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import atexit, sys; atexit.register(lambda: print(sorted({heavy}), file=sys.stderr)); "
            "from graphscan.cli import main; main()",
            "--help",
        ],
        capture_output=True,
        check=True,
        text=True,
    )
    assert told.stderr == "[]\n"
    for command in COMMANDS:
        assert f"│ {command} " in told.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_json(shell: Shell, command: str) -> None:
    code, out, _ = shell(command, "--help")
    assert code == 0
    assert "--json" in out


def test_version(shell: Shell) -> None:
    assert shell("--version") == (0, f"graphscan {graphscan.__version__}\n", "")


def test_scan_writes_a_run_and_prints_its_rings(shell: Shell, sample: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    code, out, err = shell("scan", *log_of(sample), "--out", run, "--threads", 1)
    assert code == 0, err
    assert "grow and certify" in err
    assert "ring-0001" in out and "review" in out
    assert out.splitlines()[-1] == f"report: {run / 'report' / 'index.html'}"
    assert (run / "report" / "index.html").is_file()


def test_scan_says_what_it_left_out(shell: Shell, small_log: Path, tmp_path: Path) -> None:
    """IN-23: a row that is not counted is told where the rings are."""
    log = tmp_path / "log"
    log.mkdir()
    requests = pl.read_parquet(small_log)
    requests.write_parquet(log / "good.parquet")
    nobody = requests.head(7).with_columns(account_id=pl.lit(None, pl.String))
    nobody.write_parquet(log / "nobody.parquet")
    (log / "noise.parquet").write_bytes(b"noise")
    code, out, _ = shell("scan", "--requests", log, "--out", tmp_path / "run")
    assert code == 0
    assert "set aside: requests.account_id: no account: 7 rows left out" in out.splitlines()
    assert f"set aside: requests: unreadable: {log}/noise.parquet: file left out" in out.splitlines()


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_end_no_scan(small_log: Path, tmp_path: Path, closed: str) -> None:
    """FA-19: whoever starts it without them gets the run all the same."""
    program = f"{sys.executable} -c 'from graphscan.cli import main; main()'"
    run = tmp_path / "run"
    done = subprocess.run(
        ["sh", "-c", f"{program} scan --requests {small_log} --out {run} {closed}"], check=False
    )
    assert done.returncode == 0
    assert Scan.read(run).manifest["counts"]["accounts"] == 40


def test_a_run_is_replaced_if_asked(shell: Shell, small_log: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    found = shell.json("scan", "--requests", small_log, "--out", run, "--no-progress")
    assert found["counts"] == {"requests": 120, "accounts": 40}
    assert found["rings"] == []
    code, out, err = shell("scan", "--requests", small_log, "--out", run)
    assert (code, out) == (1, "")
    assert err.splitlines()[-1] == "hint: choose another --out, or give --replace to replace an earlier run"
    code, out, _ = shell("scan", "--requests", small_log, "--out", run, "--replace", "--seed", 3)
    assert code == 0
    assert out.startswith("No ring: ")
    assert Scan.read(run).manifest["seed"] == 3


def test_no_progress_says_nothing(shell: Shell, tmp_path: Path) -> None:
    code, _, err = shell("simulate", tmp_path / "log", "--accounts", 1000, "--days", 3, "--no-progress")
    assert (code, err) == (0, "")


def test_check_says_what_is_on_and_why_not(shell: Shell, sample: Path) -> None:
    log = ("--requests", sample / "requests" / "*.parquet")
    code, out, _ = shell("check", *log)
    assert code == 0
    assert "requests.prompt" in out
    assert "payment              off: no column payments.payment_fingerprint" in out
    found = shell.json("check", *log)
    signals = {s["name"]: s for s in found["signals"]}
    assert signals["address"]["on"] and signals["address"]["why_off"] is None
    assert not signals["sign_up_hour"]["on"]
    assert found["n_requests"] == 13757


def test_check_tells_rows_that_a_scan_would_leave_out_as_copies(
    shell: Shell, sample: Path, tmp_path: Path
) -> None:
    day = pl.read_parquet(sample / "requests" / "2026-03-02.parquet")
    pl.concat([day, day.head(7)]).write_parquet(tmp_path / "twice.parquet")
    code, out, _ = shell("check", "--requests", tmp_path / "twice.parquet")
    assert code == 0
    assert "requests: copy of another row: 7 rows left out" in out
    assert shell.json("check", "--requests", tmp_path / "twice.parquet")["n_requests"] == day.height


def test_window_and_settings_file_go_together(shell: Shell, sample: Path, tmp_path: Path) -> None:
    config = tmp_path / "graphscan.toml"
    config.write_text(f'[inputs]\nrequests = "{sample}/requests/*.parquet"\nfrom = 2026-03-03\n')
    found = shell.json("check", "--config", config, "--to", "2026-03-04")
    assert found["first_at"].startswith("2026-03-03") and found["last_at"].startswith("2026-03-03")


def test_evaluate_compares_with_the_truth(shell: Shell, sample_scan: Scan, sample: Path) -> None:
    code, out, _ = shell("evaluate", sample_scan.path, sample / "truth.parquet")
    assert code == 0
    assert "Planted rings and their best match" in out
    found = shell.json("evaluate", sample_scan.path, sample / "truth.parquet")
    assert found["n_planted"] == 126
    assert {p["ring"] for p in found["planted"]} == {"deepseek", "hanzi", "tenant-a", "front-company"}


def test_explain_prints_a_table(shell: Shell, sample_scan: Scan) -> None:
    one, two = sample_scan.ring("ring-0001").members["account_id"][:2]
    code, out, _ = shell("explain", sample_scan.path, one, two)
    assert code == 0
    assert "What ties them to ring-0001" in out and one in out and two in out
    assert shell.json("explain", sample_scan.path, one)["ring_id"] == "ring-0001"
    code, out, err = shell("explain", sample_scan.path, "nobody")
    assert (code, out) == (1, "")
    assert err.startswith("error: ") and "has no such account: got nobody" in err


def test_queries_lists_each_with_its_header(shell: Shell) -> None:
    code, out, _ = shell("queries")
    assert code == 0
    assert "queries/signals/address.sql: Which account was seen on which address." in out
    assert "looks_like: households" in out
    listed = {q["name"]: q for q in shell.json("queries")}
    assert listed["address"]["family"] == "network"
    assert all(q["doc"] and q["columns"] for q in listed.values())


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("scan", "--out", "x"), 2, "error: inputs.requests: is missing: got nothing"),
        (("scan", "--requests", "x.parquet"), 2, "Missing option '--out'"),
        (("scan", "--requests", "x.parquet", "--out", "x", "--seed", "-1"), 2, "error: "),
        (("scan", "--requests", "x.parquet", "--out", "x", "--from", "soon"), 2, "2026-11-22"),
        (("scan", "--requests", "no.parquet", "--out", "x", "--no-progress"), 1, "error: inputs.requests"),
        (("check", "--requests", "x.parquet", "--config", "no.toml"), 2, "error: no.toml: cannot be read"),
        (("check", "--preset", "litelm", "--requests", "x"), 2, "litellm"),
        (("sacn",), 2, "No such command 'sacn'"),
        (("evaluate", "no-run", "truth.parquet"), 1, "error: no-run: is no run"),
        (("map", "no-run"), 1, "error: no-run: is no run"),
        (("simulate", "x", "--scale", "0", "--no-progress"), 2, "error: simulate: scale: got 0.0"),
        (("simulate", "x", "--evasion", "hardd", "--no-progress"), 2, "hard"),
        ((), 2, "Usage: graphscan"),
    ],
)
def test_what_goes_wrong_is_told_without_a_traceback(
    shell: Shell,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    args: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    ended, out, err = shell(*args)
    assert ended == code
    assert said in " ".join((out + err).split())
    assert "Traceback" not in err
    assert not (tmp_path / "x").exists()
    if code == 1:
        assert out == ""


@pytest.mark.parametrize("text", [*MARKUP[::7], *UNSEEN, "[red]x[/red]", "[/]", "a\nb\x1b[2J\r\x07"])
def test_hostile_text_reaches_no_terminal(shell: Shell, tmp_path: Path, text: str) -> None:
    run = write_run_folder(tmp_path / "run", {"ring-0001": 5}, lambda plain: f"{text}{plain}")
    truth = tmp_path / "truth.parquet"
    members = pl.read_parquet(run / "members.parquet")
    members.select("account_id", ring=pl.lit(text), kind=pl.lit(text)).write_parquet(truth)
    code, out, err = shell("evaluate", run, truth)
    assert code == 0, err
    assert all(c.isprintable() or c == "\n" for c in out + err)
    code, out, err = shell("explain", run, text)
    assert code == 1
    assert all(c.isprintable() or c == "\n" for c in out + err)


@pytest.mark.parametrize("text", ["|".join((*MARKUP, *UNSEEN)), "ü" * 300, "x" * 100_000, "a|b\\|c", "‮[/]"])
def test_a_table_of_hostile_text_stays_a_table(capsys: pytest.CaptureFixture[str], text: str) -> None:
    shown.table(text, (text, "n"), [(text, 1.5), ([text], None)], text)
    told = capsys.readouterr().out
    assert all(c.isprintable() or c == "\n" for c in told)
    assert "1.5" in told


def test_a_terminal_in_ascii_gets_escapes_and_a_closed_pipe_ends_quietly() -> None:
    code = "from graphscan.cli import main; main()"
    ascii_only = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-c", code, "queries"], env=ascii_only, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii() and b"\\xe0" in done.stdout
    with subprocess.Popen(
        [sys.executable, "-c", code, "queries"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as told:
        assert told.stdout is not None and told.stderr is not None
        told.stdout.readline()
        told.stdout.close()
        assert told.stderr.read() == b""


NO_TEXT = "a\udcff"
"""What Python makes of an argument that is no UTF-8."""


def test_what_a_library_prints_is_not_on_stdout() -> None:
    """As HiGHS does in C, straight to the file: here whatever the command imports last prints likewise."""
    noisy = "import os, graphscan.cli.shown as s; of = s.as_json; "
    noisy += "s.as_json = lambda x: (os.write(1, b'noise\\n'), of(x)); from graphscan.cli import main; main()"
    told = subprocess.run(
        [sys.executable, "-c", noisy, "queries", "--json"], capture_output=True, check=True, text=True
    )
    assert pydantic_core.from_json(told.stdout)
    assert told.stderr == "noise\n"


def test_json_is_read_by_the_strictest_parser(capsys: pytest.CaptureFixture[str]) -> None:
    shown.as_json({NO_TEXT: ["\ud83d", "\U0001f600"], "at": dt.datetime(2026, 3, 2, tzinfo=dt.UTC)})
    told = capsys.readouterr().out
    assert told.isascii()
    read = pydantic_core.from_json(told, allow_inf_nan=False)
    assert read == {
        "a\ufffd": ["\ufffd", "\U0001f600"],
        "at": "2026-03-02T00:00:00+00:00",
    }
    with pytest.raises(ValueError, match="Out of range float"):
        shown.as_json({"share": float("nan")})


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("explain RUN TEXT", "has no such account"),
        ("explain RUN 000 TEXT", "has no such account"),
        ("appeal RUN TEXT", "has no such account"),
        ("decide TEXT allow --run RUN --reason x --decisions OUT", "has no such ring or account"),
        ("export RUN --format json --level internal --ring TEXT --out OUT", "has no such ring"),
        ("explain TEXT a", "is no UTF-8"),
        ("map RUN --out TEXT", "is no UTF-8"),
        ("null RUN --permutations 0 --out TEXT", "is no UTF-8"),
        ("report RUN --out TEXT", "is no UTF-8"),
        ("scan --requests LOG --out TEXT --no-progress", "is no UTF-8"),
        ("check --requests TEXT", "expected a string"),
    ],
)
def test_what_is_no_text_is_told_without_a_traceback(
    shell: Shell, sample_scan: Scan, small_log: Path, tmp_path: Path, command: str, said: str
) -> None:
    words = {"RUN": sample_scan.path, "LOG": small_log, "TEXT": NO_TEXT, "OUT": tmp_path / "out"}
    code, out, err = shell(*(words.get(word, word) for word in command.split()), "--json")
    assert code in (1, 2) and out == ""
    assert said in err and all(c.isprintable() or c == "\n" for c in err)
    assert [p.name for p in tmp_path.iterdir()] == ["requests.parquet"]


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_a_run_and_its_pages_are_their_owner_s_whatever_the_umask(
    shell: Shell, sample_scan: Scan, small_log: Path, tmp_path: Path, mask: int
) -> None:
    before = os.umask(mask)
    try:
        shell("scan", "--requests", small_log, "--out", tmp_path / "run", "--no-progress")
        shell("report", sample_scan.path, "--out", tmp_path / "pages")
        shell("null", sample_scan.path, "--permutations", 1, "--out", tmp_path / "null")
    finally:
        os.umask(before)
    written = [q for p in ("run", "pages", "null") for q in (tmp_path / p, *(tmp_path / p).rglob("*"))]
    assert {q.suffix for q in written} == {"", ".html", ".json", ".parquet"}
    assert {q.stat().st_mode & 0o777 for q in written if q.is_dir()} == {0o700}
    assert {q.stat().st_mode & 0o777 for q in written if q.is_file()} == {0o600}


def test_brackets_are_no_markup(shell: Shell, tmp_path: Path) -> None:
    run = write_run_folder(tmp_path / "run", {"ring-0001": 5})
    truth = tmp_path / "truth.parquet"
    pl.read_parquet(run / "members.parquet").select(
        "account_id", ring=pl.lit("[bold]x[/bold]")
    ).write_parquet(truth)
    _, out, _ = shell("evaluate", run, truth)
    assert "[bold]x[/bold]" in out


def test_a_demo_replaces_its_own_folder_alone(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("a year of work")
    code, out, err = shell("demo", "--out", tmp_path / "mine", "--no-progress")
    assert (code, out) == (1, "")
    assert "is in the way" in err
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "a year of work"
    record = tmp_path / "larger" / "log" / "simulated.json"
    record.parent.mkdir(parents=True)
    record.write_text('{"settings": {"scale": 1.0, "accounts": 900000, "days": 28}}')
    assert shell("demo", "--out", tmp_path / "larger", "--no-progress")[0] == 1
    assert record.exists()


@pytest.mark.slow
def test_demo_finds_what_it_planted(shell: Shell, tmp_path: Path) -> None:
    found = shell.json("demo", "--out", tmp_path / "demo")
    assert found["precision"] >= 0.99
    assert found["recall"] >= 0.95
    large = [p for p in found["planted"] if p["n_accounts"] >= 12]
    assert [p["fragments"] for p in large] == [1] * len(large)
    assert sum(p["jaccard"] >= 0.95 for p in large) >= len(large) - 1
    assert Path(found["report"]).is_file()
    code, out, _ = shell("demo", "--out", tmp_path / "demo", "--no-progress")
    assert code == 0
    assert out.splitlines()[-1] == f"report: {found['report']}"


def test_pages_are_written_anew_beside_their_run(shell: Shell, sample_scan: Scan, tmp_path: Path) -> None:
    pages = shell.json("report", sample_scan.path, "--out", tmp_path / "pages")["report"]
    assert Path(pages) == tmp_path / "pages" / "index.html"
    own = sample_scan.path / "report" / "index.html"
    assert Path(pages).read_bytes() == own.read_bytes()
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.txt").write_text("a year of work")
    code, _, err = shell("report", sample_scan.path, "--out", tmp_path / "thesis")
    assert code == 1 and "is no report" in err
    assert (tmp_path / "thesis" / "thesis.txt").exists()


@pytest.mark.slow
def test_a_map_stands_beside_its_run(shell: Shell, sample_scan: Scan, tmp_path: Path) -> None:
    found = shell.json("map", sample_scan.path, "--out", tmp_path / "map")
    points = pl.read_parquet(tmp_path / "map" / "map.parquet")
    assert points.height == found["n_accounts"]
    assert points.equals(sample_scan.map(seed=0))
    assert set(sample_scan.members["account_id"]) <= set(points["account_id"])
    assert (tmp_path / "map" / "map.png").stat().st_size > 10_000
    assert {p.stat().st_mode & 0o077 for p in (tmp_path / "map", *(tmp_path / "map").iterdir())} == {0}
