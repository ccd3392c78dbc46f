"""What every request passes before its route: who calls, whose account its work is on, how large its body may be.

In that order, as far as it is ours to say: nobody's body is read before its sender is known. With a host's own
identity dependency FastAPI reads the body first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute

from saga_agent.app import Saga
from saga_agent.offload import charge_to, own_account
from saga_agent.server.auth.access import Access
from saga_agent.server.bodies import BodyLimits, BoundedRequest
from saga_agent.server.budgets import CpuBudgets, RequestClass
from saga_agent.server.callers import Caller
from saga_agent.server.identity import Identity, IdentityDependency, as_dependency
from saga_agent.server.problems import as_json, as_text
from saga_agent.server.settings import ServerSettings

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Entry = Callable[[Request], Awaitable[None]]
_PAGE_VALUES: Final = 500_000
"""A page sends its whole history with each message."""


@dataclass(frozen=True, slots=True)
class Border:
    """The border of one app's routes."""

    saga: Saga
    identity: IdentityDependency
    settings: ServerSettings
    budgets: CpuBudgets

    def dependency(self) -> Any:
        """The dependency of the routers behind it: every route acts as the owner it finds."""
        if isinstance(self.identity, Access):
            return Depends(_nothing_more)

        found = Depends(as_dependency(self.identity))

        async def enter(request: Request, identity: Identity = found) -> None:
            self._let_in(request, identity, request.state.saga_class)

        return Depends(enter)

    def data_route(self, kind: RequestClass) -> type[APIRoute]:
        """Routes that answer with JSON, and tell errors as problem details."""
        return guarded_route(as_json, self._limits, self._entry(kind))

    def stream_route(self, kind: RequestClass) -> type[APIRoute]:
        """Routes that start streams, and tell errors in plain text."""
        return guarded_route(as_text, replace(self._limits, max_values=_PAGE_VALUES), self._entry(kind))

    @property
    def _limits(self) -> BodyLimits:
        return BodyLimits(max_bytes=self.settings.max_body_bytes)

    def _entry(self, kind: RequestClass) -> Entry:
        return partial(self._enter, kind)

    async def _enter(self, kind: RequestClass, request: Request) -> None:
        request.state.saga_class = kind
        if isinstance(self.identity, Access):
            self._let_in(request, await self.identity(request), kind)

    def _let_in(self, request: Request, identity: Identity, kind: RequestClass) -> None:
        limits = {"guest": self.settings.guest_storage, "user": self.settings.user_storage}.get(identity.kind)
        request.state.saga_caller = Caller(identity, self.saga.acting_as(identity.owner_id, limits=limits))
        charge_to(self.budgets.account(kind, request, identity))


async def _nothing_more() -> None:
    """Access has let the request in before its body was read."""


def named(operation_id: str, summary: str) -> dict[str, Any]:
    """How a route is called where its description is read: by generators of clients, and by people."""
    return {"operation_id": operation_id, "summary": summary}


class _GuardedRoute(APIRoute):
    """A route that answers for its errors itself, so that it does so in a host's app, too."""

    to_response: Callable[[Exception], Response] = staticmethod(as_json)
    limits = BodyLimits(max_bytes=0)
    enter: Entry | None = None

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        kind = type(self)

        async def guarded(request: Request) -> Response:
            with own_account():
                try:
                    if kind.enter is not None:
                        await kind.enter(request)
                    return await handle(BoundedRequest(request, kind.limits))
                except Exception as error:  # whatever it is, the caller gets an answer
                    return kind.to_response(error)

        return guarded


def guarded_route(
    to_response: Callable[[Exception], Response], limits: BodyLimits, enter: Entry | None = None
) -> type[APIRoute]:
    """A class of routes whose bodies keep to the limits, and whose errors are told in that form."""
    attributes = {"to_response": staticmethod(to_response), "limits": limits, "enter": enter and staticmethod(enter)}
    return type("GuardedRoute", (_GuardedRoute,), attributes)
