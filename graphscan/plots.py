"""Pictures for a notebook or a file: the door to matplotlib.

Takes in the geometry that the report draws as SVG, and maps; gives out figures. No text of the log is drawn:
the names of rings are the program's own, unless somebody else wrote the run.
"""

from __future__ import annotations

import io

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from graphscan.report.drawings import HEIGHT, TIMELINE_HEIGHT, WIDTH, Picture, Timeline
from graphscan.report.shown import cut

CORE, QUIET, RULE, HOLDING = "#2d6cb5", "#5a6372", "#d7dbe2", "#b3541e"
MOST_LETTERS = 120
"""Of a title or name: matplotlib takes ten seconds for a hundred thousand, and fails at half a pair of UTF-16."""

RINGS_NAMED = 12
"""Rings that a map names; the colours come again after so many."""

EVASION_COLUMNS = 4
"""Panels in a row of the picture of an evasion."""


class Drawing(Figure):
    """A figure that shows itself in a notebook, whatever backend is on."""

    def _repr_png_(self) -> bytes:
        out = io.BytesIO()
        self.savefig(out, format="png")
        return out.getvalue()


def ring_figure(title: str, picture: Picture | None, hours: Timeline | None) -> Drawing:
    """A ring's ties above its requests over time; what the run lacks is left out."""
    figure = Drawing(figsize=(9.0, 8.0), dpi=110, layout="constrained")
    ties, times = figure.subplots(2, 1, height_ratios=(3, 1))
    ties.set_title(_drawable(title), loc="left", parse_math=False)
    if picture is not None:
        _draw_ties(ties, picture)
    ties.set_axis_off()
    if hours is not None:
        _draw_hours(times, hours)
    else:
        times.set_axis_off()
    return figure


def map_figure(points: pl.DataFrame) -> Drawing:
    """A map of accounts (ring_id, x, y): rings in colours, the largest named, all others grey."""
    figure = Drawing(figsize=(9.0, 8.0), dpi=110, layout="constrained")
    axes = figure.subplots()
    axes.set_title("Rings and their neighbourhood (UMAP: a picture, no evidence)", loc="left")
    axes.set_axis_off()
    others = points.filter(pl.col("ring_id").is_null())
    axes.scatter(others["x"], others["y"], s=4, color=RULE, linewidths=0)
    sizes = (
        points.drop_nulls("ring_id")
        .group_by("ring_id")
        .len()
        .sort("len", "ring_id", descending=[True, False])
    )
    for i, ring_id in enumerate(sizes["ring_id"].to_list()):
        own = points.filter(pl.col("ring_id") == ring_id)
        axes.scatter(own["x"], own["y"], s=9, color=f"C{i % 10}", linewidths=0)
        if i < RINGS_NAMED:
            middle = (float(np.median(own["x"])), float(np.median(own["y"])))
            name = axes.annotate(
                _drawable(ring_id), middle, fontsize=8, ha="center", va="bottom", parse_math=False
            )
            name.set_path_effects([withStroke(linewidth=2.5, foreground="white")])
    return figure


def evasion_figure(worlds: pl.DataFrame) -> Drawing:
    """What is left of the rings by habit and strength: worlds has habit, strength, recall, jaccard, n_rings, n_visible.

    Three lines a habit: accounts found, mean Jaccard, and the share of rings that still have bits (dashed).
    """
    habits = worlds["habit"].unique(maintain_order=True).to_list()
    n_rows = -(-len(habits) // EVASION_COLUMNS)
    n_columns = min(EVASION_COLUMNS, len(habits))
    figure = Drawing(figsize=(3.0 * n_columns, 2.6 * n_rows), dpi=110, layout="constrained")
    panels = figure.subplots(n_rows, n_columns, sharey=True, squeeze=False).ravel()
    for axes, habit in zip(panels, habits, strict=False):
        rows = worlds.filter(pl.col("habit") == habit).sort("strength")
        visible = rows["n_visible"] / rows["n_rings"]
        axes.plot(rows["strength"], visible, color=HOLDING, linestyle="--", label="rings with bits")
        axes.plot(rows["strength"], rows["recall"], color=CORE, marker="o", label="recall")
        axes.plot(rows["strength"], rows["jaccard"], color=QUIET, marker="s", label="mean Jaccard")
        axes.set_title(habit.replace("-", " "), fontsize=10, loc="left")
        axes.set_ylim(-0.03, 1.03)
        axes.grid(color=RULE, linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
    for axes in panels[len(habits) :]:
        axes.set_axis_off()
    panels[0].legend(fontsize=8, loc="lower left")
    return figure


def _drawable(text: str) -> str:
    """The text in ASCII on one line, all else as Python writes it."""
    return cut(ascii(text)[1:-1], MOST_LETTERS)


def _draw_ties(axes: Axes, picture: Picture) -> None:
    lines = [((t.x1, t.y1), (t.x2, t.y2)) for t in picture.ties]
    colours = [HOLDING if t.is_bridge else QUIET for t in picture.ties]
    widths = [t.width for t in picture.ties]
    axes.add_collection(LineCollection(lines, colors=colours, linewidths=widths, alpha=0.45, zorder=1))
    for dot in picture.dots:
        filled = dot.kind.startswith("core")
        edge = HOLDING if "holding" in dot.kind else CORE
        area = (dot.radius * 1.3) ** 2 * 0.35
        face = CORE if filled else "white"
        axes.scatter(dot.x, dot.y, s=area, c=face, edgecolors=edge, linewidths=1.5, zorder=2)
        if picture.by_part and dot.name:
            axes.text(dot.x, dot.y, dot.name, ha="center", va="center", color="white", fontsize=8)
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(HEIGHT, 0)


def _draw_hours(axes: Axes, hours: Timeline) -> None:
    scale = hours.most_requests / TIMELINE_HEIGHT
    lefts = [b.x + b.width / 2 for b in hours.bars]
    axes.bar(lefts, [b.height * scale for b in hours.bars], width=[b.width for b in hours.bars], color=CORE)
    for mark in hours.marks:
        axes.axvline(mark.x, color=HOLDING, linestyle="--", linewidth=1)
    axes.set_xlim(0, WIDTH)
    axes.set_xticks([t.x for t in hours.ticks], [t.label for t in hours.ticks])
    axes.set_ylabel(f"requests per {hours.bin}")
    axes.spines[["top", "right"]].set_visible(False)
