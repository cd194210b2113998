"""A run folder with the schema of design section 3, written without a scan.

`write_run_folder` takes what a test wants to be special (ids, texts, sizes) and gives out the folder's path.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from graphscan.entities import with_count

T = pl.Datetime("us")
L = pl.List(pl.String)
SCHEMAS: dict[str, dict[str, Any]] = {
    "rings": {
        "ring_id": pl.String,
        "rank": pl.Int64,
        "triage": pl.String,
        "triage_reasons": L,
        "scale": pl.String,
        "intent_signs": L,
        "bits": pl.Float64,
        "q_value": pl.Float64,
        "n_accounts": pl.Int64,
        "n_core": pl.Int64,
        "n_requests": pl.Int64,
        "first_seen_at": T,
        "last_seen_at": T,
        "families": L,
        "explanation": pl.String,
    },
    "members": {
        "ring_id": pl.String,
        "account_id": pl.String,
        "tier": pl.String,
        "bits": pl.Float64,
        "n_requests": pl.Int64,
    },
    "evidence": {
        "ring_id": pl.String,
        "family": pl.String,
        "signal": pl.String,
        "entity": pl.String,
        "n_members": pl.Int64,
        "n_accounts": pl.Int64,
        "expected": pl.Float64,
        "bits": pl.Float64,
        "cap": pl.Int32,
        "step": pl.Int32,
        "class": pl.String,
    },
    "neighbours": {"ring_id": pl.String, "account_id": pl.String, "family": pl.String, "bits": pl.Float64},
    "relations": {
        "ring_id": pl.String,
        "other_id": pl.String,
        "family": pl.String,
        "step": pl.Int32,
        "n_others": pl.Int64,
        "n_asked": pl.Int64,
        "expected": pl.Float64,
        "bits": pl.Float64,
        "n_entities": pl.Int64,
        "signal": pl.String,
        "entity": pl.String,
        "n_members": pl.Int64,
        "n_accounts": pl.Int64,
    },
    "timeline": {"ring_id": pl.String, "hour": T, "n_requests": pl.Int64, "n_accounts": pl.Int64},
    "templates": {
        "ring_id": pl.String,
        "template_id": pl.Int32,
        "template": pl.String,
        "n_requests": pl.Int64,
        "n_accounts": pl.Int64,
        "share": pl.Float64,
        "examples": L,
        "task": pl.String,
    },
    "activity": {
        "ring_id": pl.String,
        "measure": pl.String,
        "value": pl.Float64,
        "ordinary": pl.Float64,
        "unit": pl.String,
        "bits": pl.Float64,
    },
    "shares": {
        "ring_id": pl.String,
        "what": pl.String,
        "label": pl.String,
        "share": pl.Float64,
        "ordinary": pl.Float64,
    },
    "pairs": {
        "ring_id": pl.String,
        "account_id_l": pl.String,
        "account_id_r": pl.String,
        "weight": pl.Float64,
        "signals": L,
    },
}

START = dt.datetime(2026, 3, 2)  # noqa: DTZ001 - UTC by contract
DAYS = 14


def plain(text: str) -> str:
    return text


def write_run_folder(
    out: Path,
    sizes: dict[str, int],
    word: Callable[[str], str] = plain,
    triage: tuple[str, ...] = ("review", "watch", "explained"),
    stability: bool = False,
) -> Path:
    """A run with a ring of each size, every text in it passed through `word`; ranked as they come."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMAS}
    for rank, (ring_id, n) in enumerate(sizes.items(), 1):
        _ring(rows, ring_id, rank, n, word, triage[(rank - 1) % len(triage)])
        rows["relations"] += [_related(ring_id, other, word) for other in sizes if other != ring_id]
    out.mkdir(parents=True)
    for name, schema in SCHEMAS.items():
        frame = pl.DataFrame(rows[name], schema=schema, orient="row")
        if name == "rings" and stability:
            frame = frame.with_columns(stability_log=pl.lit(0.97), stability_signal=pl.lit(0.74))
        frame.write_parquet(out / f"{name}.parquet")
    (out / "manifest.json").write_text(json.dumps(_manifest(word)), encoding="utf-8")
    return out


def _ring(
    rows: dict[str, list[dict[str, Any]]],
    ring_id: str,
    rank: int,
    n: int,
    word: Callable[[str], str],
    triage: str,
) -> None:
    accounts = [word(f"acct-{rank}-{i:05d}") for i in range(n)]
    evidence = [
        *(
            _entity(ring_id, "prompt", "prompt_fragment", word(f"“work item {i}”"), n, 40 - i)
            for i in range(14)
        ),
        _entity(ring_id, "prompt", "own cluster", word(f"{n} accounts around “work item 1”"), n, n),
        _entity(
            ring_id, "identity", "sign_up_day", with_count(word("2026-03-01 @harvest.example"), 1), n, 7.0
        ),
        *(
            _entity(
                ring_id,
                "network",
                "address",
                with_count(word(f"198.51.100.{i}"), i % 3),
                max(2, n // 4),
                9.5,
                3,
            )
            for i in range(5)
        ),
        _entity(ring_id, "payment", "payment", word("card 4"), max(2, n // 3), 12.0, 0, None),
        _price(ring_id, "prompt", "choice of view", -3.0),
        _price(ring_id, "network", "choice of view", -3.0),
        _price(ring_id, "payment", "choice of view", -1.0),
        _price(ring_id, "identity", "choice of view", -1.0),
        _price(ring_id, "", "size of the ring", -11.0),
        _price(ring_id, "", "spread over strata", -5.5),
    ]
    wanted = 212.0 if rank % 2 else 12.5
    saved = sum(row["bits"] for row in evidence)
    evidence.append(_price(ring_id, "", "list of the accounts", wanted - saved))
    rows["evidence"] += evidence
    requests = [10 + (37 * i) % 90 for i in range(n)]
    rows["members"] += [
        {
            "ring_id": ring_id,
            "account_id": account,
            "tier": "core" if i % 3 else "linked",
            "bits": round(4 + (i * 7919) % 400 / 10, 3),
            "n_requests": requests[i],
        }
        for i, account in enumerate(accounts)
    ]
    rows["rings"].append(
        {
            "ring_id": ring_id,
            "rank": rank,
            "triage": triage,
            "triage_reasons": [word("requests at all hours"), word("cards shared by threes")],
            "scale": "organisation" if n >= 100 else "team",
            "intent_signs": [word("round-the-clock work"), word("move to a new model")],
            "bits": wanted,
            "q_value": min(1.0, 2.0**-wanted),
            "n_accounts": n,
            "n_core": sum(1 for i in range(n) if i % 3),
            "n_requests": sum(requests),
            "first_seen_at": START,
            "last_seen_at": START + dt.timedelta(days=DAYS, hours=-1),
            "families": ["prompt", "network", "payment"],
            "explanation": word("Listing costs more than describing."),
        }
    )
    rows["neighbours"] += [
        {"ring_id": ring_id, "account_id": word(f"near-{rank}-{i}"), "family": "network", "bits": 3.5}
        for i in range(6)
    ]
    rows["timeline"] += [
        {
            "ring_id": ring_id,
            "hour": START + dt.timedelta(hours=h),
            "n_requests": round(n * (2 + math.sin(h / 24 * 2 * math.pi))),
            "n_accounts": max(1, n // 2),
        }
        for h in range(24 * DAYS)
        if h % 11
    ]
    rows["templates"] += [
        {
            "ring_id": ring_id,
            "template_id": i,
            "template": word(f"You are a careful engineer. Solve ticket ⟨…⟩ of part {i}."),
            "n_requests": 1000 - 100 * i,
            "n_accounts": n,
            "share": 0.4 - 0.1 * i,
            "examples": [
                word(f"You are a careful engineer. Solve ticket {j} of part {i}.") for j in range(3)
            ],
            "task": "code",
        }
        for i in range(3)
    ]
    rows["activity"] += [
        {
            "ring_id": ring_id,
            "measure": m,
            "value": v,
            "ordinary": o,
            "unit": "-",
            "bits": v / 100 if v > 1 else None,
        }
        for m, v, o in (
            ("requests_per_account", 55.0, 4.0),
            ("share_of_all_requests", 0.3041, 0.0032),
            ("share_night_hours", 0.332, 0.268),
            ("share_moved_24h", 0.53, None),
            ("slot_repeats", 0.0, 0.12),
        )
    ]
    rows["shares"] += [
        {"ring_id": ring_id, "what": what, "label": word(label), "share": s, "ordinary": o}
        for what, label, s, o in (
            ("task", "code", 0.65, 0.03),
            ("task", "tool use", 0.2, 0.002),
            ("term", "repository", 0.4, 0.01),
            ("model", "meridian-5", 0.5, 0.07),
            ("client", "axios/1.7", 1.0, 0.01),
            ("plan", "api", 1.0, 0.12),
            ("country", "US", 0.4, 0.3),
        )
    ]
    for i in range(n):
        # A circle with chords, in one piece; the last account hangs on one tie.
        ends = {(i + 1) % n, (i + 7) % n} if i < n - 1 else set()
        for j in sorted(ends - {i, n - 1} | ({n - 1} if i == 0 else set())):
            left, right = sorted((accounts[i], accounts[j]))
            rows["pairs"].append(
                {
                    "ring_id": ring_id,
                    "account_id_l": left,
                    "account_id_r": right,
                    "weight": 20.0 + (i % 9),
                    "signals": ["address", "prompt_fragment"],
                }
            )


def _related(ring_id: str, other_id: str, word: Callable[[str], str]) -> dict[str, Any]:
    return {
        "ring_id": ring_id,
        "other_id": other_id,
        "family": "payment",
        "step": 1,
        "n_others": 7,
        "n_asked": 8,
        "expected": 0.02,
        "bits": 44.4,
        "n_entities": 3,
        "signal": "payment",
        "entity": word("card 4"),
        "n_members": 2,
        "n_accounts": 9,
    }


def _entity(
    ring_id: str,
    family: str,
    signal: str,
    entity: str,
    n_members: int,
    bits: float,
    others: int = 2,
    cap: int | None = 16,
) -> dict[str, Any]:
    return {
        "ring_id": ring_id,
        "family": family,
        "signal": signal,
        "entity": entity,
        "n_members": n_members,
        "n_accounts": n_members + others,
        "expected": 0.31,
        "bits": float(bits),
        "cap": cap,
        "step": 1,
        "class": "8-15 users",
    }


def _price(ring_id: str, family: str, what: str, bits: float) -> dict[str, Any]:
    blank: dict[str, Any] = dict.fromkeys(SCHEMAS["evidence"])
    return blank | {"ring_id": ring_id, "family": family, "signal": "price", "entity": what, "bits": bits}


def _manifest(word: Callable[[str], str]) -> dict[str, Any]:
    return {
        "format_version": 1,
        "graphscan_version": "0.1.0",
        "window": {"first_at": START.isoformat(), "last_at": (START + dt.timedelta(days=DAYS)).isoformat()},
        "inputs": [
            {
                "table": "requests",
                "path": word("log/requests/2026-03-02.parquet"),
                "n_bytes": 123456,
                "sha256": "ab" * 32,
                "n_rows": 861260,
            }
        ],
        "settings": {
            "inputs": {"requests": word("log/requests/*.parquet"), "from": None},
            "marks": [
                {"at": "2026-03-09T12:00:00", "label": word("meridian-5 released")},
                {"at": "2020-01-01T00:00:00", "label": word("long before the log")},
            ],
        },
        "seed": 0,
        "versions": {"duckdb": "2.0.0", "polars": "2.1.0"},
        "counts": {"requests": 861260, "accounts": 40943},
        "set_aside": [
            {
                "table": "requests",
                "column": word("ts"),
                "what": "row",
                "reason": word("is no time"),
                "n_rows": 12,
            }
        ],
        "signals": [
            {"name": "address", "family": "network", "on": True, "why_off": "", "n_entities": 512},
            {
                "name": "prompt_hash",
                "family": "prompt",
                "on": False,
                "why_off": word("the log has no prompt_hash"),
                "n_entities": 0,
            },
        ],
        "warnings": [word("accounts.parquet: no account of it made a request")],
        "cannot_find": [word("a log of an hour has no schedule")],
        "stages": [{"name": "open the log", "seconds": 1.47, "rows": 861260}],
    }
