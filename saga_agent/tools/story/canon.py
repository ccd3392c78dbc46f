"""The story as the checks look at it, read through the story's services; what is hidden from models stays out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from saga_agent.analyses.calendar import Calendar
from saga_agent.analyses.calendar_entry import read_calendar
from saga_agent.analyses.consistency.canon import Canon
from saga_agent.analyses.findings import with_waivers
from saga_agent.domain.entity import Entity
from saga_agent.domain.finding import FactEvidence, Finding
from saga_agent.domain.project import Project
from saga_agent.errors import InvalidInput
from saga_agent.story.visibility import is_visible, visible_entity, visible_facts
from saga_agent.tools.context import ToolContext


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedCanon:
    """The canon of a project, and what could not be read of it."""

    project: Project
    canon: Canon
    hidden: frozenset[str]
    """Ids of entities that no model may know of."""
    warnings: tuple[str, ...] = ()

    def visible(self, found: Iterable[Finding]) -> list[Finding]:
        """The findings that say nothing of hidden entities or facts."""
        facts = {fact.id for fact in self.canon.facts}
        return [
            each
            for each in found
            if self.hidden.isdisjoint(each.subjects)
            and all(place.fact_id in facts for place in each.evidence if isinstance(place, FactEvidence))
        ]


async def load_canon(ctx: ToolContext) -> LoadedCanon:
    """Everything that is settled in the project."""
    project = await ctx.story.projects.get(ctx.project_id)
    entities = [entity async for entity in ctx.story.entities.all(ctx.project_id)]
    facts = [fact async for fact in ctx.story.facts.all(ctx.project_id)]
    warnings: list[str] = []
    calendar = _calendar(project, entities, warnings)
    canon = Canon(
        entities=[visible_entity(entity) for entity in entities],
        relationships=[tie async for tie in ctx.story.relationships.all(ctx.project_id)],
        facts=visible_facts(facts, entities),
        documents=[head async for head in ctx.story.documents.all(ctx.project_id)],
        calendar=calendar,
    )
    hidden = frozenset(entity.id for entity in entities if not is_visible(entity))
    return LoadedCanon(project=project, canon=canon, hidden=hidden, warnings=tuple(warnings))


async def waived(ctx: ToolContext, found: Iterable[Finding]) -> list[Finding]:
    """The findings with the project's waivers on them."""
    return with_waivers(found, [waiver async for waiver in ctx.story.waivers.all(ctx.project_id)])


def _calendar(project: Project, entities: list[Entity], warnings: list[str]) -> Calendar | None:
    if project.calendar_id is None:
        return None
    entry = next((entity for entity in entities if entity.id == project.calendar_id), None)
    if entry is None:
        warnings.append(f"The project's calendar {project.calendar_id!r} does not exist; dates are not checked.")
        return None
    try:
        return read_calendar(entry)
    except InvalidInput as error:
        warnings.append(f"{error} Dates are not checked.")
        return None
