"""The storage bundle: story ports, which a host may own, and the journal, which is one unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import Self, get_type_hints

from saga_agent.domain.given import given
from saga_agent.errors import InvalidInput, WrongType
from saga_agent.storage.ports.journal import Journal
from saga_agent.storage.ports.story import FILTERS, OPTIONAL_VERBS, StoryPorts


class Storage:
    """Story ports and a journal that belong together, opened and closed as one.

    `async with storage:` opens it. Compose single ports of a host's own with `Storage.compose`.
    """

    story: StoryPorts
    journal: Journal
    host_ports: tuple[str, ...] = ()
    """The names of the story ports that are a host's own, in order."""

    @staticmethod
    def compose(*, story: Mapping[str, object], rest: Storage) -> Storage:
        """A storage with the given story ports (by name, e.g. `{"documents": HostDocuments(...)}`) over `rest`.

        Raises: `InvalidInput` for a name that is no story port, `WrongType` for a port that is a class or lacks a verb.
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
        given(rest, Storage, "rest", wanted="a Storage, made with its settings, for what is not in 'story'")
        given(story, Mapping, "story", wanted='the ports by name, e.g. {"documents": HostDocuments()}')
        known = {"projects", *FILTERS}
        if unknown := sorted(set(story) - known):
            raise InvalidInput(f"{unknown[0]!r} is no story port; the ports are {', '.join(sorted(known))}.")
        for name, port in story.items():
            _check_port(name, port)
        self._rest = rest
        self._ports = dict(story)
        self.story = replace(rest.story, **self._ports)
        self.journal = rest.journal
        self.host_ports = tuple(sorted({*rest.host_ports, *story}))

    async def open(self) -> None:
        await self._rest.open()

    async def close(self) -> None:
        await self._rest.close()


def _check_port(name: str, port: object) -> None:
    if isinstance(port, type):
        raise WrongType(f"The port {name!r} is the class {port.__name__}; give an instance of it.")
    verbs = [
        verb
        for verb in dir(get_type_hints(StoryPorts)[name])
        if not verb.startswith("_") and verb not in OPTIONAL_VERBS
    ]
    if missing := [verb for verb in verbs if not callable(getattr(port, verb, None))]:
        raise WrongType(f"The port {name!r}, a {type(port).__name__}, has no verb {missing[0]!r}; add it.")
