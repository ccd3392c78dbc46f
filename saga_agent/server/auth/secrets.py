"""Secrets that callers show: service keys, kept as hashes, and the signed ids of guests."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from typing import Final

from saga_agent.clock import Clock
from saga_agent.errors import InvalidInput

_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_TOKEN: Final = re.compile(r"(guest-[0-9a-f]{32})\.([0-9]{1,12})\.([0-9a-f]{64})", re.ASCII)
_MIN_SECRET_BYTES: Final = 32


def hash_of_key(key: str) -> str:
    """What the settings hold of a service key: its SHA-256, as 64 hex digits.

    No slow hash is needed: the keys are random, and too many to be tried.
    """
    return hashlib.sha256(key.encode()).hexdigest()


class ServiceKeys:
    """The keys of the host's own services.

    Raises:
        InvalidInput: one of these is no SHA-256.
    """

    def __init__(self, hashes: Sequence[str]) -> None:
        if not all(_HASH.fullmatch(each) for each in hashes):
            raise InvalidInput("A service key is set by its SHA-256, 64 small hex digits, never as it is.")
        self._hashes = tuple(hashes)

    def holds(self, key: str) -> bool:
        """Whether that is one of the keys; it takes the same time for all."""
        given = hash_of_key(key)
        found = False
        for each in self._hashes:
            found |= hmac.compare_digest(each, given)
        return found


class GuestIds:
    """Ids for people without an account, which nobody can make but this server.

    Raises:
        InvalidInput: the secret is shorter than 32 bytes.
    """

    def __init__(self, secret: str, clock: Clock, *, lifetime_seconds: float) -> None:
        if len(secret.encode()) < _MIN_SECRET_BYTES:
            raise InvalidInput(f"The secret for guests has at least {_MIN_SECRET_BYTES} bytes; this has fewer.")
        self._secret, self._clock, self._lifetime_seconds = secret.encode(), clock, lifetime_seconds

    def issue(self) -> str:
        """A token for a new guest."""
        ends = int(self._clock.now() + self._lifetime_seconds)
        said = f"guest-{secrets.token_hex(16)}.{ends}"
        return f"{said}.{self._sign(said)}"

    def read(self, token: str) -> tuple[str, float] | None:
        """The guest's id and the time at which the token ends; None for a token that is not ours, or is over."""
        found = _TOKEN.fullmatch(token)
        if found is None:
            return None
        guest_id, ends, signature = found.groups()
        if not hmac.compare_digest(self._sign(f"{guest_id}.{ends}"), signature) or int(ends) <= self._clock.now():
            return None
        return guest_id, float(ends)

    def _sign(self, said: str) -> str:
        return hmac.new(self._secret, b"saga guest\x00" + said.encode(), hashlib.sha256).hexdigest()
