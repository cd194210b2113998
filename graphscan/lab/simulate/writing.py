"""Writes a world: one Parquet file of requests a day, in order of time, and the tables beside them.

In: a finished world. Out: the files of a log and its truth. Only one chunk of text is in memory at a time.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from graphscan.lab.simulate.draws import Dice, Integers
from graphscan.lab.simulate.people import COUNTRIES
from graphscan.lab.simulate.prompts import Pen, Rows, Timeline, hexadecimal
from graphscan.lab.simulate.requests import Traffic
from graphscan.lab.simulate.world import DAY, NONE, World

Progress = Callable[[float, str], None]

LOG_START = np.datetime64("2026-03-02T00:00:00", "us")  # a Monday
_CHUNK = 200_000


@dataclass(frozen=True)
class Writer:
    """Everything that the requests of a world are made with."""

    dice: Dice
    days: int
    traffic: Traffic
    pen: Pen
    timeline: Timeline
    ids: Any
    responses: bool

    def write(self, out: Path, progress: Progress | None) -> int:
        """Writes `requests/`, a file a day, and canaries.parquet with responses; returns how many rows."""
        folder = out / "requests"
        folder.mkdir(parents=True, exist_ok=True)
        written = 0
        canaries = []
        for day, chunks in self._days():
            name = str(LOG_START + np.timedelta64(day, "D"))[:10]
            parquet: Any = None
            for rows in chunks:
                table = self._table(rows)
                if parquet is None:
                    parquet = _parquet_writer(folder / f"{name}.parquet", table.schema)
                parquet.write_table(table)
                written += len(table)
                if self.responses:
                    canaries.append(self._canaries(rows, table))
                if progress is not None:
                    progress(written / len(self.timeline.seconds), f"{written:,} requests")
            if parquet is not None:
                parquet.close()
        if canaries:
            _write(out / "canaries.parquet", pa.concat_tables(canaries))
        return written

    def _days(self) -> Iterator[tuple[int, Iterator[Rows]]]:
        """Each day and its requests, in chunks, in order of time."""
        seconds = self.timeline.seconds
        order = np.argsort(seconds, kind="stable").astype(np.int32)
        edges = np.searchsorted(seconds, np.arange(self.days + 1) * DAY, sorter=order)
        for day in range(self.days):
            low, high = int(edges[day]), int(edges[day + 1])
            places = (order[at : min(at + _CHUNK, high)] for at in range(low, high, _CHUNK))
            yield day, (self.timeline.rows(place.astype(np.int64)) for place in places)

    def _table(self, rows: Rows) -> Any:
        fraction = self.dice.pick("microsecond", 1_000_000, rows.account, rows.number)
        columns = {
            "account_id": self.ids.take(pa.array(rows.account)),
            "ts": timestamps(rows.second * 1_000_000 + fraction),
            "prompt": self.pen.prompts(rows, self.responses),
            "system": self.pen.system_texts(rows),
            "ip": self.traffic.addresses(rows),
            "user_agent": self.traffic.user_agents(rows),
            "model": self.traffic.models(rows),
        }
        if self.responses:
            columns["response"] = self.pen.answers(rows)
        return pa.table(columns)

    def _canaries(self, rows: Rows, table: Any) -> Any:
        planted = pa.array(self.pen.carries_canary(rows))
        tokens = pa.compute.ascii_ltrim_whitespace(self.pen.canaries(rows))
        columns = {"token": tokens, "account_id": table["account_id"], "issued_at": table["ts"]}
        return pa.table(columns).filter(planted)


def account_ids(dice: Dice, accounts: Integers) -> Any:
    """Arrow strings: `acct_` and ten hexadecimal digits, each account its own, in no order."""
    mask = np.uint64((1 << 40) - 1)
    word = accounts.astype(np.uint64) + np.uint64(1)
    for _ in range(3):
        # Multiplying by an odd number and folding the upper half in are both bijections of 40 bits.
        word = (word * np.uint64(0x9E3779B97F4A7C15)) & mask
        word ^= word >> np.uint64(21)
    word ^= dice.roll("account ids") & mask
    return hexadecimal("acct_", word, 5)


def timestamps(microseconds: Integers) -> Any:
    """Arrow timestamps from microseconds since the start of the log."""
    return pa.array(LOG_START.astype(np.int64) + microseconds).cast(pa.timestamp("us"))


def write_tables(world: World, ids: Any, out: Path) -> None:
    """accounts.parquet, payments.parquet and truth.parquet."""
    accounts = world.accounts

    def named(column: str, names: list[str]) -> Any:
        numbers = accounts[column].astype(np.int64)
        return pa.array(names, pa.string()).take(pa.array(numbers, mask=numbers == NONE))

    records = {
        "account_id": ids,
        "created_at": timestamps(accounts["created"] * 1_000_000),
        "plan": named("plan", world.plans.all),
        "country": named("country", [country.code for country in COUNTRIES]),
        "email_domain": named("mail", world.mails.all),
        "org_id": named("org", world.orgs.all),
    }
    truth = {
        "account_id": ids,
        "ring": named("ring", world.rings.all),
        "kind": named("kind", world.kinds.all),
    }
    _write(out / "accounts.parquet", pa.table(records))
    _write(out / "payments.parquet", _payments(world, ids))
    _write(out / "truth.parquet", pa.table(truth))


def _payments(world: World, ids: Any) -> Any:
    """A payment soon after sign-up, and one a month later where the log reaches so far."""
    accounts = world.accounts
    payer = np.nonzero(accounts["card"] != NONE)[0]
    at = (
        accounts["created"][payer] + 300 + (DAY * world.dice.share("pays after", payer) ** 3).astype(np.int64)
    )
    monthly = at + 30 * DAY < world.ends
    payer = np.concatenate([payer, payer[monthly]])
    at = np.concatenate([at, at[monthly] + 30 * DAY])
    order = np.lexsort([payer, at])
    card = world.dice.roll("card number", accounts["card"][payer[order]])
    columns = {
        "account_id": ids.take(pa.array(payer[order])),
        "payment_fingerprint": hexadecimal("card_", card, 8),
        "ts": timestamps(at[order] * 1_000_000),
    }
    return pa.table(columns)


def write_record(out: Path, record: dict[str, Any]) -> None:
    """simulated.json: the settings, the counts, and what each ring asks for."""
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    (out / "simulated.json").write_text(text, encoding="utf-8")


def _parquet_writer(path: Path, schema: Any) -> Any:
    # Without the stored Arrow schema strings read back as strings, however they were encoded here.
    encoded = [name for name in schema.names if name not in ("prompt", "response")]
    return pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=encoded, store_schema=False)


def _write(path: Path, table: Any) -> None:
    with pq.ParquetWriter(path, table.schema, compression="zstd", store_schema=False) as parquet:
        parquet.write_table(table)
