"""Hostile text made harmless for formats that a person opens: Markdown and spreadsheets."""

from __future__ import annotations

import re

from graphscan.report.shown import cut, visible

_FORMULA = re.compile(r"""^[\s"';,|]*[=+\-@%＝＋－＠]""")
_MARKUP = re.compile(r"""([\\`*_{}\[\]<>#|!~&()"'$^])""")
_BLOCK = re.compile(r"^(\d*)([-+=:.)])")
_NUMBERS = re.compile(r"\b\d+(?:\.\d+){2,}")
_DOT = re.compile(r"(?<=\w)\.(?=[^\W\d])|(?<=[^\W\d])\.(?=\w)")


def spreadsheet(value: str) -> str:
    """A cell that no spreadsheet takes for a formula: what could be one, or begins with a quote, gets a quote
    before it, which `from_spreadsheet` takes away again.

    Source: OWASP, "CSV Injection".
    """
    text = visible(value)
    return f"'{text}" if _FORMULA.match(text) or text.startswith(("'", "\t", "\n")) else text


def from_spreadsheet(cell: str) -> str:
    """What `spreadsheet` was given, hidden characters shown."""
    return cell.removeprefix("'")


def markdown(value: str, most: int = 200) -> str:
    """Text for a line or a cell of Markdown: defanged, and nothing in it is markup, a link or a picture."""
    text = " ".join(visible(cut(value, most)).split())
    return _BLOCK.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", defanged(text)))


def defanged(text: str) -> str:
    """Addresses, names of hosts and links that no program makes a link of: 198[.]51[.]100[.]7, hxxp; decimal
    numbers stay."""
    text = _NUMBERS.sub(lambda m: m[0].replace(".", "[.]"), _DOT.sub("[.]", text))
    return re.sub(r"(?i)http", "hxxp", text).replace("://", "[://]").replace("@", "[at]")


def fenced(text: str) -> str:
    """A block of code whose fence is longer than any in the text."""
    text = visible(text)
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{ticks}text\n{text}\n{ticks}"
