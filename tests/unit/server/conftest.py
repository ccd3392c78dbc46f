"""An app in this process, and clients that call it as one owner or another."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from fastapi import HTTPException, Request

from saga_agent.app import Saga
from saga_agent.server import Identity, create_app

Calling = Callable[[str], httpx.AsyncClient]


def by_header(request: Request) -> Identity:
    """Believes the header `x-owner`: the authentication of tests."""
    owner = request.headers.get("x-owner")
    if not owner:
        raise HTTPException(401, "Sign in first.", headers={"www-authenticate": "Bearer"})
    return Identity(owner_id=owner, kind="user")


@pytest.fixture
async def saga() -> AsyncIterator[Saga]:
    async with Saga.open(database="memory://", model="offline") as saga:
        yield saga


@pytest.fixture
async def calling(saga: Saga) -> AsyncIterator[Calling]:
    """`calling("ada")` is a client whose requests are that owner's; `calling("")` is nobody's."""
    transport = httpx.ASGITransport(create_app(saga, identity=by_header))
    clients: list[httpx.AsyncClient] = []

    def call(owner: str) -> httpx.AsyncClient:
        client = httpx.AsyncClient(transport=transport, base_url="http://app.example", headers={"x-owner": owner})
        clients.append(client)
        return client

    yield call
    for client in clients:
        await client.aclose()


@pytest.fixture
def ada(calling: Calling) -> httpx.AsyncClient:
    """A client of an owner named ada."""
    return calling("ada")
