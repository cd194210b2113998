"""Measures of a ring's accounts, each beside the same of as many ordinary customers, and how triage reads them.

Takes in the measures of one ring (`graphscan.rings.portrait`) and gives out a value, or what stands for it where the
log has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

Measures = Mapping[str, tuple[float, float | None]]
"""Value of each measure, and the same of ordinary customers where there is one."""

HOUSEHOLD = 6
"""Accounts up to which a family that moves about and pays in turn looks like a ring that hides."""

TIMES_ORDINARY = 4.0
"""A measure so many times that of ordinary customers is out of the ordinary."""


def measures_of(activity: pl.DataFrame) -> Mapping[str, Measures]:
    """The measures of each ring that `activity` has rows of."""
    found: dict[str, dict[str, tuple[float, float | None]]] = {}
    rows = activity.select("ring_id", "measure", "value", "ordinary").iter_rows()
    for ring_id, name, value, ordinary in rows:
        found.setdefault(ring_id, {})[name] = (value, ordinary)
    return found


@dataclass(frozen=True)
class Measured:
    """Accounts as their measures show them."""

    measures: Measures
    n_accounts: int

    def value(self, name: str, otherwise: float) -> float:
        """A measure, or what stands for it where the log has none."""
        return self.measures[name][0] if name in self.measures else otherwise

    def ordinary(self, name: str, otherwise: float) -> float:
        """A measure of as many ordinary customers, or what stands for it where it is not known."""
        ordinary = self.measures[name][1] if name in self.measures else None
        return otherwise if ordinary is None else ordinary
