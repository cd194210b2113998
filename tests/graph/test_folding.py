"""Folding: entities with the same users are one, and a cap shows so many requests."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from made import incidences, read_from_accounts, structured, users_of

from graphscan.graph.folding import folded, mix, no_copies
from graphscan.graph.rows import rows_of

N = 12


@given(structured(N, most_entities=20), st.lists(st.integers(2, 4), min_size=20, max_size=20))
@settings(max_examples=100, deadline=None)
def test_folded_rows_are_the_distinct_sets_of_users(users: list[list[int]], caps: list[int]):
    made = incidences(users, N, caps=caps[: len(users)])
    for cap in (2, 3, 4, None):
        rows, entity_of, fold = folded(made, cap)
        seen = [u if cap is None or c <= cap else [] for u, c in zip(users, caps, strict=False)]
        told = [tuple(u) if 2 <= len(u) <= N // 2 else None for u in seen]
        first = {u: e for e, u in reversed(list(enumerate(told))) if u is not None}
        assert entity_of.tolist() == sorted(first.values())
        assert users_of(rows) == [users[e] for e in sorted(first.values())]
        assert read_from_accounts(rows) == users_of(rows)
        place = {e: i for i, e in enumerate(entity_of.tolist())}
        assert fold.tolist() == [-1 if u is None else place[first[u]] for u in told]


def test_a_touch_is_seen_from_its_cap_on():
    """Two of four users touched the entity only by a request that the smaller caps do not show."""
    made = incidences([[0, 1, 2, 3]], 10)
    made.cap[:] = [2, 2, 4, 5]
    assert [users_of(folded(made, c)[0]) for c in (2, 3, 4, 5, None)] == [
        [[0, 1]],
        [[0, 1]],
        [[0, 1, 2]],
        [[0, 1, 2, 3]],
        [[0, 1, 2, 3]],
    ]


def test_what_half_of_the_accounts_touch_stays_and_more_does_not():
    rows, entity_of, _ = folded(incidences([range(5), range(6), [3], [3, 4]], 10), None)
    assert users_of(rows) == [[0, 1, 2, 3, 4], [3, 4]]
    assert entity_of.tolist() == [0, 3]


def test_mix_is_a_bijection_without_a_pattern():
    mixed = {int(mix(np.uint64(x))) for x in range(20_000)}
    assert len(mixed) == 20_000
    low = np.array([int(mix(np.uint64(x))) & 255 for x in range(20_000)])
    counts = np.bincount(low, minlength=256)
    assert ((counts - 20_000 / 256) ** 2 / (20_000 / 256)).sum() < 340  # chi-square, 255 degrees: p < .001


def test_clusters_with_the_users_of_an_entity_are_copies():
    """A card of four accounts is a cluster as well: the fourth entity is no such card, nor is what has a user more."""
    cards = [[0, 1, 2, 3], [4, 5, 6, 7], [0, 4], [8, 9, 10]]
    incidences = [(a, e) for e, users in enumerate(cards) for a in users]
    account, entity = (np.array(c, np.int32) for c in zip(*sorted(incidences), strict=True))
    rows = rows_of(account, entity, 11, len(cards))
    clusters = [np.array(c, np.int32) for c in ([0, 1, 2, 3], [4, 5, 6, 7, 8], [4, 5, 6], [8, 9, 10])]
    assert [c.tolist() for c in no_copies(rows, clusters)] == [[4, 5, 6, 7, 8], [4, 5, 6]]
    assert no_copies(rows, []) == []
