"""Who calls: one dependency that believes Supabase's tokens, the host's services and guests on trial.

Every refusal of a credential reads the same, and none repeats it.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from fastapi import HTTPException, Request

from saga_agent.clock import Clock, SystemClock
from saga_agent.server.auth.addresses import address_of
from saga_agent.server.auth.keys import KeySet, KeysUnavailable
from saga_agent.server.auth.rates import TokenBuckets
from saga_agent.server.auth.secrets import GuestIds, ServiceKeys
from saga_agent.server.auth.settings import AuthSettings
from saga_agent.server.auth.tokens import Claims, TokenGate, TokenRefused
from saga_agent.server.identity import Identity
from saga_agent.server.quota import Trial
from saga_agent.storage.adapter import Storage

GUEST_HEADER: Final = "x-saga-guest"
SERVICE_HEADER: Final = "x-saga-service-key"
OWNER_HEADER: Final = "x-saga-owner"
_CREDENTIALS: Final = ("authorization", GUEST_HEADER, SERVICE_HEADER)
_IN_QUERY: Final = ("access_token", "token", "jwt", "apikey", "api_key", "authorization", "refresh_token")
_OWNER: Final = re.compile(r"[A-Za-z0-9_.:@-]{1,128}", re.ASCII)
_MAX_SECRET: Final = 512
_DAY_SECONDS: Final = 86_400.0
_NO_GUESTS: Final = "This server is not open to guests; sign up first."


class Access:
    """The dependency that finds out who calls; give it as `identity` to `create_app` or `create_router`.

    Args:
        storage: Holds the deny-list and the ledger of the guests.
        settings: Whose word is believed.
        clock: Time, for tests.
    """

    def __init__(self, storage: Storage, settings: AuthSettings, *, clock: Clock | None = None) -> None:
        self.storage, self.settings, self.clock = storage, settings, clock or SystemClock()
        self.trial = None if settings.trial is None else Trial(storage.journal, settings.trial, self.clock)
        self.guests = self._guest_ids()
        self._gate = self._token_gate()
        self._services = ServiceKeys(settings.service_key_hashes)
        self._by_address, self._by_owner = self._buckets(), self._buckets()

    async def __call__(self, request: Request) -> Identity:
        """The caller; `HTTPException` 400, 401, 403, 429 or 503 when they may not call."""
        check_pace(self._by_address, address_of(request))
        if any(name.lower() in _IN_QUERY for name in request.query_params):
            raise HTTPException(HTTPStatus.BAD_REQUEST, "Credentials belong into a header, never into an address.")
        identity = await self._identity(request)
        check_pace(self._by_owner, identity.owner_id)
        return identity

    async def deny(self, *, session_id: str | None = None, user_id: str | None = None) -> None:
        """Lets the session, or the user with all sessions, in no more, until their tokens have ended."""
        now = self.clock.now()
        for key in _keys(session_id, user_id):
            await self.storage.journal.denials.add(key, until=now + self.settings.token_seconds, now=now)

    async def _identity(self, request: Request) -> Identity:
        given = [(name, value) for name in _CREDENTIALS for value in request.headers.getlist(name)]
        if len(given) != 1:
            raise _refused()
        ((name, value),) = given
        if OWNER_HEADER in request.headers and name != SERVICE_HEADER:
            raise HTTPException(HTTPStatus.BAD_REQUEST, f"Only services name an owner by {OWNER_HEADER}.")
        if name == SERVICE_HEADER:
            return self._service(request, value)
        if name == GUEST_HEADER:
            return self._guest(request, value)
        return await self._user(request, value)

    async def _user(self, request: Request, header: str) -> Identity:
        scheme, _, token = header.partition(" ")
        if self._gate is None or scheme.lower() != "bearer":
            raise _refused()
        try:
            claims = await self._gate.claims(token)
        except TokenRefused:
            raise _refused() from None
        except KeysUnavailable as error:
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, str(error), headers={"retry-after": "30"}) from None
        keys = _keys(claims.session_id, claims.subject)
        if await self.storage.journal.denials.find(keys, now=self.clock.now()) is not None:
            raise _refused()
        return self._identity_of(request, claims)

    def _identity_of(self, request: Request, claims: Claims) -> Identity:
        user = Identity(
            owner_id=claims.subject, kind="user", session_id=claims.session_id, expires_at=claims.expires_at
        )
        if not claims.is_anonymous:
            return user
        if self.trial is None:
            raise HTTPException(HTTPStatus.FORBIDDEN, _NO_GUESTS)
        allowance = self.trial.allowance(claims.subject, address_of(request))
        return replace(user, kind="guest", allowance=allowance)

    def _guest(self, request: Request, token: str) -> Identity:
        found = self.guests.read(token) if self.guests else None
        if found is None or self.trial is None:
            raise _refused()
        guest_id, ends = found
        allowance = self.trial.allowance(guest_id, address_of(request))
        return Identity(owner_id=guest_id, kind="guest", expires_at=ends, allowance=allowance)

    def _service(self, request: Request, key: str) -> Identity:
        if len(key) > _MAX_SECRET or not self._services.holds(key):
            raise _refused()
        owners = request.headers.getlist(OWNER_HEADER)
        if len(owners) != 1 or not _OWNER.fullmatch(owners[0]):
            raise HTTPException(HTTPStatus.BAD_REQUEST, f"Name the owner you act for by the header {OWNER_HEADER}.")
        return Identity(owner_id=owners[0], kind="service")

    def _buckets(self) -> TokenBuckets:
        settings = self.settings
        return TokenBuckets(self.clock, per_minute=settings.requests_per_minute, burst=settings.request_burst)

    def _guest_ids(self) -> GuestIds | None:
        secret, days = self.settings.guest_secret, self.settings.guest_days
        return None if secret is None else GuestIds(secret, self.clock, lifetime_seconds=days * _DAY_SECONDS)

    def _token_gate(self) -> TokenGate | None:
        settings = self.settings
        if settings.supabase_url is None:
            return None
        issuer = f"{settings.supabase_url.rstrip('/')}/auth/v1"
        keys = KeySet(f"{issuer}/.well-known/jwks.json", self.clock)
        return TokenGate(
            issuer, keys, self.clock, legacy_secret=settings.supabase_jwt_secret, legacy_kid=settings.supabase_jwt_kid
        )


def check_pace(buckets: TokenBuckets, key: str) -> None:
    """Raises `HTTPException` 429 when there have been too many requests under that key."""
    if wait_seconds := buckets.take(key):
        seconds = math.ceil(wait_seconds)
        raise HTTPException(
            HTTPStatus.TOO_MANY_REQUESTS, f"That is too fast; wait {seconds} s.", headers={"retry-after": str(seconds)}
        )


def _keys(session_id: str | None, user_id: str | None) -> list[str]:
    named = (("session", session_id), ("user", user_id))
    return [f"{kind}/{each}" for kind, each in named if each is not None]


def _refused() -> HTTPException:
    return HTTPException(HTTPStatus.UNAUTHORIZED, str(TokenRefused()), headers={"www-authenticate": "Bearer"})
