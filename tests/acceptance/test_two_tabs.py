"""What becomes of a verb on something that is no longer in place: it is refused in a sentence, or acts on what stands.

| verb | on | what comes of it |
|---|---|---|
| edit | a question that was edited in another tab | `MessageReplaced` |
| edit | a question that was taken out with an earlier one | `MessageReplaced` |
| edit | a question of a thread that is gone | `NotFound` |
| regenerate | an answer that was given anew, or whose question was edited | `MessageReplaced` |
| regenerate | an answer of a thread that is gone | `NotFound` |
| fork | at a question or an answer that was replaced | `MessageReplaced` |
| fork | at an answer that waits | the copy is closed, the answer goes on waiting |
| send | to a thread that is gone | `NotFound` |
| answer | a request that had its effect | `RequestClosed` |
| answer | a request whose turn was replaced, or stopped | `RequestClosed` |
| answer | a request of a thread that is gone | `NotFound` |
| stop | a run that has ended | nothing |
| stop | a run of a thread that is gone | `NotFound` |
| resume | a run that is finished, that waits, or that is not its thread's last | `InvalidInput` |
| resume | a run whose answer was replaced | `MessageReplaced` |
| delete | a thread, a project or a record that is gone | `NotFound` |
| delete | the thread of a subagent that its caller waits for | `InvalidInput` |
| undo | a change that was taken back, or whose write was refused | nothing is left to take back |
| undo | a change of a record that is gone | a conflict |
| accept | a proposal for a document that is gone | `NotFound`, and it stays open |
| accept | a proposal that was refused | nothing is applied |
| revoke | a grant that was revoked | the grant as it stands |
| revoke | a grant whose thread is gone | `NotFound` |
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from saga_agent.app import Saga
from saga_agent.domain.history import Change
from saga_agent.domain.hunk import Hunk
from saga_agent.domain.journal import Message, Thread
from saga_agent.domain.record import Provenance
from saga_agent.domain.requests import Approve, Deny, GrantTerms, Request
from saga_agent.errors import InvalidInput, MessageReplaced, NotFound, RequestClosed, RunPaused, SagaError
from saga_agent.runs.handle import RunHandle
from tests.acceptance.server.serving import Page, serving

ASKS = '/call create_entity {"type": "character", "name": "Tam"}'


@dataclass
class World:
    """A saga with a project and a thread of two turns."""

    saga: Saga
    project_id: str
    thread: Thread

    async def talk(self) -> list[Message]:
        """What stands in the thread."""
        return list(await self.saga.threads.messages(self.thread.id))

    async def say(self, text: str) -> Message:
        """A turn that is finished."""
        return await (await self.saga.send(self.thread.id, text)).result()

    async def ask(self) -> tuple[RunHandle, Request]:
        """A turn that waits for an approval."""
        run = await self.saga.send(self.thread.id, ASKS)
        with pytest.raises(RunPaused) as pause:
            await run.result()
        return run, pause.value.requests[0]

    async def gone(self) -> None:
        """The thread is deleted in another tab."""
        await self.saga.threads.delete(self.thread.id)


@pytest.fixture
async def world():
    async with Saga.open(database="memory://", model="offline") as saga:
        project = await saga.story.projects.create(name="Crossing")
        thread = await saga.threads.create(project_id=project.id, chat_id="chat-1")
        made = World(saga, project.id, thread)
        await made.say("Who is at the Kennels?")
        await made.say("And at the Ferry?")
        yield made


async def edited_question(world: World) -> Awaitable[object]:
    question = (await world.talk())[2]
    await (await world.saga.edit(question.id, "And on the quay?")).result()
    return world.saga.edit(question.id, "And in the fog?")


async def question_taken_out(world: World) -> Awaitable[object]:
    first, _, last, _ = await world.talk()
    await (await world.saga.edit(first.id, "Who is on the quay?")).result()
    return world.saga.edit(last.id, "And in the fog?")


async def edit_in_a_thread_that_is_gone(world: World) -> Awaitable[object]:
    question = (await world.talk())[2]
    await world.gone()
    return world.saga.edit(question.id, "And in the fog?")


async def answer_given_anew(world: World) -> Awaitable[object]:
    answer = (await world.talk())[3]
    await (await world.saga.regenerate(answer.id)).result()
    return world.saga.regenerate(answer.id)


async def answer_to_an_edited_question(world: World) -> Awaitable[object]:
    _, _, question, answer = await world.talk()
    await (await world.saga.edit(question.id, "And on the quay?")).result()
    return world.saga.regenerate(answer.id)


async def regenerate_in_a_thread_that_is_gone(world: World) -> Awaitable[object]:
    answer = (await world.talk())[3]
    await world.gone()
    return world.saga.regenerate(answer.id)


async def fork_at_a_replaced_question(world: World) -> Awaitable[object]:
    question = (await world.talk())[2]
    await (await world.saga.edit(question.id, "And on the quay?")).result()
    return world.saga.threads.fork(world.thread.id, at=question.id)


async def fork_at_a_replaced_answer(world: World) -> Awaitable[object]:
    answer = (await world.talk())[3]
    await (await world.saga.regenerate(answer.id)).result()
    return world.saga.threads.fork(world.thread.id, at=answer.id)


async def send_to_a_thread_that_is_gone(world: World) -> Awaitable[object]:
    await world.gone()
    return world.saga.send(world.thread.id, "Hello?")


async def answer_of_a_request_that_had_its_effect(world: World) -> Awaitable[object]:
    run, request = await world.ask()
    await world.saga.answer(run.id, {request.id: Approve()})
    await run.result()
    return world.saga.answer(run.id, {request.id: Approve()})


async def answer_of_a_replaced_turn(world: World) -> Awaitable[object]:
    run, request = await world.ask()
    await (await world.saga.edit((await world.talk())[4].id, "Never mind.")).result()
    return world.saga.answer(run.id, {request.id: Approve()})


async def answer_of_a_stopped_turn(world: World) -> Awaitable[object]:
    run, request = await world.ask()
    await world.saga.stop(run.id)
    return world.saga.answer(run.id, {request.id: Deny()})


async def answer_in_a_thread_that_is_gone(world: World) -> Awaitable[object]:
    run, request = await world.ask()
    await world.gone()
    return world.saga.answer(run.id, {request.id: Approve()})


async def stop_in_a_thread_that_is_gone(world: World) -> Awaitable[object]:
    run, _ = await world.ask()
    await world.gone()
    return world.saga.stop(run.id)


async def resume_of_a_finished_run(world: World) -> Awaitable[object]:
    return world.saga.resume((await world.saga.runs())[0].id)


async def resume_of_a_run_that_waits(world: World) -> Awaitable[object]:
    run, _ = await world.ask()
    return world.saga.resume(run.id)


async def resume_of_a_run_that_is_not_the_last(world: World) -> Awaitable[object]:
    run, _ = await world.ask()
    await world.saga.stop(run.id)
    await world.ask()
    return world.saga.resume(run.id)


async def resume_of_a_replaced_run(world: World) -> Awaitable[object]:
    run, _ = await world.ask()
    await world.saga.stop(run.id)
    await (await world.saga.edit((await world.talk())[4].id, "Never mind.")).result()
    return world.saga.resume(run.id)


async def delete_of_a_thread_that_is_gone(world: World) -> Awaitable[object]:
    await world.gone()
    return world.saga.threads.delete(world.thread.id)


async def delete_of_a_project_that_is_gone(world: World) -> Awaitable[object]:
    await world.saga.story.projects.delete(world.project_id)
    return world.saga.story.projects.delete(world.project_id)


async def delete_of_a_record_that_is_gone(world: World) -> Awaitable[object]:
    entity = await world.saga.story.entities.create(world.project_id, type="character", name="Tam")
    await world.saga.story.entities.delete(world.project_id, entity.id)
    return world.saga.story.entities.delete(world.project_id, entity.id)


async def delete_of_a_subagents_thread(world: World) -> Awaitable[object]:
    run, _ = await world.ask()
    below = world.thread.model_copy(update={"id": "thr_below", "chat_id": "below", "parent_run_id": run.id})
    await world.saga.storage.journal.threads.create(below)
    return world.saga.threads.delete(below.id)


async def accept_for_a_document_that_is_gone(world: World) -> Awaitable[object]:
    story = world.saga.story
    proposal_id = await proposed(world)
    await story.documents.delete(world.project_id, "doc_1")
    return story.proposals.accept(world.project_id, proposal_id)


async def revoke_in_a_thread_that_is_gone(world: World) -> Awaitable[object]:
    run, request = await world.ask()
    await world.saga.answer(run.id, {request.id: Approve(grant=GrantTerms(scope="thread", patterns={}))})
    await run.result()
    (grant,) = await world.saga.grants.list()
    await world.gone()
    return world.saga.grants.revoke(grant.id)


async def proposed(world: World) -> str:
    """A proposal for a document of the project."""
    story = world.saga.story
    document = await story.documents.create(world.project_id, id="doc_1", title="Ice", text="Mara met Tam.")
    hunk = Hunk(id="h1", before="Tam", after="Ari", start=9)
    proposal = await story.proposals.create(
        world.project_id, kind="edit", target_id=document.id, base_rev=document.rev, hunks=[hunk]
    )
    return proposal.id


REFUSED: list[tuple[Callable[[World], Awaitable[Awaitable[object]]], type[SagaError], str]] = [
    (edited_question, MessageReplaced, "was replaced meanwhile"),
    (question_taken_out, MessageReplaced, "was replaced meanwhile"),
    (edit_in_a_thread_that_is_gone, NotFound, "No message"),
    (answer_given_anew, MessageReplaced, "was replaced meanwhile"),
    (answer_to_an_edited_question, MessageReplaced, "was replaced meanwhile"),
    (regenerate_in_a_thread_that_is_gone, NotFound, "No message"),
    (fork_at_a_replaced_question, MessageReplaced, "was replaced meanwhile"),
    (fork_at_a_replaced_answer, MessageReplaced, "was replaced meanwhile"),
    (send_to_a_thread_that_is_gone, NotFound, "No thread"),
    (answer_of_a_request_that_had_its_effect, RequestClosed, "is consumed"),
    (answer_of_a_replaced_turn, RequestClosed, "is superseded"),
    (answer_of_a_stopped_turn, RequestClosed, "is superseded"),
    (answer_in_a_thread_that_is_gone, NotFound, "No run"),
    (stop_in_a_thread_that_is_gone, NotFound, "No run"),
    (resume_of_a_finished_run, InvalidInput, "is finished"),
    (resume_of_a_run_that_waits, InvalidInput, "waits for answers"),
    (resume_of_a_run_that_is_not_the_last, InvalidInput, "is not the last of its thread"),
    (resume_of_a_replaced_run, MessageReplaced, "was replaced meanwhile"),
    (delete_of_a_thread_that_is_gone, NotFound, "No thread"),
    (delete_of_a_project_that_is_gone, NotFound, "No project"),
    (delete_of_a_record_that_is_gone, NotFound, "No entity"),
    (delete_of_a_subagents_thread, InvalidInput, "belongs to a subagent"),
    (accept_for_a_document_that_is_gone, NotFound, "No document"),
    (revoke_in_a_thread_that_is_gone, NotFound, "No grant"),
]


@pytest.mark.parametrize(("late", "error", "words"), REFUSED, ids=[row[0].__name__ for row in REFUSED])
async def test_a_late_verb_is_refused_and_changes_nothing(
    world: World, late: Callable[[World], Awaitable[Awaitable[object]]], error: type[SagaError], words: str
):
    attempt = await late(world)
    before = await world.saga.storage.journal.threads.messages(world.thread.id, include_replaced=True)
    runs = await world.saga.runs()

    with pytest.raises(error, match=words):
        await attempt

    assert await world.saga.storage.journal.threads.messages(world.thread.id, include_replaced=True) == before
    assert await world.saga.runs() == runs


async def test_stopping_what_has_ended_changes_nothing(world: World):
    run = (await world.saga.runs())[0]

    await world.saga.stop(run.id)

    assert (await world.saga.runs())[0] == run


async def test_a_fork_of_an_answer_that_waits_is_closed_and_the_answer_goes_on(world: World):
    run, request = await world.ask()

    fork = await world.saga.threads.fork(world.thread.id, at=run.message_id)

    copy = (await world.saga.threads.messages(fork.id))[-1]
    assert (copy.state, copy.parts[-1]["state"]) == ("interrupted", "output-error")
    await world.saga.answer(run.id, {request.id: Approve()})
    assert (await run.result()).state == "finished"


async def test_an_undo_leaves_what_is_taken_back_refused_or_gone(world: World):
    story, project_id = world.saga.story, world.project_id
    author = story.written_by(Provenance(by="agent", run_id="run_1", call_id="call_1"))
    mara = await author.entities.create(project_id, type="character", name="Mara")
    await author.entities.update(project_id, mara.id, summary="A smith.")
    update, create = (await story.history.list(project_id)).items

    await story.entities.delete(project_id, mara.id)
    gone = await story.undo.change(project_id, update.id)
    repeated = await story.undo.change(project_id, create.id)

    assert [(each.part, each.found) for each in gone.conflicts] == [("record", "removed")]
    assert (repeated.undone, repeated.unchanged) == ((), (create.id,))


async def test_an_undo_of_a_refused_write_takes_nothing_from_what_came_to_stand_there(world: World):
    story, project_id, changes = world.saga.story, world.project_id, world.saga.storage.journal.changes
    mara = await story.entities.create(project_id, type="character", name="Mara", summary="A smith.")
    refused = Change(
        id="chg_1",
        project_id=project_id,
        kind="entity",
        record_id=mara.id,
        action="update",
        author=Provenance(),
        base_rev=1,
        before={"summary": "A thief."},
        after={"summary": "A smith."},
        created_at=0,
    )
    await changes.open(refused)
    await changes.settle(refused.id, state="void")

    report = await story.undo.change(project_id, refused.id)

    assert (report.undone, report.unchanged) == ((), (refused.id,))
    assert (await story.entities.get(project_id, mara.id)).summary == "A smith."


async def test_a_refused_proposal_is_not_taken_any_more(world: World):
    story, proposal_id = world.saga.story, await proposed(world)
    await story.proposals.reject(world.project_id, proposal_id)

    outcome = await story.proposals.accept(world.project_id, proposal_id)

    assert (outcome.applied, outcome.proposal.status) == ((), "rejected")
    assert (await story.documents.get(world.project_id, "doc_1")).text == "Mara met Tam."


async def test_a_grant_that_was_revoked_is_given_as_it_stands(world: World):
    run, request = await world.ask()
    await world.saga.answer(run.id, {request.id: Approve(grant=GrantTerms(scope="project", patterns={}))})
    await run.result()
    (grant,) = await world.saga.grants.list()

    first = await world.saga.grants.revoke(grant.id)

    assert await world.saga.grants.revoke(grant.id, actor="another tab") == first


async def test_an_old_tab_is_told_over_http_in_a_sentence(world: World):
    async with serving(world.saga) as served:
        page, (first, old, question, answer) = Page(served.url), await world.talk()
        page.messages = [{"id": each.shown_id, "role": each.role, "parts": list(each.parts)} for each in (first, old)]
        again = {"trigger": "regenerate-message", "messageId": answer.id}
        assert (await page.attempt(**again)).status_code == 200

        regenerated = await page.attempt(**again)
        retyped = {"id": first.shown_id, "role": "user", "parts": [{"type": "text", "text": "Who is in the fog?"}]}
        assert (await page.attempt(messages=[retyped], messageId=first.id)).status_code == 200
        sent_again = {"id": question.shown_id, "role": "user", "parts": list(question.parts)}
        repeated = await page.attempt(messages=[sent_again])
        edited = await page.attempt(messages=[sent_again], messageId=question.shown_id)
        to_question = await page.attempt(trigger="regenerate-message", messageId=question.shown_id)

        for response in (regenerated, repeated, edited, to_question):
            assert response.status_code == 409
            assert response.text == "This was changed in another window; load the page again to see what stands."
        stands, _ = await world.talk()
        assert stands.text == "Who is in the fog?"


async def test_late_decisions_and_stops_are_told_over_http(world: World):
    run, request = await world.ask()
    async with serving(world.saga) as served:
        page = Page(served.url)
        async with page.client() as client:
            body = {"replies": {request.id: {"kind": "approve"}}}
            assert (await client.post(f"/ai/saga/chat-1/stop?runId={run.id}")).status_code == 204
            stopped = await client.post(f"/ai/saga/chat-1/stop?runId={run.id}")
            late = await client.post(f"/runs/{run.id}/requests", json=body)
            await world.gone()
            gone = await client.post(f"/runs/{run.id}/requests", json=body)
            nowhere = await client.post("/ai/saga/chat-1/stop")
            for expected in (204, 404):
                assert (await client.delete(f"/projects/{world.project_id}")).status_code == expected

    statuses = [each.status_code for each in (stopped, late, gone, nowhere)]
    assert statuses == [204, 409, 404, 204]
    assert "is superseded" in late.json()["detail"]
