"""A check: one promise of a vector index, run on a fresh one, failing with a sentence for the adapter's author."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from saga_agent.retrieval.protocol import VectorIndex

MakeIndex = Callable[[], AbstractAsyncContextManager[VectorIndex]]
"""Gives an async context manager that yields an empty index, and closes it."""
Rule = Callable[[VectorIndex], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Check:
    """One rule.

    Example:
        >>> check = next(all_checks())
        >>> await check.run(make_index)
    """

    name: str
    """E.g. `vectors.keeps_owners_apart`; unique."""
    run: Callable[[MakeIndex], Awaitable[None]]
    """Runs it on the index it is given; raises `AssertionError` when the rule is broken."""


def build_check(rule_name: str, promise: str, rule: Rule) -> Check:
    """A check whose failures open with the promise that was broken."""
    name = f"vectors.{rule_name}"

    async def run(make_index: MakeIndex) -> None:
        async with make_index() as index:
            try:
                await rule(index)
            except AssertionError as error:
                raise AssertionError(f"{name}: {promise} {error}") from error
            except Exception as error:
                raise AssertionError(f"{name}: {promise} The index raised {error!r}.") from error

    return Check(name, run)
