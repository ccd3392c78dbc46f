"""Whether a text is English, for the checks that know only English."""

from __future__ import annotations

import re

_COMMONEST = """the and of to a in that he she it was his her had with for as but at on they you not be is i him said
there all have my this me what from by one were no so out up into then when would could them who will if do we or"""
_COMMON = frozenset(_COMMONEST.split())
_ASCII_WORD = re.compile(r"[A-Za-z]+")
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_WORDS = 25
_SHARE = 0.18
"""English prose has about 0.4 of these words, other languages in Latin letters less than 0.1."""


def is_english(text: str, *, told: str | None = None) -> bool:
    """What is told about the language, else whether enough of the commonest words occur.

    A text of few words counts as English unless it is in another script.
    """
    if told:
        return told.strip().lower().split("-")[0] in ("en", "english")
    words = _WORD.findall(text[:20_000])
    if len(words) < _FEWEST_WORDS:
        return not words or len(_ASCII_WORD.findall(text)) * 2 >= len(words)
    return sum(word.lower() in _COMMON for word in words) / len(words) >= _SHARE
