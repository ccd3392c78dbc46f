"""Words as searching compares them: folded, so that case and diacritics do not matter."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_INSIDE_A_SENTENCE = re.compile(r"(?<=[\w,;:] )[^\W\d_]\w*|(?<=[\w,;:] [“\"‘'(])[^\W\d_]\w*")
_EMPTY = frozenset(
    """
    a about all an and are as at be been but by can could d did do does for from had has have he her him his how i if
    in into is it its ll m me my no not of on or our re s she so t that the their them then there these they this to
    ve was we were what when where which who whom whose why will with would you your
    """.split()  # noqa: SIM905 - a list of 80 literals is no better to read
)


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
