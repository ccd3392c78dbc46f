"""Headings: what a block announces when it stands on its own: a chapter, a part, a preface."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from saga_agent.formats.blocks import Block, is_markdown_heading
from saga_agent.formats.counting import Counted, counted, last_chapters
from saga_agent.formats.emphasis import runs_of
from saga_agent.formats.explicit import Attributes, ExplicitKind, split_attributes
from saga_agent.formats.matter import matter_of
from saga_agent.formats.numerals import fold, number_in_words, number_of

Family = Literal["unit", "part", "matter", "numbered", "bare", "plain"]

_MATTER_LINE = re.compile(r"(?P<name>[^.:—–]+?)(?:\s*[.:：]\s*(?P<title>\S.*)?|\s*[—–]\s*(?P<dashed>\S.*))?")
_NUMBERED = re.compile(r"(?P<number>[^\s.):—–-]+)(?:[.):]\s*|[．、]\s*|\s+[—–-]+\s+)(?P<title>\S.*)")
_QUOTED = re.compile(r"[\"“'‘«](?P<inner>\w[^\"“”]*\s[^\"“”]*\w[?!…]*)[\"”'’»]")
_REST = re.compile(r"(?P<mark>\s*[.:—–．：、·]+\s*|\s*-+\s*|\s+|)(?P<title>.*)")
_FRACTION = re.compile(r"(?:[.,]\d{1,2}|[a-zA-Z]|½|¼|¾)(?:\s*[:.—–-]\s*|(?=\s|\Z))")
_LETTERS_MORE_THAN_NUMERALS = ("C", "D", "L", "M")
_DECORATION = "*_[]~="
_MAX_LINE = 120
_MAX_MARKDOWN = 300
_MAX_TITLE = 100
_MAX_TITLE_WORDS = 18
_SHORT_WORD = 3
_YEARS = 1000
_MAX_NUMBER = 40
_MAX_JOINED = 20
_HAN_PAUSE = re.compile("[，。！？、；：「」“”…]")
_AROUND_NUMBERS = "-–—().:# \t"


@dataclass(frozen=True, slots=True)
class Heading:
    """What a block announces."""

    family: Family
    unit: str
    """The counted word in lower case: `chapter`, `part`, `prologue`; empty for mere numbers and titles."""
    number: int | None
    title: str
    text: str
    """The heading as written, on one line."""
    level: int = 0
    """1 to 6 for a Markdown heading, else 0."""
    rest: tuple[str, ...] = ()
    """Lines of the block after the heading."""
    attributes: Attributes | None = None
    """What stands in braces after a Markdown heading."""

    @property
    def explicit_kind(self) -> ExplicitKind | None:
        """What its attributes say that it begins."""
        return self.attributes.kind if self.attributes else None


def recognise(block: Block) -> Heading | None:
    """What the block announces, None for ordinary text; whether it counts depends on its neighbours."""
    if block.is_fenced:
        return None
    first = block.lines[0].strip()
    if is_markdown_heading(first):
        return _markdown(first)
    if len(first) > _MAX_LINE:
        return None
    heading = _announced(first, is_lone=len(block.lines) == 1)
    if heading is None or len(block.lines) == 1:
        return heading
    return _with_more_lines(heading, block.lines[1:])


def is_title(text: str) -> bool:
    """Whether a short text is set like a title: no closing full stop, its longer words capitalised."""
    quoted = _QUOTED.fullmatch(text)
    text = quoted["inner"] if quoted else text
    if not text or len(text) > _MAX_TITLE or text[-1] in ".,;:。，、；：" or text[0] in "\"“'‘«—-(":
        return False
    words = text.split()
    longer = [word for word in words if len(word) > _SHORT_WORD and word[0].lower() != word[0].upper()]
    capitals = sum(word[0].isupper() for word in longer)
    return len(words) <= _MAX_TITLE_WORDS and not text[0].islower() and 5 * capitals >= 3 * len(longer)


def _markdown(line: str) -> Heading | None:
    bare = line.lstrip("#")
    written, attributes = split_attributes(bare.strip())
    if len(line) > _MAX_MARKDOWN and not (attributes and attributes.kind):
        return None
    text = "".join(run.text for run in runs_of(_without_closing_marks(written))).strip()
    level = len(line) - len(bare)
    inner = _announced(text, any_title=True)
    if inner is None or text in _LETTERS_MORE_THAN_NUMERALS or (attributes and attributes.kind):
        return Heading("plain", "", None, text, text, level, attributes=attributes)
    return replace(inner, text=text, level=level, attributes=attributes)


def _without_closing_marks(text: str) -> str:
    """The text of `## The Ferry ##` without the marks at its end."""
    bare = text.rstrip("#")
    return bare.rstrip() if not bare or bare[-1].isspace() else text


def _announced(line: str, *, any_title: bool = False, is_lone: bool = False) -> Heading | None:
    text = line.strip(_DECORATION).strip()
    counted = _counted(text, any_title=any_title, is_lone=is_lone)
    return counted or _last_chapter(text) or _matter(text) or _number_only(text, line)


def _counted(text: str, *, any_title: bool, is_lone: bool) -> Heading | None:
    found = counted(text)
    if found is None:
        return None
    rest = _REST.fullmatch(text[found.end :])
    if rest is None:
        return None
    mark, title = rest["mark"].strip(), rest["title"].strip()
    if fraction := _FRACTION.match(text[found.end :]):
        return _between_numbers(found, text, text[found.end + fraction.end() :].strip())
    if mark and any_title:
        return Heading(found.family, found.unit, found.number, title, text)
    if title and (again := counted(title)) and again.family == found.family and not mark:
        return None  # two headings run together
    if title and not (is_title(title) if not mark else _may_follow_a_mark(title, mark if is_lone else "")):
        return None
    if text[0].islower() and (title or found.is_ordinal):
        return None
    if title and not mark and not rest["mark"] and (len(title) > _MAX_JOINED or _HAN_PAUSE.search(title)):
        return None  # 第三回他来的时候, as a sentence begins
    return Heading(found.family, found.unit, found.number, title, text)


def _between_numbers(found: Counted, text: str, title: str) -> Heading | None:
    """`Chapter 1.5` and `Chapter 2b: The Ferry`, which no whole number counts, by their words."""
    return Heading(found.family, found.unit, None, "", text) if not title or is_title(title) else None


def _last_chapter(text: str) -> Heading | None:
    name, mark, title = text.partition(":")
    noun = last_chapters().get(fold(name.strip().rstrip("."))) if len(name) <= _MAX_NUMBER else None
    if noun is None or text[0].islower() or (mark and title and not is_title(title.strip())):
        return None
    return Heading("unit", noun, None, "", text)


def _may_follow_a_mark(title: str, lone_mark: str) -> bool:
    """Whether words after `Chapter 3:` are its title; on a line of their own they may be set like a sentence."""
    # Some books close their titles with a full stop ("CHAPTER I. THE RIVER."); a sentence begins small or runs on.
    if (len(title) <= _MAX_TITLE and is_title(title.rstrip("."))) or title.isupper():
        return True
    fits = len(title) <= _MAX_TITLE and len(title.split()) <= _MAX_TITLE_WORDS and title[-1] not in ".,;:。，、；："
    return bool(lone_mark) and fits and (lone_mark[0] in ":：" or not title[0].islower())


def _matter(text: str) -> Heading | None:
    match = _MATTER_LINE.fullmatch(text)
    kind = matter_of(match["name"]) if match and not text[0].islower() else None
    if match is None or kind is None:
        return None
    title = match["title"] or match["dashed"] or ""
    if title and not is_title(title):
        return None
    return Heading("matter", kind, None, title, text)


def _number_only(text: str, line: str) -> Heading | None:
    bare = text.strip(_AROUND_NUMBERS)
    number = chapter_number(bare)
    if number is not None:
        return Heading("bare", "", number, "", line)
    match = _NUMBERED.fullmatch(text)
    if match is None or not is_title(match["title"]) or (number := chapter_number(match["number"])) is None:
        return None
    return Heading("numbered", "", number, match["title"], text)


def chapter_number(text: str) -> int | None:
    """The number that a text is, when it can head a chapter without a word beside it: no year, no small letter."""
    if not text or len(text) > _MAX_NUMBER:
        return None
    if (number := number_of(text)) is not None:
        return number if (number < _YEARS if text.isdecimal() else not text[0].islower()) else None
    words = [fold(word) for word in re.split(r"[\s-]+", text)]
    found = number_in_words(words, "en") if text[0].isupper() else None
    return found[0] if found and found[1] == len(words) else None


def _with_more_lines(heading: Heading, more: tuple[str, ...]) -> Heading | None:
    joined = " ".join(line.strip() for line in more)
    if any(_announced(line.strip()) for line in more) and heading.unit != "contents":
        return None  # a list of chapters, not a chapter
    titled = len(more) <= 2 and is_title(joined)
    if titled and not heading.title and heading.family != "matter":
        return replace(heading, title=joined, text=f"{heading.text} {joined}")
    if heading.family in ("bare", "numbered"):
        return None
    return replace(heading, rest=more)
