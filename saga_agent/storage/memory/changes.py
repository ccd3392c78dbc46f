"""Changes: what agents changed in the story."""

from __future__ import annotations

from collections.abc import Sequence

from saga_agent.domain.history import Change, ChangeState
from saga_agent.domain.record import Page
from saga_agent.errors import NotFound
from saga_agent.storage.memory.story import page
from saga_agent.storage.memory.tables import detached


class MemoryChanges:
    """Changes by id; a dict keeps the order they were written down in."""

    def __init__(self) -> None:
        self._rows: dict[str, Change] = {}
        self._last = 0

    async def open(self, change: Change) -> Change:
        if change.id not in self._rows:
            self._last += 1
            self._rows[change.id] = detached(change.model_copy(update={"seq": self._last}))
        return detached(self._rows[change.id])

    async def settle(self, change_id: str, *, state: ChangeState, rev: int | None = None) -> Change:
        change = self._rows.get(change_id)
        if change is None:
            raise NotFound("change", change_id)
        if change.state != "done":
            change = self._rows[change_id] = change.model_copy(update={"state": state, "rev": rev})
        return detached(change)

    async def get(self, project_id: str, change_id: str) -> Change:
        change = self._rows.get(change_id)
        if change is None or change.project_id != project_id:
            raise NotFound("change", change_id)
        return detached(change)

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
        wanted = {"project_id": project_id, "record_id": record_id, "run_id": run_id, "call_id": call_id}
        found = [
            change
            for change in self._rows.values()
            if all(value is None or getattr(change, name) == value for name, value in wanted.items())
            and (not states or change.state in states)
        ]
        return page(found, key=lambda change: (change.seq,), after=after, limit=limit, newest_first=True)

    async def purge(self, project_id: str) -> None:
        for change in [change for change in self._rows.values() if change.project_id == project_id]:
            del self._rows[change.id]

    def holds(self, project_id: str) -> bool:
        """Whether there is anything of the project."""
        return any(change.project_id == project_id for change in self._rows.values())
