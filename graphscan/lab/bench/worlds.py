"""Logs to measure on: folders with a known truth, given or simulated, and the settings that scan them.

In: folders as `simulate` writes them, or seeds and an evasion. Out: `World`, one at a time.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphscan.errors import LogsError, SettingsError
from graphscan.lab.simulate import Evasion, simulate
from graphscan.settings import Settings

TABLES = ("accounts", "payments", "canaries")


@dataclass(frozen=True)
class World:
    """A log with its truth, in a folder: requests/*.parquet, truth.parquet, and tables beside them."""

    name: str
    log: Path

    def settings(self, **inputs: object) -> Settings:
        """The default settings for this log; `inputs` are further keys, such as `to`."""
        requests = self.log / "requests" / "*.parquet"
        beside = {name: self.log / f"{name}.parquet" for name in TABLES}
        given = {name: str(path) for name, path in beside.items() if path.is_file()}
        return Settings.load(None, requests=str(requests), **given, **inputs)

    def truth(self) -> pl.DataFrame:
        """account_id, ring, kind. Raises LogsError where there is none."""
        path = self.log / "truth.parquet"
        if not path.is_file():
            raise LogsError(
                f"bench: {self.name} has no truth: got a folder without truth.parquet; "
                "expected a log as simulate writes it",
                "graphscan simulate OUT writes one",
            )
        return pl.read_parquet(path)


@dataclass(frozen=True)
class Recipe:
    """What the simulated worlds of a benchmark have in common."""

    scale: float = 0.02
    customers: int = 40_000
    days: int = 14


def given_worlds(folders: Sequence[Path]) -> list[World]:
    """Worlds that are there already, called like their folders: `log`, and another such one `log-2`."""
    worlds: dict[str, World] = {}
    for folder in folders:
        name = folder.resolve().name
        free = next(n for n in chain([name], (f"{name}-{i}" for i in count(2))) if n not in worlds)
        worlds[free] = World(free, folder)
    return list(worlds.values())


def simulated_worlds(work: Path, seeds: Sequence[int], evasion: str, recipe: Recipe) -> Iterator[World]:
    """A world a seed below `work`, each made when it is asked for and gone when the next one is."""
    for seed in seeds:
        with simulated(work, f"{evasion}-{seed}", seed, evasion, recipe) as world:
            yield world


@contextmanager
def simulated(work: Path, name: str, seed: int, evasion: str | Evasion, recipe: Recipe) -> Iterator[World]:
    """A world in a folder of its own below `work`, which goes when the caller is done with it."""
    log = work / name
    if log.exists():
        raise SettingsError(
            f"bench: {log}: is in the way: got something that is there; expected nothing",
            "choose another --work, or give the world itself with --world",
        )
    try:
        simulate(
            log,
            scale=recipe.scale,
            accounts=recipe.customers,
            days=recipe.days,
            seed=seed,
            evasion=evasion,
        )
        yield World(name, log)
    finally:
        shutil.rmtree(log, ignore_errors=True)


@contextmanager
def workroom(chosen: Path | None) -> Iterator[Path]:
    """The folder for worlds and runs: the one chosen, or a fresh temporary one that is removed."""
    if chosen is not None:
        chosen.mkdir(parents=True, exist_ok=True)
        yield chosen
        return
    with tempfile.TemporaryDirectory(prefix="graphscan-bench-") as folder:
        yield Path(folder)


def planted_sets(truth: pl.DataFrame, account_ids: pl.Series) -> dict[str, NDArray[np.int32]]:
    """The accounts of each planted ring as places in `account_ids`, sorted; those without a request are left out."""
    places = pl.DataFrame({"account_id": account_ids}).with_row_index("place")
    held = truth.filter(pl.col("ring").is_not_null()).join(places, on="account_id").sort("ring", "place")
    return {
        str(ring): rows["place"].to_numpy().astype(np.int32)
        for (ring,), rows in held.group_by("ring", maintain_order=True)
    }
