"""Facts read from the text: with the words they stand in, which must really stand there."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from saga_agent.domain.entity import Evidence, Fact
from saga_agent.domain.time import StoryInterval, When
from saga_agent.story.axes import earliest
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import Preview, ToolRegistry
from saga_agent.tools.result import ToolFailure, ToolResult
from saga_agent.tools.story.references import document_of, entity_of

Truth = Literal["canon", "belief", "lie", "rumour"]


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    registry.tool(effect="write", category="bible", idempotent=True, preview=_preview)(record_fact)


async def record_fact(
    ctx: ToolContext,
    subject: str,
    predicate: Annotated[str, Field(min_length=1, max_length=100)],
    value: JsonValue,
    mode: Literal["add", "replace"] = "replace",
    since: When | None = None,
    until: When | None = None,
    truth: Truth = "canon",
    holder: str | None = None,
    document: str | None = None,
    quote: str | None = None,
) -> ToolResult:
    """Record one thing that is true of somebody or something in the story, from when and until when.

    Args:
        subject: Id, name or alias of whom it is about.
        predicate: What is told, e.g. "eyes", "mother", "home".
        value: What it is.
        mode: "replace" where only one value is true at a time, "add" where there may be several.
        since: From when in the story it is so.
        until: Up to when it is so.
        truth: "canon", or somebody's belief, lie or rumour.
        holder: Whose belief, lie or rumour it is.
        document: Id, number or title of the document it is read from.
        quote: The exact words of that document that say it.
    """
    fact = await _fact(ctx, subject, predicate, value, mode, since, until, truth, holder, document, quote)
    if clashing := await ctx.story.facts.clashes(ctx.project_id, fact):
        shown = [old for old in clashing if not old.hidden_from_ai]
        is_what = repr(shown[0].value) if shown else "settled"
        raise ToolFailure(
            "conflict",
            f"{predicate} is {is_what} already at that time.",
            candidates=tuple(old.id for old in shown),
            hint="If it changes in the story, use update_entity with mode 'progress'; if the writer decided anew, use "
            "commit_decision with supersedes.",
        )
    stored = await ctx.recording.facts.create_record(fact)
    include = {"id", "subject_id", "predicate", "value", "valid", "truth"}
    return ToolResult(data={"fact": stored.model_dump(mode="json", include=include)})


async def _fact(
    ctx: ToolContext,
    subject: str,
    predicate: str,
    value: JsonValue,
    mode: Literal["add", "replace"],
    since: When | None,
    until: When | None,
    truth: Truth,
    holder: str | None,
    document: str | None,
    quote: str | None,
) -> Fact:
    entity = await entity_of(ctx, subject)
    if predicate in entity.hidden_fields:
        raise ToolFailure("permission_denied", f"{predicate}: the writer keeps this field.")
    if (truth == "canon") != (holder is None):
        raise ToolFailure("invalid_argument", "holder: a belief, lie or rumour is somebody's, and canon is nobody's.")
    begin, end = [await ctx.story.moments.resolve(ctx.project_id, when) for when in (since, until)]
    if end.start and begin.start and earliest(end.start) <= earliest(begin.start):
        raise ToolFailure("invalid_argument", "until: must lie after since.")
    return Fact(
        id=ctx.derived_id("fct"),
        project_id=ctx.project_id,
        subject_id=entity.id,
        predicate=predicate,
        value=value,
        mode=mode,
        valid=StoryInterval(start=begin.start, end=end.start),
        revealed_at=begin.reading_order,
        retired_at=None if end.start else end.reading_order,
        truth=truth,
        provenance=ctx.author,
        holder_id=(await entity_of(ctx, holder)).id if holder is not None else None,
        evidence=await _evidence(ctx, document, quote),
    )


async def _evidence(ctx: ToolContext, document: str | None, quote: str | None) -> tuple[Evidence, ...]:
    """Where the quote stands; `ToolFailure` when its words are not in the text as they are."""
    if document is None and quote is None:
        return ()
    if document is None or not quote:
        raise ToolFailure("invalid_argument", "document and quote: give both, or none.")
    found = await document_of(ctx, document)
    start = found.text.find(quote)
    if start < 0:
        raise ToolFailure(
            "invalid_argument",
            f"quote: these words do not stand in {found.label!r}.",
            hint="Read the passage again and quote it letter by letter.",
        )
    return (Evidence(document_id=found.id, rev=found.rev, start=start, end=start + len(quote), quote=quote),)


async def _preview(
    ctx: ToolContext,
    subject: str,
    predicate: str,
    value: JsonValue,
    mode: Literal["add", "replace"],
    since: When | None,
    until: When | None,
    truth: Truth,
    holder: str | None,
    document: str | None,
    quote: str | None,
) -> Preview:
    entity = await entity_of(ctx, subject)
    lines: list[JsonValue] = [f"{predicate}: {value}"]
    lines += [f"as a {truth} of {holder}"] if holder else []
    lines += [f"from {since.scene or since.day or since.reading_order} on"] if since else []
    lines += [f"“{quote}” ({document})"] if quote else []
    return {"title": f"Record of {entity.name!r}", "lines": lines, "resources": {entity.id: entity.rev}}
