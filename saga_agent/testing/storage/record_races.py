"""What every story port with records promises when verbs race or are cancelled."""

from __future__ import annotations

from saga_agent.domain.record import Record
from saga_agent.storage.ports.story import Records
from saga_agent.testing.storage.expect import expect, expect_ids, expect_same
from saga_agent.testing.storage.parents import elsewhere, plant_kin
from saga_agent.testing.storage.racing import Cut, at_each_moment, longest_stall, names_of, race
from saga_agent.testing.storage.records import changed
from saga_agent.testing.storage.samples import ELSEWHERE, HOME, Sample

Port = Records[Record]
_STALL_SECONDS = 0.025


async def lets_one_of_racing_updates_win(port: Port, sample: Sample) -> None:
    """Of 20 racing updates of one revision exactly one wins; the others raise `Conflict` and leave no trace."""
    record = sample.build(1)
    await port.create(record)

    updates = (port.update(changed(record, sample, f"racer {number}"), expected_rev=1) for number in range(20))
    won, lost = await race(updates)

    expect_same((len(won), names_of(lost)), (1, ["Conflict"]), "The number of winners and what losers raised")
    expect_same(await port.get(HOME, record.id), won[0], "The stored record")


async def lets_one_of_racing_creates_win(port: Port, sample: Sample) -> None:
    """Of 20 racing creates of one id exactly one wins; the others raise `AlreadyExists`."""
    record = sample.build(1)

    won, lost = await race(port.create(changed(record, sample, f"racer {number}")) for number in range(20))

    expect_same((len(won), names_of(lost)), (1, ["AlreadyExists"]), "The number of winners and what losers raised")
    expect_same(await port.get(HOME, record.id), won[0], "The stored record")


async def lets_one_of_racing_deletes_win(port: Port, sample: Sample) -> None:
    """Of 10 racing deletes exactly one wins; the others raise `NotFound`."""
    record = sample.build(1)
    await port.create(record)

    won, lost = await race(port.delete(HOME, record.id) for _ in range(10))

    expect_same((len(won), names_of(lost)), (1, ["NotFound"]), "The number of winners and what losers raised")


async def never_revives_a_deleted_record(port: Port, sample: Sample) -> None:
    """An update that races with a delete wins before it or raises; the record stays deleted."""
    for number in range(1, 6):
        record = sample.build(number)
        await port.create(record)

        await race([port.update(changed(record, sample, "late"), expected_rev=1), port.delete(HOME, record.id)])

    expect_ids(await port.list(HOME), [], "The list after updates raced with deletes")


async def keeps_records_created_at_once(port: Port, sample: Sample) -> None:
    """50 records created at the same time are all there."""
    await race(port.create(sample.build(number)) for number in range(50))

    expect_ids(await port.list(HOME), [sample.build(number).id for number in range(50)], "The list")


async def leaves_the_event_loop_free(port: Port, sample: Sample) -> None:
    """No verb holds up the event loop: what waits for a disk or a network waits in a thread or a coroutine."""
    stalls: dict[str, list[float]] = {}
    for number in range(1, 6):  # a busy machine may hold up one try, but not each
        record = sample.build(number)
        verbs = {
            "create": lambda record=record: port.create(record),
            "get": lambda record=record: port.get(HOME, record.id),
            "list": lambda: port.list(HOME),
            "update": lambda record=record: port.update(record, expected_rev=1),
            "delete": lambda record=record: port.delete(HOME, record.id),
            "purge": lambda: port.purge(HOME),
        }
        for name, verb in verbs.items():
            stalls.setdefault(name, []).append(await longest_stall(verb()))

    for name, seconds in stalls.items():
        shown = f"{name} held up the event loop for {min(seconds) * 1000:.0f} ms each time"
        expect(min(seconds) < _STALL_SECONDS, f"{shown}; run it in a thread.")


async def creates_whole_or_not_when_cancelled(port: Port, sample: Sample) -> None:
    """A cancelled `create` happened whole or not at all, and the port goes on working."""
    await plant_kin(port, sample)

    async def attempt(number: int, cut: Cut) -> None:
        record = sample.full.model_copy(update={"id": sample.build(number).id})
        await cut(port.create(record))
        await race([port.create(record)])
        expect_same(await port.get(HOME, record.id), record, "The record after a cancelled create was repeated")

    await at_each_moment(attempt)


async def updates_whole_or_not_when_cancelled(port: Port, sample: Sample) -> None:
    """A cancelled `update` happened whole or not at all, and the port goes on working."""
    await plant_kin(port, sample)

    async def attempt(number: int, cut: Cut) -> None:
        plain = sample.build(number)
        await port.create(plain)
        full = sample.full.model_copy(update={"id": plain.id})
        await cut(port.update(full, expected_rev=1))
        await race([port.update(full, expected_rev=1)])
        stored = await port.get(HOME, plain.id)
        expect_same(stored, full.model_copy(update={"rev": 2}), "The record after a cancelled update was repeated")

    await at_each_moment(attempt)


async def removes_whole_or_not_when_cancelled(port: Port, sample: Sample) -> None:
    """A cancelled `delete` or `purge` happened whole or not at all, and the port goes on working."""

    async def attempt(number: int, cut: Cut) -> None:
        record = sample.build(number)
        kept = elsewhere(record, sample).model_copy(update={"id": f"{record.id}_kept"})
        await port.create(record)
        await port.create(kept)
        await cut(port.delete(HOME, record.id))
        await race([port.delete(HOME, record.id)])
        await cut(port.purge(HOME))
        await port.purge(HOME)
        expect_ids(await port.list(HOME), [], "The list after a cancelled delete and purge were repeated")
        expect_same(await port.get(ELSEWHERE, kept.id), kept, "A record of another project")

    await at_each_moment(attempt)
