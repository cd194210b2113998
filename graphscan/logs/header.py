"""Headers of query files: text in, `Query` out.

A header is the run of `--` lines at the top: a sentence on what comes out; `key: value` lines, whose
continuation is indented; free paragraphs, of which "Looks like coordination but is not:" and "Source:" are
known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from graphscan.errors import QueryError
from graphscan.faults import nearest

_KEYS = ("reads", "grain", "columns", "params", "family", "needs")
_PARAM = re.compile(
    r"([a-z_][a-z0-9_]*) +(BIGINT|INTEGER|DOUBLE|VARCHAR|BOOLEAN|TIMESTAMP)(?: *= *(\S+))?(?:\s{2,}(.*))?"
)
_BITS = {"INTEGER": 31, "BIGINT": 63}
_ALLOWED = {
    "INTEGER": "a whole number",
    "BIGINT": "a whole number",
    "DOUBLE": "a number",
    "BOOLEAN": "true or false",
    "VARCHAR": "text",
    "TIMESTAMP": "a time as text",
}
_LOOKS_LIKE = "Looks like coordination but is not:"


@dataclass(frozen=True)
class Param:
    """One `$name` of a query; `default` is None where the caller must give the value."""

    name: str
    type: str
    default: bool | int | float | str | None
    note: str

    def refuses(self, value: object) -> str:
        """What is allowed, in words, where the value is not; else nothing. A name in `_s` is a length of time."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if self.type in _BITS:
            fits = is_number and isinstance(value, int) and abs(value) < 1 << _BITS[self.type]
        elif self.type == "DOUBLE":
            fits = is_number
        elif self.type == "BOOLEAN":
            fits = isinstance(value, bool)
        else:
            fits = isinstance(value, str)
        is_length = self.name.endswith("_s")
        if fits and not (is_length and isinstance(value, int | float) and value <= 0):
            return ""
        return _ALLOWED[self.type] + (" above 0" if is_length else "")


@dataclass(frozen=True)
class Query:
    """One file in `queries/`: what its header says, and its statement.

    `reads` are the tables it needs; `columns` name and DuckDB type, in order; `grain` the columns that no
    two rows share; `needs` the log's columns (of requests, or `accounts.created_at`) without which it is
    off.
    """

    name: str
    path: Path
    place: str
    doc: str
    reads: tuple[str, ...]
    grain: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    params: tuple[Param, ...]
    family: str | None
    needs: tuple[str, ...]
    looks_like: str
    source: str
    text: str


def read_header(path: Path, root: Path) -> Query:
    """The query in a file. Raises QueryError that names file and line."""
    place = str(Path(root.name) / path.relative_to(root))
    lines = path.read_text(encoding="utf-8").splitlines()
    n_header = next((i for i, line in enumerate(lines) if not line.startswith("--")), len(lines))
    if n_header == 0:
        raise QueryError(
            f"{place}:1: has no header: got {lines[0][:40] if lines else 'nothing'}; expected --"
        )
    keys, paragraphs = _blocks(lines[:n_header], place)
    missing = [k for k in ("reads", "grain", "columns") if k not in keys]
    if missing or not paragraphs:
        raise QueryError(
            f"{place}: header is not whole: got no {', '.join(missing) or 'sentence'}; "
            "expected a sentence, reads, grain and columns"
        )
    return Query(
        name=path.stem,
        path=path,
        place=place,
        doc=paragraphs[0],
        reads=_names(keys["reads"]),
        grain=_names(keys["grain"]),
        columns=_columns(keys["columns"], place),
        params=_params(keys["params"], place) if "params" in keys else (),
        family=next(iter(_names(keys["family"])), None) if "family" in keys else None,
        needs=_names(keys["needs"]) if "needs" in keys else (),
        looks_like=_paragraph(paragraphs, _LOOKS_LIKE),
        source=_paragraph(paragraphs, "Source:"),
        text="\n".join(lines[n_header:]).strip().removesuffix(";"),
    )


@dataclass
class _Value:
    """The lines of one key, and where it stands."""

    line: int
    lines: list[str]


def _blocks(lines: list[str], place: str) -> tuple[dict[str, _Value], list[str]]:
    """The `key: value` lines, and the paragraphs of free text as one line each."""
    keys: dict[str, _Value] = {}
    paragraphs: list[list[str]] = [[]]
    open_key: _Value | None = None
    for number, line in enumerate(lines, 1):
        text = line.removeprefix("--")
        key = re.match(r" ([a-z]+):(?: +(.*))?$", text)
        if not text.strip():
            paragraphs.append([])
            open_key = None
        elif key:
            name = key[1]
            if name not in _KEYS or name in keys:
                close = nearest(name, _KEYS)
                raise QueryError(
                    f"{place}:{number}: unknown or repeated key: got {name}; "
                    f"expected each once of {', '.join(_KEYS)}",
                    f"did you mean {close}?" if close and close != name else "",
                )
            open_key = keys[name] = _Value(number, [key[2] or ""])
        elif open_key is not None and text.startswith("  "):
            open_key.lines.append(text.strip())
        else:
            open_key = None
            known = next((p for p in (_LOOKS_LIKE, "Source:") if text.strip().startswith(p)), None)
            if known and paragraphs[-1]:
                paragraphs.append([])
            paragraphs[-1].append(text.strip())
    return keys, [" ".join(p) for p in paragraphs if p]


def _paragraph(paragraphs: list[str], opening: str) -> str:
    return next((p.removeprefix(opening).strip() for p in paragraphs if p.startswith(opening)), "")


def _names(value: _Value) -> tuple[str, ...]:
    """Names separated by commas; a note may follow after two blanks. `none` and `-` are no names."""
    listed = ", ".join(re.split(r"\s{2,}", line.strip())[0] for line in value.lines)
    names = tuple(n for part in listed.split(",") if (n := part.strip()))
    return () if names in (("none",), ("-",)) else names


def _columns(value: _Value, place: str) -> tuple[tuple[str, str], ...]:
    """Commas inside brackets belong to a type: DECIMAL(18, 0), STRUCT(a BIGINT, b DOUBLE)."""
    parts = re.split(r",\s*(?![^()]*\))", " ".join(value.lines).strip().rstrip(","))
    columns = []
    for part in parts:
        name, _, kind = part.strip().partition(" ")
        if not name or not kind:
            raise QueryError(
                f"{place}:{value.line}: no column: got {part.strip()!r}; expected `name TYPE`, …"
            )
        columns.append((name, kind.strip()))
    return tuple(columns)


def _params(value: _Value, place: str) -> tuple[Param, ...]:
    """One param a line, `name TYPE = default  note`; a line that opens none continues the note above."""
    params: list[Param] = []
    for offset, line in enumerate(value.lines):
        found = _PARAM.fullmatch(line.strip())
        if found:
            params.append(
                Param(found[1], found[2], _default(found, place, value.line + offset), found[4] or "")
            )
        elif params:
            last = params[-1]
            params[-1] = Param(last.name, last.type, last.default, f"{last.note} {line}".strip())
        else:
            raise QueryError(
                f"{place}:{value.line + offset}: no param: got {line.strip()!r}; "
                "expected `name TYPE = default  note`"
            )
    return tuple(params)


def _default(found: re.Match[str], place: str, line: int) -> bool | int | float | str | None:
    kind, text = found[2], found[3]
    if text is None:
        return None
    try:
        if kind in ("BIGINT", "INTEGER"):
            return int(text.replace("_", ""))
        if kind == "DOUBLE":
            return float(text)
        if kind == "BOOLEAN":
            return {"true": True, "false": False}[text]
        if kind == "VARCHAR" and re.fullmatch(r"'[^']*'", text):
            return text[1:-1]
    except (ValueError, KeyError):
        pass
    raise QueryError(f"{place}:{line}: default is not of its type: got {text}; expected a {kind} literal")
