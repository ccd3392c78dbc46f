"""Lines `/call TOOL {json}` in the writer's message: exactly these calls, in one step."""

from __future__ import annotations

import json
import re
from itertools import islice

from saga_agent.models.rules.planned import PlannedCall, Reply
from saga_agent.models.rules.scene import Data, RuleInput, as_object

_COMMAND = re.compile(r"^[ \t]*/call\b[ \t]*(?P<tool>\S*)[ \t]*(?P<json>.*)$", re.MULTILINE)

_MOST = 50
"""More lines than that are not obeyed."""


def obey_commands(scene: RuleInput) -> Reply | None:
    """The calls that the message commands, and a word on each line that cannot be obeyed; `None` without such lines."""
    lines = list(islice(_COMMAND.finditer(scene.text), _MOST))
    if not lines:
        return None
    calls: list[PlannedCall] = []
    complaints: list[str] = []
    for line in lines:
        arguments, complaint = _read(line, scene)
        if complaint:
            complaints.append(complaint)
        else:
            calls.append(PlannedCall(line["tool"], arguments, line.start()))
    return Reply("\n".join(complaints), tuple(calls))


def _read(line: re.Match[str], scene: RuleInput) -> tuple[Data, str]:
    tool, raw = line["tool"], line["json"].strip()
    if tool not in scene.tools:
        offered = ", ".join(scene.tools) or "none"
        return {}, f"I cannot call {tool!r}: no such tool is on offer here. On offer: {offered}."
    try:
        arguments = json.loads(raw or "{}")
    except (ValueError, RecursionError) as error:
        return {}, f"I cannot call {tool}: its arguments are not valid JSON ({error})."
    if (known := as_object(arguments)) is None:
        return {}, f"I cannot call {tool}: its arguments must be a JSON object."
    return known, ""
