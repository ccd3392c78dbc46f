"""The desk, on every adapter that needs no server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.sql.adapter import SqlStorage
from tests.acceptance.permissions.desk import Desk


@pytest.fixture(params=["memory", "sqlite"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    """A run at the gate."""
    storage = MemoryStorage() if request.param == "memory" else SqlStorage(f"sqlite:///{tmp_path / 'desk.db'}")
    await storage.open()
    yield await Desk(storage).open()
    await storage.close()
