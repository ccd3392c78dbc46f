"""What calls are expected, read from `{tool: {argument: [allowed, ...]}}` and checked against the tools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from saga_agent.errors import EvalError
from saga_agent.evals.matchers import Means, OneOf, build_matcher, is_matcher
from saga_agent.evals.tooldocs import ToolDoc

_SHAPE = "The expected calls are {}; give a list of {{tool: {{argument: [allowed, ...]}}}}."
REST = "*"
"""Stands for all arguments that a gold call does not list."""


@dataclass(frozen=True, slots=True)
class AllowedArgument:
    """What an argument may be."""

    matcher: OneOf
    spelled: Sequence[Any]
    optional: bool
    """Whether it may be left out: where `""` is allowed."""


@dataclass(frozen=True, slots=True)
class ExpectedCall:
    """A call as it should be."""

    tool: ToolDoc
    arguments: Mapping[str, AllowedArgument]
    rest: AllowedArgument | None
    """What arguments may be that are not listed; None where there should be none."""
    spelled: Mapping[str, Any]


def read_expected(expected: object, tools: Mapping[str, ToolDoc], means: Means) -> list[list[ExpectedCall]]:
    """The accepted lists of calls: mostly one; several where `expected` is a list of lists.

    Raises:
        EvalError: It has another shape, names a tool or argument that there is not, or a matcher cannot be read.
    """
    items = _list(expected, _SHAPE)
    if items and all(_is_list(item) for item in items):
        return [[_read_call(call, tools, means) for call in cast("Sequence[object]", item)] for item in items]
    return [[_read_call(call, tools, means) for call in items]]


def read_plain(expected: object) -> list[Mapping[str, Mapping[str, Sequence[Any]]]]:
    """The calls of the gold, with the lists of what is allowed as they are; raises `EvalError` for another shape."""
    items = _list(expected, _SHAPE)
    for call in items:
        name, arguments = _name_and_arguments(call)
        for argument, allowed in arguments.items():
            _list(allowed, f"What is allowed for {argument!r} of {name!r} is {{}}; give a list of what is allowed.")
    return cast("list[Mapping[str, Mapping[str, Sequence[Any]]]]", list(items))


def _read_call(call: object, tools: Mapping[str, ToolDoc], means: Means) -> ExpectedCall:
    name, arguments = _name_and_arguments(call)
    if name not in tools:
        raise EvalError(f"A call of {name!r} is expected, and there is no such tool; there are {', '.join(tools)}.")
    tool = tools[name]
    read = {argument: _read_allowed(name, argument, allowed, means) for argument, allowed in arguments.items()}
    rest = read.pop(REST, None)
    if not tool.is_open and (unknown := next((each for each in read if each not in tool.properties), None)):
        raise EvalError(f"{name!r} has no argument {unknown!r}; it has {', '.join(tool.properties) or 'none'}.")
    return ExpectedCall(tool, read, rest, cast("Mapping[str, Any]", call))


def _name_and_arguments(call: object) -> tuple[str, Mapping[str, object]]:
    if not isinstance(call, Mapping) or len(cast("Mapping[str, object]", call)) != 1:
        raise EvalError(f"An expected call is {call!r}; give {{tool: {{argument: [allowed, ...]}}}}, one tool each.")
    ((name, arguments),) = cast("Mapping[str, object]", call).items()
    if not isinstance(arguments, Mapping):
        raise EvalError(f"The expected arguments of {name!r} are {arguments!r}; give {{argument: [allowed, ...]}}.")
    return name, cast("Mapping[str, object]", arguments)


def _read_allowed(tool: str, argument: str, allowed: object, means: Means) -> AllowedArgument:
    if callable(allowed) or is_matcher(allowed):
        allowed = cast("object", [allowed])  # one matcher needs no list
    values = _list(allowed, f"What is allowed for {argument!r} of {tool!r} is {{}}; give a list of what is allowed.")
    if not values:
        raise EvalError(f"Nothing is allowed for {argument!r} of {tool!r}; list what is right, or leave it out.")
    matcher = OneOf(tuple(build_matcher(value, means) for value in values))
    return AllowedArgument(matcher, values, "" in values)


def _list(value: object, complaint: str) -> Sequence[object]:
    if not _is_list(value):
        raise EvalError(complaint.format(repr(value)))
    return cast("Sequence[object]", value)


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)
