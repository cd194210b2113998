"""Long work shows itself: a bar on a terminal and in a notebook, plain lines elsewhere, or nothing."""

from __future__ import annotations

import html
import sys
import time
from dataclasses import dataclass
from typing import IO, Any, Protocol


class Progress(Protocol):
    """What a long run tells while it works."""

    def stage(self, name: str) -> None:
        """A new stage begins; the one before is done."""

    def share(self, done: int, total: int) -> None:
        """So much of the running stage is done."""

    def close(self) -> None:
        """The work is over, done or not."""


class Silent:
    """Says nothing."""

    def stage(self, name: str) -> None:
        """Nothing."""

    def share(self, done: int, total: int) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class Lines:
    """A line a stage, and one every ten seconds within a long one: for logs."""

    EVERY_S = 10.0

    def __init__(self, out: IO[str] | None = None) -> None:
        self._out = out or sys.stderr
        self._began = self._said = time.monotonic()
        self._name = ""

    def stage(self, name: str) -> None:
        """Tells the stage and the seconds since the start."""
        self._name = name
        self._say(name)

    def share(self, done: int, total: int) -> None:
        """Tells the share and the time left, if the last line is long ago."""
        now = time.monotonic()
        if now - self._said >= self.EVERY_S and total:
            self._say(f"{self._name}: {done / total:.0%}")

    def close(self) -> None:
        """Nothing: the last line stands."""

    def _say(self, text: str) -> None:
        self._said = time.monotonic()
        print(f"{self._said - self._began:7.1f}s  {text}", file=self._out, flush=True)


class Bar:
    """A bar with stage, share and time left, on a terminal or in a notebook."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self._bar = RichProgress(
            SpinnerColumn(),
            TextColumn("{task.description:<32}"),
            BarColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._bar.start()
        self._task: int | None = None

    def stage(self, name: str) -> None:
        """The bar starts anew under the stage's name."""
        if self._task is not None:
            self._bar.remove_task(self._task)  # type: ignore[arg-type]
        self._task = self._bar.add_task(name, total=None)

    def share(self, done: int, total: int) -> None:
        """The bar fills."""
        if self._task is not None:
            self._bar.update(self._task, completed=done, total=total)  # type: ignore[arg-type]

    def close(self) -> None:
        """The bar goes away."""
        self._bar.stop()


class Cell:
    """One line below a notebook's cell, written over: stage, bar, share and seconds; gone when the work is over.

    A notebook draws it without `ipywidgets`, which a bar of rich's would need.
    """

    EVERY_S = 0.2

    def __init__(self) -> None:
        from IPython.display import DisplayHandle

        handle: type[Any] = DisplayHandle  # it has no types
        self._handle = handle()
        self._handle.display(Shown("", ""))
        self._began = self._said = time.monotonic()
        self._name = ""

    def stage(self, name: str) -> None:
        """The bar starts anew under the stage's name."""
        self._name = name
        self._say(None)

    def share(self, done: int, total: int) -> None:
        """The bar fills, five times a second at most."""
        if total and time.monotonic() - self._said >= self.EVERY_S:
            self._say(done / total)

    def close(self) -> None:
        """The line is emptied."""
        self._handle.update(Shown("", ""))

    def _say(self, share: float | None) -> None:
        self._said = time.monotonic()
        value = "" if share is None else f' value="{share:.3f}"'
        told = "" if share is None else f": {share:.0%}"
        line = f"{self._name}{told}, {self._said - self._began:.0f} s"
        self._handle.update(Shown(f"<progress{value}></progress> {html.escape(line)}", line))


@dataclass(frozen=True)
class Shown:
    """A line as a notebook shows it, and as a console without pictures does."""

    markup: str
    plain: str

    def _repr_html_(self) -> str:
        return self.markup

    def __repr__(self) -> str:
        return self.plain


def in_notebook() -> bool:
    """Whether a Jupyter kernel runs us: then standard error is no terminal, and still somebody watches."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


def shown(on: bool = True) -> Progress:
    """What fits where we are: a bar on a terminal and in a notebook, lines elsewhere, nothing if it is off."""
    if not on:
        return Silent()
    if in_notebook():
        return Cell()
    return Bar() if sys.stderr.isatty() else Lines()
