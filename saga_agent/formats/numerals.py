"""Chapter numbers as books write them: digits, Roman numerals, English number words."""

from __future__ import annotations

import re

_CARDINALS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
)
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"
    " fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"

_WORDS = {word: value for words in (_CARDINALS, _ORDINALS) for value, word in enumerate(words.split(), 1)}
_TENS_VALUES = {word: value * 10 for value, word in enumerate(_TENS.split(), 2)}
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}

ROMAN = r"(?=[ivxlcdm])m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
_UNIT_WORDS = "|".join(sorted(_WORDS, key=len, reverse=True))
_TENS_WORDS = "|".join(_TENS_VALUES)
WORD = rf"(?:{_TENS_WORDS})(?:[-\s](?:{_UNIT_WORDS}))?|{_UNIT_WORDS}"
NUMBER = rf"(?ai:\d{{1,4}}|{ROMAN}|{WORD})(?![^\W_])"
"""A number in any of the three spellings and any case, ending at a word's end."""

_ROMAN_ONLY = re.compile(ROMAN)


def number_of(text: str) -> int:
    """The value of a text that `NUMBER` matches."""
    lowered = text.lower()
    if lowered.isdecimal():
        return int(lowered)
    if _ROMAN_ONLY.fullmatch(lowered):
        return _roman(lowered)
    tens, _, unit = lowered.replace("-", " ").partition(" ")
    if tens in _TENS_VALUES:
        return _TENS_VALUES[tens] + (_WORDS[unit] if unit else 0)
    return _WORDS[lowered]


def _roman(text: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in text]
    return sum(
        -value if value < following else value for value, following in zip(values, [*values[1:], 0], strict=True)
    )
