"""What checks read of a story, and the canon made of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from saga_agent.analyses.calendar import Calendar
from saga_agent.analyses.calendar_entry import read_calendar
from saga_agent.analyses.consistency.canon import Canon
from saga_agent.analyses.findings import with_waivers
from saga_agent.domain.document import DocumentHead
from saga_agent.domain.entity import Entity, Fact
from saga_agent.domain.finding import FactEvidence, Finding
from saga_agent.domain.notes import Waiver
from saga_agent.domain.project import Project
from saga_agent.domain.record import content_hash
from saga_agent.domain.time import AsOf
from saga_agent.errors import InvalidInput
from saga_agent.story.axes import holds
from saga_agent.story.documents import DocumentService, EntityService
from saga_agent.story.facts import FactService
from saga_agent.story.mentions import MentionService
from saga_agent.story.moments import MomentService
from saga_agent.story.projects import ProjectService
from saga_agent.story.records import RecordService
from saga_agent.story.relationships import RelationshipService
from saga_agent.story.visibility import is_visible, visible_entity, visible_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The services of one owner's story that checks read through."""

    projects: ProjectService
    documents: DocumentService
    entities: EntityService
    relationships: RelationshipService
    facts: FactService
    mentions: MentionService
    moments: MomentService
    waivers: RecordService[Waiver, Waiver]

    async def canon(self, project_id: str, *, for_ai: bool, at: AsOf | None = None) -> LoadedCanon:
        """Everything that is settled in the project; with `for_ai` without what is hidden from models.

        With `at` without the facts that do not hold at that point.
        """
        project = await self.projects.get(project_id)
        entities = [entity async for entity in self.entities.all(project_id)]
        facts = [fact async for fact in self.facts.all(project_id) if at is None or holds(fact, at)]
        warnings: list[str] = []
        canon = Canon(
            entities=[visible_entity(entity) for entity in entities] if for_ai else entities,
            relationships=[tie async for tie in self.relationships.all(project_id)],
            facts=visible_facts(facts, entities) if for_ai else facts,
            documents=[head async for head in self.documents.all(project_id)],
            calendar=_calendar(project, entities, warnings),
        )
        hidden = frozenset(entity.id for entity in entities if for_ai and not is_visible(entity))
        return LoadedCanon(project=project, canon=canon, hidden=hidden, warnings=tuple(warnings))

    async def waived(self, project_id: str, found: Iterable[Finding]) -> list[Finding]:
        """The findings with the project's waivers on them."""
        return with_waivers(found, [waiver async for waiver in self.waivers.all(project_id)])


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedCanon:
    """The canon of a project, and what could not be read of it."""

    project: Project
    canon: Canon
    hidden: frozenset[str]
    """Ids of entities that whoever asks may not know of."""
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

    def state(self) -> str:
        """A hash of the revisions of everything that the checks of a passage look at, beside the passage."""
        records: tuple[Entity | Fact | DocumentHead, ...] = (*self.canon.entities, *self.canon.facts)
        held = (*records, *self.canon.relationships, *self.canon.documents)
        return content_hash([self.project.rev, *sorted(self.hidden), *(f"{each.id} {each.rev}" for each in held)])


def language_of(project: Project) -> str | None:
    """The language of the manuscript, as the project says it; None where it has to be guessed."""
    return project.style_guide.language or str(project.settings.get("language") or "") or None


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
