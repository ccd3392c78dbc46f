"""XHTML chapters as rich text: paragraphs, headings, emphasis and rules; scripts, styles and pictures left out."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from saga_agent.formats.richtext import RichWriter

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = {"address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt",
           "fieldset", "figcaption", "figure", "footer", "form", "header", "li", "main", "nav", "ol", "p", "pre",
           "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}  # fmt: skip
_ITALIC = ("em", "i", "cite", "dfn", "var")
_BOLD = ("strong", "b")
_LEFT_OUT = {"img": "pictures", "image": "pictures", "svg": "pictures", "audio": "sounds", "video": "films",
             "math": "formulas", "object": "embedded objects"}  # fmt: skip
_SILENT = ("head", "script", "style", "template", "rp", "rt")


class XhtmlReader:
    """Puts the text of XHTML elements into a writer; for trees that are not absurdly deep."""

    def __init__(self, out: RichWriter) -> None:
        self._out = out

    def read(self, element: Element, *, italic: bool = False, bold: bool = False) -> None:
        """Reads one element and what is in it."""
        tag = local_name(element)
        if tag in _SILENT:
            return
        if tag in _LEFT_OUT:
            self._out.left_out[_LEFT_OUT[tag]] += 1
        elif tag == "br":
            self._out.break_line()
        elif tag == "hr":
            self._out.end_block()
            self._out.rule()
        else:
            self._read_inside(element, tag, italic=italic or tag in _ITALIC, bold=bold or tag in _BOLD)

    def _read_inside(self, element: Element, tag: str, *, italic: bool, bold: bool) -> None:
        is_block = tag in _BLOCKS or tag in _HEADINGS
        if is_block:
            self._out.end_block()
        self._text(element.text, italic=italic, bold=bold)
        for child in element:
            self.read(child, italic=italic, bold=bold)
            self._text(child.tail, italic=italic, bold=bold)
        if tag in _HEADINGS:
            self._out.end_heading(_HEADINGS[tag])
        elif tag == "p":
            self._out.end_paragraph()
        elif tag == "li":
            self._out.end_item()
        elif is_block:
            self._out.end_block()

    def _text(self, text: str | None, *, italic: bool, bold: bool) -> None:
        if text:
            self._out.add(_collapsed(text), italic=italic, bold=bold)


def local_name(element: Element) -> str:
    """The tag in lower case without its namespace."""
    return element.tag.rpartition("}")[2].lower()


def has_heading(element: Element) -> bool:
    """Whether a heading with text is in it."""
    return any(local_name(node) in _HEADINGS and "".join(node.itertext()).strip() for node in element.iter())


def _collapsed(text: str) -> str:
    # Only the blanks of XML collapse; a no-break space is a character of the text.
    words = text.replace("\t", " ").replace("\n", " ").replace("\r", " ").split(" ")
    inner = " ".join(word for word in words if word)
    return (" " if not words[0] else "") + inner + (" " if inner and not words[-1] else "")
