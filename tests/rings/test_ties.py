"""The ties that pictures draw: which they are, and the signals that make each."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
from made import incidences, plain_strata

from graphscan.graph.survey import Survey, survey
from graphscan.results import Scan
from graphscan.rings.certificate import Verdict
from graphscan.rings.evidence import Names
from graphscan.rings.find import courts
from graphscan.rings.ties import TIES_SHOWN, drawn_ties

N_ACCOUNTS = 20_000
RING = list(range(40))


def world(users: dict[str, dict[str, list[list[int]]]]) -> tuple[Survey, Verdict, dict[str, Names]]:
    """A survey of signals by family with the users of each entity, a judged ring, and what its entities are called."""
    families = [
        incidences([u for entities in signals.values() for u in entities], N_ACCOUNTS, family)
        for family, signals in users.items()
    ]
    names = {
        family: Names(
            pl.DataFrame({"signal": [signal for signal, entities in signals.items() for _ in entities]})
        )
        for family, signals in users.items()
    }
    found = survey(families, plain_strata([8] * N_ACCOUNTS))
    return found, courts(found).certify.judge(np.array(RING, np.int32)), names


def test_a_tie_has_the_signals_of_what_its_accounts_share():
    """Fragments with the same users as a window are one entity, and stand for both signals."""
    tens = [RING[i : i + 10] for i in range(0, 40, 10)]
    fives = [RING[i : i + 5] for i in range(0, 40, 5)]
    crowd = [list(range(100 + 4 * i, 104 + 4 * i)) for i in range(50)]
    users = {
        "prompt": {"fragment": [*tens, *crowd], "window": tens[:2]},
        "network": {"address": [*fives, *crowd]},
        "payment": {"card": [*fives, *crowd]},
    }
    found, ring, names = world(users)
    ids = pl.Series([f"{a:05d}" for a in range(N_ACCOUNTS)])
    ties = drawn_ties(found, {"ring-0001": ring}, names, ids)
    assert ties.height >= 30
    for tie in ties.iter_rows(named=True):
        both = {int(tie["account_id_l"]), int(tie["account_id_r"])}
        expected = {
            signal
            for signals in users.values()
            for signal, entities in signals.items()
            if any(both <= set(u) for u in entities)
        }
        assert set(tie["signals"]) == expected


def test_ties_of_the_sample_are_members_and_few(sample_scan: Scan):
    members = {ring: set(m["account_id"]) for (ring,), m in sample_scan.members.group_by("ring_id")}
    known = set(sample_scan.evidence["signal"])
    for (ring,), ties in sample_scan.pairs.group_by("ring_id"):
        ends = Counter([*ties["account_id_l"], *ties["account_id_r"]])
        assert set(ends) <= members[ring]
        assert max(ends.values()) <= 2 * TIES_SHOWN
    assert set(sample_scan.pairs["signals"].explode()) <= known | {"activity_window", "subnet"}
    assert sample_scan.pairs["signals"].list.len().min() >= 2
