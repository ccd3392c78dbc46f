"""The story ports that are alike: records by project and id, filtered by equality, changed through their revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Integer, Table, bindparam, delete, func, insert, select

from saga_agent.domain.document import Document, DocumentHead
from saga_agent.domain.entity import Entity
from saga_agent.domain.project import Project
from saga_agent.domain.record import Page, Record, Revisions
from saga_agent.errors import InvalidInput, NotFound
from saga_agent.offload import off_loop
from saga_agent.storage.ports.story import FILTERS
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.engine.paging import Pages
from saga_agent.storage.sql.engine.rows import Shape, change, put_in, put_in_all, take_out
from saga_agent.storage.sql.engine.statements import Prepared
from saga_agent.storage.sql.story.entity_log import note_of, read_revisions, write_down
from saga_agent.storage.sql.tables.definitions import DOCUMENTS, ENTITIES, ENTITY_LOG, ENTITY_WORDS, PROJECTS

R = TypeVar("R", bound=Record)


def filtered(port: str, project_id: str, where: Mapping[str, str] | None) -> Mapping[str, str]:
    """What the columns must be equal to for a port's `where`; `InvalidInput` for what is no filter of the port."""
    wanted = dict(where or {})
    if unknown := sorted(set(wanted) - set(FILTERS[port])):
        known = ", ".join(FILTERS[port]) or "none"
        raise InvalidInput(f"{unknown[0]!r} is no filter of {port}; its filters are: {known}.")
    return {"project_id": project_id, **wanted}


class SqlRows(Generic[R]):
    """All verbs but `list`, which documents have in a form of their own."""

    def __init__(self, database: Database, model: type[R], table: Table, *, port: str, kind: str) -> None:
        self._database, self._table = database, table
        self._shape = Shape(model, table)
        self._port, self._kind = port, kind
        by_key = (table.c.project_id == bindparam("of_project"), table.c.id == bindparam("of_id"))
        self._by_key = Prepared(select(table).where(*by_key))

    async def create(self, record: R) -> R:
        row = self._row(record)
        await self._database.write(lambda conn: put_in(conn, self._table, row, kind=self._kind, key=record.id))
        return record

    async def create_many(self, records: Sequence[R]) -> Sequence[R]:
        rows = await off_loop(self._rows, records)
        if rows:
            await self._database.write(lambda conn: put_in_all(conn, self._table, rows, kind=self._kind))
        return records

    async def get(self, project_id: str, record_id: str) -> R:
        def job(conn: Connection) -> R:
            row = self._by_key.record(conn, {"of_project": project_id, "of_id": record_id})
            if row is None:
                raise NotFound(self._kind, record_id)
            return self._shape.record(row)

        return await self._database.read(job)

    async def update(self, record: R, *, expected_rev: int) -> R:
        changed = record.model_copy(update={"rev": expected_rev + 1})
        row, one = self._row(changed), self._one(record.project_id, record.id)
        await self._database.write(
            lambda conn: change(conn, self._table, one, row, expected_rev=expected_rev, kind=self._kind, key=record.id)
        )
        return changed

    async def delete(self, project_id: str, record_id: str) -> None:
        one = self._one(project_id, record_id)
        await self._database.write(lambda conn: take_out(conn, self._table, one, kind=self._kind, key=record_id))

    async def purge(self, project_id: str) -> None:
        def job(conn: Connection) -> None:
            conn.execute(delete(self._table).where(self._table.c.project_id == project_id))

        await self._database.write(job)

    def _row(self, record: R) -> dict[str, object]:
        return self._shape.row(record)

    def _rows(self, records: Sequence[R]) -> list[dict[str, object]]:
        return [self._row(record) for record in records]

    def _one(self, project_id: str, record_id: str) -> Sequence[ColumnElement[bool]]:
        return (self._table.c.project_id == project_id, self._table.c.id == record_id)


class SqlRecords(SqlRows[R]):
    """A port whose `list` gives whole records, ordered by id."""

    def __init__(self, database: Database, model: type[R], table: Table, *, port: str, kind: str) -> None:
        super().__init__(database, model, table, port=port, kind=kind)
        self._pages = Pages(list(table.c), self._shape.record, order=[table.c.id])

    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 100
    ) -> Page[R]:
        wanted = filtered(self._port, project_id, where)
        return await self._database.read(lambda conn: self._pages.read(conn, wanted, after=after, limit=limit))


class SqlDocuments(SqlRows[Document]):
    """The manuscript, whose `list` gives heads in reading order and never touches the texts."""

    _HEAD = tuple(column for column in DOCUMENTS.c if column.key not in ("text", "scenes"))

    def __init__(self, database: Database) -> None:
        super().__init__(database, Document, DOCUMENTS, port="documents", kind="document")
        self._heads = Pages(self._HEAD, self._head, order=[DOCUMENTS.c.reading_order, DOCUMENTS.c.id])

    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 100
    ) -> Page[DocumentHead]:
        wanted = filtered(self._port, project_id, where)
        return await self._database.read(lambda conn: self._heads.read(conn, wanted, after=after, limit=limit))

    def _row(self, record: Document) -> dict[str, object]:
        # A record keeps `characters` as it was given; a head tells the length of the text.
        return {**super()._row(record), "length": len(record.text)}

    def _head(self, held: Mapping[str, object]) -> DocumentHead:
        return DocumentHead.model_validate({**self._shape.fields_of(held), "characters": held["length"]})


_SHAPE = Shape(Project, PROJECTS)
_GET = Prepared(select(PROJECTS).where(PROJECTS.c.id == bindparam("of_id")))
_LIST = Pages(list(PROJECTS.c), _SHAPE.record, order=[PROJECTS.c.id])


class SqlProjects:
    """The projects of all owners."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, project: Project) -> Project:
        row = _SHAPE.row(project)
        await self._database.write(lambda conn: put_in(conn, PROJECTS, row, kind="project", key=project.id))
        return project

    async def get(self, project_id: str) -> Project:
        def job(conn: Connection) -> Project:
            row = _GET.record(conn, {"of_id": project_id})
            if row is None:
                raise NotFound("project", project_id)
            return _SHAPE.record(row)

        return await self._database.read(job)

    async def list(self, owner_id: str, *, after: str | None = None, limit: int = 100) -> Page[Project]:
        wanted = {"owner_id": owner_id}
        return await self._database.read(lambda conn: _LIST.read(conn, wanted, after=after, limit=limit))

    async def update(self, project: Project, *, expected_rev: int) -> Project:
        changed = project.model_copy(update={"rev": expected_rev + 1})
        row, one = _SHAPE.row(changed), [PROJECTS.c.id == project.id]
        await self._database.write(
            lambda conn: change(conn, PROJECTS, one, row, expected_rev=expected_rev, kind="project", key=project.id)
        )
        return changed

    async def delete(self, project_id: str) -> None:
        one = [PROJECTS.c.id == project_id]
        await self._database.write(lambda conn: take_out(conn, PROJECTS, one, kind="project", key=project_id))


_COUNT = func.count().label("words")


class SqlEntities(SqlRecords[Entity]):
    """Entities, found by the words of their names."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, Entity, ENTITIES, port="entities", kind="entity")

    async def create(self, record: Entity) -> Entity:
        row, words, note = self._row(record), _words(record), note_of(record.project_id, record.id)

        def job(conn: Connection) -> None:
            put_in(conn, ENTITIES, row, kind=self._kind, key=record.id)
            _store(conn, words)
            write_down(conn, note)

        await self._database.write(job)
        return record

    async def create_many(self, records: Sequence[Entity]) -> Sequence[Entity]:
        rows = await off_loop(self._rows, records)
        words = await off_loop(_words_of_all, records)

        def job(conn: Connection) -> None:
            put_in_all(conn, ENTITIES, rows, kind=self._kind)
            _store(conn, words)

        if rows:
            await self._database.write(job)
        return records

    async def update(self, record: Entity, *, expected_rev: int) -> Entity:
        changed = record.model_copy(update={"rev": expected_rev + 1})
        row, words, one = self._row(changed), _words(changed), self._one(record.project_id, record.id)
        note = note_of(record.project_id, record.id)

        def job(conn: Connection) -> None:
            change(conn, ENTITIES, one, row, expected_rev=expected_rev, kind=self._kind, key=record.id)
            _forget(conn, record.project_id, record.id)
            _store(conn, words)
            write_down(conn, note)

        await self._database.write(job)
        return changed

    async def delete(self, project_id: str, record_id: str) -> None:
        one, note = self._one(project_id, record_id), note_of(project_id, record_id)

        def job(conn: Connection) -> None:
            take_out(conn, ENTITIES, one, kind=self._kind, key=record_id)
            _forget(conn, project_id, record_id)
            write_down(conn, note)

        await self._database.write(job)

    async def purge(self, project_id: str) -> None:
        def job(conn: Connection) -> None:
            for table in (ENTITIES, ENTITY_WORDS, ENTITY_LOG):
                conn.execute(delete(table).where(table.c.project_id == project_id))

        await self._database.write(job)

    async def named(self, project_id: str, words: Sequence[str], *, limit: int = 100) -> Sequence[Entity]:
        if not words:
            return ()
        values = {"of_project": project_id, "most": limit, **{f"word_{n}": word for n, word in enumerate(words)}}
        query = _named(len(words))
        return await self._database.read(lambda conn: [self._shape.record(row) for row in query.records(conn, values)])

    async def revisions(self, project_id: str, *, since: str | None = None) -> Revisions:
        return await self._database.read(lambda conn: read_revisions(conn, project_id, since))


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


def _words_of_all(entities: Sequence[Entity]) -> list[dict[str, str]]:
    return [word for entity in entities for word in _words(entity)]


def _store(conn: Connection, words: list[dict[str, str]]) -> None:
    if words:
        conn.execute(insert(ENTITY_WORDS), words)


def _forget(conn: Connection, project_id: str, entity_id: str) -> None:
    of_entity = (ENTITY_WORDS.c.project_id == project_id, ENTITY_WORDS.c.entity_id == entity_id)
    conn.execute(delete(ENTITY_WORDS).where(*of_entity))
