"""Trying again while the storage cannot be reached."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, Final, TypeVar, cast

from saga_agent.errors import StorageUnavailable
from saga_agent.storage.ports.journal import Journal

T = TypeVar("T")
RETRY_SECONDS: Final = [0.05, 0.2, 0.5, 1.0, 2.0]
"""The pauses between tries; after the last one the error is the caller's."""


async def insist(operation: Callable[[], Awaitable[T]]) -> T:
    """What the operation gives, tried again while the storage is unavailable.

    Only for verbs that may be repeated: the failed try may have been stored, its acknowledgement lost.
    """
    for pause in RETRY_SECONDS:
        try:
            return await operation()
        except StorageUnavailable:
            await asyncio.sleep(pause)
    return await operation()


def patient(journal: Journal) -> Journal:
    """The journal for who carries a turn: its verbs are insisted on, since each of them may be repeated.

    Streams and checkpoints are as they were, for who writes them waits for the storage in an order of its own, and so
    are leases, which are late when they are waited for.
    """
    nouns = {name: _Patient(getattr(journal, name)) for name in ("threads", "runs", "calls", "requests", "grants")}
    return replace(journal, **cast("dict[str, Any]", nouns))


class _Patient:
    """A noun of the journal whose every verb is insisted on."""

    def __init__(self, noun: object) -> None:
        self._noun = noun

    def __getattr__(self, verb: str) -> object:
        inner = getattr(self._noun, verb)
        return partial(_insisting, inner) if iscoroutinefunction(inner) or isinstance(inner, partial) else inner


async def _insisting(verb: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any) -> T:
    return await insist(lambda: verb(*args, **kwargs))
