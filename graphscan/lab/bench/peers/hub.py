"""One address that many accounts use: what it costs the toolkit, which joins every pair of them, and graphscan.

The users share nothing else, so that nothing is to be found: only the cost is looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from graphscan.lab.bench.measured import Measured
from graphscan.lab.bench.peers import Lab
from graphscan.lab.bench.peers.logs import WEEK_S, PeerLog, write_layouts
from graphscan.lab.bench.peers.tools import Started, graphscan, links_only
from graphscan.lab.bench.scale import warm
from graphscan.lab.bench.words import N_WORDS, word
from graphscan.lab.bench.worlds import World

ADDRESS = "203.0.113.77"
"""An address for documentation."""

OTHERS = 2_000
"""Accounts with addresses of their own, beside the users of the one."""

REQUESTS = 3
"""Of each account."""

WORDS = 12
"""Of each prompt: drawn from so many that no two prompts share a run of them."""

STARTS_AT = 1_760_000_000


@dataclass(frozen=True)
class HubRow:
    """One size of hub. The toolkit's seconds are `extrapolated` where it was stopped: along the power of its last two
    sizes, None where there are none."""

    users: int
    cpu_s: float
    peak_bytes: int
    cnt_cpu_s: float | None
    cnt_peak_bytes: int | None
    cnt_edges: int | None
    extrapolated: bool

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return vars(self)


def hubs(lab: Lab, sizes: Sequence[int], tell: Callable[[str], None] = lambda _: None) -> list[HubRow]:
    """Both programs on a log for each size, small ones first; an environment that is missing leaves the toolkit out."""
    warm(lab.work)
    rows: list[HubRow] = []
    for users in sorted(sizes):
        tell(f"{users:,} accounts on one address")
        log = hub_log(lab.work, users)
        out = lab.work / f"hub-{users}-run"
        ours = lab.run(Started((graphscan(log, out / "run"),)), out)
        theirs, edges = _toolkit(lab, log, users)
        stopped = theirs is None or bool(theirs.fault)
        seconds = _along(rows, users) if theirs is None or theirs.fault else theirs.cpu_s
        memory = None if theirs is None or theirs.fault else theirs.peak_bytes
        rows.append(HubRow(users, ours.cpu_s, ours.peak_bytes, seconds, memory, edges, stopped))
    return rows


def hub_log(work: Path, users: int) -> PeerLog:
    """A log in which so many accounts use one address and share nothing else."""
    folder = work / f"hub-{users}"
    (folder / "requests").mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(users)
    n = REQUESTS * (users + OTHERS)
    account = np.arange(n) // REQUESTS
    words = np.array([word(i) for i in range(N_WORDS)])
    drawn = words[rng.integers(0, words.size, (n, WORDS))]
    rows = pl.DataFrame(
        {
            "message_id": [f"m{i}" for i in range(n)],
            "account_id": [f"u{a:06}" for a in account],
            "timestamp": STARTS_AT + rng.integers(0, WEEK_S, n),
            "text": [" ".join(row) for row in drawn],
            "ip": [ADDRESS if a < users else f"10.{a >> 16}.{a >> 8 & 255}.{a & 255}" for a in account],
            "payment": [f"card-{a}" for a in account],
        }
    ).sort("timestamp", "message_id")
    write_layouts(rows, folder)
    ts = pl.from_epoch("timestamp", time_unit="s").cast(pl.Datetime("us"))
    requests = rows.select("account_id", ts.alias("ts"), prompt="text", ip="ip")
    requests.write_parquet(folder / "requests" / "requests.parquet")
    return PeerLog(World(folder.name, folder), folder, n)


def _toolkit(lab: Lab, log: PeerLog, users: int) -> tuple[Measured | None, int | None]:
    if lab.bench.environments["cnt"].fault:
        return None, None
    out = lab.work / f"hub-{users}-cnt"
    done = lab.run(links_only(lab.bench, log, out), out)
    edges = None if done.fault else pl.scan_csv(out / "edges.csv").select(pl.len()).collect().item()
    return done, edges


def _along(rows: Sequence[HubRow], users: int) -> float | None:
    """Seconds at so many users, along the power of the last two sizes that ended."""
    ended = [r for r in rows if not r.extrapolated][-2:]
    if len(ended) < 2:
        return None
    (k, s), (k2, s2) = ((r.users, r.cnt_cpu_s or 0.0) for r in ended)
    power = math.log(s2 / s) / math.log(k2 / k)
    return float(s2 * (users / k2) ** power)
