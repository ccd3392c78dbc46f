"""Runs of capitalised words that are probably names, with their titles taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from saga_agent.linking.gazetteer import is_known_place
from saga_agent.linking.given_names import is_given_name
from saga_agent.linking.heads import OF_HEADS, head_kind
from saga_agent.linking.plain_words import EPITHETS, FUNCTION_WORDS, NO_ENTITY, OPENERS, PAPERS, PEOPLES
from saga_agent.linking.titles import canonical_title, is_short_title
from saga_agent.linking.tokens import Token, Words

_PARTICLE_WORDS = "de|de la|del|della|di|du|la|le|van|van der|von|y|el|al"
_PARTICLES = frozenset(f" {words} " for words in _PARTICLE_WORDS.split("|"))
_LONGEST_GAP = 9
_LONGEST_RUN = 12
_REACH = 24
_INDEFINITE = re.compile(r"\b(?:an?|my|your|his|her|its|our|their|every|each|no|some|any|these|those)( [a-z-]+)? $")
_NOUN_ENDINGS = ("tion", "sion", "ness", "ment", "ology", "ism", "tude", "hood", "ly", "ing", "self")
_ADJECTIVE_ENDINGS = ("ian", "ean", "ern", "ese", "ish", "esque", "ine", "-speaking", "like")
_VERB_AFTER = re.compile(
    r" (?:is|was|had|has|did|does|will|would|could|can|must|might|may|should|shall|said|says|went|came|took|made|sat|"
    r"stood|saw|knew|felt|thought|told|gave|got|ran|began|found|left|kept|held|put|let|spoke|\w+ed)\b"
)
_NOUN_AFTER = re.compile(
    r" (?!(?:and|or|but|with|to|in|on|at|of|from|by|for|as|that|who|which|\w+ed|is|was|had)\b)[a-z]"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A probable name in the even text: titles apart from the words of the name itself."""

    start: int
    end: int
    titles: tuple[str, ...]
    core: tuple[str, ...]
    """The words of the name without titles, as written; empty for a title used as a name ("the Queen")."""


def find_candidates(flat: str, words: Words) -> Iterator[Candidate]:
    """The probable names of an even text, in its order."""
    for run in _runs(flat, words):
        trimmed = _trimmed(run, words)
        if trimmed and _is_name(flat, trimmed, words):
            yield _candidate(flat, trimmed)


def _runs(flat: str, words: Words) -> Iterator[list[Token]]:
    run: list[Token] = []
    for token in words.tokens:
        if run and not _continues(flat, run, token, words):
            yield run
            run = []
        run.append(token)
    if run:
        yield run


def _continues(flat: str, run: Sequence[Token], token: Token, words: Words) -> bool:
    """Whether a token goes on with the name that the run has begun."""
    last = run[-1]
    gap = flat[last.end : token.start]
    if gap == "'s " or (gap == "' " and last.key.endswith("s")):
        return head_kind(token.key) in ("faction", "item")  # "Lamplighters' Guild", "Oracle's Lens"
    if last.is_possessive or len(gap) > _LONGEST_GAP or len(run) == _LONGEST_RUN:
        return False
    if token.is_shouted and not (words.is_name(token.key) and (words.is_name(last.key) or canonical_title(last.text))):
        return False
    if gap == ". ":
        return (len(last.text) == 1 or is_short_title(last.text)) and run[0].key not in PAPERS
    if gap == " ":
        return not is_short_title(token.text) or canonical_title(last.text) is not None
    if gap in {" of ", " of the "}:
        return last.key in OF_HEADS
    return gap in _PARTICLES and last.key not in FUNCTION_WORDS


def _trimmed(run: Sequence[Token], words: Words) -> list[Token]:
    """The run without the words around it that only happen to have a capital."""
    left = list(run)
    while left and _is_no_part(left[0], words, alone=len(left) == 1):
        del left[0]
    while left and _is_no_end(left[-1], words):
        del left[-1]
    return left


def _is_no_part(token: Token, words: Words, *, alone: bool) -> bool:
    """Whether the first word of a run does not belong to the name."""
    key = token.key
    if key in FUNCTION_WORDS or (key in PAPERS and not canonical_title(key)):
        return True
    if token.is_free or (alone and key in EPITHETS) or canonical_title(key) or is_given_name(key):
        return False
    if key in OPENERS or key in EPITHETS:
        return words.free[key] <= words.small[key]
    return words.small[key] > words.free[key] or (key.endswith(_NOUN_ENDINGS) and not words.free[key])


def _is_no_end(token: Token, words: Words) -> bool:
    """Whether the last word of a run does not belong to the name: a verb in a heading, a stray "But"."""
    key = token.key
    if key in FUNCTION_WORDS or token.text == "I":
        return True
    if token.is_free or is_given_name(key) or head_kind(key):
        return False
    return words.small[key] > words.free[key] or (key.endswith(_NOUN_ENDINGS) and not words.free[key])


def _is_name(flat: str, run: Sequence[Token], words: Words) -> bool:
    if len(run) == 1:
        return _is_single_name(flat, run[0], words)
    keys = [token.key for token in run]
    if canonical_title(keys[0]) and not canonical_title(keys[-1]):
        return keys[-1] not in FUNCTION_WORDS
    if not is_given_name(keys[0]) and _INDEFINITE.search(flat, max(0, run[0].start - _REACH), run[0].start):
        return False
    if all(key in NO_ENTITY or key in OPENERS for key in keys):
        return head_kind(keys[-1]) is not None and keys[0] in PEOPLES
    return any(
        token.is_free or _is_single_name(flat, token, words) or not words.small[token.key]
        for token in run
        if not canonical_title(token.text)
    )


def _is_single_name(flat: str, token: Token, words: Words) -> bool:
    key = token.key
    if key in NO_ENTITY or key in FUNCTION_WORDS or len(key) == 1:
        return False
    is_familiar = is_given_name(key) or is_known_place(key)
    if not is_familiar and (words.common[key] * 4 > words.free[key] or _looks_common(flat, token)):
        return False
    if canonical_title(key):
        return token.is_free and words.free[key] > max(2, words.small[key])
    if words.free[key]:
        return words.is_name(key)
    if words.small[key] or key in OPENERS or token.is_shouted:
        return False
    return is_familiar or token.is_possessive or _VERB_AFTER.match(flat, token.end) is not None


def _looks_common(flat: str, token: Token) -> bool:
    """Whether a word is rather a noun or adjective of the language: by its ending, or after "the"."""
    key = token.key
    if key.endswith(_NOUN_ENDINGS) and flat[max(0, token.start - 1)] not in "_*":
        return True
    if key.endswith(_ADJECTIVE_ENDINGS) and _NOUN_AFTER.match(flat, token.end):
        return True
    return head_kind(key) is not None and flat[max(0, token.start - 4) : token.start].lower() == "the "


def _candidate(flat: str, run: Sequence[Token]) -> Candidate:
    titles: list[str] = []
    rest = list(run)
    while rest and (title := _title(flat, rest)):
        titles.append(title)
        del rest[0]
    core = tuple(flat[rest[0].start : rest[-1].end].split()) if rest else ()
    return Candidate(run[0].start, run[-1].end, tuple(titles), core)


def _title(flat: str, rest: Sequence[Token]) -> str | None:
    after = flat[rest[0].end : rest[0].end + 4]
    if after == " of ":
        return None
    return canonical_title(rest[0].text + (after[:1] if after[:1] == "." else ""))
