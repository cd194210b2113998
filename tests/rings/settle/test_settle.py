"""Which ring is which: rings come out whole, bridges merge nothing, rings on one rented network stay apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from made import court_of, incidences, plain_strata, saving, view

from graphscan.graph.survey import Survey, proposals, survey
from graphscan.rings.certificate import Court, Courts, Kind
from graphscan.rings.find import courts, rings_of
from graphscan.rings.settle import Known, held_together, settled
from graphscan.rings.settle.inside import inside, unspoilt
from graphscan.rings.settle.let_go import without_other_languages
from graphscan.rings.settle.overlaps import Overlaps
from graphscan.rings.settle.rivals import Rivals, worth_more
from graphscan.rings.settle.shared_out import shared_out
from graphscan.rings.settle.taken_in import broadened, completed, with_heavy


def planted(
    rings: list[list[int]],
    n_accounts: int,
    pool: Sequence[int] = (),
    bridges: Sequence[int] = (),
    exact: bool = False,
) -> Survey:
    """Rings with templates and cards of their own; those numbered in `pool` share one network of addresses.

    A fragment of a template is used by most of its ring, in an `exact` world by all, so that the template folds into
    one entity. A bridge account has the fragments and a card of every ring. The others touch things by chance.
    """
    rng = np.random.default_rng(5)
    chance = [sorted(rng.choice(n_accounts, 3, replace=False).tolist()) for _ in range(n_accounts)]
    share = 1.0 if exact else 0.85
    prompts = [[*(a for a in ring if rng.random() < share), *bridges] for ring in rings for _ in range(8)]
    cards = [[*ring[i::4], *(bridges if i == 0 else ())] for ring in rings for i in range(4)]
    pooled = sorted(a for r in pool for a in rings[r])
    addresses = [
        sorted(rng.choice(pooled, len(pooled) // 3, replace=False).tolist()) for _ in range(12 * bool(pool))
    ]
    addresses += [ring[i::3] for r, ring in enumerate(rings) if r not in pool for i in range(3)]
    families = [
        incidences(prompts + chance[0::3], n_accounts, "prompt", [2] * (len(prompts) + len(chance[0::3]))),
        incidences(
            addresses + chance[1::3], n_accounts, "network", [2] * (len(addresses) + len(chance[1::3]))
        ),
        incidences(cards + chance[2::3], n_accounts, "payment"),
    ]
    return survey(families, plain_strata([40] * n_accounts, n_caps=4))


def found_in(world: Survey) -> list[list[int]]:
    """The rings of a world, those of more bits first."""
    return [v.members.tolist() for v in rings_of(courts(world), proposals(world, 4, 0), 10.0, 4)]


TWO_RINGS = [list(range(30)), list(range(100, 140))]


def test_two_rings_are_found_whole():
    assert sorted(found_in(planted(TWO_RINGS, 4000))) == TWO_RINGS


def test_a_ring_with_one_exact_template_is_found():
    world = planted(TWO_RINGS, 4000, exact=True)
    assert min(courts(world).certify.judge(np.array(r, np.int32)).bits for r in TWO_RINGS) > 300.0
    assert sorted(found_in(world)) == TWO_RINGS


def test_a_bridge_account_does_not_merge_two_rings():
    found = found_in(planted(TWO_RINGS, 4000, bridges=[500]))
    assert len(found) == 2
    for ring, members in zip(TWO_RINGS, sorted(found), strict=True):
        assert set(ring) <= set(members) <= {*ring, 500}


@pytest.mark.parametrize("sizes", [(30, 30), (12, 60), (20, 25)])
def test_two_rings_on_one_rented_network_stay_two(sizes: tuple[int, int]):
    rings = [list(range(sizes[0])), list(range(100, 100 + sizes[1]))]
    assert sorted(found_in(planted(rings, 4000, pool=[0, 1]))) == rings


def of_sets(**families: list[list[int]]) -> Survey:
    """4,000 accounts of whom some share these sets, by family, and all touch things by chance."""
    rng = np.random.default_rng(5)
    chance = [sorted(rng.choice(4000, 3, replace=False).tolist()) for _ in range(4000)]
    told = [
        incidences(sets + chance[k :: len(families)], 4000, family)
        for k, (family, sets) in enumerate(families.items())
    ]
    return survey(told, plain_strata([40] * 4000, n_caps=4))


def test_a_ring_whose_cards_and_sign_ups_tell_its_batches_apart_is_one():
    """Packing weighs the batches above the whole; one template and one network hold them together."""
    batches = [list(range(first, first + 20)) for first in range(0, 80, 20)]
    ring = [account for batch in batches for account in batch]
    assert found_in(of_sets(prompt=[ring], network=[ring], payment=batches, identity=batches)) == [ring]


def test_a_part_that_is_two_rings_breaks_no_ring_that_holds_more_than_both():
    batches = [list(range(first, first + 20)) for first in range(0, 80, 20)]
    ring = [account for batch in batches for account in batch]
    court = courts(of_sets(prompt=[ring], network=[ring], payment=batches, identity=batches)).certify
    one, other = (np.array(batch, np.int32) for batch in batches[:2])
    whole, union = (court.judge(np.array(ring[:n], np.int32)) for n in (80, 40))
    for known, is_broken in ((whole, False), (union, True)):
        sets = Known(court, [known], 10.0)
        sets.tell(court.judge(np.array(ring[:38], np.int32)), Rivals([], True, (one, other)))
        assert [v.members.size for v in sets.chosen()[0]] == ([] if is_broken else [80])


def test_what_is_left_of_a_set_without_one_ring_may_be_another():
    """Both write what others write too, and only the larger one was proposed by itself."""
    larger, smaller, others = list(range(50)), list(range(100, 120)), list(range(300, 360))
    cards = [ring[i : i + 3] for ring in (larger, smaller) for i in range(0, len(ring), 3)]
    world = of_sets(
        prompt=[larger + smaller + others],
        network=[larger, smaller],
        payment=cards,
        identity=[larger[::2], smaller],
    )
    court = courts(world).certify
    judged = [court.judge(np.array(members, np.int32)) for members in (larger + smaller, larger)]
    chosen, _ = Known(court, judged, 10.0).chosen()
    assert [v.members.tolist() for v in chosen] == [larger, smaller]


def test_what_is_left_without_all_that_lie_across_the_first_part_may_be_a_ring():
    """All write what others write too. The two smaller were proposed by themselves, the larger with some of each."""
    larger, one, other = list(range(60)), list(range(100, 120)), list(range(200, 220))
    everybody, others = [*larger, *one, *other], list(range(300, 360))
    cards = [ring[i : i + 3] for ring in (larger, one, other) for i in range(0, len(ring), 3)]
    world = of_sets(
        prompt=[everybody + others],
        network=[larger, one, other],
        payment=cards,
        identity=[larger[::2], one, other],
    )
    court = courts(world).certify
    mixed = [*larger[:55], *one[:8], *other[:8]]
    judged = [court.judge(np.array(members, np.int32)) for members in (everybody, mixed, one, other)]
    chosen, _ = Known(court, judged, 10.0).chosen()
    assert [v.members.tolist() for v in chosen] == [larger, one, other]


TWO = (list(range(50)), list(range(100, 130)))


@pytest.fixture(scope="module")
def two() -> Court:
    """Two rings that write what others write too, each on a network and cards of its own."""
    larger, smaller = TWO
    cards = [ring[i : i + 3] for ring in TWO for i in range(0, len(ring), 3)]
    prompt, identity = [larger + smaller + list(range(300, 360))], [larger[::2], smaller]
    return courts(of_sets(prompt=prompt, network=[*TWO], payment=cards, identity=identity)).certify


@pytest.mark.parametrize("n_missing", [2, 4, 8])
def test_a_set_is_shared_out_among_the_better_parts_of_its_rings(two: Court, n_missing: int):
    """Growth ended with parts of both, which have fewer bits in sum than the whole: all of it makes them two."""
    whole, *parts = (
        two.judge(np.array(m, np.int32)) for m in ([*TWO[0], *TWO[1]], *(r[n_missing:] for r in TWO))
    )
    assert n_missing < 4 or whole.bits > sum(part.bits for part in parts)
    assert [v.members.tolist() for v in shared_out(two, whole, parts)] == [*TWO]
    chosen, _ = Known(two, [whole, *parts], 10.0).chosen()
    assert [v.members.tolist() for v in chosen] == [*TWO]


def test_nobody_is_shared_out_where_that_gains_nothing(two: Court):
    whole, *rings = (two.judge(np.array(m, np.int32)) for m in ([*TWO[0], *TWO[1]], *TWO))
    assert shared_out(two, whole, rings) == []
    halves = [two.judge(np.array(m, np.int32)) for m in (TWO[0][:25], TWO[0][25:])]
    assert sum(v.bits for v in shared_out(two, rings[0], halves)) < rings[0].bits


def test_a_chosen_set_makes_way_for_a_ring_of_which_it_took_a_third(two: Court):
    larger, smaller = TWO
    known = [two.judge(np.array(m, np.int32)) for m in (larger + smaller[:10], smaller)]
    assert known[0].bits > two.judge(np.array(larger, np.int32)).bits
    assert [v.members.tolist() for v in Known(two, known, 10.0).chosen()[0]] == [larger, smaller]


def test_two_rings_that_rent_one_network_and_sign_up_in_the_same_days_are_two():
    """Together they have more bits: what binds them is anybody's, and a card that both use is an operator's."""
    one, other = list(range(40)), list(range(100, 150))
    both = one + other
    apart = {"prompt": [one, other], "network": [both], "identity": [one[::2] + other[::2]]}
    cards = [ring[i::4] for ring in (one, other) for i in range(4)]
    assert sorted(found_in(of_sets(payment=cards, **apart))) == [one, other]
    assert found_in(of_sets(payment=[both], **apart)) == [both]


@pytest.mark.parametrize(
    ("whole", "bits", "n_rings"),
    [
        ((340.0, 350.0, 390.0), 700.0, 2),  # none speaks for it but what a set pays once
        ((410.0, 350.0, 320.0), 700.0, 2),  # one family speaks for the whole
        ((410.0, 410.0, 260.0), 700.0, 0),  # two do
        ((415.0, 395.0, 395.0), 700.0, 0),  # one, but the whole weighs more
        ((410.0, 410.0, 260.0), 590.0, 2),  # two, but the parts have more bits
    ],
)
def test_parts_are_rings_unless_two_families_hold_them_together(
    whole: tuple[float, float, float], bits: float, n_rings: int
):
    """What prompts, payments and identities save: 200 bits each for either part."""
    families = ("prompt", "payment", "identity")
    pattern = courts(planted(TWO_RINGS, 4000)).certify.judge(np.array(TWO_RINGS[0], np.int32))
    part = saving(pattern, 300.0, 150.0, dict.fromkeys(families, 200.0))
    union = saving(pattern, bits, 300.0, dict(zip(families, whole, strict=True)))
    assert len(worth_more(union, [part, part], 10.0)) == n_rings


@pytest.mark.parametrize(("bits", "n_rings"), [((150.0, 60.0), 2), ((90.0, 60.0), 0)])
def test_parts_that_lose_most_of_the_bits_are_no_rings(bits: tuple[float, float], n_rings: int):
    """Networks and sign-ups hold nothing together, and a ring that shares nothing else is still one."""
    families = ("network", "identity")
    pattern = courts(planted(TWO_RINGS, 4000)).certify.judge(np.array(TWO_RINGS[0], np.int32))
    parts = [saving(pattern, b, 150.0, dict.fromkeys(families, 300.0)) for b in bits]
    whole = saving(pattern, 350.0, 300.0, dict.fromkeys(families, 400.0))
    assert len(worth_more(whole, parts, 10.0)) == n_rings


@pytest.mark.parametrize(
    ("bits", "several"),
    [
        ((400.0, 350.0), True),  # each has paid what the whole pays once, and still they have more
        ((400.0, 250.0), False),  # together they have less
        ((710.0, 100.0), False),  # one of them alone has as good as the whole: what it has more are its own
        ((740.0, 100.0), True),  # clearly more: the whole has taken in strangers
    ],
)
def test_a_set_whose_parts_have_more_bits_is_several_rings(bits: tuple[float, float], several: bool):
    log = planted(TWO_RINGS, 4000)
    court = courts(log).certify
    judged = [court.judge(np.array(ring, np.int32)) for ring in (*TWO_RINGS, [*TWO_RINGS[0], *TWO_RINGS[1]])]
    costs = ((*bits, 700.0), (150.0, 150.0, 300.0), (200.0, 200.0, 400.0))
    known = [
        saving(v, worth, listed, {"prompt": saved})
        for v, worth, listed, saved in zip(judged, *costs, strict=True)
    ]
    overlaps = Overlaps.of(known, court.n_accounts)
    (told,) = inside([int(overlaps.sizes.argmax())], overlaps)
    assert [v.members.size for v in told.parts] == [30, 40]
    assert told.is_several(10.0) == several


@pytest.mark.parametrize(
    ("bits", "common", "is_spoilt"),
    [
        ((411.0, 400.0), 40, False),  # fewer bits than certify a ring
        ((413.0, 400.0), 40, True),
        ((715.0, 700.0), 40, False),  # a small share of them
        ((432.0, 400.0), 38, False),  # two in forty of the bits are of the two whom the larger one has not
        ((436.0, 400.0), 38, True),
        ((413.0, 400.0), 20, False),  # another set: it has less than half of the larger one
        ((900.0, 400.0), 35, False),  # nor is it a part: its bits may be those of five of another ring
    ],
)
def test_who_costs_a_set_bits_is_not_taken_in(bits: tuple[float, float], common: int, is_spoilt: bool):
    """A set of forty, and a larger one of fifty that holds some of it."""
    court = courts(planted(TWO_RINGS, 4000)).certify
    sets = [list(range(40)), [*range(40 - common, 40), *range(100, 150 - common)]]
    known = [
        replace(court.judge(np.array(members, np.int32)), bits=worth)
        for members, worth in zip(sets, bits, strict=True)
    ]
    overlaps = Overlaps.of(known, court.n_accounts)
    left = [overlaps.sets[k] for k in unspoilt(overlaps, 12.0).tolist()]
    assert left == (known[:1] if is_spoilt else overlaps.sets)
    assert unspoilt(Overlaps.of([], court.n_accounts), 12.0).size == 0


def test_who_shares_little_under_the_caps_is_a_member_where_all_requests_tell():
    """Four of forty show what they share only in their later requests; one of another ring's shares it too."""
    ring, others = list(range(40)), list(range(100, 130))
    light = ring[:36]
    both = Courts(
        *(
            court_of({family: [shared, others] for family in ("network", "prompt")}, 2000)
            for shared in (light, [*ring, others[0]])
        )
    )
    rings = [both.certify.judge(np.array(members, np.int32)) for members in (light, others)]
    told = with_heavy(both, rings, 10.0)
    assert sorted(v.members.tolist() for v in told) == [ring, others]
    assert all(v.bits == both.certify.judge(v.members).bits for v in told)
    assert with_heavy(both, rings, rings[0].bits) == rings


@pytest.mark.parametrize(("n_others", "is_taken"), [(60, True), (100, True), (260, False)])
def test_who_is_twice_as_likely_a_member_as_not_by_all_requests_is_taken_in(n_others: int, is_taken: bool):
    """What the ring shares others share too, so that it says 2.8, 1.9 and, of the most popular, less than no bits."""
    ring, light = list(range(40)), list(range(36))
    crowds = [list(range(first, first + n_others)) for first in (200, 800)]
    capped, whole = (
        {family: [[*shared, *crowd]] for family, crowd in zip(("network", "prompt"), crowds, strict=True)}
        for shared in (light, ring)
    )
    both = Courts(court_of(capped | {"payment": [light]}, 2000), court_of(whole, 2000))
    told = with_heavy(both, [both.certify.judge(np.array(light, np.int32))], 10.0)
    assert [v.members.tolist() for v in told] == [ring if is_taken else light]


def test_who_shares_two_habits_under_the_caps_alone_is_no_member():
    """A busy account has the ring's popular prompt and address in what a cap leaves of it: in all it does, neither."""
    ring, busy = list(range(40)), 100
    crowds = {"prompt": range(200, 210), "network": range(400, 410)}

    def court(members: list[int]) -> Court:
        shared = {f: [[*members, *crowd]] for f, crowd in crowds.items()}
        return court_of(shared | {"payment": [ring]}, 2000)

    capped, whole = court([*ring, busy]), court(ring)
    with_busy = [capped.judge(np.array([*ring, busy], np.int32))]
    assert [v.members.tolist() for v in settled(Courts(capped, capped), with_busy, 10.0, 4)] == [
        [*ring, busy]
    ]
    assert [v.members.tolist() for v in settled(Courts(capped, whole), with_busy, 10.0, 4)] == [ring]


def test_parts_that_lose_much_and_that_nothing_tells_apart_are_one_ring():
    """Twenty accounts at addresses by three, whose prompts by fours happen to fall into twelve and eight."""
    one, other = list(range(12)), list(range(12, 20))
    ring = [*one, *other]
    mixed = ring[::2] + ring[1::2]
    crowd = [[3000 + i, 3001 + i] for i in range(0, 400, 2)]
    prompts = [part[i : i + 4] for part in (one, other) for i in range(0, len(part), 4)]
    addresses = [mixed[i : i + 3] for i in range(0, 20, 3)]
    templates = [one, other]
    for families, held in (
        ({"network": [*addresses, *crowd], "prompt": [*prompts, *crowd]}, [ring]),
        (
            {"network": [ring], "prompt": templates, "identity": templates},
            [one, other],
        ),  # two tell them apart
    ):
        court = court_of(families, 4000)
        whole, *parts = (court.judge(np.array(members, np.int32)) for members in (ring, one, other))
        assert parts[0].bits + parts[1].bits < whole.bits
        known = Overlaps.of([whole, *parts], 4000)
        chosen = np.flatnonzero([v.members.size < 20 for v in known.sets])
        left = held_together(chosen, known, 10.0).tolist()
        assert sorted(known.sets[k].members.tolist() for k in left) == held


def test_strangers_whom_its_weaker_family_knows_are_no_gain():
    """All sixty share a prompt and twenty a sign-up with ten strangers: the prompt must not certify alone, and what the
    sign-up says is all there is."""
    ring, strangers = list(range(60)), list(range(2000, 2010))
    plain = court_of({"prompt": [ring], "identity": [[*ring[:20], *strangers]]}, 4000)
    strata = np.zeros(4000, np.int16)
    strata[ring] = 1
    fine = Kind.of("fine", strata)
    court = Court(plain.views, [*plain.kinds, fine], 4000)
    alone, wider = (court.judge(np.array(members, np.int32)) for members in (ring, [*ring, *strangers]))
    assert 10.0 < alone.bits < wider.bits
    assert not wider.is_better_than(alone)


def test_a_ring_is_completed_by_those_whom_one_family_does_not_know_yet():
    """All eighty share addresses and prompts by halves; sixty signed up in three batches, twenty in two more."""
    found, rest = list(range(60)), list(range(60, 80))
    everybody = [*found, *rest]
    batches = [found[:20], found[20:40], found[40:], rest[:10], rest[10:]]
    families = {
        family: [[*everybody[i::2], *range(first + 60 * i, first + 60 * i + 60)] for i in (0, 1)]
        for family, first in (("network", 200), ("prompt", 400))
    }
    court = court_of({**families, "identity": batches}, 4000)
    both = Courts(court, court)
    ring = court.judge(np.array(found, np.int32))
    assert [v.members.tolist() for v in completed(both, [ring], 10.0)] == [everybody]
    of_another = court.judge(np.array(rest, np.int32))
    assert sorted(v.members.tolist() for v in completed(both, [ring, of_another], 10.0)) == [found, rest]


@pytest.mark.parametrize(("languages", "stay"), [((1, 1, 2, 3), False), ((0, 0, 0, 0), True)])
def test_the_few_of_other_languages_are_let_go_where_they_cost_bits(languages: tuple[int, ...], stay: bool):
    """Of a ring's rented network and hour of sign-up four others are customers; its prompt is its own."""
    ring, others = list(range(40)), list(range(100, 104))
    everybody = [*ring, *others]
    language = np.zeros(4000, np.int16)
    language[1000:] = np.arange(3000) % 3 + 1
    language[others] = languages
    crowd = list(range(1000, 1400))
    users = {"prompt": [ring], "network": [[*everybody, *crowd]], "identity": [[*everybody, *crowd]]}
    views = {f: [view(u, language.tolist(), family=f)] for f, u in users.items()}
    court = Court(views, [Kind.of("language", language)], 4000)
    whole = court.judge(np.array(everybody, np.int32))
    assert whole.bits > 100.0
    told = without_other_languages(Courts(court, court), whole, 10.0)
    assert told.members.tolist() == (everybody if stay else ring)


def test_who_was_framed_by_two_habits_stands_alone_in_the_others():
    """An account has been given a ring's template and card, and has no share in its addresses and sign-ups."""
    ring, framed = list(range(60)), 100
    everybody = [*ring, framed]
    two = {"payment": [everybody], "prompt": [everybody]}
    for families, members in ((two, everybody), (two | {"network": [ring], "identity": [ring]}, ring)):
        court = court_of(families, 2000)
        accused = court.judge(np.array(everybody, np.int32))
        found = settled(Courts(court, court), [accused], 10.0, 4)
        assert [v.members.tolist() for v in found] == [members]


def test_who_were_framed_alike_by_the_dozen_do_not_vouch_for_one_another():
    """Twenty accounts have been given a ring's template and card, and have no share in its addresses and sign-ups."""
    ring, framed = list(range(60)), list(range(100, 120))
    everybody = [*ring, *framed]
    two = {"payment": [everybody], "prompt": [everybody]}
    own = {"network": [ring], "identity": [ring]}
    as_often = {"network": [ring[:40], framed[:10]], "identity": [ring[20:], framed[10:]]}
    for families, members in ((two | own, ring), (two | as_often, everybody)):
        court = court_of(families, 2000)
        accused = court.judge(np.array(everybody, np.int32))
        found = settled(Courts(court, court), [accused], 10.0, 4)
        assert [v.members.tolist() for v in found] == [members]


def test_a_ring_is_told_without_a_few_whom_one_family_alone_ties_to_it():
    """Both have a prompt and a card of their own, the ring an address too, and some of both one more prompt."""
    ring, few = list(range(26)), list(range(100, 105))
    prompts = [ring, few, [*ring[:8], *few[:3]]]
    court = court_of({"prompt": prompts, "payment": [ring, few], "network": [ring]}, 4000)
    union = court.judge(np.array([*ring, *few], np.int32))
    assert union.bits > court.judge(np.array(ring, np.int32)).bits
    assert 0.0 < court.judge(np.array(few, np.int32)).bits < 60.0
    assert [v.members.tolist() for v in settled(Courts(court, court), [union], 60.0, 4)] == [ring]
    # Where the few have bits enough, they are a ring as well.
    assert [v.members.tolist() for v in settled(Courts(court, court), [union], 10.0, 4)] == [ring, few]


def test_a_few_whom_two_families_tie_to_a_ring_are_of_it():
    ring, few = list(range(26)), list(range(100, 105))
    everybody = [*ring, *few]
    court = court_of({"prompt": [everybody], "payment": [everybody], "network": [ring, few]}, 4000)
    union = court.judge(np.array(everybody, np.int32))
    assert [v.members.tolist() for v in settled(Courts(court, court), [union], 60.0, 4)] == [everybody]


def test_a_ring_is_broadened_by_free_accounts_that_fit_under_the_caps():
    """All requests know the ring's address of forty, and its prompt of all sixty; the caps know both of all."""
    ring, rest = list(range(40)), list(range(100, 120))
    everybody = [*ring, *rest]
    prompts = [everybody[i::4] for i in range(4)]
    capped = court_of({"prompt": prompts, "network": [everybody]}, 4000)
    whole = court_of({"prompt": prompts, "network": [ring]}, 4000)
    both = Courts(capped, whole)
    narrow = capped.judge(np.array(ring, np.int32))
    assert [v.members.tolist() for v in broadened(both, [narrow], 10.0)] == [everybody]
    of_another = capped.judge(np.array(rest, np.int32))
    assert sorted(v.members.tolist() for v in broadened(both, [narrow, of_another], 10.0)) == [ring, rest]


@pytest.mark.parametrize(("apart", "is_one"), [("identity", True), ("payment", False)])
def test_batches_are_one_ring_though_they_have_more_bits_in_sum(apart: str, is_one: bool):
    """All forty share a template and a network of their own; each half signed up in its own hour, or has its card."""
    ring = list(range(40))
    halves = [ring[:20], ring[20:]]
    court = court_of({"prompt": [ring], "network": [ring], apart: halves}, 4000)
    whole, *parts = (court.judge(np.array(members, np.int32)) for members in (ring, *halves))
    richer = [
        replace(
            part,
            bits=part.bits + 200.0,
            best={**part.best, apart: replace(part.best[apart], bits=part.best[apart].bits + 200.0)},
        )
        for part in parts
    ]
    assert sum(part.bits for part in richer) > whole.bits
    known = Overlaps.of([whole, *richer], 4000)
    chosen = np.flatnonzero([v.members.size < 40 for v in known.sets])
    left = held_together(chosen, known, 10.0).tolist()
    assert sorted(known.sets[k].members.size for k in left) == ([40] if is_one else [20, 20])
    assert [i.is_several(10.0) for i in inside([known.sets.index(whole)], known)] == [not is_one]
