"""JSON that every parser reads: ASCII alone, no half pairs of UTF-16, no NaN, times in UTC with their Z.

Takes in plain data and gives out bytes: the lines of a journal, the files of an export.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")


def encoded(data: Any, indent: int | None = 1, sort_keys: bool = False) -> bytes:
    """A line of JSON, or several, that every parser reads: times in UTC with their Z."""
    text = json.dumps(
        data, indent=indent, ensure_ascii=False, allow_nan=False, sort_keys=sort_keys, default=stamp
    )
    return (in_ascii(text) + "\n").encode("ascii")


def in_ascii(text: str) -> str:
    """JSON with \\u… for all beyond ASCII; half a pair of UTF-16, which no strict parser takes, is U+FFFD."""
    return _BEYOND_ASCII.sub(_escaped, text)


def _escaped(run: re.Match[str]) -> str:
    whole = run[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return json.dumps(whole)[1:-1]


def stamp(at: object) -> str:
    """2026-03-02T14:05:00Z."""
    assert isinstance(at, dt.datetime)
    return at.replace(microsecond=0).isoformat() + "Z"
