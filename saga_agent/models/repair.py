"""Brings the events of OpenAI-compatible servers into the shape that OpenAI documents.

Servers differ: usage in every event, a repeated finish reason or tool name, tool calls without id or index, several
calls under one index, arguments as an object, an emoji split over two events. Merged as they are, such deltas give
doubled counts ("stopstop"), lost calls, or text that no database takes.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection
from typing import Any

from saga_agent.domain.plain import TextJoiner
from saga_agent.models.call_deltas import CallDeltas

Event = dict[str, Any]
"""One chat completion chunk, as parsed from JSON."""


class EventRepair:
    """The state of one answer's repair; `usage` and `finished` tell what its events have brought so far."""

    def __init__(self, tools: Collection[str] = ()) -> None:
        self.usage: dict[str, Any] | None = None
        self.finished = False
        self._calls = CallDeltas(tools)
        self._ids: set[str] = set()
        self._content = TextJoiner()

    def apply(self, event: Event) -> Event | None:
        """The event in the documented shape, without its usage; `None` when nothing is left of it."""
        self.usage = event.pop("usage", None) or self.usage
        choices = event.get("choices")
        if not choices:
            return None
        choice = choices[0]
        delta: Event = choice.get("delta") or Event()
        choice["delta"] = delta
        if choice.get("finish_reason"):
            choice["finish_reason"] = None if self.finished else choice["finish_reason"]
            self.finished = True
        if calls := _calls_of(delta):
            delta["tool_calls"] = [self._place(call) for call in calls]
        content: object = delta.get("content")
        if isinstance(content, str):
            delta["content"] = self._content.feed(content)
        return event

    def _place(self, call: dict[str, Any]) -> dict[str, Any]:
        """The delta of a tool call under its own index, with its id in its first delta only and its name once."""
        function: Event = call.get("function") or Event()
        raw = function.get("arguments")
        arguments = raw if isinstance(raw, str) or raw is None else json.dumps(raw, ensure_ascii=False)
        placed = self._calls.place(
            index=call.get("index"),
            call_id=call.get("id") or "",
            name=function.get("name") or "",
            arguments=arguments or "",
        )
        function = {"name": placed.name or None, "arguments": arguments}
        return {"index": placed.call.slot, "id": self._new_id(call) if placed.is_new else None, "function": function}

    def _new_id(self, call: dict[str, Any]) -> str:
        call_id = call.get("id") or ""
        if not call_id or call_id in self._ids:
            call_id = f"call_{uuid.uuid4().hex[:24]}"
        self._ids.add(call_id)
        return call_id


def _calls_of(delta: Event) -> list[dict[str, Any]]:
    """The pieces of tool calls in a delta, those of the older form with one `function_call` too."""
    calls: Any = delta.get("tool_calls") or list[dict[str, Any]]()
    older = delta.pop("function_call", None)
    if older and not calls:
        return [{"index": 0, "function": older}]
    return [calls] if isinstance(calls, dict) else calls
