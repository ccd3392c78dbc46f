"""What a tool takes: told to the model as a JSON schema, and held against each call.

The tools of Python functions have a pydantic model of their annotations, tools from outside the schema they came with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, cast

from pydantic import BaseModel, ValidationError

from saga_agent.domain.misfits import misfit
from saga_agent.domain.record import JsonObject
from saga_agent.tools.result import ToolFailure
from saga_agent.tools.schema_limits import MOST_CHARACTERS, UnusableSchema, Weight, weigh
from saga_agent.tools.signature import plain_schema

if TYPE_CHECKING:
    from jsonschema_rs import Validator

_HINT = "Correct the argument and call again."
_DRAFT_2020 = "https://json-schema.org/draft/2020-12/schema"
_OPEN = (
    "additionalProperties",
    "unevaluatedProperties",
    "patternProperties",
    "$ref",
    "allOf",
    "anyOf",
    "oneOf",
    "if",
    "dependentSchemas",
    "dependencies",
)
"""Keywords by which a schema says itself which other arguments there are."""
_MOST_WORDS = 500


class Arguments(Protocol):
    """The arguments of a tool."""

    @property
    def schema(self) -> JsonObject:
        """The JSON schema that models and pages see; one object for all callers, not to be changed."""
        ...

    @property
    def names(self) -> frozenset[str]:
        """The arguments that the schema names, which rules may speak of."""
        ...

    def validate(self, tool: str, arguments: JsonObject) -> JsonObject:
        """The arguments as JSON, with the defaults that are the tool's own; `ToolFailure` names what does not fit."""
        ...

    def values(self, arguments: JsonObject) -> dict[str, Any]:
        """What the function is called with."""
        ...


@dataclass(frozen=True, slots=True)
class TypedArguments:
    """Arguments that a pydantic model describes."""

    model: type[BaseModel]

    @property
    def schema(self) -> JsonObject:
        return schema_of(self.model)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.model.model_fields)

    def validate(self, tool: str, arguments: JsonObject) -> JsonObject:
        try:
            return self.model.model_validate(arguments).model_dump(mode="json")
        except ValidationError as error:
            raise ToolFailure("invalid_argument", f"{tool}: {misfit(error)}.", hint=_HINT) from None
        except Exception as error:  # a validator of the host's own
            raise _unchecked(tool, error) from error

    def values(self, arguments: JsonObject) -> dict[str, Any]:
        parsed = self.model.model_validate(arguments)
        return {name: getattr(parsed, name) for name in type(parsed).model_fields}


@dataclass(frozen=True, slots=True)
class SchemaArguments:
    """Arguments that a JSON schema describes; made by `read_schema`."""

    schema: JsonObject
    weight: Weight
    validator: Validator = field(repr=False, compare=False)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(cast(Mapping[str, object], self.schema["properties"]))

    def validate(self, tool: str, arguments: JsonObject) -> JsonObject:
        if not self.weight.allows(arguments):
            problem = f"{tool}: the arguments are too large, or nested too deeply, to be held against its schema."
            raise ToolFailure("too_large", problem, hint="Call with less at a time.")
        try:
            self.validator.validate(arguments)
        except Exception as error:
            path, message = getattr(error, "instance_path", None), str(getattr(error, "message", ""))
            if path is None:  # no finding, but a value that the validator cannot read
                raise _unchecked(tool, error) from error
            where = f"{'.'.join(str(part) for part in path)!r}: " if path else ""
            problem = f"{tool}: {where}{message}"[:_MOST_WORDS]
            raise ToolFailure("invalid_argument", f"{problem}.", hint=_HINT) from None
        return arguments

    def values(self, arguments: JsonObject) -> dict[str, Any]:
        return dict(arguments)


def read_schema(parameters: Mapping[str, Any]) -> SchemaArguments:
    """The arguments that a JSON schema describes.

    Like a typed tool, one whose schema lists its properties and does not say that there are others takes no others.

    Raises: `UnusableSchema`.
    """
    schema = _copied(parameters)
    if schema.get("type") != "object":
        raise UnusableSchema('must describe an object: {"type": "object", "properties": {...}}')
    if "properties" in schema and not any(keyword in schema for keyword in _OPEN):
        schema["additionalProperties"] = False
    schema.setdefault("properties", {})
    weight = weigh(schema)
    return SchemaArguments(schema, weight, _compiled(schema))


@lru_cache(maxsize=1024)
def schema_of(model: type[BaseModel]) -> JsonObject:
    """A model's JSON schema as models see it."""
    # Every model call offers every tool, and pydantic takes a third of a millisecond for each.
    return cast(JsonObject, plain_schema(model.model_json_schema()))


def _copied(parameters: Mapping[str, Any]) -> JsonObject:
    """The schema as JSON of our own, which nobody changes later."""
    try:
        text = json.dumps(parameters, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise UnusableSchema(f"is no JSON: {error}") from None
    if len(text) > MOST_CHARACTERS:
        raise UnusableSchema(f"has {len(text):,} characters; {MOST_CHARACTERS:,} are the most")
    schema: object = json.loads(text)
    if not isinstance(schema, dict):
        raise UnusableSchema(f"is a {type(parameters).__name__}; it must be an object")
    return cast(JsonObject, schema)


def _compiled(schema: JsonObject) -> Validator:
    # 40 ms, which programs whose tools are all typed need not pay.
    import jsonschema_rs

    # Most patterns are matched in linear time; the few that look around or back give up after so many steps.
    patterns = jsonschema_rs.FancyRegexOptions(backtrack_limit=100_000, size_limit=1_000_000, dfa_size_limit=1_000_000)
    try:
        return jsonschema_rs.validator_for(
            {"$schema": _DRAFT_2020, **schema},
            pattern_options=patterns,
            validate_formats=False,  # a note for whoever fills it in, as the draft has it
            mask="the value",
            offline=True,
        )
    except Exception as error:
        path: list[object] = getattr(error, "instance_path", None) or []
        where = f" at {'/'.join(str(part) for part in path)!r}" if path else ""
        problem = str(getattr(error, "message", "") or error).partition("\n")[0]
        raise UnusableSchema(f"cannot be used{where}: {problem[:_MOST_WORDS]}") from None


def _unchecked(tool: str, error: Exception) -> ToolFailure:
    return ToolFailure("invalid_argument", f"{tool}: the arguments cannot be checked ({type(error).__name__}).")
