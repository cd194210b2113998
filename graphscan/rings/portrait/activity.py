"""How a ring works, in numbers, each beside ordinary customers.

Takes in the groups (`portrait_groups`) and the staged log; gives out rows (ring_id, measure, value,
ordinary, unit). `ordinary` is the same measure over as many ordinary customers as the ring has accounts: the
median over several such sets. A measure whose column the log lacks has no row.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from graphscan.logs.queries import query_frame
from graphscan.logs.sql import Connection
from graphscan.rings.portrait.given import Queries, has_needs
from graphscan.rings.portrait.groups import Groups

UNITS: Mapping[str, str] = MappingProxyType(
    {
        "requests_per_account": "requests, the median account",
        "requests_per_day": "requests a day on days with any, the median account",
        "active_days_per_account": "days, the median account",
        "share_of_all_requests": "share of the log's requests",
        "span_days": "days from the first request to the last",
        "share_busiest_day": "share of the requests, on the busiest day",
        "evenness_of_work": "1 where all accounts send as much, near 0 where one sends all",
        "evenness_of_dispatch": "1 where accounts take turns, .5 at random, less in bursts",
        "share_night_hours": "share of the requests, in the quietest 8 hours; 1/3 is a clock",
        "hours_of_day_used": "hours of the day",
        "addresses_per_account": "addresses, the median account",
        "accounts_per_address": "accounts, the mean address",
        "subnets": "networks (/24, /48)",
        "share_top_address": "share of the requests, from the busiest address",
        "share_in_address_country": "share of those on shared addresses, in the commonest country of their address",
        "cards_per_account": "cards for each account that paid",
        "share_cards_unique": "share of the cards",
        "share_in_payers_country": "share of those on shared cards, in the commonest country of their card",
        "models": "models of 1% of the requests or more",
        "share_moved_24h": "share of the requests in a new model's first 24 hours",
        "sign_up_span_days": "days that hold the middle 80% of the sign-ups",
        "countries": "countries",
        "plans": "plans",
        "share_one_country": "share of the accounts, in the commonest country",
        "share_one_organisation": "share of the accounts, in the commonest declared organisation",
        "share_large_organisations": "share of the accounts, in declared organisations of a quarter of them or more",
        "client_strings": "client strings",
        "share_in_templates": "share of the requests",
        "topics": "templates of 1% of the requests or more",
        "slot_repeats": "share of the prompts in templates that another account sent word for word",
        "distinct_texts": "different texts, as a share of the prompts in templates",
        "replay_share": "share of the sampled responses that come back in another account's prompt",
        "canary_hits": "prompts with a marked string from another account's response",
    }
)
"""Every measure, in the order of the rows, with its unit. The last six come from the sampled prompts."""

_QUERIES = (
    "ring_volume",
    "ring_clock",
    "ring_addresses",
    "ring_offices",
    "ring_cards",
    "ring_payers",
    "ring_models",
    "ring_sign_ups",
    "ring_clients",
)

FOLLOWED = 300
"""Accounts of a group whose turns are counted: some stand for all."""

SCHEMA: pl.Schema = pl.Schema(
    {
        "ring_id": pl.String(),
        "measure": pl.String(),
        "value": pl.Float64(),
        "ordinary": pl.Float64(),
        "unit": pl.String(),
    }
)


def measured(con: Connection, queries: Queries, n_log_requests: int) -> pl.DataFrame:
    """All measures of the groups that SQL can tell: group_id, measure, value."""
    parts = [_long(_dispatch(con, queries))]
    for name in _QUERIES:
        query = queries[name]
        if has_needs(con, query):
            params = {"n_log_requests": n_log_requests} if name == "ring_volume" else None
            wide = query_frame(con, query, params)
            wide = wide.rename({"n_countries": "countries", "n_plans": "plans"}, strict=False)
            parts.append(_long(wide))
    return pl.concat(parts).drop_nulls("value")


def _dispatch(con: Connection, queries: Queries) -> pl.DataFrame:
    """How evenly the work of each group is dealt out: all of it is one branch."""
    con.execute("create view group_branches as select group_id, 0 as branch, account from portrait_groups")
    rows = query_frame(con, queries["branch_dispatch"], {"n_accounts": FOLLOWED})
    con.execute("drop view group_branches")
    return rows.drop("branch")


def _long(wide: pl.DataFrame) -> pl.DataFrame:
    """A row a group and measure."""
    return wide.unpivot(index="group_id", variable_name="measure", value_name="value")


def beside(groups: Groups, values: pl.DataFrame) -> pl.DataFrame:
    """The rows of `activity`: each ring's value and the median of its controls' (SCHEMA)."""
    ring_of = pl.DataFrame(
        [
            (group, ring_id, g == group)
            for group, ring_id in enumerate(groups.rings)
            for g in (group, *groups.controls[group])
        ],
        schema={"ring": pl.Int32(), "ring_id": pl.String(), "is_ring": pl.Boolean},
        orient="row",
    ).with_columns(
        group_id=pl.Series(
            [g for i in range(len(groups.rings)) for g in (i, *groups.controls[i])], dtype=pl.Int32
        )
    )
    order = pl.DataFrame({"measure": list(UNITS), "place": range(len(UNITS)), "unit": list(UNITS.values())})
    return (
        values.join(ring_of, on="group_id")
        .group_by("ring_id", "measure")
        .agg(
            value=pl.col("value").filter("is_ring").first(),
            ordinary=pl.col("value").filter(~pl.col("is_ring")).median(),
        )
        .drop_nulls("value")
        .join(order, on="measure")
        .sort("ring_id", "place")
        .select(list(SCHEMA))
        .cast(SCHEMA)
    )


def shares(con: Connection, queries: Queries) -> dict[str, pl.DataFrame]:
    """For `model`, `client`, `plan`, `country`, what the log has: group_id, entry, share_of_group."""
    kinds = {"model": "models", "client": "clients", "plan": "plans", "country": "countries"}
    wanted = {kind: queries[f"ring_shares_{name}"] for kind, name in kinds.items()}
    return {kind: query_frame(con, q) for kind, q in wanted.items() if has_needs(con, q)}
