"""The HTTP face: routes to mount in a host's app, or an app of its own."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib import metadata

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from saga_agent.app import Saga
from saga_agent.clock import Clock, SystemClock
from saga_agent.server.auth.access import GUEST_HEADER, Access
from saga_agent.server.auth.routes import auth_routes
from saga_agent.server.border import Border
from saga_agent.server.budgets import CpuBudgets
from saga_agent.server.chat import ChatRoutes
from saga_agent.server.checks import check_routes
from saga_agent.server.detection import detection_routes
from saga_agent.server.heads import SoundHeads
from saga_agent.server.health import health_routes
from saga_agent.server.identity import IdentityDependency, local_identity
from saga_agent.server.local import LocalOnly
from saga_agent.server.permissions import permission_routes
from saga_agent.server.problems import as_json
from saga_agent.server.records import record_routes
from saga_agent.server.requests import request_routes
from saga_agent.server.settings import SDK_HEADER, ServerSettings
from saga_agent.server.sse import OVER_HTTP_1_0, OpenStreams
from saga_agent.server.threads import thread_routes

_log = logging.getLogger(__name__)


def create_router(
    saga: Saga,
    *,
    identity: IdentityDependency,
    settings: ServerSettings | None = None,
    streams: OpenStreams | None = None,
    clock: Clock | None = None,
) -> APIRouter:
    """All routes, for an app that opens and closes the saga itself.

    Args:
        saga: Started by the time of the first request.
        identity: Who calls: a FastAPI dependency of yours that gives an `Identity` or raises; every route but
            `/health` acts as its owner.
        settings: The clients' SDK and the limits.
        streams: Yours to `close()` when the app shuts down, so that open answers are cut and nobody waits for them.
        clock: Time, for tests.
    """
    settings, clock = settings or ServerSettings(), clock or SystemClock()
    if settings.allow_http_1_0:
        _log.warning(OVER_HTTP_1_0)
    streams = streams or OpenStreams(settings, clock)
    chats = ChatRoutes(saga, settings, streams, clock)
    border = Border(saga, identity, settings, CpuBudgets(settings, clock))
    router = APIRouter(dependencies=[border.dependency()])
    router.include_router(chats.router("/ai/saga", border, plain=False))
    router.include_router(chats.router("/ai/chat", border, plain=True))
    router.include_router(detection_routes(border))
    router.include_router(check_routes(border))
    router.include_router(request_routes(border))
    router.include_router(thread_routes(border))
    router.include_router(permission_routes(border))
    router.include_router(record_routes(border))
    everything = APIRouter()
    everything.include_router(router)
    everything.include_router(health_routes(saga))
    if isinstance(identity, Access):
        everything.include_router(auth_routes(identity))
    return everything


def create_app(
    saga: Saga,
    *,
    identity: IdentityDependency | None = None,
    settings: ServerSettings | None = None,
    clock: Clock | None = None,
) -> FastAPI:
    """An app that opens the saga when it starts and closes it when it ends, giving back the work under way.

    Without `identity` everybody who reaches it is the one local writer, so it answers only to this machine's own
    addresses: give one before you put it on a network. `app.state.streams.close()` cuts the answers being told.
    """
    settings, clock = settings or ServerSettings(), clock or SystemClock()
    streams = OpenStreams(settings, clock)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        async with saga:
            yield
            streams.close()

    app = FastAPI(title="Saga Agent", version=metadata.version("saga-agent"), lifespan=lifespan)
    app.state.streams = streams
    app.include_router(
        create_router(saga, identity=identity or local_identity, settings=settings, streams=streams, clock=clock)
    )
    for kind in (HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _tell)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=["*"],
            # The AI SDK sets a user agent of its own, which browsers ask leave for.
            allow_headers=["authorization", "content-type", "user-agent", SDK_HEADER, GUEST_HEADER],
            expose_headers=["retry-after"],
        )
    if identity is None:
        app.add_middleware(LocalOnly, allowed_origins=settings.allowed_origins)
    app.add_middleware(SoundHeads, max_bytes=settings.max_header_bytes)
    return app


async def _tell(_: Request, error: Exception) -> Response:
    return as_json(error)
