"""Progress that a test looks at afterwards."""

from __future__ import annotations

from graphscan.progress import Silent


class Watched(Silent):
    """Progress that keeps what it is told."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.closed = 0

    def stage(self, name: str) -> None:
        self.stages.append(name)

    def close(self) -> None:
        self.closed += 1
