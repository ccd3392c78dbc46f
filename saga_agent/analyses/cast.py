"""Who is named in a passage, as far as clarity needs it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from saga_agent.linking.given_names import given_name_gender

Gender = Literal["f", "m"]


@dataclass(frozen=True, slots=True)
class Named:
    """A name at a place of the passage; offsets into its text."""

    start: int
    end: int
    who: str
    """What is equal for names of one bearer: the entity's id, or the group of an unknown name."""
    surface: str
    gender: Gender | None = None
    entity_id: str | None = None
    is_person: bool = True


def gender_of(name: str, pronouns: str = "") -> Gender | None:
    """What the pronouns of the bible say, else what the given name does."""
    first = pronouns.strip().lower().split("/")[0].strip()
    if first in ("she", "her"):
        return "f"
    if first in ("he", "him"):
        return "m"
    if first:
        return None
    words = name.split()
    return given_name_gender(words[0]) if words else None


def people(cast: Iterable[Named]) -> list[Named]:
    """The persons among the named, in the order of the text."""
    return sorted((each for each in cast if each.is_person), key=lambda each: each.start)
