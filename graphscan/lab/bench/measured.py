"""What a command costs: its time, its processor seconds and the most memory it held, all its children counted."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
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


@dataclass(frozen=True)
class Measured:
    """What one command cost, and how it ended.

    `cpu_s` is user and system time of it and its children, `peak_bytes` the most that any one of them held.
    `fault` says in a few words why there is no result: empty where the command ended well.
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
    most_s: float | None = None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Measured:
    """Runs a command to its end; what it prints goes to the end of the file `said`.

    `core` keeps it to one core of the machine, `most_s` kills it and all that it started after so many seconds.
    """
    began = time.monotonic()
    with said.open("ab") as out:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    if core is not None:
        os.sched_setaffinity(process.pid, {core})
    late = threading.Event()

    def stop() -> None:
        late.set()
        os.killpg(process.pid, signal.SIGKILL)

    clock = threading.Timer(most_s, stop) if most_s is not None else None
    if clock:
        clock.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    finally:
        if clock:
            clock.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    fault = ""
    if late.is_set():
        fault = f"stopped after {most_s:g} s"
    elif process.returncode:
        fault = f"failed with exit code {process.returncode}: {_last_line(said)}"
    return Measured(time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, fault)


def _last_line(said: Path) -> str:
    lines = [line for line in said.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1].strip()[:120] if lines else "it said nothing"
