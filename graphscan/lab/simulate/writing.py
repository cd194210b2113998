"""Writes a world: one Parquet file of requests a day, in order of time, and the tables beside them.

In: a finished world. Out: the files of a log and its truth. Only one chunk of text is in memory at a time.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from graphscan.lab.simulate.draws import Dice, Integers
from graphscan.lab.simulate.requests import Author, Rows
from graphscan.lab.simulate.world import DAY, NONE, World

Progress = Callable[[float, str], None]

LOG_START = np.datetime64("2026-03-02T00:00:00", "us")  # a Monday
_CHUNK = 250_000
_PLAN_BLOCK = 2_000_000
_MICROSECONDS = pa.timestamp("us")


def account_ids(dice: Dice, accounts: Integers) -> Any:
    """Arrow strings: `acct_` and ten hexadecimal digits, different for every account and telling nothing of its place."""
    mask = np.uint64((1 << 40) - 1)
    word = accounts.astype(np.uint64) + np.uint64(1)
    for _ in range(3):
        # Multiplying by an odd number and folding the upper half in are both bijections of 40 bits.
        word = (word * np.uint64(0x9E3779B97F4A7C15 | 1)) & mask
        word ^= word >> np.uint64(21)
    word ^= dice.roll("account ids") & mask
    return hexadecimal("acct_", word, 5)


def hexadecimal(prefix: str, words: "np.ndarray[Any, np.dtype[np.uint64]]", n_bytes: int) -> Any:
    """Arrow strings: the prefix and the lowest bytes of each word."""
    pieces = pa.array([prefix, *(f"{byte:02x}" for byte in range(256))])
    shifts = np.arange(n_bytes - 1, -1, -1, dtype=np.uint64) * np.uint64(8)
    digits = ((words[:, None] >> shifts) & np.uint64(255)).astype(np.int32) + 1
    ids = np.concatenate([np.zeros((len(words), 1), dtype=np.int32), digits], axis=1)
    _, _, data = pieces.take(pa.array(ids.ravel())).buffers()
    offsets = np.arange(len(words) + 1, dtype=np.int32) * np.int32(len(prefix) + 2 * n_bytes)
    return pa.StringArray.from_buffers(len(words), pa.py_buffer(offsets), data)


def moments_of_all(author: Author, first: Integers) -> "np.ndarray[Any, np.dtype[np.int32]]":
    """The second of every request; request k of account a is at `first[a] + k`."""
    seconds = np.empty(int(first[-1]), dtype=np.int32)
    bounds = np.searchsorted(first, np.arange(0, int(first[-1]) + _PLAN_BLOCK, _PLAN_BLOCK))
    bounds = np.minimum(bounds, len(first) - 1)
    for low, high in zip(bounds[:-1], bounds[1:], strict=True):
        account = np.repeat(np.arange(low, high), np.diff(first[low : high + 1]))
        number = np.arange(first[low], first[high]) - first[account]
        seconds[first[low] : first[high]] = author.moments(account, number)
    return seconds


def rows_by_day(author: Author, days: int) -> Iterator[tuple[int, Rows, float]]:
    """Day, some of its requests in order of time, and the share of all that is done with them."""
    first = np.concatenate([[0], np.cumsum(author.accounts["n_requests"])])
    seconds = moments_of_all(author, first)
    order = np.argsort(seconds, kind="stable").astype(np.int64)
    edges = np.searchsorted(seconds[order], np.arange(days + 1) * DAY)
    for day in range(days):
        for low in range(edges[day], edges[day + 1], _CHUNK):
            place = order[low : min(low + _CHUNK, edges[day + 1])]
            account = np.searchsorted(first, place, side="right") - 1
            rows = Rows(account, place - first[account], place, seconds[place].astype(np.int64))
            yield day, rows, (low + len(place)) / len(order)


def write_requests(author: Author, days: int, folder: Path, progress: Progress | None) -> int:
    """One file a day in `folder`; the number of requests written."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = account_ids(author.dice, np.arange(len(author.accounts)))
    written = 0
    writer: Any = None
    open_day = -1
    for day, rows, done in rows_by_day(author, days):
        table = _table(author, rows, ids)
        if day != open_day:
            if writer is not None:
                writer.close()
            name = str(LOG_START + np.timedelta64(day, "D"))[:10]
            writer = parquet_writer(folder / f"{name}.parquet", table.schema)
            open_day = day
        writer.write_table(table)
        written += len(table)
        if progress is not None:
            progress(done, f"{written:,} requests")
    if writer is not None:
        writer.close()
    return written


def _table(author: Author, rows: Rows, ids: Any) -> Any:
    columns = author.columns(rows)
    fraction = author.dice.pick("microsecond", 1_000_000, rows.account, rows.number)
    ts = LOG_START.astype(np.int64) + rows.second * 1_000_000 + fraction
    return pa.table(
        {
            "account_id": ids.take(pa.array(rows.account)),
            "ts": pa.array(ts).cast(_MICROSECONDS),
            "prompt": columns.prompt,
            "system": columns.system,
            "ip": columns.ip,
            "user_agent": columns.user_agent,
            "model": columns.model,
        }
    )


def parquet_writer(path: Path, schema: Any) -> Any:
    """A writer whose strings read back as strings, however they were encoded."""
    encoded = [name for name in schema.names if name != "prompt"]
    return pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=encoded, store_schema=False)


def write_tables(world: World, out: Path) -> None:
    """accounts.parquet, payments.parquet and truth.parquet."""
    accounts = world.accounts
    ids = account_ids(world.dice, np.arange(len(accounts)))
    from graphscan.lab.simulate.people import COUNTRIES

    def named(numbers: Integers, names: list[str]) -> Any:
        return pa.array(names, pa.string()).take(pa.array(numbers.astype(np.int64), mask=numbers == NONE))

    created = LOG_START.astype(np.int64) + accounts["created"] * 1_000_000
    _write(
        out / "accounts.parquet",
        {
            "account_id": ids,
            "created_at": pa.array(created).cast(_MICROSECONDS),
            "plan": named(accounts["plan"], world.plans.all),
            "country": named(accounts["country"], [country.code for country in COUNTRIES]),
            "email_domain": named(accounts["mail"], world.mails.all),
            "org_id": named(accounts["org"], world.orgs.all),
        },
    )
    _write(out / "payments.parquet", _payments(world, ids))
    _write(
        out / "truth.parquet",
        {
            "account_id": ids,
            "ring": named(accounts["ring"], world.rings.all),
            "kind": named(accounts["kind"], world.kinds.all),
        },
    )


def _payments(world: World, ids: Any) -> dict[str, Any]:
    """A payment soon after sign-up, and one a month later where the log reaches so far."""
    accounts = world.accounts
    payer = np.nonzero(accounts["card"] != NONE)[0]
    at = (
        accounts["created"][payer] + 300 + (DAY * world.dice.share("pays after", payer) ** 3).astype(np.int64)
    )
    monthly = payer[at + 30 * DAY < world.ends]
    payer = np.concatenate([payer, monthly])
    at = np.concatenate([at, at[np.isin(payer[: len(at)], monthly)] + 30 * DAY])
    order = np.lexsort([payer, at])
    card = world.dice.roll("card number", accounts["card"][payer[order]])
    return {
        "account_id": ids.take(pa.array(payer[order])),
        "payment_fingerprint": hexadecimal("card_", card, 8),
        "ts": pa.array(LOG_START.astype(np.int64) + at[order] * 1_000_000).cast(_MICROSECONDS),
    }


def _write(path: Path, columns: dict[str, Any]) -> None:
    table = pa.table(columns)
    with pq.ParquetWriter(path, table.schema, compression="zstd", store_schema=False) as writer:
        writer.write_table(table)


def write_record(out: Path, record: dict[str, Any]) -> None:
    """simulated.json: the settings, the counts, and what each ring asks for."""
    (out / "simulated.json").write_text(
        json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
