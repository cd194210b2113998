"""Strata of language: what speakers of one tongue share is no evidence.

Takes in the staged requests and gives out each account's class of language. Speakers of a small language share its
phrases, carriers, mail providers and hours for an innocent reason, so the families are independent only among people
of one language. Who writes two belongs to the rarer one, since that is whose carriers and phrases he shares. What is
code or too short, and every class of fewer than `SMALLEST` accounts, goes with the largest: a ring that alone writes
a language must not hide in a class of its own.

Source: Sites, "Compact Language Detector 2" (2013), through pycld2.
"""

from __future__ import annotations

import itertools
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from graphscan.logs.queries import load_queries, query_batches
from graphscan.logs.sql import Connection, frame

SMALLEST = 100
"""Accounts that make a class of its own: turning it down lets a ring hide in its language."""

MIN_PERCENT = 15
"""Percent of an account's text from which a language is one of its own: below, the detector's guesses abound."""


TOGETHER = 1_000
"""Texts that a thread is given at once: one alone takes no longer than to hand it over."""


def languages(con: Connection, n_accounts: int, threads: int = 1) -> list[tuple[str, ...]]:
    """The languages that each account writes, as codes, none where its text does not tell; one entry an account."""
    out: list[tuple[str, ...]] = [()] * n_accounts
    if "excerpt" not in con.table("requests").columns:
        return out
    with ThreadPoolExecutor(threads) as pool:
        for texts in query_batches(con, load_queries()["excerpts"]):
            some = [part["excerpt"].to_list() for part in texts.iter_slices(TOGETHER)]
            told = itertools.chain.from_iterable(pool.map(_written, some))
            for account, codes in zip(texts["account"].to_list(), told, strict=True):
                out[account] = codes
    return out


def _written(texts: list[str]) -> list[tuple[str, ...]]:
    """The languages of each text, as codes."""
    import pycld2

    out: list[tuple[str, ...]] = []
    for text in texts:
        try:
            _, _, found = pycld2.detect(text)
        except pycld2.error:
            found = ()  # bytes that are no text of any language
        out.append(tuple(c for _, c, percent, _ in found if percent >= MIN_PERCENT and c != "un"))
    return out


def countries(con: Connection, n_accounts: int) -> list[str]:
    """The country of each account, empty where the log does not tell; one entry an account."""
    out = [""] * n_accounts
    if "log_accounts" in {name for (name,) in con.execute("show tables").fetchall()}:
        rows = frame(
            con,
            "select account, country from log_accounts inner join accounts using (account_id) "
            "where country is not null",
        )
        for account, country in rows.iter_rows():
            out[account] = country
    return out


def language_strata(
    languages: list[tuple[str, ...]], countries: list[str], smallest: int = SMALLEST
) -> NDArray[np.int32]:
    """A class of language for each account, dense from zero: 0 is the largest, with all that are too small.

    Who writes the largest language, or too little to tell, in a country that mostly writes another, belongs there: he
    has its carriers and its phrases, whatever the few texts looked at were in.
    """
    speakers = Counter(code for codes in languages for code in codes)
    rarest = [
        min(codes, key=lambda c: (_size(speakers, c, smallest), c), default="un") for codes in languages
    ]
    told = Counter(c for c in rarest if c != "un")
    main = min(told, key=lambda c: (-told[c], c), default="un")
    homes = _homes(rarest, countries)
    own = [
        homes.get(country, main) if code in (main, "un") else code
        for code, country in zip(rarest, countries, strict=True)
    ]
    counts = Counter(own)
    order = sorted(counts, key=lambda c: (c != main, -counts[c], c))
    number = {c: i for i, c in enumerate(c for c in order if c == main or counts[c] >= smallest)}
    return np.array([number.get(c, 0) for c in own], np.int32)


def _homes(codes: list[str], countries: list[str]) -> dict[str, str]:
    """The commonest told language of each country."""
    by_country: dict[str, Counter[str]] = {}
    for code, country in zip(codes, countries, strict=True):
        if country and code != "un":
            by_country.setdefault(country, Counter())[code] += 1
    return {country: min(c, key=lambda x: (-c[x], x)) for country, c in by_country.items()}


def _size(speakers: Counter[str], code: str, smallest: int) -> float:
    """Speakers of a language; endless where they are too few to be a class, so that another is taken."""
    return speakers[code] if speakers[code] >= smallest else float("inf")
