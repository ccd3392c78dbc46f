"""What holds for every test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import settings

from tests import leftovers, network_guard

network_guard.install()
leftovers.install()
settings.register_profile("untimed", deadline=None)  # a busy machine is no defect
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
async def _nothing_is_left() -> AsyncIterator[None]:
    before = leftovers.find()
    yield
    left = await leftovers.find_new(before)
    assert left == [], "the test leaves these behind; close what it opens, and await what it starts"


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    network_guard.attempts.clear()
    yield
    assert network_guard.attempts == [], "a test has no network"
