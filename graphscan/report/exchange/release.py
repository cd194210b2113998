"""An export: findings made at a level, written in a format, told to the journal, and only then released."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from graphscan.errors import RunError
from graphscan.report.exchange import (
    coop,
    csvfile,
    graphml,
    jsonfile,
    markdown,
    misp,
    osprey,
    parquet,
    stix,
)
from graphscan.report.exchange.appeal import appeal
from graphscan.report.exchange.findings import Findings, Level
from graphscan.report.exchange.levels import findings
from graphscan.report.exchange.pseudonyms import Pseudonyms
from graphscan.reviews.journal import append
from graphscan.runs import staged
from graphscan.runs.folder import RunFolder, read_run

FORMATS: Mapping[str, Callable[[Findings], dict[str, bytes]]] = MappingProxyType(
    {
        "markdown": markdown.render,
        "json": jsonfile.render,
        "csv": csvfile.render,
        "graphml": graphml.render,
        "parquet": parquet.render,
        "stix": stix.render,
        "misp": misp.render,
        "coop": coop.render,
        "osprey": osprey.render,
    }
)

CONSOLES = ("coop", "osprey")
"""Formats that put rings in the queue of those who act on accounts: what the log explains is not among them, unless one
such ring is asked for."""

JOURNAL = "exports.jsonl"
"""Name of the journal beside the run."""


def export(
    run: Path,
    form: str,
    level: Level,
    out: Path,
    pseudonyms: Pseudonyms | None = None,
    ring_id: str | None = None,
    journal: Path | None = None,
    to: str = "",
    reason: str = "",
) -> tuple[Path, ...]:
    """The files of an export, in the new folder `out`, readable for their owner alone.

    The journal (where none is given, that of the run's settings, or `exports.jsonl` beside the run) has the
    export's line on the disk before a file appears. Raises RunError where anything is missing or in the way: then
    nothing is released.
    """
    if out.exists() or out.is_symlink():
        raise RunError(
            f"{out}: is in the way: got a file or folder; expected a new one", "choose another --out"
        )
    folder = read_run(run)
    made = findings(folder, level, pseudonyms, ring_id)
    if form in CONSOLES and ring_id is None:
        made = replace(made, rings=tuple(ring for ring in made.rings if ring.triage != "explained"))
    files = FORMATS[form](made)
    line = {
        "what": "export",
        "format": form,
        "level": level,
        "run": run.resolve().name,
        "rings": [ring.ring_id for ring in made.rings],
        "to": to,
        "reason": reason,
        "key_id": pseudonyms.key_id if pseudonyms and level != "internal" else None,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    with staged(out) as stage:
        _write(stage, files)
        append(journal or _journal_of(run, folder), line)
    return tuple(out / name for name in files)


def release_packet(run: Path, account_id: str, out: Path | None, journal: Path | None = None) -> bytes:
    """One account's packet, in the new file `out` where one is given; told to the journal before.

    Raises RunError where the account is in no ring, or the file is in the way.
    """
    if out is not None and (out.exists() or out.is_symlink()):
        raise RunError(
            f"{out}: is in the way: got a file or folder; expected a new one", "choose another --out"
        )
    packet = appeal(run, account_id)
    append(
        journal or _journal_of(run, read_run(run)),
        {
            "what": "appeal",
            "run": run.resolve().name,
            "account_id": account_id,
            "files": {"packet.json": hashlib.sha256(packet).hexdigest()},
        },
    )
    if out is not None:
        try:
            _write_file(out, packet)
        except OSError as e:
            raise RunError(
                f"{out}: cannot be written: got {e.strerror or e}; expected a file in a folder with room",
                "check the disk and --out",
            ) from None
    return packet


def _journal_of(run: Path, folder: RunFolder) -> Path:
    """The journal that the run's settings name, else the one beside the run."""
    return folder.review_file("journal") or run.resolve().with_name(JOURNAL)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_file(path, content)


def _write_file(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
