"""Tools that no story rule knows: chosen by the words of their names, filled from the message and the bible."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from saga_agent.models.rules.planned import PlannedCall
from saga_agent.models.rules.scene import Data, OfferedTool, RuleInput
from saga_agent.models.rules.story import STORY_TOOLS
from saga_agent.models.rules.wording import document_in

_STEM_CHARS = 5
_NAMING = ("entity", "character", "name", "subject", "center", "source", "target")


def plan_other_calls(scene: RuleInput) -> Iterator[PlannedCall]:
    """Calls of the other tools on offer whose names stand in the message."""
    for tool in scene.tools.values():
        if tool.name in STORY_TOOLS:
            continue
        if _is_named(tool, scene.text) and (arguments := _fill(tool, scene)) is not None:
            yield PlannedCall(tool.name, arguments)


def _is_named(tool: OfferedTool, text: str) -> bool:
    stems = [word[:_STEM_CHARS].lower() for word in re.findall(r"[^\W_]+", tool.name)]
    words = [word.lower() for word in re.findall(r"[^\W_]+", text)]
    return all(any(word.startswith(stem) for word in words) for stem in stems)


def _fill(tool: OfferedTool, scene: RuleInput) -> dict[str, Any] | None:
    """Values for all required properties and the choices that the text names; `None` when one cannot be filled."""
    arguments: dict[str, Any] = {}
    for name in tool.properties:
        if name not in tool.required and not tool.choices(name):
            continue
        value = _value(tool, name, scene)
        if value is not None:
            arguments[name] = value
        elif name in tool.required:
            return None
    return arguments


def _value(tool: OfferedTool, name: str, scene: RuleInput) -> Any:
    schema: Data = tool.properties[name]
    kind = schema.get("type")
    if choices := tool.choices(name):
        return next((choice for choice in choices if re.search(rf"\b{re.escape(choice)}\b", scene.text, re.I)), None)
    if kind in ("integer", "number"):
        number = re.search(r"\b\d+\b", scene.text)
        return int(number[0]) if number else None
    if kind == "boolean":
        return False
    if kind != "string":
        return None
    if name.startswith("doc"):
        return document_in(scene.text)
    if name in _NAMING:
        return next(iter(scene.names_in(scene.text)), None)
    return scene.text
