"""Title pages: what stands before a book and is no part of the telling, told from an opening without a heading."""

from __future__ import annotations

import re

from saga_agent.domain.words import count_words
from saga_agent.formats.blocks import Block
from saga_agent.formats.matter import matter_of

_MAX_TITLE = 80
_MAX_TITLE_LINES = 4
_MAX_WORDS = 60
"""A longer beginning is a document, whatever it is: better a title page among the chapters than an opening lost."""
_MAX_SENTENCE_WORDS = 11
_PROSE_WORDS = 25
"""A paragraph of so many is prose, even with a word in it that imprints have."""
_NO_TITLE_ENDS = tuple(".,;:…")
_SPEECH = tuple('"“”„«»‚‘—–-「『(')
_SENTENCE_ENDS = re.compile(r"[.!?…。！？।؟]+[\"'”’»)\]」』_*]*(?=\s|\Z)|[\"”»」』]\s*\Z")
_IMPRINT = re.compile(
    r"©|\(c\)|copyright|all rights reserved|published|publish|\bisbn\b|\bby\b|translat|illustrat|edition|draft"
    r"|\d\s*words\b|dedicat|\bfor\s+my\b|https?:|www\.|@",
    re.IGNORECASE,
)


def title_line(block: Block) -> str:
    """The title of the book when the block at its beginning looks like one, else empty."""
    line = block.lines[0].strip().lstrip("#").strip()
    is_short = len(line) <= _MAX_TITLE and not line.endswith(_NO_TITLE_ENDS) and not line.startswith(_SPEECH)
    is_contents = matter_of(line.strip("[]*_ ")) == "contents"
    if not is_short or is_contents or block.is_separator or block.is_list or block.is_quoted:
        return ""
    return line if len(block.lines) <= _MAX_TITLE_LINES and is_title_page(" ".join(block.lines)) else ""


def is_title_page(text: str) -> bool:
    """Whether a text before the first heading is only names, dates and imprint, taken as a whole."""
    if count_words(text) > _MAX_WORDS:
        return False
    told = (count_words(line) for line in text.split("\n") if _SENTENCE_ENDS.search(line) and not _is_imprint(line))
    return sum(told) <= _MAX_SENTENCE_WORDS


def _is_imprint(line: str) -> bool:
    return _IMPRINT.search(line) is not None and count_words(line) < _PROSE_WORDS
