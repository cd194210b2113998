"""Views: own clusters beside folded entities, and rows that read both ways alike."""

from __future__ import annotations

import numpy as np
from made import incidences, read_from_accounts, users_of, view

from graphscan.graph.rows import with_clusters
from graphscan.graph.survey import plain_rows
from graphscan.graph.views import OWN_CLASS, view_of


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
