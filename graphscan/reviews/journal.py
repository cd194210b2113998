"""A journal: one line an entry, chained by hashes.

Exports are written to one before anything leaves, decisions to another; `Kind` is what errors call either.

Every line holds the SHA-256 of the line before it: a line that was changed, moved or taken out of the middle
is seen by the next reader. Beside the journal stands its head, how many lines there were and the hash of the last:
by that lines taken off the end are seen, and a journal begun anew. Who may write both can forge both; against that
the head is kept where others write.

Source: Haber, Stornetta, "How to time-stamp a digital document" (1991), DOI 10.1007/BF00196791.
"""

from __future__ import annotations

import datetime as dt
import errno
import fcntl
import getpass
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphscan.errors import RunError
from graphscan.strict_json import encoded

START = "0" * 64
"""Stands for the line before the first."""


@dataclass(frozen=True)
class Kind:
    """What a journal is called, which option names it, and what did not come about where it cannot be written."""

    name: str
    option: str
    undone: str


EXPORTS = Kind("a journal of exports", "--journal", "nothing was exported")


def append(path: Path, entry: Mapping[str, Any], kind: Kind = EXPORTS) -> str:
    """Writes an entry with time, user and the hash of the line before it; gives the new line's hash.

    The line is on the disk when this returns. Raises RunError where the journal is not whole or cannot be
    written: then nothing may leave.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # two exports at once must not follow the same line
            before = file.read()
            lines = _checked(path, before, kind)
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
            try:
                if file.write(line) < len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(handle)
            except OSError:
                os.ftruncate(handle, len(before))  # half a line would spoil the journal for good
                raise
            last = _hash(line.removesuffix(b"\n"))
            _write_head(path, len(lines) + 1, last)
            return last
    except OSError as e:
        raise RunError(
            f"{path}: cannot be written: got {e.strerror or e}; expected {kind.name}",
            f"{kind.undone}; give {kind.option} a place that can be written",
        ) from None


def read_journal(path: Path, kind: Kind = EXPORTS) -> list[dict[str, Any]]:
    """All entries, in the order of their writing. Raises RunError where the chain is broken."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)  # no line is half written meanwhile
            return [json.loads(line) for line in _checked(path, file.read(), kind)]
    except OSError as e:
        raise RunError(
            f"{path}: cannot be read: got {e.strerror}; expected {kind.name}", f"check {kind.option}"
        ) from None


def head_of(path: Path) -> Path:
    """The file that holds how many lines the journal has, and the hash of the last."""
    return path.with_name(f"{path.name}.head")


def _head(path: Path, kind: Kind) -> tuple[int, str]:
    """Lines and last hash; 0 where there is no head, as of a journal that came without it."""
    try:
        n_lines, last = head_of(path).read_text("ascii").split()
        return int(n_lines), last
    except FileNotFoundError:
        return 0, ""
    except ValueError:
        raise RunError(
            f"{head_of(path)}: is no head of {kind.name}: got another text; expected a number and a hash",
            f"keep it for whoever looks into it, and give {kind.option} a new one",
        ) from None


def _write_head(path: Path, n_lines: int, last: str) -> None:
    """The new head in place of the old one, whole; a line that is one ahead of it was cut short by a crash."""
    new = path.with_name(f".{path.name}.head-{os.getpid()}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"{n_lines} {last}\n")
        file.flush()
        os.fsync(file.fileno())
    new.rename(head_of(path))


def _checked(path: Path, content: bytes, kind: Kind) -> list[bytes]:
    """The lines, each following the one before it."""
    lines = content.split(b"\n")
    if lines.pop():
        raise _broken(path, len(lines) + 1, kind)
    n_lines, last = _head(path, kind)
    if n_lines > len(lines) or (n_lines and _hash(lines[n_lines - 1]) != last):
        raise RunError(
            f"{path}: is not what was written: got {len(lines)} lines; expected {n_lines} or more, the last of them "
            f"as {head_of(path).name} has it",
            f"keep both files for whoever looks into it, and give {kind.option} a new one",
        )
    previous = START
    for n, line in enumerate(lines, 1):
        try:
            if json.loads(line)["previous"] != previous:
                raise _broken(path, n, kind)
        except (ValueError, KeyError, TypeError):
            raise _broken(path, n, kind) from None
        previous = _hash(line)
    return lines


def _broken(path: Path, line: int, kind: Kind) -> RunError:
    return RunError(
        f"{path}: line {line}: does not follow the line before it: got a broken chain; "
        f"expected {kind.name} that nobody has edited",
        f"keep the file for whoever looks into it, and give {kind.option} a new one",
    )


def _user() -> str:
    """Who runs this; by number where the machine has no name for it, as in many containers."""
    try:
        return getpass.getuser()
    except KeyError:
        return f"uid {os.getuid()}"


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()
