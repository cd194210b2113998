"""Where the columns of the contract are in a log, and the SQL that reads each in its one form.

Takes in the settings (column map, preset, declared signals) and a part of a source; gives out `Reading`s. A
name matches only as it is written: `Account_ID` is `account_id` only where the map says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from graphscan.errors import LogsError, SettingsError
from graphscan.faults import together
from graphscan.logs.contract import CONTRACT, Column, Kind
from graphscan.logs.messages import read_with, with_turns
from graphscan.logs.places import as_text, find, first_of, place_name
from graphscan.logs.presets import PRESETS, Either, Place
from graphscan.logs.source import Part
from graphscan.logs.sql import Type, quote_ident, quote_text
from graphscan.logs.times import Instant, instant, is_float, is_integer
from graphscan.settings import Settings, Table

CONVERSATIONS = ("prompt", "system", "response")
_MACROS: Mapping[Kind, str] = MappingProxyType(
    {
        "address": "canonical_address",
        "domain": "known_domain",
        "prompt": "lone_prompt",
        "system": "lone_system",
        "response": "lone_response",
    }
)


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
            for name in place.places if isinstance(place, Either) else (place_name(place),):
                parts = name.split(".")
                yield from (".".join(parts[:n]) for n in range(1, len(parts) + 1))


@dataclass(frozen=True)
class Reading:
    """One column in one part, in two steps: what is stored, then its one form.

    `raws` are SQL over the log's columns; each has a name between the steps (`ref`), so that it is computed
    once, however often a macro uses it. `forms` are SQL over refs, of this column or another; several make
    one text, a line each.
    """

    name: str
    raws: tuple[str, ...]
    forms: tuple[str, ...]
    origin: str
    kinds: tuple[str, ...]
    is_list: bool = False
    stored_instant: Instant | None = None
    """Of times: on the log's column, to cut a window by; `instant` is the same on the ref."""
    instant: Instant | None = None

    def ref_names(self) -> list[str]:
        """Names of the stored values between the two steps."""
        return [f"{i} {self.name}" for i in range(len(self.raws))]

    def ref(self, i: int = 0) -> str:
        return quote_ident(self.ref_names()[i])

    @property
    def sql(self) -> str:
        """The column in its one form, over the refs."""
        if len(self.forms) == 1:
            return self.forms[0]
        return f"nullif(concat_ws(e'\\n', {', '.join(self.forms)}), '')"


@dataclass(frozen=True)
class PartReading:
    """A part with its readings by column; `only` is the predicate for rows that are requests, None for
    all."""

    part: Part
    columns: Mapping[str, Reading]
    only: str | None
    talking: tuple[str, ...] = ()
    """Columns that hold conversations."""

    def stored(self, where: str, *further: str) -> str:
        """What stands after FROM to read the refs of all columns, and further SQL over the log's columns."""
        refs = [f"{raw} as {r.ref(i)}" for r in self.columns.values() for i, raw in enumerate(r.raws)]
        rows = f"(select {', '.join([*refs, *further])} from {self.part.relation} where {where})"
        return with_turns(rows, [name for t in self.talking for name in self.columns[t].ref_names()])


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
    faults = []
    for want in wanted.values():
        try:
            reading = _read(part, want, table, settings)
        except LogsError as e:
            faults.append(e)
            continue
        if reading is not None:
            readings[want.name] = reading
    if faults:
        raise together(faults)
    return PartReading(part, readings, _only_requests(part, readings, table, settings))


def times_without_unit(part: Part, clock: Wanted, table: Table, settings: Settings) -> tuple[str, str] | None:
    """SQL and type of a part's times where they are numbers of which nobody said the unit."""
    found = _found(part, clock)
    if not found:
        return None
    name, (sql, kind) = found[0]
    is_number = is_integer(kind.text) or is_float(kind.text)
    return (sql, kind.text) if is_number and _unit(name, table, settings) is None else None


def _unit(place: Place, table: Table, settings: Settings) -> str | None:
    """The unit of numbers that are times, as the settings say or the preset knows."""
    preset = PRESETS[settings.inputs.preset] if settings.inputs.preset else None
    said = getattr(settings.columns, table).time_unit
    return said or (preset.units.get(place_name(place)) if preset else None)


def with_conversations(reading: PartReading, talking: Collection[str]) -> PartReading:
    """The same, where these columns hold conversations; `system` has those of the prompts too, with their
    tools."""
    names = [name for name in talking if name in reading.columns]
    columns = dict(reading.columns)
    for name in names:
        refs = columns[name].ref_names()
        columns[name] = replace(columns[name], forms=tuple(read_with(f"{name}_of", ref) for ref in refs))
    prompt, written = columns.get("prompt"), columns.get("system")
    if prompt is not None and "prompt" in names:
        origin = f"{prompt.origin} (system turns, tools)"
        spoken = tuple(read_with("system_of_prompt", ref) for ref in prompt.ref_names())
        columns["system"] = Reading(
            name="system",
            raws=written.raws if written else (),
            forms=(*written.forms, *spoken) if written else spoken,
            origin=f"{written.origin}, {origin}" if written else origin,
            kinds=prompt.kinds,
        )
    return PartReading(reading.part, columns, reading.only, tuple(names))


def _only_requests(
    part: Part, readings: Mapping[str, Reading], table: Table, settings: Settings
) -> str | None:
    """The predicate for rows that are requests, where the preset's logs hold other rows too."""
    only = PRESETS[settings.inputs.preset].only if settings.inputs.preset and table == "requests" else None
    if only is None:
        return None
    found = [at for p in only[0] if (at := find(p, part.columns)) is not None]
    if not found:
        return None
    sort = first_of([as_text(sql, kind, "text", "") for sql, kind in found])
    listed = ", ".join(map(quote_text, only[1]))
    named = f"{readings['model'].raws[0]} is not null" if "model" in readings else "false"
    return f"coalesce({sort} in ({listed}) or (coalesce({sort}, '') = '' and {named}), false)"


def _read(part: Part, want: Wanted, table: Table, settings: Settings) -> Reading | None:
    found = _found(part, want)
    if not found:
        return None
    place = f"inputs.{table}: column {place_name(found[0][0])}{_in_files(part)}"
    use = want.column.kind
    if use == "time":
        return _read_time(want.name, *found[0], table, settings, place)
    raws = [as_text(sql, kind, use, place) for _, (sql, kind) in found]
    is_list = raws[0].endswith("::VARCHAR[]")
    macro = "known_all" if is_list else _MACROS.get(use, "known")
    if use != "system" and len(raws) > 1:
        filled = "stored_text" if use in ("prompt", "response") else "known"
        raws = [first_of([f"{filled}({raw})" for raw in raws])]
    reading = Reading(
        name=want.name,
        raws=tuple(raws),
        forms=(),
        origin=", ".join(place_name(p) for p, _ in found),
        kinds=tuple(kind.text for _, (_, kind) in found),
        is_list=is_list,
    )
    return replace(reading, forms=tuple(f"{macro}({reading.ref(i)})" for i in range(len(raws))))


def _read_time(
    name: str, place_found: Place, at: tuple[str, Type], table: Table, settings: Settings, place: str
) -> Reading:
    """Of several places the first alone, as it is stored, so that Parquet's statistics can skip by it."""
    sql, kind = at
    columns = getattr(settings.columns, table)
    unit = _unit(place_found, table, settings)
    if kind.text == "NULL":
        sql, kind = "null::TIMESTAMP", Type("TIMESTAMP", {}, None)
    stored = instant(sql, kind.text, unit, columns.time_zone, place)
    reading = Reading(name, (sql,), (), place_name(place_found), (kind.text,), stored_instant=stored)
    when = instant(reading.ref(), kind.text, unit, columns.time_zone, place)
    return replace(reading, forms=(when.utc,), instant=when)


def _found(part: Part, want: Wanted) -> list[tuple[Place, tuple[str, Type]]]:
    return [(p, at) for p in want.places if (at := find(p, part.columns)) is not None]


def _in_files(part: Part) -> str:
    if not part.files:
        return ""
    more = f" and {len(part.files) - 1} more" if len(part.files) > 1 else ""
    return f" of {part.files[0].path}{more}"
