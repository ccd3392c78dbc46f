"""A server for many, with a story and a run that waits, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from saga_agent.models.script import Say
from tests.acceptance.server.town import ADD_TOVE, Town, a_town, settle_ada


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    steps = (ADD_TOVE, *[Say("Well.")] * 1_000)
    async with a_town(*steps, database=f"sqlite+aiosqlite:///{tmp_path}/saga.db") as town:
        yield town


@pytest.fixture
async def ada(town: Town) -> httpx.AsyncClient:
    """The owner of what there is."""
    return await settle_ada(town)
