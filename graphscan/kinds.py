"""Kinds of values that settings can have, each with what is allowed in words.

It stands between `settings` and `faults`: pydantic types whose errors `faults` turns into sentences.
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from graphscan.faults import nearest, reject

CONTEXT = "context"
"""No family: what its signals say is told beside the evidence, and certifies nobody."""

FAMILIES = ("prompt", "network", "payment", "timing", "identity", "behaviour")
WINDOW_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _utc(value: object) -> object:
    """A naive UTC datetime from a TOML date or datetime, or from ISO text; a date is its first instant."""
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value.strip())
        except ValueError:
            raise reject("a date or time", "2026-11-22 or 2026-11-22T18:00:00Z") from None
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        value = dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001 - UTC by contract
    if not isinstance(value, dt.datetime):
        raise reject("a date or time", "2026-11-22 or 2026-11-22T18:00:00Z")
    return value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value


def _window(value: str) -> str:
    if not re.fullmatch(r"[1-9]\d{0,5}[smhd]", value):
        raise reject("a window", "a whole number and s, m, h or d, such as 5m, 1h or 1d")
    return value


def _days(value: str) -> str:
    if not re.fullmatch(r"[1-9]\d{0,2}d", value):
        raise reject("a number of days", "a whole number and d, such as 28d")
    return value


def _env_name(value: object) -> object:
    """The value itself would be a secret in a file that is copied into every run, and in an error."""
    if not isinstance(value, str) or not re.fullmatch(r"env:[A-Za-z_][A-Za-z0-9_]{0,99}", value):
        expected = "env: and the name of a variable, such as env:SLACK_URL"
        raise reject("a reference to the environment", expected, seen="an address")
    return value


def _memory(value: str) -> str:
    if not re.fullmatch(r"[1-9]\d{0,6}(\.\d+)?\s?(MB|GB|TB|MiB|GiB|TiB)", value):
        raise reject("an amount of memory", "a number and MB, GB, MiB or GiB, such as 6GB")
    return value


def _zone(value: str) -> str:
    if value not in zoneinfo.available_timezones():
        raise reject(
            "a time zone", "a name such as Europe/Berlin or UTC", near=zoneinfo.available_timezones()
        )
    return value


def _name(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", value):
        raise reject("a name", "lower-case letters, digits and _, starting with a letter, at most 60")
    return value


def _family(value: str) -> str:
    """A name of one's own is allowed, but a misspelt known family would corroborate the true one."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", value):
        raise reject("a family", "lower-case letters, digits and _, starting with a letter")
    if value == CONTEXT:
        raise reject("a family that certifies nobody", ", ".join(FAMILIES))
    if value not in FAMILIES and nearest(value, FAMILIES):
        raise reject("a known family, yet close to one", ", ".join(FAMILIES), near=FAMILIES)
    return value


def _scalar(value: object) -> object:
    if not isinstance(value, bool | int | float | str):
        raise reject("a plain value", "true, false, a number or text")
    return value


def n_bytes(memory: str) -> int:
    """The bytes of an amount of memory."""
    number, unit = re.fullmatch(r"([\d.]+)\s?(\w+)", memory).groups()  # type: ignore[union-attr]
    step, power = (1024 if "i" in unit else 1000), "MGT".index(unit[0]) + 2
    return int(float(number) * step**power)


Scalar = Annotated[bool | int | float | str, BeforeValidator(_scalar)]
Window = Annotated[str, AfterValidator(_window)]
Days = Annotated[str, AfterValidator(_days)]
EnvName = Annotated[str, BeforeValidator(_env_name)]
Memory = Annotated[str, AfterValidator(_memory)]
Zone = Annotated[str, AfterValidator(_zone)]
Family = Annotated[str, AfterValidator(_family)]
UtcTime = Annotated[dt.datetime, BeforeValidator(_utc)]
Name = Annotated[str, AfterValidator(_name)]
ColumnName = Annotated[str, Field(min_length=1)]
