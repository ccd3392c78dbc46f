"""Templates: the fields an entry of a type should have, as JSON Schema with a question for each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from saga_agent.analyses.calendar_entry import read_date
from saga_agent.analyses.template_fields import BASES, GENERIC, BaseField
from saga_agent.domain.entity import Entity
from saga_agent.domain.record import JsonObject

DIALECT = "https://json-schema.org/draft/2020-12/schema"
USUAL_SHARE = 0.3
"""A field of the writer's own enters when this share of the entries has it."""
_MOST_CHOICES = 8


@dataclass(frozen=True, slots=True)
class Template:
    """A schema of the fields, the question to ask for each, and their groups in order."""

    json_schema: JsonObject
    prompts: dict[str, str]
    groups: dict[str, list[str]]
    warnings: tuple[str, ...] = ()


def build_template(
    entity_type: str, *, entities: Sequence[Entity] = (), names: frozenset[str] = frozenset(), max_fields: int = 20
) -> Template:
    """The template of a type: its base, and the fields that these entries of the type have in common.

    Args:
        entity_type: A type of the bible; an unknown one gets a generic base and a warning.
        entities: The entries of that type to learn from.
        names: Names and ids of the bible in small letters, by which references are told from text.
        max_fields: Fields at the most, those of the base first.
    """
    base = BASES.get(entity_type)
    warnings = () if base else (f"There is no type {entity_type!r}; this is a plain template.",)
    fields = dict((base or GENERIC).items())
    for name, values in _usual_fields(entities, set(fields)).items():
        fields[name] = BaseField(_kind(values, names), f"{_words(name)}?", "your own")
    kept = dict(list(fields.items())[:max_fields])
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for name, each in kept.items():
        groups[each.group].append(name)
    schema: JsonObject = {
        "$schema": DIALECT,
        "title": _words(entity_type),
        "type": "object",
        "properties": {name: dict(each.schema) for name, each in kept.items()},
        "additionalProperties": True,
    }
    return Template(schema, {name: each.prompt for name, each in kept.items()}, dict(groups), warnings)


def _usual_fields(entities: Sequence[Entity], known: set[str]) -> dict[str, list[JsonValue]]:
    """Values of the fields that enough entries have, the most frequent first."""
    found: defaultdict[str, list[JsonValue]] = defaultdict(list)
    for entity in entities:
        extra = entity.fields.get("extra")
        for name, value in {**entity.fields, **(extra if isinstance(extra, dict) else {})}.items():
            if name not in known and name != "extra" and value not in (None, "", [], {}):
                found[name].append(value)
    usual = {name: values for name, values in found.items() if len(values) >= USUAL_SHARE * len(entities)}
    return dict(sorted(usual.items(), key=lambda item: (-len(item[1]), item[0])))


def _kind(values: Sequence[JsonValue], names: frozenset[str]) -> JsonObject:
    """The schema that these values have in common; plain text where they have nothing."""
    if all(isinstance(value, bool) for value in values):
        return {"type": "boolean"}
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return {"type": "number"}
    if all(isinstance(value, list) for value in values):
        return {"type": "array", "items": {"type": "string"}}
    if all(read_date(value) is not None for value in values):
        return {"type": ["string", "object"], "format": "story-date"}
    if not all(isinstance(value, str) for value in values):
        return {}
    texts = [str(value).strip() for value in values]
    if all(text.casefold() in names for text in texts):
        return {"type": "string", "format": "entity-reference"}
    choices = Counter(texts)
    if len(choices) <= _MOST_CHOICES and len(choices) * 2 <= len(texts):
        return {"type": "string", "enum": [*sorted(choices)]}
    return {"type": "string"}


def _words(name: str) -> str:
    return name.replace("_", " ").strip().capitalize()
