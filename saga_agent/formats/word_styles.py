"""The styles of a Word document: which paragraphs are headings or titles, which text is italic, bold or hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from saga_agent.formats.markup import Node
from saga_agent.formats.word_xml import child, switch, word_name, word_value

Toggle = Literal["i", "b", "vanish"]
Place = Literal["text", "heading", "title", "subtitle", "contents"]

_BODY_LEVEL = 9
_HEADING = re.compile(
    r"(?:heading|überschrift|ueberschrift|berschrift|titre|título|titulo|titolo|kop|rubrik|overskrift|otsikko"
    r"|nagłówek|nadpis|címsor|başlık|заголовок|标题|標題|見出し|제목)\s?(?P<level>[1-9])",
    re.IGNORECASE,
)
_CONTENTS = re.compile(r"toc\s?(?:[1-9]|heading)|table of figures|contents (?:[1-9]|heading)", re.IGNORECASE)
# Styles by which templates for manuscripts set chapters, without the level that Word asks for.
_CUSTOM = re.compile(
    r"(?P<unit>part|book|act|chapter|kapitel|chapitre|capítulo)"
    r"(?:[ _-]?(?P<half>title|heading|head|name|number|num|subtitle))?",
    re.IGNORECASE,
)
_SUBTITLE_HALVES = ("subtitle",)
_TITLES: dict[str, Place] = {"title": "title", "subtitle": "subtitle", "book title": "title"}


@dataclass(frozen=True, slots=True)
class StyleRole:
    """What a paragraph is by its style."""

    place: Place = "text"
    level: int = 0
    """1 to 9 for headings."""


class Styles:
    """What the document's styles say."""

    def __init__(self, root: Node | None) -> None:
        """Takes the root of the part with the styles, None when the document has none."""
        self._by_id: dict[str, Node] = {}
        self._default: str | None = None
        self._defaults = child(root, "docDefaults", "rPrDefault", "rPr")
        for style in root if root is not None else ():
            style_id = word_value(style, "styleId")
            if word_name(style) != "style" or style_id is None:
                continue
            self._by_id.setdefault(style_id, style)
            if word_value(style, "type") == "paragraph" and word_value(style, "default") in ("1", "true", "on"):
                self._default = style_id

    def standing(self, paragraph: Node) -> StyleRole:
        """What the paragraph is: by its own outline level, else by its style or one that the style is made from."""
        own = _outline(child(paragraph, "pPr"))
        style_id = word_value(child(paragraph, "pPr", "pStyle"))
        names = [word_value(child(style, "name")) or "" for style in self._chain(style_id)] or [style_id or ""]
        if any(_CONTENTS.fullmatch(name.strip()) for name in names):
            return StyleRole("contents")
        if own is not None:
            return StyleRole("heading", own + 1) if own < _BODY_LEVEL else StyleRole()
        for style, name in zip(list(self._chain(style_id)) or [None], names, strict=True):
            outline = _outline(child(style, "pPr"))
            if outline is not None and name.strip().lower() not in _TITLES:
                return StyleRole("heading", outline + 1) if outline < _BODY_LEVEL else StyleRole()
            if (found := _by_name(name)) is not None:
                return found
        return StyleRole()

    def numbering(self, paragraph: Node) -> tuple[str, int, str] | None:
        """The list that numbers the paragraph, its level from 0, and the style that says so; None for no list."""
        style_id = word_value(child(paragraph, "pPr", "pStyle"))
        own = child(paragraph, "pPr", "numPr")
        level = word_value(child(own, "ilvl"))
        number = word_value(child(own, "numId"))
        if number is not None:
            return (number, int(level) if level and level.isdecimal() else 0, "") if number != "0" else None
        for style in self._chain(style_id):
            number = word_value(child(style, "pPr", "numPr", "numId"))
            if number is not None:
                level = level or word_value(child(style, "pPr", "numPr", "ilvl"))
                named = word_value(style, "styleId") or ""
                return (number, int(level) if level and level.isdecimal() else 0, named) if number != "0" else None
        return None

    def is_set(self, run: Node, toggle: Toggle) -> bool:
        """Whether the run is set so, by itself or by its character style."""
        own = switch(child(run, "rPr"), toggle)
        return own if own is not None else self._by_chain(word_value(child(run, "rPr", "rStyle")), toggle) is True

    def is_hidden(self, run: Node, paragraph: Node | None) -> bool:
        """Whether the text is hidden: by the run, its style, the paragraph's style, or by default."""
        own = switch(child(run, "rPr"), "vanish")
        if own is not None:
            return own
        by_run = self._by_chain(word_value(child(run, "rPr", "rStyle")), "vanish")
        style_id = word_value(child(paragraph, "pPr", "pStyle"))
        by_paragraph = self._by_chain(style_id or self._default, "vanish")
        if by_run and by_paragraph:
            return False  # toggles of two kinds of style undo each other
        return bool(by_run or by_paragraph or switch(self._defaults, "vanish"))

    def is_bold(self, run: Node, paragraph: Node) -> bool:
        """Whether the run is bold, by the paragraph's style too."""
        own = switch(child(run, "rPr"), "b")
        if own is not None:
            return own
        by_run = self._by_chain(word_value(child(run, "rPr", "rStyle")), "b")
        return by_run is True or self._by_chain(word_value(child(paragraph, "pPr", "pStyle")), "b") is True

    def alignment(self, paragraph: Node) -> str:
        """`center` and the like; empty when nothing is said."""
        own = word_value(child(paragraph, "pPr", "jc"))
        for style in self._chain(word_value(child(paragraph, "pPr", "pStyle"))):
            own = own or word_value(child(style, "pPr", "jc"))
        return own or ""

    def _by_chain(self, style_id: str | None, toggle: Toggle) -> bool | None:
        for style in self._chain(style_id):
            if (found := switch(child(style, "rPr"), toggle)) is not None:
                return found
        return None

    def _chain(self, style_id: str | None) -> Iterator[Node]:
        seen: set[str] = set()
        while style_id is not None and style_id in self._by_id and style_id not in seen:
            seen.add(style_id)
            yield self._by_id[style_id]
            style_id = word_value(child(self._by_id[style_id], "basedOn"))


def _by_name(name: str) -> StyleRole | None:
    bare = name.strip()
    if (title := _TITLES.get(bare.lower())) is not None:
        return StyleRole(title)
    if (heading := _HEADING.fullmatch(bare)) is not None:
        return StyleRole("heading", int(heading["level"]))
    custom = _CUSTOM.fullmatch(bare)
    if custom is None:
        return None
    if (custom["half"] or "").lower() in _SUBTITLE_HALVES:
        return StyleRole("subtitle")
    return StyleRole("heading", 1 if custom["unit"].lower() in ("part", "book", "act") else 2)


def _outline(properties: Node | None) -> int | None:
    """The outline level, which counts from 0 and means body text at 9."""
    value = word_value(child(properties, "outlineLvl"))
    return int(value) if value is not None and value.isdecimal() else None
