"""How values are shown: hostile text made visible, numbers and times for people.

Escaping is the templates' own (autoescape); here is only what escaping does not do: characters that a reader
cannot see, or that turn the text around, are shown as what they are.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

CUT = 300
"""Characters of an entity that are shown."""

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """The text with every control, bidirectional or invisible character as ⟦U+202E⟧; line ends and tabs
    stay."""
    return _HIDDEN.sub(lambda m: f"⟦U+{ord(m[0]):04X}⟧", text.replace("\r\n", "\n"))


def cut(text: str, most: int = CUT) -> str:
    """The beginning of a text, with … where something was left out; never between a letter and its marks."""
    if len(text) <= most:
        return text
    end = most
    while end > most - 20 and unicodedata.combining(text[end]):
        end -= 1
    return f"{text[:end]}…"


def for_script(data: Mapping[str, Any]) -> str:
    """JSON for a <script type="application/json">: nothing in it can end the element or start another."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def count(n: float | None) -> str:
    """A whole number: 261,834."""
    return "–" if n is None else f"{round(n):,}"


def number(x: float | None) -> str:
    """A number with as many digits as a reader needs: 0.031, 4.2, 878."""
    if x is None:
        return "–"
    if x == 0 or abs(x) >= 100:
        return f"{x:,.0f}"
    if abs(x) >= 10 or float(x).is_integer():
        return f"{x:.3g}"
    return f"{x:.2g}" if abs(x) < 1 else f"{x:.1f}"


def percent(share: float | None) -> str:
    """A share: 30%, 0.4%, < 0.01%."""
    if share is None:
        return "–"
    x = 100 * share
    if 0 < x < 0.01:
        return "< 0.01%"
    return f"{x:.0f}%" if x >= 10 or x == 0 else f"{x:.2g}%"


def bits(x: float | None) -> str:
    """Evidence: 212, 9.4, with a true minus."""
    if x is None:
        return "–"
    text = f"{abs(x):,.0f}" if abs(x) >= 100 else f"{abs(x):.1f}"
    return f"−{text}" if x < 0 and float(text.replace(",", "")) else text


def signed(x: float) -> str:
    """Bits with their sign: +9.4, −3.0."""
    text = bits(x)
    return text if text.startswith("−") else f"+{text}"


def day(at: dt.datetime | None) -> str:
    """2 March 2026."""
    return "–" if at is None else f"{at.day} {at:%B %Y}"


def minute(at: dt.datetime | None) -> str:
    """2026-03-02 14:05 UTC."""
    return "–" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"


def time_of(text: object) -> dt.datetime | None:
    """A time from a manifest's text, naive UTC; None where it is none."""
    if isinstance(text, dt.datetime):
        return text.astimezone(dt.UTC).replace(tzinfo=None) if text.tzinfo else text
    try:
        found = dt.datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found.astimezone(dt.UTC).replace(tzinfo=None) if found.tzinfo else found


def plural(n: int, one: str, many: str | None = None) -> str:
    """1 account, 2 accounts."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def listed(words: list[str]) -> str:
    """a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
