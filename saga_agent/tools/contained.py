"""Running the host's own code - tools, previews, hooks - so that nothing it raises goes further than its caller.

It runs in a task of its own. An exception there cannot cancel the calls beside it, one that asyncio hands to its loop
(`SystemExit`, `KeyboardInterrupt`) cannot end the process, and a cancellation that the code brought on itself is told
from one that is meant for the run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

T = TypeVar("T")
GRACE_SECONDS = 5.0
"""How long code that is told to stop may take for it; then it is left alone."""


class OutOfTime(Exception):
    """The code took longer than it may."""


class BrokeOff(Exception):
    """The code ended with something that is no `Exception`, or cancelled itself; `kind` names what."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(kind)


@dataclass(frozen=True, slots=True)
class _Ended:
    value: object = None
    error: BaseException | None = None


_LEFT: set[asyncio.Task[_Ended]] = set()
"""Code that did not stop when it was told: asyncio itself would forget it."""


async def contain(
    work: Callable[[], Awaitable[T]],
    *,
    seconds: float | None,
    grace_seconds: float = GRACE_SECONDS,
    finishes: bool = False,
) -> T:
    """What the code gives back.

    With `finishes`, also when the caller is cancelled: code that ends with a value all the same has done its work, and
    the caller, who is a task made for this call alone, is given it.

    Raises: the `Exception` that the code raised, alone where a group holds just one; `OutOfTime`, `BrokeOff`;
        `CancelledError` only when the caller itself is cancelled, after the code has been.
    """
    task = asyncio.create_task(_run(work))
    try:
        await asyncio.wait({task}, timeout=seconds)
        is_late = not task.done()
    except asyncio.CancelledError:
        await _stop(task, grace_seconds)
        if not (finishes and task.done() and not task.cancelled() and task.result().error is None):
            raise
        is_late = False
    finally:
        await _stop(task, grace_seconds)
    if not task.done():
        raise OutOfTime
    ended = _Ended(error=asyncio.CancelledError()) if task.cancelled() else task.result()
    if ended.error is None:
        return cast(T, ended.value)
    raise OutOfTime if is_late else _as_exception(ended.error)


async def _run(work: Callable[[], Awaitable[object]]) -> _Ended:
    try:
        return _Ended(value=await work())
    except BaseException as error:  # what asyncio would hand to its loop too
        return _Ended(error=error)


async def _stop(task: asyncio.Task[_Ended], grace_seconds: float) -> None:
    if task.done():
        return
    _LEFT.add(task)
    task.add_done_callback(_LEFT.discard)
    task.cancel()
    await asyncio.wait({task}, timeout=grace_seconds)


def _as_exception(error: BaseException) -> Exception:
    inside = _inside(error)
    while len(inside) == 1:
        error = inside[0]
        inside = _inside(error)
    return error if isinstance(error, Exception) else BrokeOff(type(error).__name__)


def _inside(error: BaseException) -> Sequence[BaseException]:
    return cast(Sequence[BaseException], getattr(error, "exceptions", ())) if _is_group(error) else ()


def _is_group(error: BaseException) -> bool:
    return isinstance(error, BaseExceptionGroup)
