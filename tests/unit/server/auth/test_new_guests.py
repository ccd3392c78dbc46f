"""How many guests one address may make: so many at once, then one now and then."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from saga_agent.app import Saga
from saga_agent.server import Access, AuthSettings, TrialSettings, create_app
from saga_agent.testing.clock import FakeClock

HOURLY = 12


@pytest.fixture
async def guests(clock: FakeClock) -> AsyncIterator[httpx.AsyncClient]:
    async with Saga.open(database="memory://") as saga:
        settings = AuthSettings(
            service_key_hashes=("0" * 64,), guest_secret="x" * 32, trial=TrialSettings(), new_guests_per_hour=HOURLY
        )
        app = create_app(saga, identity=Access(saga.storage, settings, clock=clock), clock=clock)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app.example") as client:
            yield client


async def test_an_address_makes_an_hours_guests_at_once_and_then_one_at_a_time(
    guests: httpx.AsyncClient, clock: FakeClock
):
    async def made() -> int:
        return (await guests.post("/auth/guests")).status_code

    assert [await made() for _ in range(HOURLY)] == [201] * HOURLY
    refused = await guests.post("/auth/guests")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, str(3600 // HOURLY))
    await clock.advance(3600 / HOURLY - 1)
    assert await made() == 429
    await clock.advance(1)
    assert [await made(), await made()] == [201, 429]
    await clock.advance(3600)
    assert [await made() for _ in range(HOURLY + 1)] == [*[201] * HOURLY, 429]
