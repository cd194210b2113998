"""Which rings are branches that one hand works: sets that send the same texts, each when the others let it.

An operator may pose as fifty small firms, each with a card, an office and a domain: as fifty rings they have more bits
in sum than as one (`graphscan.rings.settle`). Fifty firms that share one tool look the same, but for their hours: each
asks when its own people work, in bursts, or at times that nobody sets. Branches that take turns with one another, keep
step to the minute, or ask evenly in one office's hours from many countries are one ring, and so are smaller ones that
take turns with these; but not the people among their accounts. Takes in settled rings and the staged log, and gives out
the rings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from graphscan.logs.queries import load_queries, query_frame, run_query
from graphscan.logs.sql import Connection
from graphscan.rings.certificate import Court, Verdict
from graphscan.rings.evidence.relations import mutual, relations
from graphscan.rings.portrait.given import given, has_needs
from graphscan.rings.settle.inside import MOSTLY
from graphscan.rings.settle.overlaps import ranked
from graphscan.rings.triage.crowd import TEXTS
from graphscan.rings.triage.pace import DISPATCH, TURNS
from graphscan.rings.triage.places import MANY_COUNTRIES
from graphscan.rings.triage.signs import ENOUGH_REQUESTS

FEWEST = 3
"""Branches of one operator at least: two rings that send the same texts may be two that ask the same."""

IN_STEP = 2.0
"""Times that requests fall into a minute with another branch's as often as by chance, from which these keep step: of
firms that know nothing of one another it is 1.4 at most."""

ONE_NIGHT = 0.1
"""Share of the requests in the quietest eight hours up to which accounts of many countries sleep at one time: people at
home in as many leave .2, machines a third."""

BURSTS = 0.3
"""Evenness of dispatch of one account below which it works in bursts of its own: of those that one hand works one in a
hundred does, of other people in their rings four in five."""

SAYS_ANYTHING = 0.1
"""Share of what all families save of a ring from which its texts say anything of it by themselves."""

_IS_EVEN = pl.col("evenness_of_dispatch") >= DISPATCH
_IS_WORKED = (pl.col("evenness_of_dispatch") >= TURNS) | (
    _IS_EVEN & (pl.col("share_in_step") >= IN_STEP * pl.col("share_by_chance"))
)
"""Of rows of `_dealt`: whether a branch takes turns with the others, or keeps step with them."""


def told_as_one(
    con: Connection, court: Court, rings: Sequence[Verdict], n_requests: NDArray[np.int64], min_bits: float
) -> list[Verdict]:
    """The rings, branches that one hand works as one of them, the most bits first.

    `court` is the one that judged them, `n_requests` has an entry an account.
    """
    told, wholes = list(rings), list[Verdict]()
    while True:
        # Of who takes turns with a whole no more is asked than that it sends its texts beyond chance.
        related = relations({str(i): v for i, v in enumerate(told)}, 0.0, among={TEXTS})
        alike = mutual(related.filter(pl.col("bits") >= min_bits))
        groups = [_branches(court, group) for group in _groups(told, alike)]
        worked = [
            *_worked_by_one(con, [g for g in groups if g]),
            *_joining(con, court, told, wholes, related),
        ]
        told, new = _united(con, court, told, worked, n_requests, min_bits)
        if not new:
            return ranked(told)
        wholes = [v for v in told if any(v is w for w in (*wholes, *new))]


def _united(
    con: Connection,
    court: Court,
    rings: Sequence[Verdict],
    worked: Sequence[Sequence[Verdict]],
    n_requests: NDArray[np.int64],
    min_bits: float,
) -> tuple[list[Verdict], list[Verdict]]:
    """The rings with branches that one hand works as one, and those that are new.

    Who works in bursts of his own is in none of them: some branches hold a few people of others.
    """
    left = {v.members.tobytes(): v for v in rings}
    new = {}
    for group, people in zip(worked, _in_bursts(con, worked), strict=True):
        # One may join two wholes; the first has it.
        branches = [v for v in group if v.members.tobytes() in left]
        if len(branches) < 2:
            continue
        members = np.setdiff1d(_union(branches), people)
        if n_requests[members].sum() < ENOUGH_REQUESTS:
            continue
        whole = court.judge(members)
        if whole.bits < min_bits:
            continue
        for branch in branches:
            del left[branch.members.tobytes()]
        left[members.tobytes()] = new[members.tobytes()] = whole
    return list(left.values()), [v for name, v in new.items() if name in left]


def _joining(
    con: Connection, court: Court, rings: Sequence[Verdict], wholes: Sequence[Verdict], related: pl.DataFrame
) -> Iterator[list[Verdict]]:
    """Each whole with further rings that send its texts and take turns with it, or keep step: they may be too small to
    be related to it as well."""
    number = {v.members.tobytes(): i for i, v in enumerate(rings)}
    groups = []
    for whole in wholes:
        reached = related.filter(pl.col("ring_id") == str(number[whole.members.tobytes()]))["other_id"]
        near = [rings[i] for i in reached.cast(pl.Int64).to_list()]
        branches = [v for v in near if _is_branch(v, court.judge(_union([whole, v])), court.n_accounts)]
        if branches:
            groups.append([whole, *branches])
    if not groups:
        return
    dealt = _dealt(con, groups)
    chosen = set(dealt.filter(_IS_WORKED).select("group_id", "branch").iter_rows())
    for g, (whole, *branches) in enumerate(groups):
        joined = [v for b, v in enumerate(branches, 1) if (g, b) in chosen]
        if joined:
            yield [whole, *joined]


def _groups(rings: Sequence[Verdict], related: pl.DataFrame) -> Iterator[list[Verdict]]:
    """Rings that send the same texts, as far as such relations lead; none alone."""
    ends = [related[column].cast(pl.Int64).to_numpy() for column in ("ring_id", "other_id")]
    tied = coo_array((np.ones(related.height, bool), tuple(ends)), shape=(len(rings), len(rings)))
    label = connected_components(tied, directed=False)[1]
    for k in np.flatnonzero(np.bincount(label) > 1):
        yield [rings[i] for i in np.flatnonzero(label == k).tolist()]


def _branches(court: Court, group: Sequence[Verdict]) -> list[Verdict]:
    """The rings of a group that do the work of all of them, and none of their own."""
    left = list(group)
    while len(left) >= FEWEST:
        whole = court.judge(_union(left))
        branches = [v for v in left if _is_branch(v, whole, court.n_accounts)]
        if len(branches) == len(left):
            return left
        left = branches
    return []


def _is_branch(part: Verdict, whole: Verdict, n_accounts: int) -> bool:
    """Whether the whole's texts reach a part as they reach all, and of the users of the part's texts who are in the
    whole it has hardly more than its share, if these say anything."""
    if TEXTS not in whole.best:
        return False
    rows = whole.best[TEXTS].view.rows
    writes = np.zeros(n_accounts, bool)
    for entity in whole.best[TEXTS].entities.tolist():
        writes[rows.users_of(entity)] = True
    if writes[part.members].mean() < MOSTLY * writes[whole.members].mean():
        return False
    if TEXTS not in part.best or part.best[TEXTS].bits < SAYS_ANYTHING * sum(
        d.bits for d in part.best.values()
    ):
        return True
    return _own_work(part, whole) < (1.0 + part.members.size / whole.members.size) / 2.0


def _own_work(part: Verdict, whole: Verdict) -> float:
    """The part's share of its texts' users in the whole: the mean over texts, weighed by what each saves."""
    description = part.best[TEXTS]
    shares = []
    for entity in description.entities.tolist():
        users = np.intersect1d(description.view.rows.users_of(entity), whole.members)
        shares.append(float(np.isin(users, part.members).mean()) if users.size else 0.0)
    weights = np.maximum(description.saved, 0.0)
    return float(np.average(shares, weights=weights)) if weights.sum() > 0.0 else 0.0


def _worked_by_one(con: Connection, groups: Sequence[Sequence[Verdict]]) -> Iterator[list[Verdict]]:
    """Of each group the branches that take turns with the others, or keep step with them, and those of the rest that
    ask evenly in the same hours of the day; if they are enough."""
    if not groups:
        return
    dealt = _dealt(con, groups)
    by_turns = _of_groups(groups, dealt.filter(_IS_WORKED))
    rest = _of_groups(groups, dealt.filter(~_IS_WORKED & _IS_EVEN))
    keeps = _keep_hours(con, rest)
    yield from by_turns
    yield from (branches for branches, keep in zip(rest, keeps, strict=True) if keep)


def _in_bursts(con: Connection, groups: Sequence[Sequence[Verdict]]) -> list[NDArray[np.int32]]:
    """Of each group's accounts those that do not wait for the others."""
    sets = [_union(branches) for branches in groups]
    if not sets:
        return []
    alone = _branch_table([np.split(accounts, accounts.size) for accounts in sets])
    with given(con, "group_branches", alone):
        dealt = query_frame(con, load_queries()["branch_dispatch"])
    people = dealt.filter(pl.col("evenness_of_dispatch") < BURSTS)
    return [
        accounts[people.filter(pl.col("group_id") == g)["branch"].to_numpy()]
        for g, accounts in enumerate(sets)
    ]


def _dealt(con: Connection, groups: Sequence[Sequence[Verdict]]) -> pl.DataFrame:
    """How work is dealt out to each branch of each group, and how it keeps step (`branch_dispatch`, `branch_steps`)."""
    queries = load_queries()
    with given(con, "group_branches", _branch_table([[v.members for v in group] for group in groups])):
        dealt = query_frame(con, queries["branch_dispatch"])
        steps = query_frame(con, queries["branch_steps"])
    return steps.join(dealt, on=["group_id", "branch"], how="left", maintain_order="left")


def _branch_table(groups: Sequence[Sequence[NDArray[np.int32]]]) -> pl.DataFrame:
    """The accounts of each branch of each group, numbered: group_id, branch, account."""
    at = [(g, b, accounts) for g, group in enumerate(groups) for b, accounts in enumerate(group)]
    sizes = [accounts.size for _, _, accounts in at]
    return pl.DataFrame(
        {
            "group_id": np.repeat(np.array([g for g, _, _ in at], np.int32), sizes),
            "branch": np.repeat(np.array([b for _, b, _ in at], np.int32), sizes),
            "account": np.concatenate([accounts for _, _, accounts in at]).astype(np.int32),
        }
    )


def _of_groups(groups: Sequence[Sequence[Verdict]], chosen: pl.DataFrame) -> list[list[Verdict]]:
    """The chosen branches of each group that has enough of them."""
    which = set(chosen.select("group_id", "branch").iter_rows())
    told = [[v for b, v in enumerate(group) if (g, b) in which] for g, group in enumerate(groups)]
    return [branches for branches in told if len(branches) >= FEWEST]


def _keep_hours(con: Connection, groups: Sequence[Sequence[Verdict]]) -> list[bool]:
    """Whether each group sleeps at one time, though its accounts are of many countries: where the log tells these."""
    queries = load_queries()
    if not groups or not has_needs(con, queries["ring_sign_ups"]):
        return [False] * len(groups)
    sets = [_union(branches) for branches in groups]
    table = pl.DataFrame(
        {
            "group_id": np.repeat(np.arange(len(sets), dtype=np.int32), [s.size for s in sets]),
            "kind": ["ring"] * sum(s.size for s in sets),
            "account": np.concatenate(sets),
        }
    )
    with given(con, "portrait_groups", table):
        run_query(con, queries["ring_hours"], "ring_hours")
        nights = dict(
            query_frame(con, queries["ring_clock"]).select("group_id", "share_night_hours").iter_rows()
        )
        con.execute("drop table ring_hours")
        homes = query_frame(con, queries["ring_sign_ups"]).select("group_id", "share_one_country")
        countries = dict(homes.drop_nulls().iter_rows())
    return [
        nights.get(g, 1.0) <= ONE_NIGHT and countries.get(g, 1.0) < MANY_COUNTRIES for g in range(len(sets))
    ]


def _union(rings: Sequence[Verdict]) -> NDArray[np.int32]:
    return np.unique(np.concatenate([v.members for v in rings]))
