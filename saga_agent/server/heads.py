"""Request heads: bounded in bytes, and clear about where their body ends."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_CLOSE: Final = {"connection": "close"}
_SEPARATORS: Final = 4
"""Bytes of a header's line beside its name and value."""


class SoundHeads:
    """Middleware that refuses heads larger than that, and those that give their body two ends.

    A proxy that believes the length and a server that believes the encoding see different requests in the same bytes.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self._app, self._max_bytes = app, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or answers 400 or 431."""
        if scope["type"] == "http" and (refusal := self._refusal(scope)) is not None:
            return await refusal(scope, receive, send)
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        if "content-length" in headers and "transfer-encoding" in headers:
            words = "The request has a content-length and a transfer-encoding; send one of them."
            return PlainTextResponse(words, 400, headers=_CLOSE)
        target = len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"")
        if target + sum(len(name) + len(value) + _SEPARATORS for name, value in headers.raw) > self._max_bytes:
            words = f"The request's head is larger than {self._max_bytes:,} bytes; send fewer or shorter headers."
            return PlainTextResponse(words, 431, headers=_CLOSE)
        return None
