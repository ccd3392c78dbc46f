"""Numbers as books write them: digits and numerals of any script, Roman ones, words of many languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from saga_agent.formats.languages import LANGUAGES

MAX_WORD_LENGTH = 60
"""No word for a number is longer; folding and cutting longer ones would only cost time."""

ROMAN = r"(?=[ivxlcdm])m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
_ROMAN_ONLY = re.compile(ROMAN)
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_LOOKALIKES = str.maketrans("хісмӏΙΧΜιχμ", "xicmlixmixm")
"""Cyrillic and Greek letters that people type for Roman numerals."""
_UNDECOMPOSED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th"})
_ENDING = 4
_ORDINAL_DIGITS = re.compile(
    r"(\d{1,4})(?:st|nd|rd|th|er|ere|re|eme|e|de|ste|te|o|a|os|as|i|у|а|я|и|е|го|η|ο|ος|inci|nci|uncu|º|ª)?"
)
_COUNTING_SIGNS = frozenset(" '\"’׳״΄ʹ´")
_HEBREW = {char: value for value, char in enumerate("אבגדהוזחט", 1)} | {
    char: value * 10 for value, char in enumerate("יכלמנסעפצ", 1)
}
_GREEK = {char: value for value, char in zip((1, 2, 3, 4, 5, 6, 7, 8, 9), "αβγδεϛζηθ", strict=True)} | {
    char: value * 10 for value, char in enumerate("ικλμνξοπ", 1)
}


def fold(word: str) -> str:
    """The word as it is looked up: small, compatible forms made plain, without the marks on letters."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word).casefold()
    return "".join(char for char in plain if unicodedata.category(char) != "Mn").translate(_UNDECOMPOSED)


def number_of(text: str) -> int | None:
    """The value of one numeral without words: digits or numerals of any script, or a Roman numeral; else None."""
    if not text or len(text) > MAX_WORD_LENGTH:
        return None
    plain = unicodedata.normalize("NFKC", text)
    if plain.isdecimal():
        return int(plain) if len(plain) <= 4 else None
    lowered = plain.lower().translate(_LOOKALIKES)
    if _ROMAN_ONLY.fullmatch(lowered):
        return _roman(lowered)
    return _by_value(plain)


def letter_number(folded: str, code: str) -> int | None:
    """The value of letters that count, in Hebrew and Greek: `יב` is 12, `ια΄` 11."""
    values = _HEBREW if code == "he" else _GREEK if code == "el" else {}
    found = [values.get(char) for char in folded if char not in _COUNTING_SIGNS]
    if not found or len(found) > 3:
        return None
    numbers = [each for each in found if each is not None]
    return sum(numbers) if len(numbers) == len(found) and numbers == sorted(numbers, reverse=True) else None


def ordinal_of(folded: str) -> int | None:
    """The value of digits with the letters of an ordinal on them, as in `2nd`, `1er`, `3º`."""
    match = _ORDINAL_DIGITS.fullmatch(folded)
    return int(match[1]) if match else None


def number_in_words(words: Sequence[str], code: str) -> tuple[int, int] | None:
    """The value that the first folded words make in a language, and how many of them; None when they make none."""
    lexicon = _lexicon(code)
    best: tuple[int, int] | None = None
    values: list[int] = []
    for count, word in enumerate(words[:8], 1):
        if word in lexicon.joins and values:
            continue
        atoms = lexicon.values_of(word)
        if atoms is None:
            break
        values += atoms
        if (value := _sum(values)) is not None:
            best = value, count
        elif not _may_go_on(values):
            break
    return best


def _by_value(text: str) -> int | None:
    """A number in signs that have a value of their own, set place by place or added up: 二〇, 一百零八, 壹拾貳, ፲፪."""
    values: list[int] = []
    for char in text:
        value = unicodedata.numeric(char, None)
        if value is None or value != int(value) or value < 0:
            return None
        values.append(int(value))
    if all(value < 10 for value in values):
        return int("".join(map(str, values))) if len(values) <= 4 else None
    total = current = 0
    for value in values:
        if value in (100, 1000, 10_000) or (value == 10 and current < 10):
            total, current = total + max(current, 1) * value, 0
        else:
            current += value
    return total + current if total + current < 10_000 else None


def _sum(values: list[int]) -> int | None:
    """The number that the values of words make: falling, as in `one hundred ten`, or unit first, `ein-und-zwanzig`."""
    total = 0
    last = 1_000
    for index, value in enumerate(values):
        if value == 100 and (0 < total < 10):
            total, last = total * 100, 100
        elif value == 20 and total == 4 and index == 1:
            total, last = 80, 20  # quatre-vingts
        elif value < last and (value < 10 or last >= 20):
            total, last = total + value, value
        elif 20 <= value < 100 and last < 10 and total % 100 < 10 and index:
            total, last = total + value, 10
        else:
            return None
    return total or None


def _may_go_on(values: list[int]) -> bool:
    return len(values) < 5


class _Lexicon:
    """The words for numbers in one language, folded."""

    def __init__(self, code: str) -> None:
        self._whole: dict[str, int] = {}
        self._stems: dict[str, int] = {}
        self.joins: frozenset[str] = frozenset()
        for language in LANGUAGES:
            if language.code == code:
                self._add(language.cardinals, range(1, 20))
                self._add(language.ordinals, range(1, 20))
                self._add(language.tens, range(20, 100, 10))
                self._add(language.hundreds, [100])
                self.joins = frozenset(map(fold, language.joins.split()))

    def _add(self, words: str, values: Sequence[int]) -> None:
        for alternatives, value in zip(words.split(), values, strict=False):
            for word in alternatives.split("/"):
                known = self._stems if word.endswith("*") else self._whole
                if word != "-":
                    known.setdefault(fold(word.rstrip("*")), value)

    def values_of(self, word: str) -> list[int] | None:
        """The values in one word, several in a compound such as `einundzwanzig`; None for other words."""
        if len(word) > MAX_WORD_LENGTH:
            return None
        whole = self._value(word)
        return [whole] if whole is not None else self._compound(word)

    def _value(self, word: str) -> int | None:
        if word in self._whole:
            return self._whole[word]
        for ending in range(_ENDING + 1):
            stem = word[: len(word) - ending]
            if len(stem) > 1 and stem in self._stems:
                return self._stems[stem]
        return None

    def _compound(self, word: str) -> list[int] | None:
        """The fewest pieces that make the whole word; only the last may have an ending."""
        made: dict[int, list[int]] = {0: []}
        for start in range(len(word)):
            if start not in made:
                continue
            for end in range(start + 2, len(word) + 1):
                piece = word[start:end]
                value = self._value(piece) if end == len(word) else self._whole.get(piece)
                found = [value] if value is not None else [] if piece in self.joins and start else None
                if found is not None and (end not in made or len(made[start]) + len(found) < len(made[end])):
                    made[end] = made[start] + found
        return made.get(len(word)) or None


@cache
def _lexicon(code: str) -> _Lexicon:
    return _Lexicon(code)


def _roman(text: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in text]
    return sum(
        -value if value < following else value for value, following in zip(values, [*values[1:], 0], strict=True)
    )
