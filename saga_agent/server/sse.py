"""Server-sent events: framing, heartbeats, and connections that are broken rather than closed.

A client takes a body that ends cleanly for a whole answer. So a stream that cannot be told to its end is cut: the
exception leaves the application, and the HTTP server drops the connection without its last chunk.
"""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self

from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from saga_agent.clock import Clock
from saga_agent.domain.record import JsonObject
from saga_agent.server.identity import Identity
from saga_agent.server.outbox import Outbox
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
OVER_HTTP_1_0: Final = (
    "answers are streamed over HTTP/1.0, too, as the settings say; readers take one that was cut for a whole one"
)
_NO_HTTP_1_0: Final = (
    "Answers are not streamed over HTTP/1.0, where one that was cut looks whole; use HTTP/1.1 - behind nginx, by the "
    "line 'proxy_http_version 1.1;'."
)
_KEEP_ALIVE = b": keep-alive\n\n"
_DONE = b"data: [DONE]\n\n"


class StreamCut(Exception):
    """A stream is broken off on purpose; the reader is to ask for it again."""


class Seat:
    """A stream's place among its owner's, held from before anything is stored for it.

    Leaving the `with` block gives it back, unless a response has taken it; that one gives it back at its own end.
    """

    def __init__(self, owner_id: str, by_owner: Counter[str]) -> None:
        self.owner_id, self._by_owner = owner_id, by_owner
        self._is_held, self._is_taken = True, False
        by_owner[owner_id] += 1

    def take(self) -> None:
        """Keeps the seat beyond the block."""
        self._is_taken = True

    def release(self) -> None:
        """Gives the seat back; may be repeated."""
        if self._is_held:
            self._is_held = False
            self._by_owner[self.owner_id] -= 1
            if not self._by_owner[self.owner_id]:
                del self._by_owner[self.owner_id]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._is_taken:
            self.release()


class OpenStreams:
    """The streams this server is telling: counted by owner, and cut when it closes."""

    def __init__(self, settings: ServerSettings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._by_owner: Counter[str] = Counter()
        self._outboxes: set[Outbox] = set()
        self._sends: set[asyncio.Timeout] = set()
        """Of what is being sent; a reader who takes nothing keeps it from being sent."""
        self._is_closing = False

    def close(self) -> None:
        """Cuts all streams, and those to come."""
        self._is_closing = True
        for outbox in self._outboxes:
            outbox.nudge()
        for limit in self._sends:
            limit.reschedule(0.0)

    def seat(self, owner_id: str) -> Seat:
        """A place for one more stream of the owner; `Refused` when they follow as many as one may.

        It counts from here on: between this and the first byte lies all that is stored for the answer, during which
        any number of others ask.
        """
        limit = self._settings.max_streams_per_owner
        if self._by_owner[owner_id] >= limit:
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, f"{limit} answers are open already; close a page first.")
        return Seat(owner_id, self._by_owner)

    def check_protocol(self, http_version: str) -> None:
        """Raises `Refused` with 505 for a protocol by whose rules an answer that was cut is whole."""
        if http_version in ("0.9", "1.0") and not self._settings.allow_http_1_0:
            raise Refused(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, _NO_HTTP_1_0)

    def respond(self, events: AsyncGenerator[JsonObject], identity: Identity, seat: Seat) -> Response:
        """The response that tells these events, on that seat."""
        return _EventStream(self, self.tell(events, identity), seat)

    def patiently(self, send: Send) -> Send:
        """That `send`; it raises `StreamCut` when the reader takes nothing, and when the server closes meanwhile."""

        async def patient(message: Message) -> None:
            if self._is_closing:
                raise StreamCut("the server closes")
            limit = asyncio.timeout(self._settings.stalled_seconds)
            try:
                async with limit:
                    self._sends.add(limit)
                    await send(message)
            except TimeoutError:
                raise StreamCut("the reader takes nothing") from None
            finally:
                self._sends.discard(limit)

        return patient

    async def tell(self, events: AsyncGenerator[JsonObject], identity: Identity) -> AsyncGenerator[bytes]:
        """The response body of these events.

        Raises: `StreamCut` when the caller's identity expires, the server closes, or what was told is void.
        """
        outbox = Outbox()
        self._outboxes.add(outbox)
        filling = asyncio.create_task(outbox.fill(events))
        filling.add_done_callback(lambda _: outbox.nudge())
        try:
            is_over = False
            while not is_over:
                await outbox.wait(timeout_seconds=self._patience(identity))
                self._check(identity)
                is_over = filling.done()
                if blocks := outbox.take():
                    yield blocks
                elif not is_over:
                    yield _KEEP_ALIVE
            await filling
            yield _DONE
        except Rewound as error:
            raise StreamCut("what was told is void") from error
        finally:
            self._outboxes.discard(outbox)
            filling.cancel()
            await asyncio.gather(filling, return_exceptions=True)

    def _patience(self, identity: Identity) -> float:
        if identity.expires_at is None:
            return self._settings.keep_alive_seconds
        return max(0.0, min(self._settings.keep_alive_seconds, identity.expires_at - self._clock.now()))

    def _check(self, identity: Identity) -> None:
        if self._is_closing:
            raise StreamCut("the server closes")
        if identity.expires_at is not None and identity.expires_at <= self._clock.now():
            raise StreamCut("the caller's identity has expired")


class _EventStream(StreamingResponse):
    """A response that lets go of a reader who takes nothing, and leaves nothing behind."""

    def __init__(self, streams: OpenStreams, blocks: AsyncGenerator[bytes], seat: Seat) -> None:
        super().__init__(blocks, headers=HEADERS)
        self._streams, self._blocks, self._seat = streams, blocks, seat
        seat.take()
        weakref.finalize(self, seat.release)  # also of a response that nobody comes to send

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._seat.release()

    async def stream_response(self, send: Send) -> None:
        send = self._streams.patiently(send)
        async with aclosing(self._blocks) as blocks:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async for block in blocks:
                await send({"type": "http.response.body", "body": block, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class CutIsNoFailure(logging.Filter):
    """Leaves out what a server logs, with a traceback, of a stream that was cut on purpose."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, StreamCut)
