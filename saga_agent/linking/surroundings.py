"""What stands around a name: whether it is part of a longer one, or no name at all."""

from __future__ import annotations

import re
from typing import NamedTuple

from saga_agent.linking.flat import FlatText
from saga_agent.linking.given_names import is_given_name
from saga_agent.linking.plain_words import (
    AMBIGUOUS_NAMES,
    EPITHETS,
    FUNCTION_WORDS,
    VERB_NAMES,
    is_month_use,
    is_verb_use,
)
from saga_agent.linking.sentences import starts_sentence
from saga_agent.linking.titles import canonical_title, is_short_title
from saga_agent.linking.variants import NAME_SUFFIXES

_WORD_AFTER = re.compile(r" ([^\W_][\w'.-]*)")
_WORD_BEFORE = re.compile(r"(?:^|(?<=[\s\"(\[“‘—'_*-]))([^\W_][\w'.-]*) $")
_LONGEST_WORD = 40
_NO_NAME_BEFORE = FUNCTION_WORDS | EPITHETS
_WRAPPED_LINE = range(40, 101)
"""How long a line is that a writer's tool has wrapped; a shorter or longer one is a heading, verse or paragraph."""


class Word(NamedTuple):
    """A word beside a name, and where it begins."""

    text: str
    start: int


def word_before(flat: str, start: int) -> Word:
    """The word that only a space parts from what begins at `start`; empty when there is none."""
    if flat[start - 1 : start] != " ":
        return Word("", start)
    lowest = max(0, start - _LONGEST_WORD)
    begin = flat.rfind(" ", lowest, start - 1) + 1 or lowest
    word = flat[begin : start - 1]
    if word.isalpha():
        return Word(word, begin)
    found = _WORD_BEFORE.search(flat, lowest, start)
    return Word(found[1], found.start(1)) if found else Word("", start)


def word_after(flat: str, end: int) -> str:
    """The word that only a space parts from what ends at `end`; "" when there is none."""
    found = _WORD_AFTER.match(flat, end, end + _LONGEST_WORD)
    return found[1].rstrip(".-'") if found else ""


def title_before(before: Word) -> str | None:
    """The title that a capitalised word before a name is, if any."""
    return canonical_title(before.text) if before.text[:1].isupper() else None


def is_line_end(text: str, flat: FlatText, index: int) -> bool:
    """Whether the space at `index` of the even text ends a line for its own sake, not because it was full."""
    origin = flat.origin(index)
    if text[origin] not in "\r\n":
        return False
    return origin - (text.rfind("\n", max(0, origin - _WRAPPED_LINE.stop), origin) + 1) not in _WRAPPED_LINE


def opens_foreign_name(word: str, name: str) -> bool:
    """Whether the word after a name makes it another, longer name."""
    if not word[:1].isupper() or word.lower() in FUNCTION_WORDS or word.lower() in NAME_SUFFIXES:
        return False
    if is_short_title(word):
        return False
    return not (name.isupper() or (word.isupper() and len(word) > 1))


def closes_foreign_name(flat: str, before: Word, name: str) -> bool:
    """Whether the word before a name makes it another, longer name, as far as that word itself tells."""
    word = before.text
    if not word[:1].isupper() or word.endswith(("'s", "s'", ".")) or word.lower() in _NO_NAME_BEFORE:
        return False
    if name.isupper() or (word.isupper() and len(word) > 1):
        return False
    if starts_sentence(flat, before.start):
        return is_given_name(word) and word.lower() not in VERB_NAMES
    return canonical_title(word) is None


def is_initial(word: str) -> bool:
    """Whether a word is an initial, like "J."."""
    return len(word) == 2 and word[1] == "."


def is_no_name(flat: str, start: int, end: int, before: Word) -> bool:
    """Whether the name is a verb or a month here."""
    name = flat[start:end]
    if name.lower() not in AMBIGUOUS_NAMES:
        return False
    after = word_after(flat, end)
    return is_month_use(name, before.text, after) or (is_verb_use(name, after) and starts_sentence(flat, start))
