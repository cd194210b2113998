"""Which ring is which: of certified sets that overlap, the disjoint ones that have most bits together.

Takes in certified sets and gives out rings. The bits of a set like the union of two rings, since names cost less for
both together; but the sum of the parts' bits is the evidence for two rings, and the larger sum wins. So does the
whole against its fragments. That is weighted set packing, solved exactly by HiGHS.

Source: Huangfu and Hall, "Parallelizing the dual revised simplex method", Mathematical Programming Computation 10
(2018), doi:10.1007/s12532-017-0130-5, through scipy.
"""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix, diags_array, vstack
from scipy.sparse.csgraph import connected_components

from graphscan.errors import RunError
from graphscan.rings.certificate import Benches, Court, Courts, Verdict
from graphscan.rings.growth import account_odds, grow, grow_anew, threshold
from graphscan.rings.pieces import parts, pieces, ties_by_description

MAX_COMMON = 0.05
"""Two sets that have more than one account, and more than this share of the smaller, in common cannot both be rings,
and no ring has more than that of its own in all others together: else a ring of thousands is told as a hundred sets
that overlap a little each, whose bits count its accounts again and again. Packing takes thirty times as long at .1."""

ALL_OWN = 10
"""Sets of fewer accounts have none in common."""

RENTED = ("network",)
"""Families of what anybody can rent: to share it is no sign of one operator."""

REFINEMENTS = 3
"""Rounds in which the chosen sets are grown once more, under the caps and without, and chosen again."""


LOOSER, STRICTER = -3.0, 4.0
"""Margins of growth, in bits of an account's log-odds, by which a chosen set is tried a little larger and smaller.
Below the looser one an account is no member, whatever the set gains."""

ALIKE = 0.9
"""Likeness to the chosen set below which what grows by the looser margin is given up: it ran into a neighbour."""

CLEARLY = 0.03
"""Share of a set's bits that a smaller one must have more to take its place."""

SMALLEST_PART = 0.02
"""Share of a set below which a part of it is not looked at: a ring of thousands has hundreds of corners."""

MOST_DOUBTED = 4
"""Parts that a set is tried without, those first whose members' odds are the least clear."""

MOSTLY = 0.5
"""Share of the larger set that two sets have in common where they are the same ring."""


def settled(
    both: Courts,
    certified: Sequence[Verdict],
    min_bits: float,
    smallest: int,
    threads: int = 1,
) -> list[Verdict]:
    """Rings, the one with most bits first: packed, taken apart or grown where that is worth more, and packed again.

    Growth takes an account only with bits to spare; the set that has most bits may hold a few more, or fewer. A set
    that does not hang together by what describes it is no ring: its pieces may be.
    """
    known = {v.members.tobytes(): v for v in certified}
    judged = set(known)
    tried: set[bytes] = set()
    broken: set[bytes] = set()
    chosen = packed(list(known.values()), both.certify.n_accounts)
    benches = Benches(both, threads)
    rounds = 0
    with ThreadPoolExecutor(threads) as pool:
        while new := [v for v in chosen if v.members.tobytes() not in tried]:
            rounds += 1
            looks = partial(
                _other_sets,
                benches=benches,
                judged=judged,
                min_bits=min_bits,
                smallest=smallest,
                refine=rounds <= REFINEMENTS,
            )
            for others in list(pool.map(looks, new)):
                name = others.verdict.members.tobytes()
                tried.add(name)
                known[name] = others.verdict
                if others.is_broken:
                    broken.add(name)
                for again in others.sets:
                    if again.bits >= min_bits:
                        known.setdefault(again.members.tobytes(), again)
            whole_ones = [v for name, v in known.items() if name not in broken]
            chosen = _with_most_bits(packed(whole_ones, both.certify.n_accounts), whole_ones)
    kept = [_without_strangers(both.certify, v) for v in chosen]
    return _ranked(v for v in kept if v.bits >= min_bits)


@dataclass(frozen=True)
class _Others:
    """A chosen set in full judgement, whether it is in pieces, and what it may have to give way to."""

    verdict: Verdict
    is_broken: bool
    sets: list[Verdict]


def _other_sets(
    chosen: Verdict,
    benches: Benches,
    judged: Container[bytes],
    min_bits: float,
    smallest: int,
    refine: bool,
) -> _Others:
    """What a chosen set may have to give way to: its pieces, or its parts, or, to refine it, what it grows to.

    What is like the chosen set is looked at in the views that
    describe that one; in all views once it is chosen itself, unless it was `judged` so before.
    """
    with benches.one() as bench:
        court = bench.certify
        verdict = chosen if chosen.members.tobytes() in judged else court.judge(chosen.members)
        ties = ties_by_description(verdict)
        whole, *rest = pieces(verdict, ties)
        if rest:
            return _Others(verdict, True, [court.judge(p) for p in (whole, *rest) if p.size >= smallest])
        narrow = court.narrowed(verdict)
        inside = parts(verdict, ties, max(smallest, int(SMALLEST_PART * verdict.members.size)))
        sets = _worth_more(verdict, [narrow.judge(p) for p in inside], min_bits)
        sets += _without_one(narrow, verdict, inside, smallest)
        if refine:
            sets += _refined(narrow, bench.growth, verdict)
        return _Others(verdict, False, sets)


def room_of(sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Accounts that sets of these sizes may have in common with another ring, or with all others."""
    return np.where(sizes < ALL_OWN, 0.0, np.maximum(1.0, MAX_COMMON * sizes))


def _ranked(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The most bits first, then the smaller set: an order that hangs on the sets alone."""
    return sorted(verdicts, key=lambda v: (-v.bits, v.members.size, v.members.tobytes()))


def _without_strangers(court: Court, verdict: Verdict) -> Verdict:
    """The set without those against whom the odds clearly speak: a few bits for the whole are no case against one."""
    accounts, odds, _ = account_odds(verdict, court)
    speaks = accounts[odds > threshold(verdict, accounts) + LOOSER]
    left = np.intersect1d(verdict.members, speaks, assume_unique=True)
    return verdict if left.size == verdict.members.size or left.size < 2 else court.judge(left)


def _refined(court: Court, growth: Court, verdict: Verdict) -> list[Verdict]:
    """The set grown once more: under the caps and without them, by a stricter margin, and by a looser one."""
    looser = grow_anew(court, verdict.members, lambda m: not _is_like(m, verdict.members, ALIKE), LOOSER).best
    return [
        grow(court, verdict.members, 0.0),
        court.judge(grow(growth, verdict.members, 0.0).members),
        grow(court, verdict.members, STRICTER),
        *([looser] if looser is not None else []),
    ]


def _is_like(one: NDArray[np.int32], other: NDArray[np.int32], share: float) -> bool:
    """Whether two sets have at least this share of the larger in common."""
    least = share * max(one.size, other.size)
    return bool(min(one.size, other.size) >= least and _n_common(one, other) >= least)


def _n_common(one: NDArray[np.int32], other: NDArray[np.int32]) -> int:
    return int(np.intersect1d(one, other, assume_unique=True).size)


def _without_one(
    court: Court, whole: Verdict, inside: Sequence[NDArray[np.int32]], smallest: int
) -> list[Verdict]:
    """The set without one of its parts, where that has more bits: what was taken in has no ring of its own."""
    if not inside:
        return []
    accounts, odds, _ = account_odds(whole, court)
    clear = np.zeros(court.n_accounts)
    clear[accounts] = odds - threshold(whole, accounts)
    doubted = sorted(inside, key=lambda part: float(clear[part].mean()))[:MOST_DOUBTED]
    left = [np.setdiff1d(whole.members, part, assume_unique=True) for part in doubted]
    judged = [court.judge(m) for m in left if m.size >= max(smallest, MOSTLY * whole.members.size)]
    return [v for v in judged if v.bits > whole.bits]


def _worth_more(whole: Verdict, judged: Sequence[Verdict], min_bits: float) -> list[Verdict]:
    """The parts that certify, where their bits in sum are more than the whole's: else it is one ring, in halves."""
    rings = [v for v in judged if v.bits >= min_bits]
    return rings if sum(v.bits for v in rings) > whole.bits else []


def _with_most_bits(chosen: Sequence[Verdict], known: Sequence[Verdict]) -> list[Verdict]:
    """Each chosen set, or the known one of most bits that is mostly the same accounts and clashes with no other.

    Packing leaves out what a set pays once, to weigh one ring against two; between one ring and one ring it counts.
    """
    best = list(chosen)
    for i, verdict in enumerate(chosen):
        rivals = [v for v in known if _is_better(v, verdict) and _is_like(v.members, verdict.members, MOSTLY)]
        others = [v for j, v in enumerate(best) if j != i]
        for rival in _ranked(rivals):
            if _is_own(rival, others):
                best[i] = rival
                break
    return _ranked(best)


def _is_own(rival: Verdict, others: Sequence[Verdict]) -> bool:
    """Whether a set has little in common with each of the others, and with all of them together."""
    common = [_n_common(rival.members, o.members) for o in others]
    sizes = [min(rival.members.size, o.members.size) for o in others]
    clashes = np.array(common) > room_of(np.array(sizes))
    return bool(not clashes.any() and sum(common) <= room_of(np.array(rival.members.size)))


def _is_better(rival: Verdict, chosen: Verdict) -> bool:
    """More bits, and clearly more where accounts are given up for them: who hangs on by little is a member too."""
    needed = CLEARLY * chosen.bits if rival.members.size < chosen.members.size else 0.0
    return rival.bits > chosen.bits + needed


def packed(verdicts: Sequence[Verdict], n_accounts: int) -> list[Verdict]:
    """The sets of most weight in sum that have little in common (see `MAX_COMMON`); the most bits first.

    Sets that hang together by no conflict are packed apart: a program for all of them takes far longer.
    """
    ranked = _ranked(verdicts)
    if len(ranked) < 2:
        return ranked
    atoms, common = _overlaps([v.members for v in ranked], n_accounts)
    sizes = np.array([v.members.size for v in ranked])
    clashes = _clashes(common, sizes)
    worth = np.array([weight(v) for v in ranked])
    left = _without_twins(clashes, worth)
    worth = worth[left]
    order = [ranked[i] for i in left]
    clashes = clashes[left][:, left]
    conflicts = _conflicts(atoms[left], clashes)
    rows = np.repeat(np.arange(len(conflicts)), [len(c) for c in conflicts])
    columns = np.array([i for c in conflicts for i in c], np.int64)
    one_of = csr_matrix((np.ones(columns.size), (rows, columns)), shape=(len(conflicts), len(order)))
    at_most_one = vstack([one_of, _own(common[left][:, left], clashes, sizes[left])]).tocsr()
    n_parts, part = connected_components(at_most_one.T @ at_most_one, directed=False)
    taken = np.zeros(len(order), bool)
    by_part = np.argsort(part, kind="stable")
    ends = np.searchsorted(part[by_part], np.arange(n_parts + 1))
    for first, end in itertools.pairwise(ends):
        inside = by_part[first:end]
        if inside.size == 1:
            taken[inside] = worth[inside] > 0.0
        else:
            taken[inside] = _optimum(worth[inside], at_most_one[:, inside])
    return [v for v, is_taken in zip(order, taken, strict=True) if is_taken]


def _optimum(worth: NDArray[np.float64], at_most_one: csr_matrix) -> NDArray[np.bool_]:
    """Which sets to take, at most one of each row, weighed."""
    told = at_most_one[np.diff(at_most_one.indptr) > 1]
    answer = milp(
        -worth,
        constraints=LinearConstraint(told, -np.inf, 1.0),
        integrality=np.ones(worth.size, np.int64),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0.0},
    )
    if answer.x is None:
        raise RunError(
            f"rings: packing failed: got {answer.message}; expected an optimum", "report this as a defect"
        )
    chosen: NDArray[np.bool_] = answer.x > 0.5
    return chosen


def weight(verdict: Verdict) -> float:
    """What a set is worth beside others: what the families save against its list, without what each set pays once.

    The price of being a set at all (its size, its spread, the choices of views) is for the claim that it is a ring; it
    would always speak for one ring in place of two. And names of rented things count for nothing: two rings that rent
    from one proxy network are two, though one description of the network would serve both, while shared templates or
    cards do make them one operator's.
    """
    saved = sum(d.bits + (d.names if family in RENTED else 0.0) for family, d in verdict.best.items())
    return saved - verdict.listing.accounts


def holders(sets: Sequence[NDArray[np.int32]], n_accounts: int) -> csr_matrix:
    """Which set holds which account, shape (n_sets, n_accounts)."""
    ends = np.cumsum([0, *(s.size for s in sets)])
    return csr_matrix((np.ones(int(ends[-1]), np.int32), np.concatenate(sets), ends), (len(sets), n_accounts))


def _components(pattern: tuple[int, ...], clashing: Sequence[frozenset[int]]) -> Iterator[set[int]]:
    """The sets of a pattern that hang together by clashes."""
    left = set(pattern)
    while left:
        todo = [left.pop()]
        inside = set(todo)
        while todo:
            near = clashing[todo.pop()] & left
            left -= near
            inside |= near
            todo += near
        yield inside


def _overlaps(sets: Sequence[NDArray[np.int32]], n_accounts: int) -> tuple[csr_matrix, csr_matrix]:
    """Which set holds which atom, shape (n_sets, n_atoms), and how many accounts two sets have in common, square.

    An atom stands for the accounts that are in the same sets: those have the same sum of the sets' random numbers.
    """
    holds = holders(sets, n_accounts)
    _, first, size = np.unique(_signatures(holds.T.tocsr()), return_index=True, return_counts=True)
    atoms = holds[:, first]
    counted = csr_matrix((size[atoms.indices], atoms.indices, atoms.indptr), atoms.shape)
    return atoms, csr_matrix(counted @ atoms.T)


def _clashes(common: csr_matrix, sizes: NDArray[np.int64]) -> csr_matrix:
    """Which sets clash, each also with itself."""
    told = common.tocoo()
    clash = told.data > room_of(np.minimum(sizes[told.row], sizes[told.col]))
    return csr_matrix((np.ones(int(clash.sum()), bool), (told.row[clash], told.col[clash])), common.shape)


def _own(common: csr_matrix, clashes: csr_matrix, sizes: NDArray[np.int64]) -> csr_matrix:
    """A row for each set of which all sets that it may be taken beside have too much, together: they weigh as much as
    they have of it, and it weighs what of that is too much."""
    beside = csr_matrix(common - common.multiply(clashes))
    beside.eliminate_zeros()
    total = np.asarray(beside.sum(axis=1)).ravel()
    room = room_of(sizes)
    asked = np.flatnonzero(total > room)
    itself = csr_matrix(((total - room)[asked], (np.arange(asked.size), asked)), (asked.size, sizes.size))
    return csr_matrix(diags_array(1.0 / total[asked]) @ (beside[asked] + itself))


def _signatures(rows: csr_matrix) -> NDArray[np.int64]:
    """A number for each row, the same for rows that hold the same columns."""
    return np.asarray(rows.astype(np.int64) @ np.random.default_rng(0).integers(1, 2**62, rows.shape[1]))


def _without_twins(clashes: csr_matrix, worth: NDArray[np.float64]) -> NDArray[np.int64]:
    """The sets that are left when of those which clash with the same sets only the one of most worth stays, sorted.

    A ring that was found from a hundred proposals is told a hundred times.
    """
    left = np.arange(worth.size)
    while True:
        signature = _signatures(clashes[left][:, left])
        order = np.lexsort((-worth[left], signature))
        is_best = np.ones(left.size, bool)
        is_best[1:] = signature[order][1:] != signature[order][:-1]
        if is_best.all():
            return left
        left = np.sort(left[order[is_best]])


def _conflicts(atoms: csr_matrix, clashes: csr_matrix) -> list[tuple[int, ...]]:
    """Groups of sets of which at most one can be a ring: those that hold one account, and overlap by more than it."""
    by_atom = atoms.T.tocsr()
    by_atom.sort_indices()
    patterns = {
        tuple(by_atom.indices[first:end].tolist())
        for first, end in itertools.pairwise(by_atom.indptr)
        if end - first > 1
    }
    clashing = [
        frozenset(clashes.indices[first:end].tolist()) for first, end in itertools.pairwise(clashes.indptr)
    ]
    groups: set[tuple[int, ...]] = set()
    for pattern in patterns:
        for inside in _components(pattern, clashing):
            if all(inside <= clashing[i] for i in inside):  # a set clashes with itself
                groups.add(tuple(sorted(inside)))
            else:
                # A bridge: its ends may both be rings, so only the pairs that clash are told.
                groups |= {(i, j) for i in inside for j in clashing[i] & inside if i < j}
    return sorted(g for g in groups if len(g) > 1)
