"""The story bible: records, with the words of their names beside them in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import Connection, Integer, bindparam, delete, func, insert, select

from saga_agent.domain.entity import Entity
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.prepared import Prepared
from saga_agent.storage.sql.revisions import change, put_in, take_out
from saga_agent.storage.sql.story import SqlRecords
from saga_agent.storage.sql.tables import ENTITIES, ENTITY_WORDS

_COUNT = func.count().label("words")


class SqlEntities(SqlRecords[Entity]):
    """Entities, found by the words of their names."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, Entity, ENTITIES, port="entities", kind="entity")

    async def create(self, record: Entity) -> Entity:
        row, words = self._row(record), _words(record)

        def job(conn: Connection) -> None:
            put_in(conn, ENTITIES, row, kind=self._kind, key=record.id)
            _store(conn, words)

        await self._database.write(job)
        return record

    async def update(self, record: Entity, *, expected_rev: int) -> Entity:
        changed = record.model_copy(update={"rev": expected_rev + 1})
        row, words, one = self._row(changed), _words(changed), self._one(record.project_id, record.id)

        def job(conn: Connection) -> None:
            change(conn, ENTITIES, one, row, expected_rev=expected_rev, kind=self._kind, key=record.id)
            _forget(conn, record.project_id, record.id)
            _store(conn, words)

        await self._database.write(job)
        return changed

    async def delete(self, project_id: str, record_id: str) -> None:
        one = self._one(project_id, record_id)

        def job(conn: Connection) -> None:
            take_out(conn, ENTITIES, one, kind=self._kind, key=record_id)
            _forget(conn, project_id, record_id)

        await self._database.write(job)

    async def purge(self, project_id: str) -> None:
        def job(conn: Connection) -> None:
            conn.execute(delete(ENTITIES).where(ENTITIES.c.project_id == project_id))
            conn.execute(delete(ENTITY_WORDS).where(ENTITY_WORDS.c.project_id == project_id))

        await self._database.write(job)

    async def named(self, project_id: str, words: Sequence[str], *, limit: int = 100) -> Sequence[Entity]:
        if not words:
            return ()
        values = {"of_project": project_id, "most": limit, **{f"word_{n}": word for n, word in enumerate(words)}}
        query = _named(len(words))
        return await self._database.read(lambda conn: [self._shape.record(row) for row in query.records(conn, values)])


@lru_cache(maxsize=256)
def _named(count: int) -> Prepared:
    """The entities whose names hold the most of that many words."""
    words = [bindparam(f"word_{number}", type_=ENTITY_WORDS.c.word.type) for number in range(count)]
    holders = (
        select(ENTITY_WORDS.c.entity_id, _COUNT)
        .where(ENTITY_WORDS.c.project_id == bindparam("of_project"), ENTITY_WORDS.c.word.in_(words))
        .group_by(ENTITY_WORDS.c.entity_id)
        .order_by(_COUNT.desc(), ENTITY_WORDS.c.entity_id)
        .limit(bindparam("most", type_=Integer))
        .subquery()
    )
    # The join by key keeps the order of the few rows that were found; sorting them again costs nothing.
    return Prepared(
        select(ENTITIES)
        .join(holders, ENTITIES.c.id == holders.c.entity_id)
        .where(ENTITIES.c.project_id == bindparam("of_project"))
        .order_by(holders.c.words.desc(), ENTITIES.c.id)
    )


def _words(entity: Entity) -> list[dict[str, str]]:
    place = {"project_id": entity.project_id, "entity_id": entity.id}
    return [{**place, "word": word} for word in sorted(entity.name_words())]


def _store(conn: Connection, words: list[dict[str, str]]) -> None:
    if words:
        conn.execute(insert(ENTITY_WORDS), words)


def _forget(conn: Connection, project_id: str, entity_id: str) -> None:
    of_entity = (ENTITY_WORDS.c.project_id == project_id, ENTITY_WORDS.c.entity_id == entity_id)
    conn.execute(delete(ENTITY_WORDS).where(*of_entity))
