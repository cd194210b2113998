"""One run at a time in a folder of nights, and the pointer `current`, swapped whole or not at all."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graphscan.errors import RunError


@contextmanager
def alone(nights: Path) -> Iterator[None]:
    """Holds the lock of the folder; the kernel drops it when the process dies. Raises RunError where it is held."""
    handle = os.open(nights / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(
                f"{nights}: is in use: got a lock that another run holds; expected none",
                "wait until the other run ends",
            ) from None
        yield
    finally:
        os.close(handle)


def point(nights: Path, generation: str) -> None:
    """Makes `current` name a generation below `nights`; a reader sees the old one or the new one, never neither."""
    new = nights / ".current.new"
    new.unlink(missing_ok=True)
    new.symlink_to(generation)
    new.replace(nights / "current")
    folder = os.open(nights, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
