"""Keyed pseudonyms: what stands for an account, an address or a card once it leaves the house.

Takes in values and a secret key; gives out tokens that are equal for equal values under one key, on every
night, and that nobody without the key can try out. The key is never written anywhere.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from graphscan.errors import RunError

LEAST_KEY = 32
"""Bytes of a key: as many as the hash has."""

KEY_VARIABLE = "GRAPHSCAN_KEY"

TOKEN = 32
"""Hex digits of a token: 128 bits, so that a thousand million values have no two alike."""

EXACT = ("account", "payment", "key", "ring")
"""Fields whose values are told apart letter by letter: 00123 and 123 are two accounts."""


@dataclass(frozen=True)
class Pseudonyms:
    """Tokens under one key: HMAC-SHA-256 over the field's name, a zero byte and the value in canonical form.

    Source: Krawczyk, Bellare, Canetti, "HMAC: Keyed-Hashing for Message Authentication" (1997), RFC 2104.
    """

    key: bytes = field(repr=False)

    def token(self, of: str, value: str) -> str:
        """The token of a value of one field, as `<field>_<32 hex digits>`; two fields never share a token."""
        text = value if of in EXACT else canonical(value)
        message = of.encode() + b"\0" + text.encode("utf-8", "surrogatepass")
        return f"{of}_{hmac.new(self.key, message, hashlib.sha256).hexdigest()[:TOKEN]}"

    @property
    def key_id(self) -> str:
        """Names the key without telling it, so that a log can say which one was used."""
        return self.token("key", "graphscan")


def canonical(value: str) -> str:
    """One spelling of a value that has several: addresses and networks parsed, other text in NFC, trimmed."""
    text = value.strip()
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        pass
    else:
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return str(mapped or address)
    if "/" in text:
        try:
            return str(ipaddress.ip_network(text, strict=False))
        except ValueError:
            pass
    return unicodedata.normalize("NFC", text)


def read_key(path: Path | None) -> Pseudonyms:
    """The key from a file, or from GRAPHSCAN_KEY where no file is given; line ends at its end do not count.

    Raises RunError where there is none, or one that is too short: there is no default.
    """
    if path is not None:
        try:
            key, place = path.read_bytes().rstrip(b"\r\n"), str(path)
        except OSError as e:
            raise RunError(
                f"{path}: cannot be read: got {e.strerror}; expected a file with a key",
                "check --key-file",
            ) from None
    else:
        key, place = os.environb.get(KEY_VARIABLE.encode(), b"").rstrip(b"\r\n"), KEY_VARIABLE
    if len(key) < LEAST_KEY:
        raise RunError(
            f"{place}: is no key for pseudonyms: got {len(key)} bytes; expected at least {LEAST_KEY}",
            f"head -c 32 /dev/urandom | base64 > key, then --key-file key, or put it into {KEY_VARIABLE}",
        )
    return Pseudonyms(key)
