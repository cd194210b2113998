"""A run's folder: written whole or not at all, and read back.

Takes in frames and a manifest and gives out a folder; reads a folder into frames. Every file but the manifest is the
same bytes for the same input, settings and seed; the manifest also holds times.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import polars as pl

from graphscan.errors import RunError
from graphscan.stopping import made_aside

FORMAT_VERSION = 1
"""Of the run folder: a reader takes this and older ones, and refuses newer ones."""

MANIFEST = "manifest.json"

Kind = Literal["scan", "null"]
"""What a folder with a manifest holds: what a scan found, or its nulls."""


def write_run(
    out: Path,
    frames: Mapping[str, pl.DataFrame],
    manifest: Mapping[str, Any],
    finish: Callable[[Path], object],
    replace: bool = False,
) -> None:
    """The folder `out` with a Parquet file a frame, the manifest, and what `finish` adds to the folder it is given.

    A failure leaves nothing, and an older run in place. Raises RunError where something is in the way.
    """
    check_free(out, replace, _kind(manifest))
    with staged(out, replace) as stage:
        _write(stage, frames, manifest, finish)


@contextmanager
def staged(out: Path, replace: bool = False) -> Iterator[Path]:
    """A hidden folder beside `out`; what is in it when the block ends is private, synced and moved to `out`.

    A failure leaves nothing, and what was there in place. Raises RunError where the system lets nothing be written.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with made_aside(out.parent, f".{out.name}.partial-") as stage:
            yield stage
            keep_private(stage)
            _sync(stage)
            _move(stage, out, replace)
    except OSError as e:
        raise unwritable(out, e) from None


def unwritable(out: Path, error: OSError) -> RunError:
    """The error of a folder that the system does not let be written."""
    return RunError(
        f"{out}: cannot be written: got {error.strerror or error}; expected a folder with room",
        "check the disk and --out",
    )


def _write(
    stage: Path,
    frames: Mapping[str, pl.DataFrame],
    manifest: Mapping[str, Any],
    finish: Callable[[Path], object],
) -> None:
    """Everything of a run, in a folder that nobody can see yet."""
    for name, frame in frames.items():
        path = stage / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Row groups follow a frame's chunks, and those the threads that read it.
        frame.rechunk().write_parquet(path, compression="zstd", statistics=True)
    text = json.dumps(
        {"format_version": FORMAT_VERSION, **manifest}, indent=2, ensure_ascii=True, allow_nan=False
    )
    (stage / MANIFEST).write_text(text + "\n", encoding="ascii")
    finish(stage)


def _move(stage: Path, out: Path, replace: bool) -> None:
    """The folder at its place; an older run is gone only when the new one is there.

    What came there since it was found free is in the way, unless it may be replaced.
    """
    if not replace or not out.exists():
        stage.rename(out)
    else:
        old = out.absolute().with_name(f".{out.name}.old-{os.getpid()}")
        try:
            out.rename(old)
            stage.rename(out)
        finally:
            if out.exists():
                shutil.rmtree(old, ignore_errors=True)
            else:
                old.rename(out)
    _sync_folder(out.parent)


def check_free(out: Path, replace: bool = False, kind: Kind = "scan") -> None:
    """Raises RunError where `out` is taken, unless it is of this kind and may be replaced, or nothing can be written
    there: that is known before a scan begins."""
    check_name(out)
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise RunError(f"{out}: is in the way: got no folder; expected a new one", "choose another --out")
    if out.exists() and any(out.iterdir()):
        held = kind_of(out)
        if held is not None and held != kind:
            raise RunError(
                f"{out}: is in the way: got the folder of a {held}; expected a new one, or that of a {kind}",
                "choose another --out",
            )
        if held is None or not replace:
            raise RunError(
                f"{out}: is in the way: got a folder that is not empty; expected a new one",
                "choose another --out" + ("" if replace else ", or give --replace to replace an earlier run"),
            )
    check_writable(out)


def check_writable(out: Path) -> None:
    """Raises RunError where nothing can be made beside `out`."""
    above = next((folder for folder in out.absolute().parents if folder.is_dir()), None)
    try:
        # Without a name: nothing is left, whenever the process is stopped.
        tempfile.TemporaryFile(dir=above).close()
    except OSError as e:
        raise unwritable(out, e) from None


def kind_of(folder: Path) -> Kind | None:
    """What a folder holds; None where it has no manifest that graphscan wrote."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return None
    return _kind(manifest) if isinstance(manifest, dict) and "format_version" in manifest else None


def _kind(manifest: Mapping[str, Any]) -> Kind:
    """The kind that a manifest says; older ones say none, and only those of nulls count permutations."""
    said: Kind = manifest.get("kind") or ("null" if "permutations" in manifest else "scan")
    return said


def check_name(path: Path) -> None:
    """Raises RunError where a path is no text: the writers and readers of Parquet take no other."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise RunError(
            f"{path}: cannot be used: got a name that is no UTF-8; expected text", "rename it"
        ) from None


def read_manifest(run: Path) -> dict[str, Any]:
    """The manifest of a run. Raises RunError where there is none, or a newer one."""
    check_name(run)
    path = run / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        version = int(manifest["format_version"])
    except (OSError, ValueError, KeyError, TypeError):
        raise RunError(
            f"{run}: is no run: got no readable {MANIFEST}; expected the folder that scan wrote",
            "give the path that was --out of the scan",
        ) from None
    if version > FORMAT_VERSION:
        raise RunError(
            f"{run}: is of a newer graphscan: got format {version}; expected {FORMAT_VERSION} or older",
            "upgrade graphscan",
        )
    return manifest


def manifest_of_scan(run: Path) -> dict[str, Any]:
    """As `read_manifest`, of the folder that a scan wrote. Raises RunError where it holds something else."""
    manifest = read_manifest(run)
    if (kind := _kind(manifest)) != "scan":
        raise RunError(
            f"{run}: is no run: got the folder of a {kind}; expected the folder that scan wrote",
            "give the path that was --out of the scan",
        )
    return manifest


def keep_private(folder: Path) -> None:
    """A folder and all below it for the owner alone, whatever the umask: it holds accounts, addresses and words of
    prompts, and a file stays as open as it is when it is copied out of its folder."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)


def run_key(run: Path) -> str:
    """What tells this run from an earlier one in the same folder: the SHA-256 of its manifest."""
    return hashlib.sha256((run / MANIFEST).read_bytes()).hexdigest()


def read_frame(run: Path, name: str) -> pl.DataFrame:
    """One frame of a run by the name of its file, without ending."""
    try:
        return pl.read_parquet(run / f"{name}.parquet", glob=False)
    except (OSError, pl.exceptions.PolarsError) as e:
        raise RunError(
            f"{run}: is not whole: got no readable {name}.parquet ({type(e).__name__}); expected the file",
            "scan again",
        ) from None


def _sync(folder: Path) -> None:
    """Every file and folder below reaches the disk before the move makes them visible."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as f:
                os.fsync(f.fileno())
        elif path.is_dir():
            _sync_folder(path)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
