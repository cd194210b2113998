"""graphscan beside other programs: every log in every layout, one way of charging and of scoring for all."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest
from shell import Shell

from graphscan.lab.bench.peers import OURS, Goal, Lab, Row, compare, goals, score
from graphscan.lab.bench.peers.environments import PACKAGES, Environment, environment
from graphscan.lab.bench.peers.hub import ADDRESS, OTHERS, HubRow, _along, hub_log
from graphscan.lab.bench.peers.logs import PeerLog, ours
from graphscan.lab.bench.peers.tools import PEERS, RUNNERS, Bench, Peer, Started, labels_of
from graphscan.lab.bench.worlds import World

TRUTH = pl.DataFrame(
    {
        "account_id": [f"a{i:02}" for i in range(40)],
        "ring": ["one"] * 10 + ["two"] * 6 + [None] * 24,
        "kind": ["ring"] * 16 + ["ordinary"] * 24,
    }
)


def labels(clusters: dict[str, range]) -> pl.DataFrame:
    rows = [(f"a{i:02}", name) for name, of in clusters.items() for i in of]
    return pl.DataFrame(rows, schema={"account_id": pl.String, "cluster": pl.String}, orient="row")


def row(program: str, precision: float | None, recall: float | None, cpu_s: float = 1.0, n: int = 10) -> Row:
    return Row("w", n, program, cpu_s, 1, precision, recall, 0, 1, 0.0, "")


def test_groups_of_five_count_and_smaller_ones_do_not() -> None:
    found = score(labels({"x": range(8), "y": range(20, 24)}), TRUTH)
    assert found == {"precision": 1.0, "recall": 0.5, "n_found": 1, "jaccard": 0.4}


def test_a_group_of_strangers_costs_precision_and_a_half_is_found() -> None:
    found = score(labels({"x": range(10), "y": range(13, 21)}), TRUTH)
    assert found["precision"] == pytest.approx(13 / 18)
    assert found["recall"] == pytest.approx(13 / 16)
    assert found["n_found"] == 1
    assert found["jaccard"] == pytest.approx((1.0 + 3 / 11) / 2)


def test_no_labels_are_no_precision_and_no_recall() -> None:
    assert score(labels({}), TRUTH) == {"precision": None, "recall": 0.0, "n_found": 0, "jaccard": 0.0}


def test_the_first_file_that_names_an_account_decides(tmp_path: Path) -> None:
    (tmp_path / "labels-01.csv").write_text("account_id,cluster\n007,0\n008,0\n")
    (tmp_path / "labels-02.csv").write_text("account_id,cluster\n007,0\n008,0\n009,0\n010,\n")
    assert labels_of(tmp_path).rows() == [
        ("007", "labels-01 0"),
        ("008", "labels-01 0"),
        ("009", "labels-02 0"),
    ]
    assert labels_of(tmp_path / "nowhere").is_empty()


@pytest.fixture(scope="module")
def log(small: Path, tmp_path_factory: pytest.TempPathFactory) -> PeerLog:
    """The small world in all layouts."""
    return ours(World("small", small), tmp_path_factory.mktemp("layouts"))


def test_our_world_is_the_same_in_the_peers_layouts(small: Path, log: PeerLog) -> None:
    requests = pl.read_parquet(small / "requests" / "*.parquet")
    rows = pl.read_csv(log.csv, schema_overrides={"account_id": pl.String})
    assert rows.columns == ["message_id", "account_id", "timestamp", "text", "ip", "payment"]
    assert rows.height == log.n_requests == requests.height
    assert rows["message_id"].is_unique().all() and rows["timestamp"].is_sorted()
    per_account = requests.group_by("account_id").len().sort("account_id")
    assert rows.group_by("account_id").len().sort("account_id").equals(per_account)
    seconds = requests["ts"].dt.epoch("s")
    assert (rows["timestamp"].min(), rows["timestamp"].max()) == (seconds.min(), seconds.max())
    cnt = pl.read_csv(log.cnt)
    assert cnt["message"].fill_null("").to_list() == rows["text"].fill_null("").to_list()
    assert cnt["urls"].to_list() == [
        f"ip://{ip} pay://{card}" for ip, card in rows.select("ip", "payment").rows()
    ]


def test_those_without_a_card_have_nothing_in_common(small: Path, log: PeerLog) -> None:
    rows = pl.read_csv(log.csv).select("account_id", "payment").unique()
    payers = pl.read_parquet(small / "payments.parquet")["account_id"]
    others = rows.filter(~pl.col("account_id").is_in(payers.implode()))
    assert others.height > 100
    assert others["payment"].is_unique().all()
    assert rows["account_id"].is_unique().all()


def stands_in(out_of: str) -> Peer:
    """A program that is there without being installed: it writes the labels that `out_of` makes of the truth."""

    def commands(bench: Bench, log: PeerLog, out: Path, n_rings: int) -> Started:
        program = (
            "import sys, polars as pl; t = pl.read_parquet(sys.argv[1]); "
            f"t.select('account_id', cluster={out_of}).drop_nulls().write_csv('labels.csv')"
        )
        return Started(((sys.executable, "-c", program, log.world.log.resolve() / "truth.parquet"),))

    return Peer("stand-in", ("cnt",), commands)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    (tmp_path / "warming").mkdir()  # as if compiled code had been warmed
    there = {name: Environment(name, tmp_path) for name in PACKAGES}
    return Lab(
        Bench(tmp_path, {**there, "bicm": Environment("bicm", tmp_path, "does not install")}), tmp_path, 0, 60
    )


@pytest.mark.slow
def test_every_program_is_charged_and_scored_on_the_same_log(lab: Lab, log: PeerLog) -> None:
    knows, fails, bicm = stands_in("'ring'"), stands_in("no_such"), next(p for p in PEERS if p.name == "bicm")
    rows = compare(lab, [log], [knows, fails, bicm])
    assert [r.program for r in rows] == [OURS, "graphscan with watch", "stand-in", "stand-in", "bicm"]
    mine, watched, right, failed, missing = rows
    assert mine.fault == right.fault == ""
    assert (
        mine.precision is not None and mine.precision > 0.9 and mine.n_found is not None and mine.n_found >= 2
    )
    assert watched.recall is not None and mine.recall is not None and watched.recall >= mine.recall > 0.5
    assert (right.precision, right.recall, right.jaccard) == (1.0, 1.0, 1.0)
    assert mine.cpu_s is not None and right.cpu_s is not None and mine.cpu_s > right.cpu_s > 0
    assert failed.fault.startswith("failed with exit code 1: NameError") and failed.recall is None
    assert (missing.fault, missing.cpu_s) == ("does not install", None)


def test_the_goals_ask_for_no_worse_in_both_and_better_in_one() -> None:
    held = {
        g.asked.split()[0]: g for g in goals([row(OURS, 1.0, 0.8), row("p", 1.0, 0.3), row("q", 0.2, 0.9)])
    }
    assert held["precision"].held and not held["recall"].held
    assert held["recall"].measured == "0.800, best of the peers 0.900 (q)"
    assert held["better"] == Goal("w", "better than each in precision or in recall", "better than each", True)
    equal = goals([row(OURS, 1.0, 0.8), row("p", 1.0, 0.8), row("q", None, None)])
    assert [g.held for g in equal] == [True, True, False]


@pytest.mark.parametrize(("cpu_s", "held"), [(4.9, True), (5.0, False)])
def test_time_is_compared_on_large_logs_with_peers_of_some_precision(cpu_s: float, held: bool) -> None:
    many = [
        row(OURS, 1.0, 1.0, cpu_s, 10**6),
        row("imprecise", 0.4, 1.0, 1.0, 10**6),
        row("precise", 0.6, 0.1, 5.0, 10**6),
    ]
    assert goals(many)[-1].held == held
    assert len(goals(many)) == 4 and len(goals([row(OURS, 1, 1), row("p", 1, 1)])) == 3


def test_users_of_a_hub_share_its_address_and_nothing_else(tmp_path: Path) -> None:
    log = hub_log(tmp_path, 50)
    rows = pl.read_csv(log.csv)
    assert rows["account_id"].n_unique() == 50 + OTHERS
    users = rows.group_by("ip").agg(pl.col("account_id").n_unique())
    assert dict(users.filter(pl.col("account_id") > 1).rows()) == {ADDRESS: 50}
    assert rows.group_by("payment").agg(pl.col("account_id").n_unique())["account_id"].max() == 1
    assert rows["text"].is_unique().all()
    assert log.world.settings().inputs.requests is not None


def test_the_toolkit_goes_on_along_its_last_power() -> None:
    ended = [HubRow(k, 1.0, 1, 2.0 * (k / 100) ** 2, 1, k * k, False) for k in (100, 200, 400)]
    assert _along(ended, 800) == pytest.approx(128.0)
    assert _along(ended[:1], 800) is None


@pytest.mark.slow
def test_an_environment_that_does_not_install_is_a_fault_and_no_error(tmp_path: Path) -> None:
    nowhere = tmp_path / "no-such-package"
    made = environment("none", tmp_path, [str(nowhere)])
    assert made.fault.startswith(f"does not install on Python {sys.version_info[0]}.{sys.version_info[1]}: ")


def test_packages_are_pinned() -> None:
    assert all("==" in package for packages in PACKAGES.values() for package in packages)
    assert {name for peer in PEERS for name in peer.needs} == set(PACKAGES)


def test_runners_that_are_missing_are_named(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / RUNNERS[0]).touch()
    code, out, err = shell(
        "bench", "peers", "--environments", tmp_path / "e", "--runners", tmp_path, "--no-progress"
    )
    assert (code, out) == (1, "")
    assert err == (
        f"error: {tmp_path}: runners are missing: got no {', '.join(RUNNERS[1:])}; "
        "expected the folder of the peers' runners\nhint: give it with --runners\n"
    )
