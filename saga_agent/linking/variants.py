"""The forms in which a name of the story bible may stand in a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

from saga_agent.linking.flat import even_characters
from saga_agent.linking.heads import head_kind
from saga_agent.linking.mention import Kind
from saga_agent.linking.titles import canonical_title

_POSSESSED = re.compile(r"^.*'s ")
_SUFFIXES = "jr jr. sr sr. esq esq. ii iii iv v vi vii viii ix x m.d. md phd"
_SMALL = "a an and at by de del der des di du for in la le of on or the to van von y"
NAME_SUFFIXES = frozenset(_SUFFIXES.split())
"""What may follow a name and still belong to it."""
_SMALL_WORDS = frozenset(_SMALL.split())


class Rank(IntEnum):
    """How firmly a form points at its owner; lower is firmer."""

    EXPLICIT = 0
    PART = 1
    LOOSE = 2


class Form(NamedTuple):
    """One way to write a name, without the title before it."""

    text: str
    rank: Rank
    titles: frozenset[str] = frozenset()
    """Titles the bible gives to this very form; without one of them in the text the form is a mere part."""
    is_surname: bool = False


def clean_name(name: str) -> str:
    """A name with plain spaces and quotes, composed characters, and no emphasis marks around it."""
    return " ".join(unicodedata.normalize("NFC", even_characters(name)).split()).strip("_* ")


def forms_of(name: str, kind: Kind) -> Iterator[Form]:
    """The forms of a cleaned name: itself, and the parts people use instead of it."""
    if kind == "character":
        yield from _character_forms(name)
        return
    yield Form(name, Rank.EXPLICIT)
    words = name.split()
    if _is_article(words):
        words = words[1:]
        yield Form(" ".join(words), Rank.EXPLICIT)
    if kind == "place" and len(words) > 1 and head_kind(words[-1]) == "place" and words[0][0].isupper():
        yield Form(" ".join(words[:-1]), Rank.LOOSE)
    if kind == "faction":
        yield from _acronyms(words)


def full_names(forms: Sequence[Form]) -> Iterator[Form]:
    """Given name and surname of one character whom the bible calls "Lucy" here and "Miss Vale" there.

    `forms` are those of all its names.
    """
    surnames = [form for form in forms if form.is_surname or (form.titles and " " not in form.text)]
    for given in forms:
        if given.rank == Rank.EXPLICIT and not given.titles and " " not in given.text and given.text[0].isupper():
            for surname in surnames:
                if surname.text != given.text:
                    yield Form(f"{given.text} {surname.text}", Rank.PART, surname.titles)


def _character_forms(name: str) -> Iterator[Form]:
    titles, words = _split_titles(name.split())
    yield Form(" ".join(words), Rank.EXPLICIT, titles)
    if "'s " in name:
        yield from _parts(_POSSESSED.sub("", name).split())
    elif _is_article(words):
        yield Form(" ".join(words[1:]), Rank.EXPLICIT)
    else:
        yield from _parts(name.split())


def _parts(words: list[str]) -> Iterator[Form]:
    titles, words = _split_titles(words)
    words = _before_epithet(words)
    while len(words) > 1 and words[-1].lower().rstrip(",") in NAME_SUFFIXES:
        words = [*words[:-2], words[-2].rstrip(",")]
    given, surname = words[0], words[-1]
    if len(words) == 1:
        yield Form(given, Rank.PART, titles)
        return
    if _is_name_like(surname):
        yield Form(surname, Rank.PART, titles, is_surname=True)
    if _is_name_like(given):
        yield Form(given, Rank.PART, titles)
        yield Form(f"{given} {surname}", Rank.PART, titles)
    if len(words) > 2:
        yield from _around_middle(words, titles)


def _around_middle(words: list[str], titles: frozenset[str]) -> Iterator[Form]:
    """Surnames of several words ("de la Cruz", "Van Helsing"), and a given name with a middle name."""
    for place, word in enumerate(words[1:-1], start=1):
        if word.lower() in _SMALL_WORDS:
            yield Form(" ".join(words[place:]), Rank.PART, titles, is_surname=True)
            return
    yield Form(" ".join(words[:-1]), Rank.PART, titles)


def _is_article(words: list[str]) -> bool:
    """Whether a name can do without the article before it; "the captain" cannot."""
    return len(words) > 1 and words[0].lower() == "the" and not words[1].islower()


def _split_titles(words: list[str]) -> tuple[frozenset[str], list[str]]:
    """The titles that lead a name, and the rest; a name of titles only ("the Queen") is a name itself."""
    titles: set[str] = set()
    rest = words
    while len(rest) > 1 and rest[1].lower() != "of" and (title := canonical_title(rest[0])):
        titles.add(title)
        rest = rest[1:]
    return frozenset(titles), rest


def _before_epithet(words: list[str]) -> list[str]:
    """What is left of "Lavinia of Ard" and "Lavinia the Bold": "Lavinia"."""
    for place, word in enumerate(words[1:], start=1):
        if word.lower() in {"of", "the"}:
            return words[:place]
    return words


def _is_name_like(word: str) -> bool:
    return len(word) > 1 and not word.endswith(".") and (word[0].isupper() or not word[0].isascii())


def _acronyms(words: list[str]) -> Iterator[Form]:
    initials = [word[0] for word in words if word[0].isupper()]
    if len(initials) > 2:
        yield Form("".join(initials), Rank.LOOSE)
        yield Form(".".join(initials) + ".", Rank.LOOSE)


def spellings(form: str, kind: Kind, *, as_written: bool) -> set[str]:
    """How a form is cased and inflected in a text: in capitals, at a sentence's start, in the plural."""
    words = {form}
    if not as_written:
        words.add(form.upper())
        if form.islower() or form.isupper():
            words.update(_recased(form))
    if kind in {"faction", "item"}:
        words |= {plural for word in tuple(words) if (plural := _plural(word))}
    if form.isascii():
        return words
    return words | {unicodedata.normalize("NFD", word) for word in words}


def _recased(form: str) -> Iterator[str]:
    if form.islower():
        yield form[0].upper() + form[1:]
        yield _title_case(form)
    elif form.isupper() and len(form) > 3 and "." not in form:
        yield _title_case(form)


def _title_case(form: str) -> str:
    first, *rest = form.lower().split()
    return " ".join([_capital(first), *(word if word in _SMALL_WORDS else _capital(word) for word in rest)])


def _capital(word: str) -> str:
    return "-".join(part[:1].upper() + part[1:] for part in word.split("-"))


def _plural(word: str) -> str | None:
    last = word[-1]
    if not (last.isascii() and last.isalpha()) or word.endswith(("s", "S")):
        return None
    if word.endswith(("x", "z", "ch", "sh")):
        return word + "es"
    if word[-1] == "y" and word[-2:-1] not in set("aeiou"):
        return word[:-1] + "ies"
    return word + ("S" if word.isupper() and len(word) > 1 else "s")
