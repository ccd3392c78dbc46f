"""A project in memory for the tests of checks."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.story.service import StoryService
from saga_agent.tools.context import ToolContext
from saga_agent.tools.story.registry import build_story_registry
from tests.unit.tools.story.bench import Bench


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with MemoryStorage() as storage:
        story = StoryService(storage, "local")
        project = await story.projects.create(name="Crossing")
        context = ToolContext(
            story=story, project_id=project.id, thread_id="thr", run_id="run", agent="draft", call_id="c1"
        )
        yield Bench(story, project.id, build_story_registry(), context)
