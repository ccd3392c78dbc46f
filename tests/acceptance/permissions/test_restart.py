"""Scenario 14: processes are killed while the writer is asked."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from saga_agent.domain.requests import Answer, Approve, Deny, Question
from saga_agent.models.script import Say
from tests.acceptance.permissions.asker import AGENT, LAST_WORD, asking_tools
from tests.acceptance.streams.cast import marks_in
from tests.acceptance.streams.conftest import POSTGRES, open_world, postgres_database, postgres_url  # noqa: F401
from tests.acceptance.streams.worlds import ROOT, World


@pytest.fixture(params=["sqlite", POSTGRES])
async def shared(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async for world in open_world(request.param, request, tmp_path):
        yield world


async def play_and_kill(world: World, *arguments: str) -> str:
    """A process that works until the run waits, and is killed then; the run's id."""
    assert world.url is not None
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.acceptance.permissions.asker",
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
    assert told["state"] == "waiting"
    return told["run"]


async def test_scenario_14_requests_outlive_the_process_and_effects_happen_once(shared: World) -> None:
    run_id = await play_and_kill(shared)
    saga = await shared.open(Say(LAST_WORD), agents=[AGENT], tools=asking_tools(shared.marks))
    asked = {request.call_id: request for request in await saga.requests(run_id=run_id)}
    assert sorted(asked) == ["a", "b", "c", "q"]
    assert marks_in(shared.marks) == ["read"]

    await play_and_kill(shared, run_id, asked["b"].id, asked["q"].id)
    left = {request.call_id: request for request in await saga.requests(run_id=run_id)}
    assert {call_id: left[call_id] for call_id in ("a", "c")} == {call_id: asked[call_id] for call_id in ("a", "c")}
    assert sorted(left) == ["a", "c"], "the same ids, and only what is open"
    assert marks_in(shared.marks) == ["read", "b"], "the approved tool ran, beside a question, and once"

    run = await saga.run(run_id)
    await saga.answer(run_id, {asked["c"].id: Approve(), asked["a"].id: Deny(feedback="not a")})
    message = await run.result()

    assert message.text == LAST_WORD
    assert marks_in(shared.marks) == ["read", "b", "c"]
    calls = {
        call.call_id: (call.state, call.ok, call.refused) for call in await saga.storage.journal.calls.list(run_id)
    }
    done = ("finished", True, False)
    assert calls == {"read": done, "b": done, "c": done, "q": done, "a": ("finished", False, True)}


async def test_scenario_14_an_answer_given_while_nobody_is_at_work_is_taken_up(shared: World) -> None:
    """The twin: it is given to the database, not to a process."""
    run_id = await play_and_kill(shared)
    reader = await shared.open(model=None, agents=[AGENT], tools=asking_tools(shared.marks))
    asked = await reader.requests(run_id=run_id)
    await reader.storage.journal.requests.answer(
        run_id,
        {each.id: Answer(text="Mara") if isinstance(each, Question) else Approve() for each in asked},
        actor="Mara",
        now=asked[0].created_at,
    )

    saga = await shared.open(Say(LAST_WORD), agents=[AGENT], tools=asking_tools(shared.marks))
    message = await (await saga.resume(run_id)).result()

    assert message.text == LAST_WORD
    assert sorted(marks_in(shared.marks)) == ["a", "b", "c", "read"]
