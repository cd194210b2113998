"""The laws that the certificate's proof rests on, by going through every set of accounts of small worlds.

Step 2 of the proof (`graphscan.rings.certificate`): lay the accounts of each stratum anew on a view's rows, and
2^saving of a fixed set has mean at most one. All sets with the same counts in the strata are then equally likely, so
the mean is an average over them, taken here exactly, with what the real greedy search reports for each: the largest
saving it finds, not that of entities fixed beforehand.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import members_of, stratified, structured, view, views

from graphscan.graph.views import View
from graphscan.rings.certificate import Court, Kind
from graphscan.rings.describe import Description, describe, follow, levels
from graphscan.rings.describe.codes import LEVELS, choose, classes, integer, law, level_of, log2_factorials
from graphscan.rings.describe.desk import Desk
from graphscan.rings.describe.expansion import FOLLOWED_BITS, NOT_FOLLOWED_BITS

N = 10
LF = log2_factorials(64)
MASKS = [m for m in range(1, 2**N) if 2 <= m.bit_count() <= N - 2]


def desk(n_accounts: int) -> Desk:
    return Desk.of(LF, n_accounts, 64)


def told_by(made: View, members: np.ndarray, here: Desk) -> Description:
    """The shorter of a description by names alone and one with what they lead to."""
    return follow(describe(made, members, here), members, here)


def whether(told: Description) -> float:
    """What saying costs whether the names are followed."""
    return FOLLOWED_BITS if told.is_followed else NOT_FOLLOWED_BITS


def counts_in(strata: np.ndarray, members: np.ndarray) -> tuple[int, ...]:
    return tuple(np.bincount(strata[members], minlength=int(strata.max()) + 1).tolist())


def plain(made: View, members: np.ndarray) -> float:
    """Σ_s log2 C(N_s, n_s): the set listed within the view's strata."""
    return sum(
        choose(LF, int(size), n)
        for size, n in zip(made.stratum_sizes, counts_in(made.strata, members), strict=True)
    )


def names_of(made: View, named: list[int]) -> float:
    """What naming these entities costs: how many, of which classes, which of each class."""
    if not named:
        return integer(0)
    of_class = np.bincount(made.klass[named], minlength=made.class_sizes.size).astype(np.int64)
    which = sum(choose(LF, int(m), int(k)) for m, k in zip(made.class_sizes, of_class, strict=True))
    return float(integer(len(named)) + classes(of_class, len(named)) + which)


def length_under(made: View, members: np.ndarray, named: list[int]) -> float:
    """Length of a set for who knows the names: on which level each member stands, and who of the level it is."""
    touches = np.zeros(made.strata.size, np.int64)
    for e in named:
        touches[made.rows.users[made.rows.eptr[e] : made.rows.eptr[e + 1]]] += 1
    level = np.array([level_of(t) for t in touches])
    inside = np.isin(np.arange(level.size), members)
    accounts = np.zeros((made.stratum_sizes.size, LEVELS), np.int64)
    of_members = np.zeros_like(accounts)
    np.add.at(accounts, (made.strata, level), 1)
    np.add.at(of_members, (made.strata[inside], level[inside]), 1)
    arrangement = (LF[accounts] - LF[accounts - of_members]).sum() - LF[of_members.sum(1)].sum()
    return float(law(of_members.sum(0), accounts.sum(0)) + arrangement)


def mean_gains(made: View) -> dict[tuple[int, ...], float]:
    """The mean of 2^saving over all sets with the same counts in the strata, by those counts."""
    gains = defaultdict(list)
    here = desk(N)
    for mask in MASKS:
        members = members_of(mask, N)
        gains[counts_in(made.strata, members)].append(2.0 ** told_by(made, members, here).bits)
    return {counts: float(np.mean(values)) for counts, values in gains.items()}


@given(views(N))
@settings(max_examples=60, deadline=None)
def test_laid_anew_within_strata_the_best_description_gains_nothing_on_average(made: View):
    assert max(mean_gains(made).values()) <= 1.0 + 1e-9


CRAFTED = {
    "one block": ([range(4)], [0] * 12, ()),
    "forty copies of crossing blocks": ([range(4), range(2, 6), range(4, 8)] * 14, [0] * 12, ()),
    "a chain, so that all levels are in use": (
        [range(k) for k in range(2, 7)] + [[*range(6), k] for k in range(6, 12)],
        [0] * 12,
        (),
    ),
    "blocks that are strata": ([range(6), range(6, 12), [0, 1, 2]], [0] * 6 + [1] * 6, ()),
    "blocks that cross strata": ([[0, 1, 2, 6, 7, 8], [2, 3, 8, 9]], [0] * 6 + [1] * 6, ()),
    "own clusters that say it again": (
        [range(4), range(3), range(5)],
        [0] * 11 + [1],
        (range(4), range(2, 7)),
    ),
    "all fours of two halves": (
        [[*t] for half in (range(6), range(6, 12)) for t in itertools.combinations(half, 4)],
        [0] * 12,
        (range(6),),
    ),
}


@pytest.mark.parametrize("name", CRAFTED)
def test_laid_anew_within_strata_hard_cases_gain_nothing_on_average(name: str):
    users, strata, own = CRAFTED[name]
    made = view(users, strata, own)
    gains = defaultdict(list)
    most_named = 0
    here = desk(12)
    for mask in range(1, 2**12):
        members = members_of(mask, 12)
        told = told_by(made, members, here)
        gains[counts_in(made.strata, members)].append(2.0**told.bits)
        most_named = max(most_named, told.entities.size)
    assert most_named >= 1  # else the case is none
    assert max(np.mean(g) for g in gains.values()) <= 1.0 + 1e-9


@pytest.mark.slow
@given(views(13))
@settings(max_examples=25, deadline=None)
def test_laid_anew_within_strata_larger_sets_gain_nothing_on_average(made: View):
    gains = defaultdict(list)
    here = desk(13)
    for mask in range(1, 2**13):
        if 2 <= mask.bit_count() <= 7:
            members = members_of(mask, 13)
            gains[counts_in(made.strata, members)].append(2.0 ** told_by(made, members, here).bits)
    assert max(np.mean(g) for g in gains.values()) <= 1.0 + 1e-9


@given(structured(7, most_entities=5), stratified(7), st.integers(0, 2**5 - 1))
@settings(max_examples=60, deadline=None)
def test_for_given_names_the_code_is_one_over_all_sets(users: list[list[int]], strata: list[int], mask: int):
    """Whatever is named: the sum of 2^−(DL − names) over all sets with the same counts in strata is at most one."""
    made = view(users, strata)
    named = [e for e in range(made.rows.n_entities) if mask >> e & 1]
    sums: dict[tuple[int, ...], float] = defaultdict(float)
    for subset in range(1, 2**7):
        members = members_of(subset, 7)
        sums[counts_in(made.strata, members)] += 2.0 ** -length_under(made, members, named)
    assert max(sums.values()) <= 1.0 + 1e-9


@given(views(14), st.integers(1, 2**14 - 1))
@settings(max_examples=200, deadline=None)
def test_what_describe_reports_is_the_formula_for_what_it_named(made: View, mask: int):
    members, here = members_of(mask, 14), desk(14)
    plain_one = describe(made, members, here)
    told = follow(plain_one, members, here)
    for place, saved in enumerate(plain_one.saved):
        # what the first names cost more than they save the next ones pay
        assert saved > 0.5 or plain_one.saved[place:].sum() > 0.0
    assert told.bits >= plain_one.bits and (told.is_followed or told is plain_one)
    for by in (plain_one, told):
        entities = by.entities.tolist()
        names = names_of(made, entities[: by.n_named])
        length = names + whether(by) + length_under(made, members, entities)
        assert by.bits == pytest.approx(plain(made, members) - length, abs=1e-6)
        assert by.bits == pytest.approx(by.saved.sum() - integer(0) - whether(by), abs=1e-6)
        assert by.names == pytest.approx(names, abs=1e-6)
        assert len(set(entities)) == len(entities)
        assert by.accounts.sum(1).tolist() == made.stratum_sizes.tolist()
        assert by.members.sum() == members.size
    assert not here.touches.any() and not here.is_reached.any()


def test_hundreds_of_small_entities_pay_for_the_first_name():
    """A ring of 300 of 1,000 accounts on sixty cards of five each, among 140 other such cards."""
    cards = [list(range(first, first + 5)) for first in range(0, 1000, 5)]
    made = view(cards, [0] * 1000)
    here = Desk.of(log2_factorials(1024), 1000, 256)
    told = describe(made, np.arange(300, dtype=np.int32), here)
    assert told.entities.tolist() == list(range(60))
    assert told.saved[0] < 0.0 < told.saved[10]
    assert told.bits > 200.0
    assert told.bits == pytest.approx(told.saved.sum() - integer(0) - whether(told), abs=1e-6)


def test_what_is_the_ring_s_own_tells_it_whatever_it_shares_with_everybody():
    """All 160 of 4,000 accounts are on ten domains of their own, and 100 of them signed up in two popular hours."""
    domains = [list(range(first, first + 16)) for first in range(0, 4000, 16)]
    hours = [[*range(start, start + 100), *range(1000 + start, 1300 + start)] for start in (0, 60)]
    made = view([*domains, *hours], [0] * 4000)
    here = Desk.of(log2_factorials(4096), 4000, 256)
    told = describe(made, np.arange(160, dtype=np.int32), here)
    assert sorted(told.entities.tolist()) == list(range(10))


def test_a_debt_that_nothing_pays_is_not_made():
    """Of the ring's accounts hardly any share a card: the first name would stay the only one."""
    cards = [list(range(first, first + 5)) for first in range(0, 1000, 5)]
    made = view(cards, [0] * 1000)
    here = Desk.of(log2_factorials(1024), 1000, 256)
    told = describe(made, np.array([*range(5), *range(5, 1000, 5), *range(6, 500, 5)], np.int32), here)
    assert told.entities.size == 0
    assert not here.touches.any()


def test_whether_users_are_counted_by_stratum_or_looked_at_changes_nothing():
    rng = np.random.default_rng(4)
    popular = [sorted(rng.choice(1000, 300, replace=False).tolist()) for _ in range(6)]
    own = [sorted({*range(first, 120, 2), *rng.choice(1000, 60).tolist()}) for first in (0, 1, 3)]
    made = view([*popular, *own], rng.integers(0, 3, 1000).tolist())
    row, table = made.by_stratum
    assert (row >= 0).sum() == 9
    uncounted = replace(made)
    uncounted.__dict__["by_stratum"] = np.full_like(row, -1), table
    here = Desk.of(log2_factorials(1024), 1000, 256)
    for members in (np.arange(120, dtype=np.int32), np.arange(90, dtype=np.int32)):
        told, same = (describe(v, members, here) for v in (made, uncounted))
        assert told.entities.size >= 2
        assert told.entities.tolist() == same.entities.tolist()
        assert told.bits == pytest.approx(same.bits, abs=1e-9)
        assert told.accounts.tolist() == same.accounts.tolist()
        assert told.members.tolist() == same.members.tolist()


def test_counting_starts_anew_before_it_overflows():
    cards = [list(range(first, first + 5)) for first in range(0, 1000, 5)]
    made = view(cards, [0] * 1000)
    members = np.arange(300, dtype=np.int32)
    here = Desk.of(log2_factorials(1024), 1000, 256)
    told = describe(made, members, here)
    here.seen[-1] = np.iinfo(np.int32).max - 10
    assert describe(made, members, here).entities.tolist() == told.entities.tolist()
    assert here.seen[-1] == 300


@given(views(14), st.integers(1, 2**14 - 1))
@settings(max_examples=100, deadline=None)
def test_levels_are_those_of_the_touches(made: View, mask: int):
    here = desk(14)
    told = told_by(made, members_of(mask, 14), here)
    accounts, level = levels(told, here)
    touches = np.zeros(14, np.int64)
    for e in told.entities:
        touches[made.rows.users[made.rows.eptr[e] : made.rows.eptr[e + 1]]] += 1
    assert accounts.tolist() == np.flatnonzero(touches).tolist()
    assert level.tolist() == [level_of(touches[a]) for a in accounts]
    assert not here.is_reached.any() and not here.touches.any()


def _court(families: dict[str, View], kinds: list[list[int]], n_accounts: int) -> Court:
    made = [Kind.of(str(k), np.array(s, np.int16)) for k, s in enumerate(kinds)]
    return Court({f: [v] for f, v in families.items()}, made, n_accounts)


def chance(families: dict[str, View], strata: list[int], kinds: list[list[int]]) -> float:
    """E[Σ over all sets of 2^B] when each family is laid anew, by itself, within the strata; exact.

    B of a set is Σ_f L_f − list. The families are independent, so the mean of the product is the product of the means;
    each is an average over the sets with the same counts in the strata.
    """
    court = _court(families, kinds, len(strata))
    of = np.array(strata)
    gains: dict[str, dict[tuple[int, ...], list[float]]] = {f: defaultdict(list) for f in families}
    listed: dict[tuple[int, ...], float] = defaultdict(float)
    for mask in MASKS:
        members = members_of(mask, len(strata))
        verdict = court.judge(members)
        counts = counts_in(of, members)
        listed[counts] += 2.0**-verdict.listing.bits
        assert verdict.bits == pytest.approx(sum(verdict.saved.values()) - verdict.listing.bits)
        for family in families:
            gains[family][counts].append(2.0 ** verdict.saved[family])
    for by_counts in gains.values():
        assert max(np.mean(g) for g in by_counts.values()) <= 1.0 + 1e-9
    return sum(
        weight * float(np.prod([np.mean(gains[f][counts]) for f in families]))
        for counts, weight in listed.items()
    )


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_chance_certifies_one_set_in_2_to_the_bits_over_all_sets_at_once(data: st.DataObject):
    """The claim itself. By Markov P(any set reaches b) ≤ E[Σ_S 2^B(S)] · 2^−b, and the expectation is at most one."""
    strata = data.draw(stratified(N))
    families = {f: data.draw(views(N, strata, f)) for f in ("network", "payment", "prompt")}
    assert chance(families, strata, [strata, [0] * N]) <= 1.0


def test_the_claim_holds_where_every_family_knows_the_same_block():
    """The hardest case for chance: three families whose only entity is the same half of the accounts."""
    families = {f: view([range(4)], [0] * N, family=f) for f in ("network", "payment", "prompt")}
    assert chance(families, [0] * N, [[0] * N]) <= 1.0
    court = _court(families, [[0] * N], N)
    best = max(MASKS, key=lambda m: court.judge(members_of(m, N)).bits)
    assert members_of(best, N).tolist() == [0, 1, 2, 3]
