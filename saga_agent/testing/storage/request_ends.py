"""What the journal's requests promise of their end without an answer: by their time, or by the one who asked."""

from __future__ import annotations

from typing import Literal

from saga_agent.domain.requests import Approval, Approve, Deny, Reply
from saga_agent.errors import NotFound, RequestClosed, StaleEpoch
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_ids, expect_raises, expect_same
from saga_agent.testing.storage.racing import race
from saga_agent.testing.storage.turns import (
    START,
    Setting,
    approval,
    audit_entry,
    call,
    expect_states,
    running,
    taken_over,
)


async def _expiring(storage: Storage, number: int = 1, *, at: float | None = START) -> tuple[Setting, Approval]:
    """A held run with an approval that expires then."""
    setting = await running(storage, number)
    request = approval(1, of=setting.run).model_copy(update={"expires_at": at})
    await storage.journal.requests.open(request, epoch=1)
    return setting, request


async def expires_what_is_due(storage: Storage) -> None:
    """`expire` marks the pending requests whose `expires_at` has come, queues their waiting runs and gives their ids.

    Others stay: those whose time is still to come, those without one, and answered ones.
    """
    requests = storage.journal.requests
    settings = [await _expiring(storage, number, at=at) for number, at in enumerate((START, START + 0.5, None, START))]
    for setting, request in settings:
        if setting is settings[3][0]:
            await requests.answer(setting.run.id, {request.id: Deny()}, actor="own_1", now=START - 1)
        await storage.journal.runs.pause(setting.run.id, epoch=1, parts=())

    woken = await requests.expire(now=START)

    expect_same(list(woken), [settings[0][0].run.id], "The ids that expire gave")
    states = [(await requests.get(request.id)).state for _, request in settings]
    expect_same(states, ["expired", "pending", "pending", "answered"], "The requests' states")
    await expect_states(storage, settings[0][0].run, "queued")
    for setting, _ in settings[1:3]:
        await expect_states(storage, setting.run, "waiting")
    expect_same(list(await requests.expire(now=START)), [], "The ids that a second expire gave")


async def expires_for_a_run_at_work(storage: Storage) -> None:
    """`expire` marks the requests of a running run too, and leaves the run alone."""
    setting, request = await _expiring(storage)

    woken = await storage.journal.requests.expire(now=START)

    expect_same(list(woken), [], "The ids that expire gave")
    expect_same((await storage.journal.requests.get(request.id)).state, "expired", "The request's state")
    expect_same(await storage.journal.runs.get(setting.run.id), setting.run, "The run")


async def takes_no_answer_after_its_time(storage: Storage) -> None:
    """From `expires_at` on an answer raises `RequestClosed`, marked or not; before it the answer counts."""
    setting, request = await _expiring(storage, 1)
    in_time, second = await _expiring(storage, 2)
    requests = storage.journal.requests

    for mark in (False, True):
        if mark:
            await requests.expire(now=START)
        attempt = requests.answer(setting.run.id, {request.id: Approve()}, actor="own_1", now=START)
        error = await expect_raises(RequestClosed, attempt, "an answer at expires_at")
        expect_same((error.request_id, error.state), (request.id, "expired"), "RequestClosed's (request, state)")
        if not mark:
            await requests.answer(in_time.run.id, {second.id: Approve()}, actor="own_1", now=START - 0.5)

    expect_same((await requests.get(request.id)).reply, None, "The late reply")
    expect_same((await requests.get(second.id)).state, "answered", "The request that was answered in time")


async def takes_the_same_reply_again_after_its_time(storage: Storage) -> None:
    """A reply that was stored in time may be repeated later: it is success."""
    setting, request = await _expiring(storage)
    requests, replies = storage.journal.requests, {request.id: Deny(feedback="no")}
    await requests.answer(setting.run.id, dict[str, Reply](replies), actor="own_1", now=START - 1)

    await requests.answer(setting.run.id, dict[str, Reply](replies), actor="own_1", now=START + 99)

    expect_same((await requests.get(request.id)).answered_at, START - 1, "The time of the answer")


async def answers_or_expires(storage: Storage) -> None:
    """When an answer in time races with `expire`, one of them counts, and the waiting run is queued."""
    for number in range(8):
        setting, request = await _expiring(storage, number)
        requests, run = storage.journal.requests, setting.run
        await storage.journal.runs.pause(run.id, epoch=1, parts=())

        verbs = [
            requests.answer(run.id, {request.id: Approve()}, actor="own_1", now=START - 1),
            requests.expire(now=START),
        ]
        await race(verbs if number % 2 else reversed(verbs))

        stored = await requests.get(request.id)
        expect_same(
            stored.reply is not None, stored.state == "answered", f"Whether a {stored.state} request has a reply"
        )
        await expect_states(storage, run, "queued")


async def closes_a_request(storage: Storage) -> None:
    """`close` ends a pending request or an answered one in the state it is told, gives it, and keeps its reply."""
    run = (await running(storage)).run
    requests = storage.journal.requests
    states: tuple[Literal["superseded", "expired"], ...] = ("superseded", "expired")
    for number, state in enumerate(states):
        request = await requests.open(approval(number, of=run), epoch=1)
        if state == "superseded":
            await requests.answer(run.id, {request.id: Approve()}, actor="own_1", now=START)
        before = await requests.get(request.id)

        closed = await requests.close(request.id, state=state, epoch=1)

        expect_same(closed, before.model_copy(update={"state": state}), "What close gave")
        expect_same(await requests.get(request.id), closed, "The stored request")
        late = requests.answer(run.id, {request.id: Deny(feedback="late")}, actor="own_1", now=START)
        await expect_raises(RequestClosed, late, "an answer to a closed request")


async def closes_once(storage: Storage) -> None:
    """`close` gives a request that has ended, or had its effect, as stored; its audit entries are not stored then."""
    run = (await running(storage)).run
    requests = storage.journal.requests
    first, second = approval(1, of=run), approval(2, of=run)
    for request in (first, second):
        await requests.open(request, epoch=1)
    await requests.answer(run.id, {second.id: Approve()}, actor="own_1", now=START)
    await storage.journal.calls.start(call(2, of=run), epoch=1, consume=second.id)
    await requests.close(first.id, state="superseded", epoch=1, audit=[audit_entry(1, of=run)])

    for request, state in ((first, "superseded"), (second, "consumed")):
        given = await requests.close(request.id, state="expired", epoch=1, audit=[audit_entry(2, of=run)])
        expect_same(given.state, state, "The state of what the second close gave")

    expect_ids(await storage.journal.audit.list(run.owner_id), [audit_entry(1, of=run).id], "The audit entries")


async def closes_for_its_own_runner(storage: Storage) -> None:
    """`close` by an old holder raises `StaleEpoch`, of an unknown request `NotFound`; nothing changes."""
    run = (await taken_over(storage)).run
    requests = storage.journal.requests
    request = await requests.open(approval(1, of=run), epoch=2)

    await expect_raises(StaleEpoch, requests.close(request.id, state="expired", epoch=1), "close by epoch 1")
    await expect_raises(NotFound, requests.close("req_unknown", state="expired", epoch=2), "close of an unknown one")

    expect_same(await requests.get(request.id), request, "The request")
