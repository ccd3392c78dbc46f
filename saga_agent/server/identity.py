"""Who calls: what authentication must tell the routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from saga_agent.domain.project import LOCAL_OWNER

IdentityKind = Literal["local", "user", "guest", "service"]


class Allowance(Protocol):
    """What a caller may still spend."""

    def turn(self, agent: str | None = None) -> AbstractAsyncContextManager[None]:
        """To be entered around what starts a turn, or lets one go on; raises what the caller is told."""
        ...

    def end(self) -> AbstractAsyncContextManager[None]:
        """To be entered around what removes runs with the record of their cost; raises what the caller is told."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A caller, as authentication found it; `owner_id` decides which rows exist for them."""

    owner_id: str
    kind: IdentityKind
    session_id: str | None = None
    expires_at: float | None = None
    """Wall time in seconds since 1970 at which the word of authentication ends; open streams are cut then."""
    allowance: Allowance | None = None
    """What limits their spending, as it does that of guests; None limits nothing."""


IdentityDependency = Callable[..., Identity | Awaitable[Identity]]
"""A FastAPI dependency that gives the caller or raises, e.g. `HTTPException(401)`; it may have dependencies itself."""


LOCAL: Final = Identity(owner_id=LOCAL_OWNER, kind="local")
"""The one writer of a server that only this machine can reach."""


async def local_identity() -> Identity:
    """Takes everybody for that writer."""
    return LOCAL


def as_dependency(identity: IdentityDependency) -> Any:
    """The function itself, or the one inside `Depends(...)`."""
    return getattr(identity, "dependency", identity)
