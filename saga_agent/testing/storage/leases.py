"""What the journal's leases promise: runs name their holder from the start, and are found when nobody holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from saga_agent.domain.journal import END_STATES, HeldRun, Run
from saga_agent.errors import RunBusy
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect, expect_raises, expect_same
from saga_agent.testing.storage.turns import START, Setting, finish, queued, running, take, thread, turn, waiting

_LEASE = START + 15.0


async def names_the_holder_of_a_queued_run(storage: Storage) -> None:
    """A run that is queued with its holder keeps it: others get `RunBusy`, the holder takes it, and ends it alone."""
    setting = await _claimed(storage, 1, runner="runner_1")
    runs, run_id = storage.journal.runs, setting.run.id

    stored = await runs.get(run_id)
    expect_same(
        (stored.runner, stored.lease_until, stored.host_ports),
        ("runner_1", _LEASE, ("documents",)),
        "The queued run's (runner, lease, host's ports)",
    )
    await expect_raises(RunBusy, take(storage, stored, runner="runner_2", now=_LEASE - 1), "take by another runner")
    end = runs.finish(run_id, epoch=None, state="stopped", parts=None, metadata={}, reason="", usage=[], now=_LEASE - 1)
    await expect_raises(RunBusy, end, "finish without an epoch")
    expect_same(await runs.get(run_id), stored, "The run after the refusals")

    taken = await take(storage, stored, runner="runner_1", now=_LEASE - 1)
    expect_same((taken.state, taken.epoch), ("running", 1), "The (state, epoch) when its holder takes it")


async def gives_a_queued_run_away_when_its_lease_is_over(storage: Storage) -> None:
    """Another runner takes a queued run whose lease is over, or was given back."""
    over, back = [await _claimed(storage, number, runner="runner_1") for number in (1, 2)]
    await storage.journal.runs.renew(back.run.id, epoch=0, lease_until=0.0)

    for setting, now in ((over, _LEASE), (back, START)):
        taken = await take(storage, setting.run, runner="runner_2", now=now)
        expect_same((taken.runner, taken.epoch), ("runner_2", 1), "The new holder and its epoch")


async def renews_all_runs_of_one_runner(storage: Storage) -> None:
    """`renew` gives every queued and running run of the runner the lease, and no other run; it tells which they are."""
    mine = [await _claimed(storage, 1, runner="runner_1"), await running(storage, 2)]
    others = [await _claimed(storage, 3, runner="runner_2"), await queued(storage, 4), await waiting(storage, 5)]
    ended = await running(storage, 6)
    await finish(storage, ended.run)
    others.append(Setting(storage, ended.thread, await storage.journal.runs.get(ended.run.id)))

    renewed = await storage.journal.leases.renew("runner_1", lease_until=START + 500)

    expect_same(_in_order(renewed), _in_order([_held(setting.run) for setting in mine]), "What renew told")
    for setting in mine:
        expected = setting.run.model_copy(update={"lease_until": START + 500})
        expect_same(await storage.journal.runs.get(setting.run.id), expected, "A run of the runner")
    for setting in others:
        expect_same(await storage.journal.runs.get(setting.run.id), setting.run, "A run that is not the runner's")


async def tells_what_a_runner_holds(storage: Storage) -> None:
    """`held` tells the runner's queued and running runs, and which of them are to be stopped."""
    first, second = await _claimed(storage, 1, runner="runner_1"), await running(storage, 2)
    for setting in (await _claimed(storage, 3, runner="runner_2"), await waiting(storage, 4)):
        await storage.journal.runs.request_stop(setting.run.id)
    await storage.journal.runs.request_stop(second.run.id)

    held = await storage.journal.leases.held("runner_1")

    expected = [HeldRun(first.run.id, stop_requested=False), HeldRun(second.run.id, stop_requested=True)]
    expect_same(_in_order(held), _in_order(expected), "What runner_1 holds")
    expect_same(list(await storage.journal.leases.held("runner_3")), [], "What a runner without runs holds")


async def names_the_holders(storage: Storage) -> None:
    """`holders` names each runner with a queued or running run once; who let go of its runs is none."""
    await _claimed(storage, 1, runner="runner_2")
    for number in (2, 3):
        await running(storage, number)
    await queued(storage, 4)
    gone = await _claimed(storage, 5, runner="runner_3")
    await finish(storage, await take(storage, gone.run, runner="runner_3"))

    holders = await storage.journal.leases.holders()

    expect_same(sorted(holders), ["runner_1", "runner_2"], "The holders")


async def finds_what_nobody_holds(storage: Storage) -> None:
    """`left` gives runs whose lease is over and waiting ones to be stopped, oldest first, and nothing else."""
    over = [await running(storage, 1), await queued(storage, 2)]
    to_stop, patient = await waiting(storage, 3), await waiting(storage, 4)
    await storage.journal.runs.request_stop(to_stop.run.id)
    held = await running(storage, 5)
    await storage.journal.runs.renew(held.run.id, epoch=1, lease_until=START + 999)
    to_end = await running(storage, 6)
    await storage.journal.runs.request_stop(to_end.run.id)
    await storage.journal.runs.renew(to_end.run.id, epoch=1, lease_until=START + 999)
    for number, state in enumerate(END_STATES, 7):
        ended = await running(storage, number)
        await storage.journal.runs.finish(
            ended.run.id, epoch=1, state=state, parts=None, metadata={}, reason="", usage=[], now=START
        )

    left = await storage.journal.leases.left(now=over[0].run.lease_until)

    wanted = [await storage.journal.runs.get(setting.run.id) for setting in (*over, to_stop)]
    wanted.sort(key=lambda run: (run.created_at, run.id))
    expect_same(list(left), wanted, "What is left")
    before = await storage.journal.leases.left(now=over[0].run.lease_until - 1)
    expect(over[0].run.id not in {run.id for run in before}, "A run is left before its lease is over.")
    expect(patient.run.id not in {run.id for run in left}, "A run that only waits is left.")


async def finds_what_the_dead_held(storage: Storage) -> None:
    """`left` gives what one of these runners holds, however long its lease; the oldest, as many as asked for."""
    dead = [await running(storage, 1), await _claimed(storage, 2, runner="runner_3")]
    await _claimed(storage, 3, runner="runner_2")

    left = await storage.journal.leases.left(now=START - 99, runners=["runner_1", "runner_3", "runner_4"])
    first = await storage.journal.leases.left(now=START - 99, runners=["runner_1", "runner_3"], limit=1)

    wanted = sorted((setting.run for setting in dead), key=lambda run: (run.created_at, run.id))
    expect_same(list(left), wanted, "What is left of the dead")
    expect_same(list(first), wanted[:1], "The oldest of them")


async def tells_one_time_to_all(storage: Storage) -> None:
    """`now` is a time in seconds since 1970 that does not go back."""
    first = await storage.journal.leases.now()
    second = await storage.journal.leases.now()

    expect(first > 1_500_000_000, f"The storage's time is {first}, which is no time of our days in seconds since 1970.")
    expect(second >= first, f"The storage's time went back from {first} to {second}.")


async def _claimed(storage: Storage, number: int, *, runner: str) -> Setting:
    """A new thread with a queued run that names its holder."""
    created = await storage.journal.threads.create(thread(number))
    new = turn(1, of=created)
    claim = {"runner": runner, "lease_until": _LEASE, "host_ports": ("documents",)}
    run = new.run.model_copy(update=claim)
    return Setting(storage, created, await storage.journal.runs.start(replace(new, run=run), now=START))


def _held(run: Run) -> HeldRun:
    return HeldRun(run.id, run.stop_requested)


def _in_order(held: Sequence[HeldRun]) -> list[tuple[str, bool]]:
    return sorted((each.run_id, each.stop_requested) for each in held)
