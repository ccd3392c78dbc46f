"""Story time and reading order: the two axes every fact lies on.

In-world time is a whole number of days (or finer units) on the project's own line: `datetime` knows only our
calendar and breaks beyond year 9999.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from saga_agent.domain.record import Model

TimeMode = Literal["linear", "flashback", "flashforward", "dream", "mythic", "frame"]


class TimeValue(Model):
    """A moment known within bounds: in-world units, both ends included; None is unbounded."""

    earliest: int | None = None
    latest: int | None = None
    precision: Literal["exact", "about", "before", "after", "between", "unknown"] = "exact"
    relative_to: str | None = None
    """The id of the event or fact it is counted from; the bounds are then offsets."""
    phrase: str = ""
    """The words of the text, kept as written."""

    @model_validator(mode="after")
    def _ordered(self) -> TimeValue:
        if self.earliest is not None and self.latest is not None and self.latest < self.earliest:
            raise ValueError(f"latest ({self.latest}) lies before earliest ({self.earliest})")
        return self


class StoryInterval(Model):
    """A stretch of story time; an open end is None."""

    start: TimeValue | None = None
    end: TimeValue | None = None


class AsOf(Model):
    """A point on both axes; an axis that is None is not asked about."""

    story_time: int | None = None
    """In units of the project's line."""
    reading_order: int | None = None
    """The `reading_order` of the document that is being read."""


class When(Model):
    """A point as people name it: a scene or chapter, a day of story time, or a place in the order of reading."""

    scene: str | None = None
    """Id, number or title of a document, or the id of a scene in one."""
    day: int | None = None
    """Story time, in units of the project's line."""
    reading_order: int | None = None

    @model_validator(mode="after")
    def _says_something(self) -> When:
        if self.scene is None and self.day is None and self.reading_order is None:
            raise ValueError("give a scene, a day or a reading_order")
        return self


class Scene(Model):
    """A scene inside a document: half-open offsets into its text, and where and when it plays."""

    id: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    title: str = ""
    story: StoryInterval | None = None
    time_mode: TimeMode = "linear"
    pov_id: str | None = None
    place_id: str | None = None
