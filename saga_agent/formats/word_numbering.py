"""The numbers that Word sets before paragraphs: counted along the text, spelled as their list says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from saga_agent.formats.markup import Node
from saga_agent.formats.word_xml import child, named, switch, word_name, word_value

_PLACEHOLDER = re.compile(r"%([1-9])")
_ONES = (
    "Zero One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve Thirteen Fourteen Fifteen Sixteen Seventeen"
    " Eighteen Nineteen"
)
_TENS = "Twenty Thirty Forty Fifty Sixty Seventy Eighty Ninety"
_IRREGULAR = "One First Two Second Three Third Five Fifth Eight Eighth Nine Ninth Twelve Twelfth"
_CARDINALS, _DECADES, _PAIRS = _ONES.split(), _TENS.split(), _IRREGULAR.split()
_ORDINALS: dict[str, str] = dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
_ROMAN_LETTERS = "M CM D CD C XC L XL X IX V IV I"
_ROMAN_VALUES = (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1)
_ROMAN = tuple(zip(_ROMAN_VALUES, _ROMAN_LETTERS.split(), strict=True))
_HAN = "〇一二三四五六七八九"
_HAN_STEPS = ((1000, "千"), (100, "百"), (10, "十"))


@dataclass(frozen=True, slots=True)
class _Level:
    """How one level of a list counts."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    all_digits: bool = False
    restarts: bool = True


class Numbering:
    """The lists of a document, counted as its paragraphs go by."""

    def __init__(self, root: Node | None) -> None:
        """Takes the root of the part with the numbering, None when the document has none."""
        abstract: dict[str, Node] = {}
        linked: dict[str, str] = {}
        for node in named(root, "abstractNum") if root is not None else ():
            key = word_value(node, "abstractNumId") or ""
            abstract[key] = node
            if (link := word_value(child(node, "styleLink"))) is not None:
                linked[link] = key
        self._lists: dict[str, str] = {}
        self._levels: dict[str, dict[int, _Level]] = {}
        self._starts: dict[tuple[str, int], int] = {}
        self._styles: dict[str, dict[str, int]] = {}
        for node in named(root, "num") if root is not None else ():
            self._read_list(node, abstract, linked)
        self._counters: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()

    def label(self, number: str, level: int, style: str = "") -> str:
        """Counts one more paragraph of the list; what Word shows before it, empty for bullets and unknown lists."""
        key = self._lists.get(number)
        if key is None:
            return ""
        level = self._styles[number].get(style, level)
        levels = self._levels[number]
        counters = self._counters.setdefault(key, {})
        if (number, level) in self._starts and (number, level) not in self._begun:
            self._begun.add((number, level))
            counters[level] = self._starts[number, level]
        else:
            counters[level] = counters.get(level, levels.get(level, _Level()).start - 1) + 1
        for deeper in [each for each in counters if each > level and levels.get(each, _Level()).restarts]:
            del counters[deeper]
        return self._spelled(levels, counters, level)

    def _spelled(self, levels: dict[int, _Level], counters: dict[int, int], level: int) -> str:
        own = levels.get(level)
        if own is None or own.form in ("bullet", "none"):
            return own.text if own is not None and own.form == "none" and "%" not in own.text else ""

        def value(match: re.Match[str]) -> str:
            place = int(match[1]) - 1
            other = levels.get(place, _Level())
            count = counters.get(place, other.start)
            return spelled(count, "decimal" if own.all_digits else other.form)

        return " ".join(_PLACEHOLDER.sub(value, own.text).split())

    def _read_list(self, node: Node, abstract: dict[str, Node], linked: dict[str, str]) -> None:
        number = word_value(node, "numId") or ""
        key = word_value(child(node, "abstractNumId")) or ""
        link = word_value(child(abstract.get(key), "numStyleLink"))
        key = linked.get(link, key) if link is not None else key
        if key not in abstract:
            return
        self._lists[number] = key
        self._styles[number] = {}
        self._levels[number] = dict(self._read_level(number, each) for each in abstract[key] if _is_level(each))
        for override in named(node, "lvlOverride"):
            place = _number(word_value(override, "ilvl"), 0)
            for each in named(override, "lvl"):
                self._levels[number].update((self._read_level(number, each),))
            if (start := word_value(child(override, "startOverride"))) is not None:
                self._starts[number, place] = _number(start, 1)

    def _read_level(self, number: str, node: Node) -> tuple[int, _Level]:
        place = _number(word_value(node, "ilvl"), 0)
        if (style := word_value(child(node, "pStyle"))) is not None:
            self._styles[number][style] = place
        return place, _Level(
            start=_number(word_value(child(node, "start")), 1),
            form=word_value(child(node, "numFmt")) or "decimal",
            text=word_value(child(node, "lvlText")) or "",
            all_digits=switch(node, "isLgl") is True,
            restarts=word_value(child(node, "lvlRestart")) != "0",
        )


def spelled(value: int, form: str) -> str:
    """The number in one of Word's forms (`upperRoman`, `cardinalText`); digits for those that have no table here."""
    make = _FORMS.get(form)
    return make(value) if make is not None and value > 0 else str(value)


def _is_level(node: Node) -> bool:
    return word_name(node) == "lvl"


def _number(value: str | None, otherwise: int) -> int:
    return int(value) if value is not None and value.isdecimal() and len(value) < 7 else otherwise


def _roman(value: int) -> str:
    if value >= 5000:
        return str(value)
    text = ""
    for step, letters in _ROMAN:
        text += letters * (value // step)
        value %= step
    return text


def _letters(value: int) -> str:
    return chr(ord("A") + (value - 1) % 26) * min((value - 1) // 26 + 1, 20)


def _cardinal(value: int) -> str:
    if value < 20:
        return _CARDINALS[value]
    if value < 100:
        return _DECADES[value // 10 - 2] + (f"-{_CARDINALS[value % 10]}" if value % 10 else "")
    if value < 1000:
        return f"{_CARDINALS[value // 100]} Hundred" + (f" {_cardinal(value % 100)}" if value % 100 else "")
    return str(value)


def _ordinal_text(value: int) -> str:
    words = _cardinal(value)
    if words.isdecimal():
        return _ordinal(value)
    head, mark, last = words.rpartition("-") if "-" in words.rpartition(" ")[2] else words.rpartition(" ")
    last = _ORDINALS.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")
    return f"{head}{mark}{last}"


def _ordinal(value: int) -> str:
    teens = value % 100 in (11, 12, 13)
    return f"{value}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(value % 10, 'th')}"


def _han(value: int) -> str:
    if value >= 10_000:
        return str(value)
    text, skipped = "", False
    for step, sign in _HAN_STEPS:
        digit, value = divmod(value, step)
        if digit:
            text += ("〇" if skipped else "") + (_HAN[digit] if digit > 1 or text or step > 10 else "") + sign
        skipped = bool(text) and not digit
    return text + (("〇" if skipped else "") + _HAN[value] if value else "")


_FORMS: dict[str, Callable[[int], str]] = {
    "upperRoman": _roman,
    "lowerRoman": lambda value: _roman(value).lower(),
    "upperLetter": _letters,
    "lowerLetter": lambda value: _letters(value).lower(),
    "decimalZero": lambda value: f"{value:02}",
    "ordinal": _ordinal,
    "cardinalText": _cardinal,
    "ordinalText": _ordinal_text,
    "decimalFullWidth": lambda value: "".join(chr(0xFF10 + int(digit)) for digit in str(value)),
    "ideographDigital": lambda value: "".join(_HAN[int(digit)] for digit in str(value)),
    "chineseCounting": _han,
    "chineseCountingThousand": _han,
    "japaneseCounting": _han,
    "taiwaneseCounting": _han,
    "taiwaneseCountingThousand": _han,
}
