"""The folder where DuckDB puts what does not fit into memory: private to the run, and gone after it.

Spilled blocks hold prompts in plain text, so the folder is 0700, and what a killed run left behind is
removed by the next one.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from graphscan.errors import RunError
from graphscan.stopping import made_aside

_PREFIX = "graphscan-spill-"


@contextlib.contextmanager
def spill_folder(parent: str | None) -> Iterator[Path]:
    """A new empty folder below `parent` (the system's temporary folder if None), removed afterwards.

    Raises RunError where no folder can be made.
    """
    base = Path(parent or tempfile.gettempdir())
    with contextlib.ExitStack() as aside:
        try:
            folder = aside.enter_context(made_aside(base, _PREFIX))
        except OSError as e:
            raise RunError(
                f"{base}: no spill folder can be made: got {e.strerror}; expected a folder that can be written",
                "set [run] spill_folder",
            ) from None
        yield folder
