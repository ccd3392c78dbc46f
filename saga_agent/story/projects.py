"""Projects: made, listed, renamed, and removed with all that belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pydantic import ValidationError

from saga_agent.domain.given_ids import check_given_id
from saga_agent.domain.project import LOCAL_OWNER, Project
from saga_agent.domain.record import Page
from saga_agent.domain.rules import PROJECT_SETTING, project_rules
from saga_agent.errors import AlreadyExists, InvalidInput, NotFound, PolicyError
from saga_agent.ids import derived_id, new_id
from saga_agent.retrieval.protocol import Retriever, Scope
from saga_agent.storage.journal import Journal
from saga_agent.story.access import Access
from saga_agent.story.records import sentence_of
from saga_agent.story.storable import check_storable

_DEFAULT_NAME = "My story"


class ProjectService:
    """The projects of one owner."""

    def __init__(self, access: Access, journal: Journal, retriever: Retriever) -> None:
        self._access, self._journal, self._retriever = access, journal, retriever

    async def create(self, *, name: str, **fields: Any) -> Project:
        """Stores a new project; `InvalidInput` for a field that cannot be stored.

        Its id is made here: ids of projects are shared by all owners, and whoever could choose one would learn
        whether somebody else has it. The local owner, to whom the whole database belongs, may give one.
        """
        if "id" in fields and self._access.owner_id != LOCAL_OWNER:
            raise InvalidInput("A project's id is made by the library; leave 'id' out and keep the one you are given.")
        project = _build({"id": new_id("prj"), **fields, "name": name, "owner_id": self._access.owner_id})
        check_given_id(project.id, "project")
        return await self._access.ports.projects.create(project)

    async def default(self) -> Project:
        """The project of an owner who names none; made at its first use."""
        owners, owner_id = self._journal.owners, self._access.owner_id
        held = await owners.find_default_project(owner_id)
        if held is None:
            wanted = await self._former_default() or new_id("prj")
            held = await owners.claim_default_project(owner_id, wanted, instead_of=None)
        project = await self._get_or_make(held)
        if project.owner_id == owner_id:
            return project
        # It changed hands, as a guest's does who signs up.
        other = await owners.claim_default_project(owner_id, new_id("prj"), instead_of=held)
        return await self._get_or_make(other)

    async def _former_default(self) -> str | None:
        """The id the owner's default project was found by before the journal kept it, where it is theirs."""
        former = derived_id("prj", "default", self._access.owner_id)
        try:
            return (await self._access.project(former)).id
        except NotFound:
            return None

    async def _get_or_make(self, project_id: str) -> Project:
        projects = self._access.ports.projects
        try:
            return await projects.get(project_id)
        except NotFound:
            with suppress(AlreadyExists):  # two requests made it at the same time
                await projects.create(Project(id=project_id, owner_id=self._access.owner_id, name=_DEFAULT_NAME))
            return await projects.get(project_id)

    async def get(self, project_id: str) -> Project:
        """The project; `NotFound`."""
        return await self._access.project(project_id)

    async def find(self, name: str) -> Project | None:
        """The project with that name, upper and lower case alike, or with that id; the oldest of several."""
        after: str | None = None
        while True:
            page = await self.list(after=after)
            for project in page.items:
                if project.id == name or project.name.casefold() == name.casefold():
                    return project
            if page.next is None:
                return None
            after = page.next

    async def list(self, *, after: str | None = None, limit: int = 100) -> Page[Project]:
        """A page of the owner's projects."""
        page = await self._access.ports.projects.list(self._access.owner_id, after=after, limit=limit)
        # A host's table may compare owners by a collation that takes ADA for ada.
        return Page(tuple(each for each in page.items if each.owner_id == self._access.owner_id), page.next)

    async def update(self, project_id: str, *, expected_rev: int | None = None, **changes: Any) -> Project:
        """Stores changed fields; `InvalidInput`, `NotFound`, `Conflict`."""
        stored = await self._access.project(project_id)
        if fixed := {"id", "owner_id", "rev"} & changes.keys():
            raise InvalidInput(f"{sorted(fixed)[0]!r} cannot be changed.")
        wanted = _build({**stored.model_dump(), **changes})
        return await self._access.ports.projects.update(wanted, expected_rev=expected_rev or stored.rev)

    async def delete(self, project_id: str) -> None:
        """Removes the project with all its records, children first; may be repeated after a failure.

        Raises: `NotFound`; `StorageUnavailable` when an index of vectors cannot be reached, and the project stays.
        """
        await self._access.project(project_id)
        ports = self._access.ports
        for port in (
            self._journal.passages, self._journal.embeddings, self._journal.changes, self._journal.blobs,
            ports.presence, ports.waivers, ports.proposals, ports.decisions, ports.captures, ports.mentions,
            ports.facts, ports.relationships, ports.entities, ports.documents,
        ):  # fmt: skip
            await port.purge(project_id)
        await self._retriever.purge(Scope(owner_id=self._access.owner_id, project_id=project_id))
        await ports.projects.delete(project_id)

    async def get_by_name(self, name: str) -> Project:
        """The project with that name or id; `NotFound` lists the ones there are."""
        if project := await self.find(name):
            return project
        known = [project.name for project in (await self.list(limit=10)).items]
        hint = f"There are: {', '.join(known)}." if known else "Make one with 'saga import FILE --project NAME'."
        raise NotFound("project", name, hint=hint)


def _build(fields: Mapping[str, Any]) -> Project:
    check_storable("project", fields)
    try:
        project = Project.model_validate(fields)
    except ValidationError as error:
        raise InvalidInput(sentence_of("project", error)) from None
    try:
        project_rules(project.settings)
    except PolicyError as error:
        raise InvalidInput(f"This project cannot be stored: settings.{PROJECT_SETTING}: {error}") from None
    return project
