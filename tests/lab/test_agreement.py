"""The figures of the agreement with the truth, by hand and against a slow reference."""

import itertools
import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphscan.errors import LogsError
from graphscan.lab.agreement import agreement

RINGS = pl.DataFrame({"ring_id": ["R1", "R2", "R3"], "triage": ["review", "review", "watch"]})
MEMBERS = pl.DataFrame(
    {
        "ring_id": ["R1", "R1", "R1", "R2", "R2", "R2", "R3", "R3"],
        "account_id": ["a", "b", "z", "c", "d", "f", "g", "e"],
        "tier": ["core", "core", "core", "core", "linked", "linked", "core", "core"],
    }
)
TRUTH = pl.DataFrame(
    {
        "account_id": list("abcdefgh"),
        "ring": ["r", "r", "r", "q", "q", None, None, None],
        "kind": ["ring"] * 5 + ["ordinary", "campus", "framed"],
    }
)


def test_figures_by_hand() -> None:
    found = agreement(RINGS, MEMBERS, TRUTH)
    # z is not in the truth: not scored. In review: a, b, c, d, f; of them f is innocent, and e is missed.
    assert found.numbers() == pytest.approx(
        {
            "n_scored": 8,
            "n_planted": 5,
            "n_review": 5,
            "precision": 4 / 5,
            "recall": 4 / 5,
            "pairwise_precision": 1 / 4,
            "pairwise_recall": 1 / 4,
            "bcubed_precision": (2 + 3 * (1 / 3)) / 5,
            "bcubed_recall": (2 * (2 / 3) + 1 / 3 + 1 / 2 + 1 / 2) / 5,
            "ordinary_per_100_000": 100_000.0,
        }
    )


def test_planted_rings_and_their_best_match() -> None:
    planted = agreement(RINGS, MEMBERS, TRUTH).planted
    assert planted.drop("jaccard").rows() == [
        ("r", 3, "R1", "review", 2, 3, 1),
        ("q", 2, "R3", "watch", 1, 1, 0),
    ]
    assert planted["jaccard"].to_list() == pytest.approx([2 / 3, 1 / 3])


def test_found_rings_and_crowds() -> None:
    found = agreement(RINGS, MEMBERS, TRUTH)
    assert found.found.select("ring_id", "n_members", "n_scored", "planted", "n_innocent").rows() == [
        ("R1", 3, 2, "r", 0),
        ("R2", 3, 3, "q", 1),
        ("R3", 2, 2, "q", 1),
    ]
    assert found.found["purity"].to_list() == pytest.approx([1.0, 1 / 3, 1 / 2])
    assert found.crowds.sort("kind").rows() == [
        ("campus", 1, 0, 1, 0, 0),
        ("framed", 1, 0, 0, 0, 0),
        ("ordinary", 1, 1, 0, 0, 0),
    ]


def test_an_account_in_two_rings_counts_at_its_worst() -> None:
    members = pl.concat([MEMBERS, pl.DataFrame({"ring_id": ["R1"], "account_id": ["g"], "tier": ["core"]})])
    crowds = agreement(RINGS, members, TRUTH).crowds
    assert crowds.filter(pl.col("kind") == "campus").rows() == [("campus", 1, 1, 0, 0, 1)]


def test_no_rings() -> None:
    found = agreement(RINGS.clear(), MEMBERS.clear(), TRUTH)
    assert (found.precision, found.recall, found.n_review) == (None, 0.0, 0)
    assert found.planted["jaccard"].to_list() == [0.0, 0.0]
    assert found.found.is_empty() and found.crowds["review"].sum() == 0
    assert all(isinstance(frame, pl.DataFrame) for _, frame in found.tables())
    assert found.as_dict()["planted"][0]["best"] is None


def test_nothing_planted() -> None:
    found = agreement(RINGS, MEMBERS, TRUTH.with_columns(pl.lit(None, pl.String).alias("ring")))
    assert (found.precision, found.recall, found.n_planted) == (0.0, None, 0)


def test_real_labels_with_and_without_groups() -> None:
    truth = pl.DataFrame(
        {
            "account_id": ["a", "b", "c", "f", "h"],
            "label": [1, 1, 1, 0, None],
            "cluster": ["x", "x", None, None, None],
        },
        schema_overrides={"label": pl.Int8},
    )
    found = agreement(RINGS, MEMBERS, truth)
    assert (found.n_scored, found.n_planted, found.n_review) == (4, 3, 4)
    assert (found.precision, found.recall) == (3 / 4, 1.0)
    assert (found.pairwise_precision, found.pairwise_recall) == (1.0, 1.0)
    assert found.planted["ring"].to_list() == ["x"]


def test_truth_that_cannot_be_used() -> None:
    with pytest.raises(
        LogsError, match="truth: columns missing: got account_id; expected account_id with ring"
    ):
        agreement(RINGS, MEMBERS, TRUTH.select("account_id"))
    with pytest.raises(LogsError, match="truth: accounts named twice: got 8 more rows than accounts"):
        agreement(RINGS, MEMBERS, pl.concat([TRUTH, TRUTH]))


@given(
    planted=st.lists(st.sampled_from(["r", "q", "s", None]), min_size=1, max_size=25),
    found=st.lists(st.sampled_from(["R1", "R2", "R4", None]), min_size=25, max_size=25),
)
def test_groups_agree_with_a_slow_reference(planted: list[str | None], found: list[str | None]) -> None:
    accounts = [f"a{n}" for n in range(len(planted))]
    truth = pl.DataFrame(
        {"account_id": accounts, "ring": planted}, schema={"account_id": pl.String, "ring": pl.String}
    )
    rings = pl.DataFrame({"ring_id": ["R1", "R2", "R4"], "triage": ["review"] * 3})
    members = pl.DataFrame(
        {
            "ring_id": [ring for ring in found[: len(planted)] if ring],
            "account_id": [a for a, ring in zip(accounts, found, strict=False) if ring],
        },
        schema={"ring_id": pl.String, "account_id": pl.String},
    ).with_columns(tier=pl.lit("core"))
    result = agreement(rings, members, truth)
    # An innocent account, and one that no ring holds, is a group of its own.
    true = [ring or n for n, ring in enumerate(planted)]
    said = [ring or n for n, ring in enumerate(found[: len(planted)])]
    pairs = list(itertools.combinations(range(len(planted)), 2))
    both = sum(true[i] == true[j] and said[i] == said[j] for i, j in pairs)
    in_found = sum(said[i] == said[j] for i, j in pairs)
    in_true = sum(true[i] == true[j] for i, j in pairs)
    assert result.pairwise_precision == (pytest.approx(both / in_found) if in_found else None)
    assert result.pairwise_recall == (pytest.approx(both / in_true) if in_true else None)

    def bcubed(of: list[object], against: list[object], over: list[int]) -> float | None:
        shares = []
        for i in over:
            group = [j for j in range(len(of)) if of[j] == of[i]]
            shares.append(sum(against[j] == against[i] for j in group) / len(group))
        return math.fsum(shares) / len(shares) if shares else None

    flagged = [n for n, ring in enumerate(found[: len(planted)]) if ring]
    bad = [n for n, ring in enumerate(planted) if ring]
    for value, reference in (
        (result.bcubed_precision, bcubed(said, true, flagged)),
        (result.bcubed_recall, bcubed(true, said, bad)),
    ):
        assert value == (None if reference is None else pytest.approx(reference))
