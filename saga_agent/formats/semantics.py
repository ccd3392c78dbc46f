"""What elements of a page say they are, by `epub:type`, `role` and class: marks of pages and notes, breaks, matter."""

from __future__ import annotations

import re
from typing import Literal

from saga_agent.formats.markup import Node, attribute, local_name, plain
from saga_agent.formats.richtext import Matter

Kind = Literal["page mark", "note mark", "notes", "contents", "hidden", "break", ""]

_PAGE_TYPES = {"pagebreak", "doc-pagebreak"}
_PAGE_CLASS = re.compile(r"page[-_]?(?:num(?:ber)?s?|no|break|mark)|pb|pn|pagenum\w*|folio", re.IGNORECASE)
_PAGE_TEXT = re.compile(
    r"[\[({|\s]*(?:p(?:g|age|\.)?s?\.?)?\s*(?:\d{1,5}|[ivxlcdm]{1,9})?[a-z]?[\])}|.\s]*", re.IGNORECASE
)
_NOTE_MARK_TYPES = {"noteref", "doc-noteref", "annoref"}
_NOTE_MARK_CLASS = re.compile(
    r"(?:foot|end)?[-_]?note[-_]?(?:ref|call|mark|anchor|link)\w*|fn[-_]?(?:ref|anchor|call)\w*|noteref\w*",
    re.IGNORECASE,
)
_NOTE_MARK_TEXT = re.compile(
    r"[\[({]?\s*(?:(?:foot)?note\s*)?(?:\d{1,4}|[*†‡§¶#‖⁂※]{1,4}|[a-zA-Z]|[ivxlc]{1,6})?\s*[\])}.:]?[¹²³⁰⁴-⁹]*"
)
_NOTE_TARGET = re.compile(r"_?(?:foot|end|rear)?_?-?(?:fn|ftn|note|en|edn|rn|n|fnote)s?[-_:.]?\w{0,12}", re.IGNORECASE)
_NOTES_TYPES = {"footnote", "footnotes", "endnote", "endnotes", "rearnote", "rearnotes"}
_NOTES_CLASS = re.compile(
    r"(?:foot|end|rear)[-_]?notes?(?:[-_]?(?:text|body|entry|block|section|list))?", re.IGNORECASE
)
_CONTENTS_TYPES = {"toc", "landmarks", "page-list", "doc-toc", "doc-pagelist", "loi", "lot", "toc-brief"}
_BREAK_CLASS = re.compile(
    r"\S*(?:ornament|(?:scene|section|thought|space|time|text|line|story|para|context|transition)[-_]?break"
    r"|separator|divider|asterism|fleuron|dinkus|hedera)\S*|break|tb|sb|hr|transition|scene|blank(?:[-_]?line)?",
    re.IGNORECASE,
)
_ORNAMENT_ALT = re.compile(
    r"[\W_]+|[ox](?:\s*[ox])*|.*\b(?:ornament|scene|section|text|thought)\b.*\b(?:break|divider|separator)\b.*"
    r"|.*\b(?:ornament(?:al)?|divider|separator|fleuron|asterism|asterisks?|dinkus|flourish|decoration|vignette)\b.*"
    r"|(?:scene|section|thought)\s?break|break|stars?",
    re.IGNORECASE,
)
_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_DROPCAP_CLASS = re.compile(r"\S*(?:drop[-_]?cap|initial|lettrine|first[-_]?letter|versal)\S*|dc", re.IGNORECASE)
_INITIAL_ALT = re.compile(
    r"(?:.*\b(?:drop\s?cap|initial|capital|letter|illuminated|ornate)\b[^\w]*)?"
    r"(?P<letter>[\"“‘'«„¡¿]?[^\W\d_][’']?)\W*",
    re.IGNORECASE,
)
_SUBTITLE_CLASS = re.compile(
    r"\S*(?:sub[-_]?(?:title|head(?:ing)?)|(?:chap(?:ter)?|ch)[-_]?(?:title|name|sub\w*))|title", re.IGNORECASE
)
_NUMBER_CLASS = re.compile(
    r"(?:chap(?:ter)?|ch|c|title|section|part)[-_]?(?:num(?:ber)?|no|n)|number|num|label|ordinal", re.IGNORECASE
)
_TITLE_CLASS = re.compile(
    r"(?:chap(?:ter)?|ch)[-_]?(?:title|head(?:ing)?|name|header)|chapter|chap|h[1-3]", re.IGNORECASE
)
_VERSE_CLASS = re.compile(r"stanza\w*|strophe|(?:line|verse)[-_]?(?:group|block)|linegroup|lg", re.IGNORECASE)

_FRONT = {
    "frontmatter": "",
    "titlepage": "Title page",
    "title-page": "Title page",
    "halftitlepage": "Half title",
    "halftitle": "Half title",
    "imprint": "Imprint",
    "copyright-page": "Copyright",
    "copyright": "Copyright",
    "dedication": "Dedication",
    "dedication-page": "Dedication",
    "epigraph": "Epigraph",
    "foreword": "Foreword",
    "preface": "Preface",
    "introduction": "Introduction",
    "preamble": "Preamble",
    "acknowledgments": "Acknowledgments",
    "acknowledgements": "Acknowledgements",
    "contributors": "Contributors",
    "other-credits": "Credits",
    "seriespage": "Series",
    "errata": "Errata",
    "cover": "Cover",
    "keywords": "Keywords",
    "credits": "Credits",
    "credit": "Credits",
}
_BACK = {
    "backmatter": "",
    "colophon": "Colophon",
    "afterword": "Afterword",
    "appendix": "Appendix",
    "glossary": "Glossary",
    "bibliography": "Bibliography",
    "index": "Index",
    "conclusion": "Conclusion",
    "assessments": "Assessments",
    "about-the-author": "About the author",
}
_NOT_MATTER = {"bodymatter", "chapter", "prologue", "epilogue", "part", "volume", "division"}


_MATTER_CLASSES = {
    *("titlepage", "title-page", "halftitlepage", "half-title-page", "copyright-page", "dedication-page", "imprint"),
    *("about-the-author", "colophon", "acknowledgments", "acknowledgements"),
}
_ITALIC_LOOK = re.compile(r"font-style\s*:\s*(?:italic|oblique)", re.IGNORECASE)
_BOLD_LOOK = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_ITALIC_CLASS = re.compile(r"italics?|ital|i|em|emphasis", re.IGNORECASE)
_BOLD_CLASS = re.compile(r"bold|b|strong", re.IGNORECASE)


def types_of(node: Node) -> set[str]:
    """What the element says it is, in lower case, the `doc-` of roles aside."""
    said = f"{attribute(node, 'type')} {node.get('role', '')}".lower().split() if local_name(node) != "input" else []
    return {*said, *(word.removeprefix("doc-") for word in said)}


def classes_of(node: Node) -> list[str]:
    """The classes of the element."""
    return node.get("class", "").split()


def kind_of(node: Node, *, hidden_classes: frozenset[str] = frozenset()) -> Kind:
    """What the element is beside text; empty for text."""
    types, classes, tag = types_of(node), classes_of(node), local_name(node)
    if "hidden" in dict(node.items()) or _HIDDEN_STYLE.search(node.get("style", "")):
        return "hidden"
    if hidden_classes and not hidden_classes.isdisjoint(classes):
        return "hidden"
    if (types & _PAGE_TYPES or _any(_PAGE_CLASS, classes)) and _PAGE_TEXT.fullmatch(plain(node)):
        return "page mark"
    if types & _NOTES_TYPES or (tag in ("aside", "div", "li", "section", "p", "ol") and _any(_NOTES_CLASS, classes)):
        return "notes"
    if types & _CONTENTS_TYPES:
        return "contents"
    if tag in ("a", "sup", "span", "small") and _is_note_mark(node, types, classes):
        return "note mark"
    if tag == "hr" or "separator" in types:
        return "break"
    return ""


def is_break(node: Node) -> bool:
    """Whether a block without text stands for a break between scenes, by its class or by an ornament in it."""
    pictures = [each for each in node.iter() if local_name(each) in ("img", "image", "svg")]
    said = any(_any(_BREAK_CLASS, classes_of(each)) for each in node.iter())
    if not pictures:
        return said
    alts = [attribute(each, "alt") or attribute(each, "aria-label") for each in pictures]
    return all(_ORNAMENT_ALT.fullmatch(alt.strip()) if alt.strip() else said for alt in alts)


def initial_of(picture: Node, following: str) -> str:
    """The letter that a picture stands for at the beginning of a word; empty when it stands for none."""
    match = _INITIAL_ALT.fullmatch(attribute(picture, "alt").strip())
    if match is None:
        return ""
    marked = any(_any(_DROPCAP_CLASS, classes_of(each)) for each in (picture, picture.getparent()) if each is not None)
    small = following.lstrip()[:1].islower()
    goes_on = following[:1].isalpha() or following[:1] in "’'"
    return match["letter"] if following.strip() and (small or goes_on or marked) else ""


def is_italic(node: Node) -> bool:
    """Whether an element within a line is set in italics, by its style or class."""
    return _ITALIC_LOOK.search(node.get("style", "")) is not None or _any(_ITALIC_CLASS, classes_of(node))


def is_bold(node: Node) -> bool:
    """Whether an element within a line is set in bold, by its style or class."""
    return _BOLD_LOOK.search(node.get("style", "")) is not None or _any(_BOLD_CLASS, classes_of(node))


def section_types(node: Node) -> set[str]:
    """What a section says it is, by its types or else by the classes that book makers give such sections."""
    return types_of(node) or {each.removeprefix("half-") for each in classes_of(node) if each in _MATTER_CLASSES}


def is_section_number(node: Node) -> bool:
    """Whether the element is the number that Pandoc sets before a title, without a mark between them."""
    return "header-section-number" in classes_of(node) and plain(node).isalnum()


def is_initial(node: Node) -> bool:
    """Whether the element is set as a large initial, of which the word goes on after it."""
    return _any(_DROPCAP_CLASS, classes_of(node)) and 0 < len(plain(node)) <= 2


def is_number_part(node: Node) -> bool:
    """Whether the element is the number in a heading."""
    return bool(types_of(node) & {"ordinal", "label"}) or _any(_NUMBER_CLASS, classes_of(node))


def is_title_part(node: Node) -> bool:
    """Whether a paragraph says that it is a title or a subtitle."""
    return bool(types_of(node) & {"subtitle", "title"}) or _any(_SUBTITLE_CLASS, classes_of(node))


def is_titled(node: Node) -> bool:
    """Whether a paragraph says that it heads a chapter."""
    return _any(_TITLE_CLASS, classes_of(node))


def is_stanza(node: Node) -> bool:
    """Whether the blocks in the element are lines of verse."""
    return _any(_VERSE_CLASS, classes_of(node))


def matter_of(types: set[str]) -> tuple[Matter, str] | None:
    """What a section of these types is when it is no chapter, and how such a section is called."""
    if "part" in types or "volume" in types:
        return "part", ""
    back = next((_BACK[each] for each in sorted(types) if _BACK.get(each)), None)
    front = next((_FRONT[each] for each in sorted(types) if _FRONT.get(each)), None)
    if "backmatter" in types:
        return "back", back or front or ""
    if back is not None:
        return "back", back
    if front is not None:
        return "front", front
    if "frontmatter" in types and not types & _NOT_MATTER:
        return "front", ""
    return None


def _is_note_mark(node: Node, types: set[str], classes: list[str]) -> bool:
    if types & _NOTE_MARK_TYPES:
        return True
    text = plain(node)
    if not text or not _NOTE_MARK_TEXT.fullmatch(text):
        return False
    if _any(_NOTE_MARK_CLASS, classes):
        return True
    link = node if local_name(node) == "a" else next((each for each in node if local_name(each) == "a"), None)
    if link is None or "#" not in link.get("href", "") or plain(link) != text:
        return False
    if types_of(link) & _NOTE_MARK_TYPES or _any(_NOTE_MARK_CLASS, classes_of(link)):
        return True
    parent = link.getparent()
    raised = any(local_name(each) == "sup" for each in node.iter()) or (
        parent is not None and local_name(parent) == "sup"
    )
    target = link.get("href", "").partition("#")[2]
    return raised or (_NOTE_TARGET.fullmatch(target) is not None and not text.isalpha())


def _any(pattern: re.Pattern[str], words: list[str]) -> bool:
    return any(pattern.fullmatch(word) for word in words)
