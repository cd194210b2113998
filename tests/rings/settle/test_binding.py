"""What holds parts together as one ring, and what tells them apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made import incidences, plain_strata, saving

from graphscan.graph.survey import survey
from graphscan.rings.certificate import Verdict
from graphscan.rings.find import courts
from graphscan.rings.settle.binding import are_apart, are_batches, are_bound_batches, have_one_thing, is_bound


@pytest.fixture(scope="module")
def pattern() -> Verdict:
    """A judged set that two families describe."""
    families = [incidences([list(range(30))], 400, family) for family in ("prompt", "network")]
    world = survey(families, plain_strata([40] * 400, n_caps=4))
    return courts(world).certify.judge(np.arange(30, dtype=np.int32))


@pytest.mark.parametrize(
    ("more_apart", "apart", "bound"),
    [
        ({"prompt": 50.0, "payment": 50.0, "network": -60.0, "identity": -90.0}, True, False),
        ({"prompt": 50.0, "identity": 50.0, "network": -60.0}, True, False),
        (
            {"prompt": 100.0, "payment": 5.0, "network": -60.0},
            False,
            False,
        ),  # one family tells the batches of a ring
        ({"prompt": 25.0, "payment": 15.0, "network": -60.0}, False, False),  # a list for each costs more
        ({"prompt": 50.0, "identity": 50.0, "payment": -20.0}, True, False),  # one family holds them
        ({"prompt": 50.0, "identity": 50.0, "payment": -20.0, "network": -60.0}, False, True),
    ],
)
def test_two_families_tell_rings_apart_and_two_hold_one_together(
    pattern: Verdict, more_apart: dict[str, float], apart: bool, bound: bool
):
    families = ("prompt", "payment", "network", "identity")
    part = saving(pattern, 300.0, 150.0, dict.fromkeys(families, 200.0))
    whole = saving(pattern, 700.0, 250.0, {f: 400.0 - more_apart.get(f, 0.0) for f in families})
    assert are_apart(whole, [part, part], 10.0) is apart
    assert is_bound(whole, [part, part]) is bound


def test_one_thing_that_is_theirs_holds_parts_together(pattern: Verdict):
    """All 30 used one thing, and hardly anybody else did: halves and tenths of them are one operator's. What anybody
    may use holds nobody, nor does what others use as well."""
    halves = [courts_of(range(15)), courts_of(range(15, 30))]
    assert have_one_thing(pattern, halves)
    assert not have_one_thing(replace(pattern, best={"network": pattern.best["network"]}), halves)
    assert not have_one_thing(courts_of(range(12)), [courts_of(range(6)), courts_of(range(6, 12))])
    assert not have_one_thing(pattern, [courts_of(range(15)), courts_of(range(24, 40))])


def courts_of(members: range) -> Verdict:
    """A set of accounts of which 30 share a text and a network, as it is judged."""
    families = [incidences([list(range(30))], 400, family) for family in ("prompt", "network")]
    world = survey(families, plain_strata([40] * 400, n_caps=4))
    return courts(world).certify.judge(np.array(members, np.int32))


@pytest.mark.parametrize(
    ("more_apart", "batches", "bound"),
    [
        ({"prompt": -50.0, "identity": 90.0, "network": 60.0}, True, False),
        ({"prompt": -50.0, "payment": -50.0, "identity": 200.0}, True, True),
        ({"prompt": -50.0, "network": -50.0, "identity": 200.0}, True, True),
        ({"prompt": -50.0, "payment": 20.0}, False, False),  # other cards: another customer's
        ({"prompt": -5.0, "identity": 90.0}, False, False),  # next to nothing holds them
        ({"network": -50.0, "identity": -50.0}, False, False),  # what anybody may use holds nobody
    ],
)
def test_batches_differ_in_what_anybody_may_use(
    pattern: Verdict, more_apart: dict[str, float], batches: bool, bound: bool
):
    families = ("prompt", "payment", "network", "identity")
    part = saving(pattern, 300.0, 150.0, dict.fromkeys(families, 200.0))
    whole = saving(pattern, 700.0, 250.0, {f: 400.0 - more_apart.get(f, 0.0) for f in families})
    assert are_batches(whole, [part, part], 10.0) is batches
    assert are_bound_batches(whole, [part, part], 10.0) is bound


def test_batches_are_held_by_what_is_mostly_theirs(pattern: Verdict):
    """Where 30 more have the text it may be a public one, that two operators took."""
    families = [incidences([list(range(61))], 400, family) for family in ("prompt", "network")]
    world = survey(families, plain_strata([40] * 400, n_caps=4))
    public = courts(world).certify.judge(np.arange(30, dtype=np.int32))
    for text, batches in ((pattern, True), (public, False)):
        part = saving(text, 300.0, 150.0, {"prompt": 200.0, "identity": 200.0})
        whole = saving(text, 700.0, 250.0, {"prompt": 450.0, "identity": 300.0})
        assert are_batches(whole, [part, part], 10.0) is batches
