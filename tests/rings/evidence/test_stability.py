"""Stability of hand-made rings, where what each touch hangs on is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from made import plain_strata

from graphscan.graph.rows import Incidences
from graphscan.graph.survey import survey
from graphscan.results import Scan
from graphscan.rings.evidence.stability import Part, Signals, Stability, stability
from graphscan.rings.find import courts
from graphscan.rings.summary import RINGS
from graphscan.signals.incidences import FamilyIncidences

N, RING = 400, 20
MANY = -1
"""The tenth of a touch that several requests made."""

Entity = tuple[str, Sequence[int], Sequence[int]]
"""Signal, users, and the tenth of each one's touch."""


def family(name: str, entities: Sequence[Entity]) -> FamilyIncidences:
    rows = sorted(
        (account, e, tenth)
        for e, (_, users, tenths) in enumerate(entities)
        for account, tenth in zip(users, tenths, strict=True)
    )
    account, entity, tenth = (np.array(column) for column in zip(*rows, strict=True))
    named = pl.DataFrame({"signal": [signal for signal, _, _ in entities]})
    cap = np.zeros(account.size, np.int8)
    return FamilyIncidences(
        name, account.astype(np.int32), entity.astype(np.int32), cap, tenth.astype(np.int8), named
    )


def stable(*families: FamilyIncidences) -> Stability:
    """The stability of the accounts below `RING`."""
    found = survey(
        [Incidences(f.family, N, f.account, f.entity, f.cap, f.signal_numbers()) for f in families],
        plain_strata([4] * N),
    )
    court = courts(found).certify
    members = np.arange(RING, dtype=np.int32)
    verdict = court.judge(members)
    assert verdict.bits > 10
    return stability(verdict, members, court, Signals({f.family: f for f in families}), 10.0)


def shared(signal: str, once: bool = False) -> Entity:
    """An entity of the whole ring: touched once by each, the n-th account in the tenth n mod 10, or many times."""
    return signal, range(RING), [a % 10 if once else MANY for a in range(RING)]


def test_an_account_goes_with_the_only_request_that_ties_it() -> None:
    """Two in each tenth hang on a request there, and two families must speak for an account."""
    told = stable(family("prompt", [shared("text", once=True)]), family("network", [shared("ip")]))
    assert told.log == pytest.approx(0.9)
    assert told.signal == 0.0


def test_a_third_family_holds_what_another_loses() -> None:
    one, two = family("prompt", [shared("text", once=True)]), family("network", [shared("ip")])
    assert stable(one, two, family("payment", [shared("card")])) == Stability(1.0, 1.0)
    # One request that carried all three takes all three with it.
    all_at_once = [family(f, [shared(f, once=True)]) for f in ("payment", "prompt", "network")]
    assert stable(*all_at_once) == Stability(pytest.approx(0.9), 1.0)


def test_what_several_requests_made_stays() -> None:
    told = stable(family("prompt", [shared("text")]), family("network", [shared("ip")]))
    assert told == Stability(1.0, 0.0)


def test_entities_of_the_same_users_stay_while_one_of_their_signals_does() -> None:
    """They are folded into one; without the first signal the second still has the same users."""
    both = family("prompt", [shared("a"), shared("b")])
    told = stable(both, family("network", [shared("ip")]), family("payment", [shared("card")]))
    assert told.signal == 1.0
    alone = stable(both, family("network", [shared("ip")]))
    assert alone.signal == 0.0  # without the address, whatever the prompts have


def test_an_account_stays_in_an_own_cluster_while_half_of_what_it_shares_does() -> None:
    texts = family("prompt", [shared("text")])
    incidences = Incidences("prompt", N, texts.account, texts.entity, texts.cap, texts.signal_numbers())
    view = survey([incidences], plain_strata([4] * N)).views["prompt"][0]
    # Two entities and an own cluster of two accounts: of the first one touch hangs on tenth 0, of the second both do.
    account, entity = np.array([0, 0, 0, 1, 1, 1], np.int32), np.array([0, 1, 2, 0, 1, 2], np.int32)
    tenth = np.array([0, 1, MANY, 0, 0, MANY], np.int8)
    part = Part(view, account, entity, tenth, np.array([False, False, True]), {})
    assert part.left_without(0).tolist() == [False, True, True, False, False, False]
    assert part.left_without(1).tolist() == [True, False, True, True, True, True]
    assert part.left_without(5).all()


def test_every_ring_of_a_run_has_shares(sample_scan: Scan) -> None:
    rings = sample_scan.rings
    for column in ("stability_log", "stability_signal"):
        assert RINGS[column] == pl.Float64
        assert rings[column].is_between(0.0, 1.0).all() and rings[column].null_count() == 0
    review = rings.filter(pl.col("triage") == "review")
    assert review["stability_log"].min() >= 0.9
