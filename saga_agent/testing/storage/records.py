"""What every story port with records promises of `create`, `get`, `update`, `delete` and `purge`."""

from __future__ import annotations

from saga_agent.domain.record import Record
from saga_agent.errors import AlreadyExists, Conflict, NotFound
from saga_agent.storage.ports.story import Records
from saga_agent.testing.storage.expect import expect, expect_ids, expect_raises, expect_same
from saga_agent.testing.storage.parents import elsewhere, plant_kin
from saga_agent.testing.storage.samples import ELSEWHERE, EVERY_SCRIPT, HOME, Sample

Port = Records[Record]


def changed(record: Record, sample: Sample, text: str) -> Record:
    """The record with other text in the sample's text field."""
    return record.model_copy(update={sample.text_field: text})


async def gives_back_what_was_created(port: Port, sample: Sample) -> None:
    """`create` returns the record as it was given, and `get` reads it back."""
    record = sample.build(1)

    created = await port.create(record)

    expect_same(created, record, "What create returned")
    expect_same(await port.get(HOME, record.id), record, "What get read")


async def keeps_every_field(port: Port, sample: Sample) -> None:
    """Every field of a record is stored and read back exactly, its revision and provenance too."""
    await plant_kin(port, sample)
    await port.create(sample.full)

    expect_same(await port.get(HOME, sample.full.id), sample.full, "The record with all fields filled")


async def updates_every_field(port: Port, sample: Sample) -> None:
    """`update` stores every field, not only some."""
    await plant_kin(port, sample)
    plain = sample.build(1)
    await port.create(plain)
    full = sample.full.model_copy(update={"id": plain.id})

    await port.update(full, expected_rev=1)

    expect_same(await port.get(HOME, plain.id), full.model_copy(update={"rev": 2}), "The record after the update")


async def clears_fields_on_update(port: Port, sample: Sample) -> None:
    """`update` takes a field back to None or empty as well."""
    await plant_kin(port, sample)
    await port.create(sample.full)
    plain = sample.build(1).model_copy(update={"id": sample.full.id})

    await port.update(plain, expected_rev=sample.full.rev)

    stored = await port.get(HOME, plain.id)
    expect_same(stored, plain.model_copy(update={"rev": sample.full.rev + 1}), "The record after the update")


async def keeps_text_of_every_script(port: Port, sample: Sample) -> None:
    """Text comes back code point by code point: no normal form, no trimming, no lost emoji or line ends."""
    record = changed(sample.build(1), sample, EVERY_SCRIPT)

    await port.create(record)

    stored = getattr(await port.get(HOME, record.id), sample.text_field)
    expect_same(stored, EVERY_SCRIPT, f"The field {sample.text_field}")


async def keeps_a_given_revision(port: Port, sample: Sample) -> None:
    """`create` keeps the revision it is given, so that a restored record goes on where it was."""
    record = sample.build(1).model_copy(update={"rev": 41})
    await port.create(record)

    updated = await port.update(record, expected_rev=41)

    expect_same(updated.rev, 42, "The revision after the update")


async def refuses_a_taken_id(port: Port, sample: Sample) -> None:
    """`create` with an id that is taken raises `AlreadyExists` and changes nothing."""
    record = sample.build(1)
    await port.create(record)

    await expect_raises(AlreadyExists, port.create(changed(record, sample, "other")), "create with a taken id")

    expect_same(await port.get(HOME, record.id), record, "The first record after the refusal")


async def refuses_an_unknown_id(port: Port, sample: Sample) -> None:
    """`get`, `update` and `delete` of an unknown id raise `NotFound`, and `update` does not create."""
    record = sample.build(1)

    await expect_raises(NotFound, port.get(HOME, record.id), "get of an unknown id")
    await expect_raises(NotFound, port.update(record, expected_rev=1), "update of an unknown id")
    await expect_raises(NotFound, port.delete(HOME, record.id), "delete of an unknown id")
    expect_ids(await port.list(HOME), [], "The list after a refused update")


async def grows_the_revision_with_each_update(port: Port, sample: Sample) -> None:
    """`update` stores the change at `expected_rev + 1` and returns it so."""
    await port.create(sample.build(1))

    for rev in (1, 2, 3):
        wanted = changed(sample.build(1), sample, f"text {rev}")
        updated = await port.update(wanted, expected_rev=rev)
        expect_same(updated, wanted.model_copy(update={"rev": rev + 1}), "What update returned")
        expect_same(await port.get(HOME, wanted.id), updated, "What get read after the update")


async def counts_from_the_expected_revision(port: Port, sample: Sample) -> None:
    """The new revision is `expected_rev + 1`, whatever `rev` the given record carries."""
    await port.create(sample.build(1))

    updated = await port.update(sample.build(1).model_copy(update={"rev": 99}), expected_rev=1)

    expect_same(updated.rev, 2, "The revision update returned")
    expect_same((await port.get(HOME, updated.id)).rev, 2, "The stored revision")


async def refuses_an_outdated_update(port: Port, sample: Sample) -> None:
    """`update` with another revision than the stored one raises `Conflict`, names both, and changes nothing."""
    record = sample.build(1)
    await port.create(record)
    current = await port.update(changed(record, sample, "current"), expected_rev=1)

    for wrong in (1, 3):
        attempt = port.update(changed(record, sample, "lost"), expected_rev=wrong)
        error = await expect_raises(Conflict, attempt, f"update with expected_rev={wrong} at revision 2")
        expect_same((error.expected_rev, error.current_rev), (wrong, 2), "Conflict's (expected_rev, current_rev)")
    expect_same(await port.get(HOME, record.id), current, "The record after the refusals")


async def deletes_one_record(port: Port, sample: Sample) -> None:
    """`delete` removes that record and no other; a second `delete` raises `NotFound`."""
    for number in (1, 2):
        await port.create(sample.build(number))
    gone, kept = sample.build(1), sample.build(2)

    await port.delete(HOME, gone.id)

    await expect_raises(NotFound, port.get(HOME, gone.id), "get of a deleted record")
    await expect_raises(NotFound, port.delete(HOME, gone.id), "a second delete")
    expect_ids(await port.list(HOME), [kept.id], "The list after the delete")


async def frees_the_id_of_a_deleted_record(port: Port, sample: Sample) -> None:
    """A record can be created again after its deletion, as undo does."""
    await plant_kin(port, sample)
    record = sample.full
    await port.create(record)
    await port.delete(HOME, record.id)

    await port.create(record)

    expect_same(await port.get(HOME, record.id), record, "The record created again")


async def purges_one_project(port: Port, sample: Sample) -> None:
    """`purge` removes all records of the project and of no other, and may be repeated."""
    for number in (1, 2, 3):
        await port.create(sample.build(number))
    other = elsewhere(sample.build(4), sample)
    await port.create(other)

    for _ in ("first", "repeated"):
        await port.purge(HOME)
        expect_ids(await port.list(HOME), [], "The purged project's list")
        expect_ids(await port.list(ELSEWHERE), [other.id], "The other project's list")
    await port.purge("prj_unknown")


async def hides_records_from_other_projects(port: Port, sample: Sample) -> None:
    """A record of another project does not exist: get, update and delete raise `NotFound`, lists leave it out."""
    record = sample.build(1)
    await port.create(record)
    moved = elsewhere(record, sample)

    await expect_raises(NotFound, port.get(ELSEWHERE, record.id), "get through another project")
    await expect_raises(NotFound, port.update(moved, expected_rev=1), "update through another project")
    await expect_raises(NotFound, port.delete(ELSEWHERE, record.id), "delete through another project")
    expect_ids(await port.list(ELSEWHERE), [], "The other project's list")
    expect_same(await port.get(HOME, record.id), record, "The record after the attempts")


async def keeps_projects_apart_when_ids_are_equal(port: Port, sample: Sample) -> None:
    """Creating an id in a second project is refused as `AlreadyExists` or kept apart; the first record stays."""
    first = sample.build(1)
    await port.create(first)
    second = elsewhere(changed(first, sample, "elsewhere"), sample)

    try:
        await port.create(second)
    except AlreadyExists:
        await expect_raises(NotFound, port.get(ELSEWHERE, second.id), "get of the refused record")
    else:
        expect_same(await port.get(ELSEWHERE, second.id), second, "The second project's record")
        await port.delete(ELSEWHERE, second.id)
    expect_same(await port.get(HOME, first.id), first, "The first project's record")


async def does_not_share_what_callers_may_change(port: Port, sample: Sample) -> None:
    """Neither a caller who changes a JSON body it handed in, nor one who changes what it read, changes the store."""
    if sample.json_field is None:
        return
    body = {"list": [1], "deep": {"key": "as given"}}
    record = sample.build(1).model_copy(update={sample.json_field: body})
    as_given = record.model_copy(deep=True)

    await port.create(record)
    body["list"].append(2)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    read = await port.get(HOME, record.id)
    getattr(read, sample.json_field)["deep"]["key"] = "changed by a reader"
    getattr((await port.list(HOME)).items[0], sample.json_field).clear()

    expect_same(await port.get(HOME, record.id), as_given, "The record after its callers changed their copies")
    await port.update(read, expected_rev=1)
    getattr(read, sample.json_field).clear()
    expect(bool(getattr(await port.get(HOME, record.id), sample.json_field)), "An update shares its JSON body.")
