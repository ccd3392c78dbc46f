"""Projects: made, listed, renamed, and removed with all that belongs to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from pydantic import ValidationError

from saga_agent.domain.given_ids import check_given_id
from saga_agent.domain.project import LOCAL_OWNER, Project
from saga_agent.domain.record import Page
from saga_agent.domain.rules import PROJECT_SETTING, project_rules
from saga_agent.errors import AlreadyExists, InvalidInput, NotFound, PolicyError, RunBusy
from saga_agent.ids import derived_id, new_id
from saga_agent.retrieval.protocol import Retriever, Scope
from saga_agent.storage.ports.journal import Journal
from saga_agent.story.access import OwnerPorts
from saga_agent.story.records import sentence_of
from saga_agent.story.storable import check_storable

_DEFAULT_NAME = "My story"
StopRuns = Callable[[str], Awaitable[None]]
"""Stops the runs of the project with that id, and returns when they have ended."""
_ATTEMPTS = 3
"""How often the runs of a project that ends are stopped, while others are sent."""


async def no_runs(project_id: str) -> None:
    """For those who cannot stop runs: a project with one at work is refused with `RunBusy` then."""


class ProjectService:
    """The projects of one owner."""

    def __init__(self, access: OwnerPorts, journal: Journal, retriever: Retriever, stop_runs: StopRuns) -> None:
        self._access, self._journal, self._retriever = access, journal, retriever
        self._stop_runs = stop_runs

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
        """Ends the project: stops its runs, then removes its threads, its records, and all else that belongs to it.

        May be repeated after a failure, and after a host has removed the project's own row: what it left goes then.

        Raises: `NotFound` when nothing of it is left; `RunBusy` when a run that another process holds does not stop;
            `StorageUnavailable` when an index of vectors cannot be reached, and the project's row stays.
        """
        is_there, ports = await self._is_there(project_id), self._access.ports
        is_known = is_there or await self._has_records(project_id)
        is_known |= await self._end(project_id)
        if not is_known:
            raise NotFound("project", project_id)
        for port in (
            ports.presence,
            ports.waivers,
            ports.proposals,
            ports.decisions,
            ports.captures,
            ports.mentions,
            ports.facts,
            ports.relationships,
            ports.entities,
            ports.documents,
        ):
            await port.purge(project_id)
        await self._retriever.purge(Scope(owner_id=self._access.owner_id, project_id=project_id))
        if is_there:
            with suppress(NotFound):  # its row was removed twice at once
                await ports.projects.delete(project_id)
        self._access.aftercare.forget(project_id)
        self._access.lexicons.forget(project_id)
        await self._end(project_id)  # what came while there was a row to come to

    async def _end(self, project_id: str) -> bool:
        """Stops the project's runs, and has the journal let go of it; whether it held anything."""
        for _ in range(_ATTEMPTS - 1):
            await self._stop_runs(project_id)
            with suppress(RunBusy):  # another one was sent meanwhile
                return await self._journal.end_project(project_id, owner_id=self._access.owner_id)
        await self._stop_runs(project_id)
        return await self._journal.end_project(project_id, owner_id=self._access.owner_id)

    async def _is_there(self, project_id: str) -> bool:
        """Whether the project has a row; `NotFound` for another owner's."""
        try:
            project = await self._access.ports.projects.get(project_id)
        except NotFound:
            return False
        if project.owner_id != self._access.owner_id:
            raise NotFound("project", project_id)
        return True

    async def _has_records(self, project_id: str) -> bool:
        ports = self._access.ports
        found: list[Page[Any]] = [
            await port.list(project_id, limit=1)
            for port in (
                ports.documents,
                ports.entities,
                ports.relationships,
                ports.facts,
                ports.mentions,
                ports.captures,
                ports.decisions,
                ports.proposals,
                ports.waivers,
                ports.presence,
            )
        ]
        return any(page.items for page in found)

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
