"""Which ring of earlier nights each ring of tonight is, and what became of it.

Takes in the rings of tonight and the names of earlier nights, each as its accounts and its entities with their bits.
Gives out a `Step` for each: its name, and what happened. Accounts tie a ring to its name, and so do the entities
that it owns: an operator who replaces every account but keeps a template or a card keeps the name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphscan.rings.lineage.names import name_of

BORN, GROWN, SHRUNK, REPLACED, MERGED, SPLIT, DORMANT, RETURNED, SAME = (
    "born",
    "grown",
    "shrunk",
    "replaced",
    "merged",
    "split",
    "dormant",
    "returned",
    "same",
)

KIN_MEMBERS = 0.3
"""Share of the bits of either ring's accounts that are in the other, from which they are kin; up, more are born."""

KIN_ENTITIES = 0.5
"""The same of a family's entities: more, since pools and texts are lent."""

CHANGE, LEAST_CHANGE = 0.1, 2
"""Share of its accounts, and accounts, by which a ring that grows or shrinks is told."""


STAY = 0.5
"""Share of the accounts, of the smaller night, under which they are told as replaced."""


@dataclass(frozen=True)
class Traits:
    """What a ring is known by: bits by account, and by family bits by entity; none are negative. `awake`: it made a
    request on its night's last day."""

    members: Mapping[str, float]
    entities: Mapping[str, Mapping[str, float]]
    awake: bool


@dataclass(frozen=True)
class Known:
    """A name of earlier nights: its ring as it was last found, and how it was on the last night: `awake`, `dormant`
    or `merged`."""

    traits: Traits
    state: str


@dataclass(frozen=True)
class Step:
    """A name tonight. `ring_id` is None and `n_accounts` 0 where no ring of tonight has it.

    `n_before` are the accounts it had when it was last found; `share_members` and `share_entities` the bits in common
    with that (Jaccard's index with weights; of entities the likest family). `kin` are names that merged with it, that
    it split from or that split from it.
    """

    name: str
    ring_id: str | None
    events: tuple[str, ...]
    state: str
    n_accounts: int
    n_before: int
    n_stayed: int
    share_members: float
    share_entities: float
    kin: tuple[str, ...]


def trace(
    known: Mapping[str, Known],
    tonight: Mapping[str, Traits],
    last_number: int,
    elsewhere: Mapping[str, Traits] | None = None,
) -> list[Step]:
    """A step for each ring of tonight, and for each name that falls dormant or is merged tonight; by name.

    `elsewhere` are names given on a later night or in another generation of this one: a ring that would be born takes
    one of these before a new one. New names are numbered from `last_number` in order of ring_id.
    """
    kin = _Kin({name: k.traits for name, k in known.items()}, tonight)
    names = kin.matched()
    left = {r: t for r, t in tonight.items() if r not in names}
    others = {n: t for n, t in (elsewhere or {}).items() if n not in known}
    born = _Kin(others, left).matched()
    for number, ring_id in enumerate(sorted(left.keys() - born.keys()), last_number + 1):
        born[ring_id] = name_of(number)
    steps = [_found(known, tonight[r], r, n, kin) for r, n in names.items()]
    steps += [_new(tonight[r], r, n, kin, names) for r, n in born.items()]
    steps = _with_children(steps)
    steps += _gone(known, set(names.values()), kin, names | born)
    return sorted(_with_merged(steps), key=lambda s: s.name)


def n_born(steps: Iterable[Step], known: Mapping[str, object], elsewhere: Mapping[str, object]) -> int:
    """How many new names were given."""
    return sum(s.ring_id is not None and s.name not in known and s.name not in elsewhere for s in steps)


class _Kin:
    """How alike names and rings are; only pairs that share something."""

    def __init__(self, before: Mapping[str, Traits], tonight: Mapping[str, Traits]) -> None:
        self.members: dict[tuple[str, str], float] = {}
        self.entities: dict[tuple[str, str], float] = {}
        self.pairs: list[tuple[str, str]] = []
        self.by_members: list[tuple[str, str]] = []
        holders: dict[tuple[str, str], list[str]] = {}
        for name, traits in before.items():
            for key in _keys(traits):
                holders.setdefault(key, []).append(name)
        for ring_id, traits in tonight.items():
            for name in sorted({n for key in _keys(traits) for n in holders.get(key, ())}):
                self._add(name, before[name], ring_id, traits)

    def _add(self, name: str, old: Traits, ring_id: str, new: Traits) -> None:
        members, of_members = _in_common(old.members, new.members)
        families = old.entities.keys() & new.entities.keys()
        common = [_in_common(old.entities[f], new.entities[f]) for f in sorted(families)]
        pair = (name, ring_id)
        self.members[pair] = members
        self.entities[pair] = max((alike for alike, _ in common), default=0.0)
        of_entities = max((of for _, of in common), default=0.0)
        if of_members >= KIN_MEMBERS:
            self.by_members.append(pair)
        if of_members >= KIN_MEMBERS or of_entities >= KIN_ENTITIES:
            self.pairs.append(pair)

    def matched(self) -> dict[str, str]:
        """A name for each ring that has kin, no name twice: the likest pair first, accounts and entities together."""
        given: dict[str, str] = {}
        for name, ring_id in sorted(self.pairs, key=lambda p: (-self.members[p] - self.entities[p], p)):
            if ring_id not in given and name not in given.values():
                given[ring_id] = name
        return given

    def names_of(self, ring_id: str) -> list[str]:
        """Names whose accounts are in a ring."""
        return [n for n, r in self.by_members if r == ring_id]

    def rings_of(self, name: str) -> list[str]:
        """Rings that have a name's accounts, the one with most first."""
        found = [r for n, r in self.by_members if n == name]
        return sorted(found, key=lambda r: (-self.members[name, r], r))


def _found(known: Mapping[str, Known], new: Traits, ring_id: str, name: str, kin: _Kin) -> Step:
    before = known[name]
    n_before, n = len(before.traits.members), len(new.members)
    n_stayed = len(before.traits.members.keys() & new.members.keys())
    events = []
    if before.state != "awake" and new.awake:
        events.append(RETURNED)
    elif before.state == "awake" and not new.awake:
        events.append(DORMANT)
    if abs(n - n_before) >= max(LEAST_CHANGE, CHANGE * n_before):
        events.append(GROWN if n > n_before else SHRUNK)
    if n_stayed < STAY * min(n, n_before):
        events.append(REPLACED)
    return Step(
        name,
        ring_id,
        tuple(events) or (SAME,),
        "awake" if new.awake else "dormant",
        n,
        n_before,
        n_stayed,
        kin.members[name, ring_id],
        kin.entities[name, ring_id],
        (),
    )


def _new(new: Traits, ring_id: str, name: str, kin: _Kin, names: Mapping[str, str]) -> Step:
    """A name that no night before had: split from a ring that still is, or born."""
    parents = tuple(sorted(set(kin.names_of(ring_id)) & set(names.values())))
    events = (SPLIT,) if parents else (BORN,)
    state = "awake" if new.awake else "dormant"
    return Step(name, ring_id, events, state, len(new.members), 0, 0, 0.0, 0.0, parents)


def _gone(known: Mapping[str, Known], named: set[str], kin: _Kin, names: Mapping[str, str]) -> Iterable[Step]:
    """Names that no ring of tonight has: merged into one, or, if they were awake on the last night, dormant."""
    for name, before in known.items():
        if name in named or before.state == "merged":
            continue
        into = kin.rings_of(name)
        n = len(before.traits.members)
        if into:
            yield Step(name, None, (MERGED,), "merged", 0, n, 0, 0.0, 0.0, (names[into[0]],))
        elif before.state == "awake":
            yield Step(name, None, (DORMANT,), "dormant", 0, n, 0, 0.0, 0.0, ())


def _with_children(steps: list[Step]) -> list[Step]:
    """The steps with a split told of the parent too."""
    children: dict[str, list[str]] = {}
    for step in steps:
        for parent in step.kin:
            children.setdefault(parent, []).append(step.name)
    return [_and(s, SPLIT, children[s.name]) if s.name in children else s for s in steps]


def _with_merged(steps: list[Step]) -> list[Step]:
    """The steps with a merger told of the ring that has both."""
    merged: dict[str, list[str]] = {}
    for step in steps:
        if step.events == (MERGED,) and step.ring_id is None:
            merged.setdefault(step.kin[0], []).append(step.name)
    return [_and(s, MERGED, merged[s.name]) if s.name in merged else s for s in steps]


def _and(step: Step, event: str, kin: Iterable[str]) -> Step:
    events = (event, *(e for e in step.events if e != SAME))
    together = {**vars(step), "events": events, "kin": tuple(sorted({*step.kin, *kin}))}
    return Step(**together)


def _keys(traits: Traits) -> list[tuple[str, str]]:
    return [("", a) for a in traits.members] + [(f, e) for f, es in traits.entities.items() for e in es]


def _in_common(a: Mapping[str, float], b: Mapping[str, float]) -> tuple[float, float]:
    """Bits in common over all bits, and over those of the ring of which they are the larger share."""
    both = sum(min(a[k], b[k]) for k in sorted(a.keys() & b.keys()))
    of_a, of_b = sum(a.values()), sum(b.values())
    if both <= 0.0:
        return 0.0, 0.0
    return both / (of_a + of_b - both), both / min(of_a, of_b)
