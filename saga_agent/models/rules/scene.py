"""What the offline model sees in one call: the writer's words, the tools on offer, known names, results so far."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

_ALIASES = re.compile(r"\(also ([^)]*)\)")
_KNOWN_NAMES = re.compile(r"^\s*Known names:\s*(.+)$", re.MULTILINE)
_MENTION = re.compile(r"(?<![\w@])@([\w-]+)")

Data = Mapping[str, Any]
"""A JSON object."""


@dataclass(frozen=True, slots=True)
class OfferedTool:
    """A tool the model may call, as its schema describes it."""

    name: str
    description: str = ""
    properties: Data = field(default_factory=dict[str, Any])
    required: tuple[str, ...] = ()

    def fit(self, arguments: Data) -> dict[str, Any]:
        """The arguments that the schema knows; all of them when it names none."""
        return {key: value for key, value in arguments.items() if not self.properties or key in self.properties}

    def choices(self, property_name: str) -> tuple[str, ...]:
        """The texts that the schema allows for a property; empty when it is open."""
        schema: Data = self.properties.get(property_name) or {}
        return tuple(str(choice) for choice in schema.get("enum") or ())


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """A call of this turn and what came back; text that is no JSON object stands in `text`."""

    tool: str
    arguments: Data
    ok: bool
    data: Data
    text: str = ""

    @property
    def problem(self) -> str:
        """Why the call failed, in the tool's words."""
        error: Any = self.data.get("error") or self.data
        if isinstance(error, str):
            return error
        words = [str(error[key]) for key in ("message", "feedback", "reason") if error.get(key)]
        return " ".join(words) or self.text


@dataclass(frozen=True, slots=True)
class RuleInput:
    """Everything a rule may look at."""

    text: str
    """The writer's last message, without @mentions: whom they call has been called before the model is asked."""
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """The story's names, each with its aliases."""
    tools: Mapping[str, OfferedTool] = field(default_factory=dict[str, OfferedTool])
    outcomes: tuple[ToolOutcome, ...] = ()
    """The results since the writer's last message."""

    def names_in(self, text: str) -> list[str]:
        """The known names that stand in a text, themselves or by an alias, in the order they are known."""
        return [
            name for name, aliases in self.names.items() if any(_stands_in(each, text) for each in (name, *aliases))
        ]


def _stands_in(name: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE) is not None


def read_scene(messages: Sequence[BaseMessage], tools: Sequence[Data]) -> RuleInput:
    """The scene of a prompt; only the writer's own message is ever read as a request."""
    asked = max((at for at, message in enumerate(messages) if isinstance(message, HumanMessage)), default=-1)
    text = str(messages[asked].text) if asked >= 0 else ""
    return RuleInput(
        text=_MENTION.sub("", text).strip(),
        names=_known_names(messages),
        tools={tool.name: tool for tool in map(_offered, tools)},
        outcomes=tuple(_outcomes(messages[asked + 1 :])),
    )


def _known_names(messages: Sequence[BaseMessage]) -> Mapping[str, tuple[str, ...]]:
    prompts = "\n".join(str(message.text) for message in messages if isinstance(message, SystemMessage))
    lines = "; ".join(_KNOWN_NAMES.findall(prompts))
    known: dict[str, tuple[str, ...]] = {}
    for part in lines.split(";"):
        also = _ALIASES.search(part)
        if name := _ALIASES.sub("", part).strip():
            known[name] = tuple(alias.strip() for alias in also[1].split(",")) if also else ()
    return known


def _offered(tool: Data) -> OfferedTool:
    function: Data = tool.get("function") or tool
    parameters: Data = function.get("parameters") or {}
    properties: Data = parameters.get("properties") or {}
    return OfferedTool(
        name=function["name"],
        description=function.get("description") or "",
        properties={name: as_object(of) or {} for name, of in properties.items()},  # `true` allows anything
        required=tuple(parameters.get("required") or ()),
    )


def _outcomes(messages: Sequence[BaseMessage]) -> list[ToolOutcome]:
    calls = {
        call["id"]: (call["name"], call["args"])
        for message in messages
        if isinstance(message, AIMessage)
        for call in message.tool_calls
    }
    return [
        _outcome(*calls.get(message.tool_call_id, (message.name or "tool", {})), str(message.text))
        for message in messages
        if isinstance(message, ToolMessage)
    ]


def _outcome(tool: str, arguments: Data, content: str) -> ToolOutcome:
    try:
        result = json.loads(content)
    except (ValueError, RecursionError):
        result = None
    shaped = as_object(result)
    if shaped is None:
        return ToolOutcome(tool, arguments, True, {}, content)
    ok = shaped.get("ok", True) is True
    data = as_object(shaped.get("data")) if ok else None
    return ToolOutcome(tool, arguments, ok, shaped if data is None else data, content)


def as_object(value: object) -> Data | None:
    """The value when it is a JSON object."""
    return cast(Data, value) if isinstance(value, Mapping) else None
