"""What the tests of exports share: a key, and the shape of a fixture."""

from __future__ import annotations

from collections.abc import Callable

from graphscan.report.exchange.pseudonyms import Pseudonyms

NAMES = Pseudonyms(b"k" * 32)

Render = Callable[[str], dict[str, bytes]]
"""The files of a format by its name."""
