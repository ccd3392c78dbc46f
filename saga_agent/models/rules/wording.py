"""The words that the rules look for, and small operations on phrases."""

from __future__ import annotations

import re

_SAYS_LITTLE = """a about all am an and any are as at be been by can could did do does find for from give had has have
    he her him his how i in is it its let look me my of on or our please search she should show tell that the their them
    there they this to up us was we were what when where which who whom whose why will with would you your"""
_STOP_WORDS = frozenset(_SAYS_LITTLE.split())
_NUMBER = r"\d+|[ivxlc]+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_DOCUMENT = re.compile(rf"\b(?:(?:chapter|scene|part|act)\s+(?:{_NUMBER})|prologue|epilogue)\b", re.IGNORECASE)

DRAFTING = re.compile(r"\b(?:draft|write|continue|compose|sketch)\b", re.IGNORECASE)
"""A wish for prose."""


_SPACES = re.compile(r"[^\S\n]+")
_REACH = 4_000


def within_reach(text: str) -> str:
    """As much of a text as rules look at, with single spaces: some patterns try every place against every other."""
    return _SPACES.sub(" ", text[:_REACH])


def document_in(text: str) -> str | None:
    """The document that a text names, as `chapter 7`."""
    found = _DOCUMENT.search(text)
    return " ".join(found[0].lower().split()) if found else None


def keywords(text: str) -> list[str]:
    """The words of a text that say what it is about, in order and each once."""
    words = re.findall(r"[^\W_]+(?:[’'][^\W_]+)*", text)
    return list(dict.fromkeys(word for word in words if word.lower() not in _STOP_WORDS))


def sentence(text: str) -> str:
    """The text with a capital at its start."""
    text = text.strip()
    return text[:1].upper() + text[1:]


def excerpt(text: str, *, chars: int) -> str:
    """The text on one line, cut at a word when it is longer."""
    text = " ".join(text.split())
    if len(text) <= chars:
        return text
    return text[:chars].rsplit(" ", 1)[0] + "…"
