"""Growth: a fragment becomes the ring, strangers are dropped, and bits never fall on the way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import court_of, incidences, members_of, stratified, view, views

from graphscan.rings.certificate import Court, Kind
from graphscan.rings.growth import (
    MARGIN,
    WIDEST,
    account_odds,
    grow,
    grow_anew,
    odds_of,
    threshold,
    widened,
)

N_ACCOUNTS = 800
RING = np.arange(40, dtype=np.int32)


@pytest.fixture(scope="module")
def court() -> Court:
    """A ring of 40 with one template; each member has two addresses and a card of eight; the rest is chance."""
    rng = np.random.default_rng(11)
    chance = [sorted(rng.choice(N_ACCOUNTS, 3, replace=False).tolist()) for _ in range(400)]
    ring = RING.tolist()
    prompts = [ring, ring[1:], ring[:-1]]
    addresses = [np.roll(ring, shift)[:8].tolist() for shift in range(0, 40, 4)]
    return court_of(
        {
            "network": addresses + chance[:200],
            "payment": [ring[i::5] for i in range(5)] + chance[200:],
            "prompt": [*prompts, [0, *range(400, 420)]],
        },
        N_ACCOUNTS,
    )


def ring_from(court: Court, seed: np.ndarray) -> list[int]:
    """What grows from a seed, then once more without a margin, as when rings are settled."""
    return grow(court, grow(court, seed).members, 0.0).members.tolist()


def test_a_fragment_grows_to_the_ring(court: Court):
    rng = np.random.default_rng(0)
    whole = 0
    for _ in range(8):
        fragment = np.sort(rng.choice(RING, 24, replace=False)).astype(np.int32)
        grown = ring_from(court, fragment)
        assert set(grown) <= set(RING.tolist())
        assert len(grown) >= 32
        whole += len(grown) == RING.size
    assert whole >= 4


def test_strangers_are_dropped(court: Court):
    half_strangers = np.concatenate([RING[:30], np.arange(500, 530, dtype=np.int32)])
    grown = ring_from(court, half_strangers)
    assert set(grown) <= set(RING.tolist())
    assert len(grown) >= 39


def test_who_shares_one_family_with_a_ring_is_not_taken(court: Court):
    """Twenty accounts use a fragment together with one member; nothing else ties them."""
    assert not set(range(400, 420)) & set(grow(court, RING).members.tolist())


def test_two_families_must_speak_for_an_account():
    """Twenty who only copied a ring's template are in the proposal, and the stratum of the list is narrow: the
    template's word outweighs what speaks against them, and growth leaves them out all the same."""
    nobody = [0] * N_ACCOUNTS
    narrow = np.array([int(a < 45) for a in range(N_ACCOUNTS)], np.int32)
    ring, proposed = list(range(20)), np.arange(40, dtype=np.int32)
    court = Court(
        {
            "network": [view([ring], nobody, family="network")],
            "prompt": [view([[*proposed.tolist(), 40]], nobody, family="prompt")],
        },
        [Kind.of("narrow", narrow)],
        N_ACCOUNTS,
    )
    verdict = court.judge(proposed)
    accounts, bits, n_families = account_odds(verdict, court)
    copied = accounts.tolist().index(40)
    assert bits[copied] > threshold(verdict, accounts)[copied] + MARGIN
    assert n_families[copied] == 1
    assert grow(court, proposed).members.tolist() == ring


def test_a_ring_that_is_half_of_its_stratum_stands_out_by_less_than_a_bit():
    """Of half of a stratum no touch says more than that. Some strangers of other strata were proposed with the ring:
    they go, and it stays."""
    ring, theirs = list(range(60)), list(range(120))
    strata = [int(a in theirs) for a in range(N_ACCOUNTS)]
    batches = [ring[:45], ring[15:]]
    others = [list(range(first, first + 5)) for first in (60, 70, 80, 90)]
    court = Court(
        {
            "identity": [view([batches[0] + others[0], batches[1]], strata, family="identity")],
            "network": [view([ring[:30] + others[2], ring[30:] + others[3]], strata, family="network")],
            "prompt": [view([ring + others[1]], strata, family="prompt")],
        },
        [Kind.of("language", np.array(strata, np.int32))],
        N_ACCOUNTS,
    )
    proposed = np.array([*ring, *range(500, 506)], np.int32)
    odds = odds_of(court.judge(proposed).best["network"], court)
    assert 0.5 < odds.of(RING).max() <= 1.0
    assert grow(court, proposed, 0.0).members.tolist() == ring


def test_nothing_grows_out_of_nothing():
    """Where no family describes the seed it stays what it is."""
    apart = court_of({"network": [[700, 701]], "prompt": [[702, 703]]}, N_ACCOUNTS)
    verdict = grow(apart, RING)
    assert verdict.members.tolist() == RING.tolist()
    assert verdict.bits < 0 and not verdict.best


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_bits_never_fall_and_the_set_stays_a_set(data: st.DataObject):
    """And never more than half of the accounts, unless the proposal had them."""
    n = 14
    strata = data.draw(stratified(n))
    kind = Kind.of("strata", np.array(strata, np.int16))
    court = Court({f: [data.draw(views(n, strata, f))] for f in ("network", "prompt")}, [kind], n)
    seed = members_of(data.draw(st.integers(1, 2**n - 1).filter(lambda m: 2 <= m.bit_count() <= 7)), n)
    before = court.judge(seed).bits
    grown = grow(court, seed)
    assert grown.bits >= before - 1e-6
    assert grown.bits == pytest.approx(court.judge(grown.members).bits)
    assert np.all(np.diff(grown.members) > 0)
    assert grown.members.size <= max(seed.size, n // 2)


def test_log_odds_are_the_logs_of_the_shares_on_a_level():
    """Written down by hand: one entity with 10 users, 8 of them among 12 members, of 100 accounts."""
    users = [*range(8), 50, 51]
    court = court_of({"prompt": [users]}, 100)
    verdict = court.judge(np.arange(12, dtype=np.int32))
    odds = odds_of(verdict.best["prompt"], court)
    assert odds.accounts.tolist() == users
    assert odds.bits == pytest.approx([np.log2((8.5 / 13) / (10.5 / 101))] * 10)
    touches, does_not = np.log2((8.5 / 13) / (10.5 / 101)), np.log2((4.5 / 13) / (90.5 / 101))
    assert odds.of(np.array([0, 7, 8, 50, 99], np.int32)) == pytest.approx(
        [touches, touches, does_not, touches, does_not]
    )
    # Without itself: 7 of the other 11 members touch it, or 3 do not.
    others = [np.log2((7.5 / 12) / (10.5 / 101)), np.log2((3.5 / 12) / (90.5 / 101))]
    assert odds.by_others(np.array([0, 8], np.int32)) == pytest.approx(others)
    accounts, bits, n_families = account_odds(verdict, court)
    assert accounts.tolist() == users
    assert bits == pytest.approx(odds.bits)
    assert n_families.tolist() == [1] * 10
    # One stratum: 12 of 100 are members, before anything is known.
    assert threshold(verdict, accounts) == pytest.approx(np.log2(0.88 / 0.12))


def test_incidences_of_one_account_are_told_once():
    made = incidences([[1, 1, 2], [2, 3]], 5)
    assert made.account.tolist() == [1, 2, 2, 3]
    assert made.entity.tolist() == [0, 0, 1, 1]


def test_growth_that_comes_by_a_known_set_ends_there(court: Court):
    """And until then it goes the same way."""
    seed = np.array([*range(15), 500], np.int32)
    alone = grow_anew(court, seed, lambda _: False)
    assert alone.best is not None and alone.best.members.tolist() == grow(court, seed).members.tolist()
    second = alone.passed[1]
    stopped = grow_anew(court, seed, lambda members: members.tobytes() == second)
    assert stopped.best is None
    assert stopped.passed == alone.passed[:2]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_narrowed_court_says_the_same_of_its_set_and_no_more_of_others(data: st.DataObject):
    """It looks at fewer views and pays for all: its bits are a bound from below."""
    n = 14
    strata = data.draw(stratified(n))
    kind = Kind.of("strata", np.array(strata, np.int16))
    families = {f: [data.draw(views(n, strata, f)) for _ in range(2)] for f in ("network", "prompt")}
    court = Court(families, [kind], n)
    sets = st.integers(1, 2**n - 1).filter(lambda m: 2 <= m.bit_count() <= 7)
    one, other = (members_of(data.draw(sets), n) for _ in range(2))
    verdict = court.judge(one)
    narrow = court.narrowed(verdict)
    assert narrow.judge(one).bits == verdict.bits
    assert narrow.judge(other).bits <= court.judge(other).bits


def test_what_one_family_says_of_a_part_leads_to_its_ring():
    """Sixty accounts signed up in three hours among others, and each uses one of six fragments: a fragment's users
    know nothing of the others', but with all who signed up in their hours the ring shows."""
    ring = np.arange(60)
    hours = [[*ring[ring // 20 == h].tolist(), *range(300 + 15 * h, 315 + 15 * h)] for h in range(3)]
    fragments = [ring[ring % 6 == f].tolist() for f in range(6)]
    court = court_of({"identity": hours, "prompt": fragments}, N_ACCOUNTS)
    stuck = grow(court, np.array(fragments[0], np.int32))
    assert stuck.members.tolist() == fragments[0]
    wide = widened(court, stuck)
    assert [w.tolist() for w in wide] == [sorted(a for hour in hours for a in hour)]
    assert grow(court, wide[0]).members.tolist() == ring.tolist()


def test_what_is_widened_does_not_grow_out_of_hand(court: Court):
    for wide in widened(court, court.judge(RING[:4])):
        assert wide.size <= WIDEST * 4
