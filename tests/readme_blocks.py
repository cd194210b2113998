"""Parts of the README that the program writes: what it prints, its signals, its settings.

`python tests/readme_blocks.py` writes them anew (the demo is run for it); `test_readme` checks that they are
true. `python tests/readme_blocks.py bench-quality` measures anew: each of those takes minutes, and no test runs them.
A block stands between `<!-- name -->` and `<!-- /name -->`.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from graphscan.logs.queries import load_queries
from graphscan.settings import example

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
GRAPHSCAN = Path(sys.executable).with_name("graphscan")


def block(text: str, name: str) -> str:
    """What stands in a block, without its markers."""
    found = re.search(f"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, re.DOTALL)
    assert found, f"README.md has no block {name}"
    return found[1]


def fenced(text: str, kind: str = "") -> str:
    return f"```{kind}\n{text.rstrip()}\n```\n"


def python_lines(text: str) -> str:
    """The program in the block `python`."""
    return block(text, "python").removeprefix("```python\n").removesuffix("```\n")


def run_in(folder: Path, *command: str | Path) -> str:
    """What a command prints, run in a folder."""
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def demo(_: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        return fenced(run_in(Path(folder), GRAPHSCAN, "demo", "--no-progress"))


def python_output(text: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        return fenced(run_in(Path(folder), sys.executable, "-c", python_lines(text)))


def signals(_: str) -> str:
    rows = [
        "| signal | family | what ties accounts | looks the same and is innocent | needs |",
        "|---|---|---|---|---|",
    ]
    found = [q for q in load_queries().values() if q.path.parent.name == "signals"]
    for q in sorted(found, key=lambda q: (q.name == "declared", q.family or "", q.name)):
        needs = ", ".join(f"`{n}`" for n in q.needs) or (
            "a `[[declared]]` table" if q.name == "declared" else "–"
        )
        family = "any" if q.name == "declared" else q.family
        rows.append(f"| `{q.name}` | {family} | {q.doc} | {_sentence(q.looks_like)} | {needs} |")
    return "\n".join(rows) + "\n"


def settings(_: str) -> str:
    return fenced(example(), "toml")


BLOCKS: dict[str, Callable[[str], str]] = {
    "demo": demo,
    "python-output": python_output,
    "signals": signals,
    "settings": settings,
}
QUICK = ("signals", "settings")
"""Blocks that need no scan."""

MEASURED = {
    "bench-quality": ("quality", "--evasion", "hard", "--seeds", "1"),
}
"""Arguments of `graphscan bench` for the blocks that hold what was measured."""


def measured(name: str) -> str:
    """A benchmark's command and what it prints."""
    args = MEASURED[name]
    with tempfile.TemporaryDirectory() as folder:
        return told(args, run_in(Path(folder), GRAPHSCAN, "bench", *args, "--no-progress"))


def told(args: tuple[str, ...], out: str) -> str:
    return fenced(f"$ graphscan bench {' '.join(args)}\n{out}", "console")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def main(names: list[str]) -> None:
    """Writes the blocks of these names anew; all that a test checks, where none is given."""
    text = README.read_text(encoding="utf-8")
    for name in names or BLOCKS:
        made = measured(name) if name in MEASURED else BLOCKS[name](text)
        old = f"<!-- {name} -->\n{block(text, name)}<!-- /{name} -->"
        text = text.replace(old, f"<!-- {name} -->\n{made}<!-- /{name} -->")
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
