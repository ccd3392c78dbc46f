"""What the model is shown: a manifest that anyone can read, and the prompt it loads to."""

from collections.abc import AsyncIterator

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from saga_agent.app import Saga
from saga_agent.context.builder import ContextBuilder
from saga_agent.context.history import to_prompt
from saga_agent.domain.journal import Message, Run, Thread
from saga_agent.errors import ModelUnavailable
from saga_agent.models.scripted import Fail, Say, ScriptedModel
from saga_agent.runs.settings import TurnSettings


@pytest.fixture
async def saga() -> AsyncIterator[Saga]:
    async with Saga.open(database="memory://", model=ScriptedModel([Say("word " * 50)] * 8)) as saga:
        yield saga


@pytest.fixture
async def thread(saga: Saga) -> Thread:
    project = await saga.story.projects.create(name="Crossing")
    await saga.story.documents.create(project.id, title="One", number=1, text="The ferry waits at the Kennels.")
    await saga.story.entities.create(project.id, type="character", name="Tam", aliases=[{"text": "Old Tam"}])
    await saga.story.entities.create(project.id, type="character", name="Hidden", ai_visibility="never")
    return await saga.threads.create(project_id=project.id)


async def turn(saga: Saga, thread: Thread, text: str) -> Run:
    run = await saga.send(thread.id, text)
    await run.result()
    return await run.state()


def builder(saga: Saga, **options: int) -> ContextBuilder:
    return ContextBuilder(saga.story, saga.storage.journal.threads, **options)


async def test_the_card_names_project_cast_and_documents_and_quotes_what_helps(saga: Saga, thread: Thread) -> None:
    run = await turn(saga, thread, "Where is the ferry?")

    manifest = await builder(saga).build(run)
    system = (await builder(saga).load(manifest, "Be kind."))[0].text

    assert system.startswith("Be kind.")
    assert "Known names: Tam (also Old Tam)" in system
    assert "Hidden" not in system
    assert "The ferry waits at the Kennels." in system
    (passage,) = manifest.passages
    assert (passage.start, passage.end) == (0, 31)


async def test_a_passage_of_an_older_revision_is_left_out(saga: Saga, thread: Thread) -> None:
    run = await turn(saga, thread, "Where is the ferry?")
    manifest = await builder(saga).build(run)
    await saga.story.documents.update(thread.project_id, manifest.passages[0].document_id, text="Sunk.")

    assert "ferry waits" not in (await builder(saga).load(manifest, ""))[0].text


async def test_history_keeps_to_its_budget_in_whole_turns(saga: Saga, thread: Thread) -> None:
    for number in range(5):
        run = await turn(saga, thread, f"Question {number}")

    all_of_it = await builder(saga).build(run)
    some = await builder(saga, history_budget_tokens=160).build(run)
    none = await builder(saga, history_budget_tokens=0).build(run)

    assert len(all_of_it.history) == 8
    assert 0 < len(some.history) < 8
    assert (await saga.storage.journal.threads.message(some.history[0].id)).role == "user"
    assert some.left_out == ("messages before turn 3",)
    assert none.history == ()


async def test_the_same_story_gives_the_same_prompt(saga: Saga, thread: Thread) -> None:
    run = await turn(saga, thread, "Where is the ferry?")

    prompts = [await builder(saga).load(await builder(saga).build(run), "x") for _ in range(2)]

    assert prompts[0] == prompts[1]


async def test_what_goes_out_of_sight_is_summarised_and_rolls_on() -> None:
    """The summary covers the turns a prompt no longer holds, and is brought up to date as more of them go."""
    script = [
        Say("word " * 60),
        Say("word " * 60),
        Say("Minutes: one."),
        Say("word " * 60),
        Say("Minutes: two."),
        Say("x"),
    ]
    model = ScriptedModel(script)
    async with Saga.open(
        database="memory://", model=model, turns=TurnSettings(history_budget_tokens=150, summarizes=True)
    ) as saga:
        project = await saga.story.projects.create(name="Crossing")
        thread = await saga.threads.create(project_id=project.id)
        for number in range(4):
            await turn(saga, thread, f"Question {number}")

        stored = await saga.threads.get(thread.id)
        assert (stored.summary, stored.summary_until) == ("Minutes: two.", 2)
        assert "Earlier in this talk: Minutes: two." in str(model.prompts[-1].messages[0].content)
        assert "Minutes: one." in str(model.prompts[4].messages[1].content)
        model.assert_complete()


async def test_a_summary_that_fails_does_not_fail_the_turn() -> None:
    script = [Say("word " * 200), Fail(ModelUnavailable("down")), Say("Still here.")]
    async with Saga.open(
        database="memory://", model=ScriptedModel(script), turns=TurnSettings(history_budget_tokens=50, summarizes=True)
    ) as saga:
        project = await saga.story.projects.create(name="Crossing")
        thread = await saga.threads.create(project_id=project.id)
        await turn(saga, thread, "One")

        assert (await (await saga.send(thread.id, "Two")).result()).text == "Still here."


def test_calls_stand_beside_their_results_in_history() -> None:
    message = Message(
        id="m",
        thread_id="t",
        role="assistant",
        created_at=0,
        parts=(
            {"type": "step-start"},
            {"type": "text", "text": "Let me look."},
            {"type": "tool-search_story", "toolCallId": "a", "state": "output-available", "input": {}, "output": {}},
            {"type": "tool-create_entity", "toolCallId": "b", "state": "output-denied", "input": {}},
            {"type": "step-start"},
            {"type": "text", "text": "Found."},
        ),
    )

    prompt = to_prompt([Message(id="u", thread_id="t", role="user", created_at=0, parts=()), message])

    assert [type(each) for each in prompt] == [HumanMessage, AIMessage, ToolMessage, ToolMessage, AIMessage]
    call = prompt[1]
    assert isinstance(call, AIMessage)
    assert [c["id"] for c in call.tool_calls] == [m.tool_call_id for m in prompt[2:4] if isinstance(m, ToolMessage)]


def test_a_huge_old_result_is_shortened() -> None:
    part = {
        "type": "tool-read_document",
        "toolCallId": "a",
        "state": "output-available",
        "input": {},
        "output": {"text": "x" * 9000},
    }
    message = Message(id="m", thread_id="t", role="assistant", created_at=0, parts=(part,))

    assert len(to_prompt([message])[1].text) < 2100
