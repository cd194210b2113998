"""The sample log, scanned once for all tests that look at a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphscan.results import Scan
from graphscan.scanning import scan

SAMPLE = Path(__file__).parent.parent / "data" / "sample"


@pytest.fixture(scope="session")
def sample() -> Path:
    """The folder of the sample log."""
    return SAMPLE


@pytest.fixture(scope="session")
def sample_scan(tmp_path_factory: pytest.TempPathFactory) -> Scan:
    """The sample log, scanned with default settings; nobody writes into the run."""
    return scan(
        SAMPLE / "requests" / "*.parquet",
        SAMPLE / "accounts.parquet",
        SAMPLE / "payments.parquet",
        out=tmp_path_factory.mktemp("sample") / "run",
    )
