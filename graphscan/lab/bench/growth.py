"""How the cost of a scan grows: more requests, more accounts, an address of many users, a text that many send.

Every world is small and simulated; in each experiment one thing alone grows. Cost is processor time after start-up,
since on a machine with other work on it a clock tells of the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from graphscan.lab.bench.scale import Scanned, scanned, warm
from graphscan.lab.bench.staged import START
from graphscan.lab.bench.words import word
from graphscan.lab.bench.worlds import Recipe, World
from graphscan.lab.simulate import simulate

SMALL = Recipe(scale=0.005, customers=4_000)
"""The smallest world: each experiment begins there."""

DAYS = 3
"""Its days: the same customers write as much again in the next ones."""

REQUEST_FACTORS = (1, 2, 4, 8)
ACCOUNT_FACTOR = 10
HUBS = (100, 1_000, 10_000, 100_000)
SHARE_OF_TEXT = 0.05
"""Of all accounts, those that send the one system text."""

TEXT_FRAGMENTS = 60
"""Of the text, on average: one run of words in eight is a fragment."""

HUB = "203.0.113.77"
"""An address for documentation: in no world is it anybody's."""


@dataclass(frozen=True)
class Growth:
    """Scans of worlds that differ in one thing.

    `scans` has a row a scan: experiment, size (what grew), n_requests, n_accounts, n_incidences, seconds, work_s
    (processor seconds after start-up), peak_bytes. `exponents` has a row a law: experiment, what (grows with what),
    exponent.
    """

    scans: pl.DataFrame
    exponents: pl.DataFrame

    def as_dict(self) -> dict[str, Any]:
        """Both tables, ready for JSON."""
        return {"scans": self.scans.to_dicts(), "exponents": self.exponents.to_dicts()}


def growth(
    work: Path,
    recipe: Recipe = SMALL,
    *,
    hubs: Sequence[int] = HUBS,
    threads: int | None = None,
    seed: int = 0,
    tell: Callable[[str], None] = lambda _: None,
) -> Growth:
    """Scans worlds of the recipe and of ten times as many customers; hubs of more accounts than there are go without.

    Worlds and runs go to `work`; `tell` hears of each scan before it begins. Raises RunError where a scan fails.
    """
    warm(work)
    lab = _Lab(work, recipe.scale, threads, seed, tell)
    customers = recipe.customers
    many = lab.world(ACCOUNT_FACTOR * customers, DAYS)
    rows = [
        *_more_requests(lab, customers),
        *_more_accounts(lab, customers, many),
        *_shared_by_many(lab, many, hubs),
    ]
    scans = pl.DataFrame(rows, orient="row", infer_schema_length=None)
    return Growth(scans, _exponents(scans))


@dataclass(frozen=True)
class _Lab:
    work: Path
    scale: float
    threads: int | None
    seed: int
    tell: Callable[[str], None]

    def world(self, customers: int, days: int) -> Path:
        out = self.work / f"{customers}-customers-{days}-days"
        if not out.exists():
            simulate(out, scale=self.scale, accounts=customers, days=days, seed=self.seed)
        return out

    def row(self, experiment: str, size: int, world: Path) -> dict[str, object]:
        self.tell(f"{experiment}: {size:,}")
        settings = World(world.name, world).settings(threads=self.threads)
        done = scanned(settings, self.work / f"{world.name}-{experiment.replace(' ', '-')}-{size}-run")
        return {
            "experiment": experiment,
            "size": size,
            "n_requests": done.n_requests,
            "n_accounts": done.n_accounts,
            "n_incidences": done.n_incidences,
            "seconds": done.whole.seconds,
            "work_s": _work_s(done),
            "peak_bytes": done.whole.peak_bytes,
        }


def _work_s(done: Scanned) -> float:
    start: float = done.stages.filter(pl.col("stage") == START)["cpu_s"].item()
    return done.whole.cpu_s - start


def _more_requests(lab: _Lab, customers: int) -> Iterator[dict[str, object]]:
    for factor in REQUEST_FACTORS:
        yield lab.row("requests", factor, lab.world(customers, factor * DAYS))


def _more_accounts(lab: _Lab, customers: int, many: Path) -> Iterator[dict[str, object]]:
    """A tenth of the accounts, who write so many days that there are as many requests."""
    few = _n_requests(lab.world(customers, DAYS)) / DAYS
    yield lab.row("accounts", 1, lab.world(customers, max(DAYS, round(_n_requests(many) / few))))
    yield lab.row("accounts", ACCOUNT_FACTOR, many)


def _shared_by_many(lab: _Lab, world: Path, hubs: Sequence[int]) -> Iterator[dict[str, object]]:
    """One request more of many accounts: the same requests in each scan, but for what they share."""
    accounts = pl.read_parquet(world / "accounts.parquet", columns=["account_id"])["account_id"].sort()
    senders = round(SHARE_OF_TEXT * accounts.len())
    fitting = [k for k in sorted(hubs) if k <= accounts.len()]
    n_rows = max([senders, *fitting])
    text = " ".join(map(word, range(8 * TEXT_FRAGMENTS + 3)))
    for experiment, column, value, sizes in (
        ("users of one address", "ip", HUB, [0, *fitting]),
        ("senders of one text", "system", text, [senders]),
    ):
        for size in sizes:
            made = lab.work / f"{world.name}-{column}-{size}"
            _add_requests(world, made, accounts.head(n_rows), column, value, size)
            yield lab.row(experiment, size, made)


def _add_requests(world: Path, made: Path, accounts: pl.Series, column: str, value: str, size: int) -> None:
    """The world with one request more of each of the accounts, of which the first `size` have the value."""
    files = sorted((world / "requests").glob("*.parquet"))
    (made / "requests").mkdir(parents=True, exist_ok=True)
    for path in [*files, world / "accounts.parquet", world / "payments.parquet"]:
        link = made / path.relative_to(world)
        if not link.is_symlink():
            link.symlink_to(path.resolve())
    schema = pl.read_parquet_schema(files[0])
    first_at = pl.read_parquet(files[0], columns=["ts"])["ts"].min()
    at = pl.lit(first_at) + pl.duration(seconds=(pl.int_range(pl.len()) * 7919) % (DAYS * 86_400))
    shared = pl.when(pl.int_range(pl.len()) < size).then(pl.lit(value))
    more = pl.DataFrame({"account_id": accounts}).with_columns(
        ts=at.cast(schema["ts"]),
        **{column: shared.cast(pl.String)},
        **{c: pl.lit(None, kind) for c, kind in schema.items() if c not in ("account_id", "ts", column)},
    )
    more.select(list(schema)).write_parquet(made / "requests" / "more.parquet")


def _n_requests(world: Path) -> int:
    files = pl.scan_parquet(world / "requests" / "*.parquet")
    n: int = files.select(pl.len()).collect().item()
    return n


def _exponents(scans: pl.DataFrame) -> pl.DataFrame:
    """Cost as a power of what grew: 1 is in proportion.

    Of the requests also over their last doubling alone, since what costs the same in every scan hides growth. Of what
    many share the cost is laid beside the incidences, hardly more of which it makes.
    """
    rows = []
    requests = scans.filter(pl.col("experiment") == "requests")
    rows.append(("requests", "work with requests, all", _power(requests, "n_requests")))
    rows.append(("requests", "work with requests, last doubling", _power(requests.tail(2), "n_requests")))
    accounts = scans.filter(pl.col("experiment") == "accounts")
    rows.append(("accounts", "work with accounts", _power(accounts, "n_accounts")))
    rows.append(("accounts", "work with incidences", _power(accounts, "n_incidences")))
    hubs = scans.filter(pl.col("experiment") == "users of one address")
    if hubs.height > 2:
        rows.append(("users of one address", "work with users, all", _power(hubs.tail(-1), "size")))
    return pl.DataFrame(rows, schema=["experiment", "what", "exponent"], orient="row")


def _power(scans: pl.DataFrame, size: str) -> float:
    """The slope of log cost over log size, by least squares."""
    x = [math.log(v) for v in scans[size]]
    y = [math.log(v) for v in scans["work_s"]]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    below = sum((a - mean_x) ** 2 for a in x)
    return above / below
