"""Nouns that answer only while their storage is open, as those of a database do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import iscoroutinefunction

from saga_agent.errors import StorageUnavailable


class Opened:
    """A port or noun whose verbs raise `StorageUnavailable` while its storage is closed."""

    def __init__(self, inner: object, is_open: Callable[[], bool]) -> None:
        self._inner, self._is_open = inner, is_open

    def __getattr__(self, name: str) -> object:
        verb = getattr(self._inner, name)
        if name.startswith("_") or not iscoroutinefunction(verb):
            return verb

        async def call(*args: object, **kwargs: object) -> object:
            if not self._is_open():
                raise StorageUnavailable("The storage is not open; use it inside 'async with storage:'.")
            return await verb(*args, **kwargs)

        setattr(self, name, call)  # so that it is made once
        return call

    def __dir__(self) -> Iterable[str]:
        return dir(self._inner)
