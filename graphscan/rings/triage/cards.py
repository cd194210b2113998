"""Who pays for a ring: on how many cards its accounts are, and how they share them."""

from __future__ import annotations

import math
from functools import cached_property

from graphscan.rings.triage.measured import Measured

SHARED = 0.6
"""Cards an account up to which accounts share them."""

FEW_ON_A_CARD = 15.0
"""Accounts on a shared card, on average, above which it is a company's: rings spread theirs."""

HANDFUL = 6.0
"""Accounts on a shared card, on average, up to which several cards are no agency's, which pays for a dozen with one."""

VARIED = 3
"""Cards from which they are varied, and no one customer is seen to pay: a company has one or two."""

ONE_PAYER = 2.0
"""Shared cards up to which one customer openly pays: a team at work, if no machine is."""

ONE_CARD = 1.5
"""Cards up to which one pays for all, whatever a few paid with besides."""

ON_THEIR_OWN = 0.15
"""Share of the accounts up to which some pay alone beside the one payer."""

ALONE = 0.9
"""Cards an account from which everybody pays alone."""


class Cards(Measured):
    """The cards of a ring's accounts; where none is known, everybody pays alone."""

    @cached_property
    def n(self) -> float:
        """All cards."""
        return self.value("cards_per_account", 1.0) * self.n_accounts

    @cached_property
    def n_alone(self) -> float:
        """Cards that serve one account alone."""
        return self.n * self.value("share_cards_unique", 1.0)

    @property
    def n_shared(self) -> float:
        """Cards that several accounts share."""
        return self.n - self.n_alone

    @property
    def at_home(self) -> float:
        """Share of the accounts that are of the country for which their card pays most; nan where none is shared."""
        return self.value("share_in_payers_country", math.nan)

    @property
    def is_one_payer(self) -> bool:
        """Whether nearly all accounts are on one card or two, or on a few that each pay for many."""
        is_few = self.n_shared <= ONE_PAYER or not self.are_shared_by(FEW_ON_A_CARD)
        return self.n <= ONE_PAYER or (self.are_shared_by_all and is_few)

    @property
    def are_one(self) -> bool:
        """Whether one card pays for all."""
        return self.n <= ONE_CARD and self.are_shared

    @property
    def are_shared(self) -> bool:
        """Whether there are clearly fewer cards than accounts."""
        return self.n <= SHARED * self.n_accounts

    @property
    def are_known_and_apart(self) -> bool:
        """Whether the log knows cards, and hardly fewer than accounts."""
        return "cards_per_account" in self.measures and not self.are_shared

    @property
    def are_shared_by_all(self) -> bool:
        """Whether accounts share cards, and hardly any has one of its own."""
        return self.are_shared and self.n_alone <= ON_THEIR_OWN * self.n_accounts

    def are_shared_by(self, most: float) -> bool:
        """Whether accounts share cards, on average at most so many a shared one."""
        return self.are_shared and self.n_accounts - self.n_alone <= most * self.n_shared

    @property
    def are_varied(self) -> bool:
        """Whether several cards are each shared by a few of the accounts."""
        return self.n_shared >= VARIED and self.are_shared_by(FEW_ON_A_CARD)

    @property
    def are_by_handfuls(self) -> bool:
        """Whether several cards each pay for a handful, so that no one customer is seen to pay."""
        return self.n >= VARIED and self.are_shared_by(HANDFUL)

    @property
    def are_each_ones_own(self) -> bool:
        """Whether the log knows cards, and everybody has one."""
        return self.value("cards_per_account", 0.0) >= ALONE
