"""Snapshots: which findings were open when a project was checked."""

from __future__ import annotations

from saga_agent.domain.snapshot import KEPT_OF_PROJECT, KEPT_OF_SCOPE, Snapshot


class MemorySnapshots:
    """The snapshots of each project, the oldest first."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Snapshot]] = {}

    async def add(self, snapshot: Snapshot) -> Snapshot:
        rows = self._rows.setdefault(snapshot.project_id, [])
        mine = [row for row in rows if row.scope == snapshot.scope]
        if mine and mine[-1].finding_ids == snapshot.finding_ids:
            return mine[-1]
        stored = snapshot.model_copy(update={"rev": mine[-1].rev + 1 if mine else 1})
        if len(mine) == KEPT_OF_SCOPE:
            rows.remove(mine[0])
        rows.append(stored)
        del rows[:-KEPT_OF_PROJECT]
        return stored

    async def find(self, project_id: str, scope: str, *, rev: int | None = None) -> Snapshot | None:
        rows = reversed(self._rows.get(project_id, []))
        return next((row for row in rows if row.scope == scope and rev in (None, row.rev)), None)

    def forget_project(self, project_id: str) -> None:
        """Forgets those of the project."""
        self._rows.pop(project_id, None)

    def holds(self, project_id: str) -> bool:
        """Whether there is any of the project."""
        return project_id in self._rows
