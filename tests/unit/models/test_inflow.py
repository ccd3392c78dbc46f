from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from saga_agent.models.inflow import Inflow


async def _read(*pieces: bytes, error: Exception | None = None) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
    if error is not None:
        raise error


async def test_what_has_arrived_comes_out_at_once_and_then_the_end() -> None:
    inflow = Inflow(_read(b"a", b"b", b"c"))

    assert [await inflow.take() for _ in range(3)] == [b"abc", b"", b""]


async def test_an_error_comes_after_the_bytes_before_it() -> None:
    inflow = Inflow(_read(b"a", b"b", error=OSError("gone")))

    assert await inflow.take() == b"ab"
    for _ in range(2):
        with pytest.raises(OSError, match="gone"):
            await inflow.take()


async def test_reading_pauses_while_much_is_waiting() -> None:
    pulled: list[int] = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            pulled.append(1)
            yield bytes(100_000)

    inflow = Inflow(endless())

    assert len(await inflow.take()) == 300_000
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(pulled) == 6
    await inflow.aclose()


async def test_closing_stops_the_reader() -> None:
    stopped = asyncio.Event()

    async def silent() -> AsyncIterator[bytes]:
        try:
            yield b"a"
            await asyncio.Event().wait()
        finally:
            stopped.set()

    inflow = Inflow(silent())
    await inflow.take()
    await inflow.aclose()

    assert stopped.is_set()
