"""The routes of the story: projects, documents, entities, relationships, captures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Generic, TypeVar

from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel
from pydantic.alias_generators import to_snake

from saga_agent.domain.document import Document, DocumentHead
from saga_agent.domain.entity import Entity, Relationship
from saga_agent.domain.notes import Capture
from saga_agent.domain.project import Project
from saga_agent.domain.record import JsonObject, Record
from saga_agent.errors import InvalidInput
from saga_agent.server.border import Border, named
from saga_agent.server.callers import caller_of
from saga_agent.server.problems import problem_responses
from saga_agent.storage.ports.story import FILTERS
from saga_agent.story.records import RecordService
from saga_agent.story.service import StoryService

R = TypeVar("R", bound=Record)
H = TypeVar("H", bound=Record)
T = TypeVar("T")
_MOST_ITEMS = {"aliases": 200}
"""Every alias is looked for in every text."""
_MOST_OF_OTHERS = 1_000
_OURS = {"rev", "provenance", "owner_id", "record_id", "self"}
ProjectId = Annotated[str | None, Query(alias="projectId", description="The owner's default project when left out.")]
ProjectFilter = Annotated[str | None, Query(alias="projectId", description="Only of the project with this id.")]
After = Annotated[str | None, Query(description="The `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=500)]
Fields = Annotated[JsonObject, Body()]


class RecordPage(BaseModel, Generic[T]):
    """A page of a list; `next` is the cursor of the page after it."""

    items: list[T]
    next: str | None


def record_routes(border: Border) -> APIRouter:
    """The routes of all kinds of records."""
    route_class = border.data_route("write")
    router = APIRouter(route_class=route_class, responses=problem_responses(400, 404, 409))
    _add_projects(router)
    kinds: tuple[_Kind[Any, Any], ...] = (
        _Kind("documents", Document, DocumentHead, lambda story: story.documents, {"number": 1, "title": "Low Water"}),
        _Kind("entities", Entity, Entity, lambda story: story.entities, {"type": "character", "name": "Mara"}),
        _Kind(
            "relationships",
            Relationship,
            Relationship,
            lambda story: story.relationships,
            {"type": "sister_of", "source_id": "ent_1", "target_id": "ent_2"},
        ),
        _Kind("captures", Capture, Capture, lambda story: story.captures, {"kind": "note", "text": "Fog on the quay."}),
    )
    for kind in kinds:
        kind.add_to(router)
    return router


@dataclass(frozen=True, slots=True)
class _Kind(Generic[R, H]):
    """One kind of record that belongs to a project."""

    name: str
    model: type[R]
    head: type[H]
    service: Callable[[StoryService], RecordService[R, H]]
    example: JsonObject

    def add_to(self, router: APIRouter) -> None:
        path, tags, one_name = f"/{self.name}", [self.name], self.model.__name__
        one = f"{path}/{{record_id}}"
        router.add_api_route(
            path,
            self.list,
            methods=["GET"],
            tags=[*tags],
            response_model=RecordPage[self.head],
            **named(f"list{self.name.capitalize()}", f"List {self.name}"),
            openapi_extra={"parameters": [_filter(name) for name in FILTERS[self.name]]},
        )
        router.add_api_route(
            path,
            self.create,
            methods=["POST"],
            tags=[*tags],
            status_code=201,
            response_model=self.model,
            **named(f"create{one_name}", f"Store a new {one_name.lower()}"),
            openapi_extra=_example(self.example),
        )
        router.add_api_route(
            one,
            self.get,
            methods=["GET"],
            tags=[*tags],
            response_model=self.model,
            **named(f"get{one_name}", f"Read one {one_name.lower()}"),
        )
        router.add_api_route(
            one,
            self.update,
            methods=["PATCH"],
            tags=[*tags],
            response_model=self.model,
            **named(f"update{one_name}", f"Change fields of a {one_name.lower()}"),
        )
        router.add_api_route(
            one,
            self.delete,
            methods=["DELETE"],
            tags=[*tags],
            status_code=204,
            response_class=Response,
            **named(f"delete{one_name}", f"Remove a {one_name.lower()}"),
        )

    async def list(
        self, request: Request, project_id: ProjectId = None, after: After = None, limit: Limit = 100
    ) -> Any:
        """A page of the project's records; filters are given by the fields' names."""
        service, project = await self._enter(request, project_id)
        known = {"projectId", "after", "limit"}
        where = {to_snake(name): value for name, value in request.query_params.items() if name not in known}
        if unknown := sorted(where.keys() & {"self", "project_id", "after", "limit"}):
            raise InvalidInput(f"{unknown[0]!r} is no filter.")
        page = await service.list(project, after=after, limit=limit, **where)
        return {"items": page.items, "next": page.next}

    async def create(self, request: Request, fields: Fields, project_id: ProjectId = None) -> Any:
        """Store a new record; an `id` may be given."""
        fields = _own_fields(fields, self.model)
        service, project = await self._enter(request, _one_project(project_id, _taken(fields, "project_id")))
        return await service.create(project, **fields)

    async def get(self, request: Request, record_id: str, project_id: ProjectId = None) -> Any:
        """One record."""
        service, project = await self._enter(request, project_id)
        return await service.get(project, record_id)

    async def update(self, request: Request, record_id: str, fields: Fields, project_id: ProjectId = None) -> Any:
        """Change fields; with `expected_rev`, only if nobody else has changed the record."""
        fields = _own_fields(fields, self.model)
        service, project = await self._enter(request, _one_project(project_id, _taken(fields, "project_id")))
        return await service.update(project, record_id, expected_rev=_revision(fields), **fields)

    async def delete(self, request: Request, record_id: str, project_id: ProjectId = None) -> Response:
        """Remove a record and what hangs on it."""
        service, project = await self._enter(request, project_id)
        await service.delete(project, record_id)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def _enter(self, request: Request, project_id: str | None) -> tuple[RecordService[R, H], str]:
        actor = caller_of(request).actor
        return self.service(actor.story), project_id or (await actor.story.projects.default()).id


def _add_projects(router: APIRouter) -> None:
    one, tags = "/projects/{project_id}", ["projects"]
    router.add_api_route(
        "/projects",
        _projects,
        methods=["GET"],
        tags=[*tags],
        response_model=RecordPage[Project],
        **named("listProjects", "List projects"),
    )
    router.add_api_route(
        "/projects",
        _create_project,
        methods=["POST"],
        tags=[*tags],
        status_code=201,
        response_model=Project,
        **named("createProject", "Store a new project"),
        openapi_extra=_example({"name": "The Hollow Crown"}),
    )
    router.add_api_route(
        one, _project, methods=["GET"], tags=[*tags], response_model=Project, **named("getProject", "Read one project")
    )
    router.add_api_route(
        one,
        _update_project,
        methods=["PATCH"],
        tags=[*tags],
        response_model=Project,
        **named("updateProject", "Change fields of a project"),
    )
    router.add_api_route(
        one,
        _delete_project,
        methods=["DELETE"],
        tags=[*tags],
        status_code=204,
        response_class=Response,
        **named("deleteProject", "Remove a project"),
    )


async def _projects(request: Request, after: After = None, limit: Limit = 100) -> Any:
    """A page of the owner's projects."""
    page = await caller_of(request).actor.story.projects.list(after=after, limit=limit)
    return {"items": page.items, "next": page.next}


async def _create_project(request: Request, fields: Fields) -> Any:
    """Store a new project."""
    given = _own_fields(fields, Project)
    return await caller_of(request).actor.story.projects.create(name=_taken(given, "name") or "", **given)


async def _project(request: Request, project_id: str) -> Any:
    """One project."""
    return await caller_of(request).actor.story.projects.get(project_id)


async def _update_project(request: Request, project_id: str, fields: Fields) -> Any:
    """Change fields; with `expected_rev`, only if nobody else has changed the project."""
    changes = _own_fields(fields, Project)
    projects = caller_of(request).actor.story.projects
    return await projects.update(project_id, expected_rev=_revision(changes), **changes)


async def _delete_project(request: Request, project_id: str) -> Response:
    """Remove a project with all its records."""
    caller = caller_of(request)
    async with caller.end():
        await caller.actor.story.projects.delete(project_id)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _own_fields(fields: JsonObject, model: type[BaseModel]) -> JsonObject:
    """The fields by the model's names; camelCase is read, too. `InvalidInput` for those the server sets."""
    named = {to_snake(name) if to_snake(name) in model.model_fields else name: fields[name] for name in fields}
    named = {name: value for name, value in named.items() if value is not None or _takes_null(model, name)}
    for name, value in named.items():
        if isinstance(value, list) and len(value) > (most := _MOST_ITEMS.get(name, _MOST_OF_OTHERS)):
            raise InvalidInput(f"{name!r} has {len(value):,} items; {most:,} are the limit.")
    if ours := sorted((_OURS | ({"project_id"} - model.model_fields.keys())) & named.keys()):
        raise InvalidInput(f"{ours[0]!r} is set by the server; leave it out.")
    return named


def _takes_null(model: type[BaseModel], name: str) -> bool:
    """Whether null is a value of that field; elsewhere it is as if the field were left out."""
    field = model.model_fields.get(name)
    return field is not None and not field.is_required() and field.default is None


def _one_project(in_query: str | None, in_body: str | None) -> str | None:
    """The project that a request names, in its address, its body or both; `InvalidInput` where they differ."""
    if in_query and in_body and in_query != in_body:
        raise InvalidInput(f"The address names the project {in_query!r} and the body {in_body!r}; name one.")
    return in_query or in_body


def _taken(fields: JsonObject, name: str) -> str | None:
    value = fields.pop(name, None)
    if value is None or isinstance(value, str):
        return value
    raise InvalidInput(f"{name!r} is a text.")


def _revision(fields: JsonObject) -> int | None:
    given = [fields.pop(name) for name in ("expected_rev", "expectedRev") if name in fields]
    revision = given[0] if given else None
    if revision is None or (isinstance(revision, int) and not isinstance(revision, bool)):
        return revision
    raise InvalidInput("'expected_rev' is a whole number.")


def _example(value: JsonObject) -> dict[str, Any]:
    return {"requestBody": {"content": {"application/json": {"example": value}}}}


def _filter(name: str) -> JsonObject:
    return {"name": name, "in": "query", "required": False, "schema": {"type": "string"}}
