"""Costly work off the event loop: a few threads for the whole process, and the account each piece of work goes on.

Threads share one interpreter, so work that takes seconds slows the loop down, but no longer stops it. That there are
few of them keeps a crowd of callers from having the interpreter to themselves.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Generic, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_WORKERS: Final = 2
_pool: Final = ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="saga-work")


class CpuAccount(Protocol):
    """What somebody may have computed for them."""

    async def enter(self) -> None:
        """Returns when a piece of work may begin; raises when it may not."""
        ...

    def leave(self, cpu_seconds: float) -> None:
        """The work is over, and took so much."""
        ...


@dataclass(frozen=True, slots=True)
class _Payer:
    account: CpuAccount | None
    task: asyncio.Task[Any] | None


_payer: ContextVar[_Payer | None] = ContextVar("saga_cpu_payer", default=None)


@contextmanager
def own_account() -> Generator[None]:
    """What `charge_to` says within is forgotten at the end."""
    token = _payer.set(None)
    try:
        yield
    finally:
        _payer.reset(token)


def charge_to(account: CpuAccount | None) -> None:
    """From now on, the work that this task has done is on that account; None is nobody's.

    Tasks that it starts, such as the run of a turn, are not: they outlive the request.
    """
    _payer.set(_Payer(account, asyncio.current_task()))


async def off_loop(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the function gives, computed in one of a few threads; raises what it raises, and what the account does.

    Work that was begun is done to its end, and paid, also when nobody waits for it any more.
    """
    payer, account = _payer.get(), None
    if payer is not None and payer.task is asyncio.current_task():
        account = payer.account
    if account is not None:
        await account.enter()
    call = partial(copy_context().run, partial(work, *args, **kwargs))
    done = asyncio.get_running_loop().run_in_executor(_pool, _measured, call)
    if account is not None:
        done.add_done_callback(lambda outcome: account.leave(outcome.result().cpu_seconds))
    outcome = await asyncio.shield(done)
    if outcome.error is not None:
        raise outcome.error
    return outcome.value[0]


@dataclass(frozen=True, slots=True)
class _Outcome(Generic[T]):
    cpu_seconds: float
    value: tuple[T, ...] = ()
    error: BaseException | None = None


def _measured(call: Callable[[], T]) -> _Outcome[T]:
    began = time.thread_time()
    try:
        value = call()
    except BaseException as error:  # it is raised where the work was asked for
        return _Outcome(time.thread_time() - began, error=error)
    return _Outcome(time.thread_time() - began, (value,))
