"""A story without files, and an empty project in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.story.service import StoryService
from tests.unit.story.exchange.bibles import write_files


@pytest.fixture
async def story() -> AsyncIterator[StoryService]:
    async with MemoryStorage() as storage:
        yield StoryService(storage, "local")


@pytest.fixture
async def project_id(story: StoryService) -> str:
    return (await story.projects.create(name="Crossing")).id


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    return write_files(tmp_path)
