"""What the journal promises of vectors that texts became."""

from __future__ import annotations

from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect, expect_same
from saga_agent.testing.storage.racing import Cut, at_each_moment
from saga_agent.testing.storage.samples import ELSEWHERE, HOME

_MODEL = "text-embedding/é"


async def finds_what_was_stored(storage: Storage) -> None:
    """Every byte of a vector comes back under its hash; hashes that are not known are left out."""
    every_byte = bytes(range(256)) * 24
    await storage.journal.embeddings.replace(HOME, "doc_1", _MODEL, {"a": every_byte, "b": b""})

    expect_same(await _find(storage, "a", "b", "c"), {"a": every_byte, "b": b""}, "The vectors")
    expect_same(await _find(storage), {}, "The vectors of no hashes")


async def takes_many_at_once(storage: Storage) -> None:
    """A document's 3,000 vectors are stored in one step and found by their hashes in one, and go in one."""
    many = {f"{number:064x}": number.to_bytes(4, "little") for number in range(3_000)}
    await storage.journal.embeddings.replace(HOME, "doc_1", _MODEL, many)

    expect_same(len(await _find(storage, *many)), 3_000, "The number of vectors")
    await storage.journal.embeddings.replace(HOME, "doc_1", _MODEL, {"a": b"1"})
    expect_same(await _find(storage, "a", *many), {"a": b"1"}, "The vectors after a replacement")


async def replaces_those_of_the_document(storage: Storage) -> None:
    """`replace` leaves the document the new vectors only, and other documents and models theirs."""
    embeddings = storage.journal.embeddings
    await embeddings.replace(HOME, "doc_1", _MODEL, {"a": b"1", "b": b"2"})
    await embeddings.replace(HOME, "doc_1", "other", {"a": b"of another model"})
    await embeddings.replace(HOME, "doc_2", _MODEL, {"d": b"4"})

    for _ in ("first", "repeated"):
        await embeddings.replace(HOME, "doc_1", _MODEL, {"b": b"2", "c": b"3"})

    expect_same(await _find(storage, *"abcd"), {"b": b"2", "c": b"3", "d": b"4"}, "The vectors")
    expect_same(dict(await embeddings.find(HOME, "other", ["a"])), {"a": b"of another model"}, "The other model's")


async def keeps_a_vector_while_a_document_has_it(storage: Storage) -> None:
    """A text that two documents hold is known until the last of them has let go of it."""
    embeddings = storage.journal.embeddings
    for document_id in ("doc_1", "doc_2"):
        await embeddings.replace(HOME, document_id, _MODEL, {"a": b"1"})

    await embeddings.replace(HOME, "doc_1", _MODEL, {})
    expect_same(await _find(storage, "a"), {"a": b"1"}, "The vector that the second document has")
    await embeddings.purge(HOME, document_id="doc_2")
    expect_same(await _find(storage, "a"), {}, "The vectors that nobody has")


async def purges_a_document_or_a_project(storage: Storage) -> None:
    """`purge` removes the vectors of all models: of the one document, or of the whole project; no others."""
    embeddings = storage.journal.embeddings
    for project_id in (HOME, ELSEWHERE):
        for model in (_MODEL, "other"):
            await embeddings.replace(project_id, "doc_1", model, {"a": b"1"})
            await embeddings.replace(project_id, "doc_2", model, {"b": b"2"})

    for _ in ("first", "repeated"):
        await embeddings.purge(HOME, document_id="doc_1")
    expect_same(await _find(storage, "a", "b"), {"b": b"2"}, "The vectors without the document's")
    expect_same(dict(await embeddings.find(HOME, "other", ["a"])), {}, "The other model's vectors of the document")
    for _ in ("first", "repeated"):
        await embeddings.purge(HOME)

    expect_same(await _find(storage, "a", "b"), {}, "The purged project's vectors")
    expect_same(await _find(storage, "a", "b", project_id=ELSEWHERE), {"a": b"1", "b": b"2"}, "Another project's")


async def keeps_projects_apart(storage: Storage) -> None:
    """A text that another project holds is not known in this one."""
    await storage.journal.embeddings.replace(ELSEWHERE, "doc_1", _MODEL, {"a": b"1"})

    expect_same(await _find(storage, "a"), {}, "The vectors at home")


async def replaces_whole_or_not_when_cancelled(storage: Storage) -> None:
    """A cancelled `replace` happened whole or not at all."""
    before = {f"old {number}": b"1" for number in range(40)}
    after = {f"new {number}": b"2" for number in range(40)}

    async def attempt(number: int, cut: Cut) -> None:
        await storage.journal.embeddings.replace(HOME, "doc_1", _MODEL, before)
        await cut(storage.journal.embeddings.replace(HOME, "doc_1", _MODEL, after))
        found = await _find(storage, *before, *after)
        expect(found in (before, after), f"A cancelled replace left {sorted(found)}.")

    await at_each_moment(attempt)


async def _find(storage: Storage, *hashes: str, project_id: str = HOME) -> dict[str, bytes]:
    return dict(await storage.journal.embeddings.find(project_id, _MODEL, hashes))
