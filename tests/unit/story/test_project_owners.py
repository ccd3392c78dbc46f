"""A host's table of projects may compare owners by a collation of its own; the library does not."""

from __future__ import annotations

import saga_agent as sa
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.adapter import MemoryStorage
from tests.conformance.table_faults import FoldsOwners


async def test_projects_of_another_owner_are_not_shown_where_the_port_takes_them_for_hers() -> None:
    storage = Storage.compose(story={"projects": FoldsOwners()}, rest=MemoryStorage())
    async with sa.Saga.open(storage=storage, model="offline", retrieval=None) as saga:
        hers = await saga.acting_as("ada").story.projects.create(name="The Kennels")
        his = await saga.acting_as("ADA").story.projects.create(name="The Kennels")

        for owner_id, project in (("ada", hers), ("ADA", his)):
            projects = saga.acting_as(owner_id).story.projects
            assert [each.id for each in (await projects.list()).items] == [project.id]
            assert await projects.find("the kennels") == project
