"""A world that several tests look at."""

import pytest
from written import Log, write


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """All rings and crowds among 6,000 customers over two weeks."""
    return write(tmp_path_factory.mktemp("world"), accounts=6000, scale=0.01, days=14, seed=3)
