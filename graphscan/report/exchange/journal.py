"""The journal of exports: one line each, chained by hashes, written before anything leaves.

Every line holds the SHA-256 of the line before it: a line that was changed, moved or taken out of the middle
is seen by the next reader. Lines taken off the end are not; whoever needs that keeps the last hash elsewhere.

Source: Haber, Stornetta, "How to time-stamp a digital document" (1991), DOI 10.1007/BF00196791.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import getpass
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graphscan.errors import RunError
from graphscan.report.exchange.jsonfile import encoded

START = "0" * 64
"""Stands for the line before the first."""


def append(path: Path, entry: Mapping[str, Any]) -> str:
    """Writes an entry with time, user and the hash of the line before it; gives the new line's hash.

    The line is on the disk when this returns. Raises RunError where the journal is not whole or cannot be
    written: then nothing may leave.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # two exports at once must not follow the same line
            lines = _checked(path, file.read())
            line = encoded(
                {
                    "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
                    "who": _user(),
                    **entry,
                    "previous": _hash(lines[-1]) if lines else START,
                },
                indent=None,
                sort_keys=True,
            )
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
            return _hash(line.removesuffix(b"\n"))
    except OSError as e:
        raise RunError(
            f"{path}: cannot be written: got {e.strerror or e}; expected a journal of exports",
            "nothing was exported; give --journal a place that can be written",
        ) from None


def read_journal(path: Path) -> list[dict[str, Any]]:
    """All entries, in the order of their writing. Raises RunError where the chain is broken."""
    try:
        return [json.loads(line) for line in _checked(path, path.read_bytes())]
    except OSError as e:
        raise RunError(
            f"{path}: cannot be read: got {e.strerror}; expected a journal of exports", "check --journal"
        ) from None


def _checked(path: Path, content: bytes) -> list[bytes]:
    """The lines, each following the one before it."""
    lines = content.split(b"\n")
    if lines.pop():
        raise _broken(path, len(lines) + 1)
    previous = START
    for n, line in enumerate(lines, 1):
        try:
            if json.loads(line)["previous"] != previous:
                raise _broken(path, n)
        except (ValueError, KeyError, TypeError):
            raise _broken(path, n) from None
        previous = _hash(line)
    return lines


def _broken(path: Path, line: int) -> RunError:
    return RunError(
        f"{path}: line {line}: does not follow the line before it: got a broken chain; "
        "expected a journal that nobody has edited",
        "keep the file for whoever looks into it, and give --journal a new one",
    )


def _user() -> str:
    """Who runs this; by number where the machine has no name for it, as in many containers."""
    try:
        return getpass.getuser()
    except KeyError:
        return f"uid {os.getuid()}"


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()
