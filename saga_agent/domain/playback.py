"""From message parts back to chunks: how a message is told once its log is gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from saga_agent.domain import chunks as c
from saga_agent.domain.record import JsonObject


def chunks_of(parts: Iterable[JsonObject]) -> Iterator[c.Chunk]:
    """Chunks that build these parts of a settled message; parts that no chunk makes are left out.

    Law: building the chunks of what `PartsBuilder.seal` gave gives the same parts again.
    """
    step_open = False
    for number, part in enumerate(parts):
        kind = str(part["type"])
        if kind == "step-start":
            if step_open:
                yield c.FinishStep()
            step_open = True
            yield c.StartStep()
        elif kind in ("text", "reasoning"):
            yield from _words(kind, f"{kind}-{number}", str(part["text"]))
        elif kind.startswith("data-"):
            yield c.Data.model_validate({name: part[name] for name in ("type", "id", "data") if name in part})
        elif kind.startswith("tool-"):
            yield from _call(part, kind.removeprefix("tool-"))
    if step_open:
        yield c.FinishStep()


def _words(kind: str, part_id: str, words: str) -> Iterator[c.Chunk]:
    is_text = kind == "text"
    yield c.TextStart(id=part_id) if is_text else c.ReasoningStart(id=part_id)
    if words:
        yield c.TextDelta(id=part_id, delta=words) if is_text else c.ReasoningDelta(id=part_id, delta=words)
    yield c.TextEnd(id=part_id) if is_text else c.ReasoningEnd(id=part_id)


def _call(part: JsonObject, tool: str) -> Iterator[c.Chunk]:
    call_id, approval = str(part["toolCallId"]), part.get("approval")
    yield c.ToolInputAvailable(tool_call_id=call_id, tool_name=tool, input=part.get("input"))
    if isinstance(approval, dict) and "id" in approval:
        yield c.ToolApprovalRequest(approval_id=str(approval["id"]), tool_call_id=call_id)
    match part["state"]:
        case "output-available":
            yield c.ToolOutputAvailable(tool_call_id=call_id, output=part.get("output"))
        case "output-denied":
            yield c.ToolOutputDenied(tool_call_id=call_id)
        case "output-error":
            yield c.ToolOutputError(tool_call_id=call_id, error_text=str(part.get("errorText", "")))
        case _:
            pass
