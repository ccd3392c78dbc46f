"""What the `data-*` parts of a message hold, as their published schemas and TypeScript types tell it."""

from __future__ import annotations

from typing import ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from saga_agent.domain.finding import Finding
from saga_agent.domain.journal import RunState


class DataPart(BaseModel):
    """The `data` of a part; its names are camelCase on the wire."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True
    )


class SubagentPart(DataPart):
    """How a subagent stands; the part's id is its run's, so that the newest state takes the place of the last."""

    agent: str
    task: str
    state: RunState
    run_id: str
    thread_id: str
    stream_id: str


class HandoverPart(DataPart):
    """Another agent goes on with the chat, from the message named."""

    from_agent: str
    to_agent: str
    message_id: str


class NoticePart(DataPart):
    """A sentence for the writer that is no part of the answer."""

    text: str


class FindingsPart(DataPart):
    """What a check noticed; the part's id is its call's."""

    tool_call_id: str
    findings: tuple[Finding, ...]


class ProposalsPart(DataPart):
    """Changes that a call offers and that wait to be taken; the part's id is its call's."""

    tool_call_id: str
    proposal_ids: tuple[str, ...]


class QueuePart(DataPart):
    """Where in the line a turn waits, told as it moves up and kept in no message."""

    position: int
    """1 is next."""


class UsagePart(DataPart):
    """What the answer took, told once when it is stored and kept in no message."""

    model_calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    """None when a price is not known."""
    estimated: bool
    """Whether a provider left tokens untold."""


class ApprovalPart(DataPart):
    """An approval, for pages on AI SDK 5, whose own parts know none; the part's id is the approval's."""

    approval_id: str
    tool_call_id: str
    tool_name: str
    state: Literal["requested", "approved", "denied"]


DATA_PARTS: Final[dict[str, type[DataPart]]] = {
    "approval": ApprovalPart,
    "findings": FindingsPart,
    "handover": HandoverPart,
    "notice": NoticePart,
    "proposals": ProposalsPart,
    "queue": QueuePart,
    "subagent": SubagentPart,
    "usage": UsagePart,
}
"""By the name after `data-`."""
