"""Passages: the full-text index, ranked by how many of the query's words a passage holds, then by relevance.

A hit's score is the number of words found plus a relevance in [0, 1): BM25 on SQLite, cover density on PostgreSQL.
Words that tell nothing ("the") are left out, and of a longer query, such as a whole chapter, the `MOST_WORDS` rarest
words that occur are searched, a few names among them in any case.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from saga_agent.domain.journal import Hit, Passage, Stretch, words_held
from saga_agent.offload import off_loop
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.engine.rows import Shape
from saga_agent.storage.sql.engine.statements import Prepared
from saga_agent.storage.sql.journal import search_postgres, search_sqlite
from saga_agent.storage.sql.journal.word_filter import Sought, word_filter
from saga_agent.storage.sql.tables.definitions import PASSAGE_WORDS, PASSAGES
from saga_agent.storage.sql.tables.full_text import Asked, scope_of

_SHAPE = Shape(Passage, PASSAGES)
_WORDS = Prepared(
    select(PASSAGE_WORDS.c.document_id, PASSAGE_WORDS.c.words)
    .where(PASSAGE_WORDS.c.project_id == bindparam("of_project"))
    .order_by(PASSAGE_WORDS.c.document_id)
)
_ENGINES = {"sqlite": search_sqlite, "postgresql": search_postgres}


class SqlPassages:
    """Passages by (project, document); title and text are searched."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def replace(self, project_id: str, document_id: str, passages: Sequence[Passage]) -> None:
        place = {"project_id": project_id, "scope": scope_of(project_id)}
        rows = [{**_SHAPE.row(passage), **place} for passage in passages]
        words = {"project_id": project_id, "document_id": document_id, "words": await off_loop(_filter, passages)}

        def job(conn: Connection) -> None:
            engine = _ENGINES[conn.dialect.name]
            engine.forget(conn, project_id, document_id)
            of_document = (PASSAGES.c.project_id == project_id, PASSAGES.c.document_id == document_id)
            its_words = (PASSAGE_WORDS.c.project_id == project_id, PASSAGE_WORDS.c.document_id == document_id)
            conn.execute(delete(PASSAGES).where(*of_document))
            conn.execute(delete(PASSAGE_WORDS).where(*its_words))
            if rows:
                conn.execute(insert(PASSAGES), rows)
                conn.execute(insert(PASSAGE_WORDS), words)
                engine.index(conn, project_id, document_id)

        await self._database.write(job)

    async def search(self, project_id: str, query: str, *, limit: int = 10) -> Sequence[Hit]:
        asked = Asked.read(query)
        if not asked.words:
            return ()

        def job(conn: Connection) -> Sequence[Hit]:
            scores = _ENGINES[conn.dialect.name].search(conn, project_id, asked, limit=limit)
            if not scores:
                return ()
            rows = conn.execute(select(PASSAGES).where(PASSAGES.c.key.in_(scores))).all()
            hits = [Hit.model_validate({**_SHAPE.fields(row), "score": scores[row.key]}) for row in rows]
            return sorted(hits, key=lambda hit: (-hit.score, hit.document_id, hit.start))

        return await self._database.read(job)

    async def list(self, project_id: str, document_id: str) -> Sequence[Passage]:
        query = (
            select(PASSAGES)
            .where(PASSAGES.c.project_id == project_id, PASSAGES.c.document_id == document_id)
            .order_by(PASSAGES.c.start)
        )

        def job(conn: Connection) -> Sequence[Passage]:
            return [_SHAPE.model(row) for row in conn.execute(query)]

        return await self._database.read(job)

    async def find(self, project_id: str, stretches: Sequence[Stretch]) -> Sequence[Passage]:
        table, wanted = PASSAGES, [each.place for each in stretches]
        # Of these columns only the document is in an index; the rest is compared in the few rows that it leads to.
        near = select(table).where(
            table.c.project_id == project_id,
            table.c.document_id.in_({document_id for document_id, *_ in wanted}),
            table.c.start.in_({start for _, _, start, _ in wanted}),
        )

        def job(conn: Connection) -> Sequence[Passage]:
            found = [_SHAPE.model(row) for row in conn.execute(near)]
            stored = {passage.place: passage for passage in found}
            return [stored[place] for place in wanted if place in stored]

        return await self._database.read(job)

    async def holding(self, project_id: str, phrases: Collection[Collection[str]]) -> Sequence[str]:
        sought = Sought(phrases)

        def job(conn: Connection) -> Sequence[str]:
            rows = _WORDS.all(conn, {"of_project": project_id})
            return [document_id for document_id, words in rows if words is None or sought.may_be_in(words)]

        return await self._database.read(job)

    async def revisions(self, project_id: str) -> Mapping[str, int]:
        table = PASSAGES
        newest = func.max(table.c.document_rev)
        query = (
            select(table.c.document_id, newest).where(table.c.project_id == project_id).group_by(table.c.document_id)
        )

        def job(conn: Connection) -> Mapping[str, int]:
            return {row.document_id: row[1] for row in conn.execute(query)}

        return await self._database.read(job)

    async def purge(self, project_id: str) -> None:
        await self._database.write(lambda conn: purge_passages(conn, project_id))


def _filter(passages: Sequence[Passage]) -> bytes:
    return word_filter(words_held(passages))


def purge_passages(conn: Connection, project_id: str) -> int:
    """Removes the project from the index; the number of its passages."""
    _ENGINES[conn.dialect.name].forget(conn, project_id, None)
    conn.execute(delete(PASSAGE_WORDS).where(PASSAGE_WORDS.c.project_id == project_id))
    return conn.execute(delete(PASSAGES).where(PASSAGES.c.project_id == project_id)).rowcount
