"""The journal's history: what agents changed in the story, kept beyond the threads it came from.

A change is written down as `intended` before the write it tells of, and becomes `done` after it: no transaction spans
story ports and journal, so what died in between is told from the record's revision.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from saga_agent.domain.history import Change, ChangeState
from saga_agent.domain.record import Page


class Changes(Protocol):
    """Changes in the order they were written down."""

    async def open(self, change: Change) -> Change:
        """Stores the change with a `seq` above all earlier ones, or gives the stored one when its id is there."""
        ...

    async def settle(self, change_id: str, *, state: ChangeState, rev: int | None = None) -> Change:
        """Tells what became of the change; a `done` one is final and given as stored; `NotFound`."""
        ...

    async def get(self, project_id: str, change_id: str) -> Change:
        """The change; `NotFound`, also for a change of another project."""
        ...

    async def list(
        self,
        project_id: str,
        *,
        record_id: str | None = None,
        run_id: str | None = None,
        call_id: str | None = None,
        states: Sequence[ChangeState] = (),
        after: str | None = None,
        limit: int = 100,
    ) -> Page[Change]:
        """A page of the changes that match, the newest first."""
        ...

    async def purge(self, project_id: str) -> None:
        """Removes all changes of the project; may be repeated."""
        ...
