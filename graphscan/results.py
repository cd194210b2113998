"""What a scan gives: a run folder as frames, rings one by one, graphs.

Takes in the folder that `scan` wrote and reads each file once, when it is asked for. Values of the log are
hostile text: whatever is shown here, in a terminal or a notebook, is escaped where it is shown.
"""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from graphscan.report.drawings import picture, timeline
from graphscan.report.shown import bits, count, cut, day, listed, plural, time_of, visible
from graphscan.runs import read_frame, read_manifest
from graphscan.runs.folder import ring_row

if TYPE_CHECKING:
    import igraph
    import networkx as nx
    from matplotlib.figure import Figure

TRIAGES = ("review", "watch", "explained")

SHOWN = 30
"""Rows of a table in a notebook; the frames hold all."""

CUT = 120
"""Characters of an entity in a notebook's table."""


def _frame(name: str) -> cached_property[pl.DataFrame]:
    """A frame of a scan, read when it is first asked for."""
    return cached_property(lambda scan: read_frame(scan.path, name))


def _part(name: str) -> cached_property[pl.DataFrame]:
    """A ring's rows of a frame of its scan."""
    return cached_property(lambda ring: getattr(ring.scan, name).filter(pl.col("ring_id") == ring.ring_id))


@dataclass(frozen=True, repr=False, eq=False)
class Scan:
    """A run: the folder `path`, its manifest, and its tables as frames.

    The tables are `rings` (by rank), `members`, `evidence`, `certificates`, `signals`, `neighbours`,
    `relations`, `timeline`, `templates`, `activity`, `shares` and `pairs`, as the README describes them.
    """

    path: Path
    manifest: Mapping[str, Any]

    @classmethod
    def read(cls, path: str | Path) -> Scan:
        """The run in a folder. Raises RunError where it is none, or of a newer format."""
        return cls(Path(path), read_manifest(Path(path)))

    @cached_property
    def rings(self) -> pl.DataFrame:
        """One row a ring, by rank."""
        return read_frame(self.path, "rings").sort("rank")

    members = _frame("members")
    evidence = _frame("evidence")
    certificates = _frame("certificates")
    signals = _frame("signals")
    neighbours = _frame("neighbours")
    relations = _frame("relations")
    timeline = _frame("timeline")
    templates = _frame("templates")
    activity = _frame("activity")
    shares = _frame("shares")
    pairs = _frame("pairs")

    @property
    def report(self) -> Path:
        """The report's first page."""
        return self.path / "report" / "index.html"

    def ring(self, ring_id: str) -> Ring:
        """One ring. Raises RunError where there is none of this id."""
        return Ring(self, ring_row(self.path, self.rings, ring_id))

    def graph(self) -> igraph.Graph:
        """Members of all rings and their ties: vertices have `name`, edges `weight` and `signals`."""
        from graphscan.graph.ring_graph import ring_graph

        return ring_graph(self.pairs, self.members)

    def to_networkx(self, ring_id: str) -> nx.Graph:
        """The ties inside one ring; edges carry `weight` and `signals`."""
        from graphscan.graph.export import to_networkx

        return to_networkx(self.ring(ring_id).pairs)

    def map(self, seed: int = 0) -> pl.DataFrame:
        """A map of the rings and their neighbourhood by UMAP, for the eye alone: it decides nothing.

        account_id, ring_id (null: in no ring), x, y; sorted by account. Accounts near one another touch the
        same entities.
        """
        from graphscan.graph.map import map_of

        return map_of(self._touched(), self.members, self.neighbours["account_id"].unique(), seed)

    def _touched(self) -> pl.DataFrame:
        """account_id, family, entity (a number, unique in its family): every touch of the run."""
        ids = read_frame(self.path, "touches/accounts").with_row_index("account")
        ids = ids.select("account_id", pl.col("account").cast(pl.Int32))
        families = sorted(p.name for p in (self.path / "touches").iterdir() if p.is_dir())
        touched = [pl.DataFrame(schema={"account_id": pl.String, "entity": pl.Int32, "family": pl.String})]
        for family in families:
            rows = read_frame(self.path, f"touches/{family}/incidences").join(ids, on="account")
            touched.append(rows.select("account_id", "entity", family=pl.lit(family)))
        return pl.concat(touched)

    def _first_line(self) -> str:
        counts, window = self.manifest.get("counts") or {}, self.manifest.get("window") or {}
        days = [str(window[at])[:10] for at in ("first_at", "last_at") if window.get(at)]
        of = f"{count(counts.get('requests'))} requests of {count(counts.get('accounts'))} accounts"
        return ", ".join([f"Scan of {of}", *([" to ".join(days)] if days else [])])

    def _second_line(self) -> str:
        n = {t: self.rings.filter(pl.col("triage") == t).height for t in TRIAGES}
        in_review = self.rings.filter(pl.col("triage") == "review").select("ring_id")
        accused = self.members.join(in_review, on="ring_id", how="semi")["account_id"].n_unique()
        return (
            f"{plural(self.rings.height, 'ring')}: {n['review']} to review ({plural(accused, 'account')}), "
            f"{n['watch']} to watch, {n['explained']} explained"
        )

    def __repr__(self) -> str:
        return "\n".join((self._first_line(), self._second_line(), f"report: {visible(str(self.report))}"))

    def _repr_html_(self) -> str:
        rows = [
            (
                r["ring_id"],
                r["triage"],
                count(r["n_accounts"]),
                count(r["n_requests"]),
                bits(r["bits"]),
                ", ".join(r["families"]),
                "; ".join(r["triage_reasons"]),
            )
            for r in self.rings.head(SHOWN).to_dicts()
        ]
        heads = ("ring", "triage", "accounts", "requests", "bits", "families", "why")
        more = self.rings.height - len(rows)
        return (
            f"<p>{_shown(self._first_line())}<br>{_shown(self._second_line())}</p>{_table(heads, rows)}"
            + (f"<p>and {plural(more, 'more ring')}</p>" if more > 0 else "")
            + f"<p>report: <code>{_shown(str(self.report))}</code></p>"
        )


@dataclass(frozen=True, repr=False, eq=False)
class Ring:
    """One ring of a scan: `row` is its row of rings.parquet, the frames are its part of the scan's."""

    scan: Scan
    row: Mapping[str, Any]

    @property
    def ring_id(self) -> str:
        return str(self.row["ring_id"])

    @property
    def triage(self) -> str:
        return str(self.row["triage"])

    members = _part("members")
    evidence = _part("evidence")
    neighbours = _part("neighbours")
    relations = _part("relations")
    timeline = _part("timeline")
    templates = _part("templates")
    activity = _part("activity")
    shares = _part("shares")
    pairs = _part("pairs")

    def plot(self) -> Figure:
        """The ring's ties, and its requests over time with the run's marks, as a matplotlib figure."""
        from graphscan.plots import ring_figure

        first, last = self.row["first_seen_at"], self.row["last_seen_at"]
        marks = [(time_of(m["at"]), m["label"]) for m in self.scan.manifest["settings"].get("marks") or ()]
        hours = None
        if first is not None and last is not None:
            dated = [(at, label) for at, label in marks if at is not None]
            hours = timeline(self.timeline, first, last + dt.timedelta(hours=1), dated)
        return ring_figure(self._first_line(), picture(self.members, self.pairs), hours)

    def _first_line(self) -> str:
        r = self.row
        return (
            f"{self.ring_id}, {self.triage}: {plural(r['n_accounts'], 'account')} ({count(r['n_core'])} "
            f"core), {plural(r['n_requests'], 'request')}, "
            f"{day(r['first_seen_at'])} to {day(r['last_seen_at'])}"
        )

    def _second_line(self) -> str:
        return f"{bits(self.row['bits'])} bits from {listed(list(self.row['families']))}"

    def __repr__(self) -> str:
        reasons = "; ".join(self.row["triage_reasons"]) or "no reason given"
        return "\n".join(visible(line) for line in (self._first_line(), self._second_line(), reasons))

    def _repr_html_(self) -> str:
        named = self.evidence.filter(pl.col("step").is_not_null()).sort("bits", descending=True)
        rows = [
            (
                r["family"],
                r["signal"],
                cut(str(r["entity"]), CUT),
                f"{count(r['n_members'])} of {count(r['n_accounts'])}",
                bits(r["bits"]),
            )
            for r in named.head(SHOWN).to_dicts()
        ]
        reasons = "".join(f"<li>{_shown(reason)}</li>" for reason in self.row["triage_reasons"])
        return (
            f"<p><b>{_shown(self._first_line())}</b><br>{_shown(self.row['explanation'])}</p><ul>{reasons}</ul>"
            + _table(("family", "signal", "entity", "members of all its users", "bits"), rows)
        )


def _shown(text: object) -> str:
    """Any text, safe in HTML."""
    return html.escape(visible(str(text)))


def _table(heads: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> str:
    head = "".join(f"<th>{_shown(h)}</th>" for h in heads)
    body = "".join("<tr>" + "".join(f"<td>{_shown(v)}</td>" for v in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
