"""Places in a log's rows: where a name leads, and the SQL that reads what is there as text.

A place is a column, or something inside a struct, a map or JSON; presets know a few kinds more. What a name
means is decided by the columns that are there, never by their values.
"""

from __future__ import annotations

from collections.abc import Mapping

from graphscan.errors import LogsError
from graphscan.logs.contract import Kind
from graphscan.logs.presets import Either, Place, Tag
from graphscan.logs.sql import Type, quote_ident, quote_text
from graphscan.logs.times import is_float, is_integer


def place_name(place: Place) -> str:
    """What to call a place in a message."""
    if isinstance(place, Either):
        return place.places[0]
    return place.column if isinstance(place, Tag) else place


def first_of(expressions: list[str]) -> str:
    """SQL for the first of these that is not null."""
    return expressions[0] if len(expressions) == 1 else f"coalesce({', '.join(expressions)})"


def find(place: Place, columns: Mapping[str, Type]) -> tuple[str, Type] | None:
    """SQL and type of a place: a column of that very name, else what is inside the longest that it begins
    with."""
    if isinstance(place, Either):
        found = [at for p in place.places if (at := find(p, columns)) is not None]
        texts = [f"stored_text({as_text(sql, kind, 'system', '')})" for sql, kind in found]
        return (first_of(texts), Type("VARCHAR", {}, None)) if texts else None
    if isinstance(place, Tag):
        at = find(place.column, columns)
        if at is None:
            return None
        tags = at[0] if at[1].text in ("VARCHAR", "JSON") else f"to_json({at[0]})::VARCHAR"
        return f"longest_tag({tags}, {quote_text(place.beginning)})", Type("VARCHAR", {}, None)
    parts = place.split(".")
    for n in range(len(parts), 0, -1):
        name = ".".join(parts[:n])
        if name in columns:
            return _inside(quote_ident(name), columns[name], parts[n:])
    return None


def _inside(sql: str, kind: Type, rest: list[str]) -> tuple[str, Type] | None:
    if not rest:
        return sql, kind
    for n in range(len(rest), 0, -1):
        field = ".".join(rest[:n])
        if field in kind.fields:
            return _inside(f"struct_extract({sql}, {quote_text(field)})", kind.fields[field], rest[n:])
    if kind.text.startswith("MAP(VARCHAR") and kind.item is not None:
        return f"{sql}[{quote_text('.'.join(rest))}]", kind.item
    if kind.text in ("VARCHAR", "JSON"):
        whole, nested = (
            f"json_at({sql}::VARCHAR, {quote_text(_pointer(p))})" for p in ([".".join(rest)], rest)
        )
        return whole if len(rest) == 1 else f"coalesce({whole}, {nested})", Type("VARCHAR", {}, None)
    return None


def _pointer(keys: list[str]) -> str:
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)


def as_text(sql: str, kind: Type, use: Kind, place: str) -> str:
    """The column as text (a list of it for values), or LogsError where its type cannot be meant so."""
    if kind.text == "VARCHAR" or kind.text.startswith("ENUM"):
        return sql if kind.text == "VARCHAR" else f"{sql}::VARCHAR"
    if kind.text == "NULL":
        return "null::VARCHAR"
    if use in ("prompt", "system", "response"):
        if kind.text == "BLOB":
            return f"decode({sql}, 'replace')"
        if kind.item or kind.fields or kind.text == "JSON":
            return f"to_json({sql})::VARCHAR"
    if kind.text == "JSON":
        return f"json_extract_string({sql}, '$')"
    if kind.text == "UUID" or is_integer(kind.text):
        return f"{sql}::VARCHAR"
    if use == "value" and kind.item is not None and not kind.text.startswith("MAP") and not kind.item.fields:
        return f"{sql}::VARCHAR[]"
    nested = kind.item is not None or kind.fields or kind.text == "BLOB"
    if use in ("value", "text") and not nested:
        return f"{sql}::VARCHAR"
    expected = "text or whole numbers" if use in ("id", "key") else "text"
    hint = "a SELECT can write them as text, where the numbers are whole" if is_float(kind.text) else ""
    raise LogsError(f"{place}: is not of a type that can be read: got {kind.text}; expected {expected}", hint)
