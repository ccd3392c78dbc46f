"""What every story port with records promises of `create_many`, which a host's port may leave out."""

from __future__ import annotations

from saga_agent.domain.record import Record
from saga_agent.errors import AlreadyExists
from saga_agent.storage.ports.story import MOST_CREATED, Records
from saga_agent.testing.storage.expect import expect_ids, expect_raises, expect_same
from saga_agent.testing.storage.parents import elsewhere, plant_kin
from saga_agent.testing.storage.samples import ELSEWHERE, HOME, Sample

Port = Records[Record]


def _has_verb(port: Port) -> bool:
    return hasattr(port, "create_many")


async def stores_records_at_once(port: Port, sample: Sample) -> None:
    """`create_many` stores every field of all records and gives them as they were given; none is no error."""
    if not _has_verb(port):
        return
    await plant_kin(port, sample)
    records = [sample.full, *[sample.build(number) for number in (1, 2, 3)]]

    created = await port.create_many(records)
    await port.create_many([])

    expect_same(list(created), records, "What create_many returned")
    for record in records:
        expect_same(await port.get(HOME, record.id), record, "What get read")


async def stores_none_when_one_is_taken(port: Port, sample: Sample) -> None:
    """`create_many` with an id that is taken raises `AlreadyExists` naming it, and stores none of the records."""
    if not _has_verb(port):
        return
    taken = sample.build(2)
    await port.create(taken)
    wanted = [sample.build(number) for number in (1, 2, 3)]

    error = await expect_raises(AlreadyExists, port.create_many(wanted), "create_many with a taken id")

    expect_same(error.key, taken.id, "The id that AlreadyExists names")
    expect_ids(await port.list(HOME), [taken.id], "The list after the refusal")


async def refuses_an_id_that_comes_twice(port: Port, sample: Sample) -> None:
    """`create_many` with two records of one id raises `AlreadyExists` naming it, and stores none."""
    if not _has_verb(port):
        return
    wanted = [sample.build(number) for number in (1, 2, 2)]

    error = await expect_raises(AlreadyExists, port.create_many(wanted), "create_many with an id twice")

    expect_same(error.key, wanted[1].id, "The id that AlreadyExists names")
    expect_ids(await port.list(HOME), [], "The list after the refusal")


async def takes_as_many_records_as_are_promised(port: Port, sample: Sample) -> None:
    """`create_many` takes `MOST_CREATED` records, which belong to their project alone and can be changed after."""
    if not _has_verb(port):
        return
    other = elsewhere(sample.build(0), sample)
    await port.create(other)
    records = [sample.build(number) for number in range(1, MOST_CREATED + 1)]

    await port.create_many(records)

    expect_same(len((await port.list(HOME, limit=2 * MOST_CREATED)).items), MOST_CREATED, "The number that is listed")
    expect_ids(await port.list(ELSEWHERE), [other.id], "The other project's list")
    changed = await port.update(records[-1], expected_rev=1)
    expect_same(changed.rev, 2, "The revision of a record after its update")
