"""What models may see of the bible: the writer can hide an entity, single fields of it, and single facts."""

from __future__ import annotations

from collections.abc import Iterable

from saga_agent.domain.entity import Entity, Fact


def is_visible(entity: Entity) -> bool:
    """Whether models may know of the entity at all."""
    return entity.ai_visibility != "never"


def visible_entity(entity: Entity) -> Entity:
    """The entity without the fields that are hidden from models."""
    if not entity.hidden_fields:
        return entity
    fields = {name: value for name, value in entity.fields.items() if name not in entity.hidden_fields}
    return entity.model_copy(update={"fields": fields, "hidden_fields": ()})


def visible_facts(facts: Iterable[Fact], entities: Iterable[Entity]) -> list[Fact]:
    """The facts that models may see: not hidden themselves, nor a hidden field of their entity."""
    hidden = {entity.id: set(entity.hidden_fields) if is_visible(entity) else None for entity in entities}
    return [fact for fact in facts if not fact.hidden_from_ai and not _hides(hidden, fact)]


def _hides(hidden: dict[str, set[str] | None], fact: Fact) -> bool:
    fields = hidden.get(fact.subject_id, set[str]())
    return fields is None or fact.predicate in fields
