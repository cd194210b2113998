"""Lists of ids, one a line, in pieces that a console takes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphscan.report.shown import visible
from graphscan.strict_json import encoded


def id_lists(stem: str, ids: Sequence[str], most: int, apart: str = r"[\n\t]") -> dict[str, bytes]:
    """`<stem>_0001.txt` … with `most` ids each; ids that cannot stand on a line of their own, as they hold what
    the reader takes for the end of an id (`apart`) or what nobody sees, are in `<stem>_not_listed.json` instead."""
    plain = [i for i in ids if i and visible(i) == i and i.strip() == i and not re.search(apart, i)]
    files = {
        f"{stem}_{n // most + 1:04d}.txt": "".join(f"{i}\n" for i in plain[n : n + most]).encode("utf-8")
        for n in range(0, len(plain), most)
    }
    if left := sorted(set(ids) - set(plain)):
        files[f"{stem}_not_listed.json"] = encoded(left)
    return files
