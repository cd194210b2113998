"""What a command costs: its time, its processor seconds and the most memory it held, all its children counted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "NUMBA_NUM_THREADS",
)

ONE_THREAD = dict.fromkeys(_THREADS, "1")
"""Told to libraries that would start a thread for each core they see."""

_STARTER = """
import ctypes, json, os, resource, signal, sys
def die_with(parent):
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() != parent:  # it was killed before this one asked to die with it
        os._exit(1)
parent, report, core, most_s, *command = sys.argv[1:]
die_with(int(parent))
if core:
    os.sched_setaffinity(0, {int(core)})
starter = os.getpid()
child = os.fork()
if not child:
    die_with(starter)
    if most_s:
        resource.setrlimit(resource.RLIMIT_CPU, (int(most_s), int(most_s) + 1))
    try:
        os.execvp(command[0], command)
    except OSError as e:
        print(f"{command[0]}: {e.strerror}", file=sys.stderr, flush=True)
        os._exit(127)
_, status, usage = os.wait4(child, 0)
with open(report, "w") as f:
    json.dump([usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status)], f)
"""
"""Starts the command in turn: a program inherits the peak of the one that starts it, so that one has to be small.
Both end with a benchmark that is killed."""

LONGEST = 10
"""A command that waits, and works little, is stopped after so many times the seconds that it may work."""


@dataclass(frozen=True)
class Measured:
    """What one command cost, and how it ended.

    `cpu_s` is user and system time of it and its children, `peak_bytes` the most that any one of them held. `fault`
    says in a few words why there is no result: empty where the command ended well.
    """

    seconds: float
    cpu_s: float
    peak_bytes: int
    fault: str


def measured(
    command: Sequence[str | Path],
    said: Path,
    *,
    core: int | None = None,
    most_s: int | None = None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Measured:
    """Runs a command to its end; what it prints goes to the end of the file `said`.

    `core` keeps it to one core of the machine. `most_s` stops it after so many processor seconds: on a machine with
    other work on it a clock would stop it for what others do.
    """
    limits = ["" if limit is None else str(limit) for limit in (core, most_s)]
    with tempfile.NamedTemporaryFile() as report:
        starter = [sys.executable, "-I", "-S", "-c", _STARTER, str(os.getpid()), report.name, *limits]
        began = time.monotonic()
        was_stopped = _run([*starter, *map(str, command)], said, most_s, folder, environment)
        seconds = time.monotonic() - began
        if was_stopped:
            return Measured(seconds, 0.0, 0, f"stopped after waiting {seconds:,.0f} s")
        cpu_s, peak_kib, code = json.loads(Path(report.name).read_text(encoding="ascii"))
    fault = f"failed with exit code {code}: {_last_line(said)}" if code else ""
    # The limit may have met a child, after which the command fails in its own words; two clocks of the system differ.
    if code and most_s is not None and (code == -signal.SIGXCPU or cpu_s > 0.9 * most_s):
        fault = f"stopped after {most_s} processor seconds"
    return Measured(seconds, cpu_s, peak_kib * 1024, fault)


def _run(
    command: Sequence[str],
    said: Path,
    most_s: int | None,
    folder: Path | None,
    environment: Mapping[str, str] | None,
) -> bool:
    """Whether the command had to be stopped; nothing that it started lives on in any case."""
    with said.open("ab") as out:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        process.wait(None if most_s is None else LONGEST * most_s)
    except subprocess.TimeoutExpired:
        return True
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return False


def _last_line(said: Path) -> str:
    lines = [line for line in said.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1].strip()[:120] if lines else "it said nothing"
