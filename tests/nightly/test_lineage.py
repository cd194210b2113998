"""Names of rings over nights."""

from graphscan.rings.lineage import Traits, likeness, names


def ring(accounts: range, *entities: str) -> Traits:
    return Traits({f"a{i}": 2.0 for i in accounts}, dict.fromkeys(entities, 10.0))


def test_a_ring_that_replaces_every_account_keeps_its_name_by_its_card() -> None:
    before = {"ring-0001": ring(range(10), "card", "text")}
    assert names(before, {"R1": ring(range(100, 110), "card", "text2")}, 1) == {"R1": "ring-0001"}


def test_a_stranger_is_born_with_a_number_never_given_before() -> None:
    before = {"ring-0001": ring(range(10), "card")}
    assert names(before, {"R1": ring(range(50, 60), "other")}, 7) == {"R1": "ring-0008"}


def test_of_two_halves_the_likest_keeps_the_name() -> None:
    before = {"ring-0001": ring(range(10), "card")}
    given = names(before, {"R1": ring(range(4), "x"), "R2": ring(range(4, 10), "y")}, 1)
    assert given == {"R1": "ring-0002", "R2": "ring-0001"}


def test_a_month_of_ten_percent_replaced_each_night_keeps_one_name() -> None:
    known = {"ring-0001": ring(range(100), "t0")}
    for night in range(1, 31):
        tonight = ring(range(10 * night, 10 * night + 100), f"t{night}")
        assert names(known, {"R1": tonight}, 1) == {"R1": "ring-0001"}
        known = {"ring-0001": tonight}


def test_rings_without_bits_are_not_alike() -> None:
    assert likeness(Traits({}, {}), Traits({}, {})) == 0.0
