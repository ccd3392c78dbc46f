"""Mentions: the names in the text, replaced and counted document by document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, case, delete, func, insert, null, select
from sqlalchemy.exc import IntegrityError

from saga_agent.domain.notes import Appearance, Mention
from saga_agent.domain.record import Page
from saga_agent.errors import AlreadyExists
from saga_agent.offload import off_loop
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.engine.paging import Pages
from saga_agent.storage.sql.engine.rows import Shape
from saga_agent.storage.sql.story.records import filtered
from saga_agent.storage.sql.tables.definitions import MENTIONS

_SHAPE = Shape(Mention, MENTIONS, lean=True)
_POSITION = (MENTIONS.c.document_id, MENTIONS.c.start, MENTIONS.c.end, MENTIONS.c.id)
_LIST = Pages(list(MENTIONS.c), _SHAPE.record, order=_POSITION)


class SqlMentions:
    """The names in the text."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def replace(self, project_id: str, document_id: str, mentions: Sequence[Mention]) -> None:
        rows = await off_loop(_rows, mentions)  # a long chapter has tens of thousands

        def job(conn: Connection) -> None:
            of_document = (MENTIONS.c.project_id == project_id, MENTIONS.c.document_id == document_id)
            conn.execute(delete(MENTIONS).where(*of_document))
            try:
                if rows:
                    conn.execute(insert(MENTIONS), rows)
            except IntegrityError as error:
                raise AlreadyExists("mention at the same place in document", document_id) from error

        await self._database.write(job)

    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 1000
    ) -> Page[Mention]:
        wanted = filtered("mentions", project_id, where)
        return await self._database.read(lambda conn: _LIST.read(conn, wanted, after=after, limit=limit))

    async def count(self, project_id: str, *, document_id: str | None = None) -> Sequence[Appearance]:
        query = _appearances(project_id, document_id)

        def job(conn: Connection) -> Sequence[Appearance]:
            return [Appearance.model_validate(dict(row)) for row in conn.execute(query).mappings()]

        return await self._database.read(job)

    async def purge(self, project_id: str) -> None:
        def job(conn: Connection) -> None:
            conn.execute(delete(MENTIONS).where(MENTIONS.c.project_id == project_id))

        await self._database.write(job)


def _rows(mentions: Sequence[Mention]) -> list[dict[str, object]]:
    return [_SHAPE.row(mention) for mention in mentions]


def _appearances(project_id: str, document_id: str | None) -> Select[Any, *tuple[Any, ...]]:
    """The first mention of each entity or unknown name in each document, with the number of all of them."""
    group = case((MENTIONS.c.entity_id.is_(None), MENTIONS.c.group), else_=null()).label("group")
    alike = (MENTIONS.c.document_id, MENTIONS.c.entity_id, group)
    ranked = select(
        *(MENTIONS.c[name] for name in ("document_id", "entity_id", "kind", "surface", "end", "id")),
        group,
        MENTIONS.c.start.label("first"),
        func.count().over(partition_by=alike).label("count"),
        func.row_number().over(partition_by=alike, order_by=_POSITION).label("place"),
    ).where(MENTIONS.c.project_id == project_id)
    if document_id is not None:
        ranked = ranked.where(MENTIONS.c.document_id == document_id)
    rows = ranked.subquery()
    return (
        select(*(rows.c[name] for name in Appearance.model_fields))
        .where(rows.c.place == 1)
        .order_by(rows.c.document_id, rows.c.first, rows.c.end, rows.c.id)
    )
