"""Documents: the manuscript as parts, chapters, scenes and notes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from saga_agent.domain.record import Record
from saga_agent.domain.time import Scene, StoryInterval, TimeMode

DocumentKind = Literal["part", "chapter", "scene", "note", "front", "back"]


class DocumentHead(Record):
    """A document without its text, as lists give it."""

    kind: DocumentKind = "chapter"
    number: int | None = None
    """The chapter's number as the reader counts it, when it has one."""
    title: str = ""
    parent_id: str | None = None
    reading_order: int = 0
    """Position in the order of reading; equal values are ordered by id."""
    characters: int = 0
    """Length of the text in code points."""
    story: StoryInterval | None = None
    time_mode: TimeMode = "linear"
    pov_id: str | None = None
    place_id: str | None = None
    narrator_id: str | None = None
    status: Literal["draft", "revised", "final"] = "draft"

    @property
    def label(self) -> str:
        """How people call it: 'Chapter 7: A Mad Tea-Party', or its title alone."""
        if self.number is None:
            return self.title or self.kind
        heading = f"{self.kind.capitalize()} {self.number}"
        return f"{heading}: {self.title}" if self.title else heading


class Document(DocumentHead):
    """A document with its text; offsets everywhere are code points into this text, half-open."""

    text: str = ""
    scenes: tuple[Scene, ...] = Field(default=())

    def head(self) -> DocumentHead:
        """The same without text and scenes."""
        fields = self.model_dump(exclude={"text", "scenes"})
        return DocumentHead.model_validate({**fields, "characters": len(self.text)})
