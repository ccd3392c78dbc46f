"""Every value comes back as it was given, or is refused before anything is written."""

from __future__ import annotations

import pytest

from saga_agent.domain.document import Document
from saga_agent.domain.entity import Entity
from saga_agent.domain.project import Project
from saga_agent.errors import InvalidInput
from saga_agent.storage.sql.adapter import SqlStorage


async def test_ids_are_ordered_by_code_point_on_both_engines(url: str):
    ids = sorted(["a", "B", "_", "é", "z", "Z", "\U0001f409", "\uffee", "a b"])
    async with SqlStorage(url) as storage:
        for each in reversed(ids):
            await storage.story.entities.create(Entity(id=each, project_id="p", type="character", name="Anna"))

        page = await storage.story.entities.list("p")
        rest = await storage.story.entities.list("p", after=(await storage.story.entities.list("p", limit=4)).next)

    assert [entity.id for entity in page.items] == ids
    assert [entity.id for entity in rest.items] == ids[4:]


async def test_json_keeps_null_characters_and_not_a_number(url: str):
    entity = Entity(
        id="e",
        project_id="p",
        type="item",
        name="Ring",
        fields={"a": None, "b": [None, {"c": "nul \x00 \U0001f409"}], "d": float("inf"), "e": 10**30},
    )
    async with SqlStorage(url) as storage:
        await storage.story.entities.create(entity)
        assert await storage.story.entities.get("p", "e") == entity


async def test_half_a_surrogate_pair_is_refused(url: str):
    async with SqlStorage(url) as storage:
        with pytest.raises(InvalidInput):
            await storage.story.documents.create(Document(id="d", project_id="p", text="broken \ud83d"))
        with pytest.raises(InvalidInput):
            await storage.story.projects.create(Project(id="p", name="A book", settings={"x": "broken \ud83d"}))
        assert (await storage.story.documents.list("p")).items == ()


async def test_a_number_beyond_64_bits_is_refused(url: str):
    async with SqlStorage(url) as storage:
        with pytest.raises(InvalidInput):
            await storage.story.documents.create(Document(id="d", project_id="p", reading_order=2**64))
        assert (await storage.story.documents.list("p")).items == ()


async def test_a_null_character_in_a_text_is_kept_or_refused_as_such(url: str):
    """PostgreSQL has no such character; SQLite has."""
    document = Document(id="d", project_id="p", text="nul \x00 and on")
    async with SqlStorage(url) as storage:
        if storage.path is not None:
            await storage.story.documents.create(document)
            assert await storage.story.documents.get("p", "d") == document
        else:
            with pytest.raises(InvalidInput, match="NUL"):
                await storage.story.documents.create(document)
