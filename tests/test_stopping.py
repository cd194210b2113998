"""A command that is asked to end does so within five seconds, and leaves nothing: no run, no spill, no process."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from graphscan.runs import MANIFEST
from graphscan.stopping import made_aside

LIMIT_S = 5.0
COMMAND = (sys.executable, "-c", "from graphscan.cli import main; main()")
STAGES = ("open the log", "read the requests", "views and own clusters", "propose", "grow and certify")


def _begun(place: Path, *command: object, **environment: str) -> subprocess.Popen[str]:
    """A process whose scratch folder and working folder are below `place`."""
    for name in ("scratch", "here"):
        (place / name).mkdir(exist_ok=True)
    told = {**os.environ, "TMPDIR": str(place / "scratch"), **environment}
    return subprocess.Popen(
        [*map(str, command)],
        env=told,
        cwd=place / "here",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # Under nohup it would be ignored, and rightly.
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    )


def _scan(sample: Path, out: Path) -> Sequence[object]:
    inputs = ("--requests", sample / "requests" / "*.parquet", "--payments", sample / "payments.parquet")
    return (*COMMAND, "scan", *inputs, "--out", out)


def _ended(process: subprocess.Popen[str], by: signal.Signals) -> str:
    """What the process said on stderr from now on; asserts that the signal ended it, in time."""
    asked = time.monotonic()
    process.send_signal(by)
    _, said = process.communicate(timeout=60)
    assert time.monotonic() - asked < LIMIT_S
    assert process.returncode == 128 + by, said
    assert "Traceback" not in said
    return said


def _stopped(sample: Path, place: Path, stage: str, after_s: float, by: signal.Signals, **env: str) -> None:
    """Asks a scan to end so long after a stage began."""
    process = _begun(place, *_scan(sample, place / "here" / "run"), **env)
    assert process.stderr is not None
    with process:
        while not (line := process.stderr.readline()).endswith(f"{stage}\n"):
            assert line, f"the scan ended before “{stage}”"
        time.sleep(after_s)
        assert _ended(process, by).endswith(f"stopped: {by.name}\n")
    assert list((place / "here").iterdir()) == []
    assert list((place / "scratch").iterdir()) == []


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGINT, signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_scan_stopped_at_random_leaves_nothing(sample: Path, tmp_path: Path, by: signal.Signals) -> None:
    seed = random.SystemRandom().getrandbits(32)
    dice = random.Random(seed)
    stage, after_s = dice.choice(STAGES), dice.uniform(0.0, 0.05)
    print(f"seed {seed}: {by.name} {after_s:.3f} s after “{stage}” began")  # shown where it fails
    _stopped(sample, tmp_path, stage, after_s, by)


def test_a_scan_is_stopped_while_its_kernels_are_compiled(sample: Path, tmp_path: Path) -> None:
    cold = tmp_path / "numba"
    _stopped(sample, tmp_path, "read the requests", 1.0, signal.SIGINT, NUMBA_CACHE_DIR=str(cold))


def test_a_scan_that_is_to_replace_a_run_leaves_that_one(sample: Path, tmp_path: Path) -> None:
    run = tmp_path / "here" / "run"
    run.mkdir(parents=True)
    (run / MANIFEST).write_text('{"format_version": 1}')
    with _begun(tmp_path, *_scan(sample, run), "--replace") as process:
        assert process.stderr is not None
        while not process.stderr.readline().endswith("write the run\n"):
            pass
        _ended(process, signal.SIGINT)
    assert [p.name for p in run.parent.iterdir()] == ["run"]
    assert [p.name for p in run.iterdir()] == [MANIFEST]
    assert list((tmp_path / "scratch").iterdir()) == []


STUBBORN = {
    "a library that computes": "hashlib.pbkdf2_hmac('sha256', b'', b'', 2_000_000_000)",
    "a library that swallows it": "[swallow() for _ in range(60)]",
}


@pytest.mark.parametrize("how", STUBBORN)
def test_who_does_not_end_is_ended_and_what_was_put_aside_is_gone(how: str, tmp_path: Path) -> None:
    script = (
        "import hashlib, pathlib, sys, time\nfrom graphscan import stopping\nstopping.GRACE_S = 0.3\n"
        "def swallow():\n    try:\n        time.sleep(1)\n    except KeyboardInterrupt:\n        pass\n"
        "with stopping.stoppable(), stopping.put_aside(pathlib.Path('aside')) as folder:\n"
        f"    folder.mkdir()\n    print('ready', file=sys.stderr, flush=True)\n    {STUBBORN[how]}\n"
    )
    with _begun(tmp_path, sys.executable, "-c", script) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "ready\n"
        time.sleep(0.1)
        _ended(process, signal.SIGTERM)
    assert list((tmp_path / "here").iterdir()) == []


def test_a_signal_that_is_lost_in_a_callback_comes_again(tmp_path: Path) -> None:
    script = (
        "import ctypes, sys, time\nfrom graphscan import stopping\n"
        "def work():\n    print('ready', file=sys.stderr, flush=True)\n    time.sleep(60)\n"
        "with stopping.stoppable():\n    try:\n        ctypes.CFUNCTYPE(None)(work)()\n        time.sleep(60)\n"
        "    except KeyboardInterrupt:\n        print('the ordinary way', file=sys.stderr)\n        sys.exit(143)\n"
    )
    with _begun(tmp_path, sys.executable, "-c", script) as process:
        assert process.stderr is not None
        process.stderr.readline()
        time.sleep(0.1)
        assert _ended(process, signal.SIGTERM) == "the ordinary way\n"


def test_a_folder_is_never_swept_away_from_under_who_made_it(tmp_path: Path) -> None:
    """Not even in the moment in which it is made and not yet locked."""
    script = (
        "import pathlib\nfrom graphscan.stopping import sweep\nprint('ready', flush=True)\n"
        "while True:\n    sweep(pathlib.Path(), 'aside-*')\n"
    )
    sweeping = (sys.executable, "-c", script)
    with subprocess.Popen(sweeping, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            for _ in range(500):
                with made_aside(tmp_path, "aside-") as folder:
                    (folder / "mine").mkdir()
        finally:
            process.kill()


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
def test_a_benchmark_that_is_ended_leaves_no_process(
    sample: Path, tmp_path: Path, by: signal.Signals
) -> None:
    bench = (*COMMAND, "bench", "scale", "--world", sample, "--no-progress")
    marked = {"GRAPHSCAN_TEST_OF_BENCH": str(tmp_path)}
    with _begun(tmp_path, *bench, **marked) as process:
        until = time.monotonic() + 60.0
        while len(running := _with(marked)) < 3 and time.monotonic() < until:
            assert process.poll() is None
            time.sleep(0.05)
        assert len(running) >= 3  # the command, the one that starts the scan, the scan
        process.send_signal(by)
        process.wait(timeout=LIMIT_S)
    until = time.monotonic() + LIMIT_S
    while _with(marked) and time.monotonic() < until:
        time.sleep(0.05)
    assert _with(marked) == []
    if by == signal.SIGTERM:
        assert process.returncode == 128 + by
        assert list((tmp_path / "scratch").iterdir()) == []


def _with(variables: Mapping[str, str]) -> list[str]:
    """Processes that live and have these variables."""
    wanted = {f"{name}={value}".encode() for name, value in variables.items()}
    return [p.name for p in Path("/proc").iterdir() if p.name.isdigit() and wanted <= _environment(p)]


def _environment(process: Path) -> set[bytes]:
    try:
        return set((process / "environ").read_bytes().split(b"\0"))  # of one that is dead it is empty
    except OSError:
        return set()
