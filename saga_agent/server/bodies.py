"""Request bodies, bounded in bytes."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import HTTPException, Request
from starlette.types import Message


def limited(request: Request, max_bytes: int) -> Request:
    """The same request; reading more of its body than that raises `HTTPException` 413."""
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > max_bytes:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is larger than {max_bytes:,} bytes.")
        return message

    return Request(request.scope, receive)
