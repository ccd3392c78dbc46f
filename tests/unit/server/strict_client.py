"""A client as strict as the strictest release of each AI SDK: what would be fatal there fails here.

Written from the documented rules (sections 2 to 7 of the wire's specification), not from our encoder: known types and
fields per major, no nulls, the order of chunks, and the helpers by which pages send by themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]
_COMMON: dict[str, tuple[set[str], set[str]]] = {
    # type: (required, optional)
    "start": ({"messageId"}, {"messageMetadata"}),
    "start-step": (set(), set()),
    "finish-step": (set(), set()),
    "text-start": ({"id"}, set()),
    "text-delta": ({"id", "delta"}, set()),
    "text-end": ({"id"}, set()),
    "reasoning-start": ({"id"}, set()),
    "reasoning-delta": ({"id", "delta"}, set()),
    "reasoning-end": ({"id"}, set()),
    "tool-input-start": ({"toolCallId", "toolName"}, set()),
    "tool-input-delta": ({"toolCallId", "inputTextDelta"}, set()),
    "tool-input-available": ({"toolCallId", "toolName", "input"}, set()),
    "tool-output-available": ({"toolCallId", "output"}, set()),
    "tool-output-error": ({"toolCallId", "errorText"}, set()),
    "message-metadata": ({"messageMetadata"}, set()),
    "finish": (set(), {"messageMetadata"}),
    "error": ({"errorText"}, set()),
    "abort": (set(), set()),
}
_SINCE_6: dict[str, tuple[set[str], set[str]]] = {
    "tool-input-error": ({"toolCallId", "toolName", "input", "errorText"}, set()),
    "tool-approval-request": ({"approvalId", "toolCallId"}, set()),
    "tool-output-denied": ({"toolCallId"}, set()),
    "finish": (set(), {"messageMetadata", "finishReason"}),
}
_SINCE_7: dict[str, tuple[set[str], set[str]]] = {"tool-approval-response": ({"approvalId", "approved"}, {"reason"})}
_REASONS = {"stop", "length", "content-filter", "tool-calls", "error", "other"}
_NULLABLE = {"input", "output", "data", "messageMetadata"}


class Fatal(AssertionError):
    """A real client would have given up here."""


def read_events(body: str) -> list[Json]:
    """The events of a whole response; comments are skipped, `[DONE]` must end it."""
    blocks = [block for block in body.split("\n\n") if block and not block.startswith(":")]
    assert all(block.startswith("data: ") for block in blocks), blocks
    assert blocks[-1] == "data: [DONE]", "the response was not told to its end"
    return [json.loads(block.removeprefix("data: ")) for block in blocks[:-1]]


class StrictClient:
    """One chat of a page: it reads responses into its last assistant message."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.message: Json | None = None
        self.error: str | None = None
        self.finish_reason: str | None = None
        self._open: dict[str, Json] = {}
        self._begun = False

    def read(self, events: Iterable[Json]) -> Json:
        """Takes one response; gives the message. `Fatal` where a client would err."""
        self._begun, self._open = False, {}
        terminal = False
        for event in events:
            if self.error is not None:
                break
            if terminal:
                raise Fatal(f"{event['type']} after the end")
            self._check(event)
            self._take(event)
            terminal = event["type"] in ("finish", "error", "abort")
        if not terminal:
            raise Fatal("the response ends without its end")
        assert self.message is not None
        return self.message

    @property
    def parts(self) -> list[Json]:
        """The parts of the message."""
        assert self.message is not None
        return self.message["parts"]

    @property
    def text(self) -> str:
        """Its text."""
        return "".join(part["text"] for part in self.parts if part["type"] == "text")

    def call(self, tool: str) -> Json:
        """The newest call of that tool."""
        return [part for part in self.parts if part["type"] == f"tool-{tool}"][-1]

    def respond(self, approval_id: str, *, approved: bool, reason: str | None = None) -> None:
        """The writer clicks: what `addToolApprovalResponse` makes of the part."""
        (part,) = [part for part in self.parts if part.get("approval", {}).get("id") == approval_id]
        part["state"] = "approval-responded"
        part["approval"] |= {"approved": approved, **({"reason": reason} if reason else {})}

    def add_output(self, tool: str, output: Any) -> None:
        """What `addToolOutput` makes of the call's part."""
        self.call(tool).update(state="output-available", output=output)

    def sends_by_itself(self) -> bool:
        """Whether either helper for `sendAutomaticallyWhen` would make the page post."""
        last_step = max((i for i, part in enumerate(self.parts) if part["type"] == "step-start"), default=-1)
        calls = [part for part in self.parts[last_step + 1 :] if "toolCallId" in part]
        done = {"output-available", "output-error"}
        by_outputs = bool(calls) and all(part["state"] in done for part in calls)
        decided = {*done, "approval-responded"}
        by_approvals = any(part["state"] == "approval-responded" for part in calls) and all(
            part["state"] in decided for part in calls
        )
        return self.error is None and (by_outputs or by_approvals)

    def _check(self, event: Json) -> None:
        kind = event["type"]
        if kind.startswith("data-"):
            known: tuple[set[str], set[str]] | None = ({"data"}, {"id", "transient"})
        else:
            table = _COMMON | (_SINCE_6 if self.version >= 6 else {}) | (_SINCE_7 if self.version >= 7 else {})
            known = table.get(kind)
        if known is None:
            raise Fatal(f"{self.version} knows no type {kind!r}")
        required, optional = known
        fields = event.keys() - {"type"}
        if not required <= fields <= required | optional:
            raise Fatal(f"{kind} has the fields {sorted(fields)}")
        if nulls := [name for name in fields - _NULLABLE if event[name] is None]:
            raise Fatal(f"{kind} has null in {nulls}")
        if kind == "finish" and event.get("finishReason", "stop") not in _REASONS:
            raise Fatal(f"unknown reason {event['finishReason']!r}")

    def _take(self, event: Json) -> None:
        kind = event["type"]
        if not self._begun and kind != "start":
            raise Fatal("the first event is no start")
        match kind:
            case "start":
                self._start(event)
            case "start-step":
                self.parts.append({"type": "step-start"})
            case "finish-step":
                if self._open:
                    raise Fatal("a part is open at the end of its step")
            case "error":
                self.error = event["errorText"]
            case "finish":
                self.finish_reason = event.get("finishReason")
            case "abort" | "message-metadata":
                pass
            case _ if kind.startswith("data-"):
                self._data(event)
            case _ if kind.startswith("tool-"):
                self._tool(event)
            case _:
                self._words(event)

    def _words(self, event: Json) -> None:
        kind, part_id = event["type"], event["id"]
        if kind.endswith("-start") is (part_id in self._open):
            raise Fatal(f"{kind} of {part_id!r}, which is {'open already' if part_id in self._open else 'not open'}")
        if kind.endswith("-start"):
            self._open[part_id] = {"type": kind.removesuffix("-start"), "text": "", "state": "streaming"}
            self.parts.append(self._open[part_id])
        elif kind.endswith("-delta"):
            self._open[part_id]["text"] += event["delta"]
        else:
            self._open.pop(part_id)["state"] = "done"

    def _start(self, event: Json) -> None:
        if self._begun:
            raise Fatal("a second start")
        self._begun = True
        if self.message is None or self.message["id"] != event["messageId"]:
            self.message = {"id": event["messageId"], "role": "assistant", "parts": []}
        self.message["metadata"] = event.get("messageMetadata")

    def _data(self, event: Json) -> None:
        if event.get("transient"):
            return
        for part in self.parts:
            if part["type"] == event["type"] and part.get("id") == event.get("id") is not None:
                part["data"] = event["data"]
                return
        self.parts.append({name: event[name] for name in ("type", "id", "data") if name in event})

    def _tool(self, event: Json) -> None:
        kind = event["type"]
        if kind == "tool-approval-response":
            return self._response(event)
        part = self._invocation(event)
        match kind:
            case "tool-input-start":
                part |= {"state": "input-streaming", "raw": ""}
            case "tool-input-delta":
                if part["state"] != "input-streaming":
                    raise Fatal("a delta of a call that did not begin")
                part["raw"] += event["inputTextDelta"]
            case "tool-input-available":
                part |= {"state": "input-available", "input": event["input"]}
            case "tool-approval-request":
                part |= {"state": "approval-requested", "approval": {"id": event["approvalId"]}}
            case "tool-output-available":
                part |= {"state": "output-available", "output": event["output"]}
            case "tool-output-denied":
                part["state"] = "output-denied"
            case _:  # tool-input-error, tool-output-error
                part |= {"state": "output-error", "errorText": event["errorText"]}

    def _invocation(self, event: Json) -> Json:
        """The part of the call; a new one where a call begins."""
        known = [part for part in self.parts if part.get("toolCallId") == event["toolCallId"]]
        if known and event["type"] == "tool-input-start":
            raise Fatal("a call begins twice")
        if not known and "toolName" not in event:
            raise Fatal(f"{event['type']}: no tool invocation found for {event['toolCallId']!r}")
        if not known:
            known = [{"type": f"tool-{event['toolName']}", "toolCallId": event["toolCallId"], "state": ""}]
            self.parts.append(known[0])
        return known[0]

    def _response(self, event: Json) -> None:
        found = [part for part in self.parts if part.get("approval", {}).get("id") == event["approvalId"]]
        if not found:
            raise Fatal("a response to an approval that is not known")
        found[0]["approval"]["approved"] = event["approved"]
        found[0]["state"] = "approval-responded"
