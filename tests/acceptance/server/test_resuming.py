"""Pages that come late, twice, or leave; and answers that are stopped."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx

from saga_agent.app import Saga
from saga_agent.models.script import Call, Say, Turn, Wait
from saga_agent.models.scripted import ScriptedModel
from saga_agent.runs.settings import RunSettings
from saga_agent.testing.storage.turns import turn
from tests.acceptance.server.conftest import Serve
from tests.acceptance.server.serving import TIMEOUT_SECONDS, Page, events_of, read_all, read_until, serving
from tests.unit.server.strict_client import StrictClient

DRAFT = {"type": "character", "name": "Tove"}


async def test_a_page_that_comes_in_the_middle_reads_the_answer_from_its_first_chunk(serve: Serve):
    gate = asyncio.Event()
    page = await serve(Turn(Say("Low water, "), Wait(gate), Say("and the boats lay still.")))
    async with page.streaming("Begin.") as first, page.resuming() as second, page.resuming() as third:
        readers = [(events, await read_until(events, "text-delta")) for events in (first, second, third)]
        gate.set()
        pages = [await read_all(events, seen) for events, seen in readers]

    assert [each.text for each in pages] == ["Low water, and the boats lay still."] * 3
    assert pages[1].message == pages[0].message == pages[2].message


async def test_a_page_that_leaves_stops_nothing(serve: Serve):
    gate = asyncio.Event()
    page = await serve(Turn(Say("Low "), Wait(gate), Say("water.")))
    async with page.streaming("Begin.") as events:
        await read_until(events, "text-delta")
    async with page.resuming() as events:
        seen = await read_until(events, "text-delta")
        gate.set()
        late = await read_all(events, seen)

    assert late.text == "Low water."
    assert (await page.history())[1]["parts"][1]["text"] == "Low water."


async def test_there_is_nothing_to_resume_before_a_chat_began_and_after_it_answered(serve: Serve):
    page = await serve(Say("Low water."))

    assert await page.resume() is None
    await page.send("Begin.")
    assert await page.resume() is None


async def test_there_is_nothing_to_resume_while_the_writer_is_asked(serve: Serve):
    page = await serve(Turn(calls=[Call("create_entity", DRAFT)]))
    await page.send("Add Tove.")

    assert await page.resume() is None
    assert page.assistant.finish_reason == "tool-calls"
    assert (await page.history())[1]["id"] == page.messages[1]["id"]


async def test_a_run_that_nobody_works_on_yet_is_waited_for(tmp_path: Path):
    """What is queued is active: never 204, but comments until a process takes it up."""
    database = f"sqlite+aiosqlite:///{tmp_path}/saga.db"
    idle = Saga.open(database=database, runs=RunSettings(works=False))
    async with idle, serving(idle, keep_alive_seconds=0.01, recovery_wait_seconds=0.01) as served:
        project = await idle.story.projects.create(name="The Hidden Crown")
        thread = await idle.threads.create(project_id=project.id, chat_id="chat-1")
        await idle.storage.journal.runs.start(turn(1, of=thread), now=0.0)
        page = Page(served.url)
        async with page.client() as client, client.stream("GET", f"{page.api}/chat-1/stream") as response:
            assert response.status_code == 200
            lines = response.aiter_lines()
            assert await anext(lines) == ": keep-alive"
            async with Saga.open(database=database, model=ScriptedModel([Say("Low water.")])):
                told = [line async for line in lines if line.startswith("data: ")]

    assert told[-1] == "data: [DONE]"
    fresh = StrictClient(6)
    fresh.read([json.loads(line.removeprefix("data: ")) for line in told[:-1]])
    assert fresh.text == "Low water."


async def test_of_two_servers_on_one_database_either_tells_and_goes_on_with_the_answer(tmp_path: Path):
    database, gate = f"sqlite+aiosqlite:///{tmp_path}/saga.db", asyncio.Event()
    asks = Turn(Say("Low "), Wait(gate), Say("water."), calls=[Call("create_entity", DRAFT)])
    one = Saga.open(database=database, model=ScriptedModel([asks]))
    two = Saga.open(database=database, model=ScriptedModel([Say(" She is in.")]))
    async with one, two, serving(one) as first, serving(two) as second:
        page, other = Page(first.url), Page(second.url)
        async with page.streaming("Begin.") as told:
            begun = await read_until(told, "text-delta")
            async with other.resuming() as events:
                seen = await read_until(events, "text-delta")
                gate.set()
                viewer = await read_all(events, seen)
            page.assistant.read([*begun, *[event async for event in told]])
        assert viewer.message == page.assistant.message
        other.messages, other.assistant = await other.history(), viewer
        other.messages[-1] = viewer.message or {}
        viewer.respond(viewer.call("create_entity")["approval"]["id"], approved=True)

        await other.post()

        assert viewer.text == "Low water. She is in."
        assert await page.history() == await other.history()


async def test_the_history_leaves_out_the_message_that_is_being_written(serve: Serve):
    gate = asyncio.Event()
    page = await serve(Turn(Say("Low "), Wait(gate), Say("water.")))
    async with page.streaming("Begin.") as events:
        await read_until(events, "text-delta")

        assert [message["role"] for message in await page.history()] == ["user"]

        gate.set()
        await read_until(events, "finish")
        assert [message["role"] for message in await page.history()] == ["user", "assistant"], "stored before it ends"
        assert await page.resume() is None


async def test_a_stop_keeps_what_was_written_and_closes_every_reader(serve: Serve):
    page = await serve(Turn(Say("Low water, "), Wait(asyncio.Event())))
    async with page.streaming("Begin.") as events:
        await read_until(events, "text-delta")
        assert await page.stop() == 204
        *_, last = [event async for event in events]

    assert last == {"type": "abort"}
    stopped = (await page.history())[1]
    assert stopped["metadata"]["state"] == "stopped"
    assert stopped["parts"][1] == {"type": "text", "text": "Low water, ", "state": "done"}
    assert await page.resume() is None


async def test_a_stop_is_harmless_when_nothing_is_being_written(serve: Serve):
    page = await serve(Say("Low water."))

    assert await page.stop() == 204
    await page.send("Begin.")
    assert await page.stop() == 204
    assert (await page.history())[1]["metadata"]["state"] == "finished"


async def test_a_stop_meant_for_an_earlier_run_does_not_hit_the_next(serve: Serve):
    gate = asyncio.Event()
    page = await serve(Say("Low water."), Turn(Say("High "), Wait(gate), Say("water.")))
    earlier = (await page.send("Begin."))["metadata"]["runId"]
    message = {"id": "m2", "role": "user", "parts": [{"type": "text", "text": "Go on."}]}
    async with (
        page.client() as client,
        client.stream("POST", page.api, json={"id": page.chat_id, "message": message}) as response,
    ):
        events = events_of(response)
        await read_until(events, "text-delta")
        assert await page.stop(runId=earlier) == 204
        gate.set()
        await read_until(events, "finish")


async def test_after_a_stop_the_chat_goes_on(serve: Serve):
    page = await serve(Turn(text="I add her.", calls=[Call("create_entity", DRAFT)]), Say("High water."))
    await page.send("Add Tove.")
    await page.stop()

    answer = await page.send("Never mind.")

    assert answer["parts"][-1]["text"] == "High water."
    call = [part for part in (await page.history())[1]["parts"] if part["type"] == "tool-create_entity"]
    assert call[0]["state"] == "output-error"
    assert "approval" not in call[0]


async def test_a_silent_model_is_bridged_by_comments(serve: Serve):
    gate = asyncio.Event()
    page = await serve(Turn(Say("Low "), Wait(gate), Say("water.")), keep_alive_seconds=0.01)
    content = {"id": "c", "message": {"id": "m", "role": "user", "parts": [{"type": "text", "text": "Begin."}]}}
    comments = 0
    async with page.client() as client, client.stream("POST", page.api, json=content) as response:
        async for line in response.aiter_lines():
            comments += line == ": keep-alive"
            if comments == 3:
                gate.set()

    assert comments >= 3


async def test_one_owner_cannot_hold_streams_without_end(serve: Serve):
    gate = asyncio.Event()
    page = await serve(Turn(Say("Low "), Wait(gate), Say("water.")), max_streams_per_owner=1)
    async with page.streaming("Begin.") as events:
        await read_until(events, "text-delta")
        async with page.client() as client:
            refused = await client.get(f"{page.api}/{page.chat_id}/stream")
        gate.set()
        await read_until(events, "finish")

    assert refused.status_code == 429
    assert "1 answers are open" in refused.text


async def test_of_many_that_ask_at_once_as_many_are_let_in_as_may_be(serve: Serve):
    gate = asyncio.Event()
    page = await serve(*[Turn(Say("Low "), Wait(gate), Say("water."))] * 4, max_streams_per_owner=4)
    statuses: list[int] = []

    async def ask(number: int) -> None:
        parts = [{"type": "text", "text": "Begin."}]
        content = {"id": f"chat-{number}", "message": {"id": "m", "role": "user", "parts": parts}}
        async with page.client() as client, client.stream("POST", page.api, json=content) as response:
            statuses.append(response.status_code)
            if len(statuses) == 12:
                gate.set()
            await response.aread()

    async with asyncio.timeout(TIMEOUT_SECONDS):
        await asyncio.gather(*(ask(number) for number in range(12)))

    assert sorted(statuses) == [200] * 4 + [429] * 8
    async with page.client() as client:
        chats = [(await client.get(f"{page.api}/chat-{n}/messages")).json()["messages"] for n in range(12)]
    assert sum(bool(chat) for chat in chats) == 4  # a refused one stores nothing


async def test_a_page_that_leaves_makes_room_at_once(serve: Serve):
    gate = asyncio.Event()
    page = await serve(Turn(Say("Low "), Wait(gate), Say("water.")), max_streams_per_owner=1, keep_alive_seconds=600)
    async with page.streaming("Begin.") as events:
        await read_until(events, "text-delta")
    async with asyncio.timeout(TIMEOUT_SECONDS), page.client() as client:
        while True:  # the server hears of it a moment later
            async with client.stream("GET", f"{page.api}/{page.chat_id}/stream") as response:
                if response.status_code == 200:
                    gate.set()
                    assert (await read_until(events_of(response), "finish"))[-1]["type"] == "finish"
                    return


async def test_a_closing_server_breaks_the_connection_and_does_not_end_it(serve: Serve):
    page = await serve(Turn(Say("Low "), Wait(asyncio.Event())))
    raised: list[Exception] = []

    async def read() -> None:
        try:
            async with page.streaming("Begin.") as events:
                async for event in events:
                    if event["type"] == "text-delta":
                        begun.set()
        except httpx.RemoteProtocolError as error:
            raised.append(error)

    begun = asyncio.Event()
    reading = asyncio.create_task(read())
    await begun.wait()
    assert page.cut is not None
    page.cut()
    await reading

    assert raised, "a clean end would show half an answer as whole"
