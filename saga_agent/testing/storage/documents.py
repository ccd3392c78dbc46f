"""What the documents port promises beyond other records: the text, heads without it, and the order of reading."""

from __future__ import annotations

from saga_agent.domain.document import Document
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_ids, expect_same
from saga_agent.testing.storage.samples import EVERY_SCRIPT, HOME, LARGE_TEXT, document


async def keeps_a_large_text(storage: Storage) -> None:
    """A text of a million characters comes back whole, after `create` and after `update`."""
    port = storage.story.documents
    large = document(1).model_copy(update={"text": LARGE_TEXT, "characters": len(LARGE_TEXT)})

    await port.create(large)
    created = await port.get(HOME, large.id)
    longer = large.model_copy(update={"text": LARGE_TEXT + "end", "characters": len(LARGE_TEXT) + 3})
    await port.update(longer, expected_rev=1)

    expect_same(created.text, LARGE_TEXT, "The created text")
    expect_same((await port.get(HOME, large.id)).text, longer.text, "The updated text")


async def keeps_an_empty_text(storage: Storage) -> None:
    """An empty document stays empty text, not None."""
    empty = document(1).model_copy(update={"text": "", "title": "", "characters": 0})

    await storage.story.documents.create(empty)

    expect_same(await storage.story.documents.get(HOME, empty.id), empty, "The empty document")


async def lists_heads_without_text(storage: Storage) -> None:
    """Lists give heads: no text, no scenes, and the number of code points as `Document.head` counts them."""
    port = storage.story.documents
    full = document(1).model_copy(update={"text": EVERY_SCRIPT, "characters": len(EVERY_SCRIPT)})
    await port.create(full)

    (head,) = (await port.list(HOME)).items

    expect_same((isinstance(head, Document), head), (False, full.head()), "What list gave (with text?, head)")


async def counts_the_characters_of_the_last_text(storage: Storage) -> None:
    """After an update a head counts the new text's code points, also when the writer of the record did not."""
    port = storage.story.documents
    await port.create(document(1))

    await port.update(document(1).model_copy(update={"text": "🐕🐕🐕"}), expected_rev=1)

    (head,) = (await port.list(HOME)).items
    expect_same((head.characters, head.rev), (3, 2), "The head's (characters, rev)")


async def lists_in_reading_order(storage: Storage) -> None:
    """Lists follow `reading_order` as numbers, negative ones first, and the id where it is equal."""
    port = storage.story.documents
    order = {"doc_a": 10, "doc_b": 9, "doc_c": -1, "doc_e": 2, "doc_d": 2, "doc_f": 100}
    for record_id, reading_order in order.items():
        await port.create(document(1).model_copy(update={"id": record_id, "reading_order": reading_order}))
    expected = ["doc_c", "doc_d", "doc_e", "doc_b", "doc_a", "doc_f"]

    first = await port.list(HOME, limit=2)
    second = await port.list(HOME, after=first.next, limit=2)
    third = await port.list(HOME, after=second.next, limit=2)

    expect_ids([*first.items, *second.items, *third.items], expected, "The list, read in pages of two")
    expect_same(third.next, None, "The last page's cursor")


async def moves_with_its_reading_order(storage: Storage) -> None:
    """A document whose `reading_order` is updated is listed at its new place."""
    port = storage.story.documents
    for number in (1, 2, 3):
        await port.create(document(number))

    await port.update(document(1).model_copy(update={"reading_order": 9}), expected_rev=1)

    expect_ids(await port.list(HOME), ["doc_0002", "doc_0003", "doc_0001"], "The list after the move")


async def reads_on_past_a_moved_document(storage: Storage) -> None:
    """A cursor keeps its place when the document it stands on is moved elsewhere."""
    port = storage.story.documents
    for number in (1, 2, 3, 4):
        await port.create(document(number))
    first = await port.list(HOME, limit=2)

    await port.update(document(2).model_copy(update={"reading_order": -5}), expected_rev=1)

    expect_ids(await port.list(HOME, after=first.next, limit=9), ["doc_0003", "doc_0004"], "The page after the cursor")
