"""Reading a typed async function: the model of its arguments, its description, its notes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, cast, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, JsonValue, PydanticUserError, ValidationError, create_model

from saga_agent.domain.misfits import misfit
from saga_agent.domain.record import JsonObject
from saga_agent.errors import PolicyError

_ARGS_LINE = re.compile(r"^\s{4,}(\w+):\s+(.*)$")


def read_hints(tool: str, function: Callable[..., Awaitable[Any]]) -> Mapping[str, Any]:
    """The function's annotations, `return` among them; `PolicyError` where one names what cannot be found."""
    try:
        return get_type_hints(function, include_extras=True)
    except Exception as error:
        raise PolicyError(f"{tool}: its annotations cannot be read: {error}.") from error


def build_arguments_model(
    tool: str,
    function: Callable[..., Awaitable[Any]],
    notes: Mapping[str, str],
    *,
    hints: Mapping[str, Any],
    examples: Sequence[JsonObject] = (),
) -> type[BaseModel]:
    """The model of what stands after the context.

    Raises: `PolicyError` for an argument without a type or with one that no model can fill, or a wrong example.
    """
    columns: dict[str, Any] = {}
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        if parameter.name not in hints:
            raise PolicyError(f"{tool}: the argument {parameter.name!r} has no type.")
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        note = notes.get(parameter.name)
        hint = Annotated[hints[parameter.name], Field(description=note)] if note else hints[parameter.name]
        columns[parameter.name] = (hint, default)
    shown: dict[str, JsonValue] | None = {"examples": [*examples]} if examples else None
    config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=shown)
    try:
        model = create_model(f"{tool}_arguments", __config__=config, **columns)
    except PydanticUserError as error:
        raise PolicyError(f"{tool}: an argument has a type that is no JSON: {first_line(error)}") from None
    for example in examples:
        try:
            model.model_validate(example)
        except ValidationError as error:
            raise PolicyError(f"{tool}: an example does not fit: {misfit(error, within='it')}.") from None
    return model


def first_line(error: Exception) -> str:
    """The first line of what pydantic says; the others are advice on pydantic's own settings."""
    return str(error).partition("\n")[0]


def read_docstring(text: str) -> tuple[str, dict[str, str]]:
    """The first paragraph as one line, and the notes on the arguments."""
    text = inspect.cleandoc(text)
    description = " ".join(text.split("\n\n", 1)[0].split())
    notes: dict[str, str] = {}
    current = ""
    for line in text.partition("Args:\n")[2].splitlines():
        if not line.strip():
            break
        if match := _ARGS_LINE.match(line):
            current, notes[match[1]] = match[1], match[2].strip()
        elif current:
            notes[current] += " " + line.strip()
    return description, notes


def plain_schema(schema: Any) -> Any:
    """A JSON schema without its titles, which repeat the names in other letters and cost tokens."""
    if isinstance(schema, dict):
        items = cast(dict[str, Any], schema)
        return {
            key: plain_schema(value) for key, value in items.items() if not (key == "title" and isinstance(value, str))
        }
    if isinstance(schema, list):
        return [plain_schema(item) for item in cast(list[Any], schema)]
    return schema
