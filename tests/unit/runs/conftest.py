"""Sagas on every embedded database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from saga_agent.app import Saga
from saga_agent.domain.journal import Thread
from saga_agent.models.scripted import ScriptedModel
from tests.unit.runs.opening import Open


@pytest.fixture(params=["memory", "sqlite"])
async def open_saga(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Open]:
    """Opens a saga with a model on a fresh database, and a thread of a small project in it."""
    database = "memory://" if request.param == "memory" else f"sqlite+aiosqlite:///{tmp_path}/saga.db"
    opened: list[Saga] = []

    async def open_it(*steps: object, **options: object) -> tuple[Saga, Thread]:
        model = ScriptedModel(steps)  # pyright: ignore[reportArgumentType]
        saga = await Saga.open(database=database, model=model, **options).start()  # pyright: ignore[reportArgumentType]
        opened.append(saga)
        project = await saga.story.projects.create(name="Crossing")
        await saga.story.documents.create(project.id, title="One", number=1, text="Mara met Tam at the Kennels.")
        return saga, await saga.threads.create(project_id=project.id)

    yield open_it
    for saga in opened:
        await saga.close()
