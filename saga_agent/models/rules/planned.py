"""What the offline model decides to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A tool call to make; `position` is where in the writer's text it was asked for."""

    tool: str
    arguments: Mapping[str, Any]
    position: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the model: text, calls, or both."""

    text: str = ""
    calls: tuple[PlannedCall, ...] = ()
