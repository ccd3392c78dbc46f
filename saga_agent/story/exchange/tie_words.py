"""The words by which people write down ties, and the type of relationship each stands for."""

from __future__ import annotations

from saga_agent.domain.entity import EntityType
from saga_agent.domain.relations import RelationTypes

ANY_TIE = "related_to"
"""The type of a tie of which no more is known than that there is one."""

_TYPES = RelationTypes()
_WORDS = {
    "child_of": "mother father parent parents",
    "parent_of": "child children son sons daughter daughters",
    "spouse_of": "spouse husband wife",
    "sibling_of": "sibling siblings brother brothers sister sisters",
    "friend_of": "friend friends",
    "enemy_of": "enemy enemies",
    "ally_of": "ally allies",
    "rival_of": "rival rivals",
    "student_of": "mentor mentors teacher",
    "member_of": "faction factions affiliation member_of organization organisation guild",
    "has_member": "members",
    "led_by": "leader",
    "ruled_by": "ruler",
    "owned_by": "owner",
    "lives_in": "home residence",
    "located_in": "location parent_place region",
    "seated_in": "seat headquarters",
}
_BY_WORD = {word: name for name, words in _WORDS.items() for word in words.split()}


def is_relation(word: str) -> bool:
    """Whether the word is the name of a type of relationship, or of its inverse."""
    return _TYPES.find(word) is not None


def relation_for(word: str, source: EntityType, target: EntityType) -> tuple[str, bool]:
    """The type of relationship that the word stands for between these two, and whether it runs from the target.

    `related_to` for a word that says nothing, or that cannot join the two.
    """
    plain = "_".join(word.casefold().replace("-", " ").split())
    found = _TYPES.find(plain) or _TYPES.find(_BY_WORD.get(plain, ANY_TIE))
    if found is None:
        return ANY_TIE, False
    kind, is_inverse = found
    first, second = (target, source) if is_inverse else (source, target)
    if (kind.sources and first not in kind.sources) or (kind.targets and second not in kind.targets):
        return ANY_TIE, False
    return kind.name, is_inverse and not kind.symmetric


def is_symmetric(name: str) -> bool:
    """Whether the type reads the same from both ends."""
    found = _TYPES.find(name)
    return found is not None and found[0].symmetric
