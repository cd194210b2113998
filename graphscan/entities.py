"""How the tables tell an entity: what stands for it there, and how its own value is read from that again.

Takes in an entity's text as `evidence.parquet` has it and gives out the values it is made of. Whatever compares
entities, exports them or makes pseudonyms of them goes by these values: what is told beside them differs by the night.
"""

from __future__ import annotations

import re

FRAGMENTS = ("prompt_fragment", "system_fragment")
"""Signals whose entities are hashes of words, told by the words."""

OWN_CLUSTER = "own cluster"
"""Signal of a row about a cluster of the family's own."""

PRICE = "price"
"""Signal of a row that is no entity's."""

AT = " @"
"""Between a value and its time, or a day and its mail provider, where both are one entity."""

_ALIKE = re.compile(r" \(and \d+ more with the same users\)$")
_AROUND = " accounts around "


def with_count(entity: str, n_alike: int) -> str:
    """An entity, and how many more have the same users."""
    return f"{entity} (and {n_alike} more with the same users)" if n_alike else entity


def without_count(entity: str) -> str:
    """An entity of the evidence, without how many more have the same users."""
    return _ALIKE.sub("", entity)


def cluster(n_accounts: int, entities: list[str]) -> str:
    """A family's own cluster, told by entities that most of its accounts share."""
    return f"{n_accounts}{_AROUND}{', '.join(entities)}"


def values_of(entity: str) -> frozenset[str]:
    """The entity without its count, and each value that is a part of it: of a cluster the entities it is told by, of
    a value with its time, or a day with its provider, either side."""
    whole = without_count(entity)
    told = whole.partition(_AROUND)[2].split(", ") if _AROUND in whole else [whole]
    return frozenset({whole, *told, *(part for text in told for part in text.split(AT))})
