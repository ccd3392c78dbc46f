"""Work that one of the database's threads does for somebody who waits on an event loop."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection

from saga_agent.errors import StorageUnavailable

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Job:
    """A function to run in a transaction, and who waits for its outcome."""

    run: Callable[[Connection], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    value: object = None
    error: Exception | None = None


class _Look:
    """Wakes a thread for an urgent job; stands where the job would in the order."""


_LOOK = _Look()


class JobQueue:
    """Jobs in the order they come, but for urgent ones, which go first; for one or several threads."""

    def __init__(self, *, threads: int = 1) -> None:
        self._threads = threads
        self._jobs: SimpleQueue[Job | _Look | None] = SimpleQueue()
        self._urgent: deque[Job] = deque()
        self._lock = threading.Lock()
        self._closing = False

    async def have_done(self, run: Callable[[Connection], T], *, urgent: bool = False) -> T:
        """What `run` gives, once a thread has run it; `StorageUnavailable` when the queue is closed."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        with self._lock:
            if self._closing:
                raise StorageUnavailable("The storage is closed; open it before it is used.")
            job = Job(run, loop, future)
            if urgent:
                self._urgent.append(job)
            self._jobs.put(_LOOK if urgent else job)
        return await future

    def take(self) -> Job | None:
        """The next job, waited for; None when the thread that asks is to end."""
        while True:
            with suppress(IndexError):
                return self._urgent.popleft()
            if not isinstance(job := self._jobs.get(), _Look):
                return job

    def take_more(self, limit: int) -> tuple[list[Job], bool]:
        """Up to that many jobs that wait by now, and whether the thread that asks is to end after them."""
        jobs: list[Job] = []
        while len(jobs) < limit:
            try:
                jobs.append(self._urgent.popleft())
                continue
            except IndexError:
                pass
            try:
                job = self._jobs.get_nowait()
            except Empty:
                break
            if job is None:
                return jobs, True
            if not isinstance(job, _Look):
                jobs.append(job)
        return jobs, False

    def close(self) -> None:
        """Takes no more jobs, and lets each thread end when those that wait are done; may be repeated."""
        with self._lock:
            if not self._closing:
                self._closing = True
                for _ in range(self._threads):
                    self._jobs.put(None)


def settle(jobs: Sequence[Job]) -> None:
    """Wakes the waiting callers, each loop once."""
    loops: dict[asyncio.AbstractEventLoop, list[Job]] = {}
    for job in jobs:
        loops.setdefault(job.loop, []).append(job)
    for loop, each in loops.items():
        with suppress(RuntimeError):  # that loop is closed; nobody waits there any more
            loop.call_soon_threadsafe(_resolve, each)


def _resolve(jobs: Sequence[Job]) -> None:
    for job in jobs:
        if job.future.done():  # its caller was cancelled
            continue
        if job.error is None:
            job.future.set_result(job.value)
        else:
            job.future.set_exception(job.error)
