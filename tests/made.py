"""Incidences made by hand or by hypothesis, small enough to go through every set of accounts.

`Sets` of accounts are bit masks: bit i is account i. Generated incidences have heavy inner structure on purpose:
copies, nested chains, bundles that cross, a family's own clusters, strata.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from graphscan.graph.rows import Incidences, Rows
from graphscan.graph.strata import Strata
from graphscan.graph.views import View, view_of
from graphscan.rings.certificate import Court, Kind, Verdict

Accounts = NDArray[np.int32]


def members_of(mask: int, n_accounts: int) -> Accounts:
    """The sorted accounts of a bit mask."""
    return np.array([i for i in range(n_accounts) if mask >> i & 1], np.int32)


def incidences(
    users: Sequence[Iterable[int]],
    n_accounts: int,
    family: str = "prompt",
    caps: Sequence[int] | None = None,
) -> Incidences:
    """One entity for each collection of users; `caps` is the smallest cap under which each entity is seen."""
    rows = sorted({(int(a), e) for e, accounts in enumerate(users) for a in accounts})
    entity = np.array([e for _, e in rows], np.int32)
    cap = np.zeros(len(users), np.int8) if caps is None else np.array(caps, np.int8)
    return Incidences(
        family,
        n_accounts,
        np.array([a for a, _ in rows], np.int32),
        entity,
        cap[entity] if entity.size else np.empty(0, np.int8),
        np.zeros(len(users), np.int16),
    )


def view(
    users: Sequence[Iterable[int]],
    strata: Sequence[int],
    clusters: Sequence[Iterable[int]] = (),
    family: str = "prompt",
) -> View:
    """The view of these entities and own clusters over the strata of the accounts."""
    own = [np.array(sorted(c), np.int32) for c in clusters]
    return view_of(incidences(users, len(strata), family), None, np.array(strata, np.int32), own)


def court_of(families: Mapping[str, Sequence[Iterable[int]]], n_accounts: int) -> Court:
    """A court of one stratum, from the users of each family's entities."""
    nobody = [0] * n_accounts
    kind = Kind.of("all", np.array(nobody, np.int16))
    return Court({f: [view(users, nobody, family=f)] for f, users in families.items()}, [kind], n_accounts)


def plain_strata(n_requests: Sequence[int], n_caps: int = 1) -> Strata:
    """Strata of activity under the first caps (4, 8 …), of one language, where nobody has paid."""
    activity = np.log2(np.maximum(np.array(n_requests), 1)).astype(np.int64)
    by_cap = {
        c: np.unique(np.minimum(activity, c), return_inverse=True)[1].astype(np.int32)
        for c in range(2, 2 + n_caps)
    }
    nobody = np.zeros(activity.size, np.int32)
    return Strata(activity.astype(np.int16), nobody, nobody, by_cap)


@st.composite
def structured(draw: st.DrawFn, n_accounts: int, most_entities: int = 12) -> list[list[int]]:
    """Users of entities with inner structure: base sets, and copies, subsets, unions and chains of them."""
    masks = st.integers(1, 2**n_accounts - 1)
    bases = draw(st.lists(masks, min_size=1, max_size=3))
    entities = list(bases)
    for _ in range(draw(st.integers(0, most_entities - len(bases)))):
        known = draw(st.sampled_from(entities))
        how = draw(st.sampled_from(["copy", "part", "union", "new"]))
        other = draw(masks)
        entities.append({"copy": known, "part": known & other, "union": known | other, "new": other}[how])
    return [members_of(m, n_accounts).tolist() for m in entities]


@st.composite
def stratified(draw: st.DrawFn, n_accounts: int, most: int = 3) -> list[int]:
    """A stratum for each account, dense from zero."""
    raw = draw(st.lists(st.integers(0, most - 1), min_size=n_accounts, max_size=n_accounts))
    return np.unique(np.array(raw), return_inverse=True)[1].tolist()


@st.composite
def views(draw: st.DrawFn, n_accounts: int, strata: list[int] | None = None, family: str = "prompt") -> View:
    """A view with inner structure, own clusters and strata."""
    users = draw(structured(n_accounts))
    own = draw(st.lists(st.sampled_from(users), max_size=2))
    own = [c for c in own if len(c) >= 2]
    return view(users, strata or draw(stratified(n_accounts)), own, family)


def users_of(rows: Rows) -> list[list[int]]:
    """The users of each entity, in order."""
    return [rows.users[rows.eptr[e] : rows.eptr[e + 1]].tolist() for e in range(rows.n_entities)]


def read_from_accounts(rows: Rows) -> list[list[int]]:
    """The same, read from the side of the accounts."""
    found: list[list[int]] = [[] for _ in range(rows.n_entities)]
    for a in range(rows.n_accounts):
        entities = rows.ent[rows.ptr[a] : rows.ptr[a + 1]].tolist()
        assert entities == sorted(set(entities))
        for e in entities:
            found[e].append(a)
    return found


def saving(pattern: Verdict, bits: float, accounts: float, saved: Mapping[str, float]) -> Verdict:
    """A judged set that has these bits, whose list costs so many, and of which each family saves so many."""
    told = next(iter(pattern.best.values()))
    best = {family: replace(told, bits=worth, names=0.0) for family, worth in saved.items()}
    return replace(pattern, bits=bits, best=best, listing=replace(pattern.listing, accounts=accounts))


def compositions(n: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Every way to write n as an ordered sum of so many counts."""
    if parts == 1:
        yield (n,)
        return
    for first in range(n + 1):
        for rest in compositions(n - first, parts - 1):
            yield first, *rest


def counts(*values: int) -> NDArray[np.int64]:
    """Counts as the codes take them."""
    return np.array(values, np.int64)
