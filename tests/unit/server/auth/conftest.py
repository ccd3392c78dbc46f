"""An issuer on the loopback, and a clock that stands at the moment its tokens are made for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from saga_agent.testing.clock import FakeClock
from tests.unit.server.auth.issuer import NOW, JwksServer, ec_key, jwk, rsa_key


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(start=NOW)


@pytest.fixture
async def issuer() -> AsyncIterator[JwksServer]:
    async with JwksServer([jwk("ec", ec_key()), jwk("rsa", rsa_key())]) as server:
        yield server
