"""Which ring of earlier nights each ring of tonight is: its name stays while members or binding entities do.

Takes in the rings of a night, each as its accounts and its entities with their bits, and the rings by name as they
were last seen. Gives out a name for each ring of tonight. A name is a running number: it says nothing of the ring.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SAME = 0.3
"""Share of the bits in common from which a ring is the same; turned up, more rings are born anew."""


@dataclass(frozen=True)
class Traits:
    """What a ring is known by: bits by account, and bits by entity; no bits are negative."""

    members: Mapping[str, float]
    entities: Mapping[str, float]


def likeness(a: Traits, b: Traits) -> float:
    """0 to 1: the greater of the shares of bits in common, over members and over entities.

    The greater, so that an operator who replaces every account but keeps a template or a card is known again.
    """
    return max(_in_common(a.members, b.members), _in_common(a.entities, b.entities))


def names(before: Mapping[str, Traits], tonight: Mapping[str, Traits], last_number: int) -> dict[str, str]:
    """A name for each ring_id of `tonight`, no name twice: the likest pair first, then new numbers by ring_id.

    `before` holds every name as it was last seen, dormant ones too; `last_number` is the highest number ever given.
    """
    pairs = sorted(
        (-alike, name, ring_id)
        for name, old in before.items()
        for ring_id, new in tonight.items()
        if (alike := likeness(old, new)) >= SAME
    )
    given: dict[str, str] = {}
    taken: set[str] = set()
    for _, name, ring_id in pairs:
        if name not in taken and ring_id not in given:
            given[ring_id] = name
            taken.add(name)
    for number, ring_id in enumerate(sorted(tonight.keys() - given.keys()), last_number + 1):
        given[ring_id] = f"ring-{number:04d}"
    return given


def _in_common(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    """Sum of the smaller bits over the sum of the greater: Jaccard's index with weights."""
    keys = sorted(a.keys() | b.keys())
    most = sum(max(a.get(k, 0.0), b.get(k, 0.0)) for k in keys)
    return sum(min(a.get(k, 0.0), b.get(k, 0.0)) for k in keys) / most if most > 0 else 0.0
