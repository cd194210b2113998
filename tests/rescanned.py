"""A log in three frames that is changed and scanned again, and the rings of a run as sets to compare."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl

from graphscan.results import Scan


def read(log: Path) -> dict[str, pl.DataFrame]:
    """A log's three tables."""
    return {
        "requests": pl.read_parquet(log / "requests" / "*.parquet"),
        "accounts": pl.read_parquet(log / "accounts.parquet"),
        "payments": pl.read_parquet(log / "payments.parquet"),
    }


def sets(scan: Scan, names: dict[str, str] | None = None) -> dict[frozenset[str], str]:
    """Members → triage of every ring, by the accounts' first names."""
    members = scan.members
    if names is not None:
        members = members.with_columns(pl.col("account_id").replace_strict(names))
    joined = members.join(scan.rings.select("ring_id", "triage"), on="ring_id")
    return {frozenset(part["account_id"]): part["triage"][0] for _, part in joined.group_by("ring_id")}


def strangers(n: int) -> dict[str, pl.DataFrame]:
    """Customers that share nothing with anybody: their own words, addresses, cards, sign-ups all over the year."""
    rng = np.random.default_rng(8)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    start = dt.datetime(2026, 3, 2)  # noqa: DTZ001 - the sample's first day, in UTC
    requests, accounts, payments = [], [], []
    for i in range(n):
        account = f"stranger{i:05d}"
        created = start - dt.timedelta(minutes=int(rng.integers(1, 500_000)))
        accounts.append((account, created, f"mail{i}.test"))
        payments.append((account, f"own-card-{i}"))
        for _ in range(int(rng.integers(1, 12))):
            words = " ".join("".join(rng.choice(letters, 7)) for _ in range(12))
            at = start + dt.timedelta(seconds=int(rng.integers(0, 5 * 86_400)))
            requests.append((account, at, words, f"10.{i // 250}.{i % 250}.9"))
    return {
        "requests": pl.DataFrame(requests, ["account_id", "ts", "prompt", "ip"], orient="row"),
        "accounts": pl.DataFrame(accounts, ["account_id", "created_at", "email_domain"], orient="row"),
        "payments": pl.DataFrame(payments, ["account_id", "payment_fingerprint"], orient="row"),
    }
