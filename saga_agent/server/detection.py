"""The route that finds names in a text: the project's own, and unknown ones."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from typing import ClassVar, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from saga_agent.linking import compile_bible
from saga_agent.server.callers import caller_of
from saga_agent.server.problems import data_route, problem_responses
from saga_agent.story.names import FoundName, find_names


class _Wire(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class DetectBody(_Wire):
    """A text to look through."""

    text: str = Field(max_length=2_000_000, examples=["Mara met Tam at the Kennels."])
    project_id: str | None = Field(default=None, description="Whose names are known; none when left out.")
    known_only: bool = False
    offsets: Literal["codepoints", "utf16"] = "codepoints"
    """`utf16` counts as JavaScript does."""


class DetectedName(_Wire):
    """A name in the text; offsets are half-open."""

    start: int
    end: int
    text: str
    entity_id: str | None
    kind: str | None
    group: str | None
    candidates: tuple[str, ...]


class Detected(_Wire):
    """The names by position."""

    mentions: list[DetectedName]


def detection_routes(*, max_body_bytes: int) -> APIRouter:
    """The route `POST /ai/detect`."""
    router = APIRouter(
        tags=["detect"], route_class=data_route(max_body_bytes), responses=problem_responses(400, 404, 413)
    )
    router.add_api_route("/ai/detect", _detect, methods=["POST"], response_model=Detected)
    return router


async def _detect(request: Request, body: DetectBody) -> Detected:
    """Find names in a text; no model is asked."""
    if body.project_id is not None:
        mentions = caller_of(request).actor.story.mentions
        found = await mentions.find(body.project_id, body.text, known_only=body.known_only)
    else:
        found = await asyncio.to_thread(find_names, body.text, compile_bible([]), known_only=body.known_only)
    wide = _wide_places(body.text) if body.offsets == "utf16" else []
    return Detected(mentions=[_named(name, wide) for name in found])


def _named(name: FoundName, wide: list[int]) -> DetectedName:
    start, end = (place + bisect_left(wide, place) for place in (name.start, name.end))
    return DetectedName(
        start=start, end=end, text=name.surface, entity_id=name.entity_id, kind=name.kind, group=name.group,
        candidates=name.candidates,
    )  # fmt: skip


def _wide_places(text: str) -> list[int]:
    """The places of the characters that JavaScript counts twice."""
    return [place for place, character in enumerate(text) if character > "\uffff"]
