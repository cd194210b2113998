"""Why accounts are in a ring, or tied to each other: what they touch, who else does, what that says.

Takes in a run folder and account ids; gives out an `Explanation`. It reads the run's own files alone
(`touches/` above all), never the log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import gammaln

from graphscan.entities import FRAGMENTS, without_count
from graphscan.errors import RunError
from graphscan.runs import read_frame, read_manifest
from graphscan.signals.kernel import fragment_words

ACCOUNTS = {
    "account_id": pl.String,
    "n_requests": pl.Int64,
    "ring_id": pl.String,
    "triage": pl.String,
    "tier": pl.String,
    "bits": pl.Float64,
}
FOUND = pl.Schema(
    {
        "signal": pl.String(),
        "who": pl.UInt64(),
        "n_accounts": pl.Int64(),
        "n_given": pl.Int64(),
        "n_members": pl.Int64(),
        "texts": pl.List(pl.String),
        "family": pl.String(),
    }
)
"""What the accounts touch, before it is told."""

TOUCHES = {
    "family": pl.String,
    "signal": pl.String,
    "entity": pl.String,
    "n_alike": pl.Int64,
    "n_given": pl.Int64,
    "n_members": pl.Int64,
    "n_accounts": pl.Int64,
    "bits": pl.Float64,
    "named": pl.Boolean,
}
CONTEXT_TOLD = {
    "signal": pl.String,
    "entity": pl.String,
    "n_alike": pl.Int64,
    "share_alike": pl.Float64,
    "share_of_all": pl.Float64,
}
MOST_CONTEXT = 12
"""Entities of the context that are told."""

_QUOTED = re.compile("“(.*?)”", re.DOTALL)


@dataclass(frozen=True, repr=False)
class Explanation:
    """What speaks for some accounts.

    accounts  account_id, n_requests, ring_id, triage, tier, bits: a row for each ring of each account, one
              with nulls for an account in no ring; `bits` are the account's own in that ring
    ring_id   the ring that holds all of them (the one with most bits), None where there is none
    touches   family, signal, entity, n_alike, n_given, n_members, n_accounts, bits, named: most bits first
    context   signal, entity, n_alike, share_alike, share_of_all: what the ring's members (without a ring: the accounts
              asked for) have in common that certifies nobody, such as a client string; how many of them, which share
              of them, and which share of all accounts; most of them first

    A row of `touches` is an entity: `n_accounts` users, of which `n_given` are among the accounts asked for
    and `n_members` in the ring; `n_alike` further entities have the same users and say the same thing again.
    Its `bits` are what it alone saves in listing the ring's members (without a ring: the accounts asked for),
    before its own name is paid for: log2 C(N,n) − log2 C(u,m) − log2 C(N−u,n−m) for m of n among its u
    users, of N accounts. They do not add up: the certificate counts what entities say together, once.
    `named` entities are rows of evidence.parquet. In a ring every entity is listed that one of the accounts
    shares with a member; without, those that two of them share, or, of a single account, all that another
    account touched too (its bits are null).
    """

    accounts: pl.DataFrame
    ring_id: str | None
    touches: pl.DataFrame
    context: pl.DataFrame

    def __repr__(self) -> str:
        """In counts alone: what the frames hold is hostile text, and Polars shows it as it is."""
        ring = "a ring" if self.ring_id is not None else "no ring of all of them"
        accounts = self.accounts["account_id"].n_unique()
        return (
            f"Explanation of accounts: {accounts:,}, in {ring}\n"
            f"touches: {self.touches.height:,} rows, {self.touches['named'].sum():,} of them named\n"
            f"context: {self.context.height:,} rows"
        )

    def as_dict(self) -> dict[str, Any]:
        """All of it as values that JSON can hold."""
        return {
            "accounts": self.accounts.to_dicts(),
            "ring_id": self.ring_id,
            "touches": self.touches.to_dicts(),
            "context": self.context.to_dicts(),
        }


def explain(run: str | Path, *account_ids: str) -> Explanation:
    """Why the accounts are in a ring, or tied to each other.

    Raises RunError where the run has no such account.
    """
    folder = Path(run)
    manifest = read_manifest(folder)
    known = read_frame(folder, "touches/accounts").with_row_index("account").cast({"account": pl.Int32})
    given = _given(known, list(dict.fromkeys(account_ids)), folder)
    members = read_frame(folder, "members")
    rings = read_frame(folder, "rings").select("ring_id", "triage", pl.col("bits").alias("ring_bits"))
    of = (
        given.join(members.drop("n_requests"), on="account_id", how="left", maintain_order="left")
        .join(rings, on="ring_id", how="left", maintain_order="left")
        .sort("account_id", "ring_bits", "ring_id", descending=[False, True, False], nulls_last=True)
    )
    ring_id = _common_ring(of, given.height)
    inside = known.join(members.filter(pl.col("ring_id") == (ring_id or "")), on="account_id", how="semi")
    families = sorted(p.name for p in (folder / "touches").iterdir() if p.is_dir())
    touched = (_family(folder, f, given["account"], inside["account"]) for f in families)
    found = pl.concat([pl.DataFrame(schema=FOUND), *touched])
    n_log = int(manifest["counts"]["accounts"])
    weighed = _weighed(found, given.height, inside.height, n_log)
    return Explanation(
        of.select(list(ACCOUNTS)).cast(ACCOUNTS),  # type: ignore[arg-type]
        ring_id,
        _told(folder, ring_id, weighed),
        _context(folder, inside["account"] if ring_id else given["account"], n_log),
    )


def _given(known: pl.DataFrame, account_ids: list[str], folder: Path) -> pl.DataFrame:
    # What a shell passed on as no text is no account's id, and Polars takes no such string.
    texts = [a for a in account_ids if a.isascii() or a.encode("utf-8", "ignore").decode() == a]
    given = known.filter(pl.col("account_id").is_in(texts)).select("account", "account_id", "n_requests")
    missing = sorted(set(account_ids) - set(given["account_id"].to_list()))
    if missing or not account_ids:
        raise RunError(
            f"{folder}: has no such account: got {', '.join(missing) or 'none'}; "
            f"expected some of the {known.height:,} accounts with requests",
            "ids are text, letter for letter: 00123 and 123 are two accounts",
        )
    return given


def _common_ring(of: pl.DataFrame, n_given: int) -> str | None:
    """The ring with most bits that holds all of the accounts."""
    held = (
        of.filter(pl.col("ring_id").is_not_null())
        .group_by("ring_id", "ring_bits")
        .agg(n=pl.col("account_id").n_unique())
        .filter(pl.col("n") == n_given)
        .sort("ring_bits", "ring_id", descending=[True, False])
    )
    return None if held.is_empty() else str(held["ring_id"][0])


def _family(folder: Path, family: str, given: pl.Series, inside: pl.Series) -> pl.DataFrame:
    """The family's entities that the accounts touch, with counts; those with the same users are one row."""
    incidences = pl.scan_parquet(folder / f"touches/{family}/incidences.parquet", glob=False)
    mine = incidences.filter(pl.col("account").is_in(given.implode())).select("entity").unique().collect()
    users = (
        incidences.filter(pl.col("entity").is_in(mine["entity"].implode()))
        .group_by("entity")
        .agg(
            n_accounts=pl.len().cast(pl.Int64),
            n_given=pl.col("account").is_in(given.implode()).sum().cast(pl.Int64),
            n_members=pl.col("account").is_in(inside.implode()).sum().cast(pl.Int64),
            who=pl.col("account").hash(seed=1).sum(),
        )
        .collect()
    )
    called = read_frame(folder, f"touches/{family}/entities").with_row_index("at")
    return (
        users.join(
            called.select(pl.col("at").cast(pl.Int32), "signal", text="entity"),
            left_on="entity",
            right_on="at",
        )
        .sort("entity")
        .group_by("signal", "who", "n_accounts", "n_given", "n_members", maintain_order=True)
        .agg(texts=pl.col("text"))
        .with_columns(family=pl.lit(family))
    )


def _context(folder: Path, accounts: pl.Series, n_log: int) -> pl.DataFrame:
    """What two or more of the accounts have in common that is no evidence; empty in runs that have stored none."""
    if not (folder / "context").is_dir():
        return pl.DataFrame(schema=CONTEXT_TOLD)
    users = (
        pl.scan_parquet(folder / "context/incidences.parquet", glob=False)
        .group_by("entity")
        .agg(
            n_alike=pl.col("account").is_in(accounts.implode()).sum().cast(pl.Int64),
            share_of_all=pl.len() / n_log,
        )
        .filter(pl.col("n_alike") > 1)
        .collect()
    )
    called = read_frame(folder, "context/entities").with_row_index("at").cast({"at": pl.Int32})
    return (
        users.join(called.select("at", "signal", text="entity"), left_on="entity", right_on="at")
        .with_columns(share_alike=pl.col("n_alike") / accounts.len())
        .select("signal", pl.col("text").alias("entity"), "n_alike", "share_alike", "share_of_all")
        .sort("n_alike", "share_of_all", "signal", "entity", descending=[True, False, False, False])
        .head(MOST_CONTEXT)
    )


def _weighed(found: pl.DataFrame, n_given: int, n_inside: int, n_log: int) -> pl.DataFrame:
    """Rows that say something, with their bits."""
    if n_inside:
        told = found.filter(pl.col("n_members") > 1)
        return told.with_columns(bits=_saved(told["n_members"], n_inside, told["n_accounts"], n_log))
    if n_given > 1:
        told = found.filter(pl.col("n_given") > 1)
        return told.with_columns(bits=_saved(told["n_given"], n_given, told["n_accounts"], n_log))
    return found.with_columns(bits=pl.lit(None, pl.Float64))


def _saved(m: pl.Series, n: int, u: pl.Series, N: int) -> pl.Series:
    """What naming an entity of u users saves in listing n of N accounts, m of which are among its users."""
    m_, u_ = m.to_numpy(), u.to_numpy()
    return pl.Series(_choose(N, n) - _choose(u_, m_) - _choose(N - u_, n - m_)).round(6)


def _choose(n: NDArray[np.int64] | int, k: NDArray[np.int64] | int) -> NDArray[np.float64]:
    """log2 C(n, k), element by element."""
    n_, k_ = np.asarray(n, float), np.asarray(k, float)
    return np.asarray((gammaln(n_ + 1) - gammaln(k_ + 1) - gammaln(n_ - k_ + 1)) / np.log(2.0))


def _told(folder: Path, ring_id: str | None, found: pl.DataFrame) -> pl.DataFrame:
    """The rows in words, most bits first, fewest users first among those alike."""
    evidence = read_frame(folder, "evidence").filter(pl.col("ring_id") == (ring_id or ""))
    of_ring = [t for t in evidence["entity"].to_list() if t]
    said = [words for text in of_ring for words in _QUOTED.findall(text)]
    wanted = {int(t) for s, ts in found.select("signal", "texts").iter_rows() if s in FRAGMENTS for t in ts}
    words = fragment_words([*said, *_examples(folder, ring_id)], wanted) if wanted else {}
    named = {*of_ring, *map(without_count, of_ring), *(f"“{w}”" for w in said)}
    rows = []
    for row in found.to_dicts():
        texts = [_text(row["signal"], t, words) for t in row["texts"]]
        first = next(
            (t for t in texts if t in named), next((t for t in texts if t.startswith("“")), texts[0])
        )
        rows.append(
            {
                **{k: row[k] for k in TOUCHES if k in row},
                "entity": first,
                "n_alike": len(texts) - 1,
                "named": first in named,
            }
        )
    return pl.DataFrame(rows, schema=TOUCHES).sort(
        "bits",
        "n_accounts",
        "family",
        "signal",
        "entity",
        descending=[True, False, False, False, False],
        nulls_last=True,
    )


def _text(signal: str, entity: str, words: dict[int, str]) -> str:
    """An entity as evidence.parquet has it; a run of words that the run's files do not hold by its hash."""
    if signal not in FRAGMENTS:
        return entity
    return f"“{words[int(entity)]}”" if int(entity) in words else f"text {entity}"


def _examples(folder: Path, ring_id: str | None) -> list[str]:
    """Prompts that the run's files keep: those of the ring, or of all rings."""
    templates = read_frame(folder, "templates")
    if ring_id is not None:
        templates = templates.filter(pl.col("ring_id") == ring_id)
    return [prompt for prompts in templates["examples"].to_list() for prompt in prompts or ()]
