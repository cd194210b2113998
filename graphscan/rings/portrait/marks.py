"""What of a ring's texts is found again in the log: templates counted, responses replayed, marked strings.

Takes in the sampled texts and the staged requests, whose fragments stand for the prompts that are not read
again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from graphscan.logs.queries import query_frame, run_query
from graphscan.logs.sql import Connection, frame
from graphscan.rings.portrait.given import Queries, columns_of, given, has_needs
from graphscan.rings.portrait.groups import Groups
from graphscan.rings.portrait.templates import Template
from graphscan.rings.portrait.words import Words
from graphscan.signals.kernel import prompt_fragments

MIN_REPLAYED = 3
"""Fragments of a response that a prompt must hold to be its replay, and that a response must have to be
looked for."""

MIN_MARK = 3
"""Characters that all marked strings must begin with, or prompts are not sifted by them."""

_TOKEN = re.compile(r"[\w-]{4,}", re.ASCII)
"""What a marked string is looked up by, if it is one: text without spaces may stand right beside it."""


@dataclass(frozen=True)
class Texts:
    """Sampled prompts of one group as words, with the account of each."""

    accounts: tuple[str, ...]
    words: tuple[Words, ...]


def counts(
    con: Connection, queries: Queries, found: dict[int, list[Template]], texts: dict[int, Texts]
) -> dict[tuple[int, int], tuple[float, int]]:
    """(group, template) → requests and accounts that fill it, by the fragments that are the template's own.

    Empty where the prompts left no fragments; then the sample is all there is to count.
    """
    if "fragments" not in columns_of(con, "requests"):
        return {}
    rows: list[tuple[int, int, int, int]] = []
    for group, templates in found.items():
        fragments = _fragments([w.text for w in texts[group].words])
        everywhere = Counter(f for held in fragments for f in set(held))
        for number, template in enumerate(templates):
            inside = Counter(f for i in template.prompts for f in set(fragments[i]))
            least = max(3, 0.02 * template.prompts.size)
            own = {f for f, n in inside.items() if n >= least and n >= 0.8 * everywhere[f]}
            held = np.median([len(own.intersection(fragments[i])) for i in template.prompts])
            rows += [(group, number, f, 2 if held >= 3 else 1) for f in sorted(own)]
    schema = {"group_id": pl.Int32, "template_id": pl.Int32, "fragment": pl.Int64, "n_needed": pl.Int64}
    run_query(con, queries["ring_looked_at"], "ring_looked_at")
    with given(con, "portrait_patterns", pl.DataFrame(rows, schema=schema, orient="row")):
        told = query_frame(con, queries["ring_template_counts"])
    con.execute("drop table ring_looked_at")
    return {(g, t): (n, a) for g, t, n, a in told.iter_rows()}


def replays(con: Connection, queries: Queries, groups: Groups) -> dict[int, float]:
    """The share of each ring's sampled responses that come back in a prompt of another of its accounts.

    Empty where the log has no responses. Needs `ring_sample` in the connection.
    """
    if not has_needs(con, queries["ring_responses"]) or "fragments" not in columns_of(con, "requests"):
        return {}
    responses = query_frame(con, queries["ring_responses"]).filter(pl.col("group_id") < len(groups.rings))
    pieces = (
        responses.with_row_index("response_id")
        .with_columns(
            pl.Series("fragment", _fragments(responses["response"].to_list()), dtype=pl.List(pl.Int64)),
            pl.col("response_id").cast(pl.Int64),
        )
        .select("group_id", "response_id", "account_id", "fragment")
        .explode("fragment")
        .unique()
        .filter(pl.len().over("group_id", "fragment") == 1)
        .filter(pl.len().over("response_id") >= MIN_REPLAYED)
        .sort("response_id", "fragment")
    )
    looked_for = pieces.group_by("group_id").agg(pl.col("response_id").n_unique())
    with given(con, "portrait_responses", pieces):
        found = query_frame(con, queries["ring_replays"], {"n_needed": MIN_REPLAYED})
    # Prompts that were not read would hold as many again, in proportion.
    share = {group: n / max(read, 1e-9) for group, n, read in found.iter_rows()}
    return {group: min(1.0, share.get(group, 0.0) / n) for group, n in sorted(looked_for.iter_rows())}


def canary_hits(
    con: Connection, queries: Queries, sampled: pl.DataFrame, groups: Sequence[int]
) -> dict[int, float]:
    """How many prompts of each group hold a marked string from another account's response.

    All prompts of the rings are looked at where the strings begin alike, else those of `sampled` (group_id,
    account_id, prompt). Empty where the log has no table of canaries.
    """
    issued = _canaries(con)
    if not issued:
        return {}
    mark = mark_of(issued)
    prompts = query_frame(con, queries["ring_marked_prompts"], {"mark": mark}) if mark else sampled
    # A token that is one word is looked up; only the others are searched for one by one.
    odd = [t for t in issued if not _TOKEN.fullmatch(t)]
    hits = dict.fromkeys(groups, 0.0)
    for group, account, text in prompts.select("group_id", "account_id", "prompt").iter_rows():
        held = {t for t in _TOKEN.findall(text) if t in issued}
        held |= {t for t in odd if t in text}
        if group in hits and any(issued[t] != {account} for t in held):
            hits[group] += 1.0
    return hits


def mark_of(tokens: Collection[str]) -> str:
    """What all marked strings begin with, by which prompts are sifted; empty where that is too short."""
    first, last = min(tokens, default=""), max(tokens, default="")
    alike = [a == b for a, b in zip(first, last, strict=False)]
    mark = first[: alike.index(False) if False in alike else len(alike)]
    return mark if len(mark) >= MIN_MARK else ""


def _canaries(con: Connection) -> dict[str, set[str]]:
    """Every marked string with the accounts whose responses carried it; empty without such a table."""
    if not columns_of(con, "log_canaries"):
        return {}
    rows = frame(con, "select token, account_id from log_canaries where token is not null order by token")
    issued: dict[str, set[str]] = {}
    for token, account in rows.iter_rows():
        issued.setdefault(token, set()).add(account)
    return issued


def _fragments(texts: Sequence[str]) -> list[list[int]]:
    """The fragments of each text, as the staged requests have them."""
    return prompt_fragments(pa.array(texts, pa.string())).to_pylist()  # type: ignore[no-any-return]
