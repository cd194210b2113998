"""Work that is asked to end ends within five seconds, and what it had put aside goes with it.

Takes in folders that are put aside; `main` runs a command in `stoppable`. SIGINT, SIGTERM and SIGHUP become a
KeyboardInterrupt, after which everything ends as after an error. Where that does not come through, since a library
computes for long or swallows it, a thread removes what is put aside and ends the process. What a killed process left
is removed by the next one.
"""

from __future__ import annotations

import fcntl
import glob
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

GRACE_S = 4.0
"""How long the ordinary way out may take."""

_LOOK_S = 0.1
"""How often it is looked whether a signal was lost."""

SIGNALLED = 128
"""Added to a signal's number, the exit code of what it ended, as shells have it."""

_aside: set[Path] = set()


@contextmanager
def put_aside(folder: Path) -> Iterator[Path]:
    """A folder that is gone when the block is left, however it is left; it need not be there."""
    _aside.add(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _aside.discard(folder)


@contextmanager
def made_aside(base: Path, prefix: str) -> Iterator[Path]:
    """As `put_aside`, of a new folder below `base`: a lock is held on it meanwhile, so that others can tell it from
    what a killed process left behind. What such ones left of this name is removed first."""
    sweep(base, f"{glob.escape(prefix)}*")
    folder, lock = _made(base, prefix)
    try:
        with put_aside(folder):
            yield folder
    finally:
        if lock is not None:
            os.close(lock)


def sweep(base: Path, pattern: str) -> None:
    """Removes this user's folders of such names in a folder that no living process holds."""
    for folder in base.glob(pattern):
        with suppress(OSError):
            lock = _locked(folder)
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _made(base: Path, prefix: str) -> tuple[Path, int | None]:
    """A new folder, and the descriptor that holds its lock."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=base))
        try:
            return folder, _locked(folder)
        except (BlockingIOError, FileNotFoundError):
            continue  # another process came between the two, and swept it away
        except OSError:
            return folder, None  # a file system without locks, where nobody sweeps either


def _locked(folder: Path) -> int:
    """A descriptor that holds the folder's lock. Raises OSError where it is another's, gone, or held by another
    process."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.fstat(descriptor).st_uid != os.getuid():
            raise PermissionError
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        folder.lstat()  # who held the lock before may have removed it
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


@dataclass
class Asked:
    """The signal that asked to end; None where none did. `lost`: nothing caught what it raised, as in a callback."""

    by: signal.Signals | None = None
    lost: bool = False


@contextmanager
def stoppable() -> Iterator[Asked]:
    """Signals raise KeyboardInterrupt in the block, the first of them alone; who asked is known afterwards.

    Libraries turn the exception into ones of their own, so whoever catches anything looks at `by`. Does nothing in
    another thread than the main one, where Python lets no signal be handled.
    """
    asked = Asked()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def stop(number: int, frame: FrameType | None) -> None:
        if asked.by is None or asked.lost:  # a second one must not end the clearing up
            asked.by, asked.lost = signal.Signals(number), False
            raise KeyboardInterrupt

    def ignored(what: sys.UnraisableHookArgs) -> None:
        if asked.by is not None and issubclass(what.exc_type, KeyboardInterrupt):
            asked.lost = True
        else:
            hook(what)

    told, tell = socket.socketpair()
    tell.setblocking(False)
    hook, sys.unraisablehook = sys.unraisablehook, ignored
    before = {s: signal.signal(s, stop) for s in SIGNALS if signal.getsignal(s) is not signal.SIG_IGN}
    woken = signal.set_wakeup_fd(tell.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=_end_by_force, args=(told, asked), daemon=True).start()
    try:
        yield asked
    finally:
        signal.set_wakeup_fd(woken)
        for s, handler in before.items():
            signal.signal(s, handler)
        sys.unraisablehook = hook
        tell.close()


def _end_by_force(told: socket.socket, asked: Asked) -> None:
    """Waits for one of the signals, then so long for the ordinary way out; returns where the block was left."""
    with told:
        while (number := told.recv(1)) and number[0] not in SIGNALS:
            pass
        if not number:
            return
        told.settimeout(_LOOK_S)
        until = time.monotonic() + GRACE_S
        while time.monotonic() < until:
            with suppress(TimeoutError):
                if not told.recv(1):
                    return
            if asked.lost and (main := threading.main_thread().ident) is not None:
                signal.pthread_kill(main, number[0])
    for folder in list(_aside):
        shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        os.write(2, f"{stopped_by(signal.Signals(number[0]))}\n".encode())
    os._exit(SIGNALLED + number[0])


def stopped_by(asked: signal.Signals) -> str:
    """What the user reads at the end, in whichever way it came."""
    return f"stopped: {asked.name}"
