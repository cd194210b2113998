"""Whether a night's input is what the nights before let expect.

Takes in what was measured tonight and on earlier nights; gives out sentences. A breach makes the night degraded, or
refuses it; what came late makes earlier nights stale, and breaches nothing. A Saturday is compared with Saturdays as
soon as there are some: beside working days it would be degraded every week.
"""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from graphscan.nightly.measure import Measured

ENOUGH = 2
"""Days of one weekday that say what is usual on it; with fewer, all days say it."""

WEEK = 7


@dataclass(frozen=True)
class Gates:
    """`breaches`: what is wrong with the input. `late`: ISO dates of nights that saw fewer requests of days than
    there are now: run them again."""

    breaches: tuple[str, ...]
    late: tuple[str, ...]


def gates(
    tonight: Measured,
    date: dt.date,
    window_days: int,
    before: Mapping[str, Measured],
    min_rows_share: float,
    max_null_rise: float,
) -> Gates:
    """Tonight's input against its own window and the nights `before`, which are those of earlier dates."""
    seen = _seen(before)
    breaches = [*_missing(tonight, date, window_days), *_rows(tonight, date, seen, min_rows_share)]
    breaches += _shrunk(tonight, seen)
    if before and tonight.rows.get(date.isoformat()):
        breaches += _nulls(tonight, date, before, max_null_rise)
    return Gates(tuple(breaches), _late(tonight, before))


def _seen(before: Mapping[str, Measured]) -> dict[str, int]:
    """The most requests that an earlier night saw of each day."""
    seen: dict[str, int] = {}
    for measured in before.values():
        for day, n in measured.rows.items():
            seen[day] = max(n, seen.get(day, 0))
    return seen


def _missing(tonight: Measured, date: dt.date, window_days: int) -> list[str]:
    """Days of the window without a request, from the first that has one."""
    days = [(date - dt.timedelta(days=i)).isoformat() for i in range(window_days - 1, -1, -1)]
    begun = min(tonight.rows, default=days[0])
    return [f"{day}: no request is there" for day in days if day >= begun and not tonight.rows.get(day)]


def _rows(tonight: Measured, date: dt.date, seen: Mapping[str, int], min_share: float) -> list[str]:
    day = date.isoformat()
    n = tonight.rows.get(day, 0)
    days = {d: rows for d, rows in {**seen, **tonight.rows}.items() if d < day}
    alike = [rows for d, rows in days.items() if _same_weekday(d, date)]
    by_weekday = len(alike) >= ENOUGH
    usual = alike if by_weekday else [rows for d, rows in tonight.rows.items() if d != day]
    if not n or not usual or n >= min_share * statistics.median(usual):
        return []
    whose = f"the median {date:%A}" if by_weekday else "the window's median day"
    return [f"{day}: {n:,} requests, {n / statistics.median(usual):.0%} of {whose}"]


def _same_weekday(day: str, date: dt.date) -> bool:
    return (date - dt.date.fromisoformat(day)).days % WEEK == 0


def _shrunk(tonight: Measured, seen: Mapping[str, int]) -> list[str]:
    """Days of which an earlier night saw more requests than there are now."""
    return [
        f"{day}: {seen[day] - n:,} requests are gone that were there"
        for day, n in sorted(tonight.rows.items())
        if n < seen.get(day, 0)
    ]


def _nulls(tonight: Measured, date: dt.date, before: Mapping[str, Measured], max_rise: float) -> list[str]:
    """Columns that are emptier than on the nights of the same weekday, or on the last night; or gone."""
    last = before[max(before)].nulls
    alike = [measured.nulls for day, measured in before.items() if _same_weekday(day, date)]
    when = f"on a usual {date:%A}" if len(alike) >= ENOUGH else "on the last night"
    told = []
    for name in sorted(last):
        usual = statistics.median(
            nulls.get(name, 1.0) for nulls in (alike if len(alike) >= ENOUGH else [last])
        )
        now = tonight.nulls.get(name, 1.0)
        if now > usual + max_rise:
            told.append(f"{name}: {now:.1%} of its values are null; {usual:.1%} were {when}")
    return told


def _late(tonight: Measured, before: Mapping[str, Measured]) -> tuple[str, ...]:
    """Nights that saw fewer requests of one of their days than there are now."""
    return tuple(
        date
        for date, measured in sorted(before.items())
        if any(
            day <= date and day >= min(measured.rows, default=day) and measured.rows.get(day, 0) < n
            for day, n in tonight.rows.items()
        )
    )
