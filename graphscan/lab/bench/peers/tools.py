"""How each program is started on a log, and what accounts it puts together.

Peers are started by the runners of a folder that the user names, with the options that `README.md` there speaks of;
graphscan by its command, with the defaults of its users.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from graphscan.errors import RunError
from graphscan.lab.bench.peers.environments import PACKAGES, Environment
from graphscan.lab.bench.peers.logs import GENERATOR, WEEK_S, PeerLog
from graphscan.results import Scan

Command = tuple[str | Path, ...]

RUNNERS = (
    GENERATOR,
    "bicm_run.py",
    "cnt_dump.py",
    "fraudar_run.py",
    "naive.py",
    "net2clu.py",
    "splink_run2.py",
)
"""What has to be in the folder of runners."""

MINUTE_S = 60
"""Within which the toolkit takes two posts of one text for one deed; of one link within a week."""

HUB_CAP = "200"
"""Users of an entity above which the naive floor leaves it out."""

MOST_BLOCKS = 4
"""Planted rings up to which FRAUDAR is asked for one block, two, three …, so that its blocks can be told apart."""


@dataclass(frozen=True)
class Bench:
    """What every command needs: the runners, and the environments by name."""

    runners: Path
    environments: Mapping[str, Environment]

    def python(self, name: str, runner: str, *args: str | Path) -> Command:
        """A runner in an environment."""
        return (self.environments[name].python, self.runners / runner, *args)


@dataclass(frozen=True)
class Started:
    """The commands that lead from a log to labels; those that are `free` only tell its answer apart.

    Labels are written to `labels*.csv` in the folder `out`: account_id, cluster.
    """

    charged: tuple[Command, ...]
    free: tuple[Command, ...] = ()


@dataclass(frozen=True)
class Peer:
    """A program: the environments it needs, and its commands for a log, an empty folder and the rings planted."""

    name: str
    needs: tuple[str, ...]
    commands: Callable[[Bench, PeerLog, Path, int], Started]

    @property
    def version(self) -> str:
        """What it is, as it is installed."""
        return PACKAGES[self.needs[0]][0]


def check_runners(runners: Path) -> None:
    """Raises RunError where a runner is missing."""
    if missing := [name for name in RUNNERS if not (runners / name).is_file()]:
        raise RunError(
            f"{runners}: runners are missing: got no {', '.join(missing)}; expected the folder of the peers' runners",
            "give it with --runners",
        )


def _cnt(bench: Bench, log: PeerLog, out: Path, networks: Mapping[str, tuple[str, ...]]) -> Started:
    toolkit, base = bench.environments["cnt"].program("compute_networks"), out / "cnt.db"
    commands: list[Command] = [(toolkit, base, "preprocess", log.cnt)]
    edges = []
    for network, options in networks.items():
        edges.append(out / f"{network}.csv")
        commands.append((toolkit, base, "compute", network, *options, "--n_cpus", "1"))
        commands.append(bench.python("cnt", "cnt_dump.py", base, f"{network}_network", edges[-1]))
    commands.append(bench.python("naive", "net2clu.py", out / "labels.csv", "leiden", *edges))
    return Started(tuple(commands))


_TEXTS = {"co_tweet": ("--time_window", str(MINUTE_S), "--min_edge_weight", "2")}
_LINKS = {"co_link": ("--time_window", str(WEEK_S), "--min_edge_weight", "2")}


def _cnt_texts(bench: Bench, log: PeerLog, out: Path, n_rings: int) -> Started:
    return _cnt(bench, log, out, _TEXTS)


def _cnt_links(bench: Bench, log: PeerLog, out: Path, n_rings: int) -> Started:
    return _cnt(bench, log, out, _LINKS)


def _cnt_both(bench: Bench, log: PeerLog, out: Path, n_rings: int) -> Started:
    return _cnt(bench, log, out, {**_TEXTS, **_LINKS})


def _fraudar(bench: Bench, log: PeerLog, out: Path, n_rings: int) -> Started:
    """It is told how many blocks there are: more than anybody knows."""

    def blocks(k: int) -> Command:
        return bench.python("fraudar", "fraudar_run.py", log.csv, out / f"labels-{k:02}.csv", str(k))

    fewer = range(1, n_rings) if n_rings <= MOST_BLOCKS else ()
    return Started((blocks(n_rings),), tuple(blocks(k) for k in fewer))


def _bicm(bench: Bench, log: PeerLog, out: Path, n_rings: int) -> Started:
    edges = out / "edges.csv"
    return Started(
        (
            bench.python("bicm", "bicm_run.py", log.csv, edges, "ip"),
            bench.python("naive", "net2clu.py", out / "labels.csv", "leiden", edges),
        )
    )


def _splink(bench: Bench, log: PeerLog, out: Path, n_rings: int) -> Started:
    return Started((bench.python("splink", "splink_run2.py", log.csv, out / "labels.csv"),))


def _naive(bench: Bench, log: PeerLog, out: Path, n_rings: int) -> Started:
    return Started((bench.python("naive", "naive.py", log.csv, out / "labels.csv", HUB_CAP),))


PEERS = (
    Peer("cnt co_tweet", ("cnt", "naive"), _cnt_texts),
    Peer("cnt co_link", ("cnt", "naive"), _cnt_links),
    Peer("cnt both", ("cnt", "naive"), _cnt_both),
    Peer("fraudar", ("fraudar",), _fraudar),
    Peer("bicm", ("bicm", "naive"), _bicm),
    Peer("splink", ("splink",), _splink),
    Peer("naive floor", ("naive",), _naive),
)


def links_only(bench: Bench, log: PeerLog, out: Path) -> Started:
    """The toolkit's network of shared links and no more: where an address is a hub, this is its cost."""
    toolkit, base = bench.environments["cnt"].program("compute_networks"), out / "cnt.db"
    compute = (toolkit, base, "compute", "co_link", "--time_window", str(WEEK_S), "--n_cpus", "1")
    dump = bench.python("cnt", "cnt_dump.py", base, "co_link_network", out / "edges.csv")
    return Started(((toolkit, base, "preprocess", log.cnt), compute), (dump,))


def graphscan(log: PeerLog, run: Path) -> Command:
    """graphscan's command, as its users type it."""
    settings = log.world.settings()
    tables = [
        part
        for table in ("requests", "accounts", "payments")
        if (place := getattr(settings.inputs, table)) is not None
        for part in (f"--{table}", place)
    ]
    program = "from graphscan.cli import main; main()"
    return (sys.executable, "-c", program, "scan", *tables, "--out", run, "--no-progress")


def labels_of(out: Path) -> pl.DataFrame:
    """account_id and cluster of the labels in a folder; the first file that names an account decides."""
    parts = [
        pl.read_csv(path, schema_overrides={"account_id": pl.String, "cluster": pl.String}).select(
            "account_id", cluster=pl.concat_str(pl.lit(f"{path.stem} "), "cluster")
        )
        for path in sorted(out.glob("labels*.csv"))
    ]
    none = pl.DataFrame(schema={"account_id": pl.String, "cluster": pl.String})
    return pl.concat([none, *parts]).drop_nulls().unique("account_id", keep="first", maintain_order=True)


def labels_of_run(run: Path, triages: tuple[str, ...] = ("review",)) -> pl.DataFrame:
    """account_id and cluster of the rings of a run that have one of these triages, the strongest ring first."""
    scan = Scan.read(run)
    rings = scan.rings.filter(pl.col("triage").is_in(triages)).select("ring_id", "rank")
    held = rings.join(scan.members, on="ring_id").sort("rank", "account_id")
    return held.select("account_id", cluster="ring_id").unique(
        "account_id", keep="first", maintain_order=True
    )
