"""Tools, from typed async functions or JSON schemas: what the model sees, and the call with its arguments checked.

Only this module turns exceptions into failures that the model reads. Whatever a tool gives or raises, its run goes on.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict, TypeVar, Unpack, get_args

from pydantic import BaseModel, JsonValue, PydanticUserError, ValidationError

from saga_agent.audiences import page_words
from saga_agent.domain.misfits import misfit
from saga_agent.domain.plain import readable
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Effect
from saga_agent.errors import AmbiguousReference, Conflict, InvalidInput, NotFound, PolicyError, SagaError
from saga_agent.tools.arguments import Arguments, TypedArguments, read_schema, schema_of
from saga_agent.tools.contained import BrokeOff, OutOfTime, contain
from saga_agent.tools.context import ToolContext
from saga_agent.tools.result import Parked, ToolFailure, ToolResult
from saga_agent.tools.returned import check_return_type, read_returned
from saga_agent.tools.schema_limits import UnusableSchema
from saga_agent.tools.signature import build_arguments_model, first_line, read_docstring, read_hints

Category = Literal["manuscript", "bible", "checks", "questions", "page", "images", "world", "agents", "host"]
Preview = JsonObject
"""What will change, for people: `title`, `lines`; and `resources`, the revisions by record id it was made for."""
T = TypeVar("T")
Function = Callable[..., Awaitable[object]]
"""What it gives is read by `read_returned`: a `ToolResult`, or any value that is JSON."""
PreviewFunction = Callable[..., Awaitable[Preview]]
EffectFunction = Callable[..., Awaitable[Effect]]
SchemaFunction = Callable[[ToolContext, JsonObject], Awaitable[T]]
"""What a tool from a schema is called with: its arguments as they are, in one object."""

_NAME = re.compile(r"^[a-z][a-z0-9_]{0,63}$")
_BY_STRICTNESS: tuple[Effect, ...] = ("read", "ui", "write", "external", "destructive")


class ToolSettings(TypedDict, total=False):
    """What may be said of a tool from a schema; see `Tool`."""

    effect: Effect
    category: Category
    idempotent: bool
    question: bool
    client: bool
    each_time: bool
    version: int
    timeout_seconds: float | None
    output_limit: int
    output: type[BaseModel] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool: what the model sees of it, what it may do, and how it is run."""

    name: str
    description: str
    arguments: Arguments
    effect: Effect = "destructive"
    category: Category = "host"
    idempotent: bool = False
    question: bool = False
    """Whether a call is put to the writer as a question instead of being run."""
    client: bool = False
    """Whether a call runs on the page: the function only finds what it is about, and the page says what came of it."""
    each_time: bool = False
    """Whether every call asks, whatever rules and grants say."""
    version: int = 1
    """Bound into approvals and grants; raise it when a call would do something else than before."""
    timeout_seconds: float | None = 60.0
    output_limit: int = 50_000
    """Longest result in characters; what is over is cut and said so."""
    output: type[BaseModel] | None = None
    """What the `data` of its results is, where it is declared."""
    function: Function = field(repr=False)
    preview: PreviewFunction | None = field(default=None, repr=False)
    effect_of: EffectFunction | None = field(default=None, repr=False)
    """Tells the effect of a single call; it may only make the declared one stricter."""

    @classmethod
    def from_schema(
        cls,
        *,
        name: str,
        description: str,
        parameters: Mapping[str, Any],
        run: SchemaFunction[object],
        preview: SchemaFunction[Preview] | None = None,
        effect_of: SchemaFunction[Effect] | None = None,
        **settings: Unpack[ToolSettings],
    ) -> Tool:
        """A tool whose arguments a JSON schema describes; `run`, `preview` and `effect_of` get them in one object.

        Args:
            name: Small letters, digits and underscores.
            description: What the model reads of it.
            parameters: A JSON schema of an object (drafts 4, 6, 7, 2019-09 or 2020-12, the last where it does not
                say). References point into it. `format` and `default` are notes for the model; arguments that it does
                not list are refused unless it says `additionalProperties`.
            run: An async function that returns what other tools may; see `read_returned`.
            preview: As of other tools.
            effect_of: As of other tools.
            settings: Those of `Tool`; without an `effect` it is `external`, which asks each time.

        Raises: `PolicyError` for what makes no tool.
        """
        if not description.strip():
            raise PolicyError(f"{name}: a tool needs a description; the model reads it.")
        try:
            arguments = read_schema(parameters)
        except UnusableSchema as error:
            raise PolicyError(f"{name}: the schema of its arguments {error}.") from None
        client = settings.get("client", False)
        settings = {"effect": "external", **settings, "idempotent": settings.get("idempotent", False) or client}
        tool = cls(
            name=name,
            description=" ".join(description.split()),
            arguments=arguments,
            function=_in_one_object(name, run),
            preview=_in_one_object(name, preview) if preview is not None else None,
            effect_of=_in_one_object(name, effect_of) if effect_of is not None else None,
            **settings,
        )
        _check(tool)
        return tool

    def schema(self) -> JsonObject:
        """The tool as an OpenAI function: `{"type": "function", "function": {name, description, parameters}}`."""
        function: JsonObject = {"name": self.name, "description": self.description, "parameters": self.parameters()}
        return {"type": "function", "function": function}

    def parameters(self) -> JsonObject:
        """The JSON schema of the arguments; one object for all callers, not to be changed."""
        return self.arguments.schema

    def output_schema(self) -> JsonObject | None:
        """The JSON schema of a result's `data`; None where it is not declared."""
        return schema_of(self.output) if self.output is not None else None

    def validate(self, arguments: JsonObject) -> JsonObject:
        """The arguments as JSON with defaults filled in; `ToolFailure` names the first that does not fit."""
        return self.arguments.validate(self.name, arguments)

    async def run(self, context: ToolContext, arguments: JsonObject) -> ToolResult:
        """Runs the tool; every failure but the caller's cancellation comes back as a result.

        A tool that ends with a result although its caller was cancelled has done its work: its result is given.

        Raises: `Parked` where the tool does.
        """
        try:
            return await self._contained(lambda: self._result(context, arguments), finishes=True)
        except Parked:
            raise
        except Exception as error:
            return failure_of(error, tool=self).to_result()

    async def _result(self, context: ToolContext, arguments: JsonObject) -> ToolResult:
        returned = await self.function(context, **self.arguments.values(arguments))
        result = read_returned(returned, tool=self.name)
        if self.output is not None and result.ok:
            try:
                self.output.model_validate(result.data)
            except ValidationError as error:
                raise ToolFailure(
                    "unavailable", f"{self.name} ran, but its data is no {self.output.__name__}: {misfit(error)}."
                ) from None
        return result

    async def build_preview(self, context: ToolContext, arguments: JsonObject) -> Preview:
        """What the call would change, for people; its arguments where the tool has no preview of its own.

        Raises: `ToolFailure` when the call could not be run either.
        """
        if self.preview is None:
            return {"title": f"Run {self.name}", "lines": [f"{name}: {value}" for name, value in arguments.items()]}
        preview = self.preview
        try:
            shown = await self._contained(lambda: preview(context, **self.arguments.values(arguments)))
            return read_returned(shown, tool=f"The preview of {self.name}").data
        except Exception as error:
            raise failure_of(error, tool=self) from error

    async def effect_for(self, context: ToolContext, arguments: JsonObject) -> Effect:
        """The effect of that call: the declared one, or a stricter one.

        Raises: `ToolFailure` when it cannot be told.
        """
        if self.effect_of is None:
            return self.effect
        effect_of = self.effect_of
        try:
            told = await self._contained(lambda: effect_of(context, **self.arguments.values(arguments)))
            return max((self.effect, told), key=_BY_STRICTNESS.index)
        except Exception as error:
            raise failure_of(error, tool=self) from error

    async def _contained(self, work: Callable[[], Awaitable[T]], *, finishes: bool = False) -> T:
        return await contain(work, seconds=self.timeout_seconds, finishes=finishes)


def failure_of(error: Exception, *, tool: Tool) -> ToolFailure:
    """The failure that tells the model of an exception, without leaking what it need not know."""
    match error:
        case ToolFailure():
            return error
        case AmbiguousReference():
            return ToolFailure("ambiguous_reference", readable(error), candidates=error.candidates)
        case NotFound():
            return ToolFailure("not_found", readable(error))
        case Conflict():
            return ToolFailure("conflict", readable(error))
        case InvalidInput():
            return ToolFailure("invalid_argument", readable(error))
        case OutOfTime():
            doubt = "" if tool.effect in ("read", "ui") else " It may have had its effect; look before calling again."
            late = f"{tool.name} took longer than {tool.timeout_seconds or 0:g} seconds.{doubt}"
            return ToolFailure("unavailable", late)
        case BrokeOff():
            return ToolFailure("unavailable", f"{tool.name} failed ({error.kind}).")
        case SagaError():
            return ToolFailure("unavailable", page_words(error))
        case _:
            return ToolFailure("unavailable", f"{tool.name} failed ({type(error).__name__}).")


class ToolRegistry:
    """The tools of an app, by name."""

    def __init__(self, tools: Iterable[Tool] = ()) -> None:
        self._tools: dict[str, Tool] = {}
        for tool in tools:
            self.add(tool)

    def tool(
        self,
        *,
        effect: Effect = "destructive",
        category: Category = "host",
        name: str | None = None,
        idempotent: bool = False,
        question: bool = False,
        client: bool = False,
        each_time: bool = False,
        version: int = 1,
        timeout_seconds: float | None = 60.0,
        output_limit: int = 50_000,
        output: type[BaseModel] | None = None,
        examples: Sequence[JsonObject] = (),
        preview: PreviewFunction | None = None,
        effect_of: EffectFunction | None = None,
    ) -> Callable[[Function], Function]:
        """Makes a tool of a typed async function `(context, ...)`.

        It returns a `ToolResult`, or a value that is JSON or that pydantic knows as such; see `read_returned`. The
        docstring's first paragraph is the description, its `Args:` lines describe the arguments, `examples` are
        shown with them. A tool without a declared effect counts as destructive. `preview` and `effect_of` are called
        like the tool. See `Tool` for what the settings mean.

        Raises: `PolicyError` for a function or setting that makes no tool, `WrongType` for one that returns what
            nobody could be told; both when the module is loaded.
        """

        def register(function: Function) -> Function:
            tool_name = name or function.__name__
            description, notes = _checked_docstring(tool_name, function)
            hints = read_hints(tool_name, function)
            arguments = TypedArguments(
                build_arguments_model(tool_name, function, notes, hints=hints, examples=examples)
            )
            check_return_type(tool_name, function, hints.get("return", object))
            tool = Tool(
                name=tool_name,
                description=description,
                arguments=arguments,
                effect=effect,
                category=category,
                # A call that runs on the page is looked at again when the page has answered.
                idempotent=idempotent or client,
                question=question,
                client=client,
                each_time=each_time,
                version=version,
                timeout_seconds=timeout_seconds,
                output_limit=output_limit,
                output=output,
                function=function,
                preview=preview,
                effect_of=effect_of,
            )
            _check(tool)
            self.add(tool)
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


def _check(tool: Tool) -> None:
    """Raises `PolicyError` for settings that make no tool."""
    if not _NAME.match(tool.name):
        raise PolicyError(f"{tool.name!r} is no tool name; use small letters, digits and underscores.")
    if tool.effect not in get_args(Effect):
        raise PolicyError(f"{tool.name}: {tool.effect!r} is no effect; use one of {', '.join(get_args(Effect))}.")
    if tool.category not in get_args(Category):
        raise PolicyError(f"{tool.name}: {tool.category!r} is no category; use one of {', '.join(get_args(Category))}.")
    try:
        tool.parameters()
        tool.output_schema()
    except PydanticUserError as error:
        raise PolicyError(
            f"{tool.name}: a type in it is no JSON that models could be shown: {first_line(error)}"
        ) from None
    if tool.client and tool.question:
        raise PolicyError(f"{tool.name}: a tool is a question or runs on the page, not both.")


def _in_one_object(tool: str, function: SchemaFunction[T]) -> Callable[..., Awaitable[T]]:
    """The function as tools are called: with the arguments by their names, whatever those are."""
    if not callable(function):
        raise PolicyError(f"{tool}: a tool is run by an async function, not by a {type(function).__name__}.")

    def call(context: ToolContext, /, **arguments: JsonValue) -> Awaitable[T]:
        return function(context, arguments)

    return call


def _checked_docstring(name: str, function: Function) -> tuple[str, dict[str, str]]:
    if not inspect.iscoroutinefunction(function):
        raise PolicyError(f"{name}: a tool is an async function.")
    description, notes = read_docstring(function.__doc__ or "")
    if not description:
        raise PolicyError(f"{name}: a tool needs a docstring; the model reads its first paragraph.")
    return description, notes
