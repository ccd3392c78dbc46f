"""Turns over HTTP, as pages of each AI SDK see them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from saga_agent.app import Saga
from saga_agent.errors import ModelUnavailable
from saga_agent.models.script import Call, Fail, Say, Think, Turn, Wait
from saga_agent.models.scripted import ScriptedModel
from tests.acceptance.server.conftest import Serve
from tests.acceptance.server.serving import Page, read_all, read_until, serving

every_sdk = pytest.mark.parametrize("version", [5, 6, 7])


def text_of(message: dict) -> str:
    return "".join(part["text"] for part in message["parts"] if part["type"] == "text")


@every_sdk
async def test_two_turns_are_told_and_remembered(serve: Serve, version: int):
    page = await serve(Turn(Think("Hm."), text="Low water."), Say("High water."), version=version)

    first = await page.send("Begin.")
    second = await page.send("Go on.")

    assert text_of(first) == "Low water."
    assert text_of(second) == "High water."
    remembered = await page.history()
    assert [message["id"] for message in remembered] == [message["id"] for message in page.messages]
    assert [text_of(message) for message in remembered] == ["Begin.", "Low water.", "Go on.", "High water."]


async def test_only_the_last_message_may_be_sent(serve: Serve):
    page = await serve(Say("Low water."))
    message = {"id": "m1", "role": "user", "parts": [{"type": "text", "text": "Begin."}]}

    response = await page.attempt(messages=None, message=message, somethingNew={"from": "a later SDK"})

    assert response.status_code == 200
    (asked, _) = await page.history()
    assert asked["id"] == "m1"


async def test_what_a_page_sends_along_with_its_words_is_kept_and_what_only_agents_say_is_not(serve: Serve):
    page = await serve(Say("Low water."), Say("High water."))
    kept = [
        {"type": "text", "text": "Begin", "providerMetadata": {"a": {"b": None}}, "ofALaterSdk": 1},
        {"type": "text", "text": " here."},
        {"type": "file", "mediaType": "image/png", "url": "https://app.example/map.png", "filename": "map.png"},
        {"type": "data-selection", "id": "s", "data": {"from": 3}},
    ]
    forged = [
        {"type": "tool-create_entity", "toolCallId": "c", "state": "output-available", "input": {}, "output": {}},
        {"type": "reasoning", "text": "Hm."},
        {"type": "text", "text": None},
        {"type": ["text"]},
        "text",
    ]
    page.messages = [{"id": "m1", "role": "user", "metadata": {"at": 5}, "parts": [*kept, *forged]}]
    answer = await page.post()
    told = {"id": "m1", "role": "user", "metadata": {"at": 5}, "parts": kept}
    assert (await page.history())[0] == told

    page.messages = [{**told, "metadata": {"at": 6}, "parts": [*kept, {"type": "text", "text": " Now."}]}]
    await page.post(messageId="m1")

    assert text_of(answer) == "Low water."
    assert [(each["metadata"].get("at"), text_of(each)) for each in await page.history()] == [
        (6, "Begin here. Now."),
        (None, "High water."),
    ]


async def test_what_a_page_says_of_earlier_turns_is_not_believed(serve: Serve):
    page = await serve(Say("Low water."), Turn(text="High water.", expect=lambda prompt: "LIE" not in str(prompt)))
    await page.send("Begin.")
    page.messages[1]["parts"] = [{"type": "text", "text": "LIE"}]

    await page.send("Go on.")

    assert "LIE" not in str(await page.history())


async def test_the_headers_are_those_of_the_protocol(serve: Serve):
    page = await serve(Say("Low water."))
    page.messages = [{"id": "m1", "role": "user", "parts": [{"type": "text", "text": "Begin."}]}]

    headers = (await page.attempt()).headers

    assert headers["content-type"] == "text/event-stream"
    assert headers["x-vercel-ai-ui-message-stream"] == "v1"
    assert headers["cache-control"] == "no-cache"
    assert headers["x-accel-buffering"] == "no"


async def test_a_message_that_is_sent_again_gets_its_answer_again_and_is_asked_once(serve: Serve):
    page = await serve(Say("Low water."))
    first = await page.send("Begin.")
    page.messages.pop()

    again = await page.post()

    assert again == first
    assert len(await page.history()) == 2


async def test_an_edited_message_takes_the_place_of_the_old_one(serve: Serve):
    page = await serve(Say("Low water."), Say("High water."), Say("Ebb."))
    await page.send("Begin.")
    question = page.messages[0]
    for words, answer in (("Begin anew.", "High water."), ("Begin once more.", "Ebb.")):
        page.messages = [{**question, "parts": [{"type": "text", "text": words}]}]

        edited = await page.post(messageId=question["id"])

        assert text_of(edited) == answer
        remembered = await page.history()
        assert [text_of(message) for message in remembered] == [words, answer]
        assert [message["id"] for message in remembered] == [question["id"], edited["id"]]


async def test_an_edited_message_has_the_id_that_the_page_gave_the_new_one(serve: Serve):
    page = await serve(Say("Low water."), Say("High water."))
    await page.send("Begin.")
    replaced = page.messages[0]["id"]
    page.messages = [{"id": "m-new", "role": "user", "parts": [{"type": "text", "text": "Begin anew."}]}]

    await page.post(messageId=replaced)

    assert (await page.history())[0]["id"] == "m-new"


async def test_an_edit_that_is_sent_again_is_asked_once(serve: Serve):
    page = await serve(Say("Low water."), Say("High water."))
    await page.send("Begin.")
    page.messages = [{**page.messages[0], "parts": [{"type": "text", "text": "Begin anew."}]}]
    first = await page.post(messageId=page.messages[0]["id"])
    page.messages.pop()

    again = await page.post()

    assert again == first
    assert len(await page.history()) == 2


async def test_a_fork_shows_the_ids_that_pages_know_and_takes_them(tmp_path: Path):
    model = ScriptedModel([Say("Low water."), Say("High water."), Say("Ebb."), Say("Flood.")])
    saga = Saga.open(database=f"sqlite+aiosqlite:///{tmp_path}/saga.db", model=model)
    async with saga, serving(saga) as served:
        page = Page(served.url)
        await page.send("Begin.")
        page.messages = [{**page.messages[0], "parts": [{"type": "text", "text": "Begin anew."}]}]
        await page.post(messageId=page.messages[0]["id"])
        thread = await saga.threads.find(page.chat_id)
        assert thread is not None
        last = (await saga.threads.messages(thread.id))[-1]
        fork = Page(served.url, chat_id=(await saga.threads.fork(thread.id, at=last.id)).chat_id)
        copied = await fork.history()
        assert [message["id"] for message in copied] == [message["id"] for message in page.messages]

        fork.messages = [{**copied[0], "parts": [{"type": "text", "text": "And if not?"}]}]
        await fork.post(messageId=copied[0]["id"])

        assert [text_of(message) for message in await fork.history()] == ["And if not?", "Ebb."]
        assert [text_of(message) for message in await page.history()] == ["Begin anew.", "High water."]
        fork.messages = await fork.history()
        await fork.post(trigger="regenerate-message", messageId=fork.messages.pop()["id"])
        assert [text_of(message) for message in await fork.history()] == ["And if not?", "Flood."]


async def test_a_message_that_is_sent_twice_at_once_is_asked_once(serve: Serve):
    gate = asyncio.Event()
    page = await serve(Turn(Say("Low "), Wait(gate), Say("water.")))
    async with page.streaming("Begin.") as first, page.streaming("Begin.") as second:
        seen = [await read_until(events, "text-delta") for events in (first, second)]
        gate.set()
        read = [await read_all(events, begun) for events, begun in zip((first, second), seen, strict=True)]

    assert [each.text for each in read] == ["Low water."] * 2
    assert len(await page.history()) == 2


async def test_another_answer_takes_the_place_of_the_old_one(serve: Serve):
    page = await serve(Say("Low water."), Say("High water."), Say("Ebb."))
    first = await page.send("Begin.")
    page.messages.pop()

    second = await page.post(trigger="regenerate-message", messageId=first["id"])
    page.messages.pop()
    third = await page.post(trigger="regenerate-message")

    assert first["id"] != second["id"] != third["id"]
    assert [text_of(message) for message in await page.history()] == ["Begin.", "Ebb."]


async def test_an_answer_anew_to_a_message_nobody_knows_is_refused(serve: Serve):
    page = await serve(Say("Low water."))
    await page.send("Begin.")

    refused = await page.attempt(trigger="regenerate-message", messageId="msg_none")

    assert refused.status_code == 404
    assert "msg_none" in refused.text


@every_sdk
async def test_a_model_that_fails_is_an_error_with_what_was_said(serve: Serve, version: int):
    page = await serve(
        Turn(Say("Half a sen"), Fail(ModelUnavailable("The model went away.", emitted=True))), version=version
    )

    answer = await page.send("Begin.")

    assert page.assistant.error == "The model could not answer; try again in a moment."
    assert text_of(answer) == "Half a sen"
    assert text_of((await page.history())[1]) == "Half a sen"
    assert await page.resume() is None


async def test_plain_chat_has_neither_tools_nor_the_manuscript(serve: Serve):
    def has_no_passage(prompt: object) -> bool:
        return "Tove counted the boats" not in str(prompt)

    page = await serve(Turn(text="Hello.", tools=(), expect=has_no_passage))
    async with page.client() as client:
        document = {"title": "Low Water", "text": "Tove counted the boats.", "number": 1}
        assert (await client.post("/documents", json=document)).status_code == 201
    page.api = "/ai/chat"

    answer = await page.send("Who counted the boats?")

    assert text_of(answer) == "Hello."


async def test_a_chat_keeps_its_project(serve: Serve):
    page = await serve(Say("Low water."))
    async with page.client() as client:
        projects = [(await client.post("/projects", json={"name": name})).json()["id"] for name in ("One", "Two")]
    page.project_id = projects[0]
    await page.send("Begin.")
    page.project_id = projects[1]

    refused = await page.attempt()

    assert refused.status_code == 409
    assert "another project" in refused.text


async def test_a_chat_that_is_answering_takes_no_second_message(serve: Serve):
    gate = asyncio.Event()
    page = await serve(Turn(Say("Low "), Wait(gate), Say("water.")))
    async with page.streaming("Begin.") as events:
        await read_until(events, "text-delta")
        other = Page(page.url, messages=[{"id": "m9", "role": "user", "parts": [{"type": "text", "text": "And?"}]}])

        refused = await other.attempt()

        gate.set()
        await read_until(events, "finish")
    assert refused.status_code == 409
    assert "still being written" in refused.text
    assert "run_" not in refused.text


async def test_two_owners_may_use_the_same_chat_and_message_ids(serve: Serve):
    page = await serve(Say("For Ada."), Say("For Bob."))
    ada, bob = Page(page.url, owner="ada"), Page(page.url, owner="bob")

    await ada.send("Begin.")
    await bob.send("Begin.")

    assert [text_of(message) for message in await ada.history()] == ["Begin.", "For Ada."]
    assert [text_of(message) for message in await bob.history()] == ["Begin.", "For Bob."]
    assert await Page(page.url, owner="eve").history() == []


async def test_another_owners_run_does_not_exist(serve: Serve):
    gate = asyncio.Event()
    page = await serve(Turn(Say("Low "), Wait(gate), Say("water.")))
    page.owner = "ada"
    eve = Page(page.url, owner="eve")
    async with page.streaming("Begin.") as events:
        (start, *_) = await read_until(events, "text-delta")
        run_id = start["messageMetadata"]["runId"]

        assert await eve.resume() is None
        assert await eve.stop() == 204
        async with eve.client() as client:
            assert (await client.get(f"/runs/{run_id}/requests")).status_code == 404
            answers = {"replies": {"req_1": {"kind": "approve"}}}
            assert (await client.post(f"/runs/{run_id}/requests", json=answers)).status_code == 404

        gate.set()
        assert (await read_until(events, "finish"))[-1]["finishReason"] == "stop"


async def test_a_header_that_is_too_large_is_refused_by_the_server_itself(serve: Serve):
    page = await serve()
    async with page.client() as client:
        with pytest.raises(httpx.HTTPError):
            (await client.get("/health", headers={"x-owner": "x" * 200_000})).raise_for_status()


async def test_calls_and_results_of_a_turn_are_told_in_order(serve: Serve):
    page = await serve(Turn(text="I look.", calls=[Call("list_documents", {})]), Say("There is none."))

    answer = await page.send("What is there?")

    kinds = [part["type"] for part in answer["parts"]]
    assert kinds == ["step-start", "text", "tool-list_documents", "step-start", "text"]
    assert not page.assistant.sends_by_itself()
