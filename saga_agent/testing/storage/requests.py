"""What the journal's requests promise: asked once, answered once."""

from __future__ import annotations

from saga_agent.domain.requests import Approval, Approve, ClientResult, Deny, Edit, Option
from saga_agent.errors import NotFound, RunFailed, StaleEpoch
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_ids, expect_raises, expect_same
from saga_agent.testing.storage.racing import names_of, race
from saga_agent.testing.storage.samples import EVERY_SCRIPT, JSON_BODY, REPLIES
from saga_agent.testing.storage.turns import START, approval, client_call, finish, question, running, taken_over


async def keeps_every_field(storage: Storage) -> None:
    """Every field of approvals, questions and calls on the page is stored and read back exactly."""
    run = (await running(storage)).run
    requests = storage.journal.requests
    asked = {
        "created_at": 1_700_000_000.1234567,
        "answered_at": 2.5,
        "actor": "own_ž",
        "reply": REPLIES[2],
        "state": "expired",
        "root_run_id": "run_ø",
        "agent_path": ("draft", "ø"),
        "expires_at": 1_800_000_000.1234567,
    }
    full_approval = approval(1, of=run).model_copy(
        update={
            **asked,
            "arguments": JSON_BODY,
            "preview": JSON_BODY,
            "rule": EVERY_SCRIPT,
            "effect": "external",
            "tool_version": 3,
            "resources": {"ent_“1”": 7, "doc_1": 2**40},
            "grantable": True,
        }
    )
    options = (Option(id="b", label="Второй", description="🏰"), Option(id="a", label="A"))
    full_question = question(2, of=run).model_copy(
        update={
            **asked,
            "reply": REPLIES[3],
            "question": EVERY_SCRIPT,
            "options": options,
            "multiple": True,
            "min": 0,
            "max": 2,
            "allow_note": False,
            "context": EVERY_SCRIPT,
        }
    )
    full_client = client_call(3, of=run).model_copy(
        update={**asked, "reply": ClientResult(output=[JSON_BODY]), "arguments": JSON_BODY, "payload": JSON_BODY}
    )

    for full in (full_approval, full_question, full_client):
        expect_same(await requests.open(full, epoch=1), full, "What open returned")
        expect_same(await requests.get(full.id), full, "What get read")
    expect_same(
        list(await requests.list(run_id=run.id, states=["expired"])),
        [full_approval, full_question, full_client],
        "The listed requests",
    )


async def gives_the_stored_request_when_opened_again(storage: Storage) -> None:
    """`open` of an id that is there gives the stored request, answered or not, and changes nothing."""
    run = (await running(storage)).run
    requests, first = storage.journal.requests, approval(1, of=run)
    await requests.open(first, epoch=1)
    other = first.model_copy(update={"arguments": {"name": "other"}, "created_at": START + 99})

    expect_same(await requests.open(other, epoch=1), first, "What open gave for a pending request")
    await requests.answer(run.id, {first.id: Approve()}, actor="own_1", now=START + 3)
    answered = await requests.get(first.id)
    expect_same(await requests.open(other, epoch=1), answered, "What open gave for an answered request")
    expect_ids(await requests.list(run_id=run.id), [first.id], "The run's requests")


async def refuses_a_stale_asker(storage: Storage) -> None:
    """After a take-over the old holder's `open` raises `StaleEpoch` and asks nothing."""
    run = (await taken_over(storage)).run

    await expect_raises(StaleEpoch, storage.journal.requests.open(approval(1, of=run), epoch=1), "open by epoch 1")

    expect_ids(await storage.journal.requests.list(run_id=run.id), [], "The run's requests")


async def asks_nothing_for_an_ended_run(storage: Storage) -> None:
    """`open` of a new request for an ended run raises `RunFailed`: nobody would act on the answer."""
    run = (await running(storage)).run
    await finish(storage, run)

    await expect_raises(RunFailed, storage.journal.requests.open(approval(1, of=run), epoch=1), "open after the end")

    expect_ids(await storage.journal.requests.list(run_id=run.id), [], "The run's requests")


async def refuses_an_unknown_request(storage: Storage) -> None:
    """`get` of an unknown request raises `NotFound`."""
    await expect_raises(NotFound, storage.journal.requests.get("req_1"), "get of an unknown request")


async def lists_the_oldest_first(storage: Storage) -> None:
    """`list` gives the oldest first; run, thread and states each narrow it, and all together."""
    first, second = await running(storage, 1), await running(storage, 2)
    requests = storage.journal.requests
    for number in (3, 1, 2):
        await requests.open(approval(number, of=first.run), epoch=1)
    theirs = question(1, of=second.run)
    await requests.open(theirs, epoch=1)
    ids = [approval(number, of=first.run).id for number in (1, 2, 3)]
    await requests.answer(first.run.id, {ids[1]: Deny()}, actor="own_1", now=START)

    expect_ids(await requests.list(run_id=first.run.id), ids, "A run's requests")
    expect_ids(await requests.list(thread_id=second.thread.id), [theirs.id], "A thread's requests")
    expect_ids(await requests.list(run_id=first.run.id, states=["pending"]), [ids[0], ids[2]], "Its pending ones")
    both = await requests.list(thread_id=first.thread.id, states=["answered", "pending"])
    expect_ids(both, ids, "A thread's pending and answered ones")
    expect_ids(await requests.list(run_id=first.run.id, thread_id=second.thread.id), [], "Requests that match not both")


async def opens_once_when_askers_race(storage: Storage) -> None:
    """Racing `open`s of one id all give the one stored request."""
    run = (await running(storage)).run
    asked = [approval(1, of=run).model_copy(update={"rule": f"racer {number}"}) for number in range(10)]

    won, lost = await race(storage.journal.requests.open(request, epoch=1) for request in asked)

    expect_same(names_of(lost), [], "What racing opens raised")
    stored = await storage.journal.requests.list(run_id=run.id)
    expect_same(won, [stored[0]] * 10, "What they gave")
    expect_same(len(stored), 1, "The number of requests")


async def does_not_share_what_callers_may_change(storage: Storage) -> None:
    """Callers who change the arguments they handed in or read do not change the stored ones."""
    run = (await running(storage)).run
    requests, given = storage.journal.requests, approval(1, of=run)
    await requests.open(given, epoch=1)
    edit = Edit(arguments={"name": "as given"})
    await requests.answer(run.id, {given.id: edit}, actor="own_1", now=START)

    given.arguments["name"] = "changed by its asker"
    edit.arguments["name"] = "changed by its writer"
    read = await requests.get(given.id)
    assert isinstance(read, Approval)
    read.arguments.clear()

    stored = await requests.get(given.id)
    expect_same(stored.reply, Edit(arguments={"name": "as given"}), "The stored reply")
    expect_same(stored.model_dump()["arguments"], {"name": "Zoë"}, "The stored arguments")
