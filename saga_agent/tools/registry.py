"""Tools from typed async functions: the schema the model sees, and the call with its arguments checked.

Only this module turns exceptions into failures that the model reads.
"""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Any, Literal, cast, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Effect
from saga_agent.errors import AmbiguousReference, Conflict, InvalidInput, NotFound, PolicyError, SagaError
from saga_agent.tools.context import ToolContext
from saga_agent.tools.result import ToolFailure, ToolResult

Category = Literal["manuscript", "bible", "checks", "questions", "page", "images", "world", "host"]
Preview = JsonObject
"""What will change, for people: `title`, `lines`."""
Function = Callable[..., Awaitable[ToolResult]]
PreviewFunction = Callable[..., Awaitable[Preview]]

_NAME = re.compile(r"^[a-z][a-z0-9_]{0,63}$")
_ARGS_LINE = re.compile(r"^\s{4,}(\w+):\s+(.*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool: what the model sees of it, what it may do, and how it is run."""

    name: str
    description: str
    arguments: type[BaseModel]
    effect: Effect
    category: Category
    idempotent: bool
    question: bool
    """Whether a call is put to the writer as a question instead of being run."""
    version: int
    timeout_seconds: float
    output_limit: int
    """Longest result in characters; what is over is cut and said so."""
    function: Function = field(repr=False)
    preview: PreviewFunction | None = field(repr=False)

    def schema(self) -> JsonObject:
        """The tool as an OpenAI function: `{"type": "function", "function": {name, description, parameters}}`."""
        function: JsonObject = {"name": self.name, "description": self.description, "parameters": self.parameters()}
        return {"type": "function", "function": function}

    def parameters(self) -> JsonObject:
        """The JSON schema of the arguments; one object for all callers, not to be changed."""
        return _parameters(self.arguments)

    def validate(self, arguments: JsonObject) -> JsonObject:
        """The arguments as JSON with defaults filled in; `ToolFailure` names the first that does not fit."""
        try:
            return self.arguments.model_validate(arguments).model_dump(mode="json")
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = "/" + "/".join(str(part) for part in first["loc"])
            raise ToolFailure(
                "invalid_argument", f"{self.name}: {where}: {first['msg']}", hint="Correct the argument and call again."
            ) from None

    async def run(self, context: ToolContext, arguments: JsonObject) -> ToolResult:
        """Runs the tool; every failure but cancellation comes back as a result."""
        try:
            parsed = self.arguments.model_validate(arguments)
            values = {name: getattr(parsed, name) for name in type(parsed).model_fields}
            async with asyncio.timeout(self.timeout_seconds):
                result = await self.function(context, **values)
        except Exception as error:
            return failure_of(error, tool=self).to_result()
        return result

    async def build_preview(self, context: ToolContext, arguments: JsonObject) -> Preview:
        """What the call would change, for people; its arguments where the tool has no preview of its own."""
        if self.preview is None:
            return {"title": f"Run {self.name}", "lines": [f"{name}: {value}" for name, value in arguments.items()]}
        parsed = self.arguments.model_validate(arguments)
        return await self.preview(context, **{name: getattr(parsed, name) for name in type(parsed).model_fields})


def failure_of(error: Exception, *, tool: Tool) -> ToolFailure:
    """The failure that tells the model of an exception, without leaking what it need not know."""
    match error:
        case ToolFailure():
            return error
        case AmbiguousReference():
            return ToolFailure("ambiguous_reference", str(error), candidates=error.candidates)
        case NotFound():
            return ToolFailure("not_found", str(error))
        case Conflict():
            return ToolFailure("conflict", str(error))
        case InvalidInput():
            return ToolFailure("invalid_argument", str(error))
        case TimeoutError():
            return ToolFailure("unavailable", f"{tool.name} took longer than {tool.timeout_seconds:g} seconds.")
        case SagaError():
            return ToolFailure("unavailable", str(error))
        case _:
            return ToolFailure("unavailable", f"{tool.name} failed ({type(error).__name__}).")


class ToolRegistry:
    """The tools of an app, by name."""

    def __init__(self, tools: Iterable[Tool] = ()) -> None:
        self._tools: dict[str, Tool] = {}
        for tool in tools:
            self.add(tool)

    def tool(
        self, *, effect: Effect = "destructive", category: Category = "host", name: str | None = None,
        idempotent: bool = False, question: bool = False, version: int = 1,
        timeout_seconds: float = 60.0, output_limit: int = 50_000, preview: PreviewFunction | None = None,
    ) -> Callable[[Function], Function]:  # fmt: skip
        """Makes a tool of a typed async function `(context, ...) -> ToolResult`.

        The docstring's first paragraph is the description, its `Args:` lines describe the arguments. A tool without a
        declared effect counts as destructive.

        Raises: `PolicyError` for a function or setting that makes no tool, when the module is loaded.
        """

        def register(function: Function) -> Function:
            self.add(
                build_tool(
                    function,
                    effect=effect,
                    category=category,
                    name=name,
                    idempotent=idempotent,
                    question=question,
                    version=version,
                    timeout_seconds=timeout_seconds,
                    output_limit=output_limit,
                    preview=preview,
                )
            )
            return function

        return register

    def add(self, tool: Tool) -> None:
        """Adds a tool; `PolicyError` if the name is taken."""
        if tool.name in self._tools:
            raise PolicyError(f"There are two tools named {tool.name!r}; rename one.")
        self._tools[tool.name] = tool

    def find(self, name: str) -> Tool | None:
        """The tool with that name."""
        return self._tools.get(name)

    def only(self, names: Iterable[str]) -> ToolRegistry:
        """A registry of these tools alone; `PolicyError` names one that does not exist."""
        wanted = list(names)
        if unknown := [name for name in wanted if name not in self._tools]:
            raise PolicyError(f"There is no tool {unknown[0]!r}; the tools are {', '.join(sorted(self._tools))}.")
        return ToolRegistry(self._tools[name] for name in wanted)

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())

    def __len__(self) -> int:
        return len(self._tools)


def build_tool(
    function: Function, *, effect: Effect, category: Category, name: str | None, idempotent: bool, question: bool,
    version: int, timeout_seconds: float, output_limit: int, preview: PreviewFunction | None,
) -> Tool:  # fmt: skip
    """The tool of a typed async function; `PolicyError` says what it lacks."""
    tool_name = name or function.__name__
    if not _NAME.match(tool_name):
        raise PolicyError(f"{tool_name!r} is no tool name; use small letters, digits and underscores.")
    if effect not in get_args(Effect):
        raise PolicyError(f"{tool_name}: {effect!r} is no effect; use one of {', '.join(get_args(Effect))}.")
    if category not in get_args(Category):
        raise PolicyError(f"{tool_name}: {category!r} is no category; use one of {', '.join(get_args(Category))}.")
    if not inspect.iscoroutinefunction(function):
        raise PolicyError(f"{tool_name}: a tool is an async function.")
    description, notes = _read_docstring(function.__doc__ or "")
    if not description:
        raise PolicyError(f"{tool_name}: a tool needs a docstring; the model reads its first paragraph.")
    return Tool(
        name=tool_name, description=description, arguments=_arguments_model(tool_name, function, notes), effect=effect,
        category=category, idempotent=idempotent, question=question, version=version,
        timeout_seconds=timeout_seconds, output_limit=output_limit, function=function, preview=preview,
    )  # fmt: skip


def _arguments_model(tool: str, function: Function, notes: Mapping[str, str]) -> type[BaseModel]:
    hints = get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        if parameter.name not in hints:
            raise PolicyError(f"{tool}: the argument {parameter.name!r} has no type.")
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        note = notes.get(parameter.name)
        hint = Annotated[hints[parameter.name], Field(description=note)] if note else hints[parameter.name]
        fields[parameter.name] = (hint, default)
    return create_model(f"{tool}_arguments", __config__=ConfigDict(extra="forbid", frozen=True), **fields)


def _read_docstring(text: str) -> tuple[str, dict[str, str]]:
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


@lru_cache(maxsize=1024)
def _parameters(arguments: type[BaseModel]) -> JsonObject:
    # Every model call offers every tool, and pydantic takes a third of a millisecond for each.
    return cast(JsonObject, _plain(arguments.model_json_schema()))


def _plain(schema: Any) -> Any:
    # Titles repeat the names in other letters, and cost tokens.
    if isinstance(schema, dict):
        items = cast(dict[str, Any], schema)
        return {key: _plain(value) for key, value in items.items() if not (key == "title" and isinstance(value, str))}
    if isinstance(schema, list):
        return [_plain(item) for item in cast(list[Any], schema)]
    return schema
