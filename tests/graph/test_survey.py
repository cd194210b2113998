"""The survey: which views each family has, and which are clustered."""

from __future__ import annotations

import numpy as np
from made import incidences

from graphscan.graph.strata import strata_of
from graphscan.graph.survey import survey


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
