"""The project: a series, a book or a world, and who owns it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from saga_agent.domain.record import JsonObject, Model

LOCAL_OWNER = "local"
"""The owner of everything when the library is embedded without users."""


class StyleGuide(Model):
    """How the writer wants the prose, as data that checks compare a text with; empty fields ask for nothing."""

    banned_words: tuple[str, ...] = ()
    """Words and phrases that should not occur, upper and lower case alike."""
    person: Literal["first", "second", "third"] | None = None
    tense: Literal["past", "present"] | None = None
    spelling: Literal["british", "american"] | None = None
    language: str = ""
    """A BCP 47 tag, e.g. `en-GB`."""
    sample: str = ""
    """A passage that sounds right."""
    notes: str = ""
    """Whatever else agents should keep to, in plain words."""


class Project(Model):
    """A story project; scopes inherit from the parent, the nearest wins."""

    id: str
    owner_id: str = LOCAL_OWNER
    rev: int = Field(default=1, ge=1)
    name: str = Field(min_length=1, max_length=200)
    kind: Literal["series", "book", "world"] = "book"
    parent_id: str | None = None
    calendar_id: str | None = None
    style_guide: StyleGuide = StyleGuide()
    settings: JsonObject = Field(default_factory=dict)
