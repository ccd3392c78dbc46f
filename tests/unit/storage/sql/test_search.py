"""What searching promises beyond the kit: the same ranking on both engines, at bounded cost."""

from __future__ import annotations

import asyncio

import pytest
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


async def test_of_a_long_query_the_eight_rarest_words_are_searched(url: str):
    common = [f"common{number}" for number in range(100)]
    async with SqlStorage(url) as storage:
        documents = [passage("d", number, " ".join(common)) for number in range(20)]
        await storage.journal.passages.replace("p", "d", [*documents, passage("d", 99, "hounds of the moor")])

        hits = await storage.journal.passages.search("p", f"{' '.join(common)} absent moor hounds", limit=30)

    assert {hit.text: int(hit.score) for hit in hits} == {" ".join(common): 6, "hounds of the moor": 2}


async def test_a_name_is_searched_however_common_it_is(url: str):
    """Of a long query about the main character, passages with that character come first."""
    rare = [f"rare{number}" for number in range(10)]
    rows = [passage("d", number, f"Mara and {word}.") for number, word in enumerate(rare)]
    rows += [passage("e", number, f"Nobody and {word}.") for number, word in enumerate(rare)]
    async with SqlStorage(url) as storage:
        await storage.journal.passages.replace(
            "p", "d", [*rows[:10], *(passage("d", 50 + n, "Mara.") for n in range(9))]
        )
        await storage.journal.passages.replace("p", "e", rows[10:])

        hits = await storage.journal.passages.search("p", f"When did Mara see {' '.join(rare)}?", limit=7)

    assert [int(hit.score) for hit in hits] == [2] * 7
    assert all("Mara" in hit.text for hit in hits)


@pytest.mark.parametrize("also", [(), ("elsewhere",)], ids=["alone", "beside another project"])
async def test_words_in_most_passages_are_found_and_counted(sqlite_url: str, also: tuple[str, ...]):
    """Beyond the number up to which passages are counted, common words still find, and rank, what holds them."""
    lone, both = "Tove came.", "Aldric and Tove came."
    texts = ["Aldric left."] * 700 + [lone] * 600 + [both] * 5 + ["The lantern of Aldric.", "The lantern of Ludo."]
    async with SqlStorage(sqlite_url) as storage:
        index = storage.journal.passages
        for project_id in ("p", *also):
            await index.replace(project_id, "d", [passage("d", n, each) for n, each in enumerate(texts)])

        two = await index.search("p", "Tove Aldric", limit=5)
        mixed = await index.search("p", "Aldric lantern", limit=10)

    assert [hit.text for hit in two] == [both] * 5
    assert [(hit.text, int(hit.score)) for hit in mixed[:3]] == [
        ("The lantern of Aldric.", 2),
        ("The lantern of Ludo.", 1),
        ("Aldric left.", 1),
    ]
    assert len(mixed) == 10


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
