"""The folder of nights: who may write in it, what is published in it, and what is left over.

Takes in the folder; gives out the lock, the catalog, and faults by name. Nothing here reads a table, so that what
publishes a night cannot be brought down by what is in it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphscan.errors import RunError

FORMAT_VERSION = 1
"""Of the catalog and of night.json: a reader takes this and older ones, and refuses newer ones."""

CATALOG = "nights.json"
CURRENT = "current"
NIGHT = "night.json"
PARTIAL = ".partial"
LOCK = ".lock"

_NEW = re.compile(r"\..+\.new")


@dataclass(frozen=True)
class Entry:
    """A generation of a date, as the catalog knows it: its id and the SHA-256 of its night.json."""

    generation: str
    sha256: str


@dataclass(frozen=True)
class Catalog:
    """What is published: by date (ISO text) the generation that holds; `earlier` ones stay for who cited them.

    `last_number` is the number of the last name ever given to a ring.
    """

    nights: Mapping[str, Entry] = field(default_factory=dict)
    earlier: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    last_number: int = 0

    def all(self, date: str) -> tuple[Entry, ...]:
        """Every generation of a date, the one that holds last."""
        held = (self.nights[date],) if date in self.nights else ()
        return (*self.earlier.get(date, ()), *held)


def folder_of(root: Path, date: str, generation: str) -> Path:
    """Where a generation is."""
    return root / "nights" / date / generation


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Holds the lock of the folder; the kernel drops it when the process dies, however it dies.

    Raises RunError where another run holds it.
    """
    handle = os.open(root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(
                f"{root}: is in use: got a lock that another run holds; expected none",
                "wait until the other run ends; a run that was killed holds no lock",
            ) from None
        yield
    finally:
        os.close(handle)


def read_catalog(root: Path) -> Catalog:
    """What is published; nothing where no night ever was.

    Raises RunError where the catalog cannot be understood, or is gone from a folder that has nights.
    """
    path = root / CATALOG
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        version = int(raw["format_version"])
        if version > FORMAT_VERSION:
            raise RunError(
                f"{path}: is of a newer graphscan: got format {version}; expected {FORMAT_VERSION} or older",
                "upgrade graphscan",
            )
        return Catalog(
            {date: Entry(**entry) for date, entry in raw["nights"].items()},
            {date: tuple(Entry(**e) for e in entries) for date, entries in raw["earlier"].items()},
            int(raw["last_number"]),
        )
    except FileNotFoundError:
        if (root / CURRENT).is_symlink():
            raise RunError(
                f"{path}: is gone: got nights without it; expected the catalog that nightly wrote",
                "bring it back from a copy: without it no night is published",
            ) from None
        return Catalog()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as e:
        raise RunError(
            f"{path}: cannot be read: got {type(e).__name__}; expected the catalog that nightly wrote",
            "bring it back from a copy: without it no night is published",
        ) from None


def write_catalog(root: Path, catalog: Catalog) -> None:
    """Makes the catalog hold: a reader sees the old one or the new one, whole."""
    raw = {
        "format_version": FORMAT_VERSION,
        "last_number": catalog.last_number,
        "nights": {date: vars(entry) for date, entry in sorted(catalog.nights.items())},
        "earlier": {date: [vars(e) for e in es] for date, es in sorted(catalog.earlier.items()) if es},
    }
    replace_text(root / CATALOG, json.dumps(raw, indent=1, ensure_ascii=True) + "\n")


def read_night(root: Path, date: str, entry: Entry) -> dict[str, Any]:
    """A generation's night.json. Raises RunError where it is not the one that was published."""
    path = folder_of(root, date, entry.generation) / NIGHT
    try:
        data = path.read_bytes()
    except OSError as e:
        raise _not_whole(path, e.strerror or type(e).__name__) from None
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise _not_whole(path, "another text")
    night: dict[str, Any] = json.loads(data)
    return night


def _not_whole(path: Path, seen: str) -> RunError:
    return RunError(
        f"{path}: is not what was published: got {seen}; expected the file that the catalog has the hash of",
        "graphscan verify says what else is not whole",
    )


def replace_text(path: Path, text: str) -> None:
    """The file with a new text, on the disk, whole or as it was."""
    new = path.with_name(f".{path.name}.new")
    try:
        with new.open("w", encoding="utf-8") as f:
            f.write(text)
            f.flush()
            os.fsync(f.fileno())
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, as hex."""
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """The folder's entries reach the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def clear_left_over(root: Path) -> None:
    """Takes away what a run that was killed left staged, and halves of files; no night, published or not."""
    shutil.rmtree(root / PARTIAL, ignore_errors=True)
    for path in root.iterdir():
        if _NEW.fullmatch(path.name):
            path.unlink(missing_ok=True)  # a run that was refused the lock may be renaming it


def dates_there(root: Path) -> list[str]:
    """The dates that have a folder, whatever is published of them."""
    nights = root / "nights"
    return sorted(p.name for p in nights.iterdir()) if nights.is_dir() else []


def faults(root: Path) -> list[str]:
    """What is not as it was published, a sentence each; nothing where all is whole.

    Checked are the catalog, the pointer, and size, hash and presence of every file of every generation.
    """
    catalog = read_catalog(root)
    found = _pointer_faults(root, catalog)
    for date in sorted({*catalog.nights, *catalog.earlier}):
        for entry in catalog.all(date):
            found += generation_faults(root, date, entry)
    for date in dates_there(root):
        published = {e.generation for e in catalog.all(date)}
        there = sorted(p.name for p in (root / "nights" / date).iterdir())
        found += [f"{date}/{g} was never published: run the night again" for g in there if g not in published]
    return found


def _pointer_faults(root: Path, catalog: Catalog) -> list[str]:
    current = root / CURRENT
    leads_to = str(current.readlink()) if current.is_symlink() else None
    if (expected := target_of(catalog)) == leads_to:
        return []
    return [f"{CURRENT}: leads to {leads_to or 'nothing'}; expected {expected or 'nothing'}"]


def target_of(catalog: Catalog) -> str | None:
    """Where `current` leads, from the folder of nights: the generation that holds of the newest date."""
    newest = max(catalog.nights, default=None)
    return None if newest is None else f"nights/{newest}/{catalog.nights[newest].generation}"


def generation_faults(root: Path, date: str, entry: Entry) -> list[str]:
    """What is not as it was published in one generation, a sentence each."""
    folder = folder_of(root, date, entry.generation)
    place = f"{date}/{entry.generation}"
    try:
        listed = {f["path"]: f for f in read_night(root, date, entry)["files"]}
    except RunError as e:
        return [e.message]
    there = {str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir()} - {NIGHT}
    found = [f"{place}: {path} is missing" for path in sorted(listed.keys() - there)]
    found += [f"{place}: {path} was put there later" for path in sorted(there - listed.keys())]
    for path in sorted(there & listed.keys()):
        try:
            same = sha256_of(folder / path) == listed[path]["sha256"]
        except OSError as e:
            found.append(f"{place}: {path} cannot be read: {e.strerror}")
            continue
        if not same:
            found.append(f"{place}: {path} has other bytes than were published")
    return found
