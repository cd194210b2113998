"""One key, the sample's findings at each level, and a shorthand for a format's files."""

from __future__ import annotations

import pytest
from exchange.shorthand import NAMES, Render

from graphscan.report.exchange.findings import LEVELS, Findings, Level
from graphscan.report.exchange.levels import findings
from graphscan.report.exchange.release import FORMATS
from graphscan.results import Scan
from graphscan.runs.folder import RunFolder, read_run


@pytest.fixture(scope="session")
def folder(sample_scan: Scan) -> RunFolder:
    return read_run(sample_scan.path)


@pytest.fixture(scope="session", params=LEVELS)
def level(request: pytest.FixtureRequest) -> Level:
    chosen: Level = request.param
    return chosen


@pytest.fixture(scope="session")
def told(folder: RunFolder, level: Level) -> Findings:
    """The sample's findings at a level."""
    return findings(folder, level, NAMES)


@pytest.fixture(scope="session")
def render(told: Findings) -> Render:
    """The files of a format, rendered once a level."""
    done: dict[str, dict[str, bytes]] = {}

    def files(form: str) -> dict[str, bytes]:
        if form not in done:
            done[form] = FORMATS[form](told)
        return done[form]

    return files
