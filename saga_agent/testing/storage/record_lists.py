"""What every story port with records promises of `list`."""

from __future__ import annotations

from collections.abc import Mapping

from saga_agent.domain.record import Record
from saga_agent.errors import InvalidInput
from saga_agent.storage.ports.story import Records
from saga_agent.testing.storage.expect import expect, expect_ids, expect_raises, expect_same
from saga_agent.testing.storage.parents import elsewhere, plant_kin
from saga_agent.testing.storage.racing import race
from saga_agent.testing.storage.records import changed
from saga_agent.testing.storage.samples import HOME, Sample

Port = Records[Record]


async def _fill(port: Port, sample: Sample, count: int) -> list[str]:
    # Written back to front, so that an order of insertion does not pass for the port's order.
    for number in reversed(range(1, count + 1)):
        await port.create(sample.build(number))
    return [sample.build(number).id for number in range(1, count + 1)]


async def _read_all(port: Port, *, limit: int, where: Mapping[str, str] | None = None) -> list[list[str]]:
    pages: list[list[str]] = []
    after = None
    while True:
        page = await port.list(HOME, where=where, after=after, limit=limit)
        pages.append([item.id for item in page.items])
        after = page.next
        if after is None:
            return pages
        expect(bool(page.items), "A page with a cursor has no items, so reading on never ends.")


async def lists_an_empty_project(port: Port, sample: Sample) -> None:
    """The list of a project without records is one empty page."""
    page = await port.list("prj_unknown")

    expect_same((len(page.items), page.next), (0, None), "The page (number of items, next)")


async def lists_in_a_stable_order(port: Port, sample: Sample) -> None:
    """`list` is in the port's order, whatever the order of creation or of updates."""
    ids = await _fill(port, sample, 5)
    await port.update(sample.build(2), expected_rev=1)

    expect_ids(await port.list(HOME), ids, "The list")


async def lists_records_as_they_are(port: Port, sample: Sample) -> None:
    """A listed record says the same as the stored one; a document's head leaves out only text and scenes."""
    await plant_kin(port, sample)
    await port.create(sample.full)

    listed = tuple(item for item in (await port.list(HOME)).items if item.id == sample.full.id)

    expect_same(listed, (sample.listed(sample.full),), "The listed record")


async def gives_every_record_on_exactly_one_page(port: Port, sample: Sample) -> None:
    """Reading page by page gives every record once, in order, in full pages, and ends without a cursor."""
    ids = await _fill(port, sample, 7)

    pages = await _read_all(port, limit=3)

    expect_same(pages, [ids[:3], ids[3:6], ids[6:]], "The pages")


async def ends_without_a_cursor_on_a_full_last_page(port: Port, sample: Sample) -> None:
    """`next` is None when nothing follows, also when the last page is full."""
    ids = await _fill(port, sample, 4)

    expect_same(await _read_all(port, limit=2), [ids[:2], ids[2:]], "The pages")
    expect_same((await port.list(HOME, limit=4)).next, None, "The cursor of a page that holds all")


async def lists_a_hundred_by_default(port: Port, sample: Sample) -> None:
    """Without a limit a page has 100 records."""
    ids = await _fill(port, sample, 103)

    expect_same(await _read_all(port, limit=100), [ids[:100], ids[100:]], "The pages")
    expect_same(len((await port.list(HOME)).items), 100, "The length of a page without a limit")


async def reads_on_while_records_come_and_go(port: Port, sample: Sample) -> None:
    """A cursor outlives the record it stands on: after deletes and inserts nothing is skipped or given twice."""
    await _fill(port, sample, 6)
    first = await port.list(HOME, limit=3)

    for number in (1, 3, 5):
        await port.delete(HOME, sample.build(number).id)
    await port.create(sample.build(7))
    second = await port.list(HOME, after=first.next, limit=10)

    expect_ids(second, [sample.build(number).id for number in (4, 6, 7)], "The page after the cursor")
    expect_same(second.next, None, "Its cursor")


async def finds_what_was_inserted_behind_the_cursor(port: Port, sample: Sample) -> None:
    """A record that is inserted behind the cursor's place is on the next page; one before it shifts nothing."""
    for number in (1, 2, 4, 5):
        await port.create(sample.build(number))
    first = await port.list(HOME, limit=2)

    await port.create(sample.build(0))
    await port.create(sample.build(3))

    second = await port.list(HOME, after=first.next, limit=2)
    expect_ids(second, [sample.build(3).id, sample.build(4).id], "The page after the cursor")


async def ends_when_everything_behind_the_cursor_is_gone(port: Port, sample: Sample) -> None:
    """A cursor with nothing left behind it gives an empty last page."""
    await _fill(port, sample, 4)
    first = await port.list(HOME, limit=2)

    await port.purge(HOME)

    rest = await port.list(HOME, after=first.next, limit=2)
    expect_same((len(rest.items), rest.next), (0, None), "The page (number of items, next)")


async def lists_one_project_only(port: Port, sample: Sample) -> None:
    """Pages hold records of the asked project alone, also behind a cursor."""
    for number in range(1, 7):
        record = sample.build(number)
        await port.create(record if number % 2 else elsewhere(record, sample))

    pages = await _read_all(port, limit=2)

    expect_same(pages, [[sample.build(1).id, sample.build(3).id], [sample.build(5).id]], "The pages")


async def filters_by_each_field(port: Port, sample: Sample) -> None:
    """Each filter of the port gives exactly the records with that value, page by page."""
    for field, (wanted, other) in sample.filter_values.items():
        await port.purge(HOME)
        await plant_kin(port, sample)
        for number in range(1, 8):
            value = wanted if number % 2 else other
            await port.create(sample.build(number).model_copy(update={field: value}))

        pages = await _read_all(port, limit=3, where={field: wanted})

        odd = [sample.build(number).id for number in (1, 3, 5, 7)]
        expect_same(pages, [odd[:3], odd[3:]], f"The pages with {field}={wanted!r}")


async def filters_by_all_fields_together(port: Port, sample: Sample) -> None:
    """With several filters a record must match all of them; no match is an empty page, no filter is every record."""
    wanted = {field: values[0] for field, values in sample.filter_values.items()}
    other = {field: values[1] for field, values in sample.filter_values.items()}
    if wanted:
        await plant_kin(port, sample)
    await port.create(sample.build(1).model_copy(update=wanted))
    for number, field in enumerate(sample.filter_values, start=2):
        await port.create(sample.build(number).model_copy(update={**wanted, field: other[field]}))

    expect_ids(await port.list(HOME, where=wanted), [sample.build(1).id], f"The list with {wanted}")
    for field in wanted:
        found = await port.list(HOME, where={field: "no such value"})
        expect_ids(found, [], f"The list with a value of {field} that no record has")
    everything = len(wanted) + 1 + (len(sample.kin) if wanted else 0)
    expect_same(len((await port.list(HOME, where={})).items), everything, "The number listed without filters")


async def follows_updates_in_filters(port: Port, sample: Sample) -> None:
    """A filter sees the fields as the last update left them."""
    for field, (before, after) in sample.filter_values.items():
        await port.purge(HOME)
        await plant_kin(port, sample)
        record = sample.build(1).model_copy(update={field: before})
        await port.create(record)

        await port.update(record.model_copy(update={field: after}), expected_rev=1)

        expect_ids(await port.list(HOME, where={field: before}), [], f"The list with the old {field}")
        expect_ids(await port.list(HOME, where={field: after}), [record.id], f"The list with the new {field}")


async def matches_filters_exactly(port: Port, sample: Sample) -> None:
    """A filter's value is compared as it is: case, spaces, and `%` or `_` in it stand for themselves."""
    await plant_kin(port, sample)
    for field, (wanted, _) in sample.filter_values.items():
        record = sample.build(1).model_copy(update={"id": f"{sample.build(1).id}_{field}", field: wanted})
        await port.create(record)
        likenesses = (wanted.upper(), wanted.title(), f"{wanted} ", f" {wanted}", f"{wanted[:-1]}_", f"{wanted[:-1]}%")
        for value in (*likenesses, wanted[:-1], "%", "*", ""):
            found = await port.list(HOME, where={field: value})
            expect_ids(found, [], f"The list with {field}={value!r}, where a record has {wanted!r},")


async def tells_ids_apart_and_orders_them_exactly(port: Port, sample: Sample) -> None:
    """Ids that differ by case alone are two; where ids decide the order, it is that of their code points."""
    plain = sample.build(1)
    ids = [f"{plain.id}{end}" for end in ("", "-", ".", "A", "Z", "_", "a", "z")]
    for record_id in reversed(ids):
        await port.create(changed(plain, sample, record_id).model_copy(update={"id": record_id}))

    expect_ids(await port.list(HOME), ids, "The list")
    pages = await _read_all(port, limit=3)
    expect_same(pages, [ids[:3], ids[3:6], ids[6:]], "The pages")
    for record_id in ids:
        expect_same(getattr(await port.get(HOME, record_id), sample.text_field), record_id, f"The text of {record_id}")
    await port.delete(HOME, f"{plain.id}A")
    expect_ids(await port.list(HOME), [each for each in ids if each != f"{plain.id}A"], "The list after a delete")


async def purges_more_than_a_page(port: Port, sample: Sample) -> None:
    """`purge` removes all records of a project, however many there are."""
    for first in range(0, 1_100, 100):
        await race(port.create(sample.build(number)) for number in range(first, first + 100))

    await port.purge(HOME)

    expect_ids(await port.list(HOME), [], "The list after the purge of 1,100 records")


async def refuses_an_unknown_filter(port: Port, sample: Sample) -> None:
    """A field that is no filter of the port raises `InvalidInput`, also one that records have."""
    await port.create(sample.build(1))

    for field in ("no_such_field", "rev", "project_id; --"):
        await expect_raises(InvalidInput, port.list(HOME, where={field: "1"}), f"list with the filter {field!r}")
