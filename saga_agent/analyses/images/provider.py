"""Where images from outside come from, when an app has such a source: off by default."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pydantic import Field

from saga_agent.domain.record import Model


class FoundImage(Model):
    """An image that a provider offers; one without a licence is not shown to anybody."""

    url: str
    caption: str
    licence: str = Field(min_length=1)
    attribution: str = ""
    score: float = 0.0


class ImageProvider(Protocol):
    """A source of images that states the licence of each."""

    async def search(self, query: str, *, limit: int) -> Sequence[FoundImage]:
        """The images that fit the query best; any exception counts as the source being unavailable."""
        ...
