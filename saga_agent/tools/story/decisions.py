"""Decisions: what the writer settled, kept in a log, with the facts that follow from it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from saga_agent.domain.entity import Fact
from saga_agent.domain.notes import Decision
from saga_agent.domain.record import Model
from saga_agent.domain.time import StoryInterval, When
from saga_agent.errors import Contradiction
from saga_agent.ids import derived_id
from saga_agent.story.moments import Moment
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import Preview, ToolRegistry
from saga_agent.tools.result import ToolFailure, ToolResult
from saga_agent.tools.story.references import entities_of, entity_of


class FactIn(Model):
    """A fact as a call names it."""

    subject: str
    predicate: str = Field(min_length=1, max_length=100)
    value: JsonValue
    mode: Literal["add", "replace"] = "replace"


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    registry.tool(effect="write", category="bible", idempotent=True, preview=_preview)(commit_decision)


async def commit_decision(
    ctx: ToolContext,
    decision: Annotated[str, Field(min_length=1, max_length=2000)],
    subjects: tuple[str, ...] = (),
    facts: tuple[FactIn, ...] = (),
    rationale: str = "",
    supersedes: str | None = None,
    as_of: When | None = None,
    idempotency_key: Annotated[str, Field(min_length=1, max_length=200)] | None = None,
) -> ToolResult:
    """Write down what the writer has settled about the story, and the facts that follow from it.

    Args:
        decision: What was settled, in a sentence.
        subjects: Ids, names or aliases of whom or what it is about.
        facts: What is true from now on: subject, predicate such as "mother" or "eyes", and value.
        rationale: Why.
        supersedes: Id of the decision, or of the single fact, that it takes the place of.
        as_of: From when in the story it holds; left out, always.
        idempotency_key: A name of your own, under which the decision is committed once.
    """
    wanted, told, moment = await _wanted(ctx, decision, subjects, facts, rationale, supersedes, as_of, idempotency_key)
    try:
        done = await ctx.recording.decisions.commit(wanted, told, moment)
    except Contradiction as error:
        raise ToolFailure(
            "conflict", str(error), candidates=error.others, hint="Ask the writer which of the two is to hold."
        ) from None
    made: list[JsonValue] = [fact.model_dump(mode="json", include={"id", "predicate", "value"}) for fact in done.facts]
    closed: list[JsonValue] = [
        fact.model_dump(mode="json", include={"id", "predicate", "value", "valid", "status"}) for fact in done.closed
    ]
    return ToolResult(data={"decision_id": done.decision.id, "facts": made, "closed": closed})


async def _wanted(
    ctx: ToolContext,
    decision: str,
    subjects: tuple[str, ...],
    facts: tuple[FactIn, ...],
    rationale: str,
    supersedes: str | None,
    as_of: When | None,
    idempotency_key: str | None,
) -> tuple[Decision, list[Fact], Moment]:
    decision_id = derived_id("dec", ctx.project_id, idempotency_key) if idempotency_key else ctx.derived_id("dec")
    moment = await ctx.story.moments.resolve(ctx.project_id, as_of)
    about = [(await entity_of(ctx, fact.subject), fact) for fact in facts]
    for entity, fact in about:
        if fact.predicate in entity.hidden_fields:
            raise ToolFailure("permission_denied", f"{fact.predicate}: the writer keeps this field.")
    told = [
        Fact(
            id=derived_id("fct", decision_id, str(number)),
            project_id=ctx.project_id,
            subject_id=entity.id,
            predicate=fact.predicate,
            value=fact.value,
            mode=fact.mode,
            decision_id=decision_id,
            valid=StoryInterval(start=moment.start),
            revealed_at=moment.reading_order,
            provenance=ctx.author,
        )
        for number, (entity, fact) in enumerate(about)
    ]
    named = [entity.id for entity in await entities_of(ctx, subjects)]
    wanted = Decision(
        id=decision_id,
        project_id=ctx.project_id,
        decision=decision.strip(),
        rationale=rationale,
        subject_ids=tuple(dict.fromkeys([*named, *(fact.subject_id for fact in told)])),
        supersedes=supersedes,
        idempotency_key=idempotency_key,
        provenance=ctx.author,
    )
    return wanted, told, moment


async def _preview(
    ctx: ToolContext,
    decision: str,
    subjects: tuple[str, ...],
    facts: tuple[FactIn, ...],
    rationale: str,
    supersedes: str | None,
    as_of: When | None,
    idempotency_key: str | None,
) -> Preview:
    about = {each.subject: await entity_of(ctx, each.subject) for each in facts}
    lines: list[JsonValue] = [f"{about[fact.subject].name}: {fact.predicate} = {fact.value}" for fact in facts]
    if rationale:
        lines.append(f"because {rationale}")
    resources: dict[str, JsonValue] = {}
    if supersedes is not None:
        old = await ctx.story.decisions.find(ctx.project_id, supersedes)
        lines.append(f"instead of: {old.decision}" if old else f"instead of fact {supersedes}")
        resources = {old.id: old.rev} if old else {}
    return {"title": f"Settle: {decision}", "lines": lines, "resources": resources}
