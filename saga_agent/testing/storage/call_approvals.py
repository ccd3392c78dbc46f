"""What the journal's tool calls promise of the approvals they consume: each has one effect, or none."""

from __future__ import annotations

from saga_agent.domain.requests import Approve
from saga_agent.errors import NotFound, RequestClosed, RunError, RunFailed, StaleEpoch
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect, expect_raises, expect_same
from saga_agent.testing.storage.racing import Cut, at_each_moment, names_of, race
from saga_agent.testing.storage.turns import START, Setting, approval, call, finish, running, take


async def _approved(storage: Storage, number: int = 1) -> tuple[Setting, str]:
    """A running run with an approval that was answered, and the approval's id."""
    setting = await running(storage, number)
    request = approval(1, of=setting.run)
    await storage.journal.requests.open(request, epoch=1)
    await storage.journal.requests.answer(setting.run.id, {request.id: Approve()}, actor="own_1", now=START)
    return setting, request.id


async def _state(storage: Storage, request_id: str) -> str:
    return (await storage.journal.requests.get(request_id)).state


async def consumes_an_approval(storage: Storage) -> None:
    """`start` with `consume` stores the call and marks the answered request as consumed; its reply stays."""
    setting, request_id = await _approved(storage)
    answered = await storage.journal.requests.get(request_id)

    await storage.journal.calls.start(call(1, of=setting.run), epoch=1, consume=request_id)

    expected = answered.model_copy(update={"state": "consumed"})
    expect_same(await storage.journal.requests.get(request_id), expected, "The request")
    expect_same(await storage.journal.calls.find(setting.run.id, "call_1"), call(1, of=setting.run), "The call")


async def consumes_a_second_approval_for_a_call_that_is_there(storage: Storage) -> None:
    """A call that was started, not finished, and approved again is given as stored, and the new approval consumed."""
    setting, first = await _approved(storage)
    journal, run, second = storage.journal, setting.run, approval(2, of=setting.run)
    await journal.calls.start(call(1, of=run), epoch=1, consume=first)
    await journal.requests.open(second, epoch=1)
    await journal.requests.answer(run.id, {second.id: Approve()}, actor="own_1", now=START)

    later = call(1, of=run).model_copy(update={"started_at": START + 99})
    given = await journal.calls.start(later, epoch=1, consume=second.id)

    expect_same(given, call(1, of=run), "What start gave")
    expect_same(await _state(storage, second.id), "consumed", "The second approval's state")
    expect_same(len(await journal.calls.list(run.id)), 1, "The number of calls")


async def consumes_an_approval_once(storage: Storage) -> None:
    """A `start` of another call that would consume an approval again raises `RequestClosed`, and stores nothing."""
    setting, request_id = await _approved(storage)
    await storage.journal.calls.start(call(1, of=setting.run), epoch=1, consume=request_id)
    await storage.journal.calls.start(call(3, of=setting.run), epoch=1)

    for number in (2, 3):
        attempt = storage.journal.calls.start(call(number, of=setting.run), epoch=1, consume=request_id)
        error = await expect_raises(RequestClosed, attempt, "consuming a consumed request")
        expect_same((error.request_id, error.state), (request_id, "consumed"), "RequestClosed's (request, state)")

    expect_same(await storage.journal.calls.find(setting.run.id, "call_2"), None, "The refused call")


async def takes_the_same_start_again_for_success(storage: Storage) -> None:
    """A `start` whose acknowledgement was lost may be repeated with its approval: the call is given as stored."""
    setting, request_id = await _approved(storage)
    calls, run = storage.journal.calls, setting.run
    await calls.start(call(1, of=run), epoch=1, consume=request_id)

    later = call(1, of=run).model_copy(update={"started_at": START + 99})
    expect_same(await calls.start(later, epoch=1, consume=request_id), call(1, of=run), "What the second start gave")
    finished = await calls.finish(run.id, "call_1", epoch=1, ok=True, result='"done"', now=START)
    expect_same(await calls.start(later, epoch=1, consume=request_id), finished, "What the third start gave")

    expect_same(await _state(storage, request_id), "consumed", "The request's state")
    expect_same(list(await calls.list(run.id)), [finished], "The run's calls")


async def lets_one_of_racing_calls_consume(storage: Storage) -> None:
    """Of 20 calls that race for one approval exactly one starts; the others raise `RequestClosed`."""
    setting, request_id = await _approved(storage)
    racers = [call(number, of=setting.run) for number in range(20)]

    won, lost = await race(storage.journal.calls.start(racer, epoch=1, consume=request_id) for racer in racers)

    expect_same((len(won), names_of(lost)), (1, ["RequestClosed"]), "The number of winners and what losers raised")
    expect_same(list(await storage.journal.calls.list(setting.run.id)), won, "The stored calls")
    expect_same(await _state(storage, request_id), "consumed", "The request's state")


async def stores_a_call_once_when_its_starts_race(storage: Storage) -> None:
    """Racing starts of one call with its approval all give the one stored call."""
    setting, request_id = await _approved(storage)
    racers = [call(1, of=setting.run).model_copy(update={"started_at": START + number}) for number in range(10)]

    won, lost = await race(storage.journal.calls.start(racer, epoch=1, consume=request_id) for racer in racers)

    stored = list(await storage.journal.calls.list(setting.run.id))
    expect_same(names_of(lost), [], "What racing starts raised")
    expect_same(won, stored * 10, "What they gave")


async def does_nothing_without_an_answer(storage: Storage) -> None:
    """A request that is pending or superseded cannot be consumed: `RequestClosed`, and no call is stored."""
    run = (await running(storage)).run
    request = approval(1, of=run)
    await storage.journal.requests.open(request, epoch=1)

    attempt = storage.journal.calls.start(call(1, of=run), epoch=1, consume=request.id)
    await expect_raises(RequestClosed, attempt, "consuming a pending request")

    expect_same(await storage.journal.calls.find(run.id, "call_1"), None, "The refused call")
    expect_same(await _state(storage, request.id), "pending", "The request's state")


async def consumes_only_its_own_runs_requests(storage: Storage) -> None:
    """An approval of another run, or one that does not exist, raises `NotFound`, and no call is stored."""
    _, foreign = await _approved(storage, 1)
    run = (await running(storage, 2)).run

    for request_id in (foreign, "req_unknown"):
        attempt = storage.journal.calls.start(call(1, of=run), epoch=1, consume=request_id)
        await expect_raises(NotFound, attempt, f"consuming {request_id!r}")

    expect_same(list(await storage.journal.calls.list(run.id)), [], "The run's calls")
    expect_same(await _state(storage, foreign), "answered", "The other run's request")


async def refuses_a_stale_runner(storage: Storage) -> None:
    """After a take-over the old holder's `start` and `finish` raise `StaleEpoch`, and change and consume nothing."""
    setting, request_id = await _approved(storage)
    calls, run = storage.journal.calls, setting.run
    await calls.start(call(1, of=run), epoch=1)
    await take(storage, run, runner="runner_2", now=setting.after_lease)

    attempts = {
        "start": calls.start(call(2, of=run), epoch=1, consume=request_id),
        "start of a call that is there": calls.start(call(1, of=run), epoch=1),
        "finish": calls.finish(run.id, "call_1", epoch=1, ok=True, result="1", now=START),
    }
    for verb, attempt in attempts.items():
        await expect_raises(StaleEpoch, attempt, f"{verb} by epoch 1")

    expect_same(list(await calls.list(run.id)), [call(1, of=run)], "The run's calls")
    expect_same(await _state(storage, request_id), "answered", "The request's state")


async def starts_nothing_after_the_end(storage: Storage) -> None:
    """A run that was stopped starts no tool any more: `RunFailed`, though its holder's epoch still is the last."""
    setting, request_id = await _approved(storage)
    run = setting.run
    await storage.journal.runs.finish(
        run.id, epoch=None, state="stopped", parts=None, metadata={}, reason="reaped", usage=[], now=setting.after_lease
    )

    for consume in (None, request_id):
        attempt = storage.journal.calls.start(call(1, of=run), epoch=1, consume=consume)
        await expect_raises(RunFailed if consume is None else RunError, attempt, "start after the end")

    expect_same(await storage.journal.calls.find(run.id, "call_1"), None, "The refused call")
    expect((await _state(storage, request_id)) != "consumed", "A refused start has consumed its approval.")


async def runs_no_call_again_after_the_end(storage: Storage) -> None:
    """An approval to run a started call again is worth nothing once the run has ended: it is not consumed."""
    setting, first = await _approved(storage)
    journal, run, second = storage.journal, setting.run, approval(2, of=setting.run)
    await journal.calls.start(call(1, of=run), epoch=1, consume=first)
    await journal.requests.open(second, epoch=1)
    await journal.requests.answer(run.id, {second.id: Approve()}, actor="own_1", now=START)
    await finish(storage, run)

    attempt = journal.calls.start(call(1, of=run), epoch=1, consume=second.id)
    await expect_raises(RunError, attempt, "a start with an approval after the end")

    expect((await _state(storage, second.id)) != "consumed", "A refused start has consumed its approval.")


async def starts_whole_or_not_when_cancelled(storage: Storage) -> None:
    """A cancelled `start` stored the call and consumed its approval, or neither, and the journal goes on working."""

    async def attempt(number: int, cut: Cut) -> None:
        setting, request_id = await _approved(storage, number)
        run = setting.run
        await cut(storage.journal.calls.start(call(1, of=run), epoch=1, consume=request_id))
        await storage.journal.calls.start(call(1, of=run), epoch=1, consume=request_id)
        expect_same(await _state(storage, request_id), "consumed", "The request's state")
        expect_same(list(await storage.journal.calls.list(run.id)), [call(1, of=run)], "The run's calls")

    await at_each_moment(attempt)
