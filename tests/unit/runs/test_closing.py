"""What becomes of runs when their saga closes."""

import asyncio
from pathlib import Path

import pytest

from saga_agent.app import Saga
from saga_agent.errors import StorageUnavailable
from saga_agent.models.scripted import Say, ScriptedModel, Turn, Wait


async def test_a_run_that_is_sent_while_the_saga_closes_is_left_to_the_next_one(tmp_path: Path) -> None:
    database = f"sqlite+aiosqlite:///{tmp_path}/saga.db"
    saga = await Saga.open(database=database, model=ScriptedModel([Turn(Wait(asyncio.Event()))])).start()
    project = await saga.story.projects.create(name="Crossing")
    one, two = [await saga.threads.create(project_id=project.id) for _ in range(2)]
    await saga.send(one.id, "Begin.")
    await saga._runner.close()  # the first that closing does; the storage is still open

    late = await saga.send(two.id, "And here?")

    assert not saga._runner.holds(late.id)
    assert (await late.state()).state == "queued"
    await saga.close()
    names = {task.get_name() for task in asyncio.all_tasks()}
    assert not [name for name in names if name.startswith("run ")]
    with pytest.raises(StorageUnavailable):
        await saga.send(two.id, "Hello?")
    async with Saga.open(database=database, model=ScriptedModel([Say("Here."), Say("There.")])) as after:
        handle = await after.resume(late.id)
        assert (await handle.result()).state == "finished"


async def test_a_saga_that_is_opened_again_takes_up_runs_again(tmp_path: Path) -> None:
    saga = Saga.open(database=f"sqlite+aiosqlite:///{tmp_path}/saga.db", model=ScriptedModel([Say("Here.")]))
    async with saga:
        project = await saga.story.projects.create(name="Crossing")
        thread = await saga.threads.create(project_id=project.id)

    async with saga:
        assert (await (await saga.send(thread.id, "Begin.")).result()).text == "Here."
