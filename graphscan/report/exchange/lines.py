"""Lists of ids, one a line, in pieces that a console takes."""

from __future__ import annotations

from collections.abc import Sequence

from graphscan.report.exchange.jsonfile import encoded
from graphscan.report.shown import visible


def id_lists(stem: str, ids: Sequence[str], most: int) -> dict[str, bytes]:
    """`<stem>_0001.txt` … with `most` ids each; ids that cannot stand on a line of their own, as they hold a
    line end or what nobody sees, are in `<stem>_not_listed.json` instead."""
    plain = [i for i in ids if visible(i) == i and i.strip() == i and i and "\n" not in i and "\t" not in i]
    files = {
        f"{stem}_{n // most + 1:04d}.txt": "".join(f"{i}\n" for i in plain[n : n + most]).encode("utf-8")
        for n in range(0, len(plain), most)
    }
    if left := sorted(set(ids) - set(plain)):
        files[f"{stem}_not_listed.json"] = encoded(left)
    return files
