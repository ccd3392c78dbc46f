"""The project: a series, a book or a world, and who owns it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from saga_agent.domain.record import JsonObject, Model

LOCAL_OWNER = "local"
"""The owner of everything when the library is embedded without users."""


class Project(Model):
    """A story project; scopes inherit from the parent, the nearest wins."""

    id: str
    owner_id: str = LOCAL_OWNER
    rev: int = Field(default=1, ge=1)
    name: str = Field(min_length=1, max_length=200)
    kind: Literal["series", "book", "world"] = "book"
    parent_id: str | None = None
    calendar_id: str | None = None
    style_guide: JsonObject = Field(default_factory=dict)
    settings: JsonObject = Field(default_factory=dict)
