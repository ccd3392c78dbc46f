"""Ports that count what an owner stores, and refuse what would pass the owner's limits.

Room is reserved before a write, and counted exactly after it. A process that dies in between leaves one record counted
with the larger of its two sizes, until it is written or removed again or its project ends.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any, Final, TypeVar, cast

from saga_agent.clock import Clock
from saga_agent.domain.accounts import NO_LIMITS, Hold, StorageLimits
from saga_agent.domain.blob import StoredBlob
from saga_agent.domain.journal import NewTurn, Run, Thread
from saga_agent.domain.project import Project
from saga_agent.domain.record import Model, Record
from saga_agent.errors import NotFound, StorageFull, StorageUnavailable
from saga_agent.storage.ports.journal import Blobs, Holdings, Journal, Threads
from saga_agent.storage.ports.story import StoryPorts

_log = logging.getLogger(__name__)
T = TypeVar("T")
Look = Callable[[], Awaitable["int | None"]]
"""How many bytes are stored of an item; None when it is not there."""
_HOLD_SECONDS: Final = 60.0
"""After that long another writer takes an item over from one that must have died."""
_BUSY_SECONDS: Final = 0.02
_BUSY_ATTEMPTS: Final = 500
_READ_AT_ONCE: Final = 100
_DERIVED: Final = "mentions"
"""The port of what the library works out, which grows with the records that are counted."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """What is counted as one, and what a write makes of it."""

    name: str
    size: int | None
    look: Look


class Meter:
    """What one owner stores. Without limits those hold that are on the owner's account, if there is one."""

    def __init__(self, holdings: Holdings, owner_id: str, limits: StorageLimits | None, clock: Clock) -> None:
        self._holdings, self._owner_id, self._limits, self._clock = holdings, owner_id, limits, clock

    async def write(
        self, project_id: str, item: str, size: int | None, write: Callable[[], Awaitable[T]], look: Look
    ) -> T:
        """What `write` gives, which leaves the item with that size or removes it; `StorageFull` before it.

        After a write that fails the item counts with the size that is found then.
        """
        return await self.write_all(project_id, [_Counted(item, size, look)], write)

    async def write_all(self, project_id: str, items: Sequence[_Counted], write: Callable[[], Awaitable[T]]) -> T:
        """The same for a write that leaves several items: room for all of them is reserved before it."""
        held: list[tuple[Hold, _Counted]] = []
        try:
            for item in items:
                if (hold := await self._hold(project_id, item.name, item.size)) is not None:
                    held += [(hold, item)]
            done = await write()
        except BaseException:
            for hold, item in held:
                await self._let_go(hold, item.look)
            raise
        for hold, item in held:
            await self._let_go(hold, partial(_known, item.size))
        return done

    async def _hold(self, project_id: str, item: str, size: int | None) -> Hold | None:
        """The hold of the item; None when it is not counted."""
        if self._limits in (None, NO_LIMITS) and await self._holdings.get(self._owner_id) is None:
            return None
        for _ in range(_BUSY_ATTEMPTS):
            now = self._clock.now()
            hold = Hold(
                id=uuid.uuid4().hex,
                owner_id=self._owner_id,
                project_id=project_id,
                item=item,
                bytes=size,
                until=now + _HOLD_SECONDS,
            )
            match await self._holdings.hold(hold, self._limits, now=now):
                case "held":
                    return hold
                case "uncounted":
                    return None
                case "full":
                    raise StorageFull(await self._refusal())
                case "busy":
                    await asyncio.sleep(_BUSY_SECONDS)
        raise StorageUnavailable("The record is being written by somebody else; try again.")

    async def _let_go(self, hold: Hold, look: Look) -> None:
        """The write stands, or has failed, whatever becomes of its account: what is not told counts at its larger."""
        try:
            await self._holdings.let_go(hold, size=await look())
        except Exception as error:
            _log.warning("%s is counted when it is written next: %s", hold.item, error)

    async def _refusal(self) -> str:
        held = await self._holdings.get(self._owner_id)
        if held is None:
            return "No more may be stored for you."
        kept = ((held.records, held.limits.records, "records"), (held.bytes, held.limits.bytes, "bytes"))
        told = " and ".join(f"{count:,} of {most:,} {name}" for count, most, name in kept if most is not None)
        return f"There is no room for this: {told} are stored for you; delete what you no longer need."


def metered(ports: StoryPorts, meter: Meter) -> StoryPorts:
    """The same ports, whose writes are counted."""
    counted: dict[str, Any] = {
        port.name: MeteredRecords(port.name, getattr(ports, port.name), meter)
        for port in fields(StoryPorts)
        if port.name not in ("projects", _DERIVED)
    }
    return replace(ports, projects=MeteredProjects(ports.projects, meter), **counted)


def metered_talk(journal: Journal, meter: Meter) -> Journal:
    """The same journal, whose threads and writers' messages are counted; what agents answer is paid by the turn.

    What is counted of a thread the journal gives back with the thread.
    """
    threads = cast("Any", MeteredThreads(journal.threads, meter))
    return replace(journal, threads=threads, runs=cast("Any", MeteredRuns(journal.runs, journal.threads, meter)))


class _Metered:
    """A port whose other verbs are those of the port beneath it."""

    def __init__(self, port: Any, meter: Meter) -> None:
        self._port, self._meter = port, meter

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)


class MeteredProjects(_Metered):
    """Projects, each an item of itself."""

    async def create(self, project: Project) -> Project:
        return await self._write(project, lambda: self._port.create(project))

    async def update(self, project: Project, *, expected_rev: int) -> Project:
        return await self._write(project, lambda: self._port.update(project, expected_rev=expected_rev))

    async def delete(self, project_id: str) -> None:
        look = self._size_of(project_id)
        await self._meter.write(project_id, _PROJECT, None, lambda: self._port.delete(project_id), look)

    async def _write(self, project: Project, write: Callable[[], Awaitable[Project]]) -> Project:
        return await self._meter.write(project.id, _PROJECT, _size(project), write, self._size_of(project.id))

    def _size_of(self, project_id: str) -> Look:
        return _size_found_by(lambda: self._port.get(project_id))


class MeteredRecords(_Metered):
    """Any port of records."""

    def __init__(self, name: str, port: Any, meter: Meter) -> None:
        super().__init__(port, meter)
        self._name = name

    async def create(self, record: Record) -> Record:
        return await self._write(record, lambda: self._port.create(record))

    async def create_many(self, records: Sequence[Record]) -> Sequence[Record]:
        if not records:
            return ()
        items = [
            _Counted(f"{self._name}/{each.id}", _size(each), self._size_of(each.project_id, each.id))
            for each in records
        ]
        return await self._meter.write_all(records[0].project_id, items, lambda: self._port.create_many(records))

    async def update(self, record: Record, *, expected_rev: int) -> Record:
        return await self._write(record, lambda: self._port.update(record, expected_rev=expected_rev))

    async def delete(self, project_id: str, record_id: str) -> None:
        item, look = f"{self._name}/{record_id}", self._size_of(project_id, record_id)
        await self._meter.write(project_id, item, None, lambda: self._port.delete(project_id, record_id), look)

    async def _write(self, record: Record, write: Callable[[], Awaitable[Record]]) -> Record:
        item, look = f"{self._name}/{record.id}", self._size_of(record.project_id, record.id)
        return await self._meter.write(record.project_id, item, _size(record), write, look)

    def _size_of(self, project_id: str, record_id: str) -> Look:
        return _size_found_by(lambda: self._port.get(project_id, record_id))


class MeteredThreads(_Metered):
    """Threads, each an item of itself."""

    async def create(self, thread: Thread) -> Thread:
        return await self._write(thread, _size(thread), lambda: self._port.create(thread))

    async def rename(self, thread_id: str, title: str) -> Thread:
        renamed = (await self._port.get(thread_id)).model_copy(update={"title": title})
        return await self._write(renamed, _size(renamed), lambda: self._port.rename(thread_id, title))

    async def fork(self, thread: Thread, *, source_id: str, until: tuple[int, int]) -> Thread:
        """The copies of messages count with the thread that has them, those of answers, too."""
        size, before = _size(thread), (until[0], until[1] + 1)
        while found := await self._port.messages(source_id, before=before, limit=_READ_AT_ONCE):
            size += sum(_size(message) for message in found)
            before = (found[0].order, found[0].step_order)
        return await self._write(thread, size, lambda: self._port.fork(thread, source_id=source_id, until=until))

    async def _write(self, thread: Thread, size: int, write: Callable[[], Awaitable[Thread]]) -> Thread:
        look = _size_found_by(lambda: self._port.get(thread.id))
        return await self._meter.write(thread.project_id, f"threads/{thread.id}", size, write, look)


class MeteredRuns(_Metered):
    """Runs, each of which may begin with a message of the writer, which is an item."""

    def __init__(self, port: Any, threads: Threads, meter: Meter) -> None:
        super().__init__(port, meter)
        self._threads = threads

    async def start(self, turn: NewTurn, *, now: float) -> Run:
        def start() -> Awaitable[Run]:
            return self._port.start(turn, now=now)

        message = turn.user
        if message is None:
            return await start()
        look = _size_found_by(lambda: self._threads.message(message.id))
        return await self._meter.write(turn.run.project_id, f"messages/{message.id}", _size(message), start, look)


class MeteredBlobs:
    """Images and other large bytes, each an item of its own."""

    def __init__(self, blobs: Blobs, meter: Meter) -> None:
        self._blobs, self._meter = blobs, meter

    async def put(self, project_id: str, sha256: str, media_type: str, data: bytes) -> None:
        def put() -> Awaitable[None]:
            return self._blobs.put(project_id, sha256, media_type, data)

        await self._meter.write(project_id, f"blobs/{sha256}", len(data), put, self._size_of(project_id, sha256))

    async def get(self, project_id: str, sha256: str) -> StoredBlob:
        return await self._blobs.get(project_id, sha256)

    async def delete(self, project_id: str, sha256: str) -> None:
        look = self._size_of(project_id, sha256)
        item = f"blobs/{sha256}"
        await self._meter.write(project_id, item, None, lambda: self._blobs.delete(project_id, sha256), look)

    async def purge(self, project_id: str) -> None:
        await self._blobs.purge(project_id)

    def _size_of(self, project_id: str, sha256: str) -> Look:
        async def look() -> int | None:
            try:
                return len((await self._blobs.get(project_id, sha256)).data)
            except NotFound:
                return None

        return look


_PROJECT: Final = "projects"


def _size(record: Model) -> int:
    return len(record.model_dump_json(exclude={"rev"}).encode())


def _size_found_by(find: Callable[[], Awaitable[Model]]) -> Look:
    async def look() -> int | None:
        try:
            return _size(await find())
        except NotFound:
            return None

    return look


async def _known(size: int | None) -> int | None:
    return size
