"""Publishes a small night in a folder of nights, as `graphscan nightly` does: what the kill tests kill.

Usage: commit.py ROOT DATE. Exits 0 done, 1 refused by the disk, 99 nothing to do. Between the two marks, calls of
access() that a trace shows, is everything that touches the folder.
"""

import os
import shutil
import sys
from pathlib import Path

from graphscan.errors import GraphscanError
from graphscan.nightly.publish import opened, publish
from graphscan.nightly.shelf import PARTIAL

BEGIN, END = "/mark-begin", "/mark-end"


def commit(root: Path, date: str) -> int:
    with opened(root) as catalog:
        if date in catalog.nights:
            return 99
        try:
            staged = root / PARTIAL / "night"
            (staged / "report").mkdir(parents=True)
            for name in ("rings.parquet", "members.parquet", "report/index.html"):
                (staged / name).write_text(f"{name} of {date}")
            publish(root, catalog, staged, {"date": date, "generation": "0123456789abcdef", "last_number": 3})
        finally:
            shutil.rmtree(root / PARTIAL, ignore_errors=True)
    return 0


if __name__ == "__main__":
    os.access(BEGIN, os.F_OK)
    try:
        code = commit(Path(sys.argv[1]), sys.argv[2])
    except GraphscanError as e:
        print(e.message, file=sys.stderr)
        code = 1
    os.access(END, os.F_OK)
    sys.exit(code)
