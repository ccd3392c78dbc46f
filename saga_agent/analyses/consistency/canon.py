"""The story as checks look at it: the bible and the heads of the documents, with references resolved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pydantic import JsonValue

from saga_agent.analyses.calendar import Calendar
from saga_agent.analyses.consistency.events import Event, read_event
from saga_agent.analyses.consistency.spans import Span, existence_span
from saga_agent.domain.document import DocumentHead
from saga_agent.domain.entity import Entity, Fact, Relationship

DAYS_PER_YEAR = 365
"""Of a project without a calendar."""


@dataclass(frozen=True, kw_only=True)
class Canon:
    """What is settled about a story."""

    entities: Sequence[Entity] = ()
    relationships: Sequence[Relationship] = ()
    facts: Sequence[Fact] = ()
    documents: Sequence[DocumentHead] = ()
    calendar: Calendar | None = None

    @cached_property
    def by_id(self) -> dict[str, Entity]:
        """The entities by id."""
        return {entity.id: entity for entity in self.entities}

    @cached_property
    def document_by_id(self) -> dict[str, DocumentHead]:
        """The documents by id."""
        return {head.id: head for head in self.documents}

    @cached_property
    def owners(self) -> dict[str, tuple[Entity, ...]]:
        """Who goes by each name or alias, in small letters."""
        found: defaultdict[str, dict[str, Entity]] = defaultdict(dict)
        for entity in self.entities:
            for name in (entity.name, *(alias.text for alias in entity.aliases)):
                found[name.strip().casefold()][entity.id] = entity
        return {name: tuple(owners.values()) for name, owners in found.items()}

    @cached_property
    def accepted(self) -> tuple[Fact, ...]:
        """The facts that hold: accepted, and neither somebody's belief nor a lie or rumour."""
        return tuple(fact for fact in self.facts if fact.status == "accepted" and fact.truth == "canon")

    @cached_property
    def facts_of(self) -> dict[str, tuple[Fact, ...]]:
        """The facts that hold, by subject."""
        found: defaultdict[str, list[Fact]] = defaultdict(list)
        for fact in self.accepted:
            found[fact.subject_id].append(fact)
        return {subject: tuple(facts) for subject, facts in found.items()}

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The entities of type `event`, read."""
        events = (entity for entity in self.entities if entity.type == "event")
        return tuple(read_event(entity, self.resolve, calendar=self.calendar) for entity in events)

    @property
    def days_per_year(self) -> int:
        """The length of an ordinary year."""
        return self.calendar.days_per_year if self.calendar else DAYS_PER_YEAR

    def resolve(self, reference: JsonValue) -> Entity | None:
        """The entity with that id, or the one that alone goes by that name."""
        if not isinstance(reference, str):
            return None
        if reference in self.by_id:
            return self.by_id[reference]
        owners = self.owners.get(reference.strip().casefold(), ())
        return owners[0] if len(owners) == 1 else None

    def name(self, entity_id: str) -> str:
        """The name of an entity, its id where it does not exist."""
        return self.by_id[entity_id].name if entity_id in self.by_id else entity_id

    def lives(self, entity_id: str) -> tuple[Span, ...]:
        """When an entity exists; empty where nothing is said about it."""
        entity = self.by_id.get(entity_id)
        return tuple(existence_span(each) for each in entity.existence) if entity else ()

    def are_apart(self, place: str, other: str) -> bool:
        """Whether neither place lies within the other."""
        return other not in self.places_around(place) and place not in self.places_around(other)

    def places_around(self, place_id: str) -> Iterator[str]:
        """A place and those that hold it, from the inside out."""
        seen: set[str] = set()
        at: str | None = place_id
        while at is not None and at not in seen:
            seen.add(at)
            yield at
            at = self._parent_places.get(at)

    @cached_property
    def _parent_places(self) -> dict[str, str]:
        parents: dict[str, str] = {}
        for entity in self.entities:
            field = entity.fields.get("parent_place", entity.fields.get("parent"))
            if entity.type == "location" and (parent := self.resolve(field)):
                parents[entity.id] = parent.id
        for tie in self.relationships:
            if tie.type.replace(" ", "_").lower() in ("located_in", "part_of", "in"):
                parents.setdefault(tie.source_id, tie.target_id)
        return parents
