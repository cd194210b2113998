"""Views: what is folded, what is left out, what a cap shows, and that rows read both ways alike."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from made import incidences, structured, view

from graphscan.graph.folding import folded, mix
from graphscan.graph.rows import Rows, with_clusters
from graphscan.graph.strata import CAPS, strata_of
from graphscan.graph.survey import plain_rows, survey
from graphscan.graph.views import OWN_CLASS, view_of

N = 12


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


def test_own_clusters_are_further_entities_in_classes_apart():
    made = view([[0, 1], [2, 3], [4, 5, 6, 7]], [0] * 20, clusters=[range(8), range(4)])
    assert users_of(made.rows) == [[0, 1], [2, 3], [4, 5, 6, 7], list(range(8)), list(range(4))]
    assert made.entity_of.tolist() == [0, 1, 2, -1, -2]
    names = made.class_names[made.klass].tolist()
    assert names == [1, 1, 2, OWN_CLASS + 3, OWN_CLASS + 2]
    assert made.class_sizes.sum() == 5
    assert users_of(plain_rows(made)) == [[0, 1], [2, 3], [4, 5, 6, 7]]
    assert read_from_accounts(plain_rows(made)) == users_of(plain_rows(made))
    assert read_from_accounts(made.rows) == users_of(made.rows)
    assert with_clusters(made.rows, []) is made.rows


def test_a_view_of_nothing_is_a_view():
    empty = view_of(incidences([[1]], 4), None, np.zeros(4, np.int32), [])
    assert empty.rows.n_entities == 0
    assert empty.class_sizes.size == 0
    assert empty.stratum_sizes.tolist() == [4]


def test_mix_is_a_bijection_without_a_pattern():
    mixed = {int(mix(np.uint64(x))) for x in range(20_000)}
    assert len(mixed) == 20_000
    low = np.array([int(mix(np.uint64(x))) & 255 for x in range(20_000)])
    counts = np.bincount(low, minlength=256)
    assert ((counts - 20_000 / 256) ** 2 / (20_000 / 256)).sum() < 340  # chi-square, 255 degrees: p < .001


def test_strata_part_who_asks_less_than_the_cap_by_powers_of_two():
    n_requests = np.repeat([1, 2, 3, 4, 7, 8, 15, 16, 600], 25)
    strata = strata_of(n_requests, np.zeros(225, np.int32), np.zeros(225, bool))
    under_8 = dict(zip(n_requests.tolist(), strata.by_cap[3].tolist(), strict=True))
    assert under_8 == {1: 0, 2: 1, 3: 1, 4: 2, 7: 2, 8: 3, 15: 3, 16: 3, 600: 3}
    assert strata.caps == tuple(CAPS)


def test_a_cap_that_few_accounts_fill_is_not_used():
    n_requests = np.r_[np.full(1000, 20), np.full(19, 600)]
    assert strata_of(n_requests, np.zeros(1019, np.int32), np.zeros(1019, bool)).caps == (2, 3, 4)
    few = strata_of(np.ones(50, np.int64), np.zeros(50, np.int32), np.zeros(50, bool))
    assert few.caps == (2,)


def test_language_and_activity_cross():
    n_requests = np.array([1, 9] * 40)
    language = np.repeat([0, 1], 40).astype(np.int32)
    strata = strata_of(n_requests, language, np.arange(80) % 2 == 0)
    assert len(set(zip(strata.by_cap[3].tolist(), language.tolist(), strict=True))) == 4
    assert np.unique(strata.by_cap[3]).tolist() == [0, 1, 2, 3]
    assert strata.language.tolist() == language.tolist()
    assert strata.paid.tolist() == [1, 0] * 40


def test_each_family_has_the_views_it_should():
    """Views under caps where use makes more touches; one view in strata of who paid, or of language, where not."""
    n_accounts = 60
    language = (np.arange(n_accounts) < 30).astype(np.int32)
    strata = strata_of(np.full(n_accounts, 20), language, np.arange(n_accounts) % 2 == 0)
    users = [[0, 1, 2], [40, 41]]
    found = survey(
        [incidences(users, n_accounts, f) for f in ("payment", "identity")]
        + [incidences(users, n_accounts, "prompt", [2, 2])],
        strata,
    )
    assert list(found.views) == ["identity", "payment", "prompt"]
    assert [v.cap for v in found.views["prompt"]] == [2, 3, 4]
    assert [v.cap for v in found.views["payment"]] == [None]
    assert found.views["payment"][0].strata.tolist() == strata.paid.tolist()
    assert found.views["identity"][0].strata.tolist() == strata.language.tolist()
    assert all(v.strata is strata.by_cap[v.cap] for v in found.views["prompt"])
    assert [v.cap for vs in found.open_views.values() for v in vs] == [None] * 3


def test_where_few_requests_allow_one_small_cap_its_view_is_clustered():
    """A log of four requests an account: cap 4 alone is in use, and a pool of two addresses each is one cluster."""
    users = [[a, (a + 1) % 9] for a in range(9)]
    made = incidences(users, 400, caps=[2] * 9)
    found = survey([made], strata_of(np.full(400, 4), np.zeros(400, np.int32), np.zeros(400, bool)))
    (only,) = found.views["prompt"]
    assert only.cap == 2
    assert [only.rows.users_of(e).tolist() for e in range(only.n_plain, only.rows.n_entities)] == [
        list(range(9))
    ]
