"""The route that checks a story."""

from __future__ import annotations

from typing import ClassVar

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from saga_agent.domain.time import When
from saga_agent.server.border import Border, named
from saga_agent.server.callers import caller_of
from saga_agent.server.problems import problem_responses
from saga_agent.story.checks.report import CheckReport


class CheckBody(BaseModel):
    """What to look at."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True
    )

    families: tuple[str, ...] = Field(
        default=(), max_length=50, description="Only these families; all but clarity when left out."
    )
    since: int | None = Field(
        default=None, ge=0, le=2**53, description="The `rev` of an earlier check to compare with, instead of the last."
    )
    as_of: When | None = Field(default=None, description="Only the story up to that point.")


def check_routes(border: Border) -> APIRouter:
    """The route `POST /projects/{project_id}/check`: a POST, since what is found is remembered."""

    async def check(request: Request, project_id: str, body: CheckBody) -> CheckReport:
        """Check the bible and all documents; no model is asked."""
        story = caller_of(request).actor.story
        return await story.check(project_id, families=body.families, since=body.since, as_of=body.as_of)

    router = APIRouter(
        tags=["projects"], route_class=border.data_route("check"), responses=problem_responses(400, 404, 429)
    )
    router.add_api_route(
        "/projects/{project_id}/check",
        check,
        methods=["POST"],
        response_model=CheckReport,
        **named("checkProject", "Check a story"),
    )
    return router
