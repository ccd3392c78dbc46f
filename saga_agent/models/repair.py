"""Brings the events of OpenAI-compatible servers into the shape that OpenAI documents.

Servers differ: usage in every event, a repeated finish reason or tool name, tool calls without id or index, several
calls under one index, an emoji split over two events. Merged as they are, such deltas give doubled counts ("stopstop"),
lost calls, or text that no database takes.
"""

from __future__ import annotations

import uuid
from typing import Any

Event = dict[str, Any]
"""One chat completion chunk, as parsed from JSON."""


class EventRepair:
    """The state of one answer's repair; `usage` and `finished` tell what its events have brought so far."""

    def __init__(self) -> None:
        self.usage: dict[str, Any] | None = None
        self.finished = False
        self._open: dict[object, tuple[int, str]] = {}
        self._ids: set[str] = set()
        self._half_character = ""

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
        if delta.get("tool_calls"):
            delta["tool_calls"] = [self._place(call) for call in delta["tool_calls"]]
        content: object = delta.get("content")
        if isinstance(content, str) and (self._half_character or not content.isascii()):
            delta["content"] = self._join_surrogates(content)
        return event

    def _place(self, call: dict[str, Any]) -> dict[str, Any]:
        """The delta of a tool call under its own index, with id and name in its first delta only."""
        given, call_id = call.get("index"), call.get("id") or ""
        function: Event = call.get("function") or Event()
        name = function.get("name")
        known = self._open.get(given)
        if name and (known is None or (call_id and call_id != known[1]) or (given is None and not call_id)):
            if not call_id or call_id in self._ids:
                call_id = f"call_{uuid.uuid4().hex[:24]}"
            self._open[given] = (len(self._ids), call_id)
            self._ids.add(call_id)
            return {"index": self._open[given][0], "id": call_id, "function": function}
        index = known[0] if known else 0
        return {"index": index, "id": None, "function": {"name": None, "arguments": function.get("arguments")}}

    def _join_surrogates(self, text: str) -> str:
        text = self._half_character + text
        self._half_character = ""
        if "\ud800" <= text[-1] <= "\udbff":
            text, self._half_character = text[:-1], text[-1]
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
