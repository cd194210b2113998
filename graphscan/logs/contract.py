"""The contract: which tables a log has, which columns they hold, and how each is read.

Nothing is read here; `columns` finds the columns in a log and `log` makes the relations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from graphscan.settings import Table

Kind = Literal[
    "id",  # an account: text, whole numbers as text; a row without it is left out
    "key",  # an identifier that ties: text, whole numbers as text
    "text",
    "time",
    "address",
    "domain",
    "prompt",
    "system",
    "response",
    "value",  # of a declared signal: anything that can be text, or a list of it
]


@dataclass(frozen=True)
class Column:
    """One column of the contract. Without a needed one the table cannot be read."""

    name: str
    kind: Kind
    is_needed: bool = False


CONTRACT: Mapping[Table, tuple[Column, ...]] = MappingProxyType(
    {
        "requests": (
            Column("account_id", "id", is_needed=True),
            Column("ts", "time", is_needed=True),
            Column("prompt", "prompt"),
            Column("system", "system"),
            Column("prompt_hash", "key"),
            Column("ip", "address"),
            Column("user_agent", "text"),
            Column("model", "text"),
            Column("response", "response"),
        ),
        "accounts": (
            Column("account_id", "id", is_needed=True),
            Column("created_at", "time"),
            Column("plan", "text"),
            Column("country", "text"),
            Column("email_domain", "domain"),
            Column("org_id", "key"),
        ),
        "payments": (
            Column("account_id", "id", is_needed=True),
            Column("payment_fingerprint", "key", is_needed=True),
            Column("ts", "time"),
        ),
        "canaries": (
            Column("token", "key", is_needed=True),
            Column("account_id", "id", is_needed=True),
            Column("issued_at", "time"),
        ),
    }
)
