"""The manifest: what a turn's prompt is made of, as ids, revisions and token counts; anyone can read it afterwards."""

from __future__ import annotations

from saga_agent.domain.record import Model


class MessageRef(Model):
    """A message of the thread."""

    id: str
    tokens: int


class EntityRef(Model):
    """An entity of the bible, at a revision."""

    id: str
    rev: int


class PassageRef(Model):
    """A stretch of a document, at a revision; half-open offsets."""

    document_id: str
    rev: int
    start: int
    end: int


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
    left_out: tuple[str, ...] = ()
    """What did not fit, in words."""
    tokens: int = 0
    """Of history, entities and passages together, as counted when it was built."""
