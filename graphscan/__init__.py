"""graphscan finds rings of accounts run by one operator in request logs, and shows why.

    scan = graphscan.scan("log/requests/*.parquet", accounts="log/accounts.parquet")
    scan.rings, scan.ring("ring-0001"), scan.report

The names below are loaded when they are first used, so that the import is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from graphscan.errors import GraphscanError

if TYPE_CHECKING:
    from graphscan.api.scan import scan
    from graphscan.lab.evaluate import evaluate
    from graphscan.lab.simulate import simulate
    from graphscan.report.explain import explain
    from graphscan.results import Ring, Scan
    from graphscan.settings import Settings

__version__ = "0.1.0"

__all__ = ["GraphscanError", "Ring", "Scan", "Settings", "evaluate", "explain", "scan", "simulate"]

_HOMES = {
    "Ring": "graphscan.results",
    "Scan": "graphscan.results",
    "Settings": "graphscan.settings",
    "evaluate": "graphscan.lab.evaluate",
    "explain": "graphscan.report.explain",
    "scan": "graphscan.api.scan",
    "simulate": "graphscan.lab.simulate",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'graphscan' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
