"""Where sentences start: there a capital letter tells nothing."""

from __future__ import annotations

from saga_agent.linking.titles import canonical_title

_ENDS = frozenset(".!?:…—–\n")
_SKIPPED = frozenset(" _*)]»”\"'“‘«([")
_OPENERS = frozenset('“‘«(["')
_REACH = 12


def starts_sentence(flat: str, index: int) -> bool:
    """Whether the word at `index` opens a sentence, a paragraph or a quotation."""
    place = index - 1
    lowest = max(-1, place - _REACH)
    while place > lowest and flat[place] in _SKIPPED:
        if flat[place] in _OPENERS or (flat[place] == "'" and not flat[place - 1 : place].isalnum()):
            return True
        place -= 1
    if place < 0:
        return True
    if flat[place] == ".":
        return not _is_abbreviation(flat, place)
    return flat[place] in _ENDS or flat[place - 1 : place + 1] == "--"


def _is_abbreviation(flat: str, dot: int) -> bool:
    """Whether the dot belongs to a title ("Mr.") or an initial ("J.")."""
    start = dot
    while start > 0 and flat[start - 1].isalpha() and dot - start < _REACH:
        start -= 1
    word = flat[start:dot]
    return (
        bool(word) and word[0].isupper() and word != "I" and (len(word) == 1 or canonical_title(word + ".") is not None)
    )
