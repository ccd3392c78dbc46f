"""Facts: what is true of whom, and when."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from saga_agent.domain.entity import Entity, Fact
from saga_agent.domain.time import AsOf
from saga_agent.errors import NotFound
from saga_agent.story.access import OwnerPorts
from saga_agent.story.axes import clashes_with, ended, facts_as_of
from saga_agent.story.moments import Moment
from saga_agent.story.records import RecordService
from saga_agent.story.visibility import visible_facts


class FactService(RecordService[Fact, Fact]):
    """The facts of one owner's projects, on both axes."""

    def __init__(self, access: OwnerPorts) -> None:
        super().__init__(access, access.ports.facts, Fact, "fct")

    async def as_of(
        self, project_id: str, at: AsOf, *, subject_id: str | None = None, for_ai: bool = False
    ) -> list[Fact]:
        """The facts that hold at that point, of all subjects or one; with `for_ai` without those hidden from models."""
        where = {} if subject_id is None else {"subject_id": subject_id}
        found = facts_as_of([fact async for fact in self.all(project_id, **where)], at)
        return visible_facts(found, await self._subjects(project_id, found)) if for_ai else found

    async def clashes(self, project_id: str, fact: Fact) -> list[Fact]:
        """The accepted facts that cannot be true beside this one, which need not be stored."""
        same = [other async for other in self.all(project_id, subject_id=fact.subject_id, predicate=fact.predicate)]
        return clashes_with(fact, same)

    async def end(self, fact: Fact, moment: Moment) -> Fact:
        """Stores that the fact no longer holds from that point on; history stays."""
        wanted = ended(fact, moment.start, moment.reading_order)
        changes = wanted.model_dump(include={"valid", "retired_at", "status"})
        return await self.update(fact.project_id, fact.id, **changes)

    async def _subjects(self, project_id: str, facts: Sequence[Fact]) -> list[Entity]:
        found: list[Entity] = []
        for entity_id in sorted({fact.subject_id for fact in facts}):
            with contextlib.suppress(NotFound):
                found.append(await self._access.ports.entities.get(project_id, entity_id))
        return found


def entity_as_of(entity: Entity, facts: Sequence[Fact]) -> Entity:
    """The entity with the values its fields have by these facts (see `FactService.as_of`), canon alone."""
    fields = dict(entity.fields)
    for fact in facts:
        if fact.subject_id != entity.id or fact.truth != "canon":
            continue
        held = fields.get(fact.predicate)
        if fact.mode == "replace":
            fields[fact.predicate] = fact.value
        else:
            fields[fact.predicate] = [*(held if isinstance(held, list) else [held] if held else []), fact.value]
    return entity.model_copy(update={"fields": fields})
