"""Worlds that several benchmarks are tried on."""

from pathlib import Path

import pytest

from graphscan.lab.simulate import simulate

RINGS = ("deepseek", "hanzi", "tenant-a", "eight")


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 2,000 customers with four planted rings, the smallest of them hardly to be found."""
    folder = tmp_path_factory.mktemp("worlds") / "small"
    simulate(folder, scale=0.01, accounts=2000, days=7, seed=1, rings=RINGS)
    return folder
