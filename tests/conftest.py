"""What holds for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests import network_guard

network_guard.install()
settings.register_profile("untimed", deadline=None)  # a busy machine is no defect
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    network_guard.attempts.clear()
    yield
    assert network_guard.attempts == [], "a test has no network"
