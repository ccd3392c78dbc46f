"""What a test leaves behind: tasks, threads of a storage, open memory, leases, and streams being written or told."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable, Iterator, Set
from operator import attrgetter
from typing import Any
from weakref import WeakSet

from saga_agent.runs.runner import Runner
from saga_agent.server.sse import OpenStreams
from saga_agent.storage.memory.adapter import MemoryStorage

_LOOKS, _PAUSE_SECONDS = 200, 0.01
"""What ends by itself has so long: readers that were dropped, for one, are closed by the loop a little later."""
_SHARED_THREADS = "saga-work"
"""The threads of `saga_agent.offload`, which are the whole process's."""

_HELD: dict[type, tuple[str, ...]] = {
    MemoryStorage: ("_is_open",),
    Runner: ("_tasks", "_leases", "_again", "_keeper._held", "_line._waiting", "_hub._channels", "_hub._wakes"),
    OpenStreams: ("_by_owner", "_outboxes", "_sends"),
}
"""What is empty, or false, once nobody uses an object any more."""

_made: dict[type, WeakSet[Any]] = {kind: WeakSet() for kind in _HELD}


def install() -> None:
    """From now on, objects that hold something are remembered as long as they live."""
    for kind in _HELD:
        kind.__init__ = _remembered(kind.__init__, _made[kind])


def find() -> Set[str]:
    """All that is held in this process, and the tasks of the running loop but for the one that asks."""
    return {*_tasks(), *_threads(), *_holdings()}


async def find_new(before: Set[str]) -> list[str]:
    """What is held now and was not before, after it had time to end."""
    for _ in range(_LOOKS):
        if not find() - before:
            break
        await asyncio.sleep(_PAUSE_SECONDS)
    return sorted(find() - before)


def _remembered(init: Callable[..., None], made: WeakSet[Any]) -> Callable[..., None]:
    @functools.wraps(init)
    def remembering(self: object, *args: object, **kwargs: object) -> None:
        init(self, *args, **kwargs)
        made.add(self)

    return remembering


def _tasks() -> Iterator[str]:
    for task in asyncio.all_tasks():
        if task is not asyncio.current_task():
            yield f"the task {task.get_name()!r}, {task.get_coro()!r}"


def _threads() -> Iterator[str]:
    for thread in threading.enumerate():
        if thread.name.startswith("saga") and not thread.name.startswith(_SHARED_THREADS):
            yield f"the thread {thread.name!r}, {thread.ident}"


def _holdings() -> Iterator[str]:
    for kind, names in _HELD.items():
        for each in list(_made[kind]):
            for name in names:
                if held := attrgetter(name)(each):
                    yield f"{kind.__name__}.{name} at {id(each):#x}: {held!r:.200}"
