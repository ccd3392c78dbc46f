"""Closes what the tests of retrieval open."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.unit.retrieval.rigs import Rig


@pytest.fixture(autouse=True)
async def closed_rigs() -> AsyncIterator[None]:
    yield
    while Rig.made:
        await Rig.made.pop().close()
