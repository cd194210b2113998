"""The report: a page for the run and one for each ring, made from the files of the run folder alone.

Takes in a run folder and gives out `report/index.html` and `report/<ring>.html`, each self-contained: no
address outside, no script but its own. Everything that came with the log is hostile text and is escaped
where it is shown.
"""

from __future__ import annotations

from pathlib import Path

from graphscan.errors import RunError
from graphscan.report.later import Later, read_later
from graphscan.report.pages import index_page, is_page, page_name, ring_page
from graphscan.runs import check_name, staged
from graphscan.runs.folder import RunFolder, read_run

__all__ = ["render", "render_ring"]

FOLDER, FIRST_PAGE = "report", "index.html"


def render(run: Path, out: Path | None = None, decisions: Path | None = None) -> Path:
    """Writes the report of a run into its folder, or into `out`, whole or not at all; the path of its first page.

    The pages show the map, the null and the decisions that there are by now. An earlier report in `out` is replaced.
    Raises RunError where the folder is no whole run, something else is in the way, or nothing can be written there.
    """
    folder = read_run(run)
    later = read_later(run, folder, decisions)
    place = out or run / FOLDER
    check_name(place)
    _check_free(place)
    with staged(place, replace=True) as stage:
        for ring_id in folder.rings["ring_id"].to_list():
            (stage / page_name(ring_id)).write_text(ring_page(folder, ring_id, later), encoding="utf-8")
        (stage / FIRST_PAGE).write_text(index_page(folder, later), encoding="utf-8")
    return place / FIRST_PAGE


def render_ring(run: Path | RunFolder, ring_id: str) -> str:
    """The page of one ring, as HTML. Raises RunError where the run has no such ring."""
    return ring_page(read_run(run) if isinstance(run, Path) else run, ring_id, Later())


def _check_free(place: Path) -> None:
    """Raises RunError where something stands that is no report."""
    if not place.exists() and not place.is_symlink():
        return
    if place.is_symlink() or not place.is_dir() or not all(is_page(p) for p in place.iterdir()):
        raise RunError(
            f"{place}: is in the way: got something that is no report; expected a new folder",
            "choose another --out",
        )
