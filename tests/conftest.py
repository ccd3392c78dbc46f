"""What holds for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import network_guard

network_guard.install()


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    network_guard.attempts.clear()
    yield
    assert network_guard.attempts == [], "a test has no network"
