"""Cells: what two families see together is found, what language or chance explains is not."""

from __future__ import annotations

import numpy as np
from made import incidences

from graphscan.graph.cells import LARGEST, cells
from graphscan.graph.folding import folded
from graphscan.graph.rows import Rows

N = 4000
NOBODY = np.zeros(N, np.int32)


def rows(entities: list[list[int]], family: str) -> Rows:
    return folded(incidences(entities, N, family), None)[0]


def found(prompts: list[list[int]], cards: list[list[int]], strata=NOBODY) -> list[list[int]]:
    families = {"payment": rows(cards, "payment"), "prompt": rows(prompts, "prompt")}
    return [c.tolist() for c in cells(families, strata, 4)]


def test_a_template_whose_users_pay_with_few_cards_is_a_cell():
    ring = list(range(30))
    cards = [ring[i::4] for i in range(4)]
    assert ring in found([ring], cards)


def test_strangers_with_one_template_are_none():
    dice = np.random.default_rng(1)
    crowd = sorted(dice.choice(N, 30, replace=False).tolist())
    cards = [sorted(dice.choice(N, 7, replace=False).tolist()) for _ in range(400)]
    assert found([crowd], cards) == []


def test_what_one_language_shares_is_expected_of_it():
    """A phrase and a bank of one small people: surprising among all accounts, not among those who speak it."""
    people = list(range(200))
    dice = np.random.default_rng(2)
    phrase = sorted(dice.choice(people, 60, replace=False).tolist())
    bank = [sorted(dice.choice(people, 90, replace=False).tolist())]
    language = np.zeros(N, np.int32)
    language[people] = 1
    assert phrase in found([phrase], bank)
    assert found([phrase], bank, language) == []


def test_entities_of_many_users_are_not_looked_at():
    many = list(range(LARGEST + 1))
    world = N * 4
    families = {
        family: folded(incidences([many, many[:-5]], world, family), None)[0]
        for family in ("payment", "prompt")
    }
    assert all(c.size <= LARGEST for c in cells(families, np.zeros(world, np.int32), 4))
