"""A ring's evidence: each named entity's bits, the prices, and the counts from which anyone recomputes them.

Takes in a `Verdict` and gives out rows of `evidence.parquet` and `certificates.parquet`. The rows of a ring add up
to its bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphscan.entities import FRAGMENTS, OWN_CLUSTER, PRICE, cluster, with_count
from graphscan.graph.views import OWN_CLASS, View
from graphscan.rings.certificate import Court, Verdict, lone, price_of_choice
from graphscan.rings.describe import LEVEL_OF, Description
from graphscan.rings.describe.codes import LEVELS, MOST_TOUCHES, integer
from graphscan.rings.describe.expansion import FOLLOWED_BITS, NOT_FOLLOWED_BITS
from graphscan.rings.evidence.words import hash_shown
from graphscan.rings.growth import odds_of
from graphscan.rings.triage.crowd import Held

REACH = 0.1
"""Share of a ring's members that touch something which a family names, from which the family knows the ring: two cards
of seven accounts say nothing of five hundred."""

EVIDENCE = pl.Schema(
    {
        "ring_id": pl.String,
        "family": pl.String,
        "signal": pl.String,
        "entity": pl.String,
        "n_members": pl.Int64,
        "n_accounts": pl.Int64,
        "expected": pl.Float64,
        "bits": pl.Float64,
        "cap": pl.Int32,
        "step": pl.Int32,
        "class": pl.String,
    }
)
LED_TO = "led to by the names"
"""In place of a class: what comes with the names, and costs none (`graphscan.rings.describe.expansion`)."""

CERTIFICATES = pl.Schema(
    {
        "ring_id": pl.String,
        "family": pl.String,
        "step": pl.Int32,
        "stratum": pl.Int32,
        "level": pl.Int32,
        "n_members": pl.Int64,
        "n_accounts": pl.Int64,
    }
)


@dataclass(frozen=True)
class Names:
    """What the entities of a family are called: a row for each original entity in order, with `signal` and `entity`.

    Millions of entities have names, and rings name thousands: each is told when it is asked for.
    """

    entities: pl.DataFrame

    def signal(self, original: int) -> str:
        """The signal of an entity."""
        return str(self.entities["signal"][original])

    def text(self, original: int) -> str:
        """The text of an entity; a fragment's hash is marked, to be replaced by its words."""
        text = str(self.entities["entity"][original])
        return hash_shown(text) if self.signal(original) in FRAGMENTS else text


def cap_shown(view: View) -> int | None:
    """Requests of an account that a view looks at; None where the family has one view."""
    return None if view.cap is None else int(2**view.cap)


def class_shown(name: int) -> str:
    """A class of popularity in words: `8-15 users`, own clusters apart."""
    own = name >= OWN_CLASS
    low = 2 ** (name - OWN_CLASS if own else name)
    return f"{low}-{2 * low - 1} {'accounts of an own cluster' if own else 'users'}"


def evidence_rows(
    ring_id: str, verdict: Verdict, court: Court, names: Mapping[str, Names]
) -> Iterator[dict[str, object]]:
    """Rows of `EVIDENCE` of one ring: families in order of what they save, entities in order of naming, then prices."""
    inside = _is_member(verdict)
    for family in verdict.families:
        description = verdict.best[family]
        view = description.view
        rows = view.rows
        n_in_stratum = np.bincount(view.strata[verdict.members], minlength=view.stratum_sizes.size)
        rate = n_in_stratum / np.maximum(view.stratum_sizes, 1)
        for step, (entity, saved) in enumerate(zip(description.entities, description.saved, strict=True), 1):
            users = rows.users_of(entity)
            signal, text = entity_shown(view, int(entity), names[family])
            klass = view.class_names[view.klass[entity]]
            yield {
                "ring_id": ring_id,
                "family": family,
                "signal": signal,
                "entity": text,
                "n_members": int(inside[users].sum()),
                "n_accounts": int(users.size),
                "expected": float(rate[view.strata[users]].sum()),
                "bits": float(saved),
                "cap": cap_shown(view),
                "step": step,
                "class": class_shown(int(klass)) if step <= description.n_named else LED_TO,
            }
    for family, views in court.views.items():
        yield _price(ring_id, family, "choice of view", -price_of_choice(len(views)))
        if family in verdict.best:
            is_followed = verdict.best[family].is_followed
            whether = -FOLLOWED_BITS if is_followed else -NOT_FOLLOWED_BITS
            yield _price(ring_id, family, "end of the names", -integer(0))
            yield _price(ring_id, family, "whether names are followed", whether)
    listing = verdict.listing
    yield _price(ring_id, "", "list of the accounts", -listing.accounts)
    yield _price(ring_id, "", "size of the ring", -listing.size)
    yield _price(ring_id, "", "spread over strata", -listing.spread)
    yield _price(ring_id, "", "choice of strata", -listing.choice)
    alone = lone(verdict.saved, listing)
    if alone > 0.0:
        yield _price(ring_id, "", "one family alone is none", -alone)


def entity_shown(view: View, entity: int, names: Names) -> tuple[str, str]:
    """Signal and text of a view's entity; an own cluster is told by what most of its accounts share."""
    original = int(view.entity_of[entity])
    if original >= 0:
        return names.signal(original), with_count(names.text(original), int(view.n_folded[entity]) - 1)
    rows = view.rows
    users = rows.users_of(entity)
    touched = np.concatenate([rows.ent[rows.ptr[u] : rows.ptr[u + 1]] for u in users])
    plain, n = np.unique(touched[view.entity_of[touched] >= 0], return_counts=True)
    telling = n * np.log2(np.maximum(n, 1) * rows.n_accounts / (users.size * rows.n_users[plain]))
    best = plain[np.argsort(-telling, kind="stable")[:3]]
    return OWN_CLUSTER, cluster(users.size, [names.text(int(view.entity_of[e])) for e in best])


def certificate_rows(ring_id: str, verdict: Verdict) -> Iterator[dict[str, object]]:
    """Rows of `CERTIFICATES` of one ring: who stands where before the first name, then only what each name moves.

    Under no family, step 0 tells how the ring spreads over the strata of its list: `stratum` is the language there, and
    `level` the class of activity.
    """
    listing, kind = verdict.listing, verdict.listing.kind
    told = (listing.inside, kind.sizes, kind.language, kind.activity)
    for n_members, n_accounts, language, activity in zip(*(of.tolist() for of in told), strict=True):
        listed = {"ring_id": ring_id, "family": "", "step": 0, "stratum": language, "level": activity}
        yield {**listed, "n_members": n_members, "n_accounts": n_accounts}
    for family in verdict.families:
        for step, before, after in _steps(verdict.best[family], verdict.members):
            changed = (before != after).any(axis=2) if step else after.any(axis=2)
            for stratum, level in np.argwhere(changed):
                yield {
                    "ring_id": ring_id,
                    "family": family,
                    "step": step,
                    "stratum": int(stratum),
                    "level": int(level),
                    "n_members": int(after[stratum, level, 0]),
                    "n_accounts": int(after[stratum, level, 1]),
                }


def _steps(
    description: Description, members: NDArray[np.int32]
) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int64]]]:
    """Step, and counts before and after it: shape (n_strata, LEVELS, 2), members and accounts."""
    view = description.view
    rows = view.rows
    inside = np.zeros(rows.n_accounts, bool)
    inside[members] = True
    counts = np.zeros((view.stratum_sizes.size, LEVELS, 2), np.int64)
    counts[:, 0, 0] = np.bincount(view.strata[members], minlength=view.stratum_sizes.size)
    counts[:, 0, 1] = view.stratum_sizes
    n_cells = counts.shape[0] * LEVELS
    yield 0, counts, counts.copy()
    touches = np.zeros(rows.n_accounts, np.int32)
    for step, entity in enumerate(description.entities, 1):
        users = rows.users_of(entity)
        before = counts.copy()
        was = LEVEL_OF[np.minimum(touches[users], MOST_TOUCHES)]
        touches[users] += 1
        now = LEVEL_OF[np.minimum(touches[users], MOST_TOUCHES)]
        for level, sign in ((was, -1), (now, 1)):
            cell = view.strata[users].astype(np.int64) * LEVELS + level
            moved = np.stack(
                [np.bincount(cell[inside[users]], minlength=n_cells), np.bincount(cell, minlength=n_cells)]
            )
            counts += sign * moved.T.reshape(counts.shape)
        yield step, before, counts.copy()


@dataclass(frozen=True)
class Standing:
    """How each member of a ring stands: summed log-odds, bits; in how many families an owned entity speaks for it; and
    the bits of the families that speak against it, as the other members tell it."""

    bits: NDArray[np.float64]
    owned_families: NDArray[np.int64]
    against: NDArray[np.float64]


def standing(verdict: Verdict, court: Court, ownership: float) -> Standing:
    """Log-odds of each member, and the families that speak for it by entities which the ring owns.

    A ring owns an entity for a member if at least the share `ownership` of the entity's other users are members: who
    was framed with a copied template or a shared address touches nothing that the ring owns.
    """
    members = verdict.members
    bits = np.zeros(members.size)
    owned_families = np.zeros(members.size, np.int64)
    against = np.zeros(members.size)
    for description in verdict.best.values():
        odds = odds_of(description, court)
        mine = odds.of(members)
        bits += mine
        against += np.minimum(odds.by_others(members), 0.0)
        owns = np.zeros(members.size, bool)
        rows = description.view.rows
        for entity in description.entities:
            users = rows.users_of(entity)
            inside = np.searchsorted(members, users)
            known = inside < members.size
            known[known] = members[inside[known]] == users[known]
            n_members = int(known.sum())
            if n_members >= 2 and (n_members - 1) / (users.size - 1) >= ownership:
                owns[inside[known]] = True
        owned_families += owns & (mine > 0)
    return Standing(bits, owned_families, against)


def held(verdict: Verdict) -> dict[str, Held]:
    """How much of what describes a ring is its own, by each family that saves anything and tells something of `REACH`
    of it: the mean over the named entities, each weighed by what its name saved."""
    is_member = _is_member(verdict)
    out = {}
    for family in verdict.saving:
        description = verdict.best[family]
        if description.members[:, 0].sum() > (1.0 - REACH) * verdict.members.size:
            continue
        rows = description.view.rows
        shares = [float(is_member[rows.users_of(entity)].mean()) for entity in description.entities]
        share = float(np.average(shares, weights=np.maximum(description.saved, 0.0)))
        out[family] = Held(share, share * rows.n_accounts / verdict.members.size)
    return out


def neighbours(
    verdict: Verdict, court: Court, ownership: float, in_rings: NDArray[np.bool_], most: int
) -> list[tuple[int, str, float]]:
    """Accounts in no ring that touch what the ring owns in one family alone: (account, family, bits), the most bits
    first."""
    inside = _is_member(verdict)
    n_families = np.zeros(court.n_accounts, np.int64)
    told = []
    for family, description in verdict.best.items():
        odds = odds_of(description, court)
        rows = description.view.rows
        owned = np.zeros(court.n_accounts, bool)
        for entity in description.entities:
            users = rows.users_of(entity)
            if inside[users].sum() >= ownership * (users.size - 1):
                owned[users] = True
        near = odds.speaks_for(odds.accounts, odds.bits) & owned[odds.accounts] & ~in_rings[odds.accounts]
        n_families[odds.accounts[near]] += 1
        who = zip(odds.accounts[near].tolist(), odds.bits[near].tolist(), strict=True)
        told += [(account, family, bits) for account, bits in who]
    alone = [row for row in told if n_families[row[0]] == 1]
    return sorted(alone, key=lambda row: (-row[2], row[0]))[:most]


def _is_member(verdict: Verdict) -> NDArray[np.bool_]:
    """Which accounts are of a ring, shape (n_accounts,)."""
    is_member = np.zeros(verdict.listing.kind.strata.size, bool)
    is_member[verdict.members] = True
    return is_member


def _price(ring_id: str, family: str, what: str, bits: float) -> dict[str, object]:
    blank: dict[str, object] = dict.fromkeys(EVIDENCE)
    return blank | {"ring_id": ring_id, "family": family, "signal": PRICE, "entity": what, "bits": bits}


def class_rows(court: Court) -> Iterator[dict[str, object]]:
    """Rows of `signals.parquet`: how many entities each class of popularity of each view holds.

    A view that holds none has one row, without a class, since a family pays for choosing among all its views; the
    rows of no family are the kinds of strata in which a set may be listed, which a list pays for likewise.
    """
    for kind in court.kinds:
        yield {"family": "", "cap": None, "class": kind.name, "n_entities": 0}
    for family, of_family in court.views.items():
        for view in of_family:
            of_view = {"family": family, "cap": cap_shown(view)}
            if not view.class_sizes.size:
                yield {**of_view, "class": None, "n_entities": 0}
            for name, size in zip(view.class_names, view.class_sizes, strict=True):
                yield {**of_view, "class": class_shown(int(name)), "n_entities": int(size)}
