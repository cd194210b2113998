"""The scanning process, watched: its stages as they pass, and what ended it.

Takes in a task; gives out the facts that the process told, or an error that names the stage it died in.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from graphscan.errors import GraphscanError, LogsError, QueryError, RunError, SettingsError

_ENDED: dict[str, Any] = {}

_CLASSES = (SettingsError, LogsError, QueryError, RunError)


def watched(
    task: Mapping[str, Any], scratch: Path, stage_limit_s: float, on_stage: Callable[[str], None]
) -> tuple[dict[str, Any], dict[str, float]]:
    """The facts that the process told, and the seconds of each of its stages.

    What the process puts aside goes to `scratch`, where the next run finds it if nobody can clear it up.
    The process is gone when this returns or raises, by whatever. Raises the GraphscanError that it told, or
    RunError where it crashed or a stage took longer than the limit.
    """
    command = [sys.executable, "-m", "graphscan.nightly.child"]
    scratched = {**os.environ, "TMPDIR": str(scratch.absolute())}
    # In a session of its own: Ctrl-C on a terminal asks this process to end, which ends that one.
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=scratched, start_new_session=True
    )
    with process:  # closes the pipes
        try:
            assert process.stdin is not None
            with contextlib.suppress(BrokenPipeError):  # dead already: how is told below
                process.stdin.write(json.dumps({**task, "parent": os.getpid()}).encode("ascii"))
                process.stdin.flush()
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
            return _follow(process, stage_limit_s, on_stage)
        finally:
            process.kill()


def _follow(
    process: subprocess.Popen[bytes], stage_limit_s: float, on_stage: Callable[[str], None]
) -> tuple[dict[str, Any], dict[str, float]]:
    stage, began, seconds = "start", time.monotonic(), dict[str, float]()
    lines = _Lines(process)
    while (line := lines.next(began + stage_limit_s)) is not _ENDED:
        if line is None:
            raise RunError(
                f"nightly: stage “{stage}” hangs: got more than {stage_limit_s:g} s; expected less",
                "it was ended; set stage_limit under [nightly] where it is only slow",
            )
        if "stage" in line:
            now = time.monotonic()
            seconds[stage] = round(now - began, 3)
            stage, began = str(line["stage"]), now
            on_stage(stage)
        elif "done" in line:
            seconds[stage] = round(time.monotonic() - began, 3)
            return line["done"], seconds
        elif "error" in line:
            raise _told(line)
        else:
            raise _crashed(stage, str(line["crash"]))
    raise _crashed(stage, _how(process.wait()))


class _Lines:
    """The lines that a process tells."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        self._from = process.stdout.fileno()
        self._rest = b""

    def next(self, until: float) -> dict[str, Any] | None:
        """The next line; None where the clock reaches `until` before it comes, _ENDED where none will."""
        while b"\n" not in self._rest:
            readable, _, _ = select.select([self._from], [], [], max(0.0, until - time.monotonic()))
            if not readable:
                return None
            if not (read := os.read(self._from, 1 << 16)):
                return _ENDED
            self._rest += read
        line, _, self._rest = self._rest.partition(b"\n")
        told: dict[str, Any] = json.loads(line)
        return told


def _told(line: Mapping[str, Any]) -> GraphscanError:
    known = {c.__name__: c for c in _CLASSES}
    return known.get(line["error"], GraphscanError)(line["message"], line["hint"])


def _crashed(stage: str, how: str) -> RunError:
    return RunError(
        f"nightly: stage “{stage}” crashed: got {how}; expected an end",
        "the error is on stderr; what was published before still is",
    )


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
