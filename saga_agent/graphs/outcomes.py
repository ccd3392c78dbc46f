"""What came of calls, as the message shows it."""

from __future__ import annotations

import json

from saga_agent.domain import chunks as c
from saga_agent.domain.record import JsonObject
from saga_agent.streams.message import MessageStream
from saga_agent.tools.outcome import Done

_REFUSED = ("permission_denied", "cancelled")
_SETTLED = ("output-available", "output-error", "output-denied")


async def show_outcome(stream: MessageStream, call_id: str, outcome: Done) -> None:
    """Shows what came of the call, unless it is shown: a task that runs again after a crash finds it so."""
    if stream.call_state(call_id) in _SETTLED:
        return
    result: JsonObject = json.loads(outcome.result)
    if outcome.ok:
        await stream.emit(c.ToolOutputAvailable(tool_call_id=call_id, output=result))
        for part in _found(call_id, result):
            await stream.emit(part)
        return
    error = result.get("error")
    code, text = (error.get("code"), str(error.get("message"))) if isinstance(error, dict) else (None, "It failed.")
    if code in _REFUSED and stream.call_state(call_id) == "approval-requested":
        await stream.emit(c.ToolOutputDenied(tool_call_id=call_id))
    else:
        await stream.emit(c.ToolOutputError(tool_call_id=call_id, error_text=text))


def _found(call_id: str, result: JsonObject) -> list[c.Data]:
    """What pages show beside the text: findings, and proposals that wait."""
    parts: list[c.Data] = []
    if findings := result.get("findings"):
        data: JsonObject = {"toolCallId": call_id, "findings": findings}
        parts.append(c.Data(type="data-findings", id=call_id, data=data))
    if proposals := result.get("proposals"):
        parts.append(c.Data(type="data-proposals", id=call_id, data={"toolCallId": call_id, "proposalIds": proposals}))
    return parts
