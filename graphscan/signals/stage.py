"""The log staged for the signals: one thin table of requests, each with its place in its account's random order.

Takes in the relations that `graphscan.logs` opened and gives out, in the same connection, the tables
- `accounts`: the accounts that made a request, numbered (`queries/accounts.sql`);
- `requests`: account INTEGER, ts, place BIGINT, is_read BOOLEAN, fragments BIGINT[], system_key BIGINT, excerpt
  VARCHAR and the thin columns that the log has (`held_as`). The prompts are read once, here, and are not kept. It is a
  view of a compressed table (`REQUESTS`);
- `systems`: system_key BIGINT, system VARCHAR, fragments BIGINT[], where the log has system texts;
- `caps`: up to which place each account's requests are seen under each cap (`queries/caps.sql`).

Heavy accounts' prompts are not all turned into fragments: no cap looks at more than the first 2^MAX_CAP requests of
the random order, so only places below a line that holds twice as many are read (`is_read`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from graphscan.logs.queries import load_queries, run_query
from graphscan.logs.sql import STAGED, Connection, add_function, frame, quote_ident, said_by
from graphscan.settings import Settings
from graphscan.signals.kernel import prompt_fragments, stir, text_buffers

MAX_CAP = 8
"""The largest cap as a power of two: of an account's requests at most 256 are told apart."""

READ_OF_CAP = 2
"""Prompts are read up to the place that holds so many times the largest cap, on average: never fewer than the cap."""

EXCERPTS = 12
"""Prompts an account, on average, of which the beginning is kept for its language."""

EXCERPT = 150
"""Characters of such a beginning."""

PLACES = 1 << 62
"""Places lie in 0 … PLACES − 1, evenly."""

COPY_PARTS = 4
"""Copies are sought in one part of all places after the other: turning it up takes less memory and more passes."""

REQUESTS = f"{STAGED}.requests"
"""The table that the view `requests` shows: the largest of all, a third as large where it is compressed."""

_THIN = ("ip", "user_agent", "model", "prompt_hash")


@njit(cache=True, nogil=True)
def _text_keys(
    offsets: NDArray[np.int64], data: NDArray[np.uint8], seeds: NDArray[np.uint64], out: NDArray[np.int64]
) -> None:
    """A 62-bit hash of each text's bytes and its seed, eight bytes a step."""
    prime = np.uint64(0x9E3779B97F4A7C15)
    one, eight = np.uint64(1), np.uint64(8)
    for row in range(offsets.size - 1):
        # Unsigned: of an index that may be negative every byte would be asked whether it is.
        p = np.uint64(offsets[row])
        end = np.uint64(offsets[row + 1])
        # Seed and length are stirred first: what meets by XOR unstirred can be cancelled by a text chosen so.
        h = stir(seeds[row] + prime * (end - p + one))
        while p + eight <= end:
            word = np.uint64(0)
            for b in range(8):
                word |= np.uint64(data[p + np.uint64(b)]) << np.uint64(8 * b)
            h = (h ^ word) * prime
            h ^= h >> np.uint64(29)
            p += eight
        word = np.uint64(0)
        shift = np.uint64(0)
        while p < end:
            word |= np.uint64(data[p]) << shift
            shift += eight
            p += one
        out[row] = np.int64(stir((h ^ word) * prime) >> np.uint64(2))


def _keys(texts: pa.Array, seeds: NDArray[np.uint64]) -> pa.Array:
    _, offsets, data = text_buffers(texts)
    out = np.empty(offsets.size - 1, np.int64)
    _text_keys(offsets, data, seeds, out)
    return pa.array(out)


def text_key(texts: pa.Array) -> pa.Array:
    """A BIGINT in 0 … PLACES − 1 for each text, equal for equal texts."""
    return _keys(texts, np.zeros(len(texts), np.uint64))


def request_place(account_key: pa.Array, at_us: pa.Array, prompt: pa.Array, rest: pa.Array) -> pa.Array:
    """Where a request stands in its account's random order: BIGINT in 0 … PLACES − 1, the same for exact copies.

    A function of the account, the time (microseconds) and the texts, so that it does not hang on the order of rows;
    salted with the account, so that two accounts which send the same are looked at independently.
    """
    seeds = _as_uint64(account_key) * np.uint64(0xD1342543DE82EF95) + _as_uint64(at_us)
    return _keys(prompt, _as_uint64(_keys(rest, seeds)))


def _as_uint64(column: pa.Array) -> NDArray[np.uint64]:
    bits: NDArray[np.uint64] = column.to_numpy(zero_copy_only=False).astype(np.int64).view(np.uint64)
    return bits


def register(con: Connection) -> None:
    """Gives the connection the compiled functions that the queries call."""
    add_function(con, "prompt_fragments", prompt_fragments, ["VARCHAR"], "BIGINT[]")
    add_function(con, "text_key", text_key, ["VARCHAR"], "BIGINT")
    add_function(con, "request_place", request_place, ["BIGINT", "BIGINT", "VARCHAR", "VARCHAR"], "BIGINT")


def stage(con: Connection, settings: Settings) -> int:
    """Makes the tables of this module's docstring from `log_requests`; how many rows were copies and left out."""
    queries = load_queries()
    columns = set(con.table("log_requests").columns)
    run_query(con, queries["accounts"], "accounts")
    requests = _requests(columns, _thin(columns, settings))
    with said_by("staging the requests"):
        con.execute(f"create or replace table {REQUESTS} as {requests}")
        con.execute(f"create or replace view requests as select * from {REQUESTS}")
        n_copies = _without_copies(con, requests)
        if "system" in columns:
            con.execute(
                "create or replace table systems as select system_key, min(system) as system, "
                "prompt_fragments(min(system)) as fragments "
                "from (select text_key(system) as system_key, system "
                "from (select distinct system from log_requests where system is not null)) "
                "group by system_key"
            )
    run_query(con, queries["caps"], "caps", {"max_cap": MAX_CAP})
    return n_copies


def _without_copies(con: Connection, requests: str) -> int:
    """Leaves one request of those that are alike in all columns, and counts the accounts anew; how many rows went.

    Copies (a batch delivered twice, a client that writes its log again) would make a use heavier than it is, and
    crowd out each other's places: all have the same one.
    """
    if not _is_a_place_taken_twice(con):
        return 0
    n_copies = _delete_copies(con)
    if not n_copies:
        return 0
    con.execute(
        "create or replace temp table again as "
        f"select account from (select distinct account from copies) semi join "
        f"(select account from accounts where n_requests > {EXCERPTS}) using (account)"
    )
    con.execute(
        "update accounts set n_requests = n_requests - gone.n from "
        "(select account, sum(n_more)::BIGINT as n from copies group by account) as gone "
        "where accounts.account = gone.account"
    )
    con.execute(
        "update log_activity set n_requests = accounts.n_requests from accounts "
        "where log_activity.account_id = accounts.account_id"
    )
    # How far an account is read hangs on how many requests it has: those counted wrong are read again.
    con.execute(f"delete from {REQUESTS} where account in (select account from again)")
    con.execute(f"insert into {REQUESTS} {requests} where account in (select account from again)")
    _delete_copies(con)
    return n_copies


def _is_a_place_taken_twice(con: Connection) -> bool:
    """Whether two requests stand in one place: asked of all before those of each account are grouped."""
    places = con.sql("select place from requests").fetchnumpy()["place"]
    places.sort()
    return bool((places[1:] == places[:-1]).any())


def _delete_copies(con: Connection) -> int:
    """Deletes all but one of the requests of one account in one place; the table `copies` tells how many went.

    A part of all places at a time, so that little is held at once.
    """
    con.execute(
        "create or replace temp table copies (account INTEGER, place BIGINT, kept BIGINT, n_more BIGINT)"
    )
    for part in range(COPY_PARTS):
        con.execute(
            f"insert into copies select account, place, min(rowid), count(*) - 1 from {REQUESTS} "
            f"where place // {PLACES // COPY_PARTS} = {part} group by account, place having count(*) > 1"
        )
    con.execute(
        f"delete from {REQUESTS} as requests using copies where requests.account = copies.account "
        "and requests.place = copies.place and requests.rowid <> copies.kept"
    )
    n: int = con.execute("select coalesce(sum(n_more), 0)::BIGINT from copies").fetchall()[0][0]
    return n


def held_as(column: str) -> str:
    """What a column of the log is called in `requests`: a declared one may be named like one of this module's own."""
    return column if column in _THIN else f"declared {column}"


def count_copies(con: Connection, settings: Settings) -> int:
    """How many requests `stage` would leave out as exact copies of others, and takes them off `log_activity`; it reads
    every text and keeps none."""
    columns = set(con.table("log_requests").columns)
    thin = _thin(columns, settings)
    with said_by("counting copies"):
        placed = (
            f"select account_id, {_place('text_key(account_id)', columns, thin)} as place from log_requests"
        )
        con.execute(
            "create or replace temp table copied as select account_id, sum(n)::BIGINT as n from ("
            f"select account_id, count(*) - 1 as n from ({placed}) group by account_id, place having count(*) > 1"
            ") group by account_id"
        )
        con.execute(
            "update log_activity set n_requests = n_requests - copied.n from copied "
            "where log_activity.account_id = copied.account_id"
        )
        return int(frame(con, "select coalesce(sum(n), 0)::BIGINT as n from copied").item())


def _thin(columns: set[str], settings: Settings) -> list[str]:
    """The columns that stay with each request, of those that this log has."""
    declared = sorted({d.column for d in settings.declared if d.column})
    return [c for c in dict.fromkeys((*_THIN, *declared)) if c in columns]


def _place(seed: str, columns: set[str], thin: list[str]) -> str:
    """SELECT expression: the place of a request of `log_requests`, from its account's seed and all that it holds."""
    prompt = "log_requests.prompt" if "prompt" in columns else "null::VARCHAR"
    others = [c for c in ("system", *thin) if c in columns]
    rest = ", ".join(f"coalesce(log_requests.{quote_ident(c)}::VARCHAR, '')" for c in others) or "''"
    return f"request_place({seed}, epoch_us(ts), coalesce({prompt}, ''), concat_ws(chr(31), '', {rest}))"


def _requests(columns: set[str], thin: list[str]) -> str:
    """SELECT of the thin requests, with the columns that this log has."""
    held = [quote_ident(held_as(c)) for c in thin]
    texts = [c for c in ("prompt", "system") if c in columns]
    taken = [f"log_requests.{quote_ident(c)} as {h}" for c, h in zip(thin, held, strict=True)]
    taken += [f"log_requests.{c} as {quote_ident(':' + c)}" for c in texts]
    told = list(held)
    if "system" in texts:
        told.append('text_key(":system") as system_key')
    if "prompt" in texts:
        told.append('case when place < read_below then prompt_fragments(":prompt") end as fragments')
        told.append(f'case when place < excerpt_below then left(":prompt", {EXCERPT}) end as excerpt')
    else:
        told.append("null::BIGINT[] as fragments")
    # A key and two lines an account, not a request: there are a hundred times as many of those.
    return f"""
        with seeded as (
            select
                account, account_id, text_key(account_id) as seed,
                {_below(READ_OF_CAP * 2**MAX_CAP)} as read_below, {_below(EXCERPTS)} as excerpt_below
            from accounts
        ),
        placed as (
            select
                {", ".join(["seeded.account", "log_requests.ts", *taken])},
                {_place("seeded.seed", columns, thin)} as place,
                seeded.read_below,
                seeded.excerpt_below
            from log_requests
            inner join seeded on log_requests.account_id = seeded.account_id
        )
        select account, ts, place, place < read_below as is_read, {", ".join(told)}
        from placed
    """


def _below(n: int) -> str:
    """SELECT expression: the place below which `n` requests of an account are, on average; all, where it has fewer."""
    return f"least({PLACES}, {PLACES * n}::HUGEINT // n_requests)::BIGINT"
