"""One scan in a process of its own, measured stage by stage: `python -m graphscan.lab.bench.staged SETTINGS RUN COSTS`.

Takes in settings as a JSON file and the run folder to write; leaves a JSON file of `Stage` rows.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

START = "start-up"
"""The first stage: Python and the imports, before anything of the log is read."""


@dataclass
class Stage:
    """What one stage cost; `n_read` and `n_written` are bytes that went through files, cached or not, and
    `peak_bytes` the most memory held meanwhile. The last three are None where the system does not tell."""

    name: str
    seconds: float
    cpu_s: float
    n_read: int | None
    n_written: int | None
    peak_bytes: int | None


@dataclass
class Meter:
    """A `Progress` that measures: a stage ends where the next one begins."""

    done: list[Stage] = field(default_factory=list)
    _io: tuple[int | None, int | None] = (None, None)

    def __post_init__(self) -> None:
        self._begin(START)
        # The interpreter and the imports came before this object: their processor time stands for them.
        self._at -= time.process_time()
        self._cpu_s, self._io = 0.0, (0, 0)

    def stage(self, name: str) -> None:
        """Ends the running stage and begins another."""
        self._end()
        self._begin(name)

    def share(self, done: int, total: int) -> None:
        """Nothing: how far a stage has come is for those who watch."""

    def close(self) -> None:
        """Ends the last stage."""
        self._end()

    def _begin(self, name: str) -> None:
        self._name, self._at, self._cpu_s = name, time.monotonic(), time.process_time()
        self._io = _io()
        _forget_peak()

    def _end(self) -> None:
        read, written = (
            None if now is None or then is None else now - then
            for now, then in zip(_io(), self._io, strict=True)
        )
        seconds, cpu_s = time.monotonic() - self._at, time.process_time() - self._cpu_s
        self.done.append(Stage(self._name, seconds, cpu_s, read, written, _peak()))


def _io() -> tuple[int | None, int | None]:
    """Bytes that this process has read and written so far, as Linux counts them."""
    try:
        lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    except OSError:
        return None, None
    told = dict(line.split(": ") for line in lines)
    return int(told["rchar"]), int(told["wchar"])


def _forget_peak() -> None:
    """Starts the count of the most memory held anew, where the system lets us."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def _peak() -> int | None:
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), None)


def main() -> None:
    """Scans as `graphscan scan` does, and writes what each stage cost."""
    from graphscan.line import run_line
    from graphscan.settings import Settings

    given, run, costs = (Path(p) for p in sys.argv[1:])
    settings = Settings.model_validate_json(given.read_text(encoding="utf-8"))
    meter = Meter()
    run_line(settings, run, meter, replace=True)
    costs.write_text(json.dumps([dataclasses.asdict(s) for s in meter.done]), encoding="utf-8")


if __name__ == "__main__":
    main()
