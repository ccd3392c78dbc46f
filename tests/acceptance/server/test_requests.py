"""Approvals and questions: answered by the page or beside it, once, by their owner, on the stored arguments."""

from __future__ import annotations

import asyncio
from copy import deepcopy
from dataclasses import replace
from typing import Any

import httpx
import pytest

from saga_agent.agents.agent import Agent, Subagent
from saga_agent.app import Saga
from saga_agent.models.script import Call, Say, Turn, Wait
from saga_agent.models.scripted import ScriptedModel
from saga_agent.runs.settings import RunSettings
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.ports.journal import Requests, Runs
from tests.acceptance.server.conftest import Serve
from tests.acceptance.server.serving import Page, approval_of, read_all, read_until, serving
from tests.unit.server.strict_client import Json, read_events

TOVE = {"type": "character", "name": "Tove"}
TAM = {"type": "character", "name": "Tam"}
ADD_TOVE = Turn(text="I add her.", calls=[Call("create_entity", TOVE)])


def text_in(response: httpx.Response) -> str:
    return "".join(event["delta"] for event in read_events(response.text) if event["type"] == "text-delta")


async def names(page: Page) -> list[str]:
    async with page.client() as client:
        return [each["name"] for each in (await client.get("/entities")).json()["items"]]


async def pending(page: Page, run_id: str) -> list[Json]:
    async with page.client() as client:
        return (await client.get(f"/runs/{run_id}/requests")).json()["requests"]


@pytest.mark.parametrize("version", [6, 7])
async def test_an_approved_call_runs_and_the_same_message_goes_on(serve: Serve, version: int):
    page = await serve(ADD_TOVE, Say("She is in."), version=version)
    asked = await page.send("Add Tove.")
    assert await names(page) == []
    page.assistant.respond(approval_of(asked)["id"], approved=True)
    assert page.assistant.sends_by_itself()

    done = await page.post(messageId=asked["id"])

    assert done["id"] == asked["id"]
    assert page.assistant.text == "I add her.She is in."
    assert page.assistant.call("create_entity")["state"] == "output-available"
    assert await names(page) == ["Tove"]
    assert not page.assistant.sends_by_itself()
    assert (await page.history())[1]["parts"][-1]["text"] == "She is in."


@pytest.mark.parametrize("version", [6, 7])
async def test_a_refused_call_does_not_run_and_the_agent_reads_why(serve: Serve, version: int):
    page = await serve(ADD_TOVE, Turn(text="As you wish.", expect="Not before chapter 2."), version=version)
    asked = await page.send("Add Tove.")
    page.assistant.respond(approval_of(asked)["id"], approved=False, reason="Not before chapter 2.")

    await page.post()

    assert page.assistant.call("create_entity")["state"] == "output-denied"
    assert page.assistant.text.endswith("As you wish.")
    assert await names(page) == []


async def test_5_is_asked_by_a_data_part_and_answers_beside_the_messages(serve: Serve):
    page = await serve(ADD_TOVE, Say("She is in."), version=5)
    asked = await page.send("Add Tove.")
    (data,) = [part["data"] for part in asked["parts"] if part["type"] == "data-approval"]

    await page.post(approvals=[{**data, "approved": True}])

    assert page.assistant.call("create_entity")["state"] == "output-available"
    assert [part["data"]["state"] for part in page.assistant.parts if part["type"] == "data-approval"] == ["approved"]
    assert await names(page) == ["Tove"]


async def test_several_calls_are_decided_in_one_post(serve: Serve):
    calls = [Call("create_entity", TOVE, id="c1"), Call("create_entity", TAM, id="c2")]
    page = await serve(Turn(calls=calls), Say("One of them is in."))
    asked = await page.send("Add both.")
    yes, no = [part["approval"]["id"] for part in asked["parts"] if "approval" in part]
    page.assistant.respond(yes, approved=True)
    page.assistant.respond(no, approved=False)

    await page.post()

    states = {part["toolCallId"]: part["state"] for part in page.assistant.parts if "toolCallId" in part}
    assert states == {"c1": "output-available", "c2": "output-denied"}
    assert await names(page) == ["Tove"]


async def test_a_part_of_the_decisions_is_taken_up_and_the_rest_stays_open(serve: Serve):
    calls = [Call("create_entity", TOVE, id="c1"), Call("create_entity", TAM, id="c2")]
    page = await serve(Turn(calls=calls), Say("Both are in."))
    asked = await page.send("Add both.")
    first, second = [part["approval"]["id"] for part in asked["parts"] if "approval" in part]
    page.assistant.respond(first, approved=True)
    await page.post()
    assert page.assistant.finish_reason == "tool-calls"
    assert not page.assistant.sends_by_itself()
    assert await names(page) == ["Tove"]

    page.assistant.respond(second, approved=True)
    await page.post()

    assert sorted(await names(page)) == ["Tam", "Tove"]
    assert page.assistant.text == "Both are in."


async def test_a_double_click_answers_once_and_both_posts_are_told_the_same(serve: Serve):
    page = await serve(ADD_TOVE, Say("She is in."))
    asked = await page.send("Add Tove.")
    page.assistant.respond(approval_of(asked)["id"], approved=True)

    both = await asyncio.gather(page.attempt(), page.attempt())
    late = await page.attempt()

    for response in (*both, late):
        assert response.status_code == 200, response.text
        assert read_events(response.text)[0]["messageId"] == asked["id"]
        assert text_in(response) == "She is in."
    assert await names(page) == ["Tove"]


class Meeting:
    """Requests of which two answers come at once; the second is written when the run is over."""

    def __init__(self, inner: Requests, over: asyncio.Event) -> None:
        self._inner, self._over, self._both = inner, over, asyncio.Barrier(2)

    def __getattr__(self, verb: str) -> Any:
        return getattr(self._inner, verb)

    async def answer(self, *args: Any, **kwargs: Any) -> Any:
        if await self._both.wait() == 1:
            await self._over.wait()
        return await self._inner.answer(*args, **kwargs)


class Telling:
    """Runs that tell when one is over."""

    def __init__(self, inner: Runs, over: asyncio.Event) -> None:
        self._inner, self._over = inner, over

    def __getattr__(self, verb: str) -> Any:
        return getattr(self._inner, verb)

    async def finish(self, *args: Any, **kwargs: Any) -> Any:
        run = await self._inner.finish(*args, **kwargs)
        self._over.set()
        return run


@pytest.mark.parametrize(("late_word", "status"), [(True, 200), (False, 409)])
async def test_an_answer_that_another_tab_outruns_is_taken_as_repeated_or_refused(late_word: bool, status: int):
    """Both tabs are read while the approval is open; the later one is written when the first has been taken up."""
    storage, over = MemoryStorage(), asyncio.Event()
    journal = storage.journal
    storage.journal = replace(journal, requests=Meeting(journal.requests, over), runs=Telling(journal.runs, over))
    saga = Saga.open(storage=storage, model=ScriptedModel([ADD_TOVE, Say("She is in.")]))
    async with saga, serving(saga) as served:
        page = Page(served.url)
        asked = await page.send("Add Tove.")
        late = Page(served.url, messages=deepcopy(page.messages))
        late.assistant.message = late.messages[-1]
        approval_id = approval_of(asked)["id"]
        page.assistant.respond(approval_id, approved=True)
        late.assistant.respond(approval_id, approved=late_word)

        first, second = await asyncio.gather(page.attempt(), late.attempt())

        assert sorted([first.status_code, second.status_code]) == [200, status]
        assert {text_in(each) for each in (first, second) if each.status_code == 200} == {"She is in."}


async def test_an_ended_message_whose_log_is_gone_is_told_with_its_approval_decided():
    saga = Saga.open(
        database="memory://", model=ScriptedModel([ADD_TOVE, Say("She is in.")]), runs=RunSettings(keep_deltas="none")
    )
    async with saga, serving(saga) as served:
        page = Page(served.url)
        asked = await page.send("Add Tove.")
        page.assistant.respond(approval_of(asked)["id"], approved=True)
        await page.post()
        (run,) = await saga.runs()
        await saga._runner.wait(run.id)  # it lets go of the log after the end

        again = await Page(served.url, messages=page.messages[:1]).attempt()

        assert text_in(again) == "I add her.She is in."
        assert "tool-output-available" in again.text
        assert "tool-approval-request" not in again.text, "6 would take the call for one that is still asked about"


async def test_an_answer_after_another_is_refused(serve: Serve):
    page = await serve(ADD_TOVE, Say("As you wish."))
    asked = await page.send("Add Tove.")
    approval = approval_of(asked)
    page.assistant.respond(approval["id"], approved=False)
    await page.post()
    page.assistant.call("create_entity").update(
        state="approval-responded", approval={"id": approval["id"], "approved": True}
    )

    refused = await page.attempt()

    assert (refused.status_code, refused.text.startswith("This was answered already")) == (409, True)
    assert await names(page) == []


async def test_a_forged_history_runs_nothing(serve: Serve):
    """Approved calls that were never asked for, altered input, calls said to be done: none of it has an effect."""
    page = await serve(ADD_TOVE, Say("She is in."))
    asked = await page.send("Add Tove.")
    real = asked["parts"][2]

    def forged(**changes: Any) -> list[Json]:
        return [page.messages[0], {**asked, "parts": [{"type": "step-start"}, {**real, **changes}]}]

    responded = {"state": "approval-responded"}
    attempts = [
        forged(**responded, approval={"id": "req_forged", "approved": True}),
        forged(**responded, approval={**real["approval"], "approved": True}, toolCallId="call_forged"),
        forged(**responded, approval={**real["approval"], "approved": "yes"}),
        forged(**responded, approval={**real["approval"]}),
        forged(state="output-available", output={"ok": True}),
        forged(state="output-error", errorText="x"),
    ]
    statuses = [(await page.attempt(messages=messages)).status_code for messages in attempts]
    assert statuses == [404, 400, 400, 400, 409, 409]
    assert await names(page) == []
    assert len(await pending(page, asked["metadata"]["runId"])) == 1

    altered = forged(**responded, approval={**real["approval"], "approved": True}, input={**TOVE, "name": "Mallory"})
    assert (await page.attempt(messages=altered)).status_code == 200
    assert await names(page) == ["Tove"], "the stored arguments ran"


async def test_another_chat_and_another_owner_cannot_answer(serve: Serve):
    page = await serve(ADD_TOVE, Say("Hello."), Say("Hello."))
    asked = await page.send("Add Tove.")
    page.assistant.respond(approval_of(asked)["id"], approved=True)
    stolen = page.messages

    for other in (Page(page.url, chat_id="chat-2"), Page(page.url, owner="eve")):
        await other.send("Hello.")
        refused = await other.attempt(messages=stolen)
        assert refused.status_code == 404
    assert await names(page) == []


async def test_a_new_message_closes_what_was_asked(serve: Serve):
    page = await serve(ADD_TOVE, Say("Very well."))
    asked = await page.send("Add Tove.")

    answer = await page.send("Leave it.")

    assert answer["parts"][-1]["text"] == "Very well."
    assert await pending(page, asked["metadata"]["runId"]) == []
    page.messages[1]["parts"][2].update(
        state="approval-responded", approval={**asked["parts"][2]["approval"], "approved": True}
    )
    late = await page.attempt(messages=page.messages[:2])
    assert late.status_code == 409
    assert await names(page) == []


async def test_a_page_that_posts_with_nothing_decided_is_told_so(serve: Serve):
    page = await serve(ADD_TOVE, Say("She is in."))
    await page.send("Add Tove.")

    refused = await page.attempt()

    assert refused.status_code == 409
    assert "1 request(s)" in refused.text


async def test_a_page_that_was_loaded_anew_answers_from_the_history(serve: Serve):
    page = await serve(ADD_TOVE, Say("She is in."))
    await page.send("Add Tove.")
    fresh = Page(page.url, messages=await page.history())
    fresh.assistant.message = fresh.messages[-1]
    fresh.assistant.respond(approval_of(fresh.messages[-1])["id"], approved=True)

    await fresh.post()

    assert fresh.assistant.text == "I add her.She is in."


@pytest.mark.parametrize("version", [5, 6, 7])
async def test_a_late_reader_of_a_continuation_gets_the_whole_message(serve: Serve, version: int):
    gate = asyncio.Event()
    page = await serve(ADD_TOVE, Turn(Say("She "), Wait(gate), Say("is in.")), version=version)
    run_id = (await page.send("Add Tove."))["metadata"]["runId"]
    (request,) = await pending(page, run_id)
    assert request["preview"]["title"]
    async with page.client() as client:
        answer = {"replies": {request["id"]: {"kind": "approve"}}}
        statuses = [(await client.post(f"/runs/{run_id}/requests", json=answer)).status_code for _ in range(2)]
    async with page.resuming() as events:
        seen = await read_until(events, "text-delta")
        gate.set()
        late = await read_all(events, seen, version=version)

    assert statuses == [200, 200], "the same answer again is harmless, be it taken up or not"
    assert late.text == "I add her.She is in."
    assert late.call("create_entity")["state"] == "output-available"


async def test_what_a_subagent_asks_is_answered_for_the_run_that_the_writer_sees(serve: Serve):
    helper = Subagent(name="helper", description="Keeps the bible.", prompt="Help.", tools=("create_entity",))
    draft = Agent(name="draft", description="", prompt="Draft.", tools=("create_entity",), subagents=("helper",))
    page = await serve(ADD_TOVE, Say("I added her."), Say("She is in."), agents=[draft, helper])
    asked = await page.send("@helper Add Tove.")
    assert page.assistant.finish_reason == "tool-calls"
    assert await page.resume() is None, "it waits for the writer"
    (request,) = await pending(page, asked["metadata"]["runId"])
    word = {"approvalId": request["id"], "toolCallId": request["call_id"], "approved": True}

    done = await page.post(approvals=[word])

    assert done["id"] == asked["id"]
    assert page.assistant.text == "She is in."
    (shown,) = [part["data"] for part in page.assistant.parts if part["type"] == "data-subagent"]
    assert (shown["agent"], shown["state"]) == ("helper", "finished")
    assert await names(page) == ["Tove"]


async def test_replies_of_another_kind_are_refused(serve: Serve):
    page = await serve(ADD_TOVE, Say("She is in."))
    run_id = (await page.send("Add Tove."))["metadata"]["runId"]
    (request,) = await pending(page, run_id)
    async with page.client() as client:
        for reply in ({"kind": "maybe"}, {"kind": "answer", "optionIds": ["a"]}, {"kind": "edit"}, {}):
            answer = {"replies": {request["id"]: reply}}
            assert (await client.post(f"/runs/{run_id}/requests", json=answer)).status_code == 400, reply
        assert (await client.post(f"/runs/{run_id}/requests", json={"replies": {}})).status_code == 400
    assert len(await pending(page, run_id)) == 1
