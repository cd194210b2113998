"""A written world, read back."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from graphscan.lab.simulate import simulate


@dataclass(frozen=True)
class Log:
    """Its tables, and the folder they are in."""

    folder: Path
    requests: pl.DataFrame
    accounts: pl.DataFrame
    payments: pl.DataFrame
    truth: pl.DataFrame

    def of(self, *names: str) -> pl.DataFrame:
        """The requests of some rings or kinds."""
        chosen = self.truth.filter(pl.col("ring").is_in(names) | pl.col("kind").is_in(names))
        return self.requests.join(chosen, on="account_id")

    def cards(self, *names: str) -> pl.DataFrame:
        """account_id and payment_fingerprint of some rings or kinds."""
        chosen = self.truth.filter(pl.col("ring").is_in(names) | pl.col("kind").is_in(names))
        return (
            self.payments.join(chosen, on="account_id").select("account_id", "payment_fingerprint").unique()
        )


def write(folder: Path, **settings: Any) -> Log:
    """A world in `folder`, read back."""
    simulate(folder, **settings)
    tables = {name: pl.read_parquet(folder / f"{name}.parquet") for name in ("accounts", "payments", "truth")}
    return Log(folder, pl.read_parquet(folder / "requests" / "*.parquet"), **tables)
