"""All checks: each public coroutine function of the rules is one rule, told by its docstring."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from saga_agent.testing.vectors import documents, searches
from saga_agent.testing.vectors.check import Check, build_check


def all_checks() -> Iterator[Check]:
    """Every check; each wants a fresh index."""
    for module in (documents, searches):
        for name, member in vars(module).items():
            own = inspect.iscoroutinefunction(member) and member.__module__ == module.__name__
            if own and not name.startswith("_"):
                yield build_check(name, inspect.getdoc(member) or "", member)
