"""Where the columns of the contract are in a log, and the SQL that reads each in its one form.

Takes in the settings (column map, preset, declared signals) and a part of a source; gives out `Reading`s. A
name matches only as it is written: `Account_ID` is `account_id` only where the map says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphscan.errors import LogsError, SettingsError
from graphscan.logs.contract import CONTRACT, Column, Kind
from graphscan.logs.presets import PRESETS, Place, Tag
from graphscan.logs.source import Part
from graphscan.logs.sql import Type, quote_ident, quote_text
from graphscan.logs.times import Instant, instant, is_float, is_integer
from graphscan.settings import Settings, Table


@dataclass(frozen=True)
class Wanted:
    """A column of the contract and the places to look for it; `is_mapped` if the user named them."""

    column: Column
    places: tuple[Place, ...]
    is_mapped: bool

    @property
    def name(self) -> str:
        return self.column.name

    def relevant(self) -> Iterator[str]:
        """Names of columns of the log that these places may start with."""
        for place in self.places:
            parts = _name(place).split(".")
            yield from (".".join(parts[:n]) for n in range(1, len(parts) + 1))


@dataclass(frozen=True)
class Reading:
    """One column in one part: its SQL, the SQL before anything was made null, and the places it comes
    from."""

    sql: str
    raw: str
    origin: str
    kinds: tuple[str, ...]
    instant: Instant | None = None


@dataclass(frozen=True)
class PartReading:
    """A part with its readings by column, and the predicate for rows that are requests at all (None: every
    row)."""

    part: Part
    columns: Mapping[str, Reading]
    only: str | None


def wanted_columns(table: Table, settings: Settings) -> dict[str, Wanted]:
    """The columns of a table by name. Raises SettingsError where a preset leaves the account to be chosen."""
    mapped = getattr(settings.columns, table).names()
    preset = PRESETS[settings.inputs.preset] if settings.inputs.preset and table == "requests" else None
    columns = list(CONTRACT[table])
    if table == "requests":
        known = {c.name for c in columns}
        declared = dict.fromkeys(d.column for d in settings.declared if d.column and d.column not in known)
        columns += [Column(name, "value") for name in declared]
    wanted = {}
    for column in columns:
        places: tuple[Place, ...] = (column.name,)
        if column.name in mapped:
            places = (mapped[column.name],)
        elif preset and column.kind == "id":
            places = _account_places(settings)
        elif preset:
            places = (*preset.places.get(column.name, ()), column.name)
        wanted[column.name] = Wanted(column, places, column.name in mapped)
    return wanted


def _account_places(settings: Settings) -> tuple[str, ...]:
    assert settings.inputs.preset is not None
    accounts, choice = PRESETS[settings.inputs.preset].accounts, settings.inputs.account
    if choice is None and len(set(accounts.values())) > 1:
        raise SettingsError(
            f"inputs.account: preset {settings.inputs.preset} has several kinds of account: got none chosen; "
            f"expected one of {', '.join(accounts)}",
            "choose whoever would share a key, a card or an address with the others of a ring",
        )
    if choice is not None and choice not in accounts:
        raise SettingsError(
            f"inputs.account: preset {settings.inputs.preset} does not have it: got {choice}; "
            f"expected one of {', '.join(accounts)}"
        )
    return accounts[choice] if choice else next(iter(accounts.values()))


def read_part(part: Part, wanted: Mapping[str, Wanted], table: Table, settings: Settings) -> PartReading:
    """How the columns of the contract are read in this part.

    Raises LogsError where a column's type cannot be what the contract wants.
    """
    readings = {}
    for want in wanted.values():
        reading = _read(part, want, table, settings)
        if reading is not None:
            readings[want.name] = reading
    return PartReading(part, readings, _only_requests(part, readings, table, settings))


def with_spoken_system(reading: PartReading, prompt: Wanted) -> PartReading:
    """The same, where `system` also has the system texts and tools that stand in the prompts'
    conversations."""
    found = _found(reading.part, prompt)
    if not found:
        return reading
    spoken = _first([f"system_of_prompt({_text(sql, kind, 'prompt', '')})" for _, (sql, kind) in found])
    origin = f"{', '.join(_name(p) for p, _ in found)} (system turns, tools)"
    written = reading.columns.get("system")
    if written is not None:
        spoken = f"nullif(concat_ws(e'\\n', {written.sql}, {spoken}), '')"
        origin = f"{written.origin}, {origin}"
    system = Reading(spoken, spoken, origin, ("VARCHAR",))
    return PartReading(reading.part, {**reading.columns, "system": system}, reading.only)


def _only_requests(
    part: Part, readings: Mapping[str, Reading], table: Table, settings: Settings
) -> str | None:
    """The predicate for rows that are requests, where the preset's logs hold other rows too."""
    only = PRESETS[settings.inputs.preset].only if settings.inputs.preset and table == "requests" else None
    if only is None:
        return None
    found = [at for p in only[0] if (at := _find(p, part.columns)) is not None]
    if not found:
        return None
    sort = _first([_text(sql, kind, "text", "") for sql, kind in found])
    listed = ", ".join(map(quote_text, only[1]))
    named = (
        f"coalesce({sort}, '') = '' and {readings['model'].sql} is not null"
        if "model" in readings
        else "false"
    )
    return f"({sort} in ({listed}) or ({named}))"


def _read(part: Part, want: Wanted, table: Table, settings: Settings) -> Reading | None:
    found = _found(part, want)
    if not found:
        return None
    columns = getattr(settings.columns, table)
    place = f"inputs.{table}: column {_name(found[0][0])}{_in_files(part)}"
    if want.column.kind == "time":
        name, (sql, kind) = found[0]
        preset = PRESETS[settings.inputs.preset] if settings.inputs.preset else None
        unit = columns.time_unit or (preset.units.get(str(name)) if preset else None)
        if kind.text == "NULL":
            return Reading("null::TIMESTAMP", "null", str(name), (kind.text,))
        when = instant(sql, kind.text, unit, columns.time_zone, place)
        return Reading(when.utc, sql, str(name), (kind.text,), when)
    raws = [_text(sql, kind, want.column.kind, place) for _, (sql, kind) in found]
    clean = [_clean(raw, want.column.kind) for raw in raws]
    if want.column.kind == "system" and len(clean) > 1:
        sql = f"nullif(concat_ws(e'\\n', {', '.join(clean)}), '')"
    else:
        sql = _first(clean)
    origin = ", ".join(_name(p) for p, _ in found)
    return Reading(sql, _first(raws), origin, tuple(kind.text for _, (_, kind) in found))


def _found(part: Part, want: Wanted) -> list[tuple[Place, tuple[str, Type]]]:
    return [(p, at) for p in want.places if (at := _find(p, part.columns)) is not None]


def _name(place: Place) -> str:
    return place.column if isinstance(place, Tag) else place


def _first(expressions: list[str]) -> str:
    return expressions[0] if len(expressions) == 1 else f"coalesce({', '.join(expressions)})"


def _in_files(part: Part) -> str:
    if not part.files:
        return ""
    more = f" and {len(part.files) - 1} more" if len(part.files) > 1 else ""
    return f" of {part.files[0].path}{more}"


def _find(place: Place, columns: Mapping[str, Type]) -> tuple[str, Type] | None:
    """SQL and type of a place: a column of that very name, else the longest column it begins with and what
    is inside."""
    if isinstance(place, Tag):
        at = _find(place.column, columns)
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


def _text(sql: str, kind: Type, use: Kind, place: str) -> str:
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
    hint = (
        f"use a SELECT with CAST({sql} AS VARCHAR) where the numbers are whole" if is_float(kind.text) else ""
    )
    raise LogsError(f"{place}: is not of a type that can be read: got {kind.text}; expected {expected}", hint)


def _clean(text: str, use: Kind) -> str:
    if text.endswith("::VARCHAR[]"):
        return f"known_all({text})"
    macro = {
        "address": "canonical_address",
        "domain": "known_domain",
        "prompt": "prompt_of",
        "system": "system_of",
        "response": "response_of",
    }.get(use, "known")
    return "null::VARCHAR" if text == "null::VARCHAR" else f"{macro}({text})"
