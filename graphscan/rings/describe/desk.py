"""What describing sets needs beside a view: columns of its own, made once and left as they were found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Desk:
    """What describing needs beside the view, made once: factorials, and columns over accounts and entities.

    `touches` ends at `MOST_TOUCHES`, and in one byte each: it is read at random places for millions of users. It and
    `is_reached` are all zero between two uses; `seen` counts on (`_hits`), and has one place more for where it stands.
    """

    lf: NDArray[np.float64]
    is_reached: NDArray[np.bool_]
    touches: NDArray[np.uint8]
    seen: NDArray[np.int32]

    @classmethod
    def of(cls, lf: NDArray[np.float64], n_accounts: int, n_entities: int) -> Desk:
        """A desk for views of at most so many entities."""
        zeros = (
            np.zeros(n_accounts, bool),
            np.zeros(n_accounts, np.uint8),
            np.zeros(n_entities + 1, np.int32),
        )
        return cls(lf, *zeros)

    def twin(self) -> Desk:
        """A desk for the same views with columns of its own."""
        return Desk.of(self.lf, self.touches.size, self.seen.size - 1)
