"""Rich text: paragraphs, headings and emphasis of a document, written down as the Markdown our parser reads."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby, islice, pairwise
from typing import Literal

from saga_agent.formats.blocks import Block, split_blocks
from saga_agent.formats.body import set_body
from saga_agent.formats.book import Aside, AsideReason, ChapterKind
from saga_agent.formats.emphasis import TextRun, escape_marks, runs_of
from saga_agent.formats.explicit import explicit_heading, heading_line
from saga_agent.formats.headings import recognise

Matter = Literal["front", "back", "part", "chapter"]
"""What a document says a section of it is."""

Explicit = tuple[ChapterKind, int | None]
"""What a heading begins and its number, as our own files say it."""

Spans = list[tuple[str, str]]
"""Text and the marks of its emphasis."""

SCENE_BREAK = "* * *"
_FORCED_BREAK = "  \n"
_SPACES = " \t\n\f\u00a0\u2007\u202f\u3000"
_LINE_MARK = re.compile(r"#{1,6}\s+\S|`{3,}|~{3,}")
_UNDERLINE = re.compile(r"={2,}|-{2,}")
_SEPARATOR_LINE = re.compile(r"(?:[\\*#~•·⁂❦❧◇◆○●★☆✦✧§=_–—-]\s*){3,}|#{1,6}|[⁂❦❧◇◆★☆✦✧~*§•]")
_FEW_BLANKS = 5
_ENDS_IN_A_WORD = re.compile(r"\w$")
_ANY_MARK = re.compile(r"[\\_*]")
_BESIDE_MARKS = re.compile(r"[\w\\*_]")


@dataclass(frozen=True, slots=True)
class RichText:
    """What a document holds: its text as Markdown, and what is known about it beside the text."""

    text: str
    """Lines are counted here, not in the document, which has none."""
    title: str = ""
    matter: Mapping[int, Matter] = field(default_factory=dict[int, Matter])
    """By the lines of headings: what the document says they begin."""
    asides: tuple[Aside, ...] = ()
    """What stands in the document and not in the text."""
    added: tuple[str, ...] = ()
    """What stands in the text and not in the document's own, such as the numbers of a list."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _TextItem:
    """A piece of the text that stands on lines of its own."""

    kind: Literal["paragraph", "heading", "gap", "rule", "blank"]
    text: str = ""
    """Markdown for paragraphs, the plain words for headings."""
    level: int = 0
    below: bool = False
    """A heading that belongs to the one right above it, as a subtitle does."""
    matter: Matter | None = None
    explicit: Explicit | None = None
    """What a heading begins where the document says so beyond doubt."""


@dataclass(slots=True)
class RichWriter:
    """Takes the pieces of a document in order; all text is literal, marks in it are escaped."""

    left_out: Counter[str] = field(default_factory=Counter[str])
    """Pieces without words that have no place in a manuscript, counted by their plural name."""
    _items: list[_TextItem] = field(default_factory=list[_TextItem])
    _spans: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    _asides: list[tuple[int, AsideReason, str, str]] = field(default_factory=list[tuple[int, AsideReason, str, str]])
    _added: list[str] = field(default_factory=list[str])
    _warnings: list[str] = field(default_factory=list[str])
    _is_own: bool = False
    """Whether one of our own writers made the document, which sets stored text as it is."""

    def add(self, text: str, *, italic: bool = False, bold: bool = False) -> None:
        """Adds text to the paragraph."""
        if text:
            self._spans.append((text, ("**" if bold else "") + ("_" if italic else "")))

    def add_own(self, text: str) -> None:
        """Adds text to the paragraph that the document shows but does not hold as text."""
        self.add(text)
        self.tell_added(text)

    def tell_added(self, text: str) -> None:
        """Tells of words in the text that are not in the document's own."""
        self._added.append(text)

    def set_aside(self, reason: AsideReason, text: str, place: str = "") -> None:
        """Keeps words that are no part of the text, where it stands now."""
        if text.strip():
            self._asides.append((len(self._items), reason, text.strip(), place))

    def warn(self, warning: str) -> None:
        """Tells what had to be assumed, once."""
        if warning not in self._warnings:
            self._warnings.append(warning)

    def prepend(self, text: str) -> None:
        """Sets text before the paragraph so far; as `add_own`, it is none of the document's."""
        self._spans.insert(0, (text, ""))
        self.tell_added(text)

    def take_over(self, inner: RichWriter) -> None:
        """Takes all that another writer has taken, as text that is not the document's own."""
        self.end_block()
        start = len(self._items)
        self._items += inner._items
        for index, reason, text, place in inner._asides:
            self._asides.append((start + index, reason, text, place))
        self._added += [item.text for item in inner._items] + [text for _, _, text, _ in inner._asides]
        self._warnings += [warning for warning in inner._warnings if warning not in self._warnings]
        self.left_out.update(inner.left_out)

    def break_line(self) -> None:
        """Begins a new line in the same paragraph."""
        self._spans.append(("\n", ""))

    @property
    def pending(self) -> str:
        """The words of the paragraph so far, on one line and without marks."""
        return " ".join("".join(text for text, _ in self._spans).split())

    @property
    def ends_blank(self) -> bool:
        """Whether the paragraph so far is empty or ends with a blank or a line."""
        return not self._spans or self._spans[-1][0].endswith((" ", "\n"))

    @property
    def last_heading(self) -> str:
        """The words of the last heading; empty before the first."""
        return next((item.text for item in reversed(self._items) if item.kind == "heading"), "")

    @property
    def numbers_only(self) -> bool:
        """Whether the last heading has no title beside its number."""
        return announced(self.last_heading) in ("unit", "bare", "part")

    def take_spans(self) -> Spans:
        """The paragraph so far, taken out; `give_spans` puts it back."""
        spans, self._spans = self._spans, []
        return spans

    def give_spans(self, spans: Spans) -> None:
        """Puts a paragraph back that `take_spans` took out."""
        self._spans = [*spans, *self._spans]

    @property
    def follows_heading(self) -> bool:
        """Whether nothing but a heading stands before the paragraph, or it is the very first."""
        last = next((item for item in reversed(self._items) if item.kind != "gap"), None)
        return last is not None and last.kind == "heading"

    def end_paragraph(self, *, long_lines: int = 0, literal: bool = False) -> None:
        """Ends the paragraph; an empty one stays as a wider gap, which may be a scene break.

        An empty line in it ends a paragraph too. `long_lines`: lines that are mostly longer are paragraphs each.
        `literal`: no line in it is a scene break, whatever it looks like.
        """
        paragraphs = self._paragraphs()
        if not paragraphs:
            self._items.append(_TextItem("gap"))
        for lines in paragraphs:
            if literal:
                lines = [f"\\{line}" if _SEPARATOR_LINE.fullmatch(line.strip()) else line for line in lines]
            if self._is_own:
                self._add_own_lines(lines)
            elif long_lines and 2 * sum(len(line) > long_lines for line in lines) > len(lines):
                for line in lines:
                    self._add_lines([line])
            else:
                self._add_lines(lines)

    def _add_own_lines(self, lines: list[str]) -> None:
        """Adds lines as our writers took them from a stored text: forced breaks end in the blanks they had."""
        written = "\n".join(line if line.endswith("  ") else line.rstrip(" ") for line in _lines_escaped(lines))
        if "\n" in written and set_body(split_blocks(written, markdown=True)).text != written.rstrip(" "):
            written = _FORCED_BREAK.join(line.strip(_SPACES) for line in written.split("\n"))
        self._items.append(_TextItem("paragraph", written.rstrip(" ")))

    def _add_lines(self, lines: list[str]) -> None:
        for separates, group in groupby(lines, key=lambda line: _SEPARATOR_LINE.fullmatch(line) is not None):
            for line in [*group] if separates else [_FORCED_BREAK.join(_lines_escaped(group))]:
                self._items.append(_TextItem("paragraph", _separator(line) if separates else line))

    def end_item(self) -> None:
        """Ends the paragraph as an item of a list."""
        for first, lines in enumerate(self._paragraphs()):
            self._items.append(_TextItem("paragraph", ("" if first else "- ") + _FORCED_BREAK.join(lines)))

    def end_block(self, *, long_lines: int = 0) -> None:
        """Ends the paragraph if it has text."""
        if any(text.strip(_SPACES) for text, _ in self._spans):
            self.end_paragraph(long_lines=long_lines)
        self._spans.clear()

    def blank(self) -> None:
        """Sets a paragraph of nothing but a blank: a scene break, unless the document sets one between most others."""
        self._items.append(_TextItem("blank"))

    def end_heading(
        self, level: int, *, below: bool = False, matter: Matter | None = None, explicit: Explicit | None = None
    ) -> None:
        """Ends the paragraph as a heading; emphasis in it goes, and one without text is none unless it is explicit.

        Args:
            level: From 1.
            below: Whether it belongs to the heading right above it, as a subtitle does.
            matter: What the document says that it begins.
            explicit: What it begins, and its number, where that is beyond doubt: its text is the title as it stands. A
                text that has such headings is divided by them alone.
        """
        if explicit is not None:
            kind, number = explicit
            self.tell_added(kind if number is None else f"{kind} number={number}")  # what the heading line says more
            self._items.append(_TextItem("heading", self.take_plain(), min(max(level, 1), 6), explicit=explicit))
            self._is_own = True
            return
        if self._is_own:
            marked = _line(self.take_spans(), " ")
            self._items.append(_TextItem("paragraph", f"{'#' * min(max(level, 1), 6)} {marked}" if marked else ""))
            return
        first, *more = [line for line in self._plain_lines() if line] or [""]
        rest = " ".join(more)
        glue = ": " if rest and announced(first) in ("unit", "bare", "part") and _ENDS_IN_A_WORD.search(first) else " "
        if text := f"{first}{glue}{rest}".strip():
            self._items.append(_TextItem("heading", text, min(max(level, 1), 6), below, matter))

    def take_plain(self) -> str:
        """The paragraph on one line and without marks, taken out of the text."""
        text = self.pending
        self._spans.clear()
        return text

    def _plain_lines(self) -> list[str]:
        text = "".join(text for text, _ in self._spans)
        self._spans.clear()
        return [" ".join(line.split()) for line in text.split("\n")]

    def rule(self) -> None:
        """Sets a scene break."""
        self._items.append(_TextItem("rule"))

    def finish(self, *, title: str = "", warnings: tuple[str, ...] = ()) -> RichText:
        """What was taken so far."""
        self.end_block()
        told = ", ".join(f"{count} {name}" for name, count in self.left_out.items())
        left_out = (f"Left out of the text: {told}.",) if told else ()
        lines: list[str] = []
        matter: dict[int, Matter] = {}
        line_of: dict[int, int] = {}
        for index, item in _joined(_blanks_settled(self._items)):
            line_of[index] = len(lines) + 1
            if item.matter is not None:
                matter[len(lines) + 1] = item.matter
            lines += _set(item)
        asides = self._told(line_of, len(lines) + 1)
        told_of = (*self._warnings, *warnings, *left_out)
        return RichText("\n".join(lines), title, matter, asides, tuple(self._added), told_of)

    def _told(self, line_of: dict[int, int], end: int) -> tuple[Aside, ...]:
        starts, lines = list(line_of), [*line_of.values(), end]
        asides: list[Aside] = []
        for index, reason, text, place in self._asides:
            line = lines[bisect_left(starts, index)]
            asides.append(Aside(reason, text, place or f"line {line}", line))
        return tuple(asides)

    def _paragraphs(self) -> list[list[str]]:
        """The lines of the paragraph with their emphasis, taken out of the text and parted where one is empty."""
        lines: list[list[tuple[str, str]]] = [[]]
        for text, marks in self._spans:
            first, *more = text.split("\n")
            lines[-1].append((first, marks))
            lines += [[(line, marks)] for line in more]
        self._spans.clear()
        written = (_blanks_kept(_line(spans, " "), spans) if self._is_own else _line(spans) for spans in lines)
        return [[*group] for filled, group in groupby(written, key=lambda line: bool(line.strip())) if filled]


def _blanks_kept(line: str, spans: Spans) -> str:
    raw = "".join(text for text, _ in spans)
    before, after = len(raw) - len(raw.lstrip(" ")), len(raw) - len(raw.rstrip(" "))
    return f"{' ' * before}{line}{' ' * after}"


def _blanks_settled(items: list[_TextItem]) -> list[_TextItem]:
    """The items with each blank paragraph as a break or as a gap."""
    blanks = sum(before.kind != "blank" and item.kind == "blank" for before, item in pairwise(items))
    texts = sum(item.kind == "paragraph" for item in items)
    kind = "rule" if blanks < _FEW_BLANKS or 2 * blanks <= texts else "gap"
    return [replace(item, kind=kind) if item.kind == "blank" else item for item in items]


def _joined(items: list[_TextItem]) -> list[tuple[int, _TextItem]]:
    """The items by their places, with each number and the title right below it as one heading."""
    result: list[tuple[int, _TextItem]] = []
    for index, item in enumerate(items):
        above = len(result) - 1
        while item.kind == "heading" and above >= 0 and result[above][1].kind == "gap":
            above -= 1
        if item.kind == "heading" and above >= 0 and _is_below(item, result[above][1], items, index):
            place, heading = result[above]
            glue = ": " if _ENDS_IN_A_WORD.search(heading.text) else " "
            joined = replace(heading, text=f"{heading.text}{glue}{item.text}", matter=heading.matter or item.matter)
            result[above:] = [(place, joined)]
        else:
            result.append((index, item))
    return result


def _is_below(item: _TextItem, above: _TextItem, items: list[_TextItem], index: int) -> bool:
    """Whether a heading is the title of the number above it."""
    if above.kind != "heading" or above.explicit is not None or item.explicit is not None:
        return False
    if item.below:
        return True
    number, title = announced(above.text), announced(item.text)
    if number not in ("unit", "bare") or title in ("unit", "part", "matter", "bare"):
        return False
    # Sections that follow the first heading at the same level are parts of the chapter, not its title.
    for other in islice(items, index + 1, None):
        if other.kind == "heading" and other.level <= above.level:
            break
        if other.kind == "heading" and other.level == item.level:
            return False
    return item.level > above.level


def announced(text: str) -> str:
    """The family of a heading that has nothing but its number, empty for all others."""
    heading = recognise(Block((text,), 1, 0))
    return "" if heading is None or heading.title else heading.family


def _set(item: _TextItem) -> list[str]:
    if item.kind == "gap":
        return [""]
    if item.kind == "rule":
        return [SCENE_BREAK, ""]
    if item.kind == "paragraph":
        return [*item.text.split("\n"), ""]
    if item.explicit is not None:
        kind, number = item.explicit
        return [explicit_heading(item.level, item.text, kind=kind, number=number), ""]
    return [heading_line(item.level, item.text), ""]


def _lines_escaped(lines: Iterable[str]) -> list[str]:
    """The lines so that they are read as lines of text: no heading, no fence, no underline of the line above."""
    return [
        f"\\{line}" if _LINE_MARK.match(line) or (place and _UNDERLINE.fullmatch(line)) else line
        for place, line in enumerate(lines)
    ]


def _separator(line: str) -> str:
    """A line that parts scenes, as it stands; spaced where its marks would open a fence."""
    return " ".join(line) if line[0] in "~`" else line


def _line(spans: Spans, blanks: str = _SPACES) -> str:
    """The spans on one line without outer blanks, with marks for their emphasis where these can be read again."""
    raw = "".join(text for text, _ in spans).strip(blanks)
    if _SEPARATOR_LINE.fullmatch(raw):
        return raw
    grouped = [("".join(text for text, _ in group), marks) for marks, group in groupby(spans, key=lambda span: span[1])]
    places = range(len(grouped))
    wanted = [(grouped[place][0], grouped[place][1] if _stands_free(grouped, place) else "") for place in places]
    shown = _as_set(TextRun(text, "_" in marks, "**" in marks) for text, marks in wanted)
    for escaped in (False, True):
        line = "".join(_marked(text, marks, escaped=escaped) for text, marks in wanted).strip(blanks)
        if _as_set(runs_of(line)) == shown:
            return line
    return _ANY_MARK.sub(r"\\\g<0>", raw)


def _stands_free(spans: Spans, place: int) -> bool:
    """Whether marks around the span could be read: no word goes on beside them."""
    text = spans[place][0]
    before = spans[place - 1][0][-1:] if place and text[:1].strip(_SPACES) else ""
    after = spans[place + 1][0][:1] if place + 1 < len(spans) and text[-1:].strip(_SPACES) else ""
    return not _BESIDE_MARKS.match(before) and not _BESIDE_MARKS.match(after)


def _marked(text: str, marks: str, *, escaped: bool) -> str:
    """The text between marks, its outer blanks outside of them."""
    core = text.strip(_SPACES)
    if not core:
        return text
    start = text.index(core)
    inner = escape_marks(core) if escaped else core
    return f"{text[:start]}{marks}{inner}{marks[::-1]}{text[start + len(core) :]}"


def _as_set(runs: Iterable[TextRun]) -> list[tuple[str, bool, bool]]:
    """Every character that is seen, with how it is set."""
    return [(char, run.italic, run.bold) for run in runs for char in run.text if char not in _SPACES]
