"""Strata: activity under each cap, language, and who paid at all."""

from __future__ import annotations

import numpy as np

from graphscan.graph.strata import CAPS, strata_of


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
