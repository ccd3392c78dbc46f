"""Token buckets, and what counts as one address."""

from __future__ import annotations

import pytest
from fastapi import Request

from saga_agent.server.auth import rates
from saga_agent.server.auth.addresses import address_of
from saga_agent.server.auth.rates import TokenBuckets
from saga_agent.testing.clock import FakeClock


async def test_a_burst_goes_through_then_so_many_a_minute(clock: FakeClock):
    buckets = TokenBuckets(clock, per_minute=60, burst=3)

    assert [buckets.take("ada") for _ in range(3)] == [0, 0, 0]
    assert buckets.take("ada") == pytest.approx(1)
    assert buckets.take("tam") == 0, "each key has a bucket of its own"
    await clock.advance(0.5)
    assert buckets.take("ada") == pytest.approx(0.5)
    await clock.advance(0.5)
    assert buckets.take("ada") == 0
    await clock.advance(3600)
    assert [buckets.take("ada") > 0 for _ in range(4)] == [False, False, False, True]


def test_a_flood_of_keys_takes_no_memory(clock: FakeClock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rates, "_MAX_KEYS", 10)
    buckets = TokenBuckets(clock, per_minute=60, burst=1)
    for number in range(100):
        buckets.take(f"address {number}")

    assert buckets.take("address 99") > 0, "the latest are remembered"
    assert buckets.take("address 1") == 0, "the oldest are forgotten"


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        ("::ffff:203.0.113.7", "203.0.113.7/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("testclient", "unknown"),
        (None, "unknown"),
    ],
)
def test_an_address_is_that_of_a_household(host: str | None, address: str):
    client = None if host is None else (host, 1)

    assert address_of(Request({"type": "http", "client": client, "headers": []})) == address
