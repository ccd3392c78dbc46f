"""The types a TypeScript page builds on, and the JSON schemas of the `data-*` parts, written from the models."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from pydantic.alias_generators import to_pascal

from saga_agent.domain.data_parts import DATA_PARTS
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Answer
from saga_agent.tools.registry import Tool, ToolRegistry
from saga_agent.tools.result import ToolResult
from saga_agent.tools.story.registry import build_story_registry

Schema = Mapping[str, Any]
_JSON: Final = "JsonValue"
"""What schemas call any JSON value; it is a type of its own here."""
TYPES: Final = "saga.ts"
_DATA_PARTS: Final = "data"
_SCALARS: Final = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_HEAD: Final = """\
// The types of a page's messages, written from saga_agent by `saga contracts write` and never edited by hand.
//
//   import type { UIMessage } from "ai";
//   const chat = useChat<UIMessage<SagaMetadata, SagaDataParts, SagaTools>>({ ... });

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** What the server says of a message; a stored answer has its state, too. */
export type SagaMetadata = { runId?: string; agent?: string; state?: string };

/** What every tool of the server's gives back; fields at their default are left out. */
export type ToolOutput<Data = { [name: string]: Json }> = Omit<ToolResult, "data"> & { data?: Data };

/** What answers a question: an option's id or a text alone, or the fields. */
export type QuestionAnswer = string | Answer;
"""


def write_types(folder: Path, *, tools: ToolRegistry | None = None) -> list[str]:
    """Writes the types and the schemas, by default with the story tools; gives the names of the files that changed."""
    wanted = _files(tools if tools is not None else build_story_registry())
    stale = _stale(folder, wanted)
    (folder / _DATA_PARTS).mkdir(parents=True, exist_ok=True)
    for name in stale:
        if name in wanted:
            (folder / name).write_text(wanted[name], encoding="utf-8", newline="\n")
        else:
            (folder / name).unlink()
    return stale


def check_types(folder: Path, *, tools: ToolRegistry | None = None) -> list[str]:
    """The names of the files that are missing, stale or of no part; empty when all is fresh. Writes nothing."""
    return _stale(folder, _files(tools if tools is not None else build_story_registry()))


def typescript(tools: ToolRegistry) -> str:
    """The file of types for pages whose server has these tools."""
    by_name = sorted(tools, key=lambda tool: tool.name)
    sections = [_HEAD, *_declared("ToolResult", ToolResult.model_json_schema()), *_declared("Answer", _answer())]
    for tool in by_name:
        sections += _declared(f"{to_pascal(tool.name)}Input", tool.parameters(), about=tool.description)
        if (output := tool.output_schema()) is not None:
            sections += _declared(f"{to_pascal(tool.name)}Data", output)
    for name, model in DATA_PARTS.items():
        sections += _declared(f"{to_pascal(name)}Part", model.model_json_schema(), about=model.__doc__ or "")
    rows = [f"  {tool.name}: {{ input: {to_pascal(tool.name)}Input; output: {_output(tool)} }};" for tool in by_name]
    parts = [f"  {name}: {to_pascal(name)}Part;" for name in DATA_PARTS]
    sections.append("\n".join(["export type SagaTools = {", *rows, "};", ""]))
    sections.append("\n".join(["export type SagaDataParts = {", *parts, "};", ""]))
    return "\n".join(sections)


def _files(tools: ToolRegistry) -> dict[str, str]:
    schemas = {f"{_DATA_PARTS}/{name}.json": model.model_json_schema() for name, model in DATA_PARTS.items()}
    texts = {name: json.dumps(schema, ensure_ascii=False, indent=2) + "\n" for name, schema in schemas.items()}
    return {TYPES: typescript(tools), **texts}


def _stale(folder: Path, wanted: Mapping[str, str]) -> list[str]:
    paths = [folder / TYPES, *(folder / _DATA_PARTS).glob("*.json")]
    found = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths if path.exists()}
    return sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))


def _answer() -> JsonObject:
    """An answer's fields as a page gives them: which kind of reply it is, the question tells."""
    schema = Answer.model_json_schema()
    told = ("kind", "output")
    return {**schema, "properties": {name: of for name, of in schema["properties"].items() if name not in told}}


def _output(tool: Tool) -> str:
    """The type of a call's output: what a page gave as its own stays; else it is the server's result."""
    result = f"ToolOutput<{to_pascal(tool.name)}Data>" if tool.output is not None else "ToolOutput"
    return f"{result} | QuestionAnswer" if tool.question else f"{result} | Json" if tool.client else result


def _declared(name: str, schema: Schema, *, about: str = "") -> Iterator[str]:
    """The type of that name, and those its schema defines, which are named after it."""
    for inner, definition in cast("dict[str, Schema]", schema.get("$defs", {})).items():
        if inner != _JSON and inner.isidentifier():
            yield _declaration(name + inner, definition, within=name)
    yield _declaration(name, schema, within=name, about=about or str(schema.get("description", "")))


def _declaration(name: str, schema: Schema, *, within: str, about: str = "") -> str:
    if not (properties := _properties(schema)):
        return f"{_comment(about)}export type {name} = {_type(schema, within)};\n"
    lines = [
        f"{_comment(of.get('description', ''), indent='  ')}  {field};"
        for of, field in zip(properties.values(), _fields(schema, within), strict=True)
    ]
    return "\n".join([f"{_comment(about)}export type {name} = {{", *lines, "};", ""])


def _comment(words: str, *, indent: str = "") -> str:
    return f"{indent}/** {' '.join(words.split()).replace('*/', '* /')} */\n" if words else ""


def _type(schema: Schema | bool, within: str) -> str:
    if isinstance(schema, bool):
        return "Json" if schema else "never"
    if "$ref" in schema:
        inner = str(schema["$ref"]).removeprefix("#/$defs/")
        return within + inner if inner.isidentifier() and inner != _JSON else "Json"
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " | ".join(dict.fromkeys(_type(each, within) for each in schema[union]))
    if "const" in schema or "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema.get("enum", [schema.get("const")]))
    kind: object = schema.get("type")
    if isinstance(kind, list):
        kinds = cast("list[str]", kind)
        return " | ".join(dict.fromkeys(_type({**schema, "type": each}, within) for each in kinds))
    match kind:
        case "object":
            return _object(schema, within)
        case "array":
            return _array(schema, within)
        case str() as scalar if scalar in _SCALARS:
            return _SCALARS[scalar]
        case _:
            return "Json"


def _object(schema: Schema, within: str) -> str:
    if _properties(schema):
        return "{ " + "; ".join(_fields(schema, within)) + " }"
    more: object = schema.get("additionalProperties", True)
    return f"{{ [name: string]: {_type(cast('Schema | bool', more), within)} }}"


def _properties(schema: Schema) -> Mapping[str, Schema]:
    """The schemas of its fields; one that is only `true` or `false` says nothing of a type."""
    found = cast("dict[str, Schema | bool]", schema.get("properties", {}))
    return {name: {} if isinstance(of, bool) else of for name, of in found.items()}


def _fields(schema: Schema, within: str) -> list[str]:
    required = cast("list[str]", schema.get("required", []))
    return [
        f"{name if name.isidentifier() else json.dumps(name)}{'' if name in required else '?'}: {_type(of, within)}"
        for name, of in _properties(schema).items()
    ]


def _array(schema: Schema, within: str) -> str:
    if "prefixItems" in schema:
        return "[" + ", ".join(_type(each, within) for each in schema["prefixItems"]) + "]"
    items = cast("Schema | bool | list[Schema]", schema.get("items", {}))
    item = "Json" if isinstance(items, list) else _type(items, within)  # old drafts tell tuples by lists
    return f"({item})[]" if " | " in item else f"{item}[]"
