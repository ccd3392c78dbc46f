"""Trying again while the storage cannot be reached."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from saga_agent.errors import StorageUnavailable

T = TypeVar("T")
RETRY_SECONDS: Final = [0.05, 0.2, 0.5, 1.0, 2.0]
"""The pauses between tries; after the last one the error is the caller's."""


async def insist(operation: Callable[[], Awaitable[T]]) -> T:
    """What the operation gives, tried again while the storage is unavailable.

    Only for verbs that may be repeated: the failed try may have been stored, its acknowledgement lost.
    """
    for pause in RETRY_SECONDS:
        try:
            return await operation()
        except StorageUnavailable:
            await asyncio.sleep(pause)
    return await operation()
