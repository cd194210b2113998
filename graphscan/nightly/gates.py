"""Whether a night's input is what the nights before let expect.

Takes in what was measured tonight and on earlier nights; gives out sentences. A breach makes the night degraded, or
refuses it; what came late makes earlier nights stale, and breaches nothing.
"""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from graphscan.nightly.measure import Measured


@dataclass(frozen=True)
class Gates:
    """`breaches`: what is wrong with the input. `late`: ISO dates of nights that saw fewer or other requests of days
    than there are now: run them again."""

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
    breaches = [*_missing(tonight, date, window_days), *_rows(tonight, date, min_rows_share)]
    breaches += _shrunk(tonight, before)
    if before and tonight.rows.get(date.isoformat()):
        breaches += _nulls(tonight, before[max(before)], max_null_rise)
    return Gates(tuple(breaches), _late(tonight, before))


def _missing(tonight: Measured, date: dt.date, window_days: int) -> list[str]:
    """Days of the window without a request, from the first that has one."""
    days = [(date - dt.timedelta(days=i)).isoformat() for i in range(window_days - 1, -1, -1)]
    begun = min(tonight.rows, default=days[0])
    return [f"{day}: no request is there" for day in days if day >= begun and not tonight.rows.get(day)]


def _rows(tonight: Measured, date: dt.date, min_share: float) -> list[str]:
    day = date.isoformat()
    others = [n for d, n in tonight.rows.items() if d != day]
    n = tonight.rows.get(day, 0)
    if not n or not others or n >= min_share * statistics.median(others):
        return []
    return [f"{day}: {n:,} requests, {n / statistics.median(others):.0%} of the window's median day"]


def _shrunk(tonight: Measured, before: Mapping[str, Measured]) -> list[str]:
    """Days of which an earlier night saw more requests than there are now."""
    seen: dict[str, int] = {}
    for measured in before.values():
        for day, n in measured.rows.items():
            seen[day] = max(n, seen.get(day, 0))
    return [
        f"{day}: {seen[day] - n:,} requests are gone that were there"
        for day, n in sorted(tonight.rows.items())
        if n < seen.get(day, 0)
    ]


def _nulls(tonight: Measured, last: Measured, max_rise: float) -> list[str]:
    """Columns that are emptier than on the last night, or gone."""
    return [
        f"{name}: {tonight.nulls.get(name, 1.0):.1%} of its values are null; {share:.1%} were on the last night"
        for name, share in sorted(last.nulls.items())
        if tonight.nulls.get(name, 1.0) > share + max_rise
    ]


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
