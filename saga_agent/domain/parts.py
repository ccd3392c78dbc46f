"""From chunks to message parts: the one reducer that history, recovery and readers share."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Final

from pydantic import JsonValue

from saga_agent.domain import chunks as c
from saga_agent.domain.record import JsonObject

_TOOL_STATES = {"input-streaming", "input-available", "approval-requested", "approval-responded"}
_IN_DOUBT = "this call had begun, and may have had its effect."
_GROWING: Final = ("text", "rawInput")
"""Fields that hold a list of pieces while they grow: gluing each piece on would take quadratic time."""


class PartsBuilder:
    """Builds a message's parts chunk by chunk; `parts` is valid after every chunk.

    Feed chunks without rewinds; `replay` of the streams floor takes those out first.
    """

    def __init__(self, parts: Iterable[JsonObject] = ()) -> None:
        self.metadata: JsonObject = {}
        self._parts: list[JsonObject] = [dict(part) for part in parts]
        self._open: dict[str, JsonObject] = {}
        self._tools: dict[str, JsonObject] = {
            str(part["toolCallId"]): part for part in self._parts if "toolCallId" in part
        }

    @property
    def parts(self) -> tuple[JsonObject, ...]:
        """The parts so far, as UI messages hold them."""
        return tuple(_shown(part) for part in self._parts)

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(_glued(part["text"]) for part in self._parts if part["type"] == "text")

    def call_state(self, call_id: str) -> str:
        """The state of that tool call's part; empty if there is none."""
        return str(self._tools[call_id]["state"]) if call_id in self._tools else ""

    def add(self, chunk: c.Chunk) -> None:
        """Takes in one chunk; `KeyError` for more of a part that was never begun."""
        match chunk:
            case c.TextDelta() | c.ReasoningDelta():
                _grow(self._open[chunk.id], "text", chunk.delta)
            case c.TextStart() | c.ReasoningStart():
                kind = "text" if isinstance(chunk, c.TextStart) else "reasoning"
                self._open[chunk.id] = self._append({"type": kind, "text": "", "state": "streaming"})
            case c.TextEnd() | c.ReasoningEnd():
                self._open.pop(chunk.id)["state"] = "done"
            case c.StartStep():
                self._append({"type": "step-start"})
            case c.Start() | c.MessageMetadata() | c.Finish():
                if isinstance(chunk.message_metadata, dict):
                    self.metadata |= chunk.message_metadata
            case c.Data():
                self._add_data(chunk)
            case _:
                self._add_tool(chunk)

    @property
    def open_calls(self) -> tuple[str, ...]:
        """The calls whose outcome is not known, in the order they were made."""
        return tuple(call_id for call_id, part in self._tools.items() if part["state"] in _TOOL_STATES)

    def seal(self, reason: str, *, begun: Collection[str] = ()) -> tuple[JsonObject, ...]:
        """The parts closed for good: open text is done, calls without a result are errors with that reason.

        Of calls that were `begun`, and whose outcome nobody knows, the error says so.
        """
        for part in self._open.values():
            part["state"] = "done"
        self._open.clear()
        for call_id in self.open_calls:
            words = f"{reason.rstrip('.')}: {_IN_DOUBT}" if call_id in begun else reason
            _settle(self._tools[call_id], "output-error", errorText=words)
        return self.parts

    def _append(self, part: JsonObject) -> JsonObject:
        self._parts.append(part)
        return part

    def _add_data(self, chunk: c.Data) -> None:
        if chunk.transient:
            return
        for part in self._parts:
            if chunk.id is not None and part["type"] == chunk.type and part.get("id") == chunk.id:
                part["data"] = chunk.data
                return
        self._append({"type": chunk.type, **({"id": chunk.id} if chunk.id is not None else {}), "data": chunk.data})

    def _add_tool(self, chunk: c.Chunk) -> None:
        match chunk:
            case c.ToolInputStart():
                self._tool(chunk.tool_call_id, chunk.tool_name).update(state="input-streaming", rawInput="")
            case c.ToolInputDelta():
                _grow(self._tools[chunk.tool_call_id], "rawInput", chunk.input_text_delta)
            case c.ToolInputAvailable():
                _settle(self._tool(chunk.tool_call_id, chunk.tool_name), "input-available", input=chunk.input)
            case c.ToolInputError():
                part = self._tool(chunk.tool_call_id, chunk.tool_name)
                _settle(part, "output-error", input=chunk.input, errorText=chunk.error_text)
            case c.ToolApprovalRequest():
                part = self._tools[chunk.tool_call_id]
                part.update(state="approval-requested", approval={"id": chunk.approval_id})
            case c.ToolOutputAvailable():
                part = self._tools[chunk.tool_call_id]
                _approve(part)
                _settle(part, "output-available", output=chunk.output)
            case c.ToolOutputError():
                _settle(self._tools[chunk.tool_call_id], "output-error", errorText=chunk.error_text)
            case c.ToolOutputDenied():
                part = self._tools[chunk.tool_call_id]
                part.update(state="output-denied", approval={**_object(part.get("approval")), "approved": False})
            case _:
                pass

    def _tool(self, call_id: str, name: str) -> JsonObject:
        if call_id not in self._tools:
            self._tools[call_id] = self._append({"type": f"tool-{name}", "toolCallId": call_id, "state": ""})
        return self._tools[call_id]


def _grow(part: JsonObject, name: str, piece: str) -> None:
    pieces = part.get(name, "")
    if not isinstance(pieces, list):
        part[name] = pieces = list[JsonValue]([pieces])
    pieces.append(piece)


def _glued(value: JsonValue) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value)


def _shown(part: JsonObject) -> JsonObject:
    return {name: _glued(value) if name in _GROWING else value for name, value in part.items()}


def _approve(part: JsonObject) -> None:
    if "approval" in part:
        part["approval"] = {**_object(part["approval"]), "approved": True}


def _settle(part: JsonObject, state: str, **fields: JsonValue) -> None:
    raw = part.pop("rawInput", None)
    part.update(state=state, **fields)
    if "input" not in part:
        part["input"] = _lenient(_glued(raw)) if raw else {}


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _lenient(raw: str) -> JsonValue:
    # Half-streamed arguments are shown, never run: keep the text when it is no JSON.
    try:
        return json.loads(raw)
    except ValueError:
        return {"raw": raw}
