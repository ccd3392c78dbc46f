"""What a host tells of its own writes: index, mentions, ties and facts follow, for one row or for many."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from saga_agent.errors import NotFound
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.story.service import StoryService


@pytest.fixture
async def storage() -> AsyncIterator[Storage]:
    async with MemoryStorage() as storage:
        yield storage


@pytest.fixture
def story(storage: Storage) -> StoryService:
    return StoryService(storage, "local")


@pytest.fixture
async def project_id(story: StoryService) -> str:
    """A project whose chapters name Mira, Tam and the Kennels, of whom the bible has Mira."""
    project = await story.projects.create(name="Crossing")
    await story.entities.create(project.id, id="mira", type="character", name="Mira")
    for number, text in enumerate(("Mira met Old Haldor.", "Old Haldor slept.", "Nobody spoke."), start=1):
        await story.documents.create(project.id, id=f"doc_{number}", number=number, title=f"{number}", text=text)
    return project.id


async def named(story: StoryService, project_id: str) -> set[tuple[str, str | None]]:
    """Which entity is named in which document."""
    return {(each.document_id, each.entity_id) for each in await story.mentions.count(project_id) if each.entity_id}


async def test_mentions_follow_entities_that_a_host_made_and_renamed(
    story: StoryService, storage: Storage, project_id: str
) -> None:
    mira = await story.entities.get(project_id, "mira")
    haldor = mira.model_copy(update={"id": "haldor", "name": "Old Haldor"})
    await storage.story.entities.create(haldor)
    await storage.story.entities.update(mira.model_copy(update={"name": "Sunniva"}), expected_rev=mira.rev)

    await story.changed(project_id, entity_id=["haldor", "mira"])

    assert await named(story, project_id) == {("doc_1", "haldor"), ("doc_2", "haldor")}


async def test_an_entity_that_a_host_removed_goes_with_its_ties_facts_and_mentions(
    story: StoryService, storage: Storage, project_id: str
) -> None:
    tam = await story.entities.create(project_id, type="character", name="Tam")
    await story.relationships.create(project_id, type="knows", source_id="mira", target_id=tam.id)
    await story.facts.create(project_id, subject_id="mira", predicate="eyes", value="grey")
    assert await named(story, project_id) == {("doc_1", "mira")}
    await storage.story.entities.delete(project_id, "mira")

    await story.changed(project_id, entity_id="mira")

    assert await named(story, project_id) == set()
    assert [tie async for tie in story.relationships.all(project_id)] == []
    assert [fact async for fact in story.facts.all(project_id)] == []


async def test_many_documents_are_told_of_at_once(story: StoryService, storage: Storage, project_id: str) -> None:
    for number in (1, 2):
        held = await storage.story.documents.get(project_id, f"doc_{number}")
        told = held.model_copy(update={"text": f"Mira crossed the weir {number} times."})
        await storage.story.documents.update(told, expected_rev=held.rev)
    await storage.story.documents.delete(project_id, "doc_3")

    await story.changed(project_id, ["doc_1", "doc_2", "doc_3"])

    assert [hit.document_id for hit in await story.documents.search(project_id, "weir")] == ["doc_1", "doc_2"]
    assert await story.documents.search(project_id, "spoke") == []
    assert await named(story, project_id) == {("doc_1", "mira"), ("doc_2", "mira")}


async def test_another_owners_project_is_not_there(storage: Storage, project_id: str) -> None:
    with pytest.raises(NotFound):
        await StoryService(storage, "ada").changed(project_id, "doc_1", entity_id="mira")
