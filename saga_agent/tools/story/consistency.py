"""Checks against canon: a passage, and canon itself."""

from __future__ import annotations

import asyncio
from typing import Annotated, cast

from pydantic import Field, JsonValue

from saga_agent.analyses.consistency.claims import Claim, check_claims, quoted_claims
from saga_agent.analyses.consistency.facts import Moment
from saga_agent.analyses.consistency.families import CANON_FAMILIES, check_canon
from saga_agent.analyses.consistency.passage import PASSAGE_CHECKS, TIMED_CODES, Passage, check_passage
from saga_agent.analyses.consistency.spans import moment_span
from saga_agent.analyses.findings import merged
from saga_agent.analyses.sentences import Span
from saga_agent.domain.record import JsonObject
from saga_agent.domain.time import StoryInterval, When
from saga_agent.errors import ModelError
from saga_agent.story.moments import MomentService
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolFailure, ToolResult
from saga_agent.tools.story.canon import LoadedCanon, load_canon, waived
from saga_agent.tools.story.clarity import wanted_codes
from saga_agent.tools.story.passages import Looked, look, mentions_of, names_in

PASSAGE_CODES = (*PASSAGE_CHECKS, "fact.contradiction")
_MOST_FINDINGS = 100


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    registry.tool(effect="read", category="checks", idempotent=True, timeout_seconds=180.0)(check_consistency)
    registry.tool(effect="read", category="checks", idempotent=True)(analyze_consistency)


async def check_consistency(
    ctx: ToolContext,
    text: str | None = None,
    document: str | None = None,
    scene: str | None = None,
    start: Annotated[int, Field(ge=0)] = 0,
    end: Annotated[int, Field(ge=0)] | None = None,
    as_of: When | None = None,
    checks: tuple[str, ...] = (),
    use_llm: bool = True,
) -> ToolResult:
    """Check a passage against the story bible: who is there, where and when, what is used, known and claimed.

    Args:
        text: The passage; leave it out when a document or a scene is given.
        document: The document's id, number ("chapter 7") or title.
        scene: The id of a scene, instead of a document.
        start: Offset of the first character to look at.
        end: Offset after the last one.
        as_of: Where in the story a bare text stands; a document or a scene tells it by itself.
        checks: Only findings with these codes, such as fact.contradiction.
        use_llm: Whether a model may read the claims out of the prose.
    """
    codes = wanted_codes(checks, PASSAGE_CODES)
    looked = await look(ctx, text=text, document=document, start=start, end=end, scene=scene)
    loaded = await load_canon(ctx)
    moment = await _moment(ctx, looked, as_of)
    passage = await build_passage(ctx, loaded, looked, moment)
    found = await asyncio.to_thread(lambda: list(check_passage(loaded.canon, passage, codes=codes)))
    claims, warnings = await _claims(ctx, loaded, looked) if use_llm and "fact.contradiction" in codes else (None, [])
    if claims is not None:
        found += check_claims(loaded.canon, looked.prose, claims, moment)
    marked = await waived(ctx, loaded.visible(merged(found)))
    open_ones = [each for each in marked if each.waived_by is None]
    data: JsonObject = {**looked.described(), "waived": len(marked) - len(open_ones)}
    if claims is not None:
        data["claims"] = [cast(JsonValue, claim.model_dump(mode="json")) for claim, _ in claims]
    data["skipped"] = [code for code in TIMED_CODES if code in codes and moment.when is None]
    return ToolResult(
        data=data,
        findings=tuple(open_ones[:_MOST_FINDINGS]),
        truncated=len(open_ones) > _MOST_FINDINGS,
        warnings=(*loaded.warnings, *warnings, *_skipped(moment)),
        engine="mixed" if claims is not None else "algorithm",
    )


async def analyze_consistency(
    ctx: ToolContext, families: tuple[str, ...] = (), about: tuple[str, ...] = ()
) -> ToolResult:
    """Check the story bible against itself: facts, ages, ties, places, items, names, references, dates, knowledge.

    Args:
        families: Only these families of checks, such as kinship or calendar.
        about: Only findings about these entities, by id, name or alias.
    """
    if unknown := [each for each in families if each not in CANON_FAMILIES]:
        known = ", ".join(CANON_FAMILIES)
        raise ToolFailure("invalid_argument", f"There is no family {unknown[0]!r}; the families are {known}.")
    wanted = {(await ctx.story.entities.resolve(ctx.project_id, each)).id for each in about}
    loaded = await load_canon(ctx)
    report = await asyncio.to_thread(check_canon, loaded.canon, families=families or None)
    found = loaded.visible(each for each in report.findings if not wanted or wanted & set(each.subjects))
    marked = await waived(ctx, found)
    open_ones = [each for each in marked if each.waived_by is None]
    warnings = [*loaded.warnings, *(f"The family {name} failed: {why}" for name, why in report.failed.items())]
    if not loaded.canon.entities:
        warnings.append("The story bible is empty; there is nothing to check.")
    data: JsonObject = {"families": [*(families or CANON_FAMILIES)], "waived": len(marked) - len(open_ones)}
    return ToolResult(
        data=data,
        findings=tuple(open_ones[:_MOST_FINDINGS]),
        truncated=len(open_ones) > _MOST_FINDINGS,
        warnings=tuple(warnings),
    )


async def build_passage(ctx: ToolContext, loaded: LoadedCanon, looked: Looked, moment: Moment) -> Passage:
    """The passage as the checks take it."""
    document, scene = looked.document, looked.scene
    absent = [each for each in await mentions_of(ctx, document.id) if not each.present] if document else []
    pov = (scene.pov_id if scene else None) or (document.pov_id if document else None)
    place = (scene.place_id if scene else None) or (document.place_id if document else None)
    return Passage(
        prose=looked.prose,
        names=await names_in(ctx, looked, loaded.canon.by_id),
        moment=moment,
        pov_id=pov,
        place_id=place,
        time_mode=scene.time_mode if scene else document.time_mode if document else "linear",
        absent=frozenset((each.entity_id or "", each.start) for each in absent),
    )


def told_moment(looked: Looked) -> Moment:
    """Where in the story a passage stands, as its scene or document tells."""
    if looked.document is None:
        return Moment()
    story = (looked.scene.story if looked.scene else None) or looked.document.story
    return Moment(moment_span(story), looked.document.reading_order)


async def _moment(ctx: ToolContext, looked: Looked, as_of: When | None) -> Moment:
    if as_of is None:
        return told_moment(looked)
    found = await MomentService(ctx.story.documents).resolve(ctx.project_id, as_of)
    when = moment_span(StoryInterval(start=found.start, end=found.start)) if found.start else None
    return Moment(when, found.reading_order)


async def _claims(
    ctx: ToolContext, loaded: LoadedCanon, looked: Looked
) -> tuple[list[tuple[Claim, Span]] | None, list[str]]:
    """The claims whose quotes are in the passage; None where no model reads, or it failed."""
    if ctx.extractor is None or not looked.prose.text.strip():
        return None, []
    names = [entity.name for entity in loaded.canon.entities if entity.id not in loaded.hidden]
    try:
        claims = await ctx.extractor.extract(looked.prose.text, names=names)
    except ModelError as error:
        return None, [f"The model could not read the claims: {error}"]
    quoted = quoted_claims(looked.prose, claims)
    dropped = len(claims) - len(quoted)
    return quoted, [f"Claims dropped, because their quotes are not in the text: {dropped}."] if dropped else []


def _skipped(moment: Moment) -> list[str]:
    return [] if moment.when else ["The passage has no story time; checks of who is where and when were skipped."]
