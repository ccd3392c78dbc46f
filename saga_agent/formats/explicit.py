"""Explicit headings: Markdown headings that say beyond doubt what they begin, as `# Low Water {.chapter number=3}`.

They are Pandoc's attributes, so other tools read them as headings with a class. A text that has one is divided by such
headings alone, and what stands before the attributes is the title, whatever it looks like.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

from saga_agent.formats.book import ChapterKind
from saga_agent.formats.emphasis import as_literal

_ATTRIBUTE = re.compile(r"[#.][^\s#.{}=]+|-|[\w:-]+=(?:\"[^\"]*\"|'[^']*'|[^\s\"']+)")
_KIND = re.compile(r"(?<!\S)\.(chapter|front|back|part|title)(?!\S)")
ExplicitKind = ChapterKind | Literal["title"]
_NUMBER = re.compile(r"(?<!\S)number=[\"']?(\d{1,9})[\"']?(?!\S)")
_CLOSING = re.compile(r"#(?=#*\Z)")


@dataclass(frozen=True, slots=True)
class Attributes:
    """What stands in braces after a heading."""

    text: str
    """As it is written, without the braces."""
    kind: ExplicitKind | None = None
    number: int | None = None


def split_attributes(text: str) -> tuple[str, Attributes | None]:
    """The text of a heading without its attributes, and those; braces that hold other things stay."""
    start = text.rfind("{")
    before, inside = text[:start], text[start + 1 : -1]
    if start < 0 or not text.endswith("}") or "}" in inside or (before and not before[-1].isspace()):
        return text, None
    if _ATTRIBUTE.sub("", inside).strip():
        return text, None
    kind, number = _KIND.search(inside), _NUMBER.search(inside)
    attributes = Attributes(
        inside.strip(), cast(ExplicitKind, kind[1]) if kind else None, int(number[1]) if kind and number else None
    )
    return before.rstrip(), attributes


def explicit_heading(level: int, title: str, *, kind: ChapterKind, number: int | None) -> str:
    """The heading that is read back as exactly this; blanks of the title aside."""
    counted = "" if number is None else f" number={number}"
    return f"{heading_line(level, title)} {{.{kind}{counted}}}"


def heading_line(level: int, text: str) -> str:
    """A Markdown heading of a text that is meant as it stands."""
    literal = as_literal(" ".join(text.split())).replace("{", "\\{").replace("<!--", "\\<!--").replace("%%", "\\%%")
    literal = _CLOSING.sub(r"\#", literal)
    return f"{'#' * min(max(level, 1), 6)} {literal}".rstrip()
