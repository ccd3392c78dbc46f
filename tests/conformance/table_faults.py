"""Faults of tables and drivers: collations that fold, patterns that match, batches that stop, calls that block."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase

from saga_agent.domain.entity import Entity
from saga_agent.domain.project import Project
from saga_agent.domain.record import Page
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.story import MemoryEntities, MemoryMentions, MemoryProjects, page
from tests.conformance.broken import with_port

_BATCH = 1_000


class FoldsOwners(MemoryProjects):
    """Its owner column has a collation that takes ADA for ada."""

    async def list(self, owner_id: str, *, after: str | None = None, limit: int = 100) -> Page[Project]:
        owned = (each for each in self._rows.values() if each.owner_id.casefold() == owner_id.casefold())
        return page(owned, key=lambda project: (project.id,), after=after, limit=limit)


class ShowsAllToLocal(MemoryProjects):
    """It leaves the filter away for the owner of a database that has one."""

    async def list(self, owner_id: str, *, after: str | None = None, limit: int = 100) -> Page[Project]:
        owned = (each for each in self._rows.values() if owner_id in ("local", each.owner_id))
        return page(owned, key=lambda project: (project.id,), after=after, limit=limit)


class FoldsIds(MemoryEntities):
    """Its key has a collation that folds."""

    async def create(self, record: Entity) -> Entity:
        for project_id, record_id in self._rows:
            if (project_id, record_id.casefold()) == (record.project_id, record.id.casefold()):
                self._rows[record.project_id, record.id] = self._rows[project_id, record_id]
                return record
        return await super().create(record)


class _Filters(MemoryEntities):
    fits: Callable[[str, str], bool]

    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 100
    ) -> Page[Entity]:
        fitting = [
            entity
            for entity in self._matching(project_id, None)
            if all(type(self).fits(str(getattr(entity, field)), value) for field, value in (where or {}).items())
        ]
        return page(fitting, key=lambda entity: (entity.id,), after=after, limit=limit)


class FoldsFilters(_Filters):
    @staticmethod
    def fits(stored: str, value: str) -> bool:
        return stored.casefold() == value.casefold()


class FiltersByPattern(_Filters):
    """It filters with LIKE."""

    @staticmethod
    def fits(stored: str, value: str) -> bool:
        return fnmatchcase(stored, value.replace("_", "?").replace("%", "*"))


class FiltersByPrefix(_Filters):
    @staticmethod
    def fits(stored: str, value: str) -> bool:
        return stored.startswith(value)


class OrdersByFolding(MemoryEntities):
    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 100
    ) -> Page[Entity]:
        found = self._matching(project_id, where)
        return page(found, key=lambda entity: (entity.id.casefold(), entity.id), after=after, limit=limit)


class PurgesABatch(MemoryEntities):
    async def purge(self, project_id: str) -> None:
        for key in [key for key in self._rows if key[0] == project_id][:_BATCH]:
            del self._rows[key]


class PurgesABatchOfMentions(MemoryMentions):
    async def purge(self, project_id: str) -> None:
        for key in [key for key in self._rows if key[0] == project_id]:
            self._rows[key] = self._rows[key][_BATCH:]


class BlocksTheLoop(MemoryEntities):
    """Its driver is a synchronous one."""

    async def get(self, project_id: str, record_id: str) -> Entity:
        time.sleep(0.04)  # noqa: ASYNC251
        return await super().get(project_id, record_id)


class CutsTheEnd(MemoryEntities):
    """Its column is too short for the sample, and its driver says nothing of it."""

    async def create(self, record: Entity) -> Entity:
        return await super().create(record.model_copy(update={"summary": record.summary[:100]}))


TABLE_FAULTS: dict[str, tuple[Callable[[], Storage], str]] = {
    "owners are folded": (with_port("projects", FoldsOwners), "projects.tells_owners_apart"),
    "the local owner sees all": (with_port("projects", ShowsAllToLocal), "projects.tells_owners_apart"),
    "ids are folded": (with_port("entities", FoldsIds), "entities.tells_ids_apart_and_orders_them_exactly"),
    "the order is folded": (with_port("entities", OrdersByFolding), "entities.tells_ids_apart_and_orders_them_exactly"),
    "filters are folded": (with_port("entities", FoldsFilters), "entities.matches_filters_exactly"),
    "filters are patterns": (with_port("entities", FiltersByPattern), "entities.matches_filters_exactly"),
    "filters match a beginning": (with_port("entities", FiltersByPrefix), "entities.matches_filters_exactly"),
    "purge stops after a batch": (with_port("entities", PurgesABatch), "entities.purges_more_than_a_page"),
    "purge of mentions stops after a batch": (
        with_port("mentions", PurgesABatchOfMentions),
        "mentions.purges_more_than_a_page",
    ),
    "a verb blocks the event loop": (with_port("entities", BlocksTheLoop), "entities.leaves_the_event_loop_free"),
}
