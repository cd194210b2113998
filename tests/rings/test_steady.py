"""What must not move a ring: other names, strangers, one event told twice, an hour less of log, another seed.

Near are accounts that stand within a bit of a threshold of growth: members whose log-odds do not clear it by more, and
others that nearly reach it. The tests print how many there are. New names draw each account's random order of requests
anew, so what the caps show of an account is another sample, and one that stands near may come or go with it. Small
crowds beside each other (a company of six and an agency of five) may be one set or two with that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from rescanned import read, sets, strangers

from graphscan.api.null import survey_of
from graphscan.graph.survey import proposals
from graphscan.line import run_line
from graphscan.results import Scan
from graphscan.rings.certificate import Courts, Verdict
from graphscan.rings.find import courts, rings_of
from graphscan.rings.growth import MARGIN, account_odds, threshold
from graphscan.runs import read_frame
from graphscan.settings import Settings

Tables = dict[str, pl.DataFrame]
Rings = dict[frozenset[str], str]


@pytest.fixture(scope="module")
def world(sample: Path) -> Tables:
    return read(sample)


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Scan]:
    """scanned(tables, from_at=…): the run of these frames."""

    def run(tables: Tables, **window: object) -> Scan:
        folder = tmp_path_factory.mktemp("scanned")
        given = {name: str(folder / f"{name}.parquet") for name in tables}
        for name, rows in tables.items():
            rows.write_parquet(given[name])
        run_line(Settings.load(None, **given, **window), folder / "run")
        return Scan.read(folder / "run")

    return run


@pytest.fixture(scope="module")
def before(world: Tables, scanned: Callable[..., Scan]) -> Scan:
    return scanned(world)


def certified(run: Scan, seed: int = 0) -> tuple[Courts, list[Verdict]]:
    """The rings of a run, found again in what it stores."""
    found = survey_of(run.path)
    both = courts(found)
    return both, rings_of(both, proposals(found, 4, seed), 10.0, 4)


def near(both: Courts, members: np.ndarray) -> set[int]:
    """Accounts that stand within a bit of a threshold of growth, on all requests or under the caps."""
    out: set[int] = set()
    for court in (both.growth, both.certify):
        verdict = court.judge(members)
        accounts, bits, _ = account_odds(verdict, court)
        clear = bits - threshold(verdict, accounts)
        inside = np.isin(accounts, members)
        out |= set(accounts[np.where(inside, clear < MARGIN + 1, clear > -1)].tolist())
        out |= set(members.tolist()) - set(accounts.tolist())
    return out


def nearest(run: Scan, names: dict[str, str] | None = None) -> dict[frozenset[str], frozenset[str]]:
    """Members → accounts near a threshold, of each ring, by first names; prints how many they are."""
    both, rings = certified(run)
    ids = read_frame(run.path, "touches/accounts")["account_id"].to_list()
    called = [names[i] if names else i for i in ids]
    told = {
        frozenset(called[a] for a in v.members.tolist()): frozenset(called[a] for a in near(both, v.members))
        for v in rings
    }
    print("accounts, of them near a threshold:", [(len(ring), len(some)) for ring, some in told.items()])
    return told


def n_in_review(run: Scan) -> int:
    return run.rings.filter(triage="review").height


def only_the_near_moved(before: Scan, after: Scan, names: dict[str, str] | None = None) -> int:
    """Asserts that as many rings are in review, and that each of them and its best match differ in accounts near a
    threshold alone; how many rings have none."""
    old, new = nearest(before), nearest(after, names)
    assert n_in_review(before) == n_in_review(after)
    triage = sets(before)
    for ring, some in old.items():
        if triage[ring] != "review":
            continue
        match = max(new, key=lambda other: len(ring & other) / len(ring | other))
        assert ring ^ match <= some | new[match], f"{len(ring ^ match)} moved of a ring of {len(ring)}"
    return sum(not some for some in old.values())


def jaccards(before: Rings, after: Rings, smallest: int = 10) -> list[float]:
    """For each ring of so many accounts, how much of it and its best match is in both."""
    rings = [r for r in before if len(r) >= smallest]
    return [max(len(r & other) / len(r | other) for other in after) for r in rings]


@pytest.mark.parametrize(
    "seed", [6, pytest.param(7, marks=pytest.mark.slow), pytest.param(8, marks=pytest.mark.slow)]
)
def test_new_names_move_only_accounts_near_a_threshold(
    world: Tables, before: Scan, scanned: Callable[..., Scan], seed: int
):
    ids = sorted(set().union(*(t["account_id"].to_list() for t in world.values())))
    order = np.random.default_rng(seed).permutation(len(ids))
    new = {old: f"x{order[i]:06d}" for i, old in enumerate(ids)}
    after = scanned({n: t.with_columns(pl.col("account_id").replace_strict(new)) for n, t in world.items()})
    assert only_the_near_moved(before, after, {b: a for a, b in new.items()}) >= 2


@pytest.mark.slow
def test_strangers_move_only_accounts_near_a_threshold(
    world: Tables, before: Scan, scanned: Callable[..., Scan]
):
    more = strangers(300)
    after = scanned(
        {
            n: pl.concat([t, more[n].cast({c: t.schema[c] for c in more[n].columns})], how="diagonal")
            for n, t in world.items()
        }
    )
    assert only_the_near_moved(before, after) >= 2


@pytest.mark.parametrize("place", [0.1, pytest.param(0.7, marks=pytest.mark.slow)])
def test_an_event_that_is_told_twice_changes_no_ring(
    world: Tables, before: Scan, scanned: Callable[..., Scan], place: float
):
    """An event of a member of the largest ring."""
    ring = max(sets(before), key=len)
    theirs = world["requests"].filter(pl.col("account_id").is_in(sorted(ring)))
    event = theirs[int(place * theirs.height)]
    after = sets(scanned({**world, "requests": pl.concat([world["requests"], event])}))
    assert min(jaccards(sets(before), after)) >= 0.98


@pytest.mark.parametrize("side", ["from_at", pytest.param("to", marks=pytest.mark.slow)])
def test_an_hour_less_of_log_changes_no_ring(
    world: Tables, before: Scan, scanned: Callable[..., Scan], side: str
):
    ts = world["requests"]["ts"]
    ends = {"from_at": ts.min() + dt.timedelta(hours=1), "to": ts.max() - dt.timedelta(hours=1)}
    after = sets(scanned(world, **{side: ends[side].isoformat() + "Z"}))
    assert min(jaccards(sets(before), after)) >= 0.98


@pytest.mark.slow
def test_seeds_of_leiden_find_the_same_rings(before: Scan):
    found = [
        [v.members.tolist() for v in certified(before, seed)[1] if v.members.size >= 10] for seed in range(5)
    ]
    assert len(found[0]) >= 5
    assert all(other == found[0] for other in found[1:])
