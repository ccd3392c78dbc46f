"""What the journal's runs promise of taking and holding: one holder at a time, each under an epoch of its own."""

from __future__ import annotations

from saga_agent.domain.journal import END_STATES
from saga_agent.errors import RunBusy, RunFailed, StaleEpoch
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_raises, expect_same
from saga_agent.testing.storage.racing import names_of, race
from saga_agent.testing.storage.turns import (
    START,
    expect_states,
    queued,
    running,
    take,
    taken_over,
    text_parts,
    waiting,
)


async def takes_a_queued_run(storage: Storage) -> None:
    """`take` makes the runner the holder: run, message and stream `running`, epoch 1, lease and runner stored."""
    setting = await queued(storage)

    taken = await storage.journal.runs.take(setting.run.id, runner="host:1", lease_until=START + 15.5, now=START)

    shape = (taken.state, taken.epoch, taken.runner, taken.lease_until)
    expect_same(shape, ("running", 1, "host:1", START + 15.5), "The taken run's (state, epoch, runner, lease)")
    expect_same(await storage.journal.runs.get(taken.id), taken, "The stored run")
    await expect_states(storage, taken, "running")


async def takes_a_waiting_run(storage: Storage) -> None:
    """A waiting run can be taken at any time, by any runner, under the next epoch."""
    setting = await waiting(storage)

    taken = await take(storage, setting.run, runner="runner_2")

    expect_same((taken.state, taken.epoch, taken.runner), ("running", 2, "runner_2"), "The (state, epoch, runner)")
    await expect_states(storage, taken, "running")


async def takes_over_when_the_lease_is_over(storage: Storage) -> None:
    """A running run whose lease is over can be taken, under the next epoch."""
    setting = await running(storage)

    taken = await take(storage, setting.run, runner="runner_2", now=setting.after_lease)

    expect_same((taken.state, taken.epoch, taken.runner), ("running", 2, "runner_2"), "The (state, epoch, runner)")


async def respects_a_lease(storage: Storage) -> None:
    """While a lease holds `take` raises `RunBusy` and changes nothing, also for a runner of the holder's name."""
    setting = await running(storage)

    for runner in ("runner_2", "runner_1"):
        attempt = take(storage, setting.run, runner=runner, now=setting.run.lease_until - 1)
        await expect_raises(RunBusy, attempt, f"take by {runner} under the lease of runner_1")

    expect_same(await storage.journal.runs.get(setting.run.id), setting.run, "The run after the refusals")


async def refuses_to_take_an_ended_run(storage: Storage) -> None:
    """`take` of an ended run raises `RunFailed` naming its state, and changes nothing."""
    for number, state in enumerate(END_STATES):
        setting = await running(storage, number)
        ended = await storage.journal.runs.finish(
            setting.run.id, epoch=1, state=state, parts=None, metadata={}, reason="why", usage=[], now=START
        )

        attempt = take(storage, setting.run, now=setting.after_lease)
        error = await expect_raises(RunFailed, attempt, f"take of a {state} run")

        expect_same((error.run_id, error.state), (ended.id, state), "RunFailed's (run, state)")
        expect_same(await storage.journal.runs.get(ended.id), ended, "The run after the refusal")


async def lets_one_of_racing_takes_win(storage: Storage) -> None:
    """Of 20 racing takes exactly one wins, be the run queued, waiting or left behind; the others raise `RunBusy`."""
    settings = [await queued(storage, 1), await waiting(storage, 2), await running(storage, 3)]
    for setting in settings:
        now = setting.after_lease
        won, lost = await race(
            take(storage, setting.run, runner=f"runner_{number % 10}", now=now) for number in range(20)
        )

        outcome = (len(won), names_of(lost))
        expect_same(outcome, (1, ["RunBusy"]), f"The winners and what losers raised on a {setting.run.state} run")
        expect_same(won[0].epoch, setting.run.epoch + 1, "The winner's epoch")
        expect_same(await storage.journal.runs.get(setting.run.id), won[0], "The stored run")


async def renews_a_lease(storage: Storage) -> None:
    """`renew` extends the lease, so that others stay out longer, and gives the run as it stands."""
    setting = await running(storage)

    renewed = await storage.journal.runs.renew(setting.run.id, epoch=1, lease_until=START + 500)

    expect_same(renewed, setting.run.model_copy(update={"lease_until": START + 500}), "What renew gave")
    expect_same(await storage.journal.runs.get(renewed.id), renewed, "The stored run")
    attempt = take(storage, renewed, now=setting.after_lease)
    await expect_raises(RunBusy, attempt, "take under a renewed lease")


async def refuses_a_stale_holder(storage: Storage) -> None:
    """After a take-over the old holder's `renew`, `pause` and `finish` raise `StaleEpoch` and change nothing."""
    setting = await taken_over(storage)
    runs, run_id = storage.journal.runs, setting.run.id
    message = await storage.journal.threads.message(setting.run.message_id)
    end = runs.finish(
        run_id,
        epoch=1,
        state="finished",
        parts=text_parts("old"),
        metadata={"old": True},
        reason="",
        usage=[],
        now=START,
    )

    error = await expect_raises(StaleEpoch, runs.renew(run_id, epoch=1, lease_until=START + 999), "renew by epoch 1")
    await expect_raises(StaleEpoch, runs.pause(run_id, epoch=1, parts=text_parts("old")), "pause by epoch 1")
    await expect_raises(StaleEpoch, end, "finish by epoch 1")

    expect_same((error.run_id, error.epoch, error.current), (run_id, 1, 2), "StaleEpoch's (run, epoch, current)")
    expect_same(await runs.get(run_id), setting.run, "The run after the refusals")
    expect_same(await storage.journal.threads.message(message.id), message, "The message after the refusals")
    await expect_states(storage, setting.run, "running")


async def does_not_lease_a_waiting_run(storage: Storage) -> None:
    """A heartbeat that comes after the pause leaves the waiting run as it is."""
    setting = await waiting(storage)

    given = await storage.journal.runs.renew(setting.run.id, epoch=1, lease_until=START + 999)

    expect_same(given, setting.run, "What renew gave")
    expect_same(await storage.journal.runs.get(setting.run.id), setting.run, "The waiting run")
