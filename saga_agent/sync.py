"""The event loop that a saga lives in, and the one sync door: a private loop in a thread, for plain code."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from typing import Any, TypeVar

from saga_agent.errors import SagaError, WrongType

T = TypeVar("T")


class Home:
    """Where a saga is at home, once it is open."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def enter(self) -> None:
        """Makes the running loop the saga's own."""
        self._loop = asyncio.get_running_loop()

    def check(self) -> None:
        """Raises `SagaError` in another loop, where a run would wait for what never comes."""
        if self._loop not in (None, asyncio.get_running_loop()):
            raise SagaError(
                "This saga was opened in another event loop; await it there, or in plain code say "
                "'with Saga.open(...) as saga' and saga.run_sync(...)."
            )


class SyncDoor:
    """Runs awaitables on its own loop: `door(coroutine)` gives the result, `door.iterate(...)` walks an iterator."""

    def __init__(self, start: Callable[[], Awaitable[object]], stop: Callable[[], Awaitable[object]]) -> None:
        self._start, self._stop = start, stop
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Starts the loop, and what lives on it."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="saga", daemon=True)
        self._thread.start()
        try:
            self(_await(self._start()))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stops what lives on the loop, then the loop; may be repeated."""
        if self._loop is None or self._thread is None:
            return
        try:
            self(_await(self._stop()))
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            self._loop = self._thread = None

    def __call__(self, work: Coroutine[Any, Any, T]) -> T:
        """The coroutine's result; its exception is raised here."""
        if not asyncio.iscoroutine(work):
            raise WrongType(
                f"run_sync takes a call, as in saga.run_sync(saga.send(...)); a {type(work).__name__} is none."
            )
        if self._loop is None:
            work.close()
            raise SagaError("run_sync works inside 'with Saga.open(...) as saga'; in async code, await instead.")
        if threading.current_thread() is self._thread:
            work.close()
            raise SagaError("run_sync was called from async code; await instead.")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def iterate(self, items: AsyncIterator[T]) -> Iterator[T]:
        """The items one by one, e.g. `for chunk in saga.run_sync.iterate(run.chunks())`."""
        while True:
            try:
                yield self(_await(anext(items)))
            except StopAsyncIteration:
                return


async def _await(work: Awaitable[T]) -> T:
    return await work
