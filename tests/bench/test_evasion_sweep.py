"""Habits given up by steps, and where a ring stops having bits."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from shell import Shell

from graphscan.lab.bench.evasion import BASE, HABITS, Step, Sweep, goals, prices, steps_of, sweep, write
from graphscan.lab.bench.worlds import Recipe
from graphscan.lab.simulate import Evasion


def swept(bits: dict[tuple[str, float], dict[str, float]], jaccard: float = 1.0) -> Sweep:
    rings = [
        {"habit": h, "strength": s, "ring": r, "n_accounts": 12, "bits_planted": b, "jaccard": jaccard}
        for (h, s), of in bits.items()
        for r, b in of.items()
    ]
    return Sweep(pl.DataFrame({"habit": [BASE], "strength": [0.0]}), pl.DataFrame(rings))


def test_a_price_lies_where_the_line_between_two_steps_crosses_the_threshold() -> None:
    found = swept(
        {
            (BASE, 0.0): {"a": 90.0, "b": 50.0, "c": 5.0},
            ("own-cards", 0.5): {"a": 50.0, "b": 20.0, "c": 4.0},
            ("own-cards", 1.0): {"a": 30.0, "b": 0.0, "c": 20.0},
        }
    )
    price = {ring: p for _, ring, _, p in prices(found, 10.0).iter_rows()}
    # b falls from 20 to 0 over half of the habit: it is at 10 halfway. c had nothing to lose.
    assert price == {"a": None, "b": pytest.approx(0.75), "c": 0.0}


def test_the_first_fall_is_the_price_even_if_bits_come_back() -> None:
    found = swept({(BASE, 0.0): {"a": 20.0}, ("own-cards", 0.5): {"a": 0.0}, ("own-cards", 1.0): {"a": 90.0}})
    assert prices(found, 10.0)["price"].to_list() == [0.25]


def test_every_habit_begins_at_the_base() -> None:
    found = swept(
        {(BASE, 0.0): {"a": 20.0}, ("camouflage", 0.4): {"a": 9.0}, ("own-cards", 0.5): {"a": 15.0}}
    )
    assert prices(found, 10.0).select("habit", "price").rows() == [
        ("camouflage", pytest.approx(0.4 * 10 / 11)),
        ("own-cards", None),
    ]


def test_goals_are_asked_up_to_a_strength() -> None:
    bits = {("camouflage", 0.4): {"a": 20.0}, ("camouflage", 0.8): {"a": 20.0}}
    assert [(g.measured, g.held) for g in goals(swept(bits))] == [("1 of 1", True)]
    assert [g.held for g in goals(swept(bits, jaccard=0.89))] == [False]


def test_each_step_turns_its_own_knobs_alone() -> None:
    assert steps_of([])[0].evasion == Evasion()
    assert [s.evasion for s in steps_of(["camouflage"])[1:]] == [
        Evasion(camouflage=s) for s in HABITS["camouflage"][1]
    ]
    strongest = steps_of(["all"])[-1].evasion
    for knob in ("replaced_words", "restructured", "unique_cards", "jitter_hours", "camouflage"):
        assert getattr(strongest, knob) > 0.5
    assert strongest.address_per_day and strongest.pool_share < 0.1


@pytest.mark.slow
def test_a_sweep_measures_each_step_and_leaves_nothing_behind(tmp_path: Path) -> None:
    room, heard = tmp_path / "room", []
    steps = [Step(BASE, 0.0, Evasion()), Step("all", 1.0, HABITS["all"][0](1.0))]
    found = sweep(steps, room, 1, Recipe(0.0002, 1000, 3), 10.0, heard.append)
    assert heard == ["nothing 0", "all 1"]
    assert not list(room.glob("world-*"))
    base, evaded = found.worlds.to_dicts()
    assert base["n_visible"] > evaded["n_visible"]
    assert base["recall"] > evaded["recall"]
    assert found.rings.group_by("habit").len()["len"].to_list() == [18, 18]
    write(found, tmp_path / "out")
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "evasion.png",
        "worlds.parquet",
        "rings.parquet",
    }


def test_an_unknown_habit_is_told_with_the_nearest(shell: Shell) -> None:
    code, _, err = shell("bench", "evasion", "--habit", "camouflaged")
    assert code == 2
    assert "--habit: unknown: got camouflaged; expected replaced-words" in err
    assert "did you mean camouflage?" in err
