"""The lock and the pointer."""

from pathlib import Path

import pytest

from graphscan.errors import RunError
from graphscan.nightly.publish import alone, point


def test_a_second_run_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(RunError, match="is in use"), alone(tmp_path):
        pass
    with alone(tmp_path):
        pass


def test_the_pointer_moves_over_what_a_killed_run_left(tmp_path: Path) -> None:
    point(tmp_path, "2026-11-01/a")
    (tmp_path / ".current.new").symlink_to("half")
    point(tmp_path, "2026-11-02/b")
    assert (tmp_path / "current").readlink() == Path("2026-11-02/b")
