"""Set-off lines: titles of chapters in a text without headings, by how they are set: bold, centred, apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from saga_agent.formats.blocks import Block, ends_sentence
from saga_agent.formats.headings import Heading, chapter_number, is_title

_BOLD = re.compile(r"(?:\*\*\*|___|\*\*_|_\*\*|\*\*|__)(?P<text>[^*_\n]+)(?:\*\*\*|___|\*\*_|_\*\*|\*\*|__)")
_COUNTED = re.compile(r"(?P<word>[^\W\d_]{2,20})\s+(?P<number>\S{1,12}(?:[\s-][^\s-]{1,12})?)")
_SPEECH = tuple("\"“„«‘'—–-([")
_NO_TITLE_ENDS = tuple(".,;:!…。，、；：！")
_MAX_TITLE = 80
_MAX_WORDS = 12
_CENTRED = 8
"""So many blanks before a lone line set it in the middle rather than in."""


def set_off_titles(blocks: list[Block]) -> tuple[str, dict[int, Heading]]:
    """Lone short lines of one kind, each followed by text, and how they are set off; none when it is only one.

    Bold lines and centred ones are titles wherever they stand. Lines in capitals, lines that count (`Day One`,
    `Day Two`) and lines after wider gaps occur in stories too, so the first must begin the book.
    """
    for name, text_of, begins in (
        ("bold or centred lines", _bold, False),
        ("bold or centred lines", _centred, False),
        ("lines in capitals", _capitals, True),
        ("counted lines", _counting(blocks), True),
        ("lines after a gap", _after_gap(blocks), True),
    ):
        lines = {index: text for index, block in enumerate(blocks) if (text := text_of(block))}
        titles = {
            index: Heading("plain", "", None, text, text)
            for index, text in lines.items()
            if index + 1 < len(blocks) and index + 1 not in lines and not blocks[index + 1].is_separator
        }
        if begins:
            titles = _without_title_page(titles, blocks)
        if len(titles) > 1 and 2 * len(titles) > len(lines) and 3 * len(titles) <= 2 * len(blocks):
            return name, titles
    return "", {}


def _without_title_page(titles: dict[int, Heading], blocks: list[Block]) -> dict[int, Heading]:
    """The titles less the name of the book; none of them when the first does not begin the book."""
    places = list(titles)
    if not places or any(ends_sentence(block) for block in blocks[: places[0]]):
        return {}
    if len(places) > 1 and not any(ends_sentence(block) for block in blocks[places[0] + 1 : places[1]]):
        return {index: titles[index] for index in places[1:]}
    return titles


def _capitals(block: Block) -> str:
    line = _lone(block)
    bare = line.strip("_*")
    letters = sum(map(str.isalpha, bare))
    return bare if letters > 1 and bare.isupper() and _is_short(bare) and not bare.startswith(_SPEECH) else ""


def _counting(blocks: list[Block]) -> Callable[[Block], str]:
    """Lines of one word and a number that goes up by one from the first: `Day One`, `Tape 2`."""
    counts: dict[str, list[int]] = {}
    for block in blocks:
        if said := _word_and_number(_lone(block)):
            counts.setdefault(said[0], []).append(said[1])
    words = {word for word, numbers in counts.items() if numbers == list(range(1, len(numbers) + 1)) and numbers[1:]}

    def text_of(block: Block) -> str:
        said = _word_and_number(_lone(block))
        return _lone(block) if said and said[0] in words else ""

    return text_of


def _word_and_number(line: str) -> tuple[str, int] | None:
    match = _COUNTED.fullmatch(line) if len(line) <= _MAX_TITLE else None
    number = chapter_number(match["number"]) if match else None
    return (match["word"].casefold(), number) if match and number is not None else None


def _after_gap(blocks: list[Block]) -> Callable[[Block], str]:
    """Lines set like titles after more blank lines than paragraphs have between them."""
    gaps = Counter(block.gap for block in blocks[1:])
    usual = max(gaps, key=lambda gap: (gaps[gap], -gap), default=0)
    first = blocks[:1]

    def text_of(block: Block) -> str:
        line = _lone(block)
        bare = line.strip("_*")
        is_apart = block.gap > usual or block in first
        return bare if is_apart and _is_short(bare) and is_title(bare) and not bare.startswith(_SPEECH) else ""

    return text_of


def _lone(block: Block) -> str:
    """The line of a block that is nothing but one line of text; empty for others."""
    return block.lines[0].strip() if len(block.lines) == 1 and not block.is_separator else ""


def _bold(block: Block) -> str:
    match = _BOLD.fullmatch(block.lines[0].strip()) if len(block.lines) == 1 else None
    return match["text"].strip() if match and _is_short(match["text"].strip()) else ""


def _centred(block: Block) -> str:
    line = block.lines[0]
    is_set = len(block.lines) == 1 and len(line) - len(line.lstrip()) >= _CENTRED and not block.is_separator
    return line.strip().strip("_*") if is_set and _is_short(line.strip()) else ""


def _is_short(text: str) -> bool:
    fits = 0 < len(text) <= _MAX_TITLE and len(text.split()) <= _MAX_WORDS
    return fits and not text.endswith(_NO_TITLE_ENDS) and any(map(str.isalnum, text)) and not text[0].islower()
