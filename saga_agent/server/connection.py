"""Connections of `saga serve`: bounded in the time a request may take to arrive.

uvicorn ends idle connections, but waits for ever for the rest of a request that was begun: a few thousand callers who
send a byte now and then would use up its sockets.
"""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_TOO_SLOW = b"The request took too long to arrive; send it again."


class BoundedProtocol(H11Protocol):
    """A connection whose requests, head and body, arrive within a time."""

    request_seconds = 60.0
    deadline: asyncio.TimerHandle | None = None
    is_new = True
    """Whether no request has come to its end yet; later, a connection may be idle."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        self.is_new = False
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch()
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Keeps a deadline while something of a request is still to come."""
        awaited = self.conn.their_state is h11.SEND_BODY or (
            self.conn.their_state is h11.IDLE and (self.is_new or bool(self.conn.trailing_data[0]))
        )
        if not awaited or self.transport.is_closing():
            self._unwatch()
        elif self.deadline is None:
            self.deadline = self.loop.call_later(self.request_seconds, self._give_up)

    def _unwatch(self) -> None:
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None

    def _give_up(self) -> None:
        if self.transport.is_closing():
            return
        if self.conn.our_state is h11.IDLE and self.conn.their_state is h11.IDLE:
            self._refuse()
        self.transport.close()

    def _refuse(self) -> None:
        """408 for a head that did not come to its end; while a route is at work, the answer is the route's."""
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(_TOO_SLOW)).encode()),
            (b"connection", b"close"),
        ]
        for event in (
            h11.Response(status_code=408, headers=headers, reason=b"Request Timeout"),
            h11.Data(data=_TOO_SLOW),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")


def bounded_protocol(request_seconds: float) -> type[H11Protocol]:
    """The protocol of connections whose requests arrive within that time."""
    return type("BoundedProtocol", (BoundedProtocol,), {"request_seconds": request_seconds})
