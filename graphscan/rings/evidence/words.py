"""Evidence of text told in words: until here a fragment is a hash.

Takes in the tables of the rings and gives them out with every fragment's words in place of its hash, read from one
prompt each. The words are the accounts' own: whoever shows them escapes them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from graphscan.logs.queries import load_queries, query_frame
from graphscan.logs.sql import Connection, frame
from graphscan.rings.portrait.given import given
from graphscan.signals.kernel import fragment_words

OPEN, CLOSE = "\ue000", "\ue001"
"""Private characters around a hash, which no other entity's text can be mistaken for."""

_HASH = re.compile(f"{OPEN}(-?[0-9]+){CLOSE}")


def hash_shown(entity: str) -> str:
    """A fragment's hash, marked to be replaced by its words."""
    return f"{OPEN}{entity}{CLOSE}"


def with_words(con: Connection, evidence: pl.DataFrame, accounts: Sequence[int]) -> pl.DataFrame:
    """`evidence` with words for the marked hashes, read from requests of the given accounts.

    A fragment of which no prompt is found is told by its hash.
    """
    wanted = sorted({int(h) for text in evidence["entity"].to_list() for h in _HASH.findall(text)})
    if not wanted:
        return evidence
    words = _words(con, wanted, accounts)

    def told(text: str) -> str:
        return _HASH.sub(lambda m: f"“{words[int(m[1])]}”" if int(m[1]) in words else f"text {m[1]}", text)

    return evidence.with_columns(
        pl.Series("entity", [told(t) for t in evidence["entity"].to_list()], dtype=pl.String)
    )


def _words(con: Connection, wanted: list[int], accounts: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    if "excerpt" in con.table("requests").columns:
        asked = pl.DataFrame({"fragment": wanted}, schema={"fragment": pl.Int64})
        among = pl.DataFrame({"account": accounts}, schema={"account": pl.Int32})
        with given(con, "wanted_fragments", asked), given(con, "wanted_accounts", among):
            prompts = query_frame(con, load_queries()["named_prompts"])
        found |= fragment_words(prompts["prompt"].to_list(), set(wanted))
    if "system_key" in con.table("requests").columns:
        systems = frame(con, "select system from systems order by system_key")
        found = fragment_words(systems["system"].to_list(), set(wanted) - set(found)) | found
    return found
