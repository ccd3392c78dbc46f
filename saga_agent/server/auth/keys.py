"""The public keys of an issuer: fetched seldom, kept while the issuer is away, dropped when the issuer drops them."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Literal, cast
from urllib.parse import urlsplit

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from saga_agent.clock import Clock
from saga_agent.errors import InvalidInput, SagaError
from saga_agent.server.local import is_loopback

_log = logging.getLogger(__name__)
Algorithm = Literal["ES256", "RS256"]
PublicKey = EllipticCurvePublicKey | RSAPublicKey

_FRESH_SECONDS: Final = 300.0
_RETRY_SECONDS: Final = 30.0
"""Between two fetches at least, whatever the callers send."""
_STALE_SECONDS: Final = 6 * 3600.0
_TIMEOUT_SECONDS: Final = 5.0
_MAX_BYTES: Final = 64 * 1024
_MAX_KEYS: Final = 32
_MIN_RSA_BITS: Final = 2048


class KeysUnavailable(SagaError):
    """The issuer's keys cannot be had, and those kept are too old."""


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A key and the one algorithm it is for; a token's header has no say in it."""

    algorithm: Algorithm
    key: PublicKey


class KeySet:
    """The keys at one address, for all requests of a process.

    Raises:
        InvalidInput: the address is not https, and not this machine's own.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self._url, self._clock = _checked(url), clock
        self._keys: Mapping[str, VerifyingKey] | None = None
        self._fetched_at = self._tried_at = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, kid: str) -> VerifyingKey | None:
        """The key of that id, None when the issuer has none.

        An unknown id, and keys older than five minutes, cause a fetch, at most one in thirty seconds and one at a
        time. While the issuer cannot be reached, the keys serve for six hours more.

        Raises: `KeysUnavailable`.
        """
        if self._age() > _FRESH_SECONDS or kid not in (self._keys or {}):
            await self._refresh()
        if self._keys is None or self._age() > _STALE_SECONDS:
            raise KeysUnavailable("Sign-in cannot be checked at this time; try again in a minute.")
        return self._keys.get(kid)

    def _age(self) -> float:
        return self._clock.now() - self._fetched_at

    async def _refresh(self) -> None:
        if self._fetching is None and self._clock.now() - self._tried_at >= _RETRY_SECONDS:
            self._tried_at = self._clock.now()
            self._fetching = asyncio.create_task(self._renew())
        if self._fetching is not None:
            # A caller who goes away must not take the fetch along, on which others wait.
            await asyncio.shield(self._fetching)

    async def _renew(self) -> None:
        try:
            self._keys = parse_keys(await self._fetch())
        except (httpx.HTTPError, OSError, ValueError, RecursionError) as error:
            _log.warning("the keys at %s could not be fetched: %s", self._url, error or type(error).__name__)
        else:
            self._fetched_at = self._clock.now()
        finally:
            self._fetching = None

    async def _fetch(self) -> bytes:
        async with (
            asyncio.timeout(_TIMEOUT_SECONDS),
            httpx.AsyncClient(follow_redirects=False, trust_env=not self._is_own, timeout=_TIMEOUT_SECONDS) as client,
            client.stream("GET", self._url, headers={"accept-encoding": "identity"}) as response,
        ):
            if response.status_code != HTTPStatus.OK:
                raise ValueError(f"status {response.status_code}")
            body = b""
            # Raw, for a few compressed bytes can stand for gigabytes.
            async for piece in response.aiter_raw():
                body += piece
                if len(body) > _MAX_BYTES:
                    raise ValueError(f"more than {_MAX_BYTES} bytes")
            return body

    @property
    def _is_own(self) -> bool:
        return is_loopback(urlsplit(self._url).hostname or "")


def _checked(url: str) -> str:
    parts = urlsplit(url)
    own = parts.scheme == "http" and is_loopback(parts.hostname or "")
    if not (own or parts.scheme == "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise InvalidInput(f"Keys are fetched by https, from an address without user and query, not from {url!r}.")
    return url


def parse_keys(body: bytes) -> Mapping[str, VerifyingKey]:
    """The usable keys of a JSON Web Key Set by id: P-256 and RSA from 2,048 bits on.

    Raises: `ValueError` for what is no key set; single keys of other kinds are left out.
    """
    document = json.loads(body)
    listed = cast(dict[str, Any], document).get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise ValueError("no JSON Web Key Set")
    keys: dict[str, VerifyingKey] = {}
    for entry in cast(list[Any], listed)[:_MAX_KEYS]:
        if isinstance(entry, dict) and (found := _read_key(cast(dict[str, Any], entry))):
            keys[found[0]] = found[1]
    return keys


def _read_key(entry: dict[str, Any]) -> tuple[str, VerifyingKey] | None:
    kid = entry.get("kid")
    if not isinstance(kid, str) or entry.get("use", "sig") != "sig" or "d" in entry:
        return None
    try:
        key = jwt.PyJWK(entry, algorithm={"EC": "ES256", "RSA": "RS256"}[entry["kty"]]).key
    except (jwt.PyJWTError, KeyError, ValueError, TypeError, AttributeError):
        return None
    algorithm = _algorithm_of(key)
    if algorithm is None or entry.get("alg", algorithm) != algorithm:
        return None
    return kid, VerifyingKey(algorithm, key)


def _algorithm_of(key: object) -> Algorithm | None:
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return "ES256"
    return "RS256" if isinstance(key, RSAPublicKey) and key.key_size >= _MIN_RSA_BITS else None
