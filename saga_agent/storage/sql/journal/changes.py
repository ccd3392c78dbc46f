"""Changes: what agents changed in the story."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Row, delete, select, update

from saga_agent.domain.history import Change, ChangeState
from saga_agent.domain.record import Page
from saga_agent.errors import NotFound
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.engine.paging import Pages, Wanted
from saga_agent.storage.sql.engine.rows import Shape, put_once
from saga_agent.storage.sql.tables.definitions import CHANGES

_SHAPE = Shape(Change, CHANGES)
_LIST = Pages(list(CHANGES.c), _SHAPE.record, order=[CHANGES.c.seq], newest_first=True)


class SqlChanges:
    """Changes by id, in the order they were written down."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, change: Change) -> Change:
        row = _SHAPE.row(change)
        del row["seq"]

        def job(conn: Connection) -> Change:
            if _find(conn, change.id) is None:
                put_once(conn, CHANGES, row)
            return _SHAPE.model(conn.execute(select(CHANGES).where(CHANGES.c.id == change.id)).one())

        return await self._database.write(job)

    async def settle(self, change_id: str, *, state: ChangeState, rev: int | None = None) -> Change:
        one = (CHANGES.c.id == change_id, CHANGES.c.state != "done")

        def job(conn: Connection) -> Change:
            conn.execute(update(CHANGES).where(*one).values(state=state, rev=rev))
            stored = _find(conn, change_id)
            if stored is None:
                raise NotFound("change", change_id)
            return _SHAPE.model(stored)

        return await self._database.write(job)

    async def get(self, project_id: str, change_id: str) -> Change:
        def job(conn: Connection) -> Change:
            stored = _find(conn, change_id)
            if stored is None or stored.project_id != project_id:
                raise NotFound("change", change_id)
            return _SHAPE.model(stored)

        return await self._database.read(job)

    async def list(
        self,
        project_id: str,
        *,
        record_id: str | None = None,
        run_id: str | None = None,
        call_id: str | None = None,
        states: Sequence[ChangeState] = (),
        after: str | None = None,
        limit: int = 100,
    ) -> Page[Change]:
        wanted = {"record_id": record_id, "run_id": run_id, "call_id": call_id}
        where: dict[str, Wanted] = {"project_id": project_id}
        where |= {name: value for name, value in wanted.items() if value is not None}
        if states:
            where["state"] = tuple(states)
        return await self._database.read(lambda conn: _LIST.read(conn, where, after=after, limit=limit))

    async def purge(self, project_id: str) -> None:
        def job(conn: Connection) -> None:
            conn.execute(delete(CHANGES).where(CHANGES.c.project_id == project_id))

        await self._database.write(job)


def _find(conn: Connection, change_id: str) -> Row[tuple[object, ...]] | None:
    return conn.execute(select(CHANGES).where(CHANGES.c.id == change_id)).first()
