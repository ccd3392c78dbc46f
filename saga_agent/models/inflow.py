"""Bytes of a response, read ahead by a task of its own: whatever has arrived comes out at once.

HTTP hands over every chunk of a body by itself, however many wait in the socket, and a busy process falls behind them.
Taken together they cost a fraction, so a stream that has fallen behind catches up.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

_AHEAD_BYTES = 256 * 1024


class Inflow:
    """What a reader yields, collected until it is taken; reading pauses while more than 256 KiB wait."""

    def __init__(self, reader: AsyncIterator[bytes]) -> None:
        self._waiting = bytearray()
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._ended = False
        self._error: Exception | None = None
        self._task = asyncio.create_task(self._read(reader))

    async def take(self) -> bytes:
        """All that has arrived, at least something; empty at the end; then raises what the reader raised."""
        if not self._waiting and not self._ended:
            self._changed.clear()
            await self._changed.wait()
        data, self._waiting = bytes(self._waiting), bytearray()
        self._room.set()
        if not data and self._error is not None:
            raise self._error
        return data

    async def aclose(self) -> None:
        """Stops reading."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _read(self, reader: AsyncIterator[bytes]) -> None:
        try:
            async for data in reader:
                self._waiting += data
                self._changed.set()
                if len(self._waiting) > _AHEAD_BYTES:
                    self._room.clear()
                    await self._room.wait()
        except Exception as error:
            self._error = error
        finally:
            self._ended = True
            self._changed.set()
