"""Set-off lines: titles of chapters in a text without headings, told by how they are set: bold, or in the middle."""

from __future__ import annotations

import re

from saga_agent.formats.blocks import Block
from saga_agent.formats.headings import Heading

_BOLD = re.compile(r"(?:\*\*\*|___|\*\*_|_\*\*|\*\*|__)(?P<text>[^*_\n]+)(?:\*\*\*|___|\*\*_|_\*\*|\*\*|__)")
_NO_TITLE_ENDS = tuple(".,;:!…。，、；：！")
_MAX_TITLE = 80
_MAX_WORDS = 12
_CENTRED = 8
"""So many blanks before a lone line set it in the middle rather than in."""


def set_off_titles(blocks: list[Block]) -> dict[int, Heading]:
    """Lone short lines of one kind, each followed by text: bold ones, else centred ones; none when it is only one."""
    for text_of in (_bold, _centred):
        lines = {index: text for index, block in enumerate(blocks) if (text := text_of(block))}
        titles = {
            index: Heading("plain", "", None, text, text)
            for index, text in lines.items()
            if index + 1 < len(blocks) and index + 1 not in lines and not blocks[index + 1].is_separator
        }
        if len(titles) > 1 and 2 * len(titles) > len(lines) and 3 * len(titles) <= 2 * len(blocks):
            return titles
    return {}


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
