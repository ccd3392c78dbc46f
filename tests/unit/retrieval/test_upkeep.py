"""The index follows the passages in the background: nothing is lost, and nothing holds up the rest."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from saga_agent.errors import StorageUnavailable
from saga_agent.retrieval.protocol import Scope
from tests.meanings import Meanings
from tests.unit.retrieval.rigs import HOME, Rig


async def test_telling_returns_before_anything_is_embedded() -> None:
    rig = Rig()

    await rig.write("doc_1", "a dog")
    assert rig.embeddings.embedded == []
    await rig.retriever.settle()

    assert rig.held() == {"doc_1": 1}


async def test_a_document_that_changes_while_it_is_embedded_is_embedded_once_more() -> None:
    class Slow(Meanings):
        def __init__(self) -> None:
            super().__init__()
            self.asked, self.may_go_on = asyncio.Event(), asyncio.Event()

        async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
            self.asked.set()
            await self.may_go_on.wait()
            return self.embed_documents(texts)

    embeddings = Slow()
    rig = Rig(embeddings)
    await rig.write("doc_1", "a dog")
    await embeddings.asked.wait()
    await rig.write("doc_1", "a king", "a ship", rev=2)
    embeddings.may_go_on.set()

    await rig.retriever.settle()

    assert rig.embeddings.embedded == ["a dog", "a king", "a ship"]
    assert await rig.index.revisions(HOME) == {"doc_1": 2}


async def test_ten_saves_in_a_row_are_one_piece_of_work() -> None:
    rig = Rig()

    for rev in range(1, 11):
        await rig.write("doc_1", f"a dog, version {rev}", rev=rev)
    await rig.retriever.settle()

    assert rig.embeddings.embedded == ["a dog, version 10"]


async def test_a_document_that_cannot_be_stored_does_not_hold_up_the_others() -> None:
    rig = Rig()
    rig.index.refused = "doc_1"
    await rig.write("doc_1", "a dog")
    await rig.write("doc_2", "a king")

    with pytest.raises(StorageUnavailable, match="moody"):
        await rig.retriever.settle()
    with pytest.raises(StorageUnavailable, match="moody"):
        await rig.retriever.settle()

    assert rig.held() == {"doc_2": 1}


async def test_what_failed_is_tried_again_after_a_while_by_itself() -> None:
    rig = Rig()
    rig.index.is_down = True
    await rig.write("doc_1", "a dog")
    with pytest.raises(StorageUnavailable):
        await rig.retriever.settle()

    rig.index.is_down = False
    await rig.clock.advance(1.0)

    assert rig.held() == {"doc_1": 1}
    assert rig.embeddings.embedded == ["a dog"], "the vectors were kept"
    await rig.retriever.settle()


async def test_a_purged_project_does_not_come_back() -> None:
    rig = Rig()
    await rig.write("doc_1", "a dog")
    await rig.retriever.settle()
    await rig.write("doc_1", "a king", rev=2)

    await rig.storage.journal.passages.purge(HOME.project_id)
    await rig.retriever.purge(HOME)
    await rig.retriever.settle()

    assert rig.held() == {}


async def test_a_purge_lets_go_of_those_who_wait_for_what_failed() -> None:
    rig = Rig()
    rig.index.is_down = True
    await rig.write("doc_1", "a dog")
    with pytest.raises(StorageUnavailable):
        await rig.retriever.settle()
    rig.index.is_down = False

    await asyncio.gather(rig.retriever.purge(HOME), rig.retriever.settle())


async def test_closing_ends_the_work_and_lets_go_of_those_who_wait() -> None:
    class Endless(Meanings):
        async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
            return await asyncio.Event().wait() or []  # pyright: ignore

    rig = Rig(Endless())
    await rig.write("doc_1", "a dog")
    waiting = asyncio.create_task(rig.retriever.settle())
    await asyncio.sleep(0)

    for _ in ("first", "repeated"):
        await rig.retriever.close()

    await waiting
    assert {task.get_name() for task in asyncio.all_tasks()} & {"vector-upkeep"} == set()


async def test_an_index_that_is_empty_is_filled_when_a_project_is_searched() -> None:
    rig = Rig()
    await rig.write("doc_1", "a dog")
    await rig.retriever.settle()
    rig.index.rows.clear()
    await rig.retriever.close()

    assert await rig.find("puppy") == ["a dog"]
    assert rig.embeddings.embedded == ["a dog"]


async def test_documents_that_are_gone_are_taken_out_when_a_project_is_searched() -> None:
    rig = Rig()
    await rig.write("doc_1", "a dog")
    await rig.write("doc_2", "a king")
    await rig.retriever.settle()
    await rig.storage.journal.passages.replace(HOME.project_id, "doc_1", ())

    assert await rig.find("puppy") == ["a king"]

    await rig.retriever.settle()
    assert rig.held() == {"doc_2": 1}
    assert await rig.storage.journal.embeddings.find(HOME.project_id, "meanings", [_DOG]) == {}


async def test_a_project_that_changes_hands_is_found_by_its_new_owner_only() -> None:
    rig = Rig()
    new_owner = Scope(owner_id="own_2", project_id=HOME.project_id)
    await rig.write("doc_1", "a dog")
    await rig.retriever.settle()

    assert await rig.find("puppy", scope=new_owner) == ["a dog"]

    assert await rig.index.search(HOME, [1.0, 0.0, 0.0, 0.0]) == []
    assert rig.embeddings.embedded == ["a dog"]


_DOG = hashlib.sha256(b"a dog").hexdigest()
