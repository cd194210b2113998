"""Every notebook runs from top to bottom, and is kept without outputs: they would hold prompts."""

from __future__ import annotations

from pathlib import Path

import html5lib
import nbformat
import pytest
from nbclient import NotebookClient
from payloads import MARKUP, UNSEEN
from run_folder import write_run_folder

from graphscan.report.shown import visible

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def test_there_is_a_tour() -> None:
    assert "01_tour" in [p.stem for p in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_no_outputs_are_kept(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_it_runs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=180, resources={"metadata": {"path": str(path.parent)}}).execute()
    shown = [out for cell in notebook.cells for out in cell.get("outputs", ())]
    kinds = [kind for out in shown for kind in out.get("data", {})]
    assert kinds.count("image/png") == 2  # the map and the ring
    assert not any(out.output_type == "stream" and out.name == "stderr" for out in shown)


def test_a_saved_notebook_holds_hostile_text_as_text(tmp_path: Path) -> None:
    """A scan and a ring, shown by a kernel and saved: what a viewer of the file puts into its page."""
    payload = " ".join((*MARKUP, *UNSEEN))
    run = write_run_folder(tmp_path / "run", {"ring-0001": 9}, lambda text: f"{payload} {text}")
    opened = f"from pathlib import Path\nfrom graphscan.results import Scan\nscan = Scan.read(Path({str(run)!r}))\nscan"
    cells = [nbformat.v4.new_code_cell(code) for code in (opened, "scan.ring('ring-0001')")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=60).execute()
    nbformat.write(notebook, tmp_path / "saved.ipynb")
    saved = nbformat.read(tmp_path / "saved.ipynb", as_version=4)
    shown = [out["data"] for cell in saved.cells for out in cell.outputs]
    assert [set(data) for data in shown] == [{"text/plain", "text/html"}] * 2
    allowed = {
        "html",
        "head",
        "body",
        "p",
        "br",
        "b",
        "ul",
        "li",
        "code",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    }
    for data in shown:
        tree = html5lib.parse(data["text/html"], namespaceHTMLElements=False)
        assert {e.tag for e in tree.iter()} <= allowed and not any(e.attrib for e in tree.iter())
        assert all(c.isprintable() or c == "\n" for c in data["text/plain"])
        assert "".join(tree.itertext()).count(visible(payload)) >= 1
        assert visible(data["text/html"]) == data["text/html"]


def test_progress_is_one_line_that_is_written_over_and_goes() -> None:
    cells = [
        "from graphscan.progress import shown\nbar = shown()\nbar.EVERY_S = 0\nbar.stage('read <b>')\nbar.share(1, 4)",
        "again = shown()\nagain.stage('propose')\nagain.close()",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    NotebookClient(notebook, timeout=60).execute()
    ((running,), (closed,)) = (cell.outputs for cell in notebook.cells)
    assert running.data["text/html"] == '<progress value="0.250"></progress> read &lt;b&gt;: 25%, 0 s'
    assert running.data["text/plain"] == "read <b>: 25%, 0 s"
    assert closed.data["text/html"] == ""
