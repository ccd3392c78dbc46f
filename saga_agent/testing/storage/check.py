"""A check: one promise of a port, run on a fresh storage, failing with a sentence for the adapter's author."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.parents import plant

MakeStorage = Callable[[], AbstractAsyncContextManager[Storage]]
"""Gives an async context manager that yields a fresh, open storage."""
Rule = Callable[[Storage], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Check:
    """One rule of one port.

    Example:
        >>> check = next(all_checks(ports=["documents"]))
        >>> await check.run(make_storage)
    """

    name: str
    """The port and the rule, e.g. `documents.keeps_every_field`; unique."""
    port: str
    run: Callable[[MakeStorage], Awaitable[None]]
    """Runs it on the storage it is given; raises `AssertionError` when the rule is broken."""


def build_check(port: str, rule_name: str, promise: str, rule: Rule) -> Check:
    """A check whose failures open with the promise that was broken."""
    name = f"{port}.{rule_name}"

    async def run(make_storage: MakeStorage) -> None:
        async with make_storage() as storage:
            try:
                await plant(storage, port)
                await rule(storage)
            except AssertionError as error:
                raise AssertionError(f"{name}: {promise} {error}") from error
            except Exception as error:
                raise AssertionError(f"{name}: {promise} The storage raised {error!r}.") from error

    return Check(name, port, run)
