"""Many records at once: all or none, whatever the port has, and counted like records that came one by one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import saga_agent as sa
from saga_agent.domain.entity import Entity, Relationship
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.memory.story import MemoryEntities
from saga_agent.storage.ports.story import MOST_CREATED


class HostEntities:
    """A host's port of before there was `create_many`."""

    def __init__(self) -> None:
        inner = MemoryEntities()
        self.create, self.get, self.list, self.update = inner.create, inner.get, inner.list, inner.update
        self.delete, self.purge, self.named = inner.delete, inner.purge, inner.named


@pytest.fixture(params=["memory", "sqlite", "host"])
async def saga(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[sa.Saga]:
    storage: Storage = sa.SqlStorage(f"sqlite:///{tmp_path}/saga.db") if request.param == "sqlite" else MemoryStorage()
    if request.param == "host":
        storage = Storage.compose(story={"entities": HostEntities()}, rest=storage)
    async with sa.Saga.open(storage=storage) as saga:
        yield saga


def people(project_id: str, *numbers: int) -> list[Entity]:
    return [Entity(id=f"ent_{n}", project_id=project_id, type="character", name=f"Tove {n}") for n in numbers]


async def ids(actor: sa.Saga, project_id: str) -> list[str]:
    return [entity.id async for entity in actor.story.entities.all(project_id)]


async def test_records_are_stored_at_once_and_what_follows_a_write_follows(saga: sa.Saga):
    project = await saga.story.projects.create(name="Ashes")
    document = await saga.story.documents.create(project.id, title="Low Water", text="Then Tove 2 laughed.")

    stored = await saga.story.entities.create_many(project.id, people(project.id, 1, 2))

    assert list(stored) == people(project.id, 1, 2)
    assert await ids(saga, project.id) == ["ent_1", "ent_2"]
    counted = await saga.storage.story.mentions.count(project.id, document_id=document.id)
    assert [each.entity_id for each in counted] == ["ent_2"], "the names in the text are followed"
    assert [each.id for each in await saga.storage.story.entities.named(project.id, ["tove"])] == ["ent_1", "ent_2"]


async def test_a_batch_that_was_cut_off_is_completed_by_the_next(saga: sa.Saga):
    project = await saga.story.projects.create(name="Ashes")
    await saga.story.entities.create_many(project.id, people(project.id, 1, 3))

    stored = await saga.story.entities.create_many(project.id, people(project.id, 1, 2, 3))

    assert [each.id for each in stored] == ["ent_1", "ent_2", "ent_3"]
    assert await ids(saga, project.id) == ["ent_1", "ent_2", "ent_3"]


async def test_an_id_with_other_content_is_named_and_nothing_is_stored(saga: sa.Saga):
    project = await saga.story.projects.create(name="Ashes")
    await saga.story.entities.create(project.id, id="ent_2", type="character", name="Somebody else")

    with pytest.raises(sa.AlreadyExists, match="ent_2"):
        await saga.story.entities.create_many(project.id, people(project.id, 1, 2, 3))
    with pytest.raises(sa.AlreadyExists, match="ent_5"):
        await saga.story.entities.create_many(project.id, people(project.id, 4, 5, 5))

    assert await ids(saga, project.id) == ["ent_2"]


async def test_a_tie_to_nobody_is_refused_before_anything_is_stored(saga: sa.Saga):
    project = await saga.story.projects.create(name="Ashes")
    await saga.story.entities.create_many(project.id, people(project.id, 1, 2))
    tie = Relationship(id="rel_1", project_id=project.id, type="friend_of", source_id="ent_1", target_id="ent_2")
    loose = tie.model_copy(update={"id": "rel_2", "target_id": "ent_9"})

    with pytest.raises(sa.InvalidInput, match="ent_9"):
        await saga.story.relationships.create_many(project.id, [tie, loose])

    assert [each async for each in saga.story.relationships.all(project.id)] == []


async def test_more_than_a_batch_is_stored_in_several(saga: sa.Saga):
    project = await saga.story.projects.create(name="Ashes")
    names = ["ent_1", "ent_2"]
    await saga.story.entities.create_many(project.id, people(project.id, 1, 2))
    tie = Relationship(id="", project_id=project.id, type="knows", source_id=names[0], target_id=names[1])

    ties = [tie.model_copy(update={"id": f"rel_{n}", "type": f"word {n}"}) for n in range(MOST_CREATED + 1)]
    stored = await saga.story.relationships.create_many(project.id, ties)

    assert len(stored) == MOST_CREATED + 1
    assert list(await saga.story.relationships.create_many(project.id, ())) == []


async def test_a_batch_counts_for_its_owner_and_one_without_room_leaves_nothing(saga: sa.Saga):
    ada = saga.acting_as("ada", limits=sa.StorageLimits(records=4))  # one of them is the project
    project = await ada.story.projects.create(name="Ashes")

    with pytest.raises(sa.StorageFull):
        await ada.story.entities.create_many(project.id, people(project.id, 1, 2, 3, 4))
    assert [each async for each in ada.story.entities.all(project.id)] == []
    await ada.story.entities.create_many(project.id, people(project.id, 1, 2, 3))

    held = await saga.storage.journal.holdings.get("ada")
    assert held is not None
    assert held.records == 4
    with pytest.raises(sa.StorageFull):
        await ada.story.entities.create(project.id, type="character", name="One more")


async def test_a_batch_of_an_owner_in_anothers_project_is_refused(saga: sa.Saga):
    project = await saga.story.projects.create(name="Ashes")

    with pytest.raises(sa.NotFound):
        await saga.acting_as("eve").story.entities.create_many(project.id, people(project.id, 1))
