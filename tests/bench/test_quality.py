"""What the quality benchmark says of a world, and when a goal is held."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from shell import Shell

from graphscan.cli import bench_tables as tables
from graphscan.cli.bench import numbers_of
from graphscan.errors import SettingsError
from graphscan.lab.agreement import agreement
from graphscan.lab.bench.quality import Quality, goals
from graphscan.lab.bench.worlds import Recipe, given_worlds, simulated

RINGS = pl.DataFrame({"ring_id": ["R1", "R2"], "triage": ["review", "review"]})


def judged(found: dict[str, list[str]], bits: dict[str, float], poorer: int = 0) -> Quality:
    """A world with rings `a` of 12 accounts and `b` of 10, and 200 ordinary accounts beside two of a campus."""
    accounts = [(f"a{i}", "a", "ring") for i in range(12)] + [(f"b{i}", "b", "ring") for i in range(10)]
    accounts += [(f"o{i}", None, "ordinary") for i in range(200)]
    accounts += [("c0", None, "campus"), ("c1", None, "campus"), ("f0", None, "framed")]
    truth = pl.DataFrame(accounts, schema=["account_id", "ring", "kind"], orient="row")
    rows = [(ring, account, "core") for ring, held in found.items() for account in held]
    members = pl.DataFrame(
        rows, schema={"ring_id": pl.String, "account_id": pl.String, "tier": pl.String}, orient="row"
    )
    evaluation = agreement(RINGS.filter(pl.col("ring_id").is_in(list(found))), members, truth)
    rings = evaluation.planted.with_columns(
        bits_planted=pl.col("ring").replace_strict(bits, return_dtype=pl.Float64), bits_found=20.0
    ).select("ring", "n_accounts", "bits_planted", "bits_found", "jaccard", "fragments", "triage")
    lost = pl.DataFrame({"ring_id": ["R1"] * poorer})
    return Quality("made", 1.0, evaluation, rings, lost)


def held(*worlds: Quality) -> list[bool]:
    return [g.held for g in goals(worlds, min_jaccard=0.9, min_recall=0.95, min_bits=10.0)]


A, B = [f"a{i}" for i in range(12)], [f"b{i}" for i in range(10)]
ENOUGH = {"a": 50.0, "b": 30.0}


def test_all_goals_are_held_where_the_rings_and_nobody_else_are_found() -> None:
    assert all(held(judged({"R1": A, "R2": B}, ENOUGH)))


@pytest.mark.parametrize(
    ("found", "bits", "poorer", "not_held"),
    [
        ({"R1": A}, ENOUGH, 0, {0, 3}),  # b has the bits and is not found
        ({"R1": A[:6], "R2": A[6:]}, {"a": 50.0, "b": 3.0}, 0, {0, 3}),  # a in two pieces
        ({"R1": A, "R2": B}, ENOUGH, 1, {1}),
        ({"R1": [*A, "o0"], "R2": B}, ENOUGH, 0, {2, 4}),
        ({"R1": [*A, "c0"], "R2": B}, ENOUGH, 0, {2, 5}),
        ({"R1": [*A, "f0"], "R2": B}, ENOUGH, 0, {2, 5, 6}),
    ],
)
def test_what_breaks_a_goal(
    found: dict[str, list[str]], bits: dict[str, float], poorer: int, not_held: set[int]
) -> None:
    measured = held(judged(found, bits, poorer))
    assert {i for i, h in enumerate(measured) if not h} == not_held


def test_one_bad_world_is_not_outweighed_by_good_ones() -> None:
    good, bad = judged({"R1": A, "R2": B}, ENOUGH), judged({"R1": A}, ENOUGH)
    assert held(good, good, bad)[3] is False


def test_nothing_found_holds_neither_precision_nor_recall() -> None:
    assert held(judged({}, {"a": 5.0, "b": 5.0}))[2:4] == [False, False]


def test_a_ring_found_whole_has_the_bits_of_its_truth(shell: Shell, small: Path, tmp_path: Path) -> None:
    """The survey rebuilt from the run judges as the scan did."""
    told = shell.json("bench", "quality", "--world", small, "--work", tmp_path)
    (world,) = told["worlds"]
    rings = {row["ring"]: row for row in world["rings"]}
    assert set(rings) == {"deepseek", "hanzi", "tenant-a", "eight"}
    whole = [r for r in rings.values() if r["jaccard"] == 1.0]
    assert {"hanzi", "tenant-a"} <= {r["ring"] for r in whole}
    for ring in whole:
        assert ring["bits_found"] == pytest.approx(ring["bits_planted"], abs=1e-6)
    assert [g["held"] for g in told["goals"]][1] is (not world["poorer"])


def test_a_table_a_world_and_the_goals(capsys: pytest.CaptureFixture[str]) -> None:
    world = judged({"R1": [*A, "c0"]}, ENOUGH)
    tables.quality(world)
    tables.goals(goals([world], 0.9, 0.95, 10.0))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "made, scanned in 1 s"
    row = next(line.split() for line in lines if line.startswith("a "))
    assert row == ["a", "12", "50.0", "20.0", "0.92", "1", "review"]
    assert "accused: 1 of 2 accounts of the kind campus, 1 of them core" in lines
    assert "accounts to review: 13, precision 0.923, recall 0.545" in lines
    assert lines[-1].split()[-4:] == ["0", "of", "1", "yes"]


def test_worlds_in_folders_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """Each scans into a run folder called like it."""
    folders = [tmp_path / f for f in ("a/log", "b/log", "log-2", "c/log")]
    worlds = given_worlds(folders)
    assert [w.name for w in worlds] == ["log", "log-2", "log-2-2", "log-3"]
    assert [w.log for w in worlds] == folders


def test_simulated_worlds_go_when_they_were_measured(tmp_path: Path) -> None:
    with simulated(tmp_path, "one", 1, "none", Recipe(0.001, 1000, 3)) as world:
        assert world.truth()["ring"].n_unique() > 10
        assert world.settings().inputs.payments is not None
    assert not list(tmp_path.iterdir())


def test_a_folder_in_the_way_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "mine").touch()
    with (
        pytest.raises(SettingsError, match="is in the way"),
        simulated(tmp_path, "one", 1, "none", Recipe(0.001, 1000, 3)),
    ):
        pass
    assert (tmp_path / "one" / "mine").exists()


@pytest.mark.parametrize("text", ["", "a", "1,,2", "-1", "2,1", "1,1", "101"])
def test_lists_that_are_none(text: str) -> None:
    with pytest.raises(SettingsError, match=f"--percents: no such list: got {text}; expected whole numbers"):
        numbers_of(text, "--percents", 1, 100)
