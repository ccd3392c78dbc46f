"""The gate for access tokens: the signature by a library, every claim by rules of our own.

No signature library was ever fooled in our trials; what let hostile tokens in were claims nobody looked at. So each
claim has one shape that passes, and anything else is refused with the same sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

import jwt

from saga_agent.clock import Clock
from saga_agent.errors import InvalidInput, SagaError
from saga_agent.server.auth.keys import KeySet, PublicKey

_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_MAX_BYTES: Final = 8 * 1024
_MAX_KID: Final = 200
_MIN_SECRET_BYTES: Final = 32
_LEEWAY_SECONDS: Final = 10.0
_MAX_TIME: Final = 1e12
_FOREIGN_KEYS: Final = ("jku", "jwk", "x5u", "x5c", "crit")
"""Headers that name keys or rules of the sender's own."""
_ROLE: Final = "authenticated"


class TokenRefused(SagaError):
    """A token that lets nobody in; why is not told."""

    def __init__(self) -> None:
        super().__init__("Your sign-in is not valid or has ended; sign in again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a token says, once it is believed."""

    subject: str
    session_id: str
    expires_at: float
    is_anonymous: bool


class TokenGate:
    """Believes access tokens of one Supabase project, and no others.

    Args:
        issuer: The exact `iss`, e.g. `https://REF.supabase.co/auth/v1`.
        keys: The issuer's public keys.
        clock: Time.
        legacy_secret: The shared secret of projects that still sign with HS256; tokens without a key id, or with
            `legacy_kid`, are checked with it and with nothing else.
        legacy_kid: The key id that legacy tokens may carry.

    Raises:
        InvalidInput: the shared secret is shorter than 32 bytes.
    """

    def __init__(
        self,
        issuer: str,
        keys: KeySet,
        clock: Clock,
        *,
        legacy_secret: str | None = None,
        legacy_kid: str | None = None,
    ) -> None:
        if legacy_secret is not None and len(legacy_secret.encode()) < _MIN_SECRET_BYTES:
            raise InvalidInput(f"The secret that signs tokens has at least {_MIN_SECRET_BYTES} bytes; this has fewer.")
        self._issuer, self._keys, self._clock = issuer, keys, clock
        self._legacy_secret, self._legacy_kid = legacy_secret, legacy_kid

    async def claims(self, token: str) -> Claims:
        """What the token says.

        Raises: `TokenRefused`; `KeysUnavailable` when it cannot be checked now.
        """
        if len(token) > _MAX_BYTES or not _SHAPE.fullmatch(token):
            raise TokenRefused
        key, algorithm = await self._key_for(_header(token))
        try:
            payload: dict[str, Any] = jwt.decode(token, key, algorithms=[algorithm], options=_SIGNATURE_ONLY)
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            raise TokenRefused from None
        return self._believed(payload)

    async def _key_for(self, header: dict[str, Any]) -> tuple[PublicKey | str, str]:
        """The key that the token must be signed with; the key, never the header, decides the algorithm."""
        kid, algorithm = header.get("kid"), header.get("alg")
        if any(name in header for name in _FOREIGN_KEYS):
            raise TokenRefused
        if self._legacy_secret is not None and (kid is None or kid == self._legacy_kid):
            if algorithm != "HS256":
                raise TokenRefused
            return self._legacy_secret, "HS256"
        if not isinstance(kid, str) or not 0 < len(kid) <= _MAX_KID or algorithm not in ("ES256", "RS256"):
            raise TokenRefused
        found = await self._keys.find(kid)
        if found is None or found.algorithm != algorithm:
            raise TokenRefused
        return found.key, found.algorithm

    def _believed(self, payload: dict[str, Any]) -> Claims:
        now, anonymous = self._clock.now(), payload.get("is_anonymous", False)
        expires_at, issued_at, not_before = payload.get("exp"), payload.get("iat"), payload.get("nbf")
        subject, session_id = payload.get("sub"), payload.get("session_id")
        if (
            payload.get("iss") != self._issuer
            or payload.get("aud") != _ROLE
            or payload.get("role") != _ROLE
            or not isinstance(anonymous, bool)
            or not _is_time(expires_at)
            or expires_at + _LEEWAY_SECONDS <= now
            or ("iat" in payload and (not _is_time(issued_at) or issued_at - _LEEWAY_SECONDS > now))
            or ("nbf" in payload and (not _is_time(not_before) or not_before - _LEEWAY_SECONDS > now))
            or not _is_uuid(subject)
            or not _is_uuid(session_id)
        ):
            raise TokenRefused
        return Claims(subject=subject, session_id=session_id, expires_at=float(expires_at), is_anonymous=anonymous)


_SIGNATURE_ONLY: Final[Any] = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


def _header(token: str) -> dict[str, Any]:
    try:
        return jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise TokenRefused from None


def _is_time(value: object) -> TypeGuard[float]:
    # No number, text, or a number that is not one (NaN compares as false).
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _MAX_TIME


def _is_uuid(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and _UUID.fullmatch(value) is not None
