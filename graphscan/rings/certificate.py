"""The certificate: a ring is a set that two unrelated families both describe, in fewer bits than its list.

Takes in views of all families and any set of accounts, whoever proposed it, and gives out its bits B.

The claim
    P(any set at all reaches B ≥ b) ≤ 2^−b, if the families are laid on the accounts independently of one another
    within the strata. However the set, the entities, the caps and the levels were searched for.

The proof, step by step
1. A view describes a set S, given how many of its n members are in each stratum, by a code: which entities are named
   (`integer`, `classes`, and the choice within each class), whether those that they lead to come with them
   (`graphscan.rings.describe.expansion`: who knows the rows knows which), then on which level each member stands
   (`law`), then which of the level's accounts in its stratum the members are. The code's lengths DL(S) obey Kraft: the
   sum over all S with these counts of 2^−DL(S) is at most one.
2. There are Π C(N_s, n_s) such sets. If the accounts of each stratum are laid anew on the view's rows at random, S
   falls on each of them alike, so 2^(Σ log2 C(N_s, n_s) − DL(S)) has mean at most one.
3. A family has v views and may keep silent: the best of v + 1 numbers with mean at most one each, divided by v + 1,
   has mean at most one. So L_f = max(0, best of its views) − log2(v + 1) has 2^L_f with mean at most one.
4. Independent families: the mean of the product 2^(Σ L_f) is at most one. By Markov, for one set S,
   P(Σ L_f ≥ b + list(S)) ≤ 2^−(b + list(S)).
5. list(S) is the length of a code for sets of accounts: n, how it spreads over one kind of strata, which accounts.
   By Kraft the sum of 2^−list(S) over all sets is at most one; summing step 4 over all S gives the claim.

Copies of an entity change nothing, since S is described once. And one family alone never certifies: B is never more
than what all families but the best save, less the code of n (`lone`). That only lowers B, so the claim stands.

What the proof asks of the program: entities, folding, own clusters, classes and caps come from a family's own
columns over all accounts, before anything is proposed (`graphscan.graph.views`).

Sources: the two-part code is Rissanen's minimum description length (Automatica 14, 1978,
doi:10.1016/0005-1098(78)90005-5); e-values and their products: Vovk and Wang, "E-values: calibration, combination
and applications", Annals of Statistics 49 (2021), doi:10.1214/20-AOS2020.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from queue import SimpleQueue
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from graphscan.graph.views import View
from graphscan.rings.describe import Description, describe, follow
from graphscan.rings.describe.codes import choose, integer, log2_factorials
from graphscan.rings.describe.desk import Desk
from graphscan.rings.describe.spread import spread


@dataclass(frozen=True)
class Kind:
    """One kind of strata in which a set may be listed: shape (n_accounts,), dense from zero, and the sizes; and of each
    stratum the class of activity and the language, shapes (n_strata,)."""

    name: str
    strata: NDArray[np.int16]
    sizes: NDArray[np.int64]
    activity: NDArray[np.int64]
    language: NDArray[np.int64]

    @staticmethod
    def of(
        name: str,
        strata: NDArray[np.int16],
        activity: NDArray[np.int16] | None = None,
        language: NDArray[np.int16] | None = None,
    ) -> Kind:
        """The kind of these strata, by the activity and the language of each account; strata that are no such table
        are one row of it."""
        found, first, sizes = np.unique(strata, return_index=True, return_counts=True)
        row = np.zeros_like(found) if activity is None else activity[first]
        column = found if language is None else language[first]
        return Kind(name, strata, sizes.astype(np.int64), row.astype(np.int64), column.astype(np.int64))


@dataclass(frozen=True)
class Listing:
    """What the plain list of a set costs in the cheapest kind of strata, part by part; `inside` counts the members of
    each stratum."""

    kind: Kind
    inside: NDArray[np.int64]
    accounts: float
    spread: float
    size: float
    choice: float

    @property
    def bits(self) -> float:
        """The whole list: its accounts, their spread over strata, its size, the choice of strata."""
        return self.accounts + self.spread + self.choice + self.size


@dataclass(frozen=True)
class Verdict:
    """A judged set: `bits` is B; `saved` the L_f of each family, price included; `best` the view that spoke, if any."""

    members: NDArray[np.int32]
    bits: float
    saved: Mapping[str, float]
    best: Mapping[str, Description]
    listing: Listing

    @property
    def worth(self) -> float:
        """B before anything is taken off so that no family certifies alone (`lone`).

        What is taken off leaves the bits of all families but the best: more of them to whoever takes in strangers that
        only the others know.
        """
        return sum(self.saved.values()) - self.listing.bits

    def is_better_than(self, other: Verdict, by: float = 0.0) -> bool:
        """Whether a set has more bits than another, by so many, and no less worth."""
        return self.bits > other.bits + by and self.worth >= other.worth

    @property
    def families(self) -> tuple[str, ...]:
        """The families that describe the set, the one that saves most first."""
        return tuple(sorted(self.best, key=lambda f: (-self.saved[f], f)))

    @property
    def saving(self) -> tuple[str, ...]:
        """Those of them that save anything, the price of the choice of a view paid."""
        return tuple(f for f in self.families if self.saved[f] > 0.0)


class Court:
    """Judges sets of accounts: the views of every family that is on, and the kinds of strata for the list."""

    def __init__(self, views: Mapping[str, Sequence[View]], kinds: Sequence[Kind], n_accounts: int) -> None:
        self.views = {f: tuple(v) for f, v in views.items()}
        self._looked_at = self.views
        self._follows = True
        self.kinds = tuple(kinds)
        self.n_accounts = n_accounts
        largest = max(
            [n_accounts, *(int(v.class_sizes.max(initial=0)) for vs in self.views.values() for v in vs)]
        )
        most = max((v.rows.n_entities for vs in self.views.values() for v in vs), default=0)
        self.desk = Desk.of(log2_factorials(largest + 1), n_accounts, most)

    def twin(self) -> Court:
        """A court that judges alike at a desk of its own: two judge at once."""
        twin = copy(self)
        twin.desk = self.desk.twin()
        return twin

    def among(self, views: Mapping[str, Sequence[View]]) -> Court:
        """The same court over other views of the same accounts."""
        other = copy(self)
        other.views = other._looked_at = {f: tuple(v) for f, v in views.items()}
        return other

    def within(self, accounts: NDArray[np.int32]) -> Court:
        """The same court for those who touch anything named: accounts (sorted) are their places among these alone.

        It judges by views whose rows and strata are numbered so, and whose sizes of strata are still of everybody.
        """
        other = copy(self)
        other.kinds = tuple(replace(kind, strata=kind.strata[accounts]) for kind in self.kinds)
        return other

    def by_names_alone(self) -> Court:
        """The same court, where nothing comes with the names: it takes two thirds of the time."""
        other = copy(self)
        other._follows = False
        return other

    def narrowed(self, verdict: Verdict) -> Court:
        """The same court, looking only at the views that describe a set: for sets like it, at a tenth of the cost.

        A family still pays for the choice among all its views, so that the bits are at most those of a full judgement.
        """
        other = copy(self)
        other._looked_at = {f: (d.view,) for f, d in verdict.best.items()}
        return other

    def listing(self, members: NDArray[np.int32]) -> Listing:
        """What saying the set plainly costs: n, its spread over strata, the accounts; the cheapest kind of strata."""
        size, choice = integer(members.size), float(np.log2(len(self.kinds)))
        return min((self._listed(members, kind, size, choice) for kind in self.kinds), key=lambda x: x.bits)

    def _listed(self, members: NDArray[np.int32], kind: Kind, size: float, choice: float) -> Listing:
        inside = np.bincount(kind.strata[members], minlength=kind.sizes.size).astype(np.int64)
        lf = self.desk.lf
        accounts = sum(choose(lf, int(kind.sizes[s]), int(inside[s])) for s in np.flatnonzero(inside))
        falls = spread(inside, kind.sizes, kind.activity, kind.language)
        return Listing(kind, inside, float(accounts), falls, size, choice)

    def judge(self, members: NDArray[np.int32]) -> Verdict:
        """B of a set: sorted, distinct account indices, at least two and at most half of all accounts."""
        saved: dict[str, float] = {}
        best: dict[str, Description] = {}
        for family, views in self.views.items():
            found: Description | None = None
            for view in self._looked_at.get(family, ()):
                description = describe(view, members, self.desk)
                if self._follows:
                    description = follow(description, members, self.desk)
                if description.bits > (found.bits if found else 0.0):
                    found = description
            saved[family] = (found.bits if found else 0.0) - price_of_choice(len(views))
            if found is not None:
                best[family] = found
        listing = self.listing(members)
        return Verdict(
            members, sum(saved.values()) - listing.bits - lone(saved, listing), saved, best, listing
        )


@dataclass(frozen=True)
class Courts:
    """`certify` judges under caps and within strata; `growth` grows on all requests, where more is known of each."""

    certify: Court
    growth: Court


Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Benches:
    """Courts for so many threads that judge at once: each takes one that is free, and gives it back."""

    def __init__(self, both: Courts, threads: int) -> None:
        self._threads = threads
        self._free: SimpleQueue[Courts] = SimpleQueue()
        for _ in range(threads):
            self._free.put(Courts(both.certify.twin(), both.growth.twin()))

    def map(self, ask: Callable[[Courts, Asked], Answer], of: Iterable[Asked]) -> list[Answer]:
        """The answer for each, in order, as many at once as there are benches."""

        def at_bench(one: Asked) -> Answer:
            with self.one() as bench:
                return ask(bench, one)

        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(at_bench, of))

    @contextmanager
    def one(self) -> Iterator[Courts]:
        """One pair of courts, for as long as the block lasts."""
        bench = self._free.get()
        try:
            yield bench
        finally:
            self._free.put(bench)


def lone(saved: Mapping[str, float], listing: Listing) -> float:
    """Bits taken off so that no family certifies alone: what the others save, less the set's size, is all there is.

    The list is told in the cheapest kind of strata, which may be finer than a family's own: a set that fills a stratum
    of the list would be cheap to list and still costly for what one family says of it.
    """
    total = sum(saved.values())
    most = total - max(saved.values(), default=0.0) - listing.size
    return max(0.0, total - listing.bits - most)


def price_of_choice(n_views: int) -> float:
    """What a family pays for choosing among its views, or silence: log2(n_views + 1) bits."""
    return float(np.log2(n_views + 1))
