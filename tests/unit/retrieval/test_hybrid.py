"""Searches that are made of two, one of which may fail."""

from __future__ import annotations

import asyncio
import logging

import pytest

from tests.meanings import Meanings
from tests.unit.retrieval.rigs import HOME, Rig

DOWN = "Search by meaning does not work at the moment; passages are found by their words."
BEHIND = "Not all of the manuscript can be found by its meaning yet."


async def settled(*texts: str, rig: Rig | None = None) -> Rig:
    rig = rig or Rig()
    for number, text in enumerate(texts, start=1):
        await rig.write(f"doc_{number}", text)
    await rig.retriever.settle()
    return rig


async def test_a_passage_is_found_by_its_words_or_by_its_meaning() -> None:
    rig = await settled("Tam fed the dog.", "The ferry is late.", "The king smiled.")

    assert (await rig.find("puppy"))[0] == "Tam fed the dog."
    assert (await rig.find("late"))[0] == "The ferry is late."


async def test_no_more_is_given_than_was_asked_for() -> None:
    rig = await settled(*(f"A dog, number {number}." for number in range(30)))

    assert len(await rig.find("dog puppy", limit=3)) == 3
    assert len(await rig.find("zebra", limit=3)) == 3, "meaning ranks whatever there is"


async def test_a_query_without_words_asks_nobody() -> None:
    rig = await settled("Tam fed the dog.")

    assert await rig.find("  \n ") == []
    assert rig.embeddings.queries == []


async def test_without_the_index_passages_are_found_by_their_words(caplog: pytest.LogCaptureFixture) -> None:
    rig = await settled("Tam fed the dog.", "The ferry is late.")
    rig.index.is_down = True

    with caplog.at_level(logging.WARNING):
        assert await rig.find("ferry") == ["The ferry is late."]
        assert await rig.find("puppy") == []

    assert [record.getMessage() for record in caplog.records] == [
        f"{DOWN} Qdrant in memory refused a request: it is moody."
    ]


async def test_embeddings_that_raise_anything_leave_the_words() -> None:
    class Broken(Meanings):
        def embed_query(self, text: str) -> list[float]:
            raise ZeroDivisionError

    rig = await settled("Tam fed the dog.", rig=Rig(Broken()))

    assert await rig.find("dog") == ["Tam fed the dog."]
    assert rig.retriever.notice("own_1") == DOWN


async def test_an_index_that_raises_anything_leaves_the_words() -> None:
    rig = await settled("Tam fed the dog.")
    rig.index.rows["prj_1", "doc_2"] = ("own_1", None)  # pyright: ignore

    assert await rig.find("dog") == ["Tam fed the dog."]
    assert rig.retriever.notice("own_1") == DOWN


async def test_embeddings_that_do_not_answer_leave_the_words() -> None:
    class Silent(Meanings):
        async def aembed_query(self, text: str) -> list[float]:
            return await asyncio.Event().wait() or []  # pyright: ignore

    rig = await settled("Tam fed the dog.", rig=Rig(Silent(), patience_seconds=0.01))

    assert await rig.find("dog") == ["Tam fed the dog."]
    assert rig.retriever.notice("own_1") == DOWN


async def test_what_failed_is_left_alone_for_half_a_minute() -> None:
    rig = await settled("Tam fed the dog.")
    rig.index.is_down = True
    for _ in range(5):
        await rig.find("dog")
    assert rig.index.searches == 1

    rig.index.is_down = False
    await rig.clock.advance(29.0)
    assert await rig.find("puppy") == []
    await rig.clock.advance(1.0)

    assert await rig.find("puppy") == ["Tam fed the dog."]


async def test_each_owner_is_told_once_of_each_outage() -> None:
    rig = await settled("Tam fed the dog.")
    assert rig.retriever.notice("own_1") == ""
    rig.index.is_down = True
    await rig.find("dog")
    assert [rig.retriever.notice(owner) for owner in ("own_1", "own_1", "own_2")] == [DOWN, "", DOWN]
    await rig.clock.advance(30.0)
    await rig.find("dog")
    assert rig.retriever.notice("own_1") == "", "it is the same outage"

    rig.index.is_down = False
    await rig.clock.advance(30.0)
    await rig.find("dog")
    assert rig.retriever.notice("own_1") == ""
    rig.index.is_down = True
    await rig.find("dog")

    assert rig.retriever.notice("own_1") == DOWN


async def test_an_index_that_lags_behind_is_told_of_and_still_searched() -> None:
    rig = await settled("Tam fed the dog.")
    rig.index.refused = "doc_2"
    await rig.write("doc_2", "The king smiled.")

    assert "Tam fed the dog." in await rig.find("puppy")

    assert [rig.retriever.notice("own_1"), rig.retriever.notice("own_1")] == [BEHIND, ""]
    assert not await rig.retriever.is_well()
    rig.index.refused = ""
    await rig.retriever.settle()
    assert await rig.retriever.is_well()


async def test_an_index_that_cannot_be_reached_is_not_well() -> None:
    rig = await settled("Tam fed the dog.")
    assert await rig.retriever.is_well()

    rig.index.is_down = True

    assert not await rig.retriever.is_well()


async def test_passages_that_changed_since_are_not_shown() -> None:
    rig = await settled("Tam fed the dog.")
    assert await rig.find("hounds") == ["Tam fed the dog."]
    await rig.write("doc_1", "Tam fed the cat.", rev=2, tells=False)

    assert await rig.retriever.search(HOME, "hounds") == []

    await rig.retriever.settle()
    assert await rig.find("hounds") == ["Tam fed the cat."]
