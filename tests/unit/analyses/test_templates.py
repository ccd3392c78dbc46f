"""Templates of entries."""

from typing import Any

import pytest

from saga_agent.analyses.template_fields import BASES
from saga_agent.analyses.templates import DIALECT, build_template
from saga_agent.domain.entity import ENTITY_TYPES
from tests.unit.analyses.canons import entity

_TYPES = {"string", "number", "integer", "boolean", "array", "object", "null"}


def check_schema(schema: Any) -> None:
    """The part of the 2020-12 dialect that templates use."""
    kinds = schema.get("type", [])
    assert {kinds} if isinstance(kinds, str) else set(kinds) <= _TYPES
    assert set(schema) <= {"$schema", "title", "type", "properties", "additionalProperties", "items", "enum", "format"}
    for each in schema.get("properties", {}).values():
        check_schema(each)
    if "items" in schema:
        check_schema(schema["items"])


@pytest.mark.parametrize("kind", ENTITY_TYPES)
def test_every_type_has_a_base_that_is_json_schema(kind: str) -> None:
    template = build_template(kind)

    check_schema(template.json_schema)
    assert template.json_schema["$schema"] == DIALECT == "https://json-schema.org/draft/2020-12/schema"
    assert template.json_schema["properties"] == {name: field.schema for name, field in BASES[kind].items()}
    assert set(template.prompts) == set(BASES[kind])
    assert sorted(name for names in template.groups.values() for name in names) == sorted(BASES[kind])
    assert template.warnings == ()


def test_a_number_in_four_of_ten_locations_becomes_a_field() -> None:
    places = [entity(f"P{n}", "location", fields={"tithe": n * 10} if n < 4 else {}) for n in range(10)]

    template = build_template("location", entities=places)

    assert template.json_schema["properties"]["tithe"] == {"type": "number"}  # pyright: ignore
    assert template.prompts["tithe"] == "Tithe?"


def test_a_field_in_two_of_ten_is_left_out() -> None:
    places = [entity(f"P{n}", "location", fields={"tithe": n} if n < 2 else {}) for n in range(10)]

    assert build_template("location", entities=places) == build_template("location")


@pytest.mark.parametrize(
    ("values", "schema"),
    [
        ([1, 2.5], {"type": "number"}),
        ([True, False], {"type": "boolean"}),
        (["wool", "salt", "wool", "salt"], {"type": "string", "enum": ["salt", "wool"]}),
        (["one", "two", "three"], {"type": "string"}),
        (["Mira", "tam"], {"type": "string", "format": "entity-reference"}),
        (["5-1-1", {"year": 5, "month": 1, "day": 2}], {"type": ["string", "object"], "format": "story-date"}),
        ([["a"], ["b"]], {"type": "array", "items": {"type": "string"}}),
        (["a", 1], {}),
    ],
)
def test_the_kind_of_a_field_is_told_by_its_values(values: list, schema: dict) -> None:
    people = [entity(f"P{n}", fields={"extra": {"odd": value}}) for n, value in enumerate(values)]

    template = build_template("character", entities=people, names=frozenset({"mira", "tam"}))

    assert template.json_schema["properties"]["odd"] == schema  # pyright: ignore


def test_an_unknown_type_gets_a_plain_template_and_one_warning() -> None:
    template = build_template("dragonrider")

    assert list(template.prompts) == ["description", "role", "related"]
    assert len(template.warnings) == 1


def test_fields_of_the_base_come_first_when_there_are_too_many() -> None:
    assert list(build_template("character", max_fields=2).prompts) == ["pronouns", "role"]
