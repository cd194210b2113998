"""A ring keeps its name while its accounts or what binds them stay; what happens is told on its night, with numbers."""

from __future__ import annotations

import pytest

from graphscan.nightly.sentences import told
from graphscan.rings.lineage import Known, Step, Traits, trace
from graphscan.rings.lineage.names import name_of


def ring(accounts: range, *, pool: int = 0, n_entities: int = 10, awake: bool = True) -> Traits:
    """A ring of accounts with ten templates and ten addresses of its own pool, which are those of no other pool."""
    entities = {f: {f"{f}{pool}-{i}": 10.0 for i in range(n_entities)} for f in ("prompt", "network")}
    return Traits({f"acct{i}": 5.0 for i in accounts}, entities, awake)


class Nights:
    """Nights one after the other; `known` is what the last of them left."""

    def __init__(self) -> None:
        self.known: dict[str, Known] = {}
        self.number = 0

    def night(self, *rings: Traits) -> dict[str, Step]:
        """The steps of a night by name."""
        tonight = {f"ring-{i:04d}": r for i, r in enumerate(rings, 1)}
        steps = {s.name: s for s in trace(self.known, tonight, self.number)}
        self.number += len(steps.keys() - self.known.keys())
        for name, step in steps.items():
            traits = tonight[step.ring_id] if step.ring_id else self.known[name].traits
            self.known[name] = Known(traits, step.state)
        return steps

    def events(self, *rings: Traits) -> dict[str, tuple[str, ...]]:
        return {name: s.events for name, s in self.night(*rings).items()}


A, B, C = name_of(1), name_of(2), name_of(3)


def test_a_ring_is_born_once_and_then_the_same() -> None:
    nights = Nights()
    assert nights.events(ring(range(30))) == {A: ("born",)}
    assert nights.events(ring(range(30))) == {A: ("same",)}


def test_a_tenth_of_the_accounts_replaced_every_night_changes_no_name() -> None:
    nights = Nights()
    for day in range(60):
        assert set(nights.night(ring(range(3 * day, 3 * day + 30)))) == {A}


@pytest.mark.parametrize("family", ["prompt", "network"])
def test_all_accounts_replaced_and_one_family_kept_keeps_the_name(family: str) -> None:
    nights = Nights()
    nights.night(ring(range(30)))
    new = ring(range(100, 130), pool=1)
    new.entities[family].clear()  # type: ignore[attr-defined]
    new.entities[family].update(ring(range(1)).entities[family])  # type: ignore[attr-defined]
    step = nights.night(new)[A]
    assert step.events == ("replaced",)
    assert (step.n_stayed, step.share_members, step.share_entities) == (0, 0.0, 1.0)
    assert told(step).endswith("0 stayed, 30 joined, 30 left; 100% of what binds it is the same")


def test_a_ring_with_nothing_in_common_is_another() -> None:
    nights = Nights()
    nights.night(ring(range(30)))
    assert nights.events(ring(range(100, 130), pool=1)) == {A: ("dormant",), B: ("born",)}


def test_two_rings_on_one_pool_keep_their_own_names() -> None:
    nights = Nights()
    nights.night(ring(range(30)), ring(range(30, 90)))
    first = {s.name: s.n_accounts for s in nights.night(ring(range(30)), ring(range(30, 90))).values()}
    second = {s.name: s.n_accounts for s in nights.night(ring(range(32, 92)), ring(range(2, 32))).values()}
    assert first == second == {A: 30, B: 60}


def test_growth_and_shrinking_are_told_with_numbers() -> None:
    nights = Nights()
    nights.night(ring(range(30)))
    assert told(nights.night(ring(range(40)))[A]) == (
        f"{A} grew from 30 to 40 accounts; 30 stayed, 10 joined, 0 left"
    )
    assert told(nights.night(ring(range(20)))[A]) == (
        f"{A} shrank from 40 to 20 accounts; 20 stayed, 0 joined, 20 left"
    )


def test_a_merger_is_told_of_both_and_keeps_the_likest_name() -> None:
    nights = Nights()
    nights.night(ring(range(60)), ring(range(60, 90), pool=1))
    steps = nights.night(ring(range(90)))
    assert steps[A].events == ("merged", "grown")
    assert steps[A].kin == (B,)
    assert (steps[B].events, steps[B].kin, steps[B].ring_id) == (("merged",), (A,), None)
    assert nights.events(ring(range(90))) == {A: ("same",)}


def test_a_split_is_told_of_both_and_the_likest_part_keeps_the_name() -> None:
    nights = Nights()
    nights.night(ring(range(90)))
    steps = nights.night(ring(range(60)), ring(range(60, 90), pool=1))
    assert steps[A].events == ("split", "shrunk")
    assert (steps[B].events, steps[B].kin) == (("split",), (A,))
    assert told(steps[B]) == f"{B} split from {A}, with 30 accounts"


def test_dormant_is_told_once_and_then_the_return() -> None:
    nights = Nights()
    nights.night(ring(range(30)))
    assert nights.events() == {A: ("dormant",)}
    assert nights.events() == {}
    assert nights.events(ring(range(30))) == {A: ("returned",)}
    assert nights.events(ring(range(30), awake=False)) == {A: ("dormant",)}
    assert nights.events(ring(range(30), awake=False)) == {A: ("same",)}
    assert nights.events(ring(range(30))) == {A: ("returned",)}


def test_a_name_of_another_generation_is_taken_before_a_new_one() -> None:
    steps = trace({}, {"ring-0001": ring(range(30))}, 7, {C: ring(range(2, 32))})
    assert [(s.name, s.events) for s in steps] == [(C, ("born",))]


def test_names_are_their_numbers_and_nothing_else() -> None:
    assert len({name_of(i) for i in range(1, 20_000)}) == 19_999
    nights, others = Nights(), Nights()
    assert nights.events(ring(range(30))).keys() == others.events(ring(range(500, 900), pool=4)).keys()


def test_the_order_of_rings_changes_nothing() -> None:
    rings = {f"ring-{i:04d}": ring(range(20 * i, 20 * i + 20), pool=i) for i in range(1, 6)}
    known = {name_of(i): Known(ring(range(20 * i + 3, 20 * i + 23), pool=i), "awake") for i in range(1, 6)}
    assert trace(known, rings, 5) == trace(dict(reversed(known.items())), dict(reversed(rings.items())), 5)


def test_a_month_of_six_rings_keeps_its_names_and_tells_each_event_on_its_night() -> None:
    """A tenth of the accounts replaced daily; a ban on 8, a merger on 12, a split on 16, silence from 20 to 26."""
    nights, told_on = Nights(), dict[int, set[tuple[str, ...]]]()
    names: dict[str, set[str]] = {}
    for day in range(30):
        rings = {
            "churn": ring(range(3 * day, 3 * day + 30), pool=1),
            "ban": ring(range(1000, 1030) if day < 8 else range(2000, 2030), pool=2),
            "left": ring(range(3000, 3060 if day < 12 else 3090), pool=3),
            "whole": ring(range(4000, 4090 if day < 16 else 4060), pool=5),
        }
        if day < 12:
            rings["right"] = ring(range(3060, 3090), pool=4)
        if day >= 16:
            rings["part"] = ring(range(4060, 4090), pool=6)
        if not 20 <= day < 27:
            rings["quiet"] = ring(range(5000, 5030), pool=7)
        steps = nights.night(*rings.values())
        ids = {f"ring-{i:04d}": key for i, key in enumerate(rings, 1)}
        for step in steps.values():
            if step.ring_id:
                names.setdefault(ids[step.ring_id], set()).add(step.name)
            if step.events != ("same",):
                told_on.setdefault(day, set()).add(step.events)
    assert all(len(of_ring) == 1 for of_ring in names.values())
    assert told_on == {
        0: {("born",)},
        8: {("replaced",)},
        12: {("merged",), ("merged", "grown")},
        16: {("split",), ("split", "shrunk")},
        20: {("dormant",)},
        27: {("returned",)},
    }
