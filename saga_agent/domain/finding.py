"""What checks report: a finding with its evidence, and an id that stays the same across runs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from saga_agent.domain.entity import Evidence
from saga_agent.domain.record import JsonObject, Model

Severity = Literal["error", "warning", "info"]
Certainty = Literal["certain", "possible"]


class FactEvidence(Model):
    """A statement of the bible that a finding rests on, as it stood."""

    fact_id: str
    quote: str = ""
    """The statement in words, such as `eyes = blue`."""


class Finding(Model):
    """Something a check noticed, with its evidence; its id is stable across runs."""

    id: str
    code: str
    severity: Severity
    message: str
    subjects: tuple[str, ...] = ()
    """Ids of the entities and documents concerned; the places of a text are in the evidence."""
    evidence: tuple[Evidence | FactEvidence, ...] = ()
    """`document_id` is empty and `rev` 0 where a bare text was checked."""
    data: JsonObject = Field(default_factory=dict)
    certainty: Certainty = "certain"
    waived_by: str | None = None
    """The id of the waiver that accepts it."""
