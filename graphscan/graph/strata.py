"""Strata: accounts alike in what is known and innocent, so that chance is counted among their like.

Takes in how often each account asked, its language and whether it has paid, and gives out one stratum an account
for each view. Under a cap the accounts with as many requests as it shows are one stratum; those below keep the
stratum of their own power of two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

CAPS = (2, 3, 4, 5, 6, 8)
"""Caps as powers of two: 4 … 256 requests an account. With 128 and 512 too, rings have half a percent more bits and
views take twice the memory."""

MIN_ACCOUNTS = 20
MIN_SHARE = 0.002
"""A cap is used where at least so many accounts, and this share of them, have as many requests as it shows."""


@dataclass(frozen=True)
class Strata:
    """For each view's accounts: `language`, `paid`, and activity with language under each cap; shapes (n_accounts,).

    `activity` is the power of two of an account's requests.
    """

    activity: NDArray[np.int16]
    language: NDArray[np.int16]
    paid: NDArray[np.int16]
    by_cap: Mapping[int, NDArray[np.int16]]

    @property
    def caps(self) -> tuple[int, ...]:
        """The caps in use, as powers of two, rising."""
        return tuple(self.by_cap)

    def nearest(self, cap: int) -> NDArray[np.int16]:
        """The strata of the cap in use that is nearest to `cap`."""
        return self.by_cap[min(self.by_cap, key=lambda c: abs(c - cap))]


def strata_of(n_requests: NDArray[np.int64], language: NDArray[np.int32], paid: NDArray[np.bool_]) -> Strata:
    """Strata from the requests of each account, its class of language (zero for all: none), and who has paid."""
    activity: NDArray[np.int64] = np.floor(np.log2(np.maximum(n_requests, 1))).astype(np.int64)
    n_languages = int(language.max(initial=0)) + 1
    enough = max(MIN_ACCOUNTS, MIN_SHARE * n_requests.size)
    caps = [c for c in CAPS if (activity >= c).sum() >= enough] or [CAPS[0]]
    by_cap = {c: _dense((np.minimum(activity, c) * n_languages + language).astype(np.int64)) for c in caps}
    return Strata(activity.astype(np.int16), _dense(language), paid.astype(np.int16), by_cap)


def _dense(labels: NDArray[np.integer[Any]]) -> NDArray[np.int16]:
    """Two bytes hold a few powers of two times the world's languages, and are read at random places all the time."""
    dense: NDArray[np.int16] = np.unique(labels, return_inverse=True)[1].astype(np.int16)
    return dense
