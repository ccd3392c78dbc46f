"""The manifest: what a turn's prompt is made of, as ids, revisions and token counts; anyone can read it afterwards."""

from __future__ import annotations

from typing import Literal

from saga_agent.domain.record import Model

Why = Literal["always", "named", "related", "known"]
"""Why an entity is there: the writer wants it always; it is named in the talk; it is tied to one that is; room."""


class MessageRef(Model):
    """A message of the thread."""

    id: str
    tokens: int
    """Of what is shown of it."""
    is_cut: bool = False
    """Whether it is too long to be shown whole: then its end is, as many tokens of it."""


class EntityRef(Model):
    """An entity of the bible, at a revision."""

    id: str
    rev: int
    why: Why = "known"
    tokens: int = 0
    """Of its description; 0 where only its names are shown."""


class PassageRef(Model):
    """A stretch of a document, at a revision; half-open offsets."""

    document_id: str
    rev: int
    start: int
    end: int
    tokens: int = 0


class Handover(Model):
    """The writer turned from one agent to another; the talk so far was the other's."""

    from_agent: str
    to_agent: str
    message_id: str
    """The last answer of the agent before."""

    @property
    def sentence(self) -> str:
        """What the agent who takes over is told."""
        return (
            f"The writer has turned from the agent {self.from_agent!r} to you, {self.to_agent!r}: what the assistant "
            f"says above is {self.from_agent!r} speaking. What it could do, you may not be able to; what it promised, "
            "you have not."
        )


class Manifest(Model):
    """What the model was shown, beside the agent's prompt; texts are loaded by these references."""

    project_id: str
    agent: str
    user_message_id: str
    history: tuple[MessageRef, ...] = ()
    entities: tuple[EntityRef, ...] = ()
    passages: tuple[PassageRef, ...] = ()
    summary_until: int = 0
    """The turn up to which the thread's summary stands in for messages; 0 without one."""
    handover: Handover | None = None
    notice: str = ""
    """What the writer should know of how it was chosen."""
    left_out: tuple[str, ...] = ()
    """What did not fit, in words."""
    tokens: int = 0
    """Of history, entities and passages together, as counted when it was built."""
