"""The words by which people file what belongs into a bible, and what type of entity each stands for."""

from __future__ import annotations

import re

from saga_agent.domain.entity import EntityType
from saga_agent.linking.heads import head_kind

_WORDS: dict[EntityType, str] = {
    "character": "character person people npc pc cast protagonist antagonist hero villain",
    "location": "location place setting city town village region country world realm building landmark",
    "faction": "faction organization organisation group guild order house clan company",
    "item": "item object artifact artefact weapon thing prop",
    "magic_system": "magic_system magic power",
    "event": "event battle war history",
    "culture": "culture race species religion nation",
    "concept": "concept lore term idea rule",
    "thread": "thread plot plotline storyline",
    "calendar": "calendar",
}
_TYPES: dict[str, EntityType] = {word: type_ for type_, words in _WORDS.items() for word in words.split()}
_KINDS: dict[str, EntityType] = {"place": "location", "faction": "faction", "item": "item"}
_IS_A = re.compile(
    r"\b(?:is|was|are|were)\s+(?:an?|the|one of the)\s+(?P<words>(?:[\w'’-]+\s+){0,4}?[\w'’-]+)"
    r"(?=\s+(?:of|in|on|at|near|by|that|which|who|whose|with|from|for|between|under|above|where|and)\b|[.,;:!?\n]|$)",
    re.IGNORECASE,
)
_PEOPLE_NOUNS = """woman man girl boy child captain king queen prince princess lord lady knight soldier sailor ferryman
smith wizard witch mage priest priestess monk nun thief hunter merchant farmer healer doctor servant guard scribe singer
bard dog horse cat dragon wolf ghost elf dwarf orc heir widow widower daughter son mother father sister brother
detective pilot engineer scientist student teacher friend"""
_PEOPLE = frozenset(_PEOPLE_NOUNS.split())
_PRONOUN = re.compile(r"\b(?:he|she|his|her|him|himself|herself)\b", re.IGNORECASE)
_FIRST_WORDS = 400


def type_named(word: str) -> EntityType | None:
    """The type that a folder, a tag or a property names in the singular or the plural, if any."""
    plain = "_".join(word.strip().casefold().replace("-", " ").split())
    if plain in _TYPES:
        return _TYPES[plain]
    if plain.endswith("ies"):
        return _TYPES.get(f"{plain[:-3]}y")
    return _TYPES.get(plain.removesuffix("s")) or _TYPES.get(plain.removesuffix("es"))


def type_told(name: str, text: str) -> EntityType | None:
    """The type that "is a guild of ..." tells, or the last word of the name, or a pronoun; None without a cue."""
    beginning = text[:_FIRST_WORDS]
    if (match := _IS_A.search(beginning)) is not None and (told := _type_of_noun(match["words"].split()[-1])):
        return told
    words = name.split()
    if len(words) > 1 and (kind := head_kind(words[-1])) is not None:
        return _KINDS.get(kind)
    return "character" if _PRONOUN.search(beginning) else None


def _type_of_noun(noun: str) -> EntityType | None:
    word = noun.lower()
    if word in _PEOPLE:
        return "character"
    if word in _TYPES:
        return _TYPES[word]
    kind = head_kind(word)
    return _KINDS.get(kind) if kind else None
