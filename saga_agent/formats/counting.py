"""Counted headings: a noun and a number in any order and language, as in `CHAPITRE PREMIER`, `Erstes Kapitel`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from saga_agent.formats.languages import HAN_PARTS, HAN_UNITS, LANGUAGES
from saga_agent.formats.numerals import MAX_WORD_LENGTH, fold, letter_number, number_in_words, number_of, ordinal_of

CountedFamily = Literal["unit", "part"]

_TOKEN = re.compile(r"\d+[^\W\d_]{0,5}|[^\s\d.:—–,;()\[\]|/\-·．：、]+")
_MAX_TOKENS = 12
_LETTERED = re.compile(r"(\d{1,4})[A-Zb-cf-gj-ln-qu-z]")
"""A number between two others, `2b`; small letters that make ordinals, as in `1a`, do not."""
_HAN_NUMBER = r"[0-9０-９一二三四五六七八九十百千〇○零两兩壹贰貳弐叁參参肆伍陆陸柒捌玖拾佰仟廿卅]{1,9}"
_HAN = re.compile(
    rf"(?:第\s*(?P<han>{_HAN_NUMBER})\s*(?P<noun>[{HAN_UNITS}{HAN_PARTS}])"
    rf"|제?\s*(?P<hangul>[0-9０-９]{{1,4}}|[일이삼사오육칠팔구십백]{{1,6}})\s*(?P<noun2>[장화회막절권부편])(?![^\W\d])"
    rf"|(?P<bare>[0-9０-９]{{1,4}}|{_HAN_NUMBER})\s*(?P<noun3>[章回話话])"
    rf"|卷之?(?P<volume>{_HAN_NUMBER}))"
)
_ENGLISH_CARDINALS = frozenset(f"{LANGUAGES[0].cardinals} {LANGUAGES[0].tens.replace('/', ' ')} hundred".split())
"""`One story` is no heading, `First Story` is."""
_SINO_KOREAN = str.maketrans("일이삼사오육칠팔구십백", "一二三四五六七八九十百")
_ARTICLES = frozenset(
    map(
        fold,
        """
        the le la les das der die el il lo o a al de het det den to thứ cel cea az
        """.split(),  # noqa: SIM905 - a list of 20 literals is no better to read
    )
)


_LAST = {
    "chapter": "final|chapter last|chapter the|final|chapter the|last|chapter",
    "kapitel": "letztes|kapitel das|letzte|kapitel sista|kapitlet sidste|kapitel",
    "chapitre": "dernier|chapitre le|dernier|chapitre chapitre|dernier chapitre|final",
    "capitulo": "último|capítulo el|último|capítulo o|último|capítulo capítulo|final",
    "capitolo": "ultimo|capitolo l'ultimo|capitolo capitolo|finale",
    "hoofdstuk": "laatste|hoofdstuk het|laatste|hoofdstuk",
    "глава": "последняя|глава",
    "rozdział": "ostatni|rozdział rozdział|ostatni",
    "章": "最终章 最終章 最后一章 最後一章",
    "장": "마지막|장 최종장",
}


@dataclass(frozen=True, slots=True)
class Counted:
    """A noun and its number at the beginning of a line."""

    family: CountedFamily
    unit: str
    """The noun, folded."""
    number: int
    is_ordinal: bool
    """Whether the number stands first."""
    end: int
    """Where in the line the rest begins."""


def counted(line: str) -> Counted | None:
    """The noun and the number with which a line begins, whatever follows; None when it begins otherwise."""
    return _han(line) or _spelled(line)


@cache
def last_chapters() -> dict[str, str]:
    """How books call their last chapter instead of by a number, folded, each with its noun."""
    return {fold(phrase.replace("|", " ")): fold(noun) for noun, phrases in _LAST.items() for phrase in phrases.split()}


def is_chapter_noun(noun: str) -> bool:
    """Whether the folded noun is what a language calls a chapter, rather than a letter, a tale, a song."""
    return noun in _chapter_nouns()


@cache
def _chapter_nouns() -> frozenset[str]:
    return frozenset(fold(language.units.split()[0]) for language in LANGUAGES if language.units)


def _han(line: str) -> Counted | None:
    match = _HAN.match(line)
    if match is None:
        return None
    noun = match["noun"] or match["noun2"] or match["noun3"] or "卷"
    digits = match["han"] or match["hangul"] or match["bare"] or match["volume"]
    number = number_of(digits.replace("○", "〇").translate(_SINO_KOREAN))
    if number is None:
        return None
    return Counted("part" if noun in HAN_PARTS else "unit", noun, number, False, match.end())


def _spelled(line: str) -> Counted | None:
    tokens: list[re.Match[str]] = []
    for token in _TOKEN.finditer(line):
        tokens.append(token)
        if len(tokens) == _MAX_TOKENS:
            break
    if len(tokens) < 2 or any(len(token[0]) > MAX_WORD_LENGTH for token in tokens[:2]):
        return None
    words = [fold(token[0]) for token in tokens if len(token[0]) <= MAX_WORD_LENGTH]
    nouns = _nouns()
    if words[0] in nouns:
        return _noun_first(words, tokens)
    return _number_first(words, tokens)


def _noun_first(words: list[str], tokens: list[re.Match[str]]) -> Counted | None:
    family, codes = _nouns()[words[0]]
    first = 2 if len(words) > 2 and words[1] in _ARTICLES else 1
    for start in dict.fromkeys((1, first)):
        written = tokens[start][0].strip("'\"׳״’")
        is_letter = len(written) == 1 and fold(written) in "cdlm"  # as in names: Tom D. Hall
        number, used = (None if is_letter else number_of(written)) or ordinal_of(words[start]), 1
        if number is None:
            found = [each for code in codes if (each := number_in_words(words[start:], code))]
            letters = [(each, 1) for code in codes if (each := letter_number(words[start], code))]
            number, used = max([*found, *letters], key=lambda each: each[1], default=(None, 1))
        if (lettered := _LETTERED.fullmatch(written)) and tokens[start][0] == written:
            return Counted(family, words[0], int(lettered[1]), False, tokens[start].start() + lettered.end(1))
        if number is not None:
            return Counted(family, words[0], number, False, tokens[start + used - 1].end())
    return None


def _number_first(words: list[str], tokens: list[re.Match[str]]) -> Counted | None:
    """`Erstes Kapitel`, `The Second Part`, `1. fejezet`: the number alone, or as an ordinal, before the noun."""
    start = 1 if words[0] in _ARTICLES and len(words) > 2 else 0
    for place in range(start + 1, min(start + 6, len(words))):
        if words[place] not in _nouns():
            continue
        family, codes = _nouns()[words[place]]
        before = words[start:place]
        end = tokens[place].end()
        is_digit = len(before) == 1 or (len(before) == 2 and len(before[1]) <= 3 and before[0].isdecimal())
        if is_digit and (number := number_of(tokens[start][0]) or ordinal_of(before[0])) is not None:
            return Counted(family, words[place], number, True, end)
        for code in codes:
            found = number_in_words(before, code)
            if found and found[1] == len(before) and not (code == "en" and before[-1] in _ENGLISH_CARDINALS):
                return Counted(family, words[place], found[0], True, end)
        return None
    return None


@cache
def _nouns() -> dict[str, tuple[CountedFamily, tuple[str, ...]]]:
    """Each noun, folded, with its family and the languages that have it."""
    nouns: dict[str, tuple[CountedFamily, tuple[str, ...]]] = {}
    families: tuple[CountedFamily, ...] = ("unit", "part")
    for language in LANGUAGES:
        for family, words in zip(families, (language.units, language.parts), strict=True):
            for word in map(fold, words.split()):
                known = nouns.get(word, (family, ()))
                nouns[word] = known[0], tuple(dict.fromkeys((*known[1], language.code)))
    return nouns
