"""All checks: the storage kit's rules of logs, and each public coroutine function of the rule modules here."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Collection, Iterator

from saga_agent.errors import InvalidInput
from saga_agent.testing.storage import streams as logs
from saga_agent.testing.streams import hubs, readers
from saga_agent.testing.streams.check import Check, Rule, Stand, build_check

_RULES = {"log": logs, "reader": readers, "hub": hubs}


def all_checks(ports: Collection[str] | None = None) -> Iterator[Check]:
    """Every check of these ports (`log`, `reader`, `hub`), or of all; each wants a fresh stand.

    Raises: `InvalidInput` for another name.
    """
    wanted = tuple(_RULES) if ports is None else tuple(ports)
    if unknown := sorted(set(wanted) - set(_RULES)):
        raise InvalidInput(f"{unknown[0]!r} is nothing the kit can check; choose from {', '.join(_RULES)}.")
    return (check for port in _RULES if port in wanted for check in _checks_of(port))


def _checks_of(port: str) -> Iterator[Check]:
    module = _RULES[port]
    for name, member in vars(module).items():
        own = inspect.iscoroutinefunction(member) and member.__module__ == module.__name__
        if own and not name.startswith("_"):
            yield build_check(port, name, inspect.getdoc(member) or "", _on_log(member) if port == "log" else member)


def _on_log(rule: Callable[..., Awaitable[None]]) -> Rule:
    async def on_stand(stand: Stand) -> None:
        await rule(stand.storage)

    return on_stand
