"""Whole turns through the library, with a scripted model."""

import asyncio

import pytest

from saga_agent.app import Saga
from saga_agent.domain.requests import Answer, Approval, Approve, Deny, Dismiss, Question, StopRun
from saga_agent.errors import (
    InvalidInput,
    ModelCutOff,
    ModelUnavailable,
    NotFound,
    PolicyError,
    RequestClosed,
    RunBusy,
    RunFailed,
    RunPaused,
)
from saga_agent.models.scripted import Call, Fail, Say, ScriptedModel, Turn, Wait
from tests.unit.runs.opening import Open, script_of

CREATE = Call("create_entity", {"type": "character", "name": "Tam"}, id="create")
ASK = Call("ask_question", {"question": "Whose view?"}, id="ask")


async def test_an_answer_streams_and_becomes_the_message(open_saga: Open) -> None:
    saga, thread = await open_saga(Say("The ferry waits."))

    run = await saga.send(thread.id, "Where is the ferry?")
    kinds = [chunk.type async for chunk in run.chunks()]
    message = await run.result()

    assert kinds[0] == "start"
    assert kinds[-2:] == ["finish-step", "finish"]
    assert message.text == "The ferry waits."
    assert message.id == run.message_id
    assert [(m.role, m.order, m.step_order) for m in await saga.threads.messages(thread.id)] == [
        ("user", 1, 0),
        ("assistant", 1, 1),
    ]
    (usage,) = await run.usage()
    assert (usage.step, usage.estimated) == (0, False)


async def test_the_log_rebuilds_to_the_message(open_saga: Open) -> None:
    """The message equals the log."""
    saga, thread = await open_saga(Turn(text="Look: ", calls=[Call("list_documents", {})]), Say("one document."))

    run = await saga.send(thread.id, "What is there?")
    message = await run.result()
    log = "".join([e.chunk.delta async for e in saga.follow(run.stream_id) if e.chunk.type == "text-delta"])  # pyright: ignore

    assert log == message.text == "Look: one document."


async def test_the_next_turn_sees_the_thread_with_calls_beside_their_results(open_saga: Open) -> None:
    saga, thread = await open_saga(Turn(calls=[Call("list_documents", {}, id="c1")]), Say("One."), Say("Still one."))
    await (await saga.send(thread.id, "How many documents?")).result()

    await (await saga.send(thread.id, "And now?")).result()

    model = script_of(saga)
    kinds = [message.type for message in model.prompts[-1].messages]
    assert kinds == ["system", "human", "ai", "tool", "ai", "human"]


async def test_a_turn_pauses_for_what_it_asks_and_goes_on_with_the_same_message(open_saga: Open) -> None:
    saga, thread = await open_saga(Turn(text="Wait. ", calls=[CREATE, ASK]), Say("Tam is in."))
    run = await saga.send(thread.id, "Add Tam")

    with pytest.raises(RunPaused) as paused:
        await run.result()
    approval, question = sorted(paused.value.requests, key=lambda request: request.kind)
    assert isinstance(approval, Approval)
    assert isinstance(question, Question)
    assert approval.preview["title"] == "Add character 'Tam' to the story bible"
    assert (await saga.threads.messages(thread.id))[-1].state == "waiting"

    await saga.answer(run.id, {approval.id: Approve(), question.id: Answer(text="Mara's")})
    message = await run.result()

    assert message.id == run.message_id
    assert message.text == "Wait. Tam is in."
    assert [part["state"] for part in message.parts if "toolCallId" in part] == ["output-available"] * 2
    names = [entity.name async for entity in saga.story.entities.all(thread.project_id)]
    assert names == ["Tam"]


async def test_requests_are_answered_in_any_order_and_one_at_a_time(open_saga: Open) -> None:
    saga, thread = await open_saga(Turn(calls=[CREATE, ASK]), Say("Done."))
    run = await saga.send(thread.id, "Add Tam")
    [chunk async for chunk in run.chunks()]
    question = next(request for request in await run.requests() if isinstance(request, Question))

    await saga.answer(run.id, {question.id: Dismiss()})
    shown = [chunk.type async for chunk in run.chunks()]
    assert shown == ["tool-output-available"]
    (approval,) = await run.requests()
    await saga.answer(run.id, {approval.id: Deny(feedback="not yet")})
    message = await run.result()

    outputs = {part["type"]: part["state"] for part in message.parts if "toolCallId" in part}
    assert outputs == {"tool-create_entity": "output-denied", "tool-ask_question": "output-available"}
    assert [entity async for entity in saga.story.entities.all(thread.project_id)] == []


async def test_a_second_or_foreign_answer_is_refused(open_saga: Open) -> None:
    saga, thread = await open_saga(Turn(calls=[CREATE]), Say("Done."), Turn(calls=[CREATE]))
    run = await saga.send(thread.id, "Add Tam")
    [chunk async for chunk in run.chunks()]
    (approval,) = await run.requests()
    await saga.answer(run.id, {approval.id: Deny()})
    await run.result()

    with pytest.raises(RequestClosed):
        await saga.answer(run.id, {approval.id: Approve()})
    other = await saga.send(thread.id, "Again")
    with pytest.raises(NotFound):
        await saga.answer(other.id, {approval.id: Approve()})
    with pytest.raises(NotFound):
        await saga.acting_as("somebody else").answer(run.id, {approval.id: Approve()})


async def test_stopping_at_a_request_ends_the_run(open_saga: Open) -> None:
    saga, thread = await open_saga(Turn(calls=[CREATE]))
    run = await saga.send(thread.id, "Add Tam")
    [chunk async for chunk in run.chunks()]
    (approval,) = await run.requests()

    await saga.answer(run.id, {approval.id: StopRun()})

    with pytest.raises(RunFailed, match="stopped"):
        await run.result()


async def test_a_new_message_supersedes_a_waiting_run(open_saga: Open) -> None:
    saga, thread = await open_saga(Turn(calls=[CREATE]), Say("Something else."))
    first = await saga.send(thread.id, "Add Tam")
    [chunk async for chunk in first.chunks()]
    (approval,) = await first.requests()

    second = await saga.send(thread.id, "Never mind")
    await second.result()

    assert (await first.state()).state == "stopped"
    with pytest.raises(RequestClosed, match="superseded"):
        await saga.answer(first.id, {approval.id: Approve()})


async def test_a_busy_thread_takes_no_second_run_and_a_stop_keeps_the_partial_text(open_saga: Open) -> None:
    """Scenario 11: buffered parts are kept, usage is recorded."""
    never = asyncio.Event()
    saga, thread = await open_saga(Turn(Say("Half an answer"), Wait(never)))
    run = await saga.send(thread.id, "Tell me")
    async for chunk in run.chunks():
        if chunk.type == "text-delta":
            break

    with pytest.raises(RunBusy):
        await saga.send(thread.id, "Hurry")
    await saga.stop(run.id)
    await saga.stop(run.id)

    with pytest.raises(RunFailed) as failed:
        await run.result()
    assert failed.value.state == "stopped"
    assert failed.value.partial
    assert "Half an answer".startswith(failed.value.partial)
    (usage,) = await run.usage()
    assert usage.estimated


async def test_a_model_that_breaks_off_leaves_its_partial_text_and_a_typed_reason(open_saga: Open) -> None:
    """Scenario 13: partial text kept, state failed, the error's own words stored."""
    saga, thread = await open_saga(Turn(Say("Half an answer"), Fail(ModelCutOff("the line went dead"))), Say("Fine."))
    run = await saga.send(thread.id, "Tell me")
    kinds = [chunk.type async for chunk in run.chunks()]

    with pytest.raises(RunFailed, match="the line went dead") as failed:
        await run.result()
    assert failed.value.partial == "Half an answer"
    assert kinds[-1] == "error"
    assert (await (await saga.send(thread.id, "Again")).result()).text == "Fine."


async def test_a_model_that_cannot_be_reached_fails_the_run_with_one_sentence(open_saga: Open) -> None:
    saga, thread = await open_saga(Fail(ModelUnavailable("The model is down.")))
    run = await saga.send(thread.id, "Tell me")

    with pytest.raises(RunFailed, match=r"The model is down\."):
        await run.result()


async def test_the_last_step_is_offered_no_tools(open_saga: Open) -> None:
    from dataclasses import replace

    from saga_agent.agents.agent import build_agents

    agents = [replace(agent, max_steps=2) for agent in build_agents()]
    saga, thread = await open_saga(Turn(calls=[Call("list_documents", {})]), Say("Enough."), agents=agents)

    await (await saga.send(thread.id, "Look around")).result()

    model = script_of(saga)
    assert [bool(prompt.tools) for prompt in model.prompts] == [True, False]


async def test_revise_is_offered_no_tool_that_writes_and_cannot_call_one(open_saga: Open) -> None:
    saga, thread = await open_saga(Turn(calls=[CREATE]), Say("I cannot."))

    message = await (await saga.send(thread.id, "Add Tam", agent="revise")).result()

    (call,) = [part for part in message.parts if "toolCallId" in part]
    assert call["state"] == "output-error"
    assert "no tool 'create_entity'" in str(call["errorText"])
    assert [entity async for entity in saga.story.entities.all(thread.project_id)] == []


@pytest.mark.parametrize(
    ("text", "options", "error"),
    [("  ", {}, InvalidInput), ("x" * 200_001, {}, InvalidInput), ("hello", {"agent": "darft"}, PolicyError)],
)
async def test_what_cannot_be_sent_leaves_no_trace(
    open_saga: Open, text: str, options: dict[str, str], error: type[Exception]
) -> None:
    saga, thread = await open_saga()

    with pytest.raises(error):
        await saga.send(thread.id, text, **options)  # pyright: ignore[reportArgumentType]

    assert await saga.threads.messages(thread.id) == []


async def test_owners_do_not_see_each_other(open_saga: Open) -> None:
    """Scenario 24: reading and stopping through another owner is NotFound."""
    saga, thread = await open_saga(Say("Mine."))
    run = await saga.send(thread.id, "Hello")
    await run.result()
    other = saga.acting_as("somebody else")

    for attempt in (
        other.threads.get(thread.id),
        other.threads.messages(thread.id),
        other.run(run.id),
        other.stop(run.id),
        other.send(thread.id, "hi"),
        other.story.projects.get(thread.project_id),
        other.story.documents.list(thread.project_id),
        other.threads.create(project_id=thread.project_id),
    ):
        with pytest.raises(NotFound):
            await attempt
    with pytest.raises(NotFound):
        await anext(other.follow(run.stream_id))


def test_plain_code_uses_the_sync_door() -> None:
    with Saga.open(database="memory://", model=ScriptedModel([Say("Hello.")])) as saga:
        project = saga.run_sync(saga.story.projects.create(name="Sync"))
        thread = saga.run_sync(saga.threads.create(project_id=project.id))
        run = saga.run_sync(saga.send(thread.id, "Hi"))
        kinds = [chunk.type for chunk in saga.run_sync.iterate(run.chunks())]

        assert saga.run_sync(run.result()).text == "Hello."
        assert kinds[-1] == "finish"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"database": "mysql://x"}, "no database we know"),
        ({"database": "memory://", "retrieval": "magic"}, "retrieval='magic'"),
        ({"database": "memory://", "model": "nonsense"}, "nonsense"),
    ],
)
def test_settings_that_cannot_be_used_are_named(options: dict[str, str], error: str) -> None:
    with pytest.raises(InvalidInput, match=error):
        Saga.open(**options)  # pyright: ignore[reportArgumentType]
