"""From our chunks to the events a client of a given AI SDK understands.

Clients are strict: an unknown type, an unknown field, a null or a chunk out of order is fatal to the whole answer. So
events are built from the fields that every release of a major knows, and what would break the order is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from pydantic import JsonValue

from saga_agent.domain import chunks as c
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Approval, Approve, Deny, Edit
from saga_agent.server.settings import SdkVersion

Events = list[JsonObject]
_Outcome = c.ToolOutputAvailable | c.ToolOutputError | c.ToolOutputDenied
_OUTCOMES = (c.ToolOutputAvailable, c.ToolOutputError, c.ToolOutputDenied)
_DENIED = "The writer declined this call."
_UNANSWERED = "The answer ended before this call did."
_NULLABLE = frozenset({"input", "output", "data"})
_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "start": ("messageId", "messageMetadata"),
    "start-step": (),
    "finish-step": (),
    "text-start": ("id",),
    "text-delta": ("id", "delta"),
    "text-end": ("id",),
    "reasoning-start": ("id",),
    "reasoning-delta": ("id", "delta"),
    "reasoning-end": ("id",),
    "tool-input-start": ("toolCallId", "toolName"),
    "tool-input-delta": ("toolCallId", "inputTextDelta"),
    "tool-input-available": ("toolCallId", "toolName", "input"),
    "tool-input-error": ("toolCallId", "toolName", "input", "errorText"),
    "tool-output-available": ("toolCallId", "output"),
    "tool-output-error": ("toolCallId", "errorText"),
    "tool-output-denied": ("toolCallId",),
    "message-metadata": ("messageMetadata",),
    "finish": ("finishReason", "messageMetadata"),
    "error": ("errorText",),
    "abort": (),
}
"""Ours as every release knows them; what is not listed is never sent."""


class Encoder:
    """Encodes one HTTP response; feed it the message's chunks from the first on, without rewinds."""

    def __init__(self, version: SdkVersion, *, metadata: JsonObject, given: Collection[str] = ()) -> None:
        """Makes one for a client that has given the outcome of the calls `given` itself: they are not told of it."""
        self._version, self._metadata, self._given = version, metadata, given
        self._approvals: dict[str, Approval] = {}
        self._outcomes: dict[str, JsonObject] = {}
        """Call id -> the outcome that a page gave, which stands in place of the server's."""
        self._has_begun = False
        self._open_parts: set[str] = set()
        self._calls: dict[str, str] = {}
        """Call id -> tool, of all calls the client knows."""
        self._streaming: set[str] = set()
        self._step: dict[str, bool] = {}
        """Call id -> whether it has its outcome, of the calls since the last step began."""
        self._asked: dict[str, str] = {}
        """Call id -> approval id, of approvals the client believes to be open."""

    def learn(self, approvals: Iterable[Approval], outcomes: Mapping[str, JsonObject] | None = None) -> None:
        """Takes in how the message's approvals stand, and what pages gave as the outcome of its calls.

        A replay shows no request that is answered as open.
        """
        self._approvals |= {approval.id: approval for approval in approvals}
        self._outcomes |= outcomes or {}

    def tool_of(self, chunk: c.Chunk) -> str | None:
        """The tool whose outcome that chunk tells; None for other chunks."""
        return self._calls.get(chunk.tool_call_id) if isinstance(chunk, _OUTCOMES) else None

    def feed(self, chunk: c.Chunk) -> Events:
        """The events of that chunk; none for one that this client cannot take."""
        match chunk:
            case c.Start():
                return [] if self._has_begun else [self.start(chunk.message_id)]
            case c.StartStep():
                self._step.clear()
                return [_plain(chunk)]
            case c.TextStart() | c.ReasoningStart():
                self._open_parts.add(chunk.id)
                return [_plain(chunk)]
            case c.TextDelta() | c.ReasoningDelta():
                return [_plain(chunk)] if chunk.id in self._open_parts else []
            case c.TextEnd() | c.ReasoningEnd():
                known = chunk.id in self._open_parts
                self._open_parts.discard(chunk.id)
                return [_plain(chunk)] if known else []
            case c.Data():
                return [_without_nulls(chunk.to_dict())]
            case c.Finish() | c.Error() | c.Abort():
                return self._end(chunk)
            case c.FinishStep() | c.MessageMetadata():
                return [_plain(chunk)]
            case c.Rewind():
                raise ValueError("A rewind is never sent to a client; cut the connection, so that it asks again.")
            case _:
                return self._tool(chunk)

    def start(self, message_id: str) -> JsonObject:
        """The first event of every response, whatever has to be told before the message's own first chunk."""
        self._has_begun = True
        return {"type": "start", "messageId": message_id, "messageMetadata": self._metadata}

    def decided(self, request: Approval) -> Events:
        """Tells the client of a decision, where its SDK can be told."""
        if self._version == 5:
            return [self._approval_data(request.id, request.call_id)]
        return self._response(request.id) if self._asked.pop(request.call_id, None) else []

    def pause(self) -> Events:
        """The end of a response whose run waits for answers."""
        return [self._finish("tool-calls")]

    def _tool(self, chunk: c.Chunk) -> Events:
        match chunk:
            case c.ToolInputStart():
                self._streaming.add(chunk.tool_call_id)
                self._know(chunk.tool_call_id, chunk.tool_name)
            case c.ToolInputAvailable():
                self._know(chunk.tool_call_id, chunk.tool_name)
            case c.ToolInputDelta():
                return [_plain(chunk)] if chunk.tool_call_id in self._streaming else []
            case c.ToolInputError():
                return self._input_error(chunk)
            case c.ToolApprovalRequest():
                return self._ask(chunk) if chunk.tool_call_id in self._calls else []
            case c.ToolOutputAvailable() | c.ToolOutputError() | c.ToolOutputDenied():
                return self._outcome(self._shown(chunk)) if chunk.tool_call_id in self._calls else []
            case _:
                return []
        return [_plain(chunk)]

    def _know(self, call_id: str, tool: str) -> None:
        self._calls[call_id] = tool
        self._step.setdefault(call_id, False)

    def _input_error(self, chunk: c.ToolInputError) -> Events:
        self._know(chunk.tool_call_id, chunk.tool_name)
        self._step[chunk.tool_call_id] = True
        if self._version != 5:
            return [_plain(chunk)]
        # Early releases of 5 do not know the type.
        call = c.ToolInputAvailable(tool_call_id=chunk.tool_call_id, tool_name=chunk.tool_name, input=chunk.input)
        return [_plain(call), _plain(c.ToolOutputError(tool_call_id=chunk.tool_call_id, error_text=chunk.error_text))]

    def _ask(self, chunk: c.ToolApprovalRequest) -> Events:
        if self._version == 5:
            return [self._approval_data(chunk.approval_id, chunk.tool_call_id)]
        if self._version == 6 and self._is_approved(chunk.approval_id):
            return []  # 6 cannot be told that it was approved, and refuses the part of an output that was not
        self._asked[chunk.tool_call_id] = chunk.approval_id
        request: JsonObject = {"type": chunk.type, "approvalId": chunk.approval_id, "toolCallId": chunk.tool_call_id}
        return [request, *self.decided(found)] if (found := self._decision(chunk.approval_id)) else [request]

    def _shown(self, chunk: _Outcome) -> _Outcome:
        """The outcome in the words of the page that gave it, else as it is."""
        call_id = chunk.tool_call_id
        if (given := self._outcomes.get(call_id)) is None:
            return chunk
        if given["state"] == "output-error":
            return c.ToolOutputError(tool_call_id=call_id, error_text=str(given["errorText"]))
        return c.ToolOutputAvailable(tool_call_id=call_id, output=given["output"])

    def _outcome(self, chunk: _Outcome) -> Events:
        call_id = chunk.tool_call_id
        if call_id in self._step:
            self._step[call_id] = True
        denied = isinstance(chunk, c.ToolOutputDenied)
        approval_id = self._asked.pop(call_id, None)
        before = self._response(approval_id, approved=not denied) if approval_id else []
        if denied and self._version == 5:
            return [_plain(c.ToolOutputError(tool_call_id=call_id, error_text=_DENIED))]
        return before if call_id in self._given else [*before, _plain(chunk)]

    def _response(self, approval_id: str, *, approved: bool | None = None) -> Events:
        if self._version != 7:
            return []
        request = self._approvals.get(approval_id)
        if approved is None:
            approved = self._is_approved(approval_id)
        response: JsonObject = {"type": "tool-approval-response", "approvalId": approval_id, "approved": approved}
        if request is not None and isinstance(request.reply, Deny) and request.reply.feedback:
            response["reason"] = request.reply.feedback
        return [response]

    def _approval_data(self, approval_id: str, call_id: str) -> JsonObject:
        request = self._decision(approval_id)
        state = "requested" if request is None else "approved" if self._is_approved(approval_id) else "denied"
        data: JsonObject = {
            "approvalId": approval_id,
            "toolCallId": call_id,
            "toolName": self._calls.get(call_id, ""),
            "state": state,
        }
        return {"type": "data-approval", "id": approval_id, "data": data}

    def _decision(self, approval_id: str) -> Approval | None:
        """The approval, once it is answered."""
        request = self._approvals.get(approval_id)
        return request if request is not None and request.reply is not None else None

    def _is_approved(self, approval_id: str) -> bool:
        request = self._decision(approval_id)
        return request is not None and isinstance(request.reply, Approve | Edit)

    def _end(self, chunk: c.Finish | c.Error | c.Abort) -> Events:
        events: Events = []
        if not isinstance(chunk, c.Finish):
            for call_id in [call_id for call_id, settled in self._step.items() if not settled]:
                events += self._outcome(c.ToolOutputError(tool_call_id=call_id, error_text=_UNANSWERED))
        if self._step and all(self._step.values()):
            # A page that sends by itself when all calls of the last step have their outcome would post for ever.
            events += [_plain(c.StartStep()), _plain(c.FinishStep())]
        last = self._finish(chunk.finish_reason) if isinstance(chunk, c.Finish) else _plain(chunk)
        return [*events, last]

    def _finish(self, reason: c.FinishReason | None) -> JsonObject:
        if self._version == 5 or reason is None:  # releases of 5 before 5.0.92 refuse a reason
            return {"type": "finish"}
        return {"type": "finish", "finishReason": reason}


def _plain(chunk: c.Chunk) -> JsonObject:
    fields = chunk.to_dict()
    known: JsonObject = {name: fields[name] for name in _FIELDS[chunk.type] if name in fields}
    return {"type": chunk.type, **_without_nulls(known)}


def _without_nulls(fields: JsonObject) -> JsonObject:
    def stays(name: str, value: JsonValue) -> bool:
        return value is not None or name in _NULLABLE

    return {name: value for name, value in fields.items() if stays(name, value)}
