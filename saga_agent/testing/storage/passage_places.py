"""What the journal promises of passages that are asked for by where they lie."""

from __future__ import annotations

from saga_agent.domain.journal import Stretch
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_same
from saga_agent.testing.storage.passage_rows import passage
from saga_agent.testing.storage.samples import ELSEWHERE, HOME


async def lists_a_documents_passages_in_order(storage: Storage) -> None:
    """`list` gives all passages of the one document, in the order of its text, whatever order they came in."""
    rows = [passage(f"Hounds {start}.", start=start, rev=3) for start in (300, 0, 100)]
    await storage.journal.passages.replace(HOME, "doc_1", rows)
    await storage.journal.passages.replace(HOME, "doc_2", [passage("Other.", document_id="doc_2")])
    await storage.journal.passages.replace(ELSEWHERE, "doc_1", [passage("Elsewhere.")])

    expect_same(list(await storage.journal.passages.list(HOME, "doc_1")), [rows[1], rows[2], rows[0]], "The passages")
    expect_same(list(await storage.journal.passages.list(HOME, "doc_3")), [], "An unknown document's passages")


async def finds_passages_where_they_lie(storage: Storage) -> None:
    """`find` gives the passages of these places, in the order asked for."""
    first, second = passage("One.", start=0), passage("Two.", start=100)
    other = passage("Three.", document_id="doc_2", start=100)
    await storage.journal.passages.replace(HOME, "doc_1", [first, second])
    await storage.journal.passages.replace(HOME, "doc_2", [other])

    found = await storage.journal.passages.find(HOME, [_place(other), _place(first)])

    expect_same(list(found), [other, first], "The passages")
    expect_same(list(await storage.journal.passages.find(HOME, [])), [], "The passages of no places")


async def leaves_out_places_that_have_changed(storage: Storage) -> None:
    """`find` leaves out another revision, another end, an unknown document, and other projects' passages."""
    old, new = passage("Old hounds.", rev=1), passage("New hounds!", rev=2)
    await storage.journal.passages.replace(HOME, "doc_1", [old])
    await storage.journal.passages.replace(ELSEWHERE, "doc_9", [passage("Elsewhere.", document_id="doc_9")])
    await storage.journal.passages.replace(HOME, "doc_1", [new])
    asked = [
        _place(old),
        Stretch(document_id="doc_1", document_rev=2, start=0, end=5),
        _place(passage("Elsewhere.", document_id="doc_9")),
        _place(new),
    ]

    expect_same(list(await storage.journal.passages.find(HOME, asked)), [new], "The passages")


def _place(row: Stretch) -> Stretch:
    return Stretch(document_id=row.document_id, document_rev=row.document_rev, start=row.start, end=row.end)
