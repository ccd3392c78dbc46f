"""What a tool gives back: a result the model reads, or a failure with a closed code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from pydantic import Field

from saga_agent.domain.finding import Finding
from saga_agent.domain.plain import readable
from saga_agent.domain.record import JsonObject, Model
from saga_agent.domain.requests import Request

FailureCode = Literal[
    "invalid_argument",
    "not_found",
    "ambiguous_reference",
    "conflict",
    "too_large",
    "permission_denied",
    "needs_approval",
    "unavailable",
    "llm_unavailable",
    "cancelled",
    "loop",
]


_MOST_CANDIDATES = 50


class ToolFailure(Exception):
    """A failure for the model to read and act on; people get `SagaError`s instead.

    Its words are cut after 2,000 characters; what no code of ours names is `unavailable`.
    """

    def __init__(self, code: FailureCode, message: str, *, hint: str = "", candidates: Sequence[str] = ()) -> None:
        self.code: FailureCode = code if code in get_args(FailureCode) else "unavailable"
        self.message, self.hint = readable(message), readable(hint)
        self.candidates = tuple(readable(each) for each in candidates[:_MOST_CANDIDATES])
        super().__init__(self.message)

    def to_result(self) -> ToolResult:
        """The failure as the model reads it."""
        error: JsonObject = {"code": self.code, "message": self.message}
        if self.hint:
            error["hint"] = self.hint
        if self.candidates:
            error["candidates"] = list(self.candidates)
        return ToolResult(ok=False, error=error)


class Parked(Exception):
    """Raised by an idempotent tool whose work waits for the writer; the gate runs the call again after the answer."""

    def __init__(self, requests: Sequence[Request]) -> None:
        self.requests = tuple(requests)
        super().__init__(f"{len(self.requests)} request(s) wait for the writer")


class ToolResult(Model):
    """The shape that all tools share; fields at their default are left out of what the model reads."""

    ok: bool = True
    data: JsonObject = Field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    proposals: tuple[str, ...] = ()
    """Ids of proposals that wait for the writer."""
    warnings: tuple[str, ...] = ()
    ui: tuple[JsonObject, ...] = ()
    """What the page may show of it: one object with an `event` for each."""
    error: JsonObject | None = None
    engine: Literal["algorithm", "llm", "mixed"] = "algorithm"
    truncated: bool = False

    def to_json(self) -> str:
        """The result as the model reads it: compact JSON, defaults left out, `ok` always there."""
        self.model_fields_set.add("ok")
        return self.model_dump_json(exclude_unset=True)
