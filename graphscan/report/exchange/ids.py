"""Ids of objects in STIX and MISP: the same for the same thing on every night."""

from __future__ import annotations

import uuid

NAMESPACE = uuid.UUID("5f0e7a52-4c0b-5c3e-9d52-6a1b1f6f2a10")
"""Of all ids that graphscan makes."""


def stable_id(*words: str) -> uuid.UUID:
    """UUIDv5 of the words (RFC 9562, 5.5)."""
    return uuid.uuid5(NAMESPACE, "\0".join(words))
