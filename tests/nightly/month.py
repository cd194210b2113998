"""A log of thirty days in which five rings live: accounts replaced, a ban, a merger, a split, a week of silence.

Takes in a folder; writes requests/<day>.parquet, accounts.parquet and payments.parquet. The rings:

- `churn`: 20 accounts, of which two are replaced every day, who keep template, addresses and sign-up hour;
- `ban`: 20 accounts until BAN, from then on 20 others with the same template and addresses, and new cards;
- `left`, `right`: 24 and 20 accounts apart until MERGE, from then on both with the template and addresses of `left`;
- `whole`: 40 accounts together until SPLIT, from then on the last 16 with a template and addresses of their own;
- `quiet`: 20 accounts that make no request from SILENT until BACK.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

import polars as pl

FIRST = dt.date(2026, 3, 1)
DAYS = 30
BAN, MERGE, SPLIT, SILENT, BACK = 8, 12, 16, 20, 27
N_RINGS = 6
N_ORDINARY = 400

_WORDS = [
    a + b + c
    for a in "bdfgklmnprst"
    for b in ("an", "el", "ir", "od", "um")
    for c in ("ta", "ne", "so", "vi")
]


def night(day: int) -> str:
    """The date of a day, from 0, as ISO text."""
    return (FIRST + dt.timedelta(days=day)).isoformat()


def write_month(log: Path, days: int = DAYS) -> None:
    """The log of so many of its days."""
    (log / "requests").mkdir(parents=True)
    for day in range(days):
        rows = [*_ordinary(day), *(r for who, with_ in _rings(day) for r in _ring_requests(day, who, with_))]
        pl.DataFrame(rows).sort("ts", "account_id").write_parquet(log / "requests" / f"{night(day)}.parquet")
    rows = [(f"a{i:03d}", f"card-{i}", 37 * i) for i in range(N_ORDINARY)]
    for ring, (name, n) in enumerate(_POOLS.items()):
        rows += [(f"{name}{i:03d}", f"{name}-card-{i // 4}", 2_000 + 900 * ring) for i in range(n)]
    table = pl.DataFrame(rows, schema=("account_id", "payment_fingerprint", "hours"), orient="row")
    table.select("account_id", "payment_fingerprint").write_parquet(log / "payments.parquet")
    created = pl.lit(dt.datetime(2024, 6, 1)) + pl.duration(hours="hours")  # noqa: DTZ001 - naive UTC
    table.select("account_id", created.alias("created_at")).write_parquet(log / "accounts.parquet")


_POOLS = {"churn": 20 + 2 * DAYS, "ban": 20, "new": 20, "left": 24, "right": 20, "whole": 40, "quiet": 20}
"""Accounts by the pool they were signed up in, and how many."""


def _rings(day: int) -> Iterator[tuple[list[str], str]]:
    """Accounts at work on a day, and whose template and addresses they use."""
    yield _accounts("churn", 2 * day, 2 * day + 20), "churn"
    yield _accounts("ban" if day < BAN else "new", 0, 20), "ban"
    yield _accounts("left", 0, 24), "left"
    yield _accounts("right", 0, 20), "right" if day < MERGE else "left"
    yield _accounts("whole", 0, 24), "whole"
    yield _accounts("whole", 24, 40), "whole" if day < SPLIT else "part"
    if not SILENT <= day < BACK:
        yield _accounts("quiet", 0, 20), "quiet"


def _accounts(pool: str, first: int, last: int) -> list[str]:
    return [f"{pool}{i:03d}" for i in range(first, last)]


def _ordinary(day: int) -> Iterator[dict[str, object]]:
    for i in range(N_ORDINARY):
        dice = random.Random(f"{day} {i}")
        for j in range(3):
            at = dt.datetime.combine(
                FIRST + dt.timedelta(days=day), dt.time(dice.randrange(24), dice.randrange(60))
            )
            prompt = " ".join(dice.choices(_WORDS, k=14))
            yield {
                "account_id": f"a{i:03d}",
                "ts": at,
                "prompt": prompt,
                "ip": f"10.{i // 250}.{i % 250}.{j}",
            }


def _ring_requests(day: int, accounts: list[str], with_: str) -> Iterator[dict[str, object]]:
    words = random.Random(with_).choices(_WORDS, k=40)
    net = 1 + sorted([*_POOLS, "part"]).index(with_)
    for i, account in enumerate(accounts):
        dice = random.Random(f"{day} {account}")
        for _ in range(8):
            at = dt.datetime.combine(
                FIRST + dt.timedelta(days=day), dt.time(dice.randrange(24), dice.randrange(60))
            )
            prompt = " ".join([*words, *dice.choices(_WORDS, k=4)])
            yield {"account_id": account, "ts": at, "prompt": prompt, "ip": f"203.0.{net}.{i % 5}"}
