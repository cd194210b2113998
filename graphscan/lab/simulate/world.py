"""A world under construction: every account with its habits, the pools, the templates, and the names for all
of them.

Out: `World`. An account is one record of `ACCOUNT`; ordinary customers, crowds and rings differ by nothing
but their records, so whatever is written about one kind of account can be written about any other.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphscan.lab.simulate.addresses import AddressSpace
from graphscan.lab.simulate.draws import Dice, Integers
from graphscan.lab.simulate.evasion import Evasion
from graphscan.lab.simulate.lexicon import LexiconBuilder
from graphscan.lab.simulate.templates import TemplateBuilder

DAY = 86_400
HUMAN, OFFICE, CLOCK, EVEN, SYNCHRONOUS = range(5)  # rhythms: how an account's requests lie in time

NONE = -1
OWN = -2  # a system text that the account alone has

# Times are seconds from the start of the log. NONE stands for "has none" in every number that names
# something.
ACCOUNT = np.dtype(
    [
        ("kind", np.int16),
        ("ring", np.int16),
        ("country", np.int16),
        ("language", np.int16),
        ("offset", np.int32),  # from UTC, minutes
        ("created", np.int64),
        ("plan", np.int16),
        ("mail", np.int32),
        ("org", np.int32),
        ("card", np.int64),
        ("n_requests", np.int64),
        ("rhythm", np.int8),
        ("starts", np.int64),
        ("ends", np.int64),
        ("bursts", np.int32),  # of a synchronous ring
        ("shift", np.int32),  # early riser or night owl, minutes
        ("session", np.int32),  # requests in one sitting
        ("gap", np.int32),  # seconds between two of them
        ("n_days", np.int32),  # different days on which the account comes
        ("home", np.int32),
        ("home_turn", np.int8),
        ("second", np.int32),
        ("second_turn", np.int8),
        ("share_second", np.float32),
        ("subset", np.int32),  # so many addresses of the pool, where the turn is SUBSET
        ("fresh_daily", np.bool_),
        ("template_set", np.int32),
        ("share_template", np.float32),
        (
            "pasted_set",
            np.int32,
        ),  # written by the first `n_pasted` requests, from `pasted_at` on within `pasted_for`
        ("n_pasted", np.int32),
        ("pasted_at", np.int64),
        ("pasted_for", np.int64),
        ("share_repeated", np.float32),  # of own prompts, sent again
        ("relays", np.int32),  # real people behind the account; 0 where it is one
        ("topic", np.int16),
        ("system", np.int32),
        ("agent", np.int32),
        ("second_agent", np.int32),
        ("model", np.int8),
        ("adopts", np.float32),  # share of requests that go to the new model in the end
        ("pace", np.float32),  # seconds until they do
    ]
)
Accounts = NDArray[np.void]


class Names:
    """Strings by number, in order of first use."""

    def __init__(self, first: tuple[str, ...] = ()) -> None:
        self.all: list[str] = []
        self._number: dict[str, int] = {}
        for name in first:
            self.number(name)

    def number(self, name: str) -> int:
        """The number of a name, new or old."""
        if name not in self._number:
            self._number[name] = len(self.all)
            self.all.append(name)
        return self._number[name]


@dataclass(frozen=True)
class World:
    """Everything that the writer needs, and the builders need to plant things."""

    dice: Dice
    days: int
    scale: float
    evasion: Evasion
    n_customers: int
    accounts: Accounts
    space: AddressSpace
    lexicon: LexiconBuilder
    templates: TemplateBuilder
    regions: Integers  # carriers' fixed-line pools, all countries
    hosts: Integers  # pools of the hosting firms
    kinds: Names = field(default_factory=lambda: Names(("ordinary",)))
    rings: Names = field(default_factory=Names)
    plans: Names = field(default_factory=Names)
    mails: Names = field(default_factory=Names)
    orgs: Names = field(default_factory=Names)
    agents: Names = field(default_factory=Names)
    systems: Names = field(default_factory=Names)
    planted: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def ends(self) -> int:
        """Length of the log in seconds."""
        return self.days * DAY


def hours_table(weights: tuple[int, ...]) -> NDArray[np.float64]:
    """Second of the day at each of 1,001 quantiles of hourly weights."""
    edges = np.concatenate([[0.0], np.cumsum(weights, dtype=np.float64)]) / sum(weights)
    return np.asarray(np.interp(np.linspace(0.0, 1.0, 1001), edges, np.arange(len(edges)) * 3600.0))


def local_seconds(table: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Seconds of the day drawn from a table of `hours_table`."""
    return np.asarray(np.interp(shares, np.linspace(0.0, 1.0, len(table)), table))
