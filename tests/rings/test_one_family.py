"""One family alone never certifies; copies of an entity change nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import incidences, members_of, plain_strata, stratified, structured, view, views

from graphscan.graph.rows import Incidences
from graphscan.graph.strata import Strata, strata_of
from graphscan.graph.survey import survey
from graphscan.graph.views import View
from graphscan.rings.certificate import Court, Kind
from graphscan.rings.find import courts

N = 14


def kind(strata: list[int]) -> Kind:
    return Kind.of("strata", np.array(strata, np.int16))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_one_family_alone_stays_below_zero(data: st.DataObject):
    """However its incidences lie and whatever the set: listed within the family's strata, or those merged."""
    strata = data.draw(stratified(N))
    made = data.draw(st.lists(views(N, strata), min_size=1, max_size=3))
    court = Court({"prompt": made}, [kind(strata), kind([0] * N)], N)
    for mask in data.draw(st.lists(st.integers(3, 2**N - 1), min_size=20, max_size=20)):
        if mask.bit_count() >= 2:
            assert court.judge(members_of(mask, N)).bits < 0.0


def test_one_family_that_knows_a_set_whole_stays_below_zero():
    """A thousand entities whose users are exactly the set: the most that a family can know."""
    n = 400
    ring = range(40)
    made = view([ring] * 1000 + [[a, a + 1] for a in range(40, 398)], [0] * n, [ring])
    court = Court({"prompt": [made]}, [kind([0] * n)], n)
    verdict = court.judge(np.arange(40, dtype=np.int32))
    assert verdict.saved["prompt"] > 150.0
    assert verdict.bits < 0.0


def heavy_users_of_one_address() -> tuple[Incidences, Strata, np.ndarray]:
    """4,000 accounts; the thirty that ask most share one address, and no other family is on."""
    n_accounts, n_heavy = 4000, 30
    rng = np.random.default_rng(1)
    others = rng.integers(0, 800, n_accounts)
    users = [range(n_heavy), *([a for a in range(n_heavy, n_accounts) if others[a] == e] for e in range(800))]
    n_requests = np.where(np.arange(n_accounts) < n_heavy, 600, rng.integers(1, 40, n_accounts))
    strata = strata_of(n_requests, np.zeros(n_accounts, np.int32), np.zeros(n_accounts, bool))
    made = incidences(users, n_accounts, "network", [2] * len(users))
    return made, strata, np.arange(n_heavy, dtype=np.int32)


def payers_of_one_language() -> tuple[Incidences, Strata, np.ndarray]:
    """4,000 accounts that have all paid; the 150 of one language share a card, and no other family is on."""
    n_accounts = 4000
    rng = np.random.default_rng(1)
    language = np.zeros(n_accounts, np.int32)
    language[100:250] = 1
    others = rng.integers(0, 1500, n_accounts)
    mine = np.flatnonzero(language)
    users = [
        mine.tolist(),
        *([a for a in np.flatnonzero(others == e) if not language[a]] for e in range(1500)),
    ]
    strata = strata_of(rng.integers(1, 40, n_accounts), language, np.ones(n_accounts, bool))
    return incidences(users, n_accounts, "payment"), strata, mine.astype(np.int32)


@pytest.mark.parametrize("world", [heavy_users_of_one_address, payers_of_one_language])
def test_one_family_alone_stays_below_zero_where_the_set_fills_a_stratum_of_the_list(world):
    made, strata, members = world()
    assert courts(survey([made], strata)).certify.judge(members).bits < 0.0


@given(structured(N), stratified(N), st.lists(st.integers(0, 11), max_size=30), st.integers(3, 2**N - 1))
@settings(max_examples=60, deadline=None)
def test_copies_of_an_entity_change_nothing(
    users: list[list[int]], strata: list[int], copied: list[int], mask: int
):
    more = users + [users[c % len(users)] for c in copied]
    verdicts = [
        Court({"prompt": [view(entities, strata)]}, [kind(strata)], N).judge(members_of(mask, N))
        for entities in (users, more)
    ]
    assert verdicts[0].bits == verdicts[1].bits
    assert verdicts[0].saved == verdicts[1].saved


def test_copies_change_no_view_of_a_survey():
    """Folding comes before own clusters, classes and strata, under every cap."""
    rng = np.random.default_rng(7)
    n_accounts = 300
    users = [
        sorted(rng.choice(n_accounts, int(rng.integers(2, 12)), replace=False).tolist()) for _ in range(200)
    ]
    caps = rng.integers(2, 5, 200).tolist()
    strata = plain_strata(rng.integers(1, 60, n_accounts).tolist(), n_caps=3)
    once = survey([incidences(users, n_accounts, "network", caps)], strata)
    thrice = survey([incidences(users * 3, n_accounts, "network", caps * 3)], strata)
    for a, b in zip(_all(once.views), _all(thrice.views), strict=True):
        assert a.rows.n_entities > 10
        np.testing.assert_array_equal(a.rows.ent, b.rows.ent)
        np.testing.assert_array_equal(a.rows.users, b.rows.users)
        np.testing.assert_array_equal(a.entity_of, b.entity_of)
        np.testing.assert_array_equal(a.class_sizes, b.class_sizes)
        assert (b.fold == np.tile(a.fold, 3)).all()


def _all(by_family: dict[str, tuple[View, ...]]) -> list[View]:
    return [v for views in by_family.values() for v in views]
