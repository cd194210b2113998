"""The report: a page for the run and one for each ring, made from the files of the run folder alone.

Takes in a run folder and gives out `report/index.html` and `report/<ring>.html`, each self-contained: no
address outside, no script but its own. Everything that came with the log is hostile text and is escaped
where it is shown.
"""

from __future__ import annotations

from pathlib import Path

from graphscan.report.folder import RunFolder, read_run
from graphscan.report.pages import index_page, page_name, ring_page

__all__ = ["render", "render_ring"]

FOLDER = "report"


def render(run: Path) -> Path:
    """Writes the report of a run into its folder; the path of its first page.

    Raises RunError where the folder is no whole run.
    """
    folder = read_run(run)
    out = run / FOLDER
    out.mkdir(exist_ok=True)
    for ring_id in folder.rings["ring_id"].to_list():
        (out / page_name(ring_id)).write_text(ring_page(folder, ring_id), encoding="utf-8")
    index = out / "index.html"
    index.write_text(index_page(folder), encoding="utf-8")
    return index


def render_ring(run: Path | RunFolder, ring_id: str) -> str:
    """The page of one ring, as HTML. Raises RunError where the run has no such ring."""
    return ring_page(read_run(run) if isinstance(run, Path) else run, ring_id)
