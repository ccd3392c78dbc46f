"""The capitalised words of a text, and how each word is written elsewhere in it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from saga_agent.linking.flat import FlatText
from saga_agent.linking.plain_words import OPENERS
from saga_agent.linking.sentences import starts_sentence
from saga_agent.linking.surroundings import is_line_end

_WORD = re.compile(r"[^\W\d_][^\W_]*(?:['-][^\W_]+)*")
_ELIDED = re.compile(r"[a-z]{1,2}'[A-ZÀ-Þ]")
"""A name that begins with a small particle, like "d'Ard"."""
_HEADING_END = re.compile(r"[.!?,;:\"'”’)_-]\s*$")
_ENDING = re.compile(r"'(?:s|S|ll|d|ve|re|m)$")
_UNNAMED = re.compile(r"\b(?:an?|my|your|his|her|its|our|their|every|each|no|some|any|these|those|what) $")
_LONGEST_HEADING = 70
_INDENT = 3


@dataclass(frozen=True, slots=True)
class Token:
    """A capitalised word, without a possessive ending."""

    text: str
    key: str
    """The word in small letters."""
    start: int
    end: int
    is_free: bool
    """Stands where only a name has a capital: not at the start of a sentence, not in a heading."""
    is_possessive: bool = False

    @property
    def is_shouted(self) -> bool:
        """Whether it is all capitals."""
        return len(self.text) > 1 and self.text.isupper()


@dataclass(frozen=True, slots=True)
class Words:
    """What one pass over the text finds."""

    tokens: list[Token]
    small: Counter[str] = field(default_factory=Counter[str])
    """How often each word stands in small letters."""
    free: Counter[str] = field(default_factory=Counter[str])
    """How often each word has a capital that only a name has there, by its small letters."""
    capital: Counter[str] = field(default_factory=Counter[str])
    """How often each word has a capital, anywhere."""
    common: Counter[str] = field(default_factory=Counter[str])
    """How often each word with a capital follows "a", "my" and the like, as a name does not."""

    def add(self, token: Token) -> None:
        """Notes a capitalised word."""
        self.tokens.append(token)
        self.capital[token.key] += 1
        self.free[token.key] += token.is_free

    def is_name(self, key: str) -> bool:
        """Whether a word has a free capital at least as often as a small letter, and clearly so if it is common."""
        free, small = self.free[key], self.small[key]
        return free > 4 * small if key in OPENERS else 0 < free >= small


def read_words(text: str, even: FlatText) -> Words:
    """The capitalised words of a text, with counts over all its words."""
    flat = even.text
    words, small = Words([]), list[str]()
    paragraph_end, is_heading = -1, False
    for found in _WORD.finditer(flat):
        word, start = found[0], found.start()
        if not word[0].isupper() and not ("'" in word and _ELIDED.match(word)):
            small.append(word)
            continue
        if start >= paragraph_end:
            paragraph_end, is_heading = _paragraph(flat, start)
        bare = _ENDING.sub("", word)
        shouted = len(bare) > 1 and bare.isupper()
        free = not (is_heading or shouted or starts_sentence(flat, start) or _starts_line(text, even, start))
        token = Token(bare, bare.lower(), start, start + len(bare), free, len(bare) < len(word))
        words.add(token)
        if free and _UNNAMED.search(flat, max(0, start - 7), start):
            words.common[token.key] += 1
    words.small.update(small)
    return words


def _starts_line(text: str, even: FlatText, start: int) -> bool:
    """Whether a word opens a line of verse or the like, where any word may have a capital."""
    if not start or even.text[start - 1] != " ":
        return False
    return even.origin(start) - even.origin(start - 1) > _INDENT or is_line_end(text, even, start - 1)


def _paragraph(flat: str, start: int) -> tuple[int, bool]:
    """Where the paragraph ends, and whether it is a heading: short, and without a stop at its end."""
    end = flat.find("\n", start)
    end = len(flat) if end < 0 else end
    begin = flat.rfind("\n", max(0, start - _LONGEST_HEADING), start) + 1
    is_short = end - begin <= _LONGEST_HEADING and (begin > 0 or start < _LONGEST_HEADING)
    line = flat[begin:end]
    return end, is_short and not _HEADING_END.search(line) and _is_mostly_capitals(line)


def _is_mostly_capitals(line: str) -> bool:
    words = [word for word in line.split() if word[0].isalpha() and len(word) > 3]
    return bool(words) and sum(word[0].isupper() for word in words) >= 0.6 * len(words)
