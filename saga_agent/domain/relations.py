"""The types of relationships: what each means the other way round, and what it rules out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from saga_agent.domain.entity import EntityType

_PEOPLE: tuple[EntityType, ...] = ("character",)
_GROUPS: tuple[EntityType, ...] = ("faction", "culture")
_ACTORS: tuple[EntityType, ...] = ("character", "faction", "culture")
_PLACES: tuple[EntityType, ...] = ("location",)
_REALMS: tuple[EntityType, ...] = ("location", "faction", "culture")
_THINGS: tuple[EntityType, ...] = ("item",)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationType:
    """What a relationship from a source to a target means; an empty tuple of types allows any."""

    name: str
    inverse: str = ""
    """Its name when told from the target; its own name where it is symmetric."""
    symmetric: bool = False
    acyclic: bool = False
    """Whether nobody may stand above themselves by it."""
    one_source: bool = False
    """Whether a target has one source at a time, as a realm has one ruler."""
    one_target: bool = False
    """Whether a source has one target at a time, as a thing lies in one place."""
    sources: tuple[EntityType, ...] = ()
    targets: tuple[EntityType, ...] = ()
    sign: Literal[-1, 0, 1] = 0
    """How the two feel about each other, where nothing else is said."""


def _type(
    name: str,
    inverse: str,
    *sides: tuple[EntityType, ...],
    acyclic: bool = False,
    one_source: bool = False,
    one_target: bool = False,
) -> RelationType:
    sources, targets = sides if sides else ((), ())
    return RelationType(
        name=name,
        inverse=inverse,
        sources=sources,
        targets=targets,
        acyclic=acyclic,
        one_source=one_source,
        one_target=one_target,
    )


def _mutual(name: str, sign: Literal[-1, 0, 1], *sides: tuple[EntityType, ...]) -> RelationType:
    sources, targets = sides if sides else ((), ())
    return RelationType(name=name, inverse=name, symmetric=True, sign=sign, sources=sources, targets=targets)


RELATION_TYPES: tuple[RelationType, ...] = (
    _type("parent_of", "child_of", _PEOPLE, _PEOPLE, acyclic=True),
    _mutual("spouse_of", 1, _PEOPLE, _PEOPLE),
    _mutual("sibling_of", 0, _PEOPLE, _PEOPLE),
    _mutual("friend_of", 1, _PEOPLE, _PEOPLE),
    _mutual("knows", 0, _PEOPLE, _PEOPLE),
    _mutual("lover_of", 1, _PEOPLE, _PEOPLE),
    _mutual("ally_of", 1, _ACTORS, _ACTORS),
    _mutual("enemy_of", -1, _ACTORS, _ACTORS),
    _mutual("rival_of", -1, _ACTORS, _ACTORS),
    RelationType(name="loves", inverse="loved_by", sources=_PEOPLE, sign=1),
    RelationType(name="hates", inverse="hated_by", sources=_ACTORS, sign=-1),
    _type("mentor_of", "student_of", _PEOPLE, _PEOPLE),
    _type("serves", "served_by", _ACTORS, _ACTORS),
    _type("member_of", "has_member", _ACTORS, _GROUPS),
    _type("leads", "led_by", _PEOPLE, _GROUPS, one_source=True),
    _type("ruler_of", "ruled_by", _ACTORS, _REALMS, one_source=True),
    _type("overlord_of", "vassal_of", _ACTORS, _ACTORS, acyclic=True),
    _type("lives_in", "home_of", _ACTORS, _PLACES),
    _type("seated_in", "seat_of", _GROUPS, _PLACES),
    _type("located_in", "contains", (), _PLACES, acyclic=True, one_target=True),
    _mutual("connected_to", 0, _PLACES, _PLACES),
    _type("owns", "owned_by", _ACTORS, (), one_source=True),
    _type("carries", "carried_by", _PEOPLE, _THINGS, one_source=True),
    _type("maker_of", "made_by", _ACTORS, ()),
    _type("part_of", "has_part", acyclic=True),
    _type("takes_part_in", "has_participant", _ACTORS, ("event",)),
    _type("causes", "caused_by", ("event",), ("event",), acyclic=True),
    _type("believes_in", "believed_by", _ACTORS, ()),
    _mutual("related_to", 0),
)


class RelationTypes:
    """A set of relationship types, found by their own name and by that of their inverse."""

    def __init__(self, types: Iterable[RelationType] = RELATION_TYPES) -> None:
        self._by_name = {kind.name: kind for kind in types}
        self._by_inverse = {kind.inverse: kind for kind in self._by_name.values() if kind.inverse}

    def find(self, name: str) -> tuple[RelationType, bool] | None:
        """The type, and whether the name is that of its inverse."""
        wanted = "_".join(name.casefold().replace("_", " ").split())
        if wanted in self._by_name:
            return self._by_name[wanted], False
        return (self._by_inverse[wanted], True) if wanted in self._by_inverse else None

    def names(self) -> list[str]:
        """All names that `find` knows, inverses too."""
        return sorted({*self._by_name, *self._by_inverse})
