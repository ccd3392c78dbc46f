"""Serving as a process of its own: one socket, and an end that gives back the work under way."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Callable

import uvicorn

from saga_agent.app import Saga
from saga_agent.errors import InvalidInput
from saga_agent.server.app import create_app
from saga_agent.server.connection import bounded_protocol
from saga_agent.server.identity import IdentityDependency
from saga_agent.server.local import is_loopback
from saga_agent.server.settings import ServerSettings
from saga_agent.server.sse import OpenStreams

_SHUTDOWN_SECONDS = 10
_LAST_WORDS_SECONDS = 1.0
"""How long readers have to take what was sent before the end."""


async def serve(
    saga: Saga,
    *,
    host: str,
    port: int,
    settings: ServerSettings,
    announce: Callable[[str], None],
    identity: IdentityDependency | None = None,
) -> None:
    """Opens the saga and serves it until the process is told to end; `announce` gets the URL.

    Raises: `InvalidInput` for an address that cannot be served, `StorageError`.
    """
    if identity is None and not is_loopback(host):
        raise InvalidInput(
            f"Without authentication everybody who reaches {host} would be the writer; serve on 127.0.0.1, say "
            "who may call with --auth, or mount the routes in an app of yours with `create_router(saga, identity=...)`."
        )
    with _bound(host, port) as listener:
        async with saga:
            app = create_app(saga, identity=identity, settings=settings)
            config = uvicorn.Config(
                app,
                http=bounded_protocol(settings.request_seconds),
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                h11_max_incomplete_event_size=settings.max_header_bytes,
                timeout_keep_alive=settings.idle_connection_seconds,
                timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
            )
            shown = f"[{host}]" if ":" in host else host
            url = f"http://{shown}:{listener.getsockname()[1]}"
            _spare_the_collector()
            await _Server(config, app.state.streams, lambda: announce(url)).serve(sockets=[listener])


class _Server(uvicorn.Server):
    """Cuts the open answers when it ends, so that nobody waits for them: their readers ask the next process."""

    def __init__(self, config: uvicorn.Config, streams: OpenStreams, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._streams, self._tell_started = streams, started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._streams.close()
        leaving = asyncio.create_task(self._abort_stalled(), name="readers that take nothing")
        try:
            await super().shutdown(sockets)
        finally:
            leaving.cancel()

    async def _abort_stalled(self) -> None:
        """Drops connections whose readers do not take what was sent: they would keep the process from ending."""
        await asyncio.sleep(_LAST_WORDS_SECONDS)
        for connection in self.server_state.connections:
            transport = getattr(connection, "transport", None)
            if isinstance(transport, asyncio.WriteTransport) and transport.get_write_buffer_size():
                transport.abort()


def _spare_the_collector() -> None:
    """Takes what was loaded by now out of the garbage collector's sight: it lives as long as the process.

    A full collection would walk over all of it, a tenth of a second in which no answer goes on.
    """
    gc.collect()
    gc.freeze()


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise InvalidInput(f"Cannot serve on {host}:{port}: {error.strerror or error}; choose another port.") from None
    return listener
