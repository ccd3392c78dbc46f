"""What holds for a database that several storages have open at once: two handles of one process, and two processes."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import cast

from saga_agent.domain.record import Record
from saga_agent.errors import Conflict, InvalidInput, NotFound, RunBusy, StaleEpoch
from saga_agent.storage.adapter import Storage
from saga_agent.storage.ports.story import Records
from saga_agent.testing.storage.expect import expect_ids, expect_raises, expect_same
from saga_agent.testing.storage.parents import plant
from saga_agent.testing.storage.racing import names_of, race
from saga_agent.testing.storage.records import changed
from saga_agent.testing.storage.samples import HOME, RECORDS, Sample
from saga_agent.testing.storage.turns import LEASE_SECONDS, START, queued, running, take

OpenStorage = Callable[[], AbstractAsyncContextManager[Storage]]
"""Opens one more storage on the same data; a storage itself is such a context manager."""
MakeDatabase = Callable[[], AbstractAsyncContextManager[OpenStorage]]
"""Gives an async context manager that yields how to open storages on one fresh database."""

_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class SharedCheck:
    """One rule of one port, for a database with several storages on it."""

    name: str
    """The port and the rule, e.g. `documents.shows_one_handle_what_another_wrote`; unique."""
    port: str
    run: Callable[[MakeDatabase], Awaitable[None]]
    """Runs it on the database it is given; raises `AssertionError` when the rule is broken."""


def shared_checks(ports: Collection[str] | None = None, *, processes: bool = False) -> Iterator[SharedCheck]:
    """The checks of these ports, or of all that have some, for adapters whose data several storages may open.

    Args:
        ports: names of story ports with records, `journal.runs` and `journal.streams`.
        processes: the checks with a second process instead. What opens a storage is then sent to that process, so it
            must be picklable: `functools.partial(SqlStorage, url)`, not a lambda.

    Example:
        >>> @contextlib.asynccontextmanager
        ... async def make_database():
        ...     with tempfile.TemporaryDirectory() as folder:
        ...         yield functools.partial(sa.SqlStorage, f"sqlite:///{folder}/saga.db")
        >>> for check in shared_checks(processes=True):
        ...     await check.run(make_database)

    Raises:
        InvalidInput: a port has no such checks.
    """
    known = (*RECORDS, "journal.runs", "journal.streams")
    wanted = known if ports is None else tuple(ports)
    if unknown := sorted(set(wanted) - set(known)):
        raise InvalidInput(f"{unknown[0]!r} has no checks of shared data; choose from {', '.join(known)}.")
    return (check for port in wanted for check in (_in_processes(port) if processes else _in_handles(port)))


def _in_handles(port: str) -> Iterator[SharedCheck]:
    if sample := RECORDS.get(port):
        for rule in (shows_one_handle_what_another_wrote, lets_one_of_two_handles_win):
            yield _check(port, rule.__name__, rule.__doc__, partial(_on_two, partial(_of_records, rule, sample), port))
    elif port == "journal.runs":
        rule = gives_a_run_to_one_handle
        yield _check(port, rule.__name__, rule.__doc__, partial(_on_two, rule, port))
    else:
        rule = keeps_a_stale_handle_from_writing
        yield _check(port, rule.__name__, rule.__doc__, partial(_on_two, rule, port))


def _in_processes(port: str) -> Iterator[SharedCheck]:
    if port in RECORDS:
        rule = loses_no_update_of_another_process
        yield _check(port, rule.__name__, rule.__doc__, partial(rule, port))
    elif port == "journal.runs":
        rule = gives_each_run_to_one_process
        yield _check(port, rule.__name__, rule.__doc__, rule)


async def shows_one_handle_what_another_wrote(first: Records[Record], second: Records[Record], sample: Sample) -> None:
    """What one storage has written, another one on the same data reads at once; what it has deleted is gone there."""
    await first.create(sample.build(1))
    expect_same(await second.get(HOME, sample.build(1).id), sample.build(1), "What the second handle read")

    updated = await second.update(changed(sample.build(1), sample, "later"), expected_rev=1)
    expect_same(await first.get(HOME, updated.id), updated, "What the first handle read after an update by the second")

    await second.create(sample.build(2))
    ids = [sample.build(number).id for number in (1, 2)]
    expect_ids(await first.list(HOME), ids, "The first handle's list")
    await second.delete(HOME, ids[0])
    await expect_raises(NotFound, first.get(HOME, ids[0]), "get of what another handle deleted")


async def lets_one_of_two_handles_win(first: Records[Record], second: Records[Record], sample: Sample) -> None:
    """Of 20 updates of one revision that race through two storages one wins; the others raise `Conflict`."""
    record = sample.build(1)
    await first.create(record)

    handles = (first, second) * (_ROUNDS // 2)
    updates = (
        handle.update(changed(record, sample, f"racer {number}"), expected_rev=1)
        for number, handle in enumerate(handles)
    )
    won, lost = await race(updates)

    expect_same((len(won), names_of(lost)), (1, ["Conflict"]), "The number of winners and what losers raised")
    for handle in (first, second):
        expect_same(await handle.get(HOME, record.id), won[0], "The stored record")


async def gives_a_run_to_one_handle(first: Storage, second: Storage) -> None:
    """Of two storages that take a queued run at once one has it; the other one raises `RunBusy`."""
    for number in range(1, 6):
        run = (await queued(first, number)).run
        won, lost = await race([take(first, run, runner="runner_1"), take(second, run, runner="runner_2")])
        expect_same((len(won), names_of(lost)), (1, ["RunBusy"]), "The number of holders and what the other raised")
        held = [(await handle.journal.runs.get(run.id)).runner for handle in (first, second)]
        expect_same(held, [won[0].runner] * 2, "The runner that each handle reads")


async def keeps_a_stale_handle_from_writing(first: Storage, second: Storage) -> None:
    """A run that was taken over through another storage takes no rows of its former holder; all read one log."""
    setting = await running(first)
    run = setting.run
    await first.journal.streams.append(run.stream_id, epoch=1, first_seq=1, chunks=['"a"'])
    taken = await take(second, run, runner="runner_2", now=setting.after_lease)

    late = first.journal.streams.append(run.stream_id, epoch=1, first_seq=2, chunks=['"late"'])
    await expect_raises(StaleEpoch, late, "append by a holder that was overtaken through another handle")
    await second.journal.streams.append(run.stream_id, epoch=taken.epoch, first_seq=2, chunks=['"b"'])

    for handle in (first, second):
        rows = [(row.seq, row.epoch, row.chunk) for row in await handle.journal.streams.read(run.stream_id)]
        expect_same(rows, [(1, 1, '"a"'), (2, 2, '"b"')], "The rows that a handle reads")


async def loses_no_update_of_another_process(port: str, open_storage: OpenStorage) -> None:
    """Updates of one record by two processes are all made, one after the other."""
    sample = RECORDS[port]
    async with open_storage() as storage:
        await plant(storage, port)
        await _records_of(storage, port).create(sample.build(1))
    await _both(partial(_count_up, open_storage, port))
    async with open_storage() as storage:
        stored = await _records_of(storage, port).get(HOME, sample.build(1).id)
    expect_same(stored.rev, 1 + 2 * _ROUNDS, "The revision after 20 updates by each of two processes")


async def gives_each_run_to_one_process(open_storage: OpenStorage) -> None:
    """Of two processes that take the same queued runs each run goes to one."""
    async with open_storage() as storage:
        runs = [(await queued(storage, number)).run.id for number in range(1, _ROUNDS + 1)]
    taken = await _both(partial(_take_all, open_storage, runs))
    expect_same(sorted([*taken[0], *taken[1]]), sorted(runs), "The runs that the two processes took")


def _check(
    port: str, rule_name: str, promise: str | None, rule: Callable[[OpenStorage], Awaitable[None]]
) -> SharedCheck:
    name = f"{port}.{rule_name}"

    async def run(make_database: MakeDatabase) -> None:
        async with make_database() as open_storage:
            try:
                await rule(open_storage)
            except AssertionError as error:
                raise AssertionError(f"{name}: {promise} {error}") from error
            except Exception as error:
                raise AssertionError(f"{name}: {promise} The storage raised {error!r}.") from error

    return SharedCheck(name, port, run)


async def _on_two(rule: Callable[[Storage, Storage], Awaitable[None]], port: str, open_storage: OpenStorage) -> None:
    async with open_storage() as first, open_storage() as second:
        await plant(first, port)
        await rule(first, second)


async def _of_records(
    rule: Callable[[Records[Record], Records[Record], Sample], Awaitable[None]],
    sample: Sample,
    first: Storage,
    second: Storage,
) -> None:
    await rule(_records_of(first, sample.port), _records_of(second, sample.port), sample)


def _records_of(storage: Storage, port: str) -> Records[Record]:
    return cast("Records[Record]", getattr(storage.story, port))


async def _both(work: Callable[[str], Sequence[str]]) -> Sequence[Sequence[str]]:
    """What the work gives in two processes at once, each with a name of its own."""
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        return await asyncio.gather(*(loop.run_in_executor(pool, work, f"process_{number}") for number in (1, 2)))


def _count_up(open_storage: OpenStorage, port: str, name: str) -> Sequence[str]:
    async def work() -> None:
        sample = RECORDS[port]
        async with open_storage() as storage:
            records, done = _records_of(storage, port), 0
            while done < _ROUNDS:
                rev = (await records.get(HOME, sample.build(1).id)).rev
                try:
                    await records.update(changed(sample.build(1), sample, f"{name} {done}"), expected_rev=rev)
                    done += 1
                except Conflict:
                    pass

    asyncio.run(work())
    return ()


def _take_all(open_storage: OpenStorage, run_ids: Sequence[str], name: str) -> Sequence[str]:
    async def work() -> list[str]:
        taken: list[str] = []
        async with open_storage() as storage:
            for run_id in run_ids:
                try:
                    until = START + 10 * LEASE_SECONDS
                    await storage.journal.runs.take(run_id, runner=name, lease_until=until, now=START + _ROUNDS)
                    taken.append(run_id)
                except RunBusy:
                    pass
        return taken

    return asyncio.run(work())
