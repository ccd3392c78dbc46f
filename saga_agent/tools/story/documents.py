"""Reading the manuscript: documents, passages, and who is named where."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, JsonValue

from saga_agent.domain.document import Document
from saga_agent.domain.record import JsonObject
from saga_agent.story.names import FoundName
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolFailure, ToolResult

_MAX_TEXT = 2_000_000
_QUOTE = 160


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    registry.tool(effect="read", category="manuscript", idempotent=True)(list_documents)
    registry.tool(effect="read", category="manuscript", idempotent=True)(read_document)
    registry.tool(effect="read", category="manuscript", idempotent=True)(search_story)
    registry.tool(effect="read", category="bible", idempotent=True)(detect_entities)


async def list_documents(ctx: ToolContext) -> ToolResult:
    """List the manuscript's documents in reading order, with their length in characters."""
    documents: list[JsonValue] = [
        {"id": head.id, "title": head.label, "rev": head.rev, "characters": head.characters}
        async for head in ctx.story.documents.all(ctx.project_id)
    ]
    return ToolResult(data={"documents": documents})


async def read_document(
    ctx: ToolContext,
    document: str,
    start: Annotated[int, Field(ge=0)] = 0,
    max_chars: Annotated[int, Field(ge=1, le=40_000)] = 12_000,
) -> ToolResult:
    """Read a document of the manuscript, or a stretch of it.

    Args:
        document: Its id, number ("chapter 7") or title.
        start: Offset of the first character.
        max_chars: How many characters at the most; `next_start` tells where to read on.
    """
    found = await _document(ctx, document)
    if start > len(found.text):
        raise ToolFailure("invalid_argument", f"start lies beyond the end; the text has {len(found.text)} characters.")
    end = min(start + max_chars, len(found.text))
    data: JsonObject = {
        "document": {"id": found.id, "title": found.label, "rev": found.rev},
        "start": start,
        "end": end,
        "text": found.text[start:end],
    }
    if end < len(found.text):
        data["next_start"] = end
    return ToolResult(data=data, truncated=end < len(found.text))


async def search_story(ctx: ToolContext, query: str, limit: Annotated[int, Field(ge=1, le=20)] = 5) -> ToolResult:
    """Find the passages of the manuscript that fit a question in plain words, best first.

    Args:
        query: Words to look for; any of them may match.
        limit: How many passages at the most.
    """
    if not query.strip():
        raise ToolFailure("invalid_argument", "query: give at least one word.")
    passages: list[JsonValue] = [
        {
            "document_id": hit.document_id,
            "title": hit.title,
            "rev": hit.document_rev,
            "start": hit.start,
            "end": hit.end,
            "text": hit.text,
            "score": round(hit.score, 4),
        }
        for hit in await ctx.story.documents.search(ctx.project_id, query, limit=limit)
    ]
    result = ToolResult(data={"passages": passages})
    notice = ctx.story.documents.search_notice()
    return result.model_copy(update={"warnings": (notice,)}) if notice else result


async def detect_entities(
    ctx: ToolContext,
    text: str | None = None,
    document: str | None = None,
    known_only: bool = False,
    min_mentions: Annotated[int, Field(ge=1)] = 1,
) -> ToolResult:
    """Find who and what is named in a text or a document: known entities of the bible, and names not yet in it.

    Args:
        text: The text to look at; leave it out when a document is given.
        document: The document's id, number ("chapter 7") or title.
        known_only: Leave names out that are not in the bible.
        min_mentions: Leave names out that occur less often.
    """
    if (text is None) == (document is None):
        raise ToolFailure("invalid_argument", "Give either text or document.")
    data: JsonObject = {}
    if document is not None:
        found = await _document(ctx, document)
        text, data["document"] = found.text, {"id": found.id, "title": found.label, "rev": found.rev}
    text = text or ""
    if len(text) > _MAX_TEXT:
        raise ToolFailure("too_large", f"The text has more than {_MAX_TEXT:,} characters; give a part of it.")
    names = await ctx.story.mentions.find(ctx.project_id, text, known_only=known_only)
    entities = {entity.id: entity.name async for entity in ctx.story.entities.all(ctx.project_id)}
    groups = [group for group in _grouped(names) if len(group) >= min_mentions]
    data["names"] = [_name_of(text, group, entities) for group in groups]
    data["ambiguous"] = [
        {"start": name.start, "end": name.end, "surface": name.surface, "owners": list(name.candidates)}
        for name in names
        if name.candidates
    ]
    return ToolResult(data=data)


async def _document(ctx: ToolContext, reference: str) -> Document:
    head = await ctx.story.documents.resolve(ctx.project_id, reference)
    return await ctx.story.documents.get(ctx.project_id, head.id)


def _grouped(names: Iterable[FoundName]) -> list[list[FoundName]]:
    """The names by entity or group, the most frequent first."""
    groups: dict[str, list[FoundName]] = {}
    for name in names:
        if not name.candidates:
            groups.setdefault(name.entity_id or name.group or name.surface, []).append(name)
    return sorted(groups.values(), key=lambda group: (-len(group), group[0].start))


def _name_of(text: str, group: list[FoundName], entities: dict[str, str]) -> JsonObject:
    first = group[0]
    known = entities.get(first.entity_id or "")
    longest = max((name.surface for name in group), key=len)
    return {
        "name": known or longest,
        "entity_id": first.entity_id,
        "kind": first.kind,
        "count": len(group),
        "start": first.start,
        "end": first.end,
        "first_quote": _sentence_at(text, first.start, first.end),
    }


def _sentence_at(text: str, start: int, end: int) -> str:
    """The words around a span, cut at sentence ends where one is near."""
    left = max(text.rfind(mark, max(0, start - _QUOTE), start) for mark in (". ", "! ", "? ", "\n"))
    begin = left + 1 if left >= 0 else max(0, start - _QUOTE // 2)
    stops = [at for mark in (". ", "! ", "? ", "\n") if (at := text.find(mark, end, end + _QUOTE)) >= 0]
    finish = min(stops) + 1 if stops else min(len(text), end + _QUOTE // 2)
    return " ".join(text[begin:finish].split())
