"""Signals run over the staged log: who touched what, family by family.

Takes in the connection after `stage` and gives out one `Incidences` a family and what each entity is called. An
entity that one account alone touched is dropped at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from graphscan.errors import SettingsError
from graphscan.faults import nearest
from graphscan.kinds import CONTEXT
from graphscan.logs.header import Query
from graphscan.logs.queries import load_queries, run_query
from graphscan.logs.sql import Connection, frame, quote_ident, quote_text, said_by
from graphscan.settings import Settings
from graphscan.signals.stage import MAX_CAP, held_as

TENTHS = 10
"""Parts of the log, by the places of its requests, of which each is left out once to see what rings stand on."""

NEVER = 99
"""The cap of a touch that no cap shows: it counts where all requests do."""


@dataclass(frozen=True)
class Signal:
    """One signal of a scan: its query, its family, and why it is off, if it is.

    `name` is the query's stem, or the name of a declared signal.
    """

    name: str
    family: str
    query: Query
    off: str = ""
    column: str | None = None
    window_s: int = 0


class Made(NamedTuple):
    """A signal that was run: its number of incidences, and of entities of this log that were left out as allowed."""

    signal: Signal
    n: int
    n_left_out: int


@dataclass(frozen=True)
class FamilyIncidences:
    """A family's incidences, and the signal and name of each of its entities.

    Arrays have one row an (account, entity), sorted so; `cap` as in `graphscan.graph.rows.Incidences`; `tenth` is
    the part of the log that alone has the touch, −1 where several requests touch, or a row of another table.
    `entities` has a row for each entity in order: signal, entity (text), n (touches), first_at, last_at.
    """

    family: str
    account: NDArray[np.int32]
    entity: NDArray[np.int32]
    cap: NDArray[np.int8]
    tenth: NDArray[np.int8]
    entities: pl.DataFrame

    def signal_numbers(self) -> NDArray[np.int16]:
        """The signal of each entity as a number, in order of appearance; shape (n_entities,)."""
        return self.entities["signal"].rle_id().cast(pl.Int16).to_numpy()


def signals_of(settings: Settings, columns: Mapping[str, tuple[str, ...]]) -> list[Signal]:
    """Every signal there is, with the reason why it is off where it is: families and names in order.

    Raises SettingsError where the settings name a signal, or a param of one, that there is not.
    """
    out = []
    for query in load_queries().values():
        if query.path.parent.name != "signals" or query.name == "declared":
            continue
        missing = [need for need in query.needs if not _has(columns, need)]
        off = f"no column {', '.join(missing)}" if missing else ""
        if settings.signal(query.name).off:
            off = "turned off in the settings"
        out.append(Signal(query.name, query.family or query.name, query, off))
    declared = load_queries()["declared"]
    if taken := sorted({d.name for d in settings.declared} & {s.name for s in out}):
        raise SettingsError(
            f"settings: declared: a signal of this name is there already: got {', '.join(taken)}; "
            "expected names of their own",
            "graphscan queries lists the names that are taken",
        )
    for d in settings.declared:
        missing = [] if d.column is None or _has(columns, d.column) else [d.column]
        off = f"no column {missing[0]}" if missing else ""
        if settings.signal(d.name).off:
            off = "turned off in the settings"
        out.append(Signal(d.name, d.family, declared, off, d.column, d.window_s or 0))
    _refuse_unknown(settings.signals, [s.name for s in out])
    _refuse_params(settings, out)
    return sorted(out, key=lambda s: (s.family, s.name))


def _refuse_unknown(given: Iterable[str], known: list[str]) -> None:
    """A section of a signal that is none would turn nothing off, without a word."""
    unknown = sorted(set(given) - set(known))
    if unknown:
        close = nearest(unknown[0], known)
        raise SettingsError(
            f"settings: signals: no signal of this name: got {', '.join(unknown)}; expected {', '.join(sorted(known))}",
            f"did you mean {close}?" if close else "graphscan queries lists them",
        )


def _refuse_params(settings: Settings, signals: Iterable[Signal]) -> None:
    """DuckDB would meet them only after the log is staged."""
    faults: list[str] = []
    hints: list[str] = []
    for signal in signals:
        # The window of a declared signal is set where it is declared.
        known = {p.name: p for p in signal.query.params if signal.query.name != "declared"}
        for name, value in settings.signal(signal.name).params.items():
            place = f"settings: signals.{signal.name}.{name}"
            if name not in known:
                keys = ["off", *known]
                faults.append(f"{place}: unknown key: got {name}; expected {', '.join(keys)}")
                close = nearest(name, keys)
                hints += [f"did you mean {close} for {name}?"] if close else []
            elif expected := known[name].refuses(value):
                faults.append(f"{place}: is not allowed: got {value!r:.60}; expected {expected}")
    if faults:
        raise SettingsError(
            "\n".join(faults), "; ".join(hints) or "graphscan queries lists the params of each signal"
        )


def families_on(signals: Sequence[Signal]) -> set[str]:
    """The families with a signal that is on."""
    return {s.family for s in signals if not s.off} - {CONTEXT}


def run_signals(
    con: Connection,
    settings: Settings,
    signals: list[Signal],
    allowed: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> Iterator[Made]:
    """Makes the tables `entities_<signal>` and `incidence_<signal>` of each signal that is on.

    Entities are those of two accounts or more, numbered by name; those that reviewers `allowed`, by signal, are left
    out.
    """
    for signal in signals:
        if signal.off:
            continue
        params: dict[str, object] = dict(settings.signal(signal.name).params)
        if signal.query.name == "declared":
            _declared_values(con, signal)
            params["window_s"] = signal.window_s
        run_query(con, signal.query, "touched", params)
        entity_table, incidence_table = _tables_of(signal)
        left_out = sorted(allowed.get(signal.name, ()))
        n_left_out = 0
        with said_by(signal.query.place):
            if left_out:
                seen = "select distinct entity from touched where entity::VARCHAR in (select unnest($these))"
                n_left_out = frame(con, f"select count(*) as n from ({seen})", {"these": left_out}).item()
            con.execute(
                f"create or replace table {entity_table} as "
                "select entity as name, (row_number() over (order by entity) - 1)::INTEGER as number, "
                "count(*) as n_accounts, sum(n)::BIGINT as n, min(first_at) as first_at, max(last_at) as last_at "
                "from touched "
                + ("where entity::VARCHAR not in (select unnest(?)) " if left_out else "")
                + "group by entity having count(*) > 1",
                [left_out] if left_out else None,
            )
            con.execute(
                f"create or replace table {incidence_table} as "
                "select account, number as entity, coalesce(place, -1) as place, "
                f"(case when touched.n = 1 and place is not null then place % {TENTHS} else -1 end)::TINYINT as tenth "
                f"from touched inner join {entity_table} as entities on touched.entity = entities.name"
            )
            con.execute("drop table touched")
        yield Made(signal, frame(con, f"select count(*) as n from {incidence_table}").item(), n_left_out)


def _tables_of(signal: Signal) -> tuple[str, str]:
    return quote_ident(f"entities_{signal.name}"), quote_ident(f"incidence_{signal.name}")


def family_incidences(con: Connection, family: str, signals: list[Signal]) -> FamilyIncidences:
    """The incidences of a family's signals, entities numbered by signal, then by name.

    The signals' tables are dropped: from here on nothing in the connection needs them, and they are its largest.
    """
    accounts, entities, places, tenths, names = [], [], [], [], []
    n = 0
    for signal in signals:
        if signal.off or signal.family != family:
            continue
        entity_table, incidence_table = _tables_of(signal)
        named = frame(
            con,
            f"select {quote_text(signal.name)} as signal, name::VARCHAR as entity, n_accounts, n, first_at, last_at "
            f"from {entity_table} order by number",
        )
        rows = con.sql(f"select account, entity, place, tenth from {incidence_table}").fetchnumpy()
        con.execute(f"drop table {entity_table}; drop table {incidence_table}")
        accounts.append(rows["account"])
        entities.append(rows["entity"] + np.int32(n))
        places.append(rows["place"])
        tenths.append(rows["tenth"])
        names.append(named)
        n += named.height
    account = np.concatenate(accounts).astype(np.int32)
    entity = np.concatenate(entities).astype(np.int32)
    place = np.concatenate(places).astype(np.int64)
    cap = _caps_of(con, account, place)
    order = _in_order(account, entity, int(account.max(initial=-1)) + 1, n)
    tenth = np.concatenate(tenths).astype(np.int8)
    return FamilyIncidences(family, account[order], entity[order], cap[order], tenth[order], pl.concat(names))


def _has(columns: Mapping[str, tuple[str, ...]], need: str) -> bool:
    table, _, column = need.rpartition(".")
    return column in columns.get(table or "requests", ())


def _declared_values(con: Connection, signal: Signal) -> None:
    """The relation that `declared.sql` reads: account, place, ts, value; lists are laid out, placeholders left out.

    A request without a value is not in it: its time alone would be an entity of a signal that has a window, the same
    in every such signal, whatever its family.
    """
    value, told = "null::VARCHAR", ""
    if signal.column is not None:
        held = held_as(signal.column)
        kind = str(dict(zip(*_schema(con), strict=True))[held])
        column = quote_ident(held)
        value, told = f"unnest({column})" if kind.endswith("[]") else column, "where value is not null"
    with said_by(f"declared signal {signal.name}"):
        con.execute(
            "create or replace view declared_values as "
            f"select * from (select distinct account, place, ts, {value} as value from requests) {told}"
        )


def _schema(con: Connection) -> tuple[list[str], list[str]]:
    relation = con.table("requests")
    return relation.columns, [str(t) for t in relation.types]


@njit(cache=True, nogil=True)
def _in_order(
    account: NDArray[np.int32], entity: NDArray[np.int32], n_accounts: int, n_entities: int
) -> NDArray[np.int64]:
    """The order by account, then entity: two counting sorts, since both are dense."""
    by_entity = np.empty(entity.size, np.int64)
    end = _starts(entity, n_entities)
    for i in range(entity.size):
        by_entity[end[entity[i]]] = i
        end[entity[i]] += 1
    order = np.empty(account.size, np.int64)
    end = _starts(account, n_accounts)
    for row in by_entity:
        order[end[account[row]]] = row
        end[account[row]] += 1
    return order


@njit(cache=True, nogil=True)
def _starts(label: NDArray[np.int32], n_labels: int) -> NDArray[np.int64]:
    """Where each label's rows start once they are sorted."""
    start = np.zeros(n_labels + 1, np.int64)
    for x in label:
        start[x + 1] += 1
    for k in range(n_labels):
        start[k + 1] += start[k]
    return start


@njit(cache=True, nogil=True)
def _smallest_caps(
    account: NDArray[np.int32], place: NDArray[np.int64], shown: NDArray[np.int64], out: NDArray[np.int8]
) -> None:
    for i in range(account.size):
        if place[i] < 0:
            out[i] = 0
            continue
        out[i] = NEVER
        for cap in range(shown.shape[1]):
            if place[i] <= shown[account[i], cap]:
                out[i] = cap
                break


def _caps_of(con: Connection, account: NDArray[np.int32], place: NDArray[np.int64]) -> NDArray[np.int8]:
    """The smallest cap, as an exponent, under which each touch is seen; 0 where use makes no more of them."""
    n_accounts = frame(con, "select count(*) as n from accounts").item()
    rows = con.sql("select account, cap, place from caps").fetchnumpy()
    shown = np.full((n_accounts, MAX_CAP + 1), -1, np.int64)
    shown[rows["account"], rows["cap"]] = rows["place"]
    out = np.empty(account.size, np.int8)
    _smallest_caps(account, place, shown, out)
    return out
