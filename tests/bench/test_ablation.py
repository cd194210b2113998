"""A line without one of its parts: that the part is gone, that the rest is the line as it runs, what is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from shell import Shell

import graphscan
from graphscan.errors import SettingsError
from graphscan.graph.survey import proposals, survey
from graphscan.lab.bench.ablation import (
    NOTHING,
    STAGES,
    Staged,
    earned,
    measured,
    parts_of,
    real_cases,
    rings_without,
    staged,
)
from graphscan.lab.bench.worlds import World
from graphscan.rings.certificate import Verdict


@pytest.fixture(scope="module")
def at(small: Path) -> Iterator[Staged]:
    with staged(World("small", small).settings()) as read:
        yield read


def members(rings: list[Verdict], at: Staged) -> set[frozenset[str]]:
    ids = at.touches.accounts["account_id"].to_list()
    return {frozenset(ids[a] for a in v.members) for v in rings}


def of_scan(run: graphscan.Scan) -> set[frozenset[str]]:
    return {frozenset(g["account_id"]) for _, g in run.members.group_by("ring_id")}


@pytest.mark.slow
def test_without_nothing_it_is_the_line(at: Staged, small: Path) -> None:
    world = World("small", small)
    run = graphscan.scan(settings=world.settings(), progress=False)
    assert members(rings_without(at, NOTHING), at) == of_scan(run)
    row = measured(at, NOTHING, world.truth())
    real = graphscan.evaluate(run, world.truth())
    assert (row["precision"], row["recall"]) == (real.precision, real.recall)
    in_review = run.rings.filter(pl.col("triage") == "review")
    assert row["bits"] == pytest.approx(in_review["bits"].sum(), abs=1e-4)
    assert row["n_whole"] == real.planted.filter(pl.col("jaccard") >= 0.8).height > 0


@pytest.mark.slow
def test_a_signal_left_out_is_a_signal_turned_off(at: Staged, small: Path) -> None:
    settings = World("small", small).settings()
    off = settings.model_validate(
        {**settings.model_dump(by_alias=True), "signals": {"address": {"off": True}}}
    )
    run = graphscan.scan(settings=off, progress=False)
    assert members(rings_without(at, "signal address"), at) == of_scan(run)


def test_every_part_is_named(at: Staged) -> None:
    parts = parts_of(at)
    assert {"signal subnet", "family payment", "own clusters", "proposals of Leiden"} <= set(parts)
    assert "signal payment" not in parts  # it is all that its family has
    assert set(STAGES) <= set(parts)


def test_a_family_left_out_says_nothing(at: Staged) -> None:
    rings = rings_without(at, "family network")
    assert rings
    assert [r for r in rings if "network" in r.saved] == []


@pytest.mark.slow
def test_a_stage_left_out_is_not_there(at: Staged) -> None:
    def views(part: str) -> list:  # type: ignore[type-arg]
        return [d.view for ring in rings_without(at, part) for d in ring.best.values()]

    assert any((v.entity_of < 0).any() for v in views(NOTHING))
    assert all((v.entity_of >= 0).all() for v in views("own clusters"))
    assert {v.cap for v in views("caps")} == {None}
    language = at.touches.strata.language
    capped = [v for v in views("strata of activity") if v.cap is not None]
    assert capped and all(np.array_equal(v.strata, language) for v in capped)


def test_without_what_names_lead_to_all_is_named(at: Staged) -> None:
    def followed(part: str) -> list[bool]:
        return [d.is_followed for ring in rings_without(at, part) for d in ring.best.values()]

    assert any(followed(NOTHING))
    assert not any(followed("what names lead to"))


def test_without_growth_rings_are_proposals(at: Staged) -> None:
    found = survey(at.touches.incidences(), at.touches.strata)
    made = proposals(found, 4, 0)
    proposed = {p.tobytes() for p in made.all}
    rings = rings_without(at, "growth")
    assert rings
    assert {r.members.tobytes() for r in rings} <= proposed


def test_a_proposer_left_out_proposes_nothing(at: Staged) -> None:
    found = survey(at.touches.incidences(), at.touches.strata)
    everything = proposals(found, 4, 0)
    without = proposals(found, 4, 0, {"HDBSCAN on ties"})
    assert {p.tobytes() for p in without.sets} < {p.tobytes() for p in everything.sets}
    assert len(everything.further) > len(proposals(found, 4, 0, {"cells"}).further)


def rows(
    case: str, part: str, n_whole: int | None, precision: float | None, n_ordinary: int, bits: float
) -> dict:  # type: ignore[type-arg]
    figures = {
        "n_whole": n_whole,
        "precision": precision,
        "recall": 0.5,
        "covered": 0.6,
        "n_ordinary": n_ordinary,
        "bits": bits,
    }
    return {"case": case, "part": part, "n_rings": 3, "n_planted": 3, "seconds": 1.0, **figures}


def test_what_a_part_earns_is_told_over_all_logs() -> None:
    table = pl.DataFrame(
        [
            rows("one", NOTHING, 3, 1.0, 0, 100.0),
            rows("one", "growth", 1, 0.9, 0, 60.0),
            rows("one", "caps", 3, 1.0, 0, 100.0),
            rows("two", NOTHING, None, 0.8, 2, 100.0),
            rows("two", "growth", None, 0.8, 2, 100.0),
            rows("two", "caps", None, 0.8, 40, 300.0),
        ]
    )
    growth, caps = earned(table).to_dicts()
    assert growth["part"] == "growth"
    assert (growth["n_whole"], growth["precision"], growth["bits"]) == (-2, pytest.approx(-0.1), 0.2)
    assert growth["where"] == "one"
    assert (caps["n_whole"], caps["n_ordinary"], caps["bits"], caps["where"]) == (0, 38, -1.0, "two")


def test_a_part_that_costs_nothing_is_worst_nowhere() -> None:
    table = pl.DataFrame([rows("one", NOTHING, 3, 1.0, 0, 100.0), rows("one", "caps", 3, 1.0, 0, 90.0)])
    assert earned(table)["where"].to_list() == [None]


def test_a_log_in_which_nothing_is_found_has_no_bits_to_lose() -> None:
    table = pl.DataFrame([rows("one", part, 0, None, 0, 0.0) for part in (NOTHING, "caps")])
    assert earned(table.cast({"precision": pl.Float64})).select("bits", "where").row(0) == (None, None)


@pytest.mark.slow
def test_parts_are_left_out_on_the_command_line(shell: Shell, small: Path) -> None:
    code, out, _ = shell("bench", "ablation", "--world", small, "--part", "family payment", "--no-progress")
    assert code == 0
    assert out.startswith("small\n")
    assert "family payment" in out and "What changes without a part" in out


def test_an_unknown_part_is_told_with_those_there_are(shell: Shell, small: Path) -> None:
    code, _, err = shell("bench", "ablation", "--world", small, "--part", "family payments")
    assert code == 2
    assert "--part: not in small: got family payments; expected signal " in err
    assert "did you mean family payment?" in err


def test_a_log_without_its_truth_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="got 1 --config and 0 --truth"):
        real_cases([tmp_path / "a.toml"], [])
