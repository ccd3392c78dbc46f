"""The caller of a request: found once by the host's authentication, and all that the routes may act as."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Request

from saga_agent.actor import Actor
from saga_agent.server.identity import Identity
from saga_agent.server.problems import Refused
from saga_agent.server.settings import SDK_HEADER, SDK_VERSIONS, SdkVersion


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and the library as they see it."""

    identity: Identity
    actor: Actor

    def turn(self, agent: str | None = None) -> AbstractAsyncContextManager[None]:
        """To be entered around what starts a turn, or lets one go on, so that guests keep to their limits."""
        allowance = self.identity.allowance
        return nullcontext() if allowance is None else allowance.turn(agent)

    def end(self) -> AbstractAsyncContextManager[None]:
        """To be entered around what removes runs with the record of their cost, so that guests are billed first."""
        allowance = self.identity.allowance
        return nullcontext() if allowance is None else allowance.end()


def caller_of(request: Request) -> Caller:
    """The caller that the border let in."""
    return request.state.saga_caller


def sdk_of(request: Request, default: SdkVersion) -> SdkVersion:
    """The AI SDK the client says it has; `Refused` for one we do not speak to."""
    given = request.headers.get(SDK_HEADER)
    if given is None:
        return default
    for version in SDK_VERSIONS:
        if given.strip().partition(".")[0] == str(version):
            return version
    known = ", ".join(map(str, SDK_VERSIONS))
    raise Refused(
        HTTPStatus.BAD_REQUEST, f"The header {SDK_HEADER} names an AI SDK we do not speak to; known: {known}."
    )
