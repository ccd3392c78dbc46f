"""Server-sent events: framing, heartbeats, and connections that are broken rather than closed.

A client takes a body that ends cleanly for a whole answer. So a stream that cannot be told to its end is cut: the
exception leaves the application, and the HTTP server drops the connection without its last chunk.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from http import HTTPStatus
from typing import Final

from saga_agent.clock import Clock
from saga_agent.domain.record import JsonObject
from saga_agent.server.identity import Identity
from saga_agent.server.problems import Refused
from saga_agent.server.settings import ServerSettings
from saga_agent.streams.replay import Rewound

_log = logging.getLogger(__name__)
HEADERS: Final = {
    "content-type": "text/event-stream",
    "x-vercel-ai-ui-message-stream": "v1",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
}
_KEEP_ALIVE = b": keep-alive\n\n"
_DONE = b"data: [DONE]\n\n"


class StreamCut(Exception):
    """A stream is broken off on purpose; the reader is to ask for it again."""


class OpenStreams:
    """The streams this server is telling: counted by owner, and cut when it closes."""

    def __init__(self, settings: ServerSettings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._by_owner: Counter[str] = Counter()
        self._closing = asyncio.Event()

    def close(self) -> None:
        """Cuts all streams, and those to come."""
        self._closing.set()

    def admit(self, owner_id: str) -> None:
        """Raises `Refused` when the owner follows as many streams as one may."""
        if self._by_owner[owner_id] >= self._settings.max_streams_per_owner:
            limit = self._settings.max_streams_per_owner
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, f"{limit} answers are open already; close a page first.")

    async def tell(self, events: AsyncGenerator[JsonObject], identity: Identity) -> AsyncIterator[bytes]:
        """The response body of these events.

        Raises: `StreamCut` when the caller's identity expires, the server closes, or what was told is void.
        """
        self._by_owner[identity.owner_id] += 1
        closing = asyncio.create_task(self._closing.wait())
        following = asyncio.create_task(_next(events))
        try:
            while True:
                patience = self._patience(identity)
                await asyncio.wait({following, closing}, timeout=patience, return_when="FIRST_COMPLETED")
                self._check(identity)
                if not following.done():
                    yield _KEEP_ALIVE
                    continue
                if (event := following.result()) is None:
                    break
                yield b"data: " + json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"
                following = asyncio.create_task(_next(events))
            yield _DONE
        except Rewound as error:
            raise StreamCut("what was told is void") from error
        finally:
            self._by_owner[identity.owner_id] -= 1
            closing.cancel()
            following.cancel()
            await asyncio.gather(closing, following, return_exceptions=True)
            await events.aclose()

    def _patience(self, identity: Identity) -> float:
        if identity.expires_at is None:
            return self._settings.keep_alive_seconds
        return max(0.0, min(self._settings.keep_alive_seconds, identity.expires_at - self._clock.now()))

    def _check(self, identity: Identity) -> None:
        if self._closing.is_set():
            raise StreamCut("the server closes")
        if identity.expires_at is not None and identity.expires_at <= self._clock.now():
            raise StreamCut("the caller's identity has expired")


async def _next(events: AsyncIterator[JsonObject]) -> JsonObject | None:
    return await anext(events, None)


class CutIsNoFailure(logging.Filter):
    """Leaves out what a server logs, with a traceback, of a stream that was cut on purpose."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, StreamCut)
