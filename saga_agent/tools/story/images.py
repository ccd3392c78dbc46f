"""Finding images: by their words, and by their looks."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from saga_agent.analyses.images.captions import score_captions
from saga_agent.analyses.images.looks import MAX_PIXELS, Look, colour_distance, hash_distance, look_at
from saga_agent.domain.notes import Capture
from saga_agent.domain.record import JsonObject
from saga_agent.errors import InvalidInput, NotFound
from saga_agent.formats.image_header import read_image_header
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolFailure, ToolResult

_MAX_BYTES = 20_000_000


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    registry.tool(effect="read", category="images", idempotent=True)(search_images)
    registry.tool(effect="read", category="images", idempotent=True, timeout_seconds=180.0)(find_similar_images)


async def search_images(
    ctx: ToolContext,
    query: Annotated[str, Field(max_length=500)] = "",
    source: Literal["project", "provider"] = "project",
    n: Annotated[int, Field(ge=1, le=100)] = 12,
    entity: str | None = None,
    licence: str | None = None,
) -> ToolResult:
    """Find images by what is said about them: captions, tags and the names they show.

    Args:
        query: Words to look for; may be left out when an entity is given.
        source: The project's own images, or a source from outside if the app has one.
        n: How many images at the most.
        entity: Only images of this entity: its id, name or alias.
        licence: Only images under this licence.
    """
    if not query.strip() and entity is None:
        raise ToolFailure("invalid_argument", "query: give at least one word, or an entity.")
    shown = await ctx.story.entities.resolve(ctx.project_id, entity) if entity is not None else None
    if source == "provider":
        return await _from_provider(ctx, f"{query} {shown.name if shown else ''}".strip(), n, licence)
    names = {each.id: each.name async for each in ctx.story.entities.all(ctx.project_id)}
    captures = {
        capture.id: capture
        async for capture in ctx.story.captures.all(ctx.project_id, kind="image")
        if (shown is None or shown.id in capture.entity_ids) and _has_licence(capture.licence, licence)
    }
    captions = {key: _caption(capture, names) for key, capture in captures.items()}
    scores = score_captions(query, captions) if query.strip() else dict.fromkeys(captions, 0.0)
    images: list[JsonValue] = [
        {
            "image_id": key,
            "caption": captures[key].title or captures[key].text,
            "score": round(score, 3),
            "licence": captures[key].licence,
            "attribution": captures[key].attribution,
        }
        for key, score in list(scores.items())[:n]
    ]
    return ToolResult(data={"images": images}, truncated=len(scores) > n)


async def find_similar_images(
    ctx: ToolContext,
    image: str,
    n: Annotated[int, Field(ge=1, le=100)] = 10,
    max_distance: Annotated[int, Field(ge=0, le=100)] = 10,
    mode: Literal["duplicate", "look"] = "duplicate",
) -> ToolResult:
    """Find images of the project that are the same, mirrored, or alike in their colours.

    Args:
        image: The id of an image of the project, or a data URL with an image in base64.
        n: How many images at the most.
        max_distance: How far apart they may be: bits of 64 for duplicates, percent for looks.
        mode: duplicate finds the same picture, shrunk, saved anew or mirrored; look compares colours.
    """
    own, data = await _image_bytes(ctx, image)
    wanted = await _look(data)
    found: list[_Alike] = []
    warnings = ["The image moves; its first frame was compared."] if wanted.is_animated else []
    async for capture in ctx.story.captures.all(ctx.project_id, kind="image"):
        if capture.id == own or capture.sha256 is None:
            continue
        try:
            other = await _look((await ctx.story.captures.image(ctx.project_id, capture.id)).data)
        except (ToolFailure, NotFound) as error:
            warnings.append(f"{capture.id} could not be compared: {error}")
            continue
        alike = _compare(capture.id, wanted, other, mode)
        if alike.distance <= max_distance:
            found.append(alike)
    found.sort(key=lambda each: (each.distance, each.image_id))
    images: list[JsonValue] = [each.described() for each in found[:n]]
    return ToolResult(data={"images": images}, warnings=tuple(warnings), truncated=len(found) > n)


@dataclass(frozen=True, slots=True)
class _Alike:
    image_id: str
    distance: int
    kind: str

    def described(self) -> JsonObject:
        return {"image_id": self.image_id, "distance": self.distance, "kind": self.kind}


def _compare(image_id: str, wanted: Look, other: Look, mode: str) -> _Alike:
    if mode == "look":
        return _Alike(image_id, colour_distance(wanted, other), "look")
    same, mirror = hash_distance(wanted.dhash, other.dhash), hash_distance(wanted.mirror_dhash, other.dhash)
    return _Alike(image_id, same, "same") if same <= mirror else _Alike(image_id, mirror, "mirror")


async def _from_provider(ctx: ToolContext, query: str, n: int, licence: str | None) -> ToolResult:
    if ctx.images is None:
        raise ToolFailure("unavailable", "There is no source of images from outside; look in the project instead.")
    try:
        found = await ctx.images.search(query, limit=n)
    except Exception as error:  # whatever an app's own source raises, the model may go on without it
        raise ToolFailure("unavailable", f"The source of images failed ({type(error).__name__}).") from error
    images: list[JsonValue] = [
        each.model_dump(mode="json") for each in found if each.licence.strip() and _has_licence(each.licence, licence)
    ]
    return ToolResult(data={"images": images[:n]}, truncated=len(images) > n)


async def _image_bytes(ctx: ToolContext, image: str) -> tuple[str | None, bytes]:
    """The bytes that are meant, and whose they are in the project."""
    if image.startswith("data:"):
        if len(image) > _MAX_BYTES * 4 // 3:
            raise ToolFailure("too_large", f"The image has more than {_MAX_BYTES:,} bytes.")
        try:
            return None, base64.b64decode(image.partition(",")[2], validate=True)
        except binascii.Error:
            raise ToolFailure("invalid_argument", "image: the data URL holds no base64.") from None
    return image, (await ctx.story.captures.image(ctx.project_id, image)).data


async def _look(data: bytes) -> Look:
    try:
        header = read_image_header(data)
        if header.pixels > MAX_PIXELS:
            size = f"{header.width} x {header.height} pixels"
            raise ToolFailure("too_large", f"The image has {size}; up to {MAX_PIXELS:,} are read.")
        return await asyncio.to_thread(look_at, data)
    except InvalidInput as error:
        raise ToolFailure("invalid_argument", str(error)) from None


def _caption(capture: Capture, names: dict[str, str]) -> str:
    words: Iterable[str] = (
        capture.title,
        capture.text,
        *capture.tags,
        capture.provenance.source or "",
        *(names.get(each, "") for each in capture.entity_ids),
    )
    return " ".join(each for each in words if each)


def _has_licence(own: str, wanted: str | None) -> bool:
    return wanted is None or own.strip().casefold() == wanted.strip().casefold()
