"""The guard of `tests/conftest.py` works: the loopback is open, everything else is refused."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import httpx
import pytest

from tests import network_guard
from tests.network_guard import NetworkRefused

ELSEWHERE = "192.0.2.1"
"""An address for documentation (RFC 5737): nobody has it."""


@pytest.fixture(autouse=True)
def _forget_the_attempts_made_on_purpose(_no_network: None):
    yield
    network_guard.attempts.clear()


def test_connecting_to_another_machine_is_refused_and_remembered():
    with socket.socket() as client, pytest.raises(NetworkRefused, match=r"192\.0\.2\.1"):
        client.connect((ELSEWHERE, 80))

    assert network_guard.attempts == [f"socket.connect: {ELSEWHERE}"]


def test_looking_up_a_name_is_refused():
    with pytest.raises(NetworkRefused, match=r"example\.com"):
        socket.getaddrinfo("example.com", 443)


async def test_an_http_client_that_swallows_the_refusal_is_still_remembered():
    async with httpx.AsyncClient(trust_env=False) as client:
        with contextlib.suppress(Exception):
            await client.get(f"http://{ELSEWHERE}/")

    assert network_guard.attempts != []


async def test_a_server_on_the_loopback_can_be_reached():
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        assert await reader.read() == b"hello"
        writer.close()
        await writer.wait_closed()

    assert network_guard.attempts == []
