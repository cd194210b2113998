"""What names lead to: the rule, by a slow reading of it; and a pool of addresses that its first few tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import members_of, view, views

from graphscan.graph.views import View
from graphscan.rings.describe import describe, follow
from graphscan.rings.describe.codes import log2_factorials
from graphscan.rings.describe.desk import Desk
from graphscan.rings.describe.expansion import MOST_FOLLOWED, ROUNDS, followed

N = 14
LF = log2_factorials(4096)
POOL = 400
RING = 120


def led_to(made: View, names: list[int]) -> list[list[int]]:
    """All that is named or led to after each round: two users, and half of them, must be reached."""
    users = [set(made.rows.users_of(e).tolist()) for e in range(made.rows.n_entities)]
    known, after = list(names), []
    for _ in range(ROUNDS):
        reached = set().union(*(users[e] for e in known))
        new = [
            e
            for e, of in enumerate(users)
            if e not in known and len(of & reached) >= 2 and 2 * len(of & reached) >= len(of)
        ]
        if not new:
            break
        known = known + new
        after.append(known)
    return after


@given(views(N), st.integers(1, 2**N - 1), st.integers(1, 3))
@settings(max_examples=300, deadline=None)
def test_what_is_led_to_is_the_rule_s(made: View, mask: int, n: int):
    here = Desk.of(LF, N, 64)
    names = np.arange(min(n, made.rows.n_entities), dtype=np.int32)
    members = members_of(mask, N)
    here.touches[members] = 128
    told = followed(names, members, made.columns, here.touches, here.seen, LF, MOST_FOLLOWED)
    here.touches[members] = 0
    assert not here.touches.any()
    entities = told.entities.tolist()
    assert entities == [] or entities in led_to(made, names.tolist())


def pool(rng: np.random.Generator) -> View:
    """Each of the ring's accounts has had five addresses of a pool of its own; 2,000 others have had five of theirs."""
    users: list[list[int]] = [[] for _ in range(POOL + 8000)]
    for account in range(RING):
        for address in rng.choice(POOL, 5, replace=False):
            users[address].append(account)
    for account in range(RING, RING + 2000):
        for address in rng.choice(8000, 5, replace=False):
            users[POOL + address].append(account)
    return view([u for u in users if len(u) > 1], [0] * (RING + 2000))


def test_a_pool_is_told_by_its_first_addresses():
    made = pool(np.random.default_rng(5))
    here = Desk.of(LF, RING + 2000, made.rows.n_entities)
    members = np.arange(RING, dtype=np.int32)
    plain = describe(made, members, here)
    told = follow(plain, members, here)
    assert told.is_followed and told.n_named <= 16
    assert told.bits > 1.5 * plain.bits
    assert told.entities[: told.n_named].tolist() == plain.entities[: told.n_named].tolist()
    assert told.members[:, 1:].sum() > 0.85 * RING
    assert told.accounts[:, 1:].sum() < 1.1 * RING


def test_who_is_led_into_a_crowd_is_lost():
    """An address of the whole crowd leads to all that the crowd has: it is left after as much as the ring is worth."""
    made = pool(np.random.default_rng(5))
    gate = [*range(20), *range(RING, RING + 2000)]
    users = [made.rows.users_of(e).tolist() for e in range(made.rows.n_entities)]
    crowded = view([gate, *users], [0] * (RING + 2000))
    here = Desk.of(LF, RING + 2000, crowded.rows.n_entities)
    members = np.arange(20, dtype=np.int32)
    here.touches[members] = 128
    told = followed(
        np.array([0], np.int32), members, crowded.columns, here.touches, here.seen, LF, MOST_FOLLOWED
    )
    here.touches[members] = 0
    assert told.entities.size == 0
    assert not here.touches.any()


def test_following_counts_anew_before_it_overflows():
    made = pool(np.random.default_rng(5))
    here = Desk.of(LF, RING + 2000, made.rows.n_entities)
    members = np.arange(RING, dtype=np.int32)
    plain = describe(made, members, here)
    told = follow(plain, members, here)
    here.seen[-1] = np.iinfo(np.int32).max - 10
    again = follow(plain, members, here)
    assert again.entities.tolist() == told.entities.tolist()
    assert again.bits == pytest.approx(told.bits)
    assert here.seen[-1] < np.iinfo(np.int32).max // 2
