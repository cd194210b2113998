"""Who has which addresses: carriers' pools, institutions, hosting, and lists that a proxy network rents out.

Out: `Pools`, from which a request's address is drawn, and its text. An address is one unsigned 64-bit number:
IPv4 below 2^32, otherwise the upper half of an IPv6 address. Reserved and private blocks are never used.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from graphscan.lab.simulate.draws import Dice, Hashes, Integers

STATIC, DAILY, SESSION, SUBSET = range(4)  # how often an account's address changes

_UNUSED_FIRST_OCTETS = {0, 10, 100, 127, 169, 172, 192, 198, 203}
_IPV6_BASE = 0x2A0D_0000_0000_0000


@dataclass(frozen=True)
class Pools:
    """Pools of addresses: `size` from `base` on or, where `listed`, so many of `entries` from `base` on."""

    base: NDArray[np.uint64]
    size: Integers
    listed: NDArray[np.bool_]
    entries: NDArray[np.uint64]

    def address(self, pools: Integers, draws: Hashes) -> NDArray[np.uint64]:
        """One address of each pool."""
        place = ((draws >> np.uint64(33)).astype(np.int64) * self.size[pools]) >> np.int64(31)
        address = self.base[pools] + place.astype(np.uint64)
        listed = self.listed[pools]
        if listed.any():
            address[listed] = self.entries[address[listed].astype(np.int64)]
        return address


class AddressSpace:
    """Gives out address blocks that do not overlap, in an order that tells nothing."""

    def __init__(self, dice: Dice) -> None:
        octets = [octet for octet in range(1, 224) if octet not in _UNUSED_FIRST_OCTETS]
        blocks = (np.array(octets)[:, None] * 256 + np.arange(256)[None, :]).ravel()
        self._sixteens = dice.generator("address blocks").permutation(blocks).tolist()
        self._open: dict[str, tuple[int, int]] = {}
        self._six = 0
        self._base: list[int] = []
        self._size: list[int] = []
        self._listed: list[bool] = []
        self._entries: list[NDArray[np.uint64]] = []
        self._n_entries = 0

    def block(self, holder: str, size: int) -> int:
        """A pool of `size` (a power of two, at most 65,536) neighbours out of the holder's blocks."""
        start, left = self._open.get(holder, (0, 0))
        if left < size:
            start, left = self._sixteens.pop() << 16, 1 << 16
        self._open[holder] = (start + size, left - size)
        return self._add(start, size, False)

    def six(self, size: int) -> int:
        """A pool of `size` IPv6 networks of 64 bits."""
        start = _IPV6_BASE + (self._six << 24)
        self._six += 1
        return self._add(start, size, False)

    def listing(self, addresses: NDArray[np.uint64]) -> int:
        """A pool of just these addresses."""
        start = self._n_entries
        self._entries.append(addresses)
        self._n_entries += len(addresses)
        return self._add(start, len(addresses), True)

    def base_of(self, pool: int) -> int:
        """The first address of a block."""
        return self._base[pool]

    def _add(self, base: int, size: int, listed: bool) -> int:
        self._base.append(base)
        self._size.append(size)
        self._listed.append(listed)
        return len(self._base) - 1

    def pools(self) -> Pools:
        """All pools given out so far."""
        entries = np.concatenate(self._entries) if self._entries else np.zeros(0, dtype=np.uint64)
        return Pools(
            base=np.array(self._base, dtype=np.uint64),
            size=np.array(self._size, dtype=np.int64),
            listed=np.array(self._listed, dtype=np.bool_),
            entries=entries,
        )


class AddressText:
    """Addresses as people write them."""

    def __init__(self) -> None:
        octets = [f"{octet}." for octet in range(256)] + [str(octet) for octet in range(256)]
        groups = [f"{group:x}:" for group in range(65536)] + [f"{group:x}" for group in range(65536)]
        self._pieces = pa.array([*octets, *groups], pa.string())

    def __call__(self, addresses: NDArray[np.uint64], hosts: Hashes) -> Any:
        """Arrow strings; `hosts` is the lower half of IPv6 addresses."""
        six = addresses >= np.uint64(1 << 32)
        counts = np.where(six, 8, 4)
        ends = np.cumsum(counts)
        ids = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.int32)
        four_at = (ends - counts)[~six][:, None] + np.arange(4)
        shifts = np.array([24, 16, 8, 0], dtype=np.uint64)
        octets = ((addresses[~six][:, None] >> shifts) & np.uint64(255)).astype(np.int32)
        octets[:, 3] += 256
        ids[four_at.ravel()] = octets.ravel()
        six_at = (ends - counts)[six][:, None] + np.arange(8)
        shifts = np.array([48, 32, 16, 0], dtype=np.uint64)
        upper = (addresses[six][:, None] >> shifts) & np.uint64(65535)
        lower = (hosts[six][:, None] >> shifts) & np.uint64(65535)
        groups = np.concatenate([upper, lower], axis=1).astype(np.int32) + 512
        groups[:, 7] += 65536
        ids[six_at.ravel()] = groups.ravel()
        joined = self._pieces.take(pa.array(ids))
        _, offsets, data = joined.buffers()
        piece_offsets = np.frombuffer(offsets, dtype=np.int32, count=len(ids) + 1)
        edges = np.concatenate([[0], ends]).astype(np.int64)
        return pa.StringArray.from_buffers(
            len(addresses), pa.py_buffer(np.ascontiguousarray(piece_offsets[edges])), data
        )
