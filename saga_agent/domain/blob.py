"""Large bytes of a project, held by the hash of their content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from saga_agent.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """Bytes, and what they are."""

    media_type: str
    data: bytes


def check_hash(sha256: str, data: bytes) -> None:
    """Raises `InvalidInput` unless that is the SHA-256 of the bytes; adapters call it before they store."""
    actual = hashlib.sha256(data).hexdigest()
    if actual != sha256:
        raise InvalidInput(f"These bytes have the SHA-256 {actual}, not {sha256!r}.")
