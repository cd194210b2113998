"""All views of all families with their own clusters, and the sets of accounts that the pairs propose.

Takes in incidences and strata and gives out a `Survey`: from here on nothing looks at the log. The two steps are
apart, since the permuted null lays the accounts of each view anew between them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from graphscan.graph.cells import cells
from graphscan.graph.clusters import clusters_of, own_clusters
from graphscan.graph.communities import communities
from graphscan.graph.folding import folded, no_copies
from graphscan.graph.pairs import Pairs, neighbours, tied_inside, tied_pairs
from graphscan.graph.rows import Incidences, Rows
from graphscan.graph.strata import Strata
from graphscan.graph.views import View, view_of

CLUSTERED_CAPS = (3, 5)
"""Caps, as powers of two, whose views are clustered by themselves: more shorten few descriptions and cost time. The
largest in use is, where none of these is."""

PROPOSING_CAP = 5
"""The cap under which pairs are tied: with all requests heavy accounts are tied to everybody."""

TIED = 0.5
"""Share of an own cluster's accounts that are tied within it, from which these are proposed: of fewer it is a carrier,
and its few tied customers are proposed by themselves."""

MOST_TIED = 3000
"""Accounts of an own cluster that is proposed at most: larger ones are whole carriers."""

LARGEST = 2000
LARGEST_SHARE = 0.1
LARGEST_OF_ALL = 20_000
"""Accounts, or the share of all up to the last, that a proposal has at most: a larger ring is grown from its parts."""

PROPOSED_SHRINK = 0.75
"""Of nested clusters, share of the next larger one from which a proposal is a copy: growth finds it anyway."""


@dataclass(frozen=True)
class Survey:
    """What the rings are found in.

    `views` are those that certify, under caps and within strata; `open_views` those that grow, on all requests.
    `threads` is how many may work on its ties.
    """

    n_accounts: int
    views: Mapping[str, tuple[View, ...]]
    open_views: Mapping[str, tuple[View, ...]]
    strata: Strata
    threads: int = 1

    @cached_property
    def ties(self) -> Pairs:
        """Tied pairs over all families, under the cap that proposes."""
        rows = {family: plain_rows(proposing(views)) for family, views in self.views.items()}
        return tied_pairs(rows, threads=self.threads)


def survey(incidences: Sequence[Incidences], strata: Strata, threads: int = 1) -> Survey:
    """Views of every family that has incidences, families in order of name; `threads` of them are made at once."""
    families = sorted(incidences, key=lambda i: i.family)
    asked = [
        (f, cap)
        for f in sorted(families, key=lambda i: -i.account.size)  # what takes longest must not come last
        for cap in (None, *(reversed(strata.caps) if f.grows_with_use else ()))
    ]
    with ThreadPoolExecutor(threads) as pool:
        told = pool.map(lambda job: _based(job[0], job[1], strata.caps), asked)
        made = dict(zip(((f.family, cap) for f, cap in asked), told, strict=True))
    views: dict[str, tuple[View, ...]] = {}
    open_views: dict[str, tuple[View, ...]] = {}
    for family in families:
        name = family.family
        base, own = made[name, None]
        if family.grows_with_use:
            views[name] = tuple(
                view_of(family, cap, strata.by_cap[cap], made[name, cap][1], made[name, cap][0])
                for cap in strata.caps
            )
        else:
            within = strata.paid if name == "payment" else strata.language
            views[name] = (view_of(family, None, within, own, base),)
        own_open = own if _is_sparse(base[0]) else []
        open_views[name] = (view_of(family, None, strata.language, own_open, base),)
    return Survey(strata.language.size, views, open_views, strata, threads)


Base = tuple[Rows, NDArray[np.int64], NDArray[np.int32]]


def _based(family: Incidences, cap: int | None, caps: Sequence[int]) -> tuple[Base, list[NDArray[np.int32]]]:
    """What a view is made of: the folded rows and, where it is clustered, its own clusters."""
    base = folded(family, cap)
    if cap is None:
        is_clustered = _is_sparse(base[0]) or not family.grows_with_use
    else:
        is_clustered = cap in (set(CLUSTERED_CAPS) & set(caps) or {max(caps)})
    return base, no_copies(base[0], own_clusters(base[0], family.family)) if is_clustered else []


@dataclass(frozen=True)
class Proposals:
    """Sets of accounts that may be rings, distinct: `sets` of tied pairs alone, the largest first.

    `further` are what single families and entities know, of use where nothing else saw the ring: own clusters' tied
    accounts, the largest first, then cells, the most surprising first.
    """

    sets: tuple[NDArray[np.int32], ...]
    further: tuple[NDArray[np.int32], ...]

    @property
    def all(self) -> tuple[NDArray[np.int32], ...]:
        """Every proposal, in the order of growing."""
        return self.sets + self.further


def proposals(found: Survey, smallest: int, seed: int, without: Collection[str] = ()) -> Proposals:
    """Sets that may be rings, of every proposer but those named in `without`."""
    share = min(LARGEST_OF_ALL, int(LARGEST_SHARE * found.n_accounts))
    most = min(found.n_accounts // 2, max(LARGEST, share))
    proposers = {name: p for name, p in {**OF_TIES, **FURTHER}.items() if name not in without}
    _ = found.ties  # before the others, who look at them at once
    with ThreadPoolExecutor(found.threads) as pool:
        # The last first: Leiden lets nothing but compiled code run beside it, which by then is at work on cells.
        asked = [(name, pool.submit(p, found, smallest, seed)) for name, p in reversed(proposers.items())]
        proposed = {name: told.result() for name, told in asked}
    known: set[bytes] = set()

    def distinct(names: Iterable[str]) -> list[NDArray[np.int32]]:
        out = []
        for members in itertools.chain(*(proposed.get(name, ()) for name in names)):
            if smallest <= members.size <= most and members.tobytes() not in known:
                known.add(members.tobytes())
                out.append(members)
        return out

    return Proposals(tuple(_largest_first(distinct(OF_TIES))), tuple(distinct(FURTHER)))


def _largest_first(sets: list[NDArray[np.int32]]) -> list[NDArray[np.int32]]:
    return sorted(sets, key=lambda s: (-s.size, s.tobytes()))


def _tied_clusters(found: Survey) -> list[NDArray[np.int32]]:
    """The tied accounts of own clusters of which at least `TIED` is tied within, the largest first: one family sees the
    ring whole, and another ties it in pairs that no community holds together."""
    out = []
    ptr, near = neighbours(found.ties, found.n_accounts)
    for views in found.views.values():
        for view in views:
            first = view.n_plain
            sizes = view.rows.n_users[first:]
            tied = tied_inside(view.rows, first, ptr, near)
            n_tied = np.diff(tied.indptr)
            for k in np.flatnonzero((n_tied >= np.maximum(2, TIED * sizes)) & (sizes <= MOST_TIED)):
                out.append(tied.indices[tied.indptr[k] : tied.indptr[k + 1]])
    return _largest_first(out)


Proposer = Callable[[Survey, int, int], list[NDArray[np.int32]]]

OF_TIES: Mapping[str, Proposer] = {
    "Leiden": lambda found, smallest, seed: communities(found.ties, smallest, seed),
    "HDBSCAN on ties": lambda found, smallest, seed: clusters_of(
        found.ties, found.n_accounts, PROPOSED_SHRINK
    ),
}
FURTHER: Mapping[str, Proposer] = {
    "tied own clusters": lambda found, smallest, seed: _tied_clusters(found),
    "cells": lambda found, smallest, seed: cells(
        {family: proposing(views).rows for family, views in found.views.items()},
        found.strata.nearest(PROPOSING_CAP),
        smallest,
    ),
}
PROPOSERS = (*OF_TIES, *FURTHER)
"""Who proposes, by name, from a survey, the fewest accounts of a ring and a seed. Of tied pairs: communities, and
clusters at every density; each family's own clusters that ties of two families run through; cells."""


def proposing(views: tuple[View, ...]) -> View:
    """The view whose cap is nearest to the one that proposes."""
    return min(views, key=lambda v: abs((v.cap or PROPOSING_CAP) - PROPOSING_CAP))


def plain_rows(view: View) -> Rows:
    """The view's rows without its own clusters: a cluster says again what its entities said."""
    n_plain, rows = view.n_plain, view.rows
    if n_plain == rows.n_entities:
        return rows
    keep = rows.ent < n_plain
    ptr = np.concatenate([[0], np.cumsum(keep)])[rows.ptr]
    eptr = rows.eptr[: n_plain + 1]
    return Rows(rows.n_accounts, ptr.astype(np.int64), rows.ent[keep], eptr, rows.users[: eptr[-1]])


def _is_sparse(rows: Rows) -> bool:
    """Whether a family names few entities an account, so that clustering all its requests is cheap and of use."""
    return rows.ent.size < 8 * rows.n_accounts
