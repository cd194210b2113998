"""Who is looked at: every ring, and ordinary customers beside it.

Takes in the members of all rings and gives out groups of accounts. Kinds: `ring`; `control`, as many
ordinary customers as a ring has accounts, several times over; `ordinary`, a few thousand customers whose
prompts are read. Ordinary is who belongs to no ring of any triage. Customers are drawn in the order of a
hash of their id, so that nothing known of them decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from graphscan.logs.sql import Connection, frame

ORDINARY = 2_000
"""Customers of whom one prompt each is read."""

CONTROLS = ((20, 25), (50, 11), (200, 5), (2_000, 3))
"""Controls of a ring with at most so many accounts; a larger one has a single control, since little is left
to chance. Of 43 accounts the median asked 4 requests by five controls, and 6 by the next five."""


@dataclass(frozen=True)
class Groups:
    """`rings`: ring_id of the groups 0 … n − 1; `controls`: for each of them the group ids of its controls;
    `ordinary`: the group of customers whose prompts are read; `table`: group_id, kind, account."""

    rings: tuple[str, ...]
    controls: tuple[tuple[int, ...], ...]
    ordinary: int
    table: pl.DataFrame


def groups_of(con: Connection, members: pl.DataFrame) -> Groups:
    """The groups: every ring, its controls, the customers whose prompts are read."""
    rings = tuple(members["ring_id"].unique().sort().to_list())
    by_id = frame(con, "select account, account_id from accounts order by account")
    known = members.select("ring_id", "account_id").unique().join(by_id, on="account_id")
    ordinary = _ordinary(con, known)
    parts, controls = [], []
    next_group, taken = len(rings), 0
    for group, (_, accounts) in enumerate(
        (r, known.filter(pl.col("ring_id") == r)["account"].sort().to_numpy()) for r in rings
    ):
        parts.append(_part(group, "ring", accounts))
        own = []
        for _ in range(next((n for most, n in CONTROLS if accounts.size <= most), 1) if ordinary.size else 0):
            at = (taken + np.arange(min(accounts.size, ordinary.size))) % ordinary.size
            parts.append(_part(next_group, "control", ordinary[at]))
            own.append(next_group)
            next_group, taken = next_group + 1, taken + accounts.size
        controls.append(tuple(own))
    parts.append(_part(next_group, "ordinary", ordinary[:ORDINARY]))
    return Groups(rings, tuple(controls), next_group, pl.concat(parts))


def _ordinary(con: Connection, known: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """Accounts in no ring, in the order of a hash of their id."""
    order = frame(con, "select account from accounts order by md5(account_id), account_id")[
        "account"
    ].to_numpy()
    return order[~np.isin(order, known["account"].to_numpy())].astype(np.int32)


def _part(group: int, kind: str, accounts: np.ndarray[tuple[int], np.dtype[np.int32]]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "group_id": np.full(accounts.size, group, np.int32),
            "kind": [kind] * accounts.size,
            "account": accounts.astype(np.int32),
        },
        schema={"group_id": pl.Int32, "kind": pl.String, "account": pl.Int32},
    )
