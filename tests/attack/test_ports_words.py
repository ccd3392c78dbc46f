"""A host's tables that fold case and pad blanks: nobody is shown what is another's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import pytest

from saga_agent.app import Saga
from saga_agent.domain.entity import Entity
from saga_agent.domain.project import Project
from saga_agent.domain.record import Page
from saga_agent.errors import NotFound, StorageError
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.memory.story import MemoryEntities, MemoryProjects


def folded(text: str) -> str:
    """As a collation that folds case and pads blanks compares it."""
    return text.casefold().rstrip()


class FoldingProjects(MemoryProjects):
    async def get(self, project_id: str) -> Project:
        for project in self._rows.values():
            if folded(project.id) == folded(project_id):
                return project
        raise NotFound("project", project_id)

    async def list(self, owner_id: str, *, after: str | None = None, limit: int = 100) -> Page[Project]:
        return Page(tuple(each for each in self._rows.values() if folded(each.owner_id) == folded(owner_id)))


class FoldingEntities(MemoryEntities):
    renames = False

    async def create(self, record: Entity) -> Entity:
        stored = await super().create(record)
        return stored.model_copy(update={"id": stored.id.lower()}) if self.renames else stored

    async def get(self, project_id: str, record_id: str) -> Entity:
        for (project, entity_id), entity in self._rows.items():
            if (folded(project), folded(entity_id)) == (folded(project_id), folded(record_id)):
                return entity
        raise NotFound("entity", record_id)

    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 100
    ) -> Page[Entity]:
        return Page(tuple(each for each in self._rows.values() if folded(each.project_id) == folded(project_id)))


@pytest.fixture
def entities() -> FoldingEntities:
    return FoldingEntities()


@pytest.fixture
async def saga(entities: FoldingEntities) -> AsyncIterator[Saga]:
    ports = {"projects": FoldingProjects(), "entities": entities}
    async with Saga.open(storage=Storage.compose(story=ports, rest=MemoryStorage())) as saga:
        yield saga


async def test_an_owner_is_shown_no_project_of_one_who_is_spelt_alike(saga: Saga, caplog: pytest.LogCaptureFixture):
    adas = await saga.acting_as("ada").story.projects.create(name="Secret")

    for spelt in ("ADA", "Ada", "ada "):
        projects = saga.acting_as(spelt).story.projects
        assert (await projects.list()).items == ()
        assert await projects.find("Secret") is None
        assert await projects.find(adas.id) is None
        with pytest.raises(NotFound):
            await projects.get_by_name("Secret")
    assert "'projects'" in caplog.text
    assert (await saga.acting_as("ada").story.projects.list()).items == (adas,)


async def test_an_id_that_is_spelt_alike_is_another(saga: Saga):
    project = await saga.story.projects.create(id="book", name="Mine")
    await saga.story.entities.create(project.id, id="Mara", type="character", name="Mara")

    with pytest.raises(NotFound):
        await saga.story.projects.get("BOOK")
    with pytest.raises(NotFound):
        await saga.story.entities.get(project.id, "mara")
    assert await saga.story.entities.find(project.id, "mara") is None


async def test_a_list_holds_only_what_was_asked_for(saga: Saga):
    for name in ("book", "BOOK"):
        project = Project(id=name, name=name)
        await saga.storage.story.projects.create(project)
        await saga.storage.story.entities.create(Entity(id=name, project_id=name, type="item", name=name))

    shown = [each.id async for each in saga.story.entities.all("book")]
    items = (await saga.story.entities.list("book", type="character")).items  # the filter is passed over by the port

    assert shown == ["book"]
    assert items == ()


async def test_a_port_that_stores_another_id_is_found_out(saga: Saga, entities: FoldingEntities):
    project = await saga.story.projects.create(name="Mine")
    entities.renames = True

    with pytest.raises(StorageError, match="'entities'"):
        await saga.story.entities.create(project.id, id="Mara", type="character", name="Mara")
