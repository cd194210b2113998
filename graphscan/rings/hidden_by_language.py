"""Rings that hide in a language of their own: certified only where language is no stratum, and written to templates.

Language is no evidence, so it is a stratum of every view and of the list (`graphscan.signals.language`). A large ring
that is most of a class of language would hide in it: within the class there is nobody to tell it from. Takes in what
was proposed and gives out those sets that make up at least half of a class, reach the threshold when language is left
out, and whose requests fit templates: people of one tongue share phrases and carriers, but fill no templates. They are
for `watch`, never for `review`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphscan.graph.strata import Strata, strata_of
from graphscan.graph.survey import Proposals, Survey
from graphscan.graph.views import View
from graphscan.logs.sql import Connection
from graphscan.rings.certificate import Court, Verdict
from graphscan.rings.find import certified, courts
from graphscan.rings.portrait import shares_in_templates
from graphscan.rings.settle.overlaps import room_of
from graphscan.rings.settle.packing import packed
from graphscan.rings.triage.texts import QUEUE

FILLS = 0.5
"""Share of a class of language from which a set can hide in it: of fewer, the others of its class tell it apart."""


@dataclass(frozen=True)
class Hidden:
    """Rings certified only without strata of language, and the court that judged them (any, where there is none)."""

    rings: tuple[Verdict, ...]
    court: Court


def hidden_rings(
    con: Connection,
    found: Survey,
    proposed: Proposals,
    known: Sequence[Verdict],
    court: Court,
    accounts: pl.DataFrame,
    minima: tuple[float, int],
    threads: int,
) -> Hidden:
    """Rings of the proposals that fill a language, apart from those that are `known`.

    `court` is the one that judged those; `accounts` has account_id and n_requests in the order of the account indices;
    the log is staged on the connection.
    """
    language = found.strata.language
    sizes = np.bincount(language)
    may_hide = Proposals(
        tuple(s for s in proposed.sets if fills_a_language(s, language, sizes)),
        tuple(s for s in proposed.further if fills_a_language(s, language, sizes)),
    )
    if not may_hide.sets and not may_hide.further:
        return Hidden((), court)
    plain = without_language(found, accounts["n_requests"].to_numpy())
    both = courts(plain)
    taken = np.zeros(found.n_accounts, bool)
    for verdict in known:
        taken[verdict.members] = True
    # Packed and not settled: nobody is accused of these, and the last accounts of thousands cost most.
    grown = packed(certified(both, may_hide, minima[0], threads), found.n_accounts)
    apart = [v for v in grown if v.members.size >= minima[1] and _is_apart(v.members, taken)]
    # Nobody is in two rings for having been in one: who is known already is left to the ring that has him.
    left = [both.certify.judge(v.members[~taken[v.members]]) for v in apart]
    rings = [v for v in left if v.bits >= minima[0] and fills_a_language(v.members, language, sizes)]
    written = [
        v for v, share in zip(rings, _in_templates(con, rings, accounts), strict=True) if share >= QUEUE
    ]
    return Hidden(tuple(written), both.certify)


def _is_apart(members: NDArray[np.int32], taken: NDArray[np.bool_]) -> bool:
    return bool(taken[members].sum() <= room_of(np.array(members.size)))


def fills_a_language(
    members: NDArray[np.int32], language: NDArray[np.int16], sizes: NDArray[np.int64]
) -> bool:
    """Whether a set is mostly of one class of language, not the largest, and at least `FILLS` of that class.

    `language` is each account's class, `sizes` the accounts of each class.
    """
    inside = np.bincount(language[members], minlength=sizes.size)
    inside[0] = 0
    own = int(np.argmax(inside))
    return bool(inside[own] >= FILLS * members.size and inside[own] >= FILLS * sizes[own])


def without_language(found: Survey, n_requests: NDArray[np.int64]) -> Survey:
    """The survey where all accounts are of one language."""
    strata = strata_of(n_requests, np.zeros_like(found.strata.language), found.strata.paid == 1)
    return Survey(
        found.n_accounts,
        {
            family: tuple(_within(v, _of_view(v, strata)) for v in views)
            for family, views in found.views.items()
        },
        {
            family: tuple(_within(v, strata.language) for v in views)
            for family, views in found.open_views.items()
        },
        strata,
    )


def _of_view(view: View, strata: Strata) -> NDArray[np.int16]:
    if view.cap is not None:
        return strata.by_cap[view.cap]
    return strata.paid if view.family == "payment" else strata.language


def _within(view: View, strata: NDArray[np.int16]) -> View:
    return replace(view, strata=strata, stratum_sizes=np.bincount(strata).astype(np.int64))


def _in_templates(con: Connection, rings: Sequence[Verdict], accounts: pl.DataFrame) -> list[float]:
    """The share of each ring's sampled requests that fit its templates."""
    ids = accounts["account_id"]
    members = [
        pl.DataFrame({"ring_id": [f"{i:06d}"] * v.members.size, "account_id": ids.gather(v.members)})
        for i, v in enumerate(rings)
    ]
    if not members:
        return []
    shares = shares_in_templates(con, pl.concat(members))
    return [shares.get(f"{i:06d}", 0.0) for i in range(len(rings))]
