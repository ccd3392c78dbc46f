"""The blocks of one response that are ready to be written.

Events are taken from their source by one task, so that whoever writes them can look up for heartbeats and ends without
a task, or a time-out, for each event; and blocks that are ready at the same time are written at once.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

from saga_agent.domain.record import JsonObject

_MOST_BYTES = 64 * 1024
"""How much is taken from the source ahead of a slow reader."""


class Outbox:
    """The blocks of one response; `fill` it in a task of its own."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []
        self._size = 0
        self._news, self._room = asyncio.Event(), asyncio.Event()

    async def fill(self, events: AsyncGenerator[JsonObject]) -> None:
        """Takes in the events as they come, and waits while too much of them is unread; raises what they raise."""
        async with aclosing(events):
            async for event in events:
                block = _block(event)
                self._blocks.append(block)
                self._size += len(block)
                self._news.set()
                if self._size >= _MOST_BYTES:
                    self._room.clear()
                    await self._room.wait()

    async def wait(self, *, timeout_seconds: float) -> None:
        """Returns when there is news - blocks, or a nudge - or after the time-out."""
        if self._news.is_set():
            return
        alarm = asyncio.get_running_loop().call_later(timeout_seconds, self._news.set)
        try:
            await self._news.wait()
        finally:
            alarm.cancel()

    def nudge(self) -> None:
        """Ends the wait."""
        self._news.set()

    def take(self) -> bytes:
        """All that is ready, as one; empty when nothing is."""
        ready = b"".join(self._blocks)
        self._blocks.clear()
        self._size = 0
        self._news.clear()
        self._room.set()
        return ready


def _block(event: JsonObject) -> bytes:
    return b"data: " + json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"
