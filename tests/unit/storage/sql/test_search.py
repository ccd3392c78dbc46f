"""What searching promises beyond the kit: the same ranking on both engines, at bounded cost."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from saga_agent.domain.journal import Passage
from saga_agent.storage.sql.adapter import SqlStorage


def passage(document_id: str, start: int, words: str) -> Passage:
    return Passage(
        document_id=document_id, document_rev=1, start=start, end=start + len(words), title="Chapter", text=words
    )


async def test_the_score_counts_the_words_that_are_found(url: str):
    texts = ["the hounds bark", "hounds hounds hounds", "kennels", "the hounds of the kennels bark at nothing at all"]
    async with SqlStorage(url) as storage:
        await storage.journal.passages.replace("p", "d", [passage("d", i, each) for i, each in enumerate(texts)])

        hits = await storage.journal.passages.search("p", "Who hears the hounds bark at the Kennels?")

    assert [(hit.text, int(hit.score)) for hit in hits[:2]] == [(texts[3], 3), (texts[0], 2)]
    assert {(hit.text, int(hit.score)) for hit in hits[2:]} == {(texts[1], 1), (texts[2], 1)}


async def test_of_a_long_query_the_32_rarest_words_are_searched(url: str):
    common = [f"common{number}" for number in range(100)]
    async with SqlStorage(url) as storage:
        documents = [passage("d", number, " ".join(common)) for number in range(20)]
        await storage.journal.passages.replace("p", "d", [*documents, passage("d", 99, "hounds of the moor")])

        hits = await storage.journal.passages.search("p", f"{' '.join(common)} absent moor hounds", limit=30)

    assert {hit.text: int(hit.score) for hit in hits} == {" ".join(common): 30, "hounds of the moor": 2}


async def test_the_index_survives_a_job_that_fails_in_its_group(sqlite_url: str):
    def fail(conn: object) -> None:
        raise LookupError

    async with SqlStorage(sqlite_url) as storage:
        index = storage.journal.passages
        done = await asyncio.gather(
            index.replace("p", "a", [passage("a", 0, "hounds bark")]),
            storage.database.write(fail),
            index.replace("p", "b", [passage("b", 0, "hounds sleep")]),
            index.replace("p", "a", [passage("a", 0, "cats bark")]),
            return_exceptions=True,
        )
        assert [type(each) for each in done] == [type(None), LookupError, type(None), type(None)]

        assert [hit.text for hit in await index.search("p", "hounds")] == ["hounds sleep"]
        check = "INSERT INTO saga_passages_fts (saga_passages_fts, rank) VALUES ('integrity-check', 1)"
        await storage.database.write(lambda conn: conn.execute(text(check)) and None)
