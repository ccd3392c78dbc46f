"""Words as searching compares them, folded, so that case and diacritics do not matter; and how many a text has."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from regex import Pattern

_WORD = re.compile(r"[^\W_]+")
_INSIDE_A_SENTENCE = re.compile(r"(?<=[\w,;:] )[^\W\d_]\w*|(?<=[\w,;:] [“\"‘'(])[^\W\d_]\w*")
_EMPTY = frozenset(
    """
    a about all an and are as at be been but by can could d did do does for from had has have he her him his how i if
    in into is it its ll m me my no not of on or our re s she so t that the their them then there these they this to
    ve was we were what when where which who whom whose why will with would you your
    """.split()  # noqa: SIM905 - a list of 80 literals is no better to read
)
UNSPACED: Final = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3040, 0x30FF),
    (0x3400, 0x9FFF),
    (0xAC00, 0xD7AF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
"""The code points of scripts that put no spaces between words."""
_BLOCKS = "".join(f"{chr(low)}-{chr(high)}" for low, high in UNSPACED)
_WRITTEN = re.compile(rf"[^\W_{_BLOCKS}]+|[{_BLOCKS}]")
_ASCII_WORD = re.compile(r"[A-Za-z0-9]+(?:'[A-Za-z0-9]+)*")
_SLICE = 1 << 20


def count_words(text: str) -> int:
    """The number of words in a text of any script.

    A word is a run of letters, digits and the marks on them, over apostrophes and soft hyphens; hyphens and dashes
    part words. In scripts written without blanks (Chinese, Japanese, Thai, Lao, Khmer, Burmese) every letter counts.
    """
    if text.isascii():
        return sum(len(_ASCII_WORD.findall(piece)) for piece in _slices(text))
    pattern = _any_word()
    return sum(len(pattern.findall(piece)) for piece in _slices(text))


def _slices(text: str) -> list[str]:
    """The text in pieces that end with a line, so that the words of a whole library are never in memory at once."""
    pieces: list[str] = []
    start = 0
    while len(text) - start > _SLICE:
        end = text.find("\n", start + _SLICE) + 1
        if not end:
            break
        pieces.append(text[start:end])
        start = end
    return [*pieces, text[start:]]


@cache
def _any_word() -> Pattern[str]:
    import regex  # start-up cost; the standard library knows no scripts

    unspaced = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\u30fc"
    letter = rf"[[\p{{L}}\p{{N}}]--[{unspaced}]]"
    return regex.compile(
        rf"{letter}(?:{letter}|\p{{M}}|[\u00ad\u200c\u200d]|['’](?={letter}))*+|[[{unspaced}]&&[\p{{L}}\p{{N}}]]\p{{M}}*+",
        regex.VERSION1,
    )


def written_words(text: str) -> list[str]:
    """The text's words as they are written, in order; each letter of a script without spaces is one.

    A name that stands alone in a text, no part of another word, consists of whole words of it.
    """
    return _WRITTEN.findall(text)


def words_of(text: str) -> list[str]:
    """The text's words, folded, in order; everything that is no letter or digit only parts them."""
    if not text.isascii():
        text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return _WORD.findall(text.casefold())


def capitalised_words(text: str) -> frozenset[str]:
    """The words, folded, that have a capital letter inside a sentence, as names do."""
    written = (match[0] for match in _INSIDE_A_SENTENCE.finditer(text))
    return frozenset(word for each in written if each[0].isupper() and each != "I" for word in words_of(each))


def telling_words(text: str) -> list[str]:
    """The text's different words less those that tell nothing ("the"); "Will" inside a sentence is a name, and stays.

    Where there are only such words, all of them.
    """
    words = list(dict.fromkeys(words_of(text)))
    names = capitalised_words(text)
    return [word for word in words if word not in _EMPTY or word in names] or words
