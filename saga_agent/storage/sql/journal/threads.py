"""Threads and their messages, and the end of a thread or a project with all that belongs to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from pydantic_core import from_json
from sqlalchemy import Connection, Select, and_, bindparam, delete, false, insert, or_, select, tuple_, update

from saga_agent.domain.journal import Message, Thread, forked
from saga_agent.domain.record import Page
from saga_agent.domain.run_rules import AT_WORK
from saga_agent.errors import AlreadyExists, NotFound, RunBusy
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.engine.paging import Pages, Wanted
from saga_agent.storage.sql.engine.rows import Shape
from saga_agent.storage.sql.engine.statements import Prepared, insert_new, with_id
from saga_agent.storage.sql.journal.accounts import end_holdings, end_talk_holdings
from saga_agent.storage.sql.journal.checkpoints import forget_checkpoints
from saga_agent.storage.sql.journal.passages import purge_passages
from saga_agent.storage.sql.journal.turns import standing
from saga_agent.storage.sql.tables.columns import INT
from saga_agent.storage.sql.tables.definitions import (
    AUDIT,
    BLOBS,
    CHANGES,
    DELTAS,
    EMBEDDINGS,
    GRANTS,
    MESSAGES,
    OWNERS,
    RUNS,
    SNAPSHOTS,
    STREAMS,
    THREADS,
)


class SqlEnds:
    """Ends over the rows of all nouns of the journal."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def project(self, project_id: str, *, owner_id: str | None = None) -> bool:
        return await self._database.write(lambda conn: _end_project(conn, project_id, owner_id))


def _end_project(conn: Connection, project_id: str, owner_id: str | None) -> bool:
    of_project = THREADS.c.project_id == project_id
    # The lock keeps a turn from starting meanwhile.
    owners = conn.execute(select(THREADS.c.owner_id).where(of_project).order_by(THREADS.c.id).with_for_update())
    found = owners.scalars().all()
    if owner_id is not None and set(found) - {owner_id}:
        raise NotFound("project", project_id)
    live = select(RUNS.c.thread_id, RUNS.c.id).where(RUNS.c.project_id == project_id, RUNS.c.state.in_(AT_WORK))
    if (busy := conn.execute(live).first()) is not None:
        raise RunBusy(*busy)
    if found:
        forget_threads(conn, select(THREADS.c.id).where(of_project))
    gone = conn.execute(delete(GRANTS).where(GRANTS.c.scope_id == project_id)).rowcount
    gone += _delete_revocations(conn, project_id)
    gone += purge_passages(conn, project_id)
    gone += end_holdings(conn, project_id)
    gone += conn.execute(delete(OWNERS).where(OWNERS.c.default_project_id == project_id)).rowcount
    for table in (CHANGES, BLOBS, EMBEDDINGS, SNAPSHOTS):
        gone += conn.execute(delete(table).where(table.c.project_id == project_id)).rowcount
    return bool(found) or gone > 0


def forget_threads(conn: Connection, thread_ids: Select[str] | Sequence[str]) -> None:
    """Removes these threads and all that hangs on them, but for the threads of their subagents."""
    of_threads = RUNS.c.thread_id.in_(thread_ids)
    run_ids = select(RUNS.c.id).where(of_threads)
    forget_checkpoints(conn, thread_ids, run_ids)
    streams = STREAMS.c.id.in_(select(RUNS.c.stream_id).where(of_threads))
    conn.execute(delete(DELTAS).where(DELTAS.c.stream_key.in_(select(STREAMS.c.key).where(streams))))
    conn.execute(delete(STREAMS).where(streams))
    conn.execute(delete(GRANTS).where(or_(GRANTS.c.scope_id.in_(thread_ids), GRANTS.c.scope_id.in_(run_ids))))
    conn.execute(delete(AUDIT).where(AUDIT.c.run_id.in_(run_ids)))
    # Messages, runs, and what belongs to the runs, go with it by foreign key.
    conn.execute(delete(THREADS).where(THREADS.c.id.in_(thread_ids)))


def _delete_revocations(conn: Connection, project_id: str) -> int:
    """Removes the entries on grants that outlived their threads: they are of no run, and few."""
    entries = conn.execute(select(AUDIT.c.id, AUDIT.c.body).where(AUDIT.c.run_id == ""))
    mine = [entry_id for entry_id, body in entries if from_json(body)["project_id"] == project_id]
    for entry_id in mine:
        conn.execute(delete(AUDIT).where(AUDIT.c.id == entry_id))
    return len(mine)


_THREAD = Shape(Thread, THREADS)
_MESSAGE = Shape(Message, MESSAGES)
_LIST = Pages(list(THREADS.c), _THREAD.record, order=[THREADS.c.created_at, THREADS.c.id], newest_first=True)
_ADD = Prepared(insert_new(THREADS, (column.key for column in THREADS.c)))
_GET = Prepared(select(THREADS).where(THREADS.c.id == bindparam("of_id")))
_OF_CHAT = Prepared(
    select(THREADS).where(THREADS.c.owner_id == bindparam("of_owner"), THREADS.c.chat_id == bindparam("of_chat"))
)
_OWN_ID = and_(MESSAGES.c.page_id.is_(None), MESSAGES.c.id == bindparam("of_page"))
_SHOWN_AS = Prepared(
    select(MESSAGES)
    .where(MESSAGES.c.thread_id == bindparam("of_thread"), or_(MESSAGES.c.page_id == bindparam("of_page"), _OWN_ID))
    .order_by(MESSAGES.c.replaced, MESSAGES.c.order.desc(), MESSAGES.c.step_order.desc())
    .limit(1)
)
_MESSAGE_OF = Prepared(select(MESSAGES).where(MESSAGES.c.id == bindparam("of_id")))
_PLACE = tuple_(MESSAGES.c.order, MESSAGES.c.step_order)
_IN_PLACE = MESSAGES.c.replaced == false()
_CHILD = THREADS.alias("child")
_TOP = select(THREADS.c.id).where(THREADS.c.id == bindparam("thread_id")).cte("below", recursive=True)
_BELOW = _TOP.union_all(
    select(_CHILD.c.id).join(RUNS, RUNS.c.id == _CHILD.c.parent_run_id).where(RUNS.c.thread_id == _TOP.c.id)
)
_LOCKED_TREE = (
    select(THREADS.c.id).where(THREADS.c.id.in_(select(_BELOW.c.id))).order_by(THREADS.c.id).with_for_update()
)
"""The ids of a thread and of the threads of the subagents that its runs called, and of theirs."""


class SqlThreads:
    """Conversations, unique by (owner, chat_id)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, thread: Thread) -> Thread:
        row = _THREAD.row(thread)
        await self._database.write(lambda conn: _create(conn, thread, row))
        return thread

    async def get(self, thread_id: str) -> Thread:
        return await self._database.read(lambda conn: _stored(conn, thread_id))

    async def find(self, owner_id: str, chat_id: str) -> Thread | None:
        def job(conn: Connection) -> Thread | None:
            row = _OF_CHAT.record(conn, {"of_owner": owner_id, "of_chat": chat_id})
            return None if row is None else _THREAD.record(row)

        return await self._database.read(job)

    async def list(
        self,
        owner_id: str,
        *,
        project_id: str | None = None,
        children: bool = False,
        after: str | None = None,
        limit: int = 100,
    ) -> Page[Thread]:
        where: dict[str, Wanted] = {"owner_id": owner_id}
        if project_id is not None:
            where["project_id"] = project_id
        if not children:
            where["parent_run_id"] = None
        return await self._database.read(lambda conn: _LIST.read(conn, where, after=after, limit=limit))

    async def rename(self, thread_id: str, title: str) -> Thread:
        def job(conn: Connection) -> Thread:
            conn.execute(update(THREADS).where(THREADS.c.id == thread_id).values(title=title))
            return _stored(conn, thread_id)

        return await self._database.write(job)

    async def summarize(self, thread_id: str, summary: str, *, until: int) -> Thread:
        older = (THREADS.c.id == thread_id, THREADS.c.summary_until < until)

        def job(conn: Connection) -> Thread:
            conn.execute(update(THREADS).where(*older).values(summary=summary, summary_until=until))
            return _stored(conn, thread_id)

        return await self._database.write(job)

    async def fork(self, thread: Thread, *, source_id: str, until: tuple[int, int]) -> Thread:
        row = _THREAD.row(thread)
        kept = select(MESSAGES).where(MESSAGES.c.thread_id == source_id, tuple_(*until) >= _PLACE, _IN_PLACE)

        def job(conn: Connection) -> Thread:
            _stored(conn, source_id)
            state, run_id = standing(conn, source_id, until)
            if state in AT_WORK:
                raise RunBusy(source_id, run_id or "")
            _create(conn, thread, row)
            copies = [_MESSAGE.row(forked(_MESSAGE.model(each), thread.id)) for each in conn.execute(kept)]
            if copies:
                conn.execute(insert(MESSAGES), copies)
            return thread

        return await self._database.write(job)

    async def reassign(self, owner_id: str, new_owner_id: str) -> int:
        return await self._database.write(lambda conn: _reassign(conn, owner_id, new_owner_id))

    async def delete(self, thread_id: str) -> None:
        await self._database.write(lambda conn: _delete(conn, thread_id))

    async def message(self, message_id: str) -> Message:
        def job(conn: Connection) -> Message:
            row = _MESSAGE_OF.record(conn, {"of_id": message_id})
            if row is None:
                raise NotFound("message", message_id)
            return _MESSAGE.record(row)

        return await self._database.read(job)

    async def find_message(self, thread_id: str, page_id: str) -> Message | None:
        def job(conn: Connection) -> Message | None:
            row = _SHOWN_AS.record(conn, {"of_thread": thread_id, "of_page": page_id})
            return None if row is None else _MESSAGE.record(row)

        return await self._database.read(job)

    async def messages(
        self, thread_id: str, *, before: tuple[int, int] | None = None, limit: int = 100, include_replaced: bool = False
    ) -> Sequence[Message]:
        values = {"of_thread": thread_id, "most": limit}
        if before is not None:
            values |= {"before_order": before[0], "before_step": before[1]}
        query = _messages(before=before is not None, include_replaced=include_replaced)
        return await self._database.read(
            lambda conn: [_MESSAGE.record(row) for row in reversed(query.records(conn, values))]
        )


@cache
def _messages(*, before: bool, include_replaced: bool) -> Prepared:
    query = select(MESSAGES).where(MESSAGES.c.thread_id == bindparam("of_thread"))
    if not include_replaced:
        query = query.where(_IN_PLACE)
    if before:
        query = query.where(tuple_(bindparam("before_order", type_=INT), bindparam("before_step", type_=INT)) > _PLACE)
    newest_first = query.order_by(MESSAGES.c.order.desc(), MESSAGES.c.step_order.desc())
    return Prepared(newest_first.limit(bindparam("most", type_=INT)))


def _create(conn: Connection, thread: Thread, row: Mapping[str, object]) -> None:
    if with_id(THREADS).first(conn, {"of_id": thread.id}) is not None:
        raise AlreadyExists("thread", thread.id)
    if _ADD.do(conn, row) == 0:
        raise AlreadyExists("thread with chat_id", thread.chat_id)


def _stored(conn: Connection, thread_id: str) -> Thread:
    row = _GET.record(conn, {"of_id": thread_id})
    if row is None:
        raise NotFound("thread", thread_id)
    return _THREAD.record(row)


def _reassign(conn: Connection, owner_id: str, new_owner_id: str) -> int:
    # The lock keeps a turn from starting meanwhile.
    owned = select(THREADS.c.id).where(THREADS.c.owner_id == owner_id).order_by(THREADS.c.id).with_for_update()
    thread_ids = conn.execute(owned).scalars().all()
    live = select(RUNS.c.thread_id, RUNS.c.id).where(RUNS.c.owner_id == owner_id, RUNS.c.state.in_(AT_WORK))
    if (busy := conn.execute(live).first()) is not None:
        raise RunBusy(*busy)
    taken = select(THREADS.c.chat_id).where(THREADS.c.owner_id == new_owner_id)
    clash = (THREADS.c.owner_id == owner_id, THREADS.c.chat_id.in_(taken))
    conn.execute(update(THREADS).where(*clash).values(chat_id=THREADS.c.id))
    for table in (THREADS, RUNS, GRANTS, AUDIT):
        conn.execute(update(table).where(table.c.owner_id == owner_id).values(owner_id=new_owner_id))
    return len(thread_ids)


def _delete(conn: Connection, thread_id: str) -> None:
    # The lock keeps a turn from starting meanwhile.
    thread_ids = conn.execute(_LOCKED_TREE, {"thread_id": thread_id}).scalars().all()
    if not thread_ids:
        raise NotFound("thread", thread_id)
    live = select(RUNS.c.id).where(RUNS.c.thread_id.in_(thread_ids), RUNS.c.state.in_(AT_WORK))
    if (busy := conn.execute(live).first()) is not None:
        raise RunBusy(thread_id, busy[0])
    end_talk_holdings(conn, thread_ids)
    forget_threads(conn, thread_ids)
