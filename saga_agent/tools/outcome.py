"""What goes into the gate, and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from saga_agent.domain.journal import ReasonCode, ToolCall
from saga_agent.domain.record import JsonObject, content_hash
from saga_agent.domain.requests import Request

LOOP_RULE = "loop guard"
STOP_RULE = "stopped by the writer"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedCall:
    """A call as the model made it; `arguments` None when its text is no complete JSON object (`problem` says why)."""

    id: str
    name: str
    arguments: JsonObject | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FrozenCall:
    """A tool's name with the arguments that count from now on, and their hash."""

    tool: str
    arguments: JsonObject
    arguments_hash: str

    @classmethod
    def of(cls, tool: str, arguments: JsonObject) -> Self:
        """The call with the hash of its arguments."""
        return cls(tool, arguments, content_hash(arguments))


@dataclass(frozen=True, slots=True)
class Done:
    """The call is settled; `result` is JSON text for the model."""

    result: str
    ok: bool
    stop_run: bool = False
    """The run ends here: the writer asked for it, or the loop guard."""
    stop_code: ReasonCode = ""
    """Why it ends: `writer` or `loop`."""

    @classmethod
    def of(cls, call: ToolCall) -> Done:
        """The outcome of a finished call; the same from its row as when it was decided."""
        code: ReasonCode = {LOOP_RULE: "loop", STOP_RULE: "writer"}.get(call.rule, "")  # pyright: ignore[reportAssignmentType]
        return cls(call.result or "", bool(call.ok), bool(code), code)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The call waits for the writer: for its own request, or for those of the subagent it called."""

    requests: tuple[Request, ...]
