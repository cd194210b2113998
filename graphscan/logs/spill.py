"""The folder where DuckDB puts what does not fit into memory: private to the run, and gone after it.

Spilled blocks hold prompts in plain text, so the folder is 0700, and what a killed run left behind is
removed by the next one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from graphscan.errors import RunError
from graphscan.stopping import put_aside

_PREFIX = "graphscan-spill-"


@contextlib.contextmanager
def spill_folder(parent: str | None) -> Iterator[Path]:
    """A new empty folder below `parent` (the system's temporary folder if None), removed afterwards.

    A lock is held on it for as long as the run lives, so that other runs can tell a living one's folder from
    one that was left behind. Raises RunError where no folder can be made.
    """
    base = Path(parent or tempfile.gettempdir())
    _sweep(base)
    try:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
    except OSError as e:
        raise RunError(
            f"{base}: no spill folder can be made: got {e.strerror}; expected a folder that can be written",
            "set [run] spill_folder",
        ) from None
    lock = _locked(folder)
    try:
        with put_aside(folder):
            yield folder
    finally:
        if lock is not None:
            os.close(lock)


def _sweep(base: Path) -> None:
    """Remove this user's spill folders that no living run holds."""
    for folder in base.glob(f"{_PREFIX}*"):
        lock = _locked(folder)
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _locked(folder: Path) -> int | None:
    """A descriptor that holds the folder's lock; None where it is another's or held by another run."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        if os.fstat(descriptor).st_uid != os.getuid():
            raise BlockingIOError
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
