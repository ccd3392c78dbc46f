"""What follows a write - the search index, the names in the text - and is made up for where it fails.

A record that is stored is stored, whatever becomes of what is derived from it: a step that fails is logged and owed. It
is taken again before the next look at what it keeps, and after the next write of its project. A process that dies owes
nothing any more; what a dead one left undone is found by comparing the index with the documents, once in each process.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final

_log = logging.getLogger(__name__)
Step = Callable[[], Awaitable[object]]
_MOST_OWED: Final = 10_000
"""Of all projects; beyond it the oldest are forgotten, and found again by the next process."""


class Aftercare:
    """The steps that one process owes, by project and by what they keep in step."""

    def __init__(self) -> None:
        self._owed: dict[str, dict[str, Step]] = {}
        self._compared: set[str] = set()

    async def do(self, project_id: str, about: str, step: Step, *, later: Step | None = None) -> None:
        """Takes the step, and then those owed to the project; a failure is logged and owed, never raised.

        Args:
            project_id: Whose record was written.
            about: What the step keeps in step, e.g. `document doc_1`; a newer step takes the place of an older one.
            step: May be taken again.
            later: What is owed for it, where that has to read what is stored by then.
        """
        if await self._take(project_id, about, step, later=later):
            await self.make_up(project_id)

    async def make_up(self, project_id: str) -> None:
        """Takes the steps that are owed to the project; those that fail again stay owed."""
        for about, step in list(self._owed.get(project_id, {}).items()):
            if not await self._take(project_id, about, step):
                return  # what failed just now fails for the others, too

    async def compare_once(self, project_id: str, step: Step) -> None:
        """Takes the step that looks for what a process before this one left undone, the first time it is asked for."""
        if project_id not in self._compared:
            self._compared.add(project_id)
            await self._take(project_id, "what was left undone", step)

    def forget(self, project_id: str) -> None:
        """Owes nothing any more to a project that has ended."""
        self._owed.pop(project_id, None)
        self._compared.discard(project_id)

    async def _take(self, project_id: str, about: str, step: Step, *, later: Step | None = None) -> bool:
        try:
            await step()
        except BaseException as error:
            self._owe(project_id, about, later or step)
            if not isinstance(error, Exception):
                raise
            _log.warning("%s is stored, but what follows failed and is tried again: %s", about, error)
            return False
        if (owed := self._owed.get(project_id)) is not None:
            owed.pop(about, None)
            if not owed:
                del self._owed[project_id]
        return True

    def _owe(self, project_id: str, about: str, step: Step) -> None:
        self._owed.setdefault(project_id, {})[about] = step
        if sum(map(len, self._owed.values())) > _MOST_OWED:
            oldest = next(iter(self._owed))
            del self._owed[oldest]
            self._compared.discard(oldest)
