"""Draws that depend on nothing but their names: the n-th request of an account always rolls the same numbers.

In: a seed, a purpose in words, integer columns. Out: arrays of hashes, shares or picks, one for each row.
Because no draw depends on the order in which rows are made, a log can be written in any chunks and stay the
same to the byte.

Source of the mixing function: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators",
doi:10.1145/2660193.2660195 (the SplitMix64 finaliser).
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Hashes = NDArray[np.uint64]
Integers = NDArray[np.int64]
Shares = NDArray[np.float64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def scramble(values: Hashes) -> Hashes:
    """The values mixed in place, bijectively, so that neighbours have nothing in common."""
    values += _STEP
    values ^= values >> np.uint64(30)
    values *= _FIRST
    values ^= values >> np.uint64(27)
    values *= _SECOND
    values ^= values >> np.uint64(31)
    return values


def column(values: ArrayLike) -> Hashes:
    """Integers of any sign and width as a fresh array of unsigned 64-bit words."""
    return np.atleast_1d(np.asarray(values)).astype(np.int64).view(np.uint64).copy()


def share_of(hashes: Hashes) -> Shares:
    """Numbers in [0, 1)."""
    return np.asarray((hashes >> np.uint64(11)) * 2.0**-53, dtype=np.float64)


def below(hashes: Hashes, limit: ArrayLike) -> Integers:
    """Integers in [0, limit); limits below 2^31."""
    high = (hashes >> np.uint64(33)).astype(np.int64)
    return (high * np.asarray(limit, dtype=np.int64)) >> np.int64(31)


@dataclass(frozen=True)
class Dice:
    """Every random choice of one world."""

    seed: int

    def _start(self, purpose: str) -> int:
        digest = hashlib.blake2b(f"{self.seed}:{purpose}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "little")

    def roll(self, purpose: str, *columns: ArrayLike) -> Hashes:
        """64-bit hashes of the columns, which broadcast against each other."""
        mixed = np.atleast_1d(np.asarray(self._start(purpose), dtype=np.uint64)).copy()
        for part in columns:
            words = np.asarray(part)
            if words.dtype != np.uint64:
                words = words.astype(np.int64).view(np.uint64)
            mixed = scramble(np.atleast_1d(mixed ^ words))
        return mixed if columns else scramble(mixed)

    def share(self, purpose: str, *columns: ArrayLike) -> Shares:
        """Numbers in [0, 1)."""
        return share_of(self.roll(purpose, *columns))

    def pick(self, purpose: str, limit: ArrayLike, *columns: ArrayLike) -> Integers:
        """Integers in [0, limit)."""
        return below(self.roll(purpose, *columns), limit)

    def weighted(self, purpose: str, weights: ArrayLike, *columns: ArrayLike) -> Integers:
        """Positions in `weights`, each as often as its weight says."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        drawn = self.share(purpose, *columns) * edges[-1]
        return np.asarray(np.searchsorted(edges, drawn, side="right"), dtype=np.int64)

    def normal(self, purpose: str, *columns: ArrayLike) -> Shares:
        """Standard normal numbers (Box and Muller 1958, doi:10.1214/aoms/1177706645)."""
        radius = np.sqrt(-2.0 * np.log1p(-self.share(purpose + " radius", *columns)))
        return np.asarray(radius * np.cos(2.0 * np.pi * self.share(purpose + " angle", *columns)))

    def generator(self, purpose: str) -> np.random.Generator:
        """A generator of its own, for small choices made once for each world."""
        return np.random.default_rng(self._start(purpose))
