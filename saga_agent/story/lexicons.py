"""The bibles of the projects that are being worked on, each kept ready for linking and brought up to date in place.

A bible that another process, or a host behind its own port, has changed is never passed off as the present one: each
look asks the port first what is different since the last, which costs one small read while nothing is.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from saga_agent.domain.entity import Entity
from saga_agent.domain.record import Revisions
from saga_agent.errors import InvalidInput, NotFound
from saga_agent.linking.entries import Entry, read_entries
from saga_agent.linking.lexicon import Lexicon
from saga_agent.offload import off_loop
from saga_agent.storage.ports.story import Entities

_log = logging.getLogger(__name__)
_LINK_KIND: Final = {"character": "character", "location": "place", "faction": "faction", "culture": "faction"}
_PAGE: Final = 500
_AT_ONCE: Final = 16
_FEW: Final = 20
"""While fewer than every so many have changed, entities are read one by one, not with all the others."""
_MOST_ENTITIES: Final = 200_000
"""Of all projects together, about 1 KB each; beyond it the projects that were not used for longest are let go."""
_MOST_PROJECTS: Final = 1_000
"""The same for projects with few entities or none, of which a service has as many as it has guests."""


def linking_entry(entity: Entity) -> Entry:
    """The entity as linking takes it; types without a linking kind of their own count as items.

    Raises: `InvalidInput` for an entity whose id or names linking cannot use.
    """
    aliases = [
        {"text": alias.text, "case_sensitive": alias.case_sensitive, "exclude": list(alias.exclude)}
        for alias in entity.aliases
    ]
    kind = _LINK_KIND.get(entity.type, "item")
    (entry,) = read_entries([{"id": entity.id, "kind": kind, "name": entity.name, "aliases": aliases}])
    return entry


@dataclass(slots=True)
class _Kept:
    """One project's bible, as it was at its mark."""

    lexicon: Lexicon = field(default_factory=Lexicon)
    revisions: dict[str, int] = field(default_factory=dict[str, int])
    mark: str | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Lexicons:
    """The lexicons of one process, by project; shared by all who write in it."""

    def __init__(self, *, most_entities: int = _MOST_ENTITIES, most_projects: int = _MOST_PROJECTS) -> None:
        self._most_entities, self._most_projects = most_entities, most_projects
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def __len__(self) -> int:
        """How many projects are kept."""
        return len(self._kept)

    async def get(self, port: Entities, project_id: str) -> Lexicon:
        """The lexicon of the project, as its bible stands now."""
        kept = self._kept.setdefault(project_id, _Kept())
        self._kept.move_to_end(project_id)
        async with kept.lock:
            told = await port.revisions(project_id, since=kept.mark)
            await _catch_up(kept, port, project_id, told)
        self._let_go()
        return kept.lexicon

    def remembered(self, project_id: str, entity_ids: Iterable[str]) -> list[Entry]:
        """These entities as they were at the last look, as far as there was one."""
        kept = self._kept.get(project_id)
        found = [kept.lexicon.find(each) for each in entity_ids] if kept is not None else []
        return [entry for entry in found if entry is not None]

    def forget(self, project_id: str) -> None:
        """Lets go of a project that has ended."""
        self._kept.pop(project_id, None)

    def _let_go(self) -> None:
        held = sum(len(kept.lexicon) for kept in self._kept.values())
        while len(self._kept) > 1 and (held > self._most_entities or len(self._kept) > self._most_projects):
            _, oldest = self._kept.popitem(last=False)
            held -= len(oldest.lexicon)


async def _catch_up(kept: _Kept, port: Entities, project_id: str, told: Revisions) -> None:
    """Takes in what is different; the mark moves last, so that what fails on the way is done again."""
    if told.is_whole:
        changed, gone = await off_loop(_differences, kept.revisions, told)
    else:
        changed, gone = set(told.held), told.gone  # all of them: an id may have been given anew, at the same revision
    if len(changed) * _FEW < len(told.held if told.is_whole else kept.revisions):
        gone = gone | await _read_some(kept, port, project_id, sorted(changed))
    elif changed:
        gone = gone | await _read_pages(kept, port, project_id, changed)
    if gone:
        await off_loop(_take_out, kept, gone)
    kept.mark = told.mark


def _differences(known: dict[str, int], told: Revisions) -> tuple[set[str], frozenset[str]]:
    changed = {entity_id for entity_id, rev in told.held.items() if known.get(entity_id) != rev}
    return changed, frozenset(known.keys() - told.held.keys())


async def _read_some(kept: _Kept, port: Entities, project_id: str, wanted: Sequence[str]) -> frozenset[str]:
    """Takes these in; gives those that are gone by now."""
    gone: list[str] = []

    async def find(entity_id: str) -> Entity | None:
        try:
            return await port.get(project_id, entity_id)
        except NotFound:
            gone.append(entity_id)
            return None

    for start in range(0, len(wanted), _AT_ONCE):
        found = await asyncio.gather(*map(find, wanted[start : start + _AT_ONCE]))
        await off_loop(_take_in, kept, [entity for entity in found if entity is not None])
    return frozenset(gone)


async def _read_pages(kept: _Kept, port: Entities, project_id: str, wanted: Collection[str]) -> frozenset[str]:
    """The same by reading through the bible."""
    left, after = set(wanted), None
    while True:
        page = await port.list(project_id, after=after, limit=_PAGE)
        found = [entity for entity in page.items if entity.id in left]
        left -= {entity.id for entity in found}
        await off_loop(_take_in, kept, found)
        if (after := page.next) is None:
            return frozenset(left)


def _take_in(kept: _Kept, entities: Iterable[Entity]) -> None:
    for entity in entities:
        kept.revisions[entity.id] = entity.rev
        try:
            kept.lexicon.put(linking_entry(entity))
        except InvalidInput as error:  # a row that was stored by other means than ours
            _log.warning("entity %s of project %s is left out of linking: %s", entity.id, entity.project_id, error)
            kept.lexicon.remove(entity.id)


def _take_out(kept: _Kept, entity_ids: Iterable[str]) -> None:
    for entity_id in entity_ids:
        kept.revisions.pop(entity_id, None)
        kept.lexicon.remove(entity_id)
