"""Calls that a stop or a death meets in the middle: what they did is told, and what nobody knows is said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Literal

import pytest

import saga_agent as sa
from saga_agent.domain import chunks as c
from saga_agent.domain.journal import Message, ToolCall
from saga_agent.domain.record import JsonObject
from saga_agent.models.script import Call, Say, Turn
from saga_agent.models.scripted import ScriptedModel
from saga_agent.server.encoder import Encoder
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.sql.adapter import SqlStorage
from saga_agent.testing.faults import Fault, FaultPlan, FaultyStorage
from tests.acceptance.streams.logs import Log

DOUBT = "stopped by the writer: this call had begun, and may have had its effect."


@pytest.fixture(params=["memory", "sqlite"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return MemoryStorage() if request.param == "memory" else SqlStorage(f"sqlite:///{tmp_path / 'saga.db'}")


class Bell:
    """A tool whose effect is a ring; what it does after that is for the test to say."""

    def __init__(self, afterwards: Callable[[], Awaitable[None]]) -> None:
        self.rings, self.rung, self._afterwards = 0, asyncio.Event(), afterwards

    async def ring(self, context: sa.ToolContext) -> JsonObject:
        """Rings the bell."""
        self.rings += 1
        self.rung.set()
        await self._afterwards()
        return {"rings": self.rings}

    async def stopped_after(self, storage: Storage) -> tuple[Message, list[c.Chunk], ToolCall | None]:
        """A turn that is stopped when the bell has rung: its message, its chunks, its call's row."""
        registry = sa.ToolRegistry()
        registry.tool(effect="read")(self.ring)
        model = ScriptedModel([Turn(Say("I ring."), calls=[Call("ring")])])
        ringer = sa.Agent(name="draft", description="Rings.", prompt="You ring.", tools=("ring",))
        async with sa.Saga.open(storage=storage, model=model, tools=registry, agents=[ringer], retrieval=None) as saga:
            project = await saga.story.projects.create(name="P")
            thread = await saga.threads.create(project_id=project.id)
            run = await saga.send(thread.id, "Ring")
            chunks = asyncio.create_task(_all(run.chunks()))
            await self.rung.wait()
            await saga.stop(run.id)
            (message,) = [each for each in await saga.threads.messages(thread.id) if each.role == "assistant"]
            (call,) = await storage.journal.calls.list(run.id)
            return message, await chunks, call


async def _all(chunks: AsyncIterator[c.Chunk]) -> list[c.Chunk]:
    return [chunk async for chunk in chunks]


def call_of(message: Message) -> JsonObject:
    (part,) = [part for part in message.parts if "toolCallId" in part]
    return part


async def at_once() -> None:
    await asyncio.sleep(0.02)


async def refuses_to_stop() -> None:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return


@pytest.mark.parametrize("afterwards", [at_once, refuses_to_stop])
async def test_a_stopped_call_that_ends_all_the_same_is_shown_with_what_it_did(
    storage: Storage, afterwards: Callable[[], Awaitable[None]]
) -> None:
    message, chunks, call = await Bell(afterwards).stopped_after(storage)

    part = call_of(message)
    assert (message.state, part["state"]) == ("stopped", "output-available")
    assert part["output"]["data"] == {"rings": 1}  # type: ignore[index,call-overload]
    assert [chunk.type for chunk in chunks][-3:] == ["tool-output-available", "finish-step", "abort"]
    assert call is not None
    assert (call.state, call.ok) == ("finished", True)


@pytest.mark.parametrize("version", [5, 6, 7])
async def test_pages_of_every_version_are_told_what_a_stopped_call_did(version: Literal[5, 6, 7]) -> None:
    _, chunks, _ = await Bell(at_once).stopped_after(MemoryStorage())

    encoder = Encoder(version, metadata={})
    events = [event for chunk in chunks for event in encoder.feed(chunk)]

    kinds = [event["type"] for event in events]
    assert "tool-output-available" in kinds
    assert "tool-output-error" not in kinds


async def test_a_stopped_call_that_was_broken_off_is_said_to_be_in_doubt(storage: Storage) -> None:
    message, _, call = await Bell(asyncio.Event().wait).stopped_after(storage)  # type: ignore[arg-type]

    part = call_of(message)
    assert (part["state"], part["errorText"]) == ("output-error", DOUBT)
    assert call is not None
    assert call.state == "started", "nobody knows what came of it"


@pytest.mark.parametrize(
    "fault",
    [Fault("calls.finish", "slow", seconds=0.3), Fault("calls.finish", "after", on=1), Fault("calls.finish", on=1)],
)
async def test_a_stop_while_an_outcome_is_journaled_waits_for_it(fault: Fault) -> None:
    async def over() -> None:
        return

    message, _, call = await Bell(over).stopped_after(FaultyStorage(MemoryStorage(), FaultPlan(fault)))

    assert call_of(message)["state"] == "output-available"
    assert call is not None
    assert call.state == "finished"


@pytest.mark.parametrize("outcome", ["finished", "started"])
async def test_what_a_dead_process_had_journaled_is_shown_by_who_ends_its_run(storage: Storage, outcome: str) -> None:
    """Policy `interrupt`: the process died between the end of the call and the showing of it."""
    async with storage:
        log = await Log.begin(storage)
        dead = await log.message()
        await dead.begin_step(0)
        await dead.emit(c.ToolInputAvailable(tool_call_id="c", tool_name="ring", input={}))
        calls = storage.journal.calls
        row = ToolCall(run_id="run", call_id="c", tool="ring", arguments={}, arguments_hash="h", started_at=1.0)
        await calls.start(row, epoch=1)
        if outcome == "finished":
            await calls.finish("run", "c", epoch=1, ok=True, result='{"ok": true, "data": {"rings": 1}}', now=2.0)

        async with sa.Saga.open(
            storage=storage, model=ScriptedModel([]), retrieval=None, runs=sa.RunSettings(recovery="interrupt")
        ) as saga:
            await saga.reap()
            async for _ in saga.follow("str"):
                pass
            message = await storage.journal.threads.message("m2")

    part = call_of(message)
    if outcome == "finished":
        assert (part["state"], part["output"]) == ("output-available", {"ok": True, "data": {"rings": 1}})
    else:
        assert part["errorText"] == (
            "the process that wrote it died: this call had begun, and may have had its effect."
        )
