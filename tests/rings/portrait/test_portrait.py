"""Portraits of planted rings, against what was planted; measures against hand-made tables."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from graphscan.lab.simulate import simulate
from graphscan.lab.simulate.rings import RINGS
from graphscan.logs.log import open_log
from graphscan.logs.queries import load_queries, query_frame, run_query
from graphscan.logs.sql import Connection, connect, engine
from graphscan.rings.portrait import Portraits, portraits
from graphscan.rings.portrait.given import given
from graphscan.rings.portrait.words import words_of
from graphscan.settings import Settings
from graphscan.signals.stage import register, stage

PLANTED = ("deepseek", "forty", "hanzi", "hot", "one-door", "reseller")
Planted = dict[str, dict[str, Any]]
HABITS = {habits.name: habits for habits in RINGS}
QUERIES = load_queries()
CALLED = {"agentic coding": "code", "censorship-safe rewriting": "rewriting"}


def portray(world: Path, members: pl.DataFrame, requests: str = "requests/*.parquet") -> Portraits:
    tables = {name: str(world / f"{name}.parquet") for name in ("accounts", "payments", "canaries")}
    settings = Settings.load(requests=str(world / requests), **tables)
    with engine(settings) as con:
        open_log(con, settings)
        register(con)
        stage(con, settings)
        return portraits(con, members)


def members_of(world: Path) -> pl.DataFrame:
    truth = pl.read_parquet(world / "truth.parquet").drop_nulls("ring")
    return truth.select(ring_id="ring", account_id="account_id")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("worlds") / "world"
    simulate(out, accounts=1_500, seed=5, responses=True, rings=PLANTED)
    return out


@pytest.fixture(scope="module")
def planted(world: Path) -> Planted:
    rings: Planted = json.loads((world / "simulated.json").read_text())["rings"]
    return rings


@pytest.fixture(scope="module")
def portrait(world: Path) -> Portraits:
    return portray(world, members_of(world))


def value(portrait: Portraits, ring: str, measure: str) -> float:
    return float(portrait.activity.filter(ring_id=ring, measure=measure)["value"].item())


@pytest.mark.parametrize("ring", PLANTED)
def test_planted_templates_are_found_and_read(
    ring: str, portrait: Portraits, planted: dict[str, dict]
) -> None:
    found = portrait.templates.filter(ring_id=ring)
    read = [set(words_of(text).folded) for text in found["template"]]
    for template in planted[ring]["templates"]:
        own = set(words_of(template["text"]).folded)
        likeness = [len(own & other) / len(own | other) for other in read]
        best = likeness.index(max(likeness))
        assert likeness[best] >= 0.75, template["text"]
        share = template["share"] * planted[ring]["share_template"]
        assert found["share"][best] == pytest.approx(share, abs=0.06)
    assert value(portrait, ring, "share_in_templates") == pytest.approx(
        planted[ring]["share_template"], abs=0.06
    )


@pytest.mark.parametrize("ring", PLANTED)
def test_tasks_come_near_the_hidden_mix(ring: str, portrait: Portraits, planted: Planted) -> None:
    told = portrait.shares.filter(ring_id=ring, what="task")
    found = dict(told.select("label", "share").iter_rows())
    total = sum(found.values())
    mix = {CALLED.get(task, task): share for task, share in planted[ring]["tasks"].items()}
    apart = sum(abs(mix.get(t, 0.0) - found.get(t, 0.0) / total) for t in mix.keys() | found.keys()) / 2
    assert apart <= 0.1


def test_counts_are_those_of_the_log(world: Path, portrait: Portraits) -> None:
    requests = pl.read_parquet(world / "requests" / "*.parquet").join(members_of(world), on="account_id")
    for (ring,), own in requests.group_by("ring_id"):
        hours = portrait.timeline.filter(ring_id=ring)
        assert hours["n_requests"].sum() == own.height
        per_account = own.group_by("account_id").len()["len"]
        assert value(portrait, ring, "requests_per_account") == per_account.median()
        assert value(portrait, ring, "share_of_all_requests") == pytest.approx(
            own.height / pl.read_parquet(world / "requests" / "*.parquet").height
        )


def test_habits_are_told_apart(portrait: Portraits) -> None:
    assert value(portrait, "one-door", "share_top_address") == 1.0
    assert value(portrait, "one-door", "share_night_hours") > 0.28
    assert value(portrait, "hot", "evenness_of_dispatch") > 0.9
    assert value(portrait, "one-door", "evenness_of_dispatch") == pytest.approx(0.5, abs=0.1)
    assert value(portrait, "deepseek", "sign_up_span_days") < 1.0
    assert value(portrait, "deepseek", "cards_per_account") < 0.3
    assert value(portrait, "deepseek", "evenness_of_work") > 0.95
    ordinary = portrait.activity.filter(measure="requests_per_account")["ordinary"]
    assert ordinary.max() < 10


def test_a_work_queue_repeats_nothing_and_customers_do(portrait: Portraits) -> None:
    repeats = portrait.activity.filter(measure="slot_repeats")
    assert repeats["value"].max() < 0.02
    assert repeats["ordinary"].min() > 0.03
    distinct = portrait.activity.filter(measure="distinct_texts")
    assert distinct["value"].min() > 0.97
    assert distinct["ordinary"].max() < 0.98


def test_replays_and_canaries_are_found_where_they_were_planted(world: Path, portrait: Portraits) -> None:
    tokens = dict(pl.read_parquet(world / "canaries.parquet").select("token", "account_id").iter_rows())
    requests = pl.read_parquet(world / "requests" / "*.parquet").join(members_of(world), on="account_id")
    marked = requests.filter(pl.col("prompt").str.contains_any(list(tokens)))
    assert {r: value(portrait, r, "canary_hits") for r in PLANTED} == dict.fromkeys(PLANTED, 0) | {
        "hot": marked.height
    }
    assert marked.height > 10
    # One in fifty is planted; of the few hot accounts a part of the prompts is read, and some ten replays are in it.
    assert 0.004 < value(portrait, "hot", "replay_share") < 0.06
    assert sum(value(portrait, r, "replay_share") for r in PLANTED if r != "hot") < 0.004


def test_who_moves_to_a_new_model_is_told_by_how_much(tmp_path: Path) -> None:
    """Of the first day's requests a ring sends its planted share to the new model, reached within two hours."""
    rings = ("minimax", "moonshot", "deepseek")
    simulate(tmp_path / "world", accounts=1_500, scale=0.02, days=10, seed=2, responses=True, rings=rings)
    portrait = portray(tmp_path / "world", members_of(tmp_path / "world"))
    moved = {r: value(portrait, r, "share_moved_24h") for r in rings}
    assert moved["minimax"] == pytest.approx(HABITS["minimax"].moves * 23 / 24, abs=0.05)
    assert moved["moonshot"] == pytest.approx(HABITS["moonshot"].moves * 23 / 24, abs=0.05)
    assert moved["deepseek"] < 0.2
    ordinary = portrait.activity.filter(measure="share_moved_24h")["ordinary"]
    assert ordinary.max() < 0.2


def test_order_of_rows_and_names_of_files_do_not_matter(world: Path, portrait: Portraits) -> None:
    shuffled = pl.read_parquet(world / "requests" / "*.parquet").sample(fraction=1.0, shuffle=True, seed=1)
    shuffled.write_parquet(world / "shuffled.parquet", row_group_size=20_000)
    again = portray(world, members_of(world).reverse(), "shuffled.parquet")
    for name in ("timeline", "templates", "activity", "shares"):
        assert getattr(again, name).equals(getattr(portrait, name)), name


def test_without_members_the_frames_are_empty_and_typed(world: Path, portrait: Portraits) -> None:
    none = portray(world, members_of(world).clear())
    for name in ("timeline", "templates", "activity", "shares"):
        assert getattr(none, name).is_empty()
        assert getattr(none, name).schema == getattr(portrait, name).schema


def test_what_the_log_lacks_is_left_out(world: Path, tmp_path: Path) -> None:
    thin = pl.read_parquet(world / "requests" / "*.parquet").select("account_id", "ts")
    thin.write_parquet(tmp_path / "requests.parquet")
    settings = Settings.load(requests=str(tmp_path / "requests.parquet"))
    with engine(settings) as con:
        open_log(con, settings)
        register(con)
        stage(con, settings)
        portrait = portraits(con, members_of(world))
        tables = con.execute("select table_name from information_schema.tables").fetchall()
    told = set(portrait.activity["measure"])
    assert {"requests_per_account", "share_night_hours", "evenness_of_dispatch"} <= told
    assert not {"addresses_per_account", "models", "share_in_templates", "cards_per_account"} & told
    assert portrait.templates.is_empty()
    assert not [name for (name,) in tables if name.startswith(("portrait", "ring"))]


@pytest.fixture
def con() -> Iterator[Connection]:
    with connect(Settings.load()) as con:
        yield con


def groups(con: Connection, accounts: list[int]) -> None:
    con.execute("create table portrait_groups (group_id INTEGER, kind VARCHAR, account INTEGER)")
    con.executemany("insert into portrait_groups values (0, 'ring', ?)", [[a] for a in accounts])


def requests(con: Connection, rows: list[tuple[int, str]], extra: str = "") -> None:
    con.execute(f"create table requests (account INTEGER, ts TIMESTAMP, place BIGINT{extra})")
    con.executemany("insert into requests (account, ts, place) values (?, ?, ?)", [[*r, 7] for r in rows])


def told(con: Connection, name: str, **params: object) -> dict[str, float]:
    return dict(query_frame(con, QUERIES[name], params).drop("group_id").row(0, named=True))


def test_round_robin_is_one_and_chance_is_a_half(con: Connection) -> None:
    con.execute("create table group_branches (group_id INTEGER, branch INTEGER, account INTEGER)")
    con.execute("insert into group_branches select 0, 0, range from range(4)")
    dice = random.Random(1)
    times = [f"2026-03-02 {i // 3600:02d}:{i // 60 % 60:02d}:{i % 60:02d}" for i in range(2_000)]
    requests(con, [(i % 4, t) for i, t in enumerate(times)])
    assert told(con, "branch_dispatch")["evenness_of_dispatch"] == pytest.approx(1.0)
    con.execute("drop table requests")
    requests(con, [(dice.randrange(4), t) for t in times])
    # Gaps of chance among n accounts have a variance of (n − 1) / n of their mean squared.
    assert told(con, "branch_dispatch")["evenness_of_dispatch"] == pytest.approx(1 / (1 + 3 / 4), abs=0.05)


def test_volume_is_counted_by_hand(con: Connection) -> None:
    groups(con, [0, 1, 2])
    requests(
        con,
        [(0, "2026-03-02 01:10:00")] * 1
        + [(1, "2026-03-02 01:20:00")] * 2
        + [(2, "2026-03-02 05:20:00")] * 4
        + [(2, "2026-03-04 05:20:00")] * 2,
    )
    run_query(con, QUERIES["ring_hours"], "ring_hours")
    volume = told(con, "ring_volume", n_log_requests=90)
    assert volume == pytest.approx(
        {
            "requests_per_account": 2.0,
            "requests_per_day": 2.0,
            "active_days_per_account": 1.0,
            # Gini of 1, 2, 6: 2·(1·1 + 2·2 + 3·6) / (3·9) − 4/3
            "evenness_of_work": 1 - (2 * 23 / 27 - 4 / 3),
            "share_of_all_requests": 0.1,
            "span_days": 53 / 24,
            "share_busiest_day": 7 / 9,
        }
    )


def test_the_quietest_eight_hours_may_pass_midnight(con: Connection) -> None:
    groups(con, [0])
    requests(con, [(0, f"2026-03-02 {h:02d}:00:00") for h in range(6, 22)])
    run_query(con, QUERIES["ring_hours"], "ring_hours")
    assert told(con, "ring_clock") == {"share_night_hours": 0.0, "hours_of_day_used": 16.0}
    con.execute("insert into ring_hours values (0, timestamp '2026-03-03 23:00:00', 4)")
    assert told(con, "ring_clock")["share_night_hours"] == pytest.approx(2 / 20)


def test_a_released_model_counts_from_its_first_day_in_the_log(con: Connection) -> None:
    groups(con, [0])
    hours = range(24 * 6)
    rows = [
        (0, f"2026-03-{2 + h // 24:02d} {h % 24:02d}:{m:02d}:00") for h in hours for m in range(0, 60, 10)
    ]
    requests(con, rows, ", model VARCHAR")
    con.execute("update requests set model = 'old'")
    con.execute(
        "update requests set model = 'new' "
        "where ts >= timestamp '2026-03-04' and extract(hour from ts) % 2 = 0"
    )
    con.execute("update requests set model = 'rare' where ts = timestamp '2026-03-04 05:00:00'")
    assert told(con, "ring_models") == {"models": 2.0, "share_moved_24h": 0.5}
    con.execute("delete from requests where extract(minute from ts) >= 30 and ts < timestamp '2026-03-05'")
    assert told(con, "ring_models") == {"models": 2.0, "share_moved_24h": None}  # too few that day to say so


def test_cards_are_counted_over_those_who_paid(con: Connection) -> None:
    groups(con, [0, 1, 2, 3])
    con.execute("create table accounts (account INTEGER, account_id VARCHAR)")
    con.execute("insert into accounts values (0, 'a'), (1, 'b'), (2, 'c'), (3, 'd')")
    con.execute("create table log_payments (account_id VARCHAR, payment_fingerprint VARCHAR)")
    con.execute("insert into log_payments values ('a', 'x'), ('a', 'x'), ('b', 'x'), ('c', 'y'), ('d', null)")
    assert told(con, "ring_cards") == pytest.approx({"cards_per_account": 2 / 3, "share_cards_unique": 0.5})


def test_a_given_table_is_gone_afterwards(con: Connection) -> None:
    with given(con, "for_once", pl.DataFrame({"n": [1]})):
        assert con.execute("select n from for_once").fetchall() == [(1,)]
    assert (
        con.execute("select 1 from information_schema.tables where table_name = 'for_once'").fetchall() == []
    )
