"""Trees of agents whose processes are killed: the child parts of scenario 14."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from saga_agent.domain.requests import Approve
from saga_agent.errors import RunPaused
from saga_agent.models.script import Say
from tests.acceptance.permissions.trees import Scripts, children, open_tree, report, shown
from tests.acceptance.streams.cast import marks_in
from tests.acceptance.streams.conftest import POSTGRES, open_world, postgres_database, postgres_url  # noqa: F401
from tests.acceptance.streams.worlds import ROOT, World, reap


@pytest.fixture(params=["sqlite", POSTGRES])
async def shared(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async for world in open_world(request.param, request, tmp_path):
        yield world


async def play_and_kill(world: World, *arguments: str, state: str = "waiting") -> str:
    """A process that comes as far as its scene goes, and is killed then; the run's id."""
    assert world.url is not None
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.acceptance.permissions.tree_worker",
        world.url,
        str(world.marks),
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        told = json.loads(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()
    assert told["state"] == state
    return told["run"]


async def test_a_request_of_a_grandchild_outlives_the_process_that_asked(shared: World) -> None:
    run_id = await play_and_kill(shared, "a grandchild asks")
    saga = await open_tree(shared, Scripts(draft=[Say(" Done.")], scribe=[Say("It did.")], clerk=[Say("I did.")]))
    run = await saga.run(run_id)
    (request,) = await saga.requests(run_id=run_id)
    assert request.agent_path == ("draft", "scribe", "clerk")

    await saga.answer(run_id, {request.id: Approve()})
    message = await run.result()

    assert message.text == "I ask. Done."
    assert marks_in(shared.marks) == ["x"]
    assert [each.state for each in await saga.runs()] == ["finished"] * 3
    assert [part["state"] for part in shown(message.parts, "data-subagent")] == ["finished"]


async def test_three_processes_answer_the_children_of_one_turn(shared: World) -> None:
    run_id = await play_and_kill(shared, "two children ask")
    saga = await open_tree(shared, Scripts(draft=[Say("Done.")], research=[Say("ok")]))
    asked = {request.agent: request.id for request in await saga.requests(run_id=run_id)}
    assert sorted(asked) == ["research", "scribe"]

    await play_and_kill(shared, "the scribe goes on", run_id, asked["scribe"])
    assert [request.id for request in await saga.requests(run_id=run_id)] == [asked["research"]]
    assert marks_in(shared.marks) == ["one"]
    await saga.answer(run_id, {asked["research"]: Approve()})
    await (await saga.run(run_id)).result()

    assert marks_in(shared.marks) == ["one", "two"]
    assert [(await report(saga, run_id, call))["data"]["status"] for call in "ab"] == ["finished"] * 2  # pyright: ignore


async def test_an_answer_takes_up_a_child_whose_process_died_before_it_could_wait_again(shared: World) -> None:
    """It was taken up once more before the kill: the journal has it at work, and its request open."""
    run_id = await play_and_kill(shared, "two children ask")
    saga = await open_tree(shared, Scripts(draft=[Say("Done.")], scribe=[Say("ok")], research=[Say("ok")]))
    asked = {request.agent: request for request in await saga.requests(run_id=run_id)}
    dead = f"{'/'.join(saga._engine.runner.name.split('/')[:2])}/{await pid_of_the_dead()}/1/own_dead"
    now = saga._engine.runner.lease_clock.now()
    await saga.storage.journal.runs.take(asked["scribe"].run_id, runner=dead, lease_until=now + 60, now=now)

    await saga.answer(run_id, {asked["scribe"].id: Approve()})
    with pytest.raises(RunPaused) as paused:
        await (await saga.run(run_id)).result()

    assert [request.id for request in paused.value.requests] == [asked["research"].id]
    assert marks_in(shared.marks) == ["one"], "it was answered, and is done before the rest is waited for"


async def pid_of_the_dead() -> int:
    """The id of a process that is gone."""
    process = await asyncio.create_subprocess_exec("true")
    await process.wait()
    return process.pid


async def test_a_child_that_is_killed_at_work_is_found_again_by_its_parent(shared: World) -> None:
    run_id = await play_and_kill(shared, "a child is in the middle of a sentence", state="running")
    saga = await open_tree(shared, Scripts(draft=[Say(" Done.")], research=[Say("It is there.")]))

    found = await reap(saga)
    run = await saga.run(run_id)
    message = await run.result()

    (child,) = await children(saga, run)
    assert {each.id for each in found} == {run_id, child.id}
    assert message.text == "I ask. Done."
    assert marks_in(shared.marks) == ["looked"], "a finished tool is not run again"
    data = (await report(saga, run_id))["data"]
    assert isinstance(data, dict)
    assert (data["status"], data["text"]) == ("finished", "It is there.")


async def test_a_killed_childs_broken_off_call_is_counted(shared: World) -> None:
    """What the killed attempt had said is void, but it was paid for."""
    run_id = await play_and_kill(shared, "a child is in the middle of a sentence", state="running")
    saga = await open_tree(shared, Scripts(draft=[Say(" Done.")], research=[Say("It is there.")]))
    await reap(saga)
    run = await saga.run(run_id)
    await run.result()

    (child,) = await children(saga, run)
    rows = await saga.storage.journal.runs.usage(child.id)
    assert [(row.step, row.epoch, row.estimated) for row in rows] == [(0, 1, False), (1, 1, True), (1, 2, False)]
    assert rows[1].output_tokens > 0
    assert (await report(saga, run_id))["data"]["tokens"] == sum(  # pyright: ignore
        row.input_tokens + row.output_tokens for row in rows
    )


async def test_resuming_the_root_alone_takes_up_the_child_with_it(shared: World) -> None:
    run_id = await play_and_kill(shared, "a child is in the middle of a sentence", state="running")
    saga = await open_tree(shared, Scripts(draft=[Say(" Done.")], research=[Say("It is there.")]))

    message = await (await saga.resume(run_id)).result()

    assert message.text == "I ask. Done."
