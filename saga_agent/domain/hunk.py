"""A hunk: one replacement in a text, with enough of its surroundings to find its place again."""

from __future__ import annotations

from pydantic import Field

from saga_agent.domain.record import Model


class Hunk(Model):
    """Puts `after` in the place of `before`; offsets are code points of the text it was made for."""

    id: str
    """Unique within its proposal or change."""
    start: int = Field(ge=0)
    before: str
    """The words it replaces; empty only where the whole text was."""
    after: str
    lead: str = ""
    """What stood right before them."""
    tail: str = ""
    """What stood right after them."""
    why: str = ""

    @property
    def end(self) -> int:
        """The offset after the words it replaces."""
        return self.start + len(self.before)
