"""Closes what the tests opened: a connection left open is a warning, and warnings are errors."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.unit.models.asking import OPENED


@pytest.fixture(autouse=True)
async def _close_connections() -> AsyncIterator[None]:
    yield
    while OPENED:
        await OPENED.pop().aclose()
