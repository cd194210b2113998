"""Environments of other programs, each in a folder of its own, versions pinned; made once, used again.

Nothing of them is installed beside graphscan or imported by it: they are started as programs.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGES: dict[str, tuple[str, ...]] = {
    "cnt": ("coordination-network-toolkit==1.5.2",),
    "fraudar": ("rgmining-fraudar==0.7.6", "pandas==3.1.1"),
    "bicm": ("bicm==3.4.0", "pandas==3.1.1"),
    "splink": ("splink==5.0.0", "duckdb==2.0.1", "pandas==3.1.1"),
    "naive": ("duckdb==2.0.1", "igraph==1.0.0"),
}
"""What is installed in each environment; the first is the program that it is for."""


@dataclass(frozen=True)
class Environment:
    """A folder with a Python of its own; `fault` says why it cannot be used, empty where it can."""

    name: str
    folder: Path
    fault: str = ""

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.program("python")

    def program(self, name: str) -> Path:
        """A command that a package of it brought."""
        return self.folder / "bin" / name


def environment(name: str, folder: Path, packages: Sequence[str] | None = None) -> Environment:
    """The environment `name` below `folder`, made if it is not there yet with just these packages.

    What does not install is a fault of the environment, not an error: the other programs can still be compared.
    """
    wanted = tuple(packages if packages is not None else PACKAGES[name])
    made = Environment(name, folder / name)
    record = made.folder / "packages.json"
    if record.is_file() and json.loads(record.read_text(encoding="utf-8")) == list(wanted):
        return made
    venv.create(made.folder, with_pip=True, clear=True)
    install = [str(made.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted]
    done = subprocess.run(install, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        faults = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        version = ".".join(map(str, sys.version_info[:2]))
        last = faults[-1].removeprefix("ERROR: ")[:120] if faults else "pip failed"
        return Environment(name, made.folder, f"does not install on Python {version}: {last}")
    record.write_text(json.dumps(list(wanted)), encoding="utf-8")
    return made
