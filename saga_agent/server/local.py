"""Keeping a server without authentication to its own machine, web pages of others included.

Any page a writer visits may send requests to 127.0.0.1, and a name of the attacker's can be made to lead there. So a
request must be addressed to this machine by a name that means it, and come from a page of the same server, of an
allowed origin, or from no page at all.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class LocalOnly:
    """Middleware that refuses what does not come from this machine's own pages and programs."""

    def __init__(self, app: ASGIApp, *, allowed_origins: Sequence[str] = ()) -> None:
        self._app, self._allowed_origins = app, frozenset(allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or answers 403."""
        if scope["type"] == "http" and (why := self._why_not(Headers(scope=scope))):
            return await PlainTextResponse(why, 403)(scope, receive, send)
        await self._app(scope, receive, send)

    def _why_not(self, headers: Headers) -> str:
        host, origin = headers.get("host", ""), headers.get("origin")
        if not is_loopback(urlsplit(f"//{host}").hostname or ""):
            return "This server has no authentication and answers only to localhost."
        if origin is not None and origin not in self._allowed_origins and urlsplit(origin).netloc != host:
            return f"Pages of {origin} may not call this server; allow the origin in its settings."
        return ""


def is_loopback(host: str) -> bool:
    """Whether that name or address means this machine itself."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
