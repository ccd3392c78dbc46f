"""Many verbs at once, and verbs that are cancelled at many moments."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from time import perf_counter
from typing import Any, TypeVar

from saga_agent.errors import SagaError

T = TypeVar("T")
Cut = Callable[..., Awaitable[None]]
"""`cut(verb)` runs a verb, cancels it at some moment and waits for its end."""
_LOOP_TURNS = (0, 1, 2, 5, 15, 50, 150, 500)
"""How long a verb may run before it is cancelled: from not at all to about the time of a commit."""


async def race(verbs: Iterable[Awaitable[T]]) -> tuple[list[T], list[SagaError]]:
    """What the winners gave and what the losers raised; any other error is passed on."""
    outcomes = await asyncio.gather(*verbs, return_exceptions=True)
    won: list[T] = []
    lost: list[SagaError] = []
    for outcome in outcomes:
        if isinstance(outcome, SagaError):
            lost.append(outcome)
        elif isinstance(outcome, BaseException):
            raise outcome
        else:
            won.append(outcome)
    return won, lost


def names_of(errors: Sequence[SagaError]) -> list[str]:
    """The errors' types by name, each once."""
    return sorted({type(error).__name__ for error in errors})


async def at_each_moment(attempt: Callable[[int, Cut], Awaitable[None]]) -> None:
    """Calls `attempt(number, cut)` for several moments; `cut(verb)` runs the verb and cancels it at that moment."""
    for number, turns in enumerate(_LOOP_TURNS):

        async def cut(verb: Coroutine[Any, Any, object], turns: int = turns) -> None:
            task = asyncio.ensure_future(verb)
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error

        await attempt(number, cut)


async def longest_stall(verb: Awaitable[object]) -> float:
    """For how many seconds at most nobody else could go on while the verb ran."""
    longest, seen = 0.0, perf_counter()

    async def watch() -> None:
        nonlocal longest, seen
        while True:
            await asyncio.sleep(0)
            longest, seen = max(longest, perf_counter() - seen), perf_counter()

    watching = asyncio.ensure_future(watch())
    await asyncio.sleep(0)
    longest, seen = 0.0, perf_counter()
    try:
        await verb
        await asyncio.sleep(0)
        return longest
    finally:
        watching.cancel()
