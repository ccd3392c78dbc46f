"""The storage bundle: story ports, which a host may own, and the journal, which is one unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import Self

from saga_agent.errors import InvalidInput
from saga_agent.storage.journal import Journal
from saga_agent.storage.protocol import FILTERS, StoryPorts


class Storage:
    """Story ports and a journal that belong together, opened and closed as one.

    `async with storage:` opens it. Compose single ports of a host's own with `Storage.compose`.
    """

    story: StoryPorts
    journal: Journal

    @staticmethod
    def compose(*, story: Mapping[str, object], rest: Storage) -> Storage:
        """A storage with the given story ports (by name, e.g. `{"documents": HostDocuments(...)}`) over `rest`.

        Raises: `InvalidInput` for a name that is no story port.
        """
        return _Composed(story, rest)

    async def open(self) -> None:
        """Makes it usable; what is missing is made, what cannot be is refused with a `StorageError`."""

    async def close(self) -> None:
        """Finishes what is under way and lets go of everything; may be repeated."""

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class _Composed(Storage):
    def __init__(self, story: Mapping[str, object], rest: Storage) -> None:
        known = {"projects", *FILTERS}
        if unknown := sorted(set(story) - known):
            raise InvalidInput(f"{unknown[0]!r} is no story port; the ports are {', '.join(sorted(known))}.")
        self._rest = rest
        self._ports = dict(story)
        self.story = replace(rest.story, **self._ports)
        self.journal = rest.journal

    async def open(self) -> None:
        await self._rest.open()

    async def close(self) -> None:
        await self._rest.close()
