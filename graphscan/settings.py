"""The settings of a run: one frozen model of `graphscan.toml`, in which an unknown key is an error.

Takes in a TOML file and what the command line or a notebook says on top of it; gives out `Settings`, or one
`SettingsError` that names every fault at once. Nothing here looks at the log itself.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, model_validator

from graphscan.errors import SettingsError
from graphscan.faults import faults_of, reject
from graphscan.kinds import (
    WINDOW_SECONDS,
    ColumnName,
    Days,
    EnvName,
    Family,
    Memory,
    Name,
    Scalar,
    UtcTime,
    Window,
    Zone,
)

Table = Literal["requests", "accounts", "payments", "canaries"]
TABLES: tuple[Table, ...] = get_args(Table)
Preset = Literal["litellm", "otel-genai", "langfuse"]
AccountChoice = Literal["user", "end_user", "key", "team"]
TimeUnit = Literal["s", "ms", "us", "ns"]


class _Section(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, populate_by_name=True
    )


class Inputs(_Section):
    """Where the tables are: each a path, a glob, a folder of hive partitions, or a SELECT."""

    requests: Annotated[str, Field(min_length=1)] | None = None
    accounts: Annotated[str, Field(min_length=1)] | None = None
    payments: Annotated[str, Field(min_length=1)] | None = None
    canaries: Annotated[str, Field(min_length=1)] | None = None
    preset: Preset | None = None
    account: AccountChoice | None = None
    from_at: Annotated[UtcTime | None, Field(alias="from")] = None
    to_at: Annotated[UtcTime | None, Field(alias="to")] = None

    @model_validator(mode="after")
    def _keys_agree(self) -> Self:
        if self.account and not self.preset:
            expected = "a preset; without one, [columns.requests] account_id says whose the rows are"
            raise reject("a choice that stands alone", expected, key="account", seen=self.account)
        if self.from_at and self.to_at and self.from_at >= self.to_at:
            expected = f"a time after from, {self.from_at.isoformat()}"
            raise reject("the end of a window", expected, key="to", seen=self.to_at.isoformat())
        return self


class _Columns(_Section):
    """Canonical name = name in the log; a dot reaches into a struct, a map or JSON (`metadata.ip`)."""

    time_unit: TimeUnit | None = None
    time_zone: Zone | None = None

    def names(self) -> dict[str, str]:
        """Canonical name to the log's name, of the columns that were mapped."""
        known = {k: v for k, v in self if k not in ("time_unit", "time_zone") and v is not None}
        return {**known, **(self.model_extra or {})}


class RequestColumns(_Columns):
    """Beyond these, any column that a `[[declared]]` signal names may be mapped."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, ColumnName] = Field(init=False)

    account_id: ColumnName | None = None
    ts: ColumnName | None = None
    prompt: ColumnName | None = None
    system: ColumnName | None = None
    prompt_hash: ColumnName | None = None
    ip: ColumnName | None = None
    user_agent: ColumnName | None = None
    model: ColumnName | None = None
    response: ColumnName | None = None

    @model_validator(mode="after")
    def _extras_are_declared(self, info: ValidationInfo) -> Self:
        """Else a misspelt `prompt` would be a column that nobody asked for."""
        declared: set[str] = (info.context or {}).get("declared", set())
        known = (set(RequestColumns.model_fields) - {"time_unit", "time_zone"}) | declared
        if strange := sorted((self.model_extra or {}).keys() - known):
            expected = f"{', '.join(sorted(known))}, or a column that a [[declared]] signal names"
            raise reject("a column of the requests", expected, near=known, seen=", ".join(strange))
        return self


class AccountColumns(_Columns):
    account_id: ColumnName | None = None
    created_at: ColumnName | None = None
    plan: ColumnName | None = None
    country: ColumnName | None = None
    email_domain: ColumnName | None = None
    org_id: ColumnName | None = None


class PaymentColumns(_Columns):
    account_id: ColumnName | None = None
    payment_fingerprint: ColumnName | None = None
    ts: ColumnName | None = None


class CanaryColumns(_Columns):
    token: ColumnName | None = None
    account_id: ColumnName | None = None
    issued_at: ColumnName | None = None


class Columns(_Section):
    requests: RequestColumns = RequestColumns()
    accounts: AccountColumns = AccountColumns()
    payments: PaymentColumns = PaymentColumns()
    canaries: CanaryColumns = CanaryColumns()


class Declared(_Section):
    """A signal without a query file: a column of the requests, a time window, or both as a tuple."""

    name: Name
    family: Family
    column: ColumnName | None = None
    window: Window | None = None

    @model_validator(mode="after")
    def _ties_something(self) -> Self:
        if self.column is None and self.window is None:
            raise reject("a signal", "a column, a window, or both")
        return self

    @property
    def window_s(self) -> int | None:
        """Length of the window in seconds."""
        return int(self.window[:-1]) * WINDOW_SECONDS[self.window[-1]] if self.window else None


class SignalSettings(_Section):
    """`off`, and the query's own params by name; their names are checked against the query's header."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Scalar] = Field(init=False)

    off: bool = False

    @property
    def params(self) -> dict[str, bool | int | float | str]:
        return dict(self.model_extra or {})


class Rings(_Section):
    """What is let through. `min_bits` up: fewer false rings (2^-bits a night), and small rings are lost."""

    min_bits: Annotated[float, Field(ge=1.0, le=1000.0)] = 10.0
    min_accounts: Annotated[int, Field(ge=2, le=1_000_000)] = 4
    ownership: Annotated[float, Field(gt=0.0, le=1.0)] = 0.3


class Run(_Section):
    """How the run is done; neither threads nor memory change what comes out."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    threads: Annotated[int, Field(ge=1, le=1024)] = 2
    memory_limit: Memory = "4GB"
    spill_folder: Annotated[str, Field(min_length=1)] | None = None


class Nightly(_Section):
    """How nights are run and watched; none of it changes what is found in one.

    `window` up: slower rings are seen, and a night costs more. `min_rows_share` and `max_null_rise` towards 1:
    the one refuses more, the other less. `webhook` and `slack` name a variable of the environment that holds the
    address, for it is a secret.
    """

    folder: Annotated[str, Field(min_length=1)] = "nights"
    window: Days = "28d"
    stage_limit: Window = "2h"
    max_memory: Memory | None = None
    min_free: Memory = "1GB"
    on_breach: Literal["publish", "refuse"] = "publish"
    min_rows_share: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    max_null_rise: Annotated[float, Field(ge=0.0, le=1.0)] = 0.2
    webhook: EnvName | None = None
    slack: EnvName | None = None

    @property
    def window_days(self) -> int:
        return int(self.window[:-1])

    @property
    def stage_limit_s(self) -> int:
        """The longest that one stage may take, in seconds."""
        return int(self.stage_limit[:-1]) * WINDOW_SECONDS[self.stage_limit[-1]]


class Review(_Section):
    """Files of the reviewers, outside every run: what they decided, and what was exported."""

    decisions: Annotated[str, Field(min_length=1)] | None = None
    journal: Annotated[str, Field(min_length=1)] | None = None


class Mark(_Section):
    """A date to draw on timelines: a release, a ban."""

    at: UtcTime
    label: Annotated[str, Field(min_length=1, max_length=200)]


class Settings(_Section):
    """All settings of a run, resolved. Times are naive UTC."""

    inputs: Inputs = Inputs()
    columns: Columns = Columns()
    declared: Annotated[tuple[Declared, ...], Field(strict=False)] = ()
    signals: dict[Name, SignalSettings] = Field(default_factory=dict)
    rings: Rings = Rings()
    run: Run = Run()
    nightly: Nightly = Nightly()
    review: Review = Review()
    marks: Annotated[tuple[Mark, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        names = [d.name for d in self.declared]
        if twice := sorted({n for n in names if names.count(n) > 1}):
            what = "a list of signals with names of their own"
            raise reject(what, "each name once", key="declared", seen=", ".join(twice))
        return self

    def signal(self, name: str) -> SignalSettings:
        """The settings of one signal; the defaults where the file says nothing of it."""
        return self.signals.get(name, SignalSettings())

    @classmethod
    def load(cls, path: Path | None = None, **overrides: object) -> Settings:
        """Settings from a TOML file, with overrides on top; without a file, the defaults.

        An override is a key of [inputs], [rings], [run] or [review] by its bare name (`requests=…`, `seed=…`,
        `from_at=…`), or a whole section as a mapping (`rings={"min_bits": 12}`). None says nothing.
        Relative paths are relative to the working directory, in the file too.

        Raises SettingsError that names all faults.
        """
        place = str(path) if path else "settings"
        raw = _read(path) if path else {}
        for key, value in overrides.items():
            if value is not None:
                _lay_over(raw, key, value, place)
        try:
            return cls.model_validate(raw, context={"declared": _declared_columns(raw)})
        except ValidationError as e:
            raise faults_of(e, cls, place) from None

    @classmethod
    def of_manifest(cls, stored: Mapping[str, Any]) -> Self:
        """The settings that a run's manifest holds, as they were resolved. Raises SettingsError as `load` does."""
        try:
            return cls.model_validate_json(
                json.dumps(stored), context={"declared": _declared_columns(stored)}
            )
        except ValidationError as e:
            raise faults_of(e, cls, "the run's settings") from None


def _declared_columns(raw: Mapping[str, Any]) -> set[str]:
    """The columns that declared signals name, in settings that nobody has checked yet."""
    declared = raw.get("declared", ())
    listed = declared if isinstance(declared, list | tuple) else ()
    return {str(d["column"]) for d in listed if isinstance(d, Mapping) and "column" in d}


def example() -> str:
    """A commented graphscan.toml with every key."""
    return Path(__file__).with_name("example.toml").read_text(encoding="utf-8")


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as f:
            return tomllib.load(f)
    except OSError as e:
        raise SettingsError(
            f"{path}: cannot be read: got {e.strerror}; expected a TOML file",
            "check the path given by --config",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise SettingsError(
            f"{path}: is no TOML: got {e}; expected TOML in UTF-8", "each key once, text in quotes"
        ) from None


def _lay_over(raw: dict[str, Any], key: str, value: object, place: str) -> None:
    """Put one override into the tree that the file gave. What stands there and is no section is left, to be told."""
    if key in Settings.model_fields:
        base = raw.get(key, {})
        if not isinstance(value, Mapping):
            raw[key] = value
        elif isinstance(base, Mapping):
            raw[key] = {**base, **value}
        return
    for section, model in (("inputs", Inputs), ("rings", Rings), ("run", Run), ("review", Review)):
        for name, field in model.model_fields.items():
            if key in (name, field.alias):
                section_raw = raw.setdefault(section, {})
                if isinstance(section_raw, dict):
                    section_raw.pop(name, None)
                    section_raw[field.alias or name] = str(value) if isinstance(value, Path) else value
                return
    raise SettingsError(
        f"{place}: unknown override: got {key}; expected a key of inputs, rings, run or review", ""
    )
