"""What the journal's runs promise between their start and their end."""

from __future__ import annotations

from saga_agent.domain.requests import Approve
from saga_agent.errors import NotFound, RunFailed
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect, expect_ids, expect_raises, expect_same
from saga_agent.testing.storage.racing import Cut, at_each_moment, race
from saga_agent.testing.storage.samples import JSON_BODY
from saga_agent.testing.storage.turns import (
    LEASE_SECONDS,
    START,
    approval,
    expect_states,
    finish,
    queued,
    running,
    take,
    text_parts,
    thread,
    turn,
    waiting,
)


async def refuses_an_unknown_run(storage: Storage) -> None:
    """`get`, `take`, `finish` and `request_stop` of an unknown run raise `NotFound`."""
    runs = storage.journal.runs

    await expect_raises(NotFound, runs.get("run_1"), "get of an unknown run")
    attempt = runs.take("run_1", runner="runner_1", lease_until=2.0, now=1.0)
    await expect_raises(NotFound, attempt, "take of an unknown run")
    end = runs.finish("run_1", epoch=None, state="stopped", parts=None, metadata={}, reason="", usage=[], now=1.0)
    await expect_raises(NotFound, end, "finish of an unknown run")
    await expect_raises(NotFound, runs.request_stop("run_1"), "request_stop of an unknown run")


async def tells_its_holder_to_stop(storage: Storage) -> None:
    """What `request_stop` marked is in the run that `renew` gives."""
    setting = await running(storage)

    marked = await storage.journal.runs.request_stop(setting.run.id)
    renewed = await storage.journal.runs.renew(setting.run.id, epoch=1, lease_until=START + 500)

    expect_same((marked.stop_requested, marked.state), (True, "running"), "What request_stop gave (marked, state)")
    expect(renewed.stop_requested, "renew does not tell that a stop was requested.")


async def marks_every_live_run_to_stop(storage: Storage) -> None:
    """`request_stop` marks queued, running and waiting runs, and may be repeated; the state stays."""
    for setting in (await queued(storage, 1), await running(storage, 2), await waiting(storage, 3)):
        for _ in ("first", "repeated"):
            await storage.journal.runs.request_stop(setting.run.id)
        expected = setting.run.model_copy(update={"stop_requested": True})
        expect_same(await storage.journal.runs.get(setting.run.id), expected, "The marked run")


async def does_not_wake_an_ended_run_by_a_stop(storage: Storage) -> None:
    """`request_stop` on an ended run is harmless: no error, and the run stays ended as it was."""
    setting = await running(storage)
    ended = await finish(storage, setting.run)

    given = await storage.journal.runs.request_stop(ended.id)

    expect_same((given.state, given.ended_at), ("finished", ended.ended_at), "What request_stop gave (state, end)")
    await expect_states(storage, ended, "finished")


async def pauses_a_run(storage: Storage) -> None:
    """`pause` puts run, message and stream into `waiting`, stores the parts and lets go of the lease."""
    setting = await running(storage)
    parts = (*text_parts("Shall I?"), JSON_BODY)

    paused = await storage.journal.runs.pause(setting.run.id, epoch=1, parts=parts)

    expect_same((paused.state, paused.epoch, paused.ended_at), ("waiting", 1, None), "The (state, epoch, end)")
    expect_same((await storage.journal.threads.message(paused.message_id)).parts, parts, "The message's parts")
    await expect_states(storage, paused, "waiting")
    taken = await take(storage, paused, runner="runner_2", now=START)
    expect_same(taken.epoch, 2, "The epoch of a runner that takes it while the old lease would still hold")


async def queues_a_pausing_run_that_has_its_answer(storage: Storage) -> None:
    """`pause` gives `queued` instead when a request was answered meanwhile; its lease is let go all the same."""
    setting = await running(storage)
    run, request = setting.run, approval(1, of=setting.run)
    await storage.journal.requests.open(request, epoch=1)
    await storage.journal.requests.answer(run.id, {request.id: Approve()}, actor="own_1", now=START)

    paused = await storage.journal.runs.pause(run.id, epoch=1, parts=text_parts("Shall I?"))

    expect_same((paused.state, paused.epoch), ("queued", 1), "The (state, epoch)")
    expect_same((await storage.journal.threads.message(run.message_id)).text, "Shall I?", "The message's text")
    await expect_states(storage, paused, "queued")
    taken = await take(storage, paused, runner="runner_2", now=START)
    expect_same(taken.epoch, 2, "The epoch of the runner that takes it")


async def goes_on_after_several_pauses(storage: Storage) -> None:
    """A run may pause and be taken many times; the epoch grows by one each time, the message stays the same."""
    setting = await queued(storage)
    run = setting.run
    for number in range(1, 6):
        run = await take(storage, run, now=START + number)
        expect_same(run.epoch, number, "The epoch")
        run = await storage.journal.runs.pause(run.id, epoch=number, parts=text_parts(f"pause {number}"))

    message = await storage.journal.threads.message(setting.run.message_id)
    expect_same((message.text, message.state), ("pause 5", "waiting"), "The message's (text, state)")


async def counts_attempts_between_pauses(storage: Storage) -> None:
    """`take` counts how often a run was taken since it was sent or waited last; `pause` begins anew."""
    setting = await queued(storage)
    runs, run = storage.journal.runs, setting.run
    for number in range(1, 4):
        run = await take(storage, run, now=START + 100 * number)
        expect_same(run.attempts, number, "The attempts")
        run = await runs.renew(run.id, epoch=run.epoch, lease_until=START + 100 * number + 1)
        expect_same(run.attempts, number, "The attempts after a renewal")

    run = await runs.pause(run.id, epoch=run.epoch, parts=text_parts("pause"))
    expect_same(run.attempts, 0, "The attempts of a run that waits")
    run = await take(storage, run, now=START + 1000)

    expect_same((run.epoch, run.attempts), (4, 1), "(epoch, attempts) after the pause")
    expect_same((await runs.get(run.id)).attempts, 1, "The stored attempts")


async def leaves_an_ended_run_to_its_end(storage: Storage) -> None:
    """A late `pause` by the last holder raises `RunFailed`, and a late `renew` changes nothing: no run is revived."""
    setting = await running(storage)
    runs = storage.journal.runs
    ended = await runs.finish(
        setting.run.id,
        epoch=None,
        state="stopped",
        parts=None,
        metadata={},
        reason="reaped",
        usage=[],
        now=setting.after_lease,
    )

    late = runs.pause(ended.id, epoch=1, parts=text_parts("late"))
    await expect_raises(RunFailed, late, "pause of an ended run")
    given = await runs.renew(ended.id, epoch=1, lease_until=START + 999)

    expect_same(given, ended, "What renew gave")
    expect_same(await runs.get(ended.id), ended, "The run")
    expect_same((await storage.journal.threads.message(ended.message_id)).parts, (), "The message's parts")
    await expect_states(storage, ended, "stopped")


async def lists_the_newest_runs_first(storage: Storage) -> None:
    """`list` gives the newest runs first; thread, owner, states and limit each narrow it, and all together."""
    first, second, third = await queued(storage, 1), await running(storage, 2), await waiting(storage, 3)
    theirs = await storage.journal.threads.create(thread(4, owner_id="own_2"))
    new = turn(2, of=theirs)
    await storage.journal.runs.start(new, now=START + 2)
    await finish(storage, await take(storage, second.run, now=second.after_lease))
    last = turn(9, of=second.thread)
    await storage.journal.runs.start(last, now=START + 9)
    runs = storage.journal.runs

    expect_same([run.id for run in await runs.list()][:2], [last.run.id, new.run.id], "The two newest of all")
    expect_ids(await runs.list(thread_id=second.thread.id), [last.run.id, second.run.id], "A thread's runs")
    expect_ids(await runs.list(owner_id="own_2"), [new.run.id], "An owner's runs")
    expect_ids(
        await runs.list(states=["waiting", "finished"], owner_id="own_1", limit=9),
        sorted([third.run.id, second.run.id], reverse=True),
        "The waiting and finished runs",
    )
    expect_ids(await runs.list(limit=1), [last.run.id], "The newest run")
    expect_ids(await runs.list(thread_id=first.thread.id, states=["running"]), [], "Runs that match not all")


async def pauses_whole_or_not_when_cancelled(storage: Storage) -> None:
    """A cancelled `take` or `pause` happened whole or not at all, and the journal goes on working."""
    runs = storage.journal.runs

    async def attempt(number: int, cut: Cut) -> None:
        setting = await queued(storage, number)
        await cut(take(storage, setting.run))
        await race([take(storage, setting.run)])
        run = await runs.get(setting.run.id)
        expect_same((run.epoch, run.lease_until), (1, run.created_at + LEASE_SECONDS), "The taken run's (epoch, lease)")
        await expect_states(storage, run, "running")
        await cut(runs.pause(run.id, epoch=1, parts=text_parts("paused")))
        await runs.pause(run.id, epoch=1, parts=text_parts("paused"))
        expect_same((await storage.journal.threads.message(run.message_id)).text, "paused", "The paused message")
        await expect_states(storage, run, "waiting")

    await at_each_moment(attempt)
