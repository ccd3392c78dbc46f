"""Who may call, as a host sets it: in code, or by environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from saga_agent.domain.accounts import StorageLimits
from saga_agent.environment import read_count, read_number, read_switch
from saga_agent.errors import InvalidInput
from saga_agent.server.quota import TrialSettings
from saga_agent.server.settings import GUEST_STORAGE

_KINDS: Final = ("supabase", "service")
_MONEY: Final = {
    "SAGA_GUEST_USD": "guest_usd",
    "SAGA_GUEST_ADDRESS_USD": "address_usd_per_day",
    "SAGA_GUESTS_USD": "all_usd_per_day",
    "SAGA_GUEST_TURN_USD": "turn_usd",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthSettings:
    """Whose word is believed; nobody's, as long as nothing is set."""

    supabase_url: str | None = None
    """The project's address, `https://REF.supabase.co`; its access tokens are believed."""
    supabase_jwt_secret: str | None = field(default=None, repr=False)
    """Only for projects that still sign with HS256: their shared secret."""
    supabase_jwt_kid: str | None = None
    """The key id those tokens carry, if they carry one."""
    service_key_hashes: tuple[str, ...] = ()
    """SHA-256 of the keys that services of the host call with, on behalf of the owner they name."""
    trial: TrialSettings | None = None
    """What guests may do; None lets no guests in, anonymous users of Supabase neither."""
    guest_secret: str | None = field(default=None, repr=False)
    """Signs the ids of guests without any sign-in; None leaves guests to Supabase's anonymous users."""
    guest_days: float = 30.0
    """How long such an id is good for."""
    token_seconds: float = 3600.0
    """How long access tokens live at most, and so how long a session that has ended is remembered."""
    requests_per_minute: float = 300.0
    """Of one caller, and of one address, in the long run and in one process."""
    request_burst: int = 120
    """How many may come at once."""
    new_guests_per_hour: int = 30
    """Of one address."""

    def __post_init__(self) -> None:
        if self.supabase_url is None and not self.service_key_hashes and self.guest_secret is None:
            raise InvalidInput("Authentication needs a Supabase address, a service key or a secret for guests.")
        if self.supabase_jwt_secret is not None and self.supabase_url is None:
            raise InvalidInput("A secret for Supabase's tokens needs the project's address, too (supabase_url).")
        if self.guest_secret is not None and self.trial is None:
            raise InvalidInput("Guests need limits: give `trial=TrialSettings(...)`, too.")


def settings_from(environment: Mapping[str, str]) -> AuthSettings | None:
    """The settings those variables give; None when `SAGA_AUTH` is not among them.

    Raises: `InvalidInput`, which never repeats a value.
    """
    kind = environment.get("SAGA_AUTH") or None
    if kind is None:
        if read_switch(environment, "SAGA_GUESTS", False):
            raise InvalidInput("Guests are let in beside others: set SAGA_AUTH, or --auth, too.")
        return None
    if kind not in _KINDS:
        raise InvalidInput(f"SAGA_AUTH is one of {', '.join(_KINDS)}.")
    url, hashes = environment.get("SAGA_SUPABASE_URL") or None, environment.get("SAGA_SERVICE_KEY_SHA256", "")
    if kind == "supabase" and url is None:
        raise InvalidInput("With SAGA_AUTH=supabase, set SAGA_SUPABASE_URL to the address of your project.")
    return AuthSettings(
        supabase_url=url if kind == "supabase" else None,
        supabase_jwt_secret=environment.get("SAGA_SUPABASE_JWT_SECRET") or None,
        supabase_jwt_kid=environment.get("SAGA_SUPABASE_JWT_KID") or None,
        service_key_hashes=tuple(each.strip() for each in hashes.split(",") if each.strip()),
        trial=_trial(environment),
        guest_secret=environment.get("SAGA_GUEST_SECRET") or None,
        token_seconds=read_number(environment, "SAGA_TOKEN_SECONDS", 3600.0),
        requests_per_minute=read_number(environment, "SAGA_REQUESTS_PER_MINUTE", 300.0),
    )


def _trial(environment: Mapping[str, str]) -> TrialSettings | None:
    if not read_switch(environment, "SAGA_GUESTS", False):
        return None
    default = TrialSettings()
    money = {name: read_number(environment, variable, getattr(default, name)) for variable, name in _MONEY.items()}
    agents = tuple(each.strip() for each in environment.get("SAGA_GUEST_AGENTS", "").split(",") if each.strip())
    return TrialSettings(**money, agents=agents or default.agents)


def guest_storage_from(environment: Mapping[str, str]) -> StorageLimits:
    """What one guest may store; `InvalidInput`, which never repeats a value."""
    limits = {"records": "SAGA_GUEST_RECORDS", "bytes": "SAGA_GUEST_BYTES"}
    return StorageLimits(
        **{name: read_count(environment, variable, getattr(GUEST_STORAGE, name)) for name, variable in limits.items()}
    )
