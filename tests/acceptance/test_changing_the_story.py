"""A model changes the story: it proposes, the writer approves, it is done once, it is on record, it can be undone."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

import saga_agent as sa
from saga_agent.domain.requests import Approval, ClientCall, ClientResult
from saga_agent.models.script import Call, Say
from saga_agent.testing import ScriptedModel

TEXT = "Mira drew her rusty sword.\n\nTam looked up and said nothing, as he had said nothing for a week.\n"
CALLS: dict[str, dict[str, Any]] = {
    "propose_edit": {"document": "chapter 1", "edits": [{"find": "rusty sword", "replace": "bright sword"}]},
    "update_entity": {"entity": "Mira", "changes": {"summary": "A smith.", "fields": {"flaw": "pride"}}},
    "create_relationship": {"source": "Mira", "type": "child_of", "target": "Tam"},
    "record_fact": {"subject": "Mira", "predicate": "sword", "value": "rusty", "document": "1", "quote": "rusty sword"},
    "commit_decision": {
        "decision": "Mira never leaves.",
        "subjects": ["Mira"],
        "facts": [{"subject": "Mira", "predicate": "fate", "value": "stays"}],
    },
    "create_entity": {"type": "item", "name": "The Crown", "summary": "Hollow."},
}
OpenSaga = Callable[..., Awaitable[sa.Saga]]


@pytest.fixture(params=["memory", "sqlite"])
async def open_saga(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OpenSaga]:
    opened: list[sa.Saga] = []
    database = "memory://" if request.param == "memory" else f"sqlite+aiosqlite:///{tmp_path / 'saga.db'}"

    async def open_it(*steps: Call | Say, **options: Any) -> sa.Saga:
        saga = sa.Saga.open(database=database, model=ScriptedModel(steps), retrieval=None, **options)
        opened.append(await saga.start())
        return saga

    yield open_it
    for saga in opened:
        await saga.close()


async def book(saga: sa.Saga) -> str:
    """A project with a chapter and two characters."""
    project_id = (await saga.story.projects.create(name="Crossing")).id
    await saga.story.documents.create(project_id, id="doc", number=1, title="Ice", text=TEXT)
    for name in ("Mira", "Tam"):
        await saga.story.entities.create(project_id, id=f"ent_{name}", type="character", name=name)
    return project_id


async def snapshot(saga: sa.Saga, project_id: str) -> object:
    """All that the tools can change, without revisions."""
    ports = (
        saga.story.documents,
        saga.story.entities,
        saga.story.relationships,
        saga.story.facts,
        saga.story.decisions,
    )
    found: list[object] = [(await saga.story.documents.get(project_id, "doc")).text]
    for port in ports:
        found += [record.model_dump(exclude={"rev"}) async for record in port.all(project_id)]  # type: ignore[attr-defined]
    return found


async def ask(saga: sa.Saga, project_id: str, *, agent: str = "draft") -> tuple[sa.RunHandle, Approval]:
    """The run that waits for the writer, and what it asks."""
    thread = await saga.threads.create(project_id=project_id)
    run = await saga.send(thread.id, "Please do.", agent=agent)
    with pytest.raises(sa.RunPaused) as paused:
        await run.result()
    (request,) = paused.value.requests
    assert isinstance(request, Approval)
    return run, request


@pytest.mark.parametrize("tool", CALLS)
async def test_a_change_is_asked_for_made_once_recorded_and_undone(open_saga: OpenSaga, tool: str) -> None:
    saga = await open_saga(Call(tool, CALLS[tool]), Say("Done."))
    project_id = await book(saga)
    before = await snapshot(saga, project_id)

    run, request = await ask(saga, project_id)
    assert (request.tool, request.preview["title"] != f"Run {tool}") == (tool, True)
    assert await snapshot(saga, project_id) == before, "nothing changes before the writer's word"
    await saga.answer(run.id, {request.id: sa.Approve()})
    await run.result()
    after = await snapshot(saga, project_id)
    changes = [change async for change in saga.story.history.all(project_id, run_id=run.id)]
    report = await saga.story.undo.run(project_id, run.id)

    assert after != before
    assert changes
    assert {change.author.agent for change in changes} == {"draft"}
    assert (report.conflicts, len(report.undone)) == ((), len(changes))
    assert await snapshot(saga, project_id) == before


@pytest.mark.parametrize("tool", CALLS)
async def test_a_refused_change_leaves_story_and_history_as_they_were(open_saga: OpenSaga, tool: str) -> None:
    saga = await open_saga(Call(tool, CALLS[tool]), Say("Then not."))
    project_id = await book(saga)
    before = await snapshot(saga, project_id)
    run, request = await ask(saga, project_id)

    await saga.answer(run.id, {request.id: sa.Deny(feedback="Leave her alone.")})
    await run.result()

    assert await snapshot(saga, project_id) == before
    assert (await saga.story.history.list(project_id)).items == ()


async def test_a_text_that_changed_while_the_writer_thought_is_asked_about_again(open_saga: OpenSaga) -> None:
    """The approval was for the text as it was shown; the edit lands on the text as it is, after a second look."""
    saga = await open_saga(Call("propose_edit", CALLS["propose_edit"]), Say("Done."))
    project_id = await book(saga)
    run, request = await ask(saga, project_id)
    mine = TEXT.replace("Tam looked up", "Old Tam looked up")
    await saga.story.documents.update(project_id, "doc", text=mine)

    await saga.answer(run.id, {request.id: sa.Approve()})
    with pytest.raises(sa.RunPaused) as paused:
        await run.result()
    (again,) = paused.value.requests
    assert (await saga.story.documents.get(project_id, "doc")).text == mine
    await saga.answer(run.id, {again.id: sa.Approve()})
    await run.result()

    assert (await saga.story.documents.get(project_id, "doc")).text == mine.replace("rusty", "bright")


async def test_a_removal_asks_as_destructive_and_cannot_be_granted_for_good(open_saga: OpenSaga) -> None:
    arguments = {"entity": "Mira", "changes": {"fields": {"want": None}}}
    saga = await open_saga(Call("update_entity", arguments), Say("Done."), policy=sa.Policy([sa.Rule("*", "ask")]))
    project_id = await book(saga)
    await saga.story.entities.update(project_id, "ent_Mira", fields={"want": "home"})

    _, request = await ask(saga, project_id)

    assert (request.effect, request.grantable) == ("destructive", False)


async def test_revise_has_no_tool_that_changes_the_story(open_saga: OpenSaga) -> None:
    saga = await open_saga(Call("update_entity", CALLS["update_entity"]), Say("I cannot."))
    project_id = await book(saga)
    before = await snapshot(saga, project_id)
    thread = await saga.threads.create(project_id=project_id)
    run = await saga.send(thread.id, "Change her.", agent="revise")

    await run.result()

    (call,) = await saga.storage.journal.calls.list(run.id) or [None]
    assert call is None or call.ok is False
    assert await snapshot(saga, project_id) == before


async def test_the_same_panel_twice_is_one_event_on_the_page(open_saga: OpenSaga) -> None:
    call = Call("open_panel", {"panel": "entity", "target": "Mira", "tab": "facts"})
    saga = await open_saga(call, call, Say("There she is."))
    project_id = await book(saga)
    thread = await saga.threads.create(project_id=project_id)
    run = await saga.send(thread.id, "Show me Mira.")
    with pytest.raises(sa.RunPaused) as paused:
        await run.result()
    (request,) = paused.value.requests
    assert isinstance(request, ClientCall)
    assert request.payload["target"] == {"kind": "entity", "id": "ent_Mira", "name": "Mira"}

    await saga.answer(run.id, {request.id: ClientResult(output="shown")})
    await run.result()

    calls = await saga.storage.journal.calls.list(run.id)
    changed = [json.loads(each.result or "{}")["data"]["changed"] for each in calls]
    assert changed == [True, False]
    asked = await saga.storage.journal.requests.list(run_id=run.id)
    assert len(asked) == 1


async def test_a_name_of_two_reaches_no_page(open_saga: OpenSaga) -> None:
    saga = await open_saga(Call("focus_entity", {"entity": "Ed"}), Say("Which one?"))
    project_id = await book(saga)
    for name in ("Edmund", "Edward"):
        await saga.story.entities.create(project_id, type="character", name=name, aliases=[{"text": "Ed"}])
    thread = await saga.threads.create(project_id=project_id)

    run = await saga.send(thread.id, "Show me Ed.")
    await run.result()

    (call,) = await saga.storage.journal.calls.list(run.id)
    assert "ambiguous_reference" in str(call.result)
    assert await saga.storage.journal.requests.list(run_id=run.id) == []
