"""What a tool gives back: a result the model reads, or a failure with a closed code."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from saga_agent.domain.entity import Evidence
from saga_agent.domain.record import JsonObject, Model

FailureCode = Literal[
    "invalid_argument", "not_found", "ambiguous_reference", "conflict", "too_large", "permission_denied",
    "needs_approval", "unavailable", "llm_unavailable", "cancelled",
]  # fmt: skip


class ToolFailure(Exception):
    """A failure for the model to read and act on; people get `SagaError`s instead."""

    def __init__(self, code: FailureCode, message: str, *, hint: str = "", candidates: tuple[str, ...] = ()) -> None:
        self.code: FailureCode = code
        self.message, self.hint, self.candidates = message, hint, candidates
        super().__init__(message)

    def to_result(self) -> ToolResult:
        """The failure as the model reads it."""
        error: JsonObject = {"code": self.code, "message": self.message}
        if self.hint:
            error["hint"] = self.hint
        if self.candidates:
            error["candidates"] = list(self.candidates)
        return ToolResult(ok=False, error=error)


class Finding(Model):
    """Something a check noticed, with its evidence; its id is stable across runs."""

    id: str
    code: str
    severity: Literal["error", "warning", "info"]
    message: str
    subjects: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    certainty: Literal["certain", "possible"] = "certain"
    waived_by: str | None = None


class ToolResult(Model):
    """The shape that all tools share; fields at their default are left out of what the model reads."""

    ok: bool = True
    data: JsonObject = Field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    proposals: tuple[str, ...] = ()
    """Ids of proposals that wait for the writer."""
    warnings: tuple[str, ...] = ()
    error: JsonObject | None = None
    engine: Literal["algorithm", "llm", "mixed"] = "algorithm"
    truncated: bool = False

    def to_json(self) -> str:
        """The result as the model reads it: compact JSON, defaults left out, `ok` always there."""
        self.model_fields_set.add("ok")
        return self.model_dump_json(exclude_unset=True)
