"""The route that finds names in a text: the project's own, and unknown ones."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from http import HTTPStatus
from typing import ClassVar, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from saga_agent.linking import compile_bible
from saga_agent.offload import off_loop
from saga_agent.server.border import Border, named
from saga_agent.server.callers import caller_of
from saga_agent.server.problems import Refused, problem_responses
from saga_agent.story.names import FoundName, find_names


class _DetectionBody(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class DetectBody(_DetectionBody):
    """A text to look through."""

    text: str = Field(examples=["Mara met Tam at the Kennels."])
    project_id: str | None = Field(
        default=None, max_length=200, description="Whose names are known; none when left out."
    )
    known_only: bool | None = Field(default=None, description="Whether unknown names are left out; they are told else.")
    offsets: Literal["codepoints", "utf16"] | None = Field(
        default=None, description="`utf16` counts as JavaScript does; `codepoints` when left out."
    )


class DetectedName(_DetectionBody):
    """A name in the text; offsets are half-open."""

    start: int
    end: int
    text: str
    entity_id: str | None
    kind: str | None
    group: str | None
    candidates: tuple[str, ...]


class Detected(_DetectionBody):
    """The names by position."""

    mentions: list[DetectedName]


def detection_routes(border: Border) -> APIRouter:
    """The route `POST /ai/detect`."""
    most_characters = border.settings.max_detect_characters

    async def detect(request: Request, body: DetectBody) -> Response:
        """Find names in a text; no model is asked."""
        if len(body.text) > most_characters:
            words = f"The text has {len(body.text):,} characters; {most_characters:,} are the limit."
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words)
        known_only = body.known_only or False
        if body.project_id is not None:
            mentions = caller_of(request).actor.story.mentions
            found = await mentions.find(body.project_id, body.text, known_only=known_only)
        else:
            found = await off_loop(find_names, body.text, compile_bible([]), known_only=known_only)
        told = await off_loop(_told, body.text, found, is_utf16=body.offsets == "utf16")
        return Response(told, media_type="application/json")

    router = APIRouter(
        tags=["detect"], route_class=border.data_route("detect"), responses=problem_responses(400, 404, 413, 429)
    )
    router.add_api_route(
        "/ai/detect", detect, methods=["POST"], response_model=Detected, **named("detectNames", "Find names in a text")
    )
    return router


def _told(text: str, found: Sequence[FoundName], *, is_utf16: bool) -> bytes:
    wide = _wide_places(text) if is_utf16 else []
    return Detected(mentions=[_named(name, wide) for name in found]).model_dump_json(by_alias=True).encode()


def _named(name: FoundName, wide: list[int]) -> DetectedName:
    start, end = (place + bisect_left(wide, place) for place in (name.start, name.end))
    return DetectedName(
        start=start,
        end=end,
        text=name.surface,
        entity_id=name.entity_id,
        kind=name.kind,
        group=name.group,
        candidates=name.candidates,
    )


def _wide_places(text: str) -> list[int]:
    """The places of the characters that JavaScript counts twice."""
    return [place for place, character in enumerate(text) if character > "\uffff"]
