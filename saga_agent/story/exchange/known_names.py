"""Known names: the entities of a project and of a file that is being imported, by all they are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from saga_agent.domain.entity import Entity, EntityType
from saga_agent.story.exchange.draft import EntityDraft, folded
from saga_agent.story.exchange.sources import key_in


@dataclass(frozen=True, slots=True)
class Known:
    """An entity that is stored, or is about to be."""

    id: str
    type: EntityType


class KnownNames:
    """Finds entities by id and by name; those of the file go before those of the project."""

    def __init__(self, stored: Iterable[Entity], file_name: str) -> None:
        self._by_id = {entity.id: entity for entity in stored}
        self._file_name = file_name
        self._others: defaultdict[str, list[str]] = defaultdict(list)
        self._of_file: dict[str, Known] = {}
        self._by_key: dict[str, Known] = {}
        for entity in self._by_id.values():
            if key_in(entity, file_name) is None:
                for name in {folded(entity.name), *(folded(alias.text) for alias in entity.aliases)}:
                    self._others[name].append(entity.id)

    def imported(self, entity_id: str) -> Entity | None:
        """The stored entity with that id."""
        return self._by_id.get(entity_id)

    def of_same_name(self, draft: EntityDraft) -> Entity | None:
        """The one entity from elsewhere that goes by the draft's name and is of its type; None when there are several.

        A concept may be of any type: so are called those whose type nothing tells.
        """
        found = [self._by_id[entity_id] for entity_id in self._others.get(folded(draft.name), [])]
        same = [entity for entity in found if entity.type == draft.type or draft.type == "concept"]
        return same[0] if len(same) == 1 else None

    def add(self, draft: EntityDraft, entity_id: str, *, merged: Entity | None = None) -> None:
        """Takes an entity of the file, as it is after merging; a name that two of them have belongs to the first."""
        known = Known(entity_id, merged.type if merged else draft.type)
        if merged is not None:
            self._by_id[entity_id] = merged
        self._by_key[draft.key] = known
        path = draft.key.removesuffix(".md")
        for name in (draft.name, path, *(alias.text for alias in draft.aliases)):
            self._of_file.setdefault(folded(name), known)

    def of_key(self, key: str) -> Known | None:
        """The entity that was imported from that place of the file."""
        return self._by_key.get(key)

    def find(self, name: str) -> Known | None:
        """The entity that a link calls so: by its name, an alias or its path; None when nobody or several are."""
        for wanted in (folded(name.removesuffix(".md")), folded(name.rpartition("/")[2].removesuffix(".md"))):
            if wanted in self._of_file:
                return self._of_file[wanted]
            if len(others := self._others.get(wanted, [])) == 1:
                return Known(others[0], self._by_id[others[0]].type)
        return None

    def left_over(self, keys: Collection[str]) -> list[str]:
        """The names of entities of an earlier import that stand at none of these places any more."""
        found = [(entity.name, key_in(entity, self._file_name)) for entity in self._by_id.values()]
        return [name for name, key in found if key is not None and key not in keys]
