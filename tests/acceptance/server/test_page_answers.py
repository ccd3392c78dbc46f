"""Questions and tools of the page: answered once, and shown as the page answered, whatever the model reads of it."""

from __future__ import annotations

import asyncio
from copy import deepcopy
from typing import Any

import pytest

from saga_agent.models.script import Call, Say, Turn, Wait
from tests.acceptance.server.conftest import Serve
from tests.acceptance.server.serving import Page, approval_of, events_of, read_all, read_until
from tests.unit.server.strict_client import Json

TOVE = {"type": "character", "name": "Tove"}
QUESTION = {
    "question": "Which quay?",
    "options": [{"id": "old", "label": "The old one"}, {"id": "new", "label": "The new one"}],
}


@pytest.mark.parametrize("version", [5, 6, 7])
async def test_a_question_is_answered_by_a_tool_output(serve: Serve, version: int):
    page = await serve(
        Turn(calls=[Call("ask_question", QUESTION)]), Turn(text="The old one, then.", expect='"old"'), version=version
    )
    await page.send("Begin.")
    call = page.assistant.call("ask_question")
    assert (call["state"], call["input"]["question"]) == ("input-available", "Which quay?")
    page.assistant.add_output("ask_question", {"option_ids": ["old"], "note": "As before."})
    assert page.assistant.sends_by_itself()

    await page.post()

    assert page.assistant.text == "The old one, then."
    assert not page.assistant.sends_by_itself()


@pytest.mark.parametrize("version", [5, 6, 7])
@pytest.mark.parametrize(
    ("tool", "arguments", "output"),
    [
        ("ask_question", QUESTION, {"optionIds": ["old"], "seen": 3}),
        ("ask_question", QUESTION, "old"),
        ("open_panel", {"panel": "map"}, {"opened": True}),
        ("open_panel", {"panel": "map"}, None),
    ],
)
async def test_what_a_page_gave_is_not_told_back_to_it_and_shown_as_it_was_given(
    serve: Serve, version: int, tool: str, arguments: Json, output: Any
):
    gate = asyncio.Event()
    page = await serve(
        Turn(calls=[Call(tool, arguments)]), Turn(Say("The old "), Wait(gate), Say("one.")), version=version
    )
    await page.send("Begin.")
    page.assistant.add_output(tool, output)
    content = {"id": page.chat_id, "messages": page.messages}
    async with page.client() as client, client.stream("POST", page.api, json=content) as response:
        told = events_of(response)
        begun = await read_until(told, "text-delta")
        async with page.resuming() as events:
            seen = await read_until(events, "text-delta")
            gate.set()
            viewer = await read_all(events, seen, version=version)
        page.assistant.read([*begun, *[event async for event in told]])

    assert [event["type"] for event in begun][:2] == ["start", "start-step"]
    shown = [
        page.assistant.call(tool),
        viewer.call(tool),
        *[part for part in (await page.history())[1]["parts"] if part["type"] == f"tool-{tool}"],
    ]
    assert [(call["state"], call["output"]) for call in shown] == [("output-available", output)] * 3
    assert page.assistant.text == viewer.text == "The old one."
    assert not page.assistant.sends_by_itself()


async def test_a_page_that_did_not_answer_is_told_the_answer_of_the_one_that_did(serve: Serve):
    calls = [Call("ask_question", QUESTION, id="q"), Call("create_entity", TOVE, id="c")]
    page = await serve(Turn(calls=calls), Say("She is in."))
    asked = await page.send("Begin.")
    other = Page(page.url, messages=deepcopy(page.messages))
    other.assistant.message = other.messages[-1]
    page.assistant.add_output("ask_question", "old")
    await page.post()
    other.assistant.respond(approval_of(asked)["id"], approved=True)

    await other.post()

    assert other.assistant.call("ask_question")["output"] == "old"
    assert other.assistant.text == "She is in."


async def test_another_answer_to_a_question_is_refused_and_the_same_one_is_told_again(serve: Serve):
    page = await serve(Turn(calls=[Call("ask_question", QUESTION)]), Say("The old one, then."))
    await page.send("Begin.")
    same, different = (Page(page.url, messages=deepcopy(page.messages)) for _ in range(2))
    page.assistant.add_output("ask_question", "old")
    await page.post()
    for other, output in ((same, {"option_ids": ["old"]}), (different, "new")):
        other.assistant.message = other.messages[-1]
        other.assistant.add_output("ask_question", output)

    told = await same.post()
    refused = await different.attempt()

    assert told["parts"][-1]["text"] == "The old one, then."
    assert refused.status_code == 409


async def test_a_question_may_be_put_aside(serve: Serve):
    page = await serve(Turn(calls=[Call("ask_question", QUESTION)]), Turn(text="I choose.", expect="dismissed"))
    await page.send("Begin.")
    page.assistant.call("ask_question").update(state="output-error", errorText="closed")

    await page.post()

    assert page.assistant.text == "I choose."
    (call,) = [part for part in (await page.history())[1]["parts"] if part["type"] == "tool-ask_question"]
    assert (call["state"], call["errorText"]) == ("output-error", "closed")


async def test_an_answer_that_does_not_fit_is_refused_and_the_question_stays_open(serve: Serve):
    page = await serve(Turn(calls=[Call("ask_question", QUESTION)]), Say("The new one, then."))
    await page.send("Begin.")
    for output in ({"option_ids": ["oldest"]}, {}, {"option_ids": ["old", "new"]}):
        page.assistant.add_output("ask_question", output)
        refused = await page.attempt()
        assert refused.status_code == 400, refused.text

    page.assistant.add_output("ask_question", "new")
    await page.post()

    assert page.assistant.text == "The new one, then."
