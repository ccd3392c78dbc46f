"""Marks: headings that divide a text, and what they begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from saga_agent.formats.headings import Heading

Role = Literal["title", "part", "front", "chapter", "back", "contents"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A heading that divides the text, by the index of its block."""

    block: int
    role: Role
    heading: Heading
    consumed: int = 1
    """Blocks the heading takes, two when its title stands on a line of its own."""


def matter_role(heading: Heading, index: int, first: int, last: int) -> Role:
    """What a word such as "Preface" begins, by where it stands to the first and the last chapter."""
    if heading.unit == "contents":
        return "contents"
    return "front" if index < first else "back" if index > last else "chapter"
