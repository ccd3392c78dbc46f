"""Streams: the delta log. An append is one conditional update, which fences and advances, and one insert."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select, text, update

from saga_agent.domain.journal import Delta, Stream
from saga_agent.domain.run_rules import has_ended, require_live
from saga_agent.errors import InvalidInput, NotFound, SeqConflict, SeqGap
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.engine.news import touch
from saga_agent.storage.sql.engine.rows import Shape
from saga_agent.storage.sql.engine.statements import Prepared
from saga_agent.storage.sql.journal.run_rows import fenced_run
from saga_agent.storage.sql.tables.definitions import DELTAS, STREAMS

_SHAPE = Shape(Stream, STREAMS)
_ONE = select(STREAMS).where(STREAMS.c.id == bindparam("stream_id"))
_GET, _LOCK = Prepared(_ONE), Prepared(_ONE.with_for_update())
_ADVANCE = Prepared(
    update(STREAMS)
    .where(
        STREAMS.c.id == bindparam("stream_id"),
        STREAMS.c.epoch == bindparam("of_epoch"),
        STREAMS.c.last_seq == bindparam("before"),
        text("state IN ('queued', 'running', 'waiting')"),
    )
    .values(last_seq=bindparam("after"))
    .returning(STREAMS.c.key)
)
_ADD = Prepared(insert(DELTAS))
_KEY = select(STREAMS.c.key).where(STREAMS.c.id == bindparam("stream_id")).scalar_subquery()
_READ = Prepared(
    select(DELTAS.c.seq, DELTAS.c.epoch, DELTAS.c.chunk)
    .where(DELTAS.c.stream_key == _KEY, DELTAS.c.seq > bindparam("after"))
    .order_by(DELTAS.c.seq)
    .limit(bindparam("most"))
)


class SqlStreams:
    """Logs of rows numbered from 1 without gaps."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, stream_id: str) -> Stream:
        return await self._database.read(lambda conn: _stored(conn, stream_id)[1])

    def listen(self, stream_id: str, wake: Callable[[], None]) -> Callable[[], None]:
        return self._database.news.listen(stream_id, wake)

    async def append(self, stream_id: str, *, epoch: int, first_seq: int, chunks: Sequence[str]) -> None:
        def job(conn: Connection) -> None:
            if chunks and _append(conn, stream_id, epoch, first_seq, chunks):
                return
            # Not simply the next rows by the right runner: see what it is, and add what is new.
            fresh = _fresh(conn, stream_id, epoch, first_seq, chunks)
            if fresh:
                _append(conn, stream_id, epoch, first_seq + len(chunks) - len(fresh), fresh)

        await self._database.write(job)

    async def read(self, stream_id: str, *, after: int = 0, limit: int = 1000) -> Sequence[Delta]:
        def job(conn: Connection) -> Sequence[Delta]:
            rows = _READ.all(conn, {"stream_id": stream_id, "after": after, "most": limit})
            return [Delta.model_construct(seq=seq, epoch=epoch, chunk=chunk) for seq, epoch, chunk in rows]

        return await self._database.read(job)

    async def trim(self, stream_id: str) -> int:
        def job(conn: Connection) -> int:
            key, stream = _stored(conn, stream_id)
            if not has_ended(stream.state):
                return 0
            return conn.execute(delete(DELTAS).where(DELTAS.c.stream_key == key)).rowcount

        return await self._database.write(job)


def _append(conn: Connection, stream_id: str, epoch: int, first_seq: int, chunks: Sequence[str]) -> bool:
    """Adds the rows if they are the next ones and the epoch is the run's; False, and nothing done, if not."""
    last_seq = first_seq + len(chunks) - 1
    advance = {"stream_id": stream_id, "of_epoch": epoch, "before": first_seq - 1, "after": last_seq}
    row = _ADVANCE.first(conn, advance)
    if row is None:
        return False
    touch(conn, stream_id)
    rows = [
        {"stream_key": row[0], "seq": seq, "epoch": epoch, "chunk": chunk}
        for seq, chunk in enumerate(chunks, start=first_seq)
    ]
    _ADD.many(conn, rows)
    return True


def _fresh(conn: Connection, stream_id: str, epoch: int, first_seq: int, chunks: Sequence[str]) -> Sequence[str]:
    """The rows that the log does not hold yet; raises what forbids to add them."""
    _, stream = _stored(conn, stream_id)
    require_live(fenced_run(conn, stream.run_id, epoch))
    key, stream = _stored(conn, stream_id, locked=True)
    if first_seq < 1:
        raise InvalidInput(f"first_seq is {first_seq}, but rows are numbered from 1.")
    if first_seq > stream.last_seq + 1:
        raise SeqGap(stream_id, expected=stream.last_seq + 1, got=first_seq)
    taken = conn.execute(
        select(DELTAS.c.seq, DELTAS.c.chunk)
        .where(DELTAS.c.stream_key == key, DELTAS.c.seq.between(first_seq, first_seq + len(chunks) - 1))
        .order_by(DELTAS.c.seq)
    ).all()
    for (seq, stored), chunk in zip(taken, chunks, strict=False):
        if stored != chunk:
            raise SeqConflict(stream_id, seq)
    return chunks[len(taken) :]


def _stored(conn: Connection, stream_id: str, *, locked: bool = False) -> tuple[int, Stream]:
    row = (_LOCK if locked else _GET).record(conn, {"stream_id": stream_id})
    if row is None:
        raise NotFound("stream", stream_id)
    return int(str(row["key"])), _SHAPE.record(row)
