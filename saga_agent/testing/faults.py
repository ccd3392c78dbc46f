"""A storage whose journal fails on purpose: by script, at random under a seed, or for a while altogether."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, Literal, ParamSpec, TypeVar, cast

from saga_agent.errors import StorageUnavailable
from saga_agent.storage.adapter import Storage
from saga_agent.storage.ports.journal import Journal

P = ParamSpec("P")
T = TypeVar("T")

How = Literal["before", "after", "slow"]
"""The call fails and nothing happened; it happened but its acknowledgement is lost; it takes its time."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What befalls calls of a journal verb.

    Example:
        >>> Fault("streams.append", "after", on=3)  # the third append is stored, but the caller hears of a failure
        Fault(verb='streams.append', how='after', on=3, seconds=0.05)
    """

    verb: str
    """`noun.verb`; `*` stands for any characters."""
    how: How = "before"
    on: int | None = None
    """Which call of its verb, from 1; every call by default."""
    seconds: float = 0.05
    """How long a slow call takes."""


class FaultPlan:
    """Which calls fail and how; `calls` and `injected` count what was asked for and what was done about it.

    Args:
        *faults: The script; the first fault that fits a call befalls it.
        rate: The share of calls that fail at random besides, half of them before and half after.
        seed: Makes the random faults the same in each run, as far as the order of calls is.
        random_verbs: Which verbs fail at random.
    """

    def __init__(self, *faults: Fault, rate: float = 0.0, seed: int = 0, random_verbs: Sequence[str] = ("*",)) -> None:
        self.calls: Counter[str] = Counter()
        """Calls by verb, e.g. `streams.append`."""
        self.injected: Counter[str] = Counter()
        """Faults by what they did, e.g. `streams.append after`."""
        self.connected = True
        """While this is False, every verb fails before it does anything."""
        self._faults, self._rate, self._random_verbs = list(faults), rate, tuple(random_verbs)
        self._random = random.Random(seed)

    def add(self, fault: Fault) -> None:
        """Adds to the script; `on` counts from the storage's first call."""
        self._faults.append(fault)

    def clear(self) -> None:
        """No more faults from here on."""
        self._faults.clear()
        self._rate, self.connected = 0.0, True

    @contextmanager
    def disconnected(self) -> Generator[None]:
        """While it is entered, the database is gone."""
        self.connected = False
        try:
            yield
        finally:
            self.connected = True

    def next(self, verb: str) -> Fault | None:
        """Counts a call of the verb and gives what befalls it."""
        self.calls[verb] += 1
        fault = Fault(verb) if not self.connected else self._scripted(verb) or self._drawn(verb)
        if fault is not None:
            self.injected[f"{verb} {fault.how}"] += 1
        return fault

    def _scripted(self, verb: str) -> Fault | None:
        fitting = (f for f in self._faults if fnmatchcase(verb, f.verb) and f.on in (None, self.calls[verb]))
        return next(fitting, None)

    def _drawn(self, verb: str) -> Fault | None:
        if not any(fnmatchcase(verb, pattern) for pattern in self._random_verbs) or self._random.random() >= self._rate:
            return None
        return Fault(verb, self._random.choice(("before", "after")))


class FaultyStorage(Storage):
    """`inner` with the plan's faults in its journal; the story ports are the inner ones."""

    def __init__(self, inner: Storage, plan: FaultPlan) -> None:
        self.plan = plan
        self._inner = inner
        self.story, self.host_ports = inner.story, inner.host_ports
        nouns = {noun.name: _Noun(noun.name, getattr(inner.journal, noun.name), plan) for noun in fields(Journal)}
        self.journal = Journal(**cast(dict[str, Any], nouns))

    async def open(self) -> None:
        await self._inner.open()

    async def close(self) -> None:
        await self._inner.close()


class _Noun:
    """A noun of the journal whose verbs all go through the plan."""

    def __init__(self, name: str, inner: object, plan: FaultPlan) -> None:
        self._name, self._inner, self._plan = name, inner, plan

    def __getattr__(self, verb: str) -> object:
        inner = getattr(self._inner, verb)
        # What is no coroutine asks nothing of the database (`streams.listen`).
        return partial(_call, self._plan, f"{self._name}.{verb}", inner) if iscoroutinefunction(inner) else inner


async def _call(plan: FaultPlan, verb: str, inner: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
    fault = plan.next(verb)
    if fault is not None and fault.how == "before":
        raise StorageUnavailable(f"A fault of the test: {verb} did not reach the database.")
    if fault is not None and fault.how == "slow":
        await asyncio.sleep(fault.seconds)
    result = await inner(*args, **kwargs)
    if fault is not None and fault.how == "after":
        raise StorageUnavailable(f"A fault of the test: {verb} is stored, but its acknowledgement was lost.")
    return result
