"""The documents of tools as models are shown them, in the dialects that data sets use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from saga_agent.errors import EvalError

_TYPES = {"dict": "object", "float": "number", "tuple": "array", "any": None}
"""BFCL's names for types, and JSON Schema's."""
_HOLD_SCHEMAS = ("properties", "patternProperties", "$defs", "definitions")


@dataclass(frozen=True, eq=False)
class ToolDoc:
    """A tool: its name, and the schema of its arguments as its document has it."""

    name: str
    parameters: Mapping[str, Any]

    @property
    def properties(self) -> Mapping[str, Any]:
        """The schemas of its arguments, by name."""
        return self.parameters.get("properties") or {}

    @property
    def required(self) -> Sequence[str]:
        """The arguments that each call must have."""
        return self.parameters.get("required") or ()

    @property
    def is_open(self) -> bool:
        """Whether it takes arguments that it does not name.

        Where its document does not say, JSON Schema takes any, and still a model is wrong to make one up.
        """
        return bool(self.parameters.get("additionalProperties")) or "properties" not in self.parameters

    @cached_property
    def schema(self) -> Mapping[str, Any]:
        """The JSON Schema of its arguments."""
        return json_schema(self.parameters)


def read_tools(tools: object, *, dots_as_underscores: bool = False) -> dict[str, ToolDoc]:
    """The tools by name: `{name, parameters}`, bare or as `{"type": "function", "function": {...}}`.

    Raises:
        EvalError: A document has no name or no parameters, or a name occurs twice.
    """
    if isinstance(tools, str | bytes | Mapping) or not isinstance(tools, Iterable):
        raise EvalError(f"The tools are {tools!r}; give a list of their documents.")
    found: dict[str, ToolDoc] = {}
    for tool in cast("Iterable[object]", tools):
        read = _read_tool(tool, dots_as_underscores)
        if read.name in found:
            raise EvalError(f"There are two tools {read.name!r}; a call could not tell which it means.")
        found[read.name] = read
    return found


def _read_tool(tool: object, dots_as_underscores: bool) -> ToolDoc:
    doc: Mapping[str, Any] = cast("Mapping[str, Any]", tool) if isinstance(tool, Mapping) else {}
    if isinstance(doc.get("function"), Mapping):
        doc = cast("Mapping[str, Any]", doc["function"])
    name, parameters = doc.get("name"), doc.get("parameters", {})
    if not isinstance(name, str) or not name or not isinstance(parameters, Mapping):
        raise EvalError(f"A tool is {tool!r}; give its document, with a name and parameters.")
    parameters = cast("Mapping[str, Any]", parameters)
    if not isinstance(parameters.get("properties") or {}, Mapping) or isinstance(parameters.get("required"), str):
        raise EvalError(f"The parameters of the tool {name!r} are {parameters!r}; write them as a JSON Schema.")
    return ToolDoc(name.replace(".", "_") if dots_as_underscores else name, parameters)


def json_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with BFCL's names of types told as JSON Schema's, at every depth."""
    told: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "type":
            kinds = [
                _TYPES.get(each, each) for each in (cast("list[Any]", value) if isinstance(value, list) else [value])
            ]
            if None not in kinds:
                told[key] = kinds[0] if len(kinds) == 1 else kinds
        elif key in _HOLD_SCHEMAS and isinstance(value, Mapping):
            told[key] = {name: _told(each) for name, each in cast("Mapping[str, Any]", value).items()}
        elif key in ("required", "enum", "const", "default", "examples"):
            told[key] = value
        else:
            told[key] = _told(value)
    return told


def _told(value: Any) -> Any:
    if isinstance(value, Mapping):
        return json_schema(cast("Mapping[str, Any]", value))
    return [_told(each) for each in cast("list[Any]", value)] if isinstance(value, list) else value
