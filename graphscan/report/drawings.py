"""Geometry of the report's pictures: numbers in, places in a drawing out. The templates draw them as SVG.

Widths and heights are in units of each drawing's own box; nothing here is text for a reader except labels
that the templates escape.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphscan.graph.export import WeakPoints, layout, parts_of, to_networkx, weak_points
from graphscan.report.shown import day, minute, plural

WIDTH = 1000.0
TIMELINE_HEIGHT = 220.0
MOST_BINS = 240
HOURS = (1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 720)
MOST_DOTS = 220
"""Accounts that are drawn one by one; a larger ring is drawn by its parts."""
MOST_NAMES = 20
"""Accounts that are all drawn with their names; of more, those alone that hold the ring together."""
MOST_PARTS = 24
HEIGHT = 620.0
FILLED = 0.22
"""Share of the picture that discs may cover."""


@dataclass(frozen=True)
class Bar:
    """A bar of a drawing: place and size."""

    x: float
    y: float
    width: float
    height: float
    title: str = ""


@dataclass(frozen=True)
class Tick:
    """A place on the axis, or a mark, with its label; `anchor` as SVG's text-anchor."""

    x: float
    label: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Timeline:
    """Requests as bars and accounts as a line, on one axis of time."""

    bars: tuple[Bar, ...]
    line: str
    ticks: tuple[Tick, ...]
    marks: tuple[Tick, ...]
    most_requests: int
    most_accounts: int
    bin: str


def timeline(
    hours: pl.DataFrame, first: dt.datetime, last: dt.datetime, marks: Sequence[tuple[dt.datetime, str]]
) -> Timeline:
    """The drawing of a ring's hours (hour, n_requests, n_accounts) from `first` to `last`; marks outside are
    left out.

    Bins hold whole hours and there are at most `MOST_BINS`; the line is the most accounts of any hour in a
    bin.
    """
    start = first.replace(minute=0, second=0, microsecond=0)
    n_hours = max(1, math.ceil((last - start).total_seconds() / 3600))
    longest = HOURS[-1] * math.ceil(n_hours / HOURS[-1] / MOST_BINS)
    step = next((h for h in HOURS if n_hours / h <= MOST_BINS), longest)
    n_bins = max(1, math.ceil(n_hours / step))
    requests, accounts = [0] * n_bins, [0] * n_bins
    for hour, n_requests, n_accounts in hours.select("hour", "n_requests", "n_accounts").iter_rows():
        at = int((hour - start).total_seconds() // 3600 // step)
        if 0 <= at < n_bins:
            requests[at] += n_requests
            accounts[at] = max(accounts[at], n_accounts)
    most_requests, most_accounts = max(requests), max(accounts)
    width = WIDTH / n_bins

    def bar(i: int) -> Bar:
        height = TIMELINE_HEIGHT * requests[i] / max(1, most_requests)
        at = start + dt.timedelta(hours=i * step)
        return Bar(
            round(i * width, 2),
            round(TIMELINE_HEIGHT - height, 2),
            round(max(width - 0.6, 0.6), 2),
            round(height, 2),
            f"{minute(at)}: {plural(requests[i], 'request')}, up to {plural(accounts[i], 'account')} an hour",
        )

    points = [
        f"{(i + 0.5) * width:.1f},{TIMELINE_HEIGHT * (1 - accounts[i] / max(1, most_accounts)):.1f}"
        for i in range(n_bins)
    ]
    end = start + dt.timedelta(hours=n_bins * step)
    return Timeline(
        bars=tuple(bar(i) for i in range(n_bins) if requests[i]),
        line=" ".join(points),
        ticks=_ticks(start, end),
        marks=tuple(
            Tick(round(WIDTH * ((at - start) / (end - start)), 1), label)
            for at, label in sorted(marks)
            if start <= at <= end
        ),
        most_requests=most_requests,
        most_accounts=most_accounts,
        bin="hour" if step == 1 else "day" if step == 24 else f"{step} hours",
    )


def _ticks(start: dt.datetime, end: dt.datetime) -> tuple[Tick, ...]:
    """Up to six days on the axis, the first and the last at its ends."""
    span = end - start
    if span <= dt.timedelta(days=2):
        return (
            Tick(0.0, minute(start), "start"),
            Tick(WIDTH, minute(end), "end"),
        )
    n = min(5, max(1, span.days))
    ticks = []
    for i in range(n + 1):
        at = start + span * i / n
        anchor = "start" if i == 0 else "end" if i == n else "middle"
        label = day(at) if i in (0, n) else f"{at.day} {at:%b}"
        ticks.append(Tick(round(WIDTH * i / n, 1), label, anchor))
    return tuple(ticks)


@dataclass(frozen=True)
class Dot:
    """An account, or a part of a ring with so many accounts."""

    x: float
    y: float
    radius: float
    kind: str
    label: str
    name: str = ""


@dataclass(frozen=True)
class Tie:
    """A line between two dots."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    is_bridge: bool


@dataclass(frozen=True)
class Picture:
    """A ring drawn: by account, or by part. `weak` is what holds it together, over all ties that the run
    keeps."""

    dots: tuple[Dot, ...]
    ties: tuple[Tie, ...]
    by_part: bool
    n_ties: int
    n_untied: int
    weak: WeakPoints


def picture(members: pl.DataFrame, pairs: pl.DataFrame | None) -> Picture | None:
    """The drawing of a ring from its members (account_id, tier) and ties; None where there are no ties."""
    if pairs is None or pairs.is_empty():
        return None
    graph = to_networkx(pairs)
    weak = weak_points(graph)
    n_untied = members.height - graph.number_of_nodes()
    core = set(members.filter(pl.col("tier") == "core")["account_id"].to_list())
    if graph.number_of_nodes() > MOST_DOTS:
        dots, ties = _by_part(pairs, core)
        return Picture(dots, ties, True, graph.number_of_edges(), n_untied, weak)
    places = layout(graph)
    radius = max(4.0, min(14.0, 180 / math.sqrt(len(places))))
    holding = set(weak.articulation_accounts)
    named = set(places) if len(places) <= MOST_NAMES else holding
    dots = tuple(
        Dot(*_at(places[a], 30), radius, _kind(a, core, holding), a, a if a in named else "")
        for a in sorted(places)
    )
    bridges = set(weak.bridges)
    heaviest = max(w for *_, w in graph.edges(data="weight"))
    ties = tuple(
        Tie(
            *_at(places[a], 30),
            *_at(places[b], 30),
            round(0.6 + 2.4 * max(w, 0.0) / heaviest, 2),
            (a, b) in bridges,
        )
        for a, b, w in sorted((*sorted((a, b)), w) for a, b, w in graph.edges(data="weight"))
    )
    return Picture(dots, ties, False, len(ties), n_untied, weak)


def _kind(account: str, core: set[str], holding: set[str]) -> str:
    tier = "core" if account in core else "linked"
    return f"{tier} holding" if account in holding else tier


def _by_part(pairs: pl.DataFrame, core: set[str]) -> tuple[tuple[Dot, ...], tuple[Tie, ...]]:
    """Parts of a large ring as discs, as large as they have accounts; lines as wide as parts share ties."""
    parts = parts_of(pairs)
    if len(parts) > MOST_PARTS:
        parts = [*parts[: MOST_PARTS - 1], [a for p in parts[MOST_PARTS - 1 :] for a in p]]
    part_of = {account: i for i, part in enumerate(parts) for account in part}
    between: dict[tuple[int, int], int] = {}
    for left, right in pairs.select("account_id_l", "account_id_r").iter_rows():
        a, b = sorted((part_of[left], part_of[right]))
        if a != b:
            between[a, b] = between.get((a, b), 0) + 1
    names = [f"{i:03d}" for i in range(len(parts))]
    drawn = pl.DataFrame(
        [(names[a], names[b], float(n), []) for (a, b), n in sorted(between.items())],
        schema={
            "account_id_l": pl.String,
            "account_id_r": pl.String,
            "weight": pl.Float64,
            "signals": pl.List(pl.String),
        },
        orient="row",
    )
    graph = to_networkx(drawn)
    graph.add_nodes_from(names)
    places = layout(graph)
    scale = math.sqrt(FILLED * WIDTH * HEIGHT / (math.pi * sum(len(p) for p in parts)))
    radii = np.array([max(14.0, scale * math.sqrt(len(part))) for part in parts])
    at = _apart(np.array([_at(places[name], 90) for name in names]), radii)
    dots = tuple(
        Dot(
            x,
            y,
            round(float(radius), 1),
            "core" if 2 * len(core.intersection(part)) >= len(part) else "linked",
            f"{len(part):,} accounts, {len(core.intersection(part)):,} of them core",
            f"{len(part):,}",
        )
        for (x, y), radius, part in zip(at, radii, parts, strict=True)
    )
    most = max(between.values(), default=1)
    ties = tuple(
        Tie(*at[a], *at[b], round(0.5 + 7.5 * n / most, 2), False) for (a, b), n in sorted(between.items())
    )
    return dots, ties


def _at(place: tuple[float, float], margin: float) -> tuple[float, float]:
    """A place of the unit square in the picture's box."""
    x, y = place
    return round(margin + x * (WIDTH - 2 * margin), 1), round(margin + y * (HEIGHT - 2 * margin), 1)


def _apart(places: NDArray[np.float64], radii: NDArray[np.float64]) -> list[tuple[float, float]]:
    """The places pushed until no two discs overlap, or nearly so, and all are in the box."""
    at = places.astype(float)
    low = radii[:, None] + 4
    high = np.array([WIDTH, HEIGHT]) - low
    wanted = radii[:, None] + radii[None, :] + 8
    for _ in range(400):
        gap = at[:, None, :] - at[None, :, :]
        far = np.sqrt((gap**2).sum(axis=2))
        np.fill_diagonal(far, np.inf)
        overlap = np.maximum(wanted - far, 0.0)
        if not overlap.any():
            break
        # Discs in one place are parted along a line that hangs on their number alone.
        turn = np.arange(len(at))[:, None] - np.arange(len(at))[None, :]
        same = far < 1e-6
        gap[same] = np.stack([np.sign(turn[same]), np.sign(turn[same]) * 0.5], axis=1)
        far = np.where(same, 1.1, far)
        at = np.clip(at + 0.4 * (gap * (overlap / far)[:, :, None]).sum(axis=1), low, high)
    return [(round(float(x), 1), round(float(y), 1)) for x, y in at]
