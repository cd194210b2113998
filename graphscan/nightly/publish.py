"""A staged night made public: sealed with its hashes, moved, entered in the catalog, pointed at, in this order.

Takes in a staged folder; until the catalog is replaced nothing of it can be seen, from then on all of it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphscan.errors import RunError
from graphscan.nightly.shelf import (
    CURRENT,
    FORMAT_VERSION,
    NIGHT,
    Catalog,
    Entry,
    alone,
    clear_left_over,
    folder_of,
    read_catalog,
    replace_text,
    sha256_of,
    sync_folder,
    target_of,
    write_catalog,
)


@contextmanager
def opened(root: Path) -> Iterator[Catalog]:
    """The catalog, with the lock held and what a killed run left cleared away.

    Raises RunError where another run holds the lock, or the disk refuses, then and later.
    """
    try:
        with alone(root):
            catalog = read_catalog(root)
            clear_left_over(root)
            point(root, catalog)
            yield catalog
    except OSError as e:
        raise RunError(
            f"{root}: cannot be written: got {e.strerror or e}; expected a disk with room that can be",
            "mend the disk and run the night again: what is published is whole",
        ) from None


def publish(root: Path, catalog: Catalog, staged: Path, facts: Mapping[str, Any]) -> Catalog:
    """Publishes the staged folder as the generation and date that `facts` name; the new catalog.

    `facts` become night.json, with the size and hash of every file; `last_number` goes into the catalog. Where the
    disk refuses, what was published before still is.
    """
    date, generation = facts["date"], facts["generation"]
    entry = Entry(generation, _seal(staged, facts))
    home = folder_of(root, date, generation)
    home.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if home.exists():  # a run was killed before it entered this in the catalog
        shutil.rmtree(home)
    staged.rename(home)
    for folder in (home.parent, home.parent.parent, root):
        sync_folder(folder)
    numbered = replace(catalog, last_number=max(catalog.last_number, facts["last_number"]))
    return hold(root, numbered, date, entry)


def hold(root: Path, catalog: Catalog, date: str, entry: Entry) -> Catalog:
    """Makes a generation the one that holds of its date; the one that held before stays beside it."""
    earlier = tuple(e for e in catalog.all(date) if e.generation != entry.generation)
    new = replace(
        catalog,
        nights={**catalog.nights, date: entry},
        earlier={**catalog.earlier, date: earlier},
    )
    write_catalog(root, new)
    point(root, new)
    return new


def point(root: Path, catalog: Catalog) -> None:
    """Makes `current` lead to the newest night of the catalog; a reader finds the old one or the new one."""
    current, target = root / CURRENT, target_of(catalog)
    if target is None:
        current.unlink(missing_ok=True)
    elif not (current.is_symlink() and str(current.readlink()) == target):
        new = root / f".{CURRENT}.new"
        new.unlink(missing_ok=True)
        new.symlink_to(target)
        new.replace(current)
    else:
        return
    sync_folder(root)


def _seal(staged: Path, facts: Mapping[str, Any]) -> str:
    """Everything below the folder on the disk, and night.json with its hashes; the hash of night.json itself."""
    files = sorted(p for p in staged.rglob("*") if p.is_file())
    for path in files:
        _sync_file(path)
    listed = [
        {"path": str(p.relative_to(staged)), "n_bytes": p.stat().st_size, "sha256": sha256_of(p)}
        for p in files
    ]
    raw = {"format_version": FORMAT_VERSION, **facts, "files": listed}
    replace_text(staged / NIGHT, json.dumps(raw, indent=1, ensure_ascii=True, allow_nan=False) + "\n")
    for folder in sorted(p for p in staged.rglob("*") if p.is_dir()):
        sync_folder(folder)
    return sha256_of(staged / NIGHT)


def _sync_file(path: Path) -> None:
    with path.open("rb") as f:
        os.fsync(f.fileno())
