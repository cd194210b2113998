"""Views: one family's incidences under one cap, as compressed rows both ways.

Takes in the incidences of a family over all accounts and gives out, for each cap, who touches what when only so many
requests of each account are looked at. Entities with the same users are folded into one before anything is counted;
a family's own clusters are further entities, in classes of their own.

Everything here is made from one family's own columns, over all accounts, before anything is proposed: the proof of
the certificate (`graphscan.rings.certificate`) rests on that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graphscan.graph.folding import folded
from graphscan.graph.rows import Incidences, Rows, with_clusters

MANY = 64
"""Users from which those of an entity are counted by stratum once; of rarer entities whenever that is asked."""

OWN_CLASS = 32
"""Classes of popularity of own clusters start here: log2 of a number of users never reaches it."""


class Columns(NamedTuple):
    """A view's arrays, as compiled code takes them: see `Rows`, `View` and `counted`.

    `user_strata` is the stratum of each user of each entity, beside `users`: read one after another, where looking
    each up would go all over memory.
    """

    ptr: NDArray[np.int64]
    ent: NDArray[np.int32]
    eptr: NDArray[np.int64]
    users: NDArray[np.int32]
    user_strata: NDArray[np.int16]
    klass: NDArray[np.int64]
    class_sizes: NDArray[np.int64]
    strata: NDArray[np.int16]
    stratum_sizes: NDArray[np.int64]
    row: NDArray[np.int32]
    table: NDArray[np.int32]


@dataclass(frozen=True)
class View:
    """One family under one cap: rows of folded entities and own clusters, with strata and classes of popularity.

    `entity_of` gives, for each folded entity, the smallest original entity it stands for, and −1 − k for own cluster
    k; `fold` gives, for each original entity, the folded one, or −1 where it was left out. `klass` is the index of
    the popularity class in `class_sizes`; `class_names` gives each class's exponent (OWN_CLASS more for clusters).
    """

    family: str
    cap: int | None
    rows: Rows
    entity_of: NDArray[np.int64]
    fold: NDArray[np.int32]
    klass: NDArray[np.int64]
    class_names: NDArray[np.int64]
    class_sizes: NDArray[np.int64]
    strata: NDArray[np.int16]
    stratum_sizes: NDArray[np.int64] = field(repr=False)

    @property
    def n_plain(self) -> int:
        """Number of folded entities; own clusters are numbered from here on."""
        return int((self.entity_of >= 0).sum())

    @cached_property
    def by_stratum(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Users of the entities with `MANY` by stratum, and where they are: see `counted`."""
        return counted(self.rows, self.strata, self.stratum_sizes.size)

    @cached_property
    def columns(self) -> Columns:
        """All of this, as compiled code takes it."""
        return Columns(
            self.rows.ptr,
            self.rows.ent,
            self.rows.eptr,
            self.rows.users,
            self.strata[self.rows.users],
            self.klass,
            self.class_sizes,
            self.strata,
            self.stratum_sizes,
            *self.by_stratum,
        )

    @cached_property
    def n_folded(self) -> NDArray[np.int64]:
        """How many original entities each folded one stands for, shape (n_plain,)."""
        return np.bincount(self.fold[self.fold >= 0], minlength=self.n_plain)


def counted(
    rows: Rows, strata: NDArray[np.int16], n_strata: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Each entity's row in the table, or −1, shape (n_entities,), and the table: users in each stratum of the entities
    with `MANY` or more, shape (n_many, n_strata)."""
    many = np.flatnonzero(rows.n_users >= MANY)
    row = np.full(rows.n_entities, -1, np.int32)
    row[many] = np.arange(many.size, dtype=np.int32)
    table = np.zeros((many.size, n_strata), np.int32)
    _count(rows.eptr, rows.users, strata, many, table)
    return row, table


@njit(cache=True, nogil=True)
def _count(
    eptr: NDArray[np.int64],
    users: NDArray[np.int32],
    strata: NDArray[np.int16],
    many: NDArray[np.int64],
    table: NDArray[np.int32],
) -> None:
    for k in range(many.size):
        for i in range(eptr[many[k]], eptr[many[k] + 1]):
            table[k, strata[users[i]]] += 1


def view_of(
    incidences: Incidences,
    cap: int | None,
    strata: NDArray[np.int16],
    clusters: list[NDArray[np.int32]],
    base: tuple[Rows, NDArray[np.int64], NDArray[np.int32]] | None = None,
) -> View:
    """The view of a family under a cap (None: all requests), over strata, shape (n_accounts,), dense from zero."""
    rows, entity_of, fold = base if base is not None else folded(incidences, cap)
    n_plain = rows.n_entities
    rows = with_clusters(rows, clusters)
    popularity = np.floor(np.log2(np.maximum(rows.n_users, 1))).astype(np.int64)
    popularity[n_plain:] += OWN_CLASS
    class_names, klass, class_sizes = np.unique(popularity, return_inverse=True, return_counts=True)
    return View(
        incidences.family,
        cap,
        rows,
        np.concatenate([entity_of, -1 - np.arange(len(clusters))]),
        fold,
        klass.astype(np.int64),
        class_names,
        class_sizes.astype(np.int64),
        strata,
        np.bincount(strata).astype(np.int64),
    )
