"""A page whose turn waits for a place is told where it stands, and reads its answer whole."""

from __future__ import annotations

import asyncio

import pytest

from saga_agent.app import Saga
from saga_agent.models.script import Say, Turn, Wait
from saga_agent.models.scripted import ScriptedModel
from saga_agent.runs.settings import RunSettings
from tests.acceptance.server.serving import Page, serving
from tests.acceptance.server.test_data_parts import parts
from tests.acceptance.streams.worlds import eventually
from tests.unit.server.strict_client import StrictClient, read_events


@pytest.mark.parametrize("version", [5, 6, 7])
async def test_a_page_in_line_is_told_its_place_before_its_answer(version: int) -> None:
    gate, reached = asyncio.Event(), asyncio.Event()
    model = ScriptedModel([Turn(Wait(gate, reached=reached), Say("First.")), Say("Second.")])
    async with (
        Saga.open(database="memory://", model=model, runs=RunSettings(live_turns=1)) as saga,
        serving(saga) as served,
    ):
        busy, waiting = Page(served.url), Page(served.url, version, chat_id="chat-2")
        first = asyncio.create_task(busy.send("Go"))
        await reached.wait()
        waiting.messages.append({"id": "q", "role": "user", "parts": [{"type": "text", "text": "Go"}]})
        second = asyncio.create_task(waiting.attempt())
        await eventually(lambda: saga._runner._line._waiting)
        async with waiting.resuming() as events:
            told = [await anext(events), await anext(events)]
        gate.set()
        await first
        events = read_events((await second).text)

    place = {"type": "data-queue", "data": {"position": 1}, "transient": True}
    assert (told[0]["type"], told[1]) == ("start", place)
    assert [event["type"] for event in events].count("start") == 1
    assert events[1] == place
    answer = StrictClient(version).read(events)
    assert [part["text"] for part in answer["parts"] if part["type"] == "text"] == ["Second."]
    assert parts(answer) == [], "the place is no part of the message"
    assert parts({"parts": events[1:2]}) == ["queue"]
