"""What the tools that check a passage tell of it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from saga_agent.domain.record import JsonObject
from saga_agent.story.checks.passages import LoadedPassage, TextTooLong
from saga_agent.tools.result import ToolFailure

MOST_FINDINGS = 100


def looked_at(passage: LoadedPassage) -> JsonObject:
    """What was looked at, for the result's data."""
    document = passage.document
    if document is None:
        return {}
    return {"document": {"id": document.id, "title": document.label, "rev": document.rev}}


@contextmanager
def within_limits() -> Generator[None]:
    """Tells the model of too much text in its own words."""
    try:
        yield
    except TextTooLong as error:
        raise ToolFailure("too_large", str(error)) from error
