"""The story ports: records by project and id, filtered by equality, changed through their revision."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, Generic, TypeVar

from saga_agent.domain.document import Document, DocumentHead
from saga_agent.domain.entity import Entity
from saga_agent.domain.notes import Appearance, Mention
from saga_agent.domain.project import Project
from saga_agent.domain.record import Page, Record, Revisions
from saga_agent.errors import AlreadyExists, Conflict, InvalidInput, NotFound
from saga_agent.storage.memory.tables import detached
from saga_agent.storage.ports.story import FILTERS

T = TypeVar("T")
Key = tuple[str | int | float, ...]


def page(
    rows: Iterable[T], *, key: Callable[[T], Key], after: str | None, limit: int, newest_first: bool = False
) -> Page[T]:
    """The `limit` rows that follow the cursor `after` in the order of `key`; `InvalidInput` for a foreign cursor."""
    ordered = sorted(rows, key=key, reverse=newest_first)
    if after is not None:
        seen = _decode(after)
        try:
            ordered = [row for row in ordered if (key(row) < seen if newest_first else key(row) > seen)]
        except TypeError:
            raise InvalidInput(f"{after!r} is no cursor of this list; pass the `next` of one of its pages.") from None
    items = tuple(detached(row) for row in ordered[:limit])
    return Page(items, _encode(key(ordered[limit - 1])) if items and len(ordered) > limit else None)


def _encode(key: Key) -> str:
    return json.dumps(key)


def _decode(cursor: str) -> Key:
    try:
        return tuple(json.loads(cursor))
    except (ValueError, TypeError):
        raise InvalidInput(f"{cursor!r} is no cursor of this list; pass the `next` of one of its pages.") from None


R = TypeVar("R", bound=Record)


def matching(port: str, rows: Iterator[R], where: Mapping[str, str] | None) -> Iterator[R]:
    """The rows whose fields equal all of `where`; `InvalidInput` for a field that is no filter of the port."""
    wanted = dict(where or {})
    if unknown := sorted(set(wanted) - set(FILTERS[port])):
        known = ", ".join(FILTERS[port]) or "none"
        raise InvalidInput(f"{unknown[0]!r} is no filter of {port}; its filters are: {known}.")
    return (row for row in rows if all(getattr(row, field) == value for field, value in wanted.items()))


class MemoryRows(Generic[R]):
    """All verbs but `list`, which documents have in a form of their own."""

    def __init__(self, port: str, kind: str) -> None:
        self._port, self._kind = port, kind
        self._rows: dict[tuple[str, str], R] = {}

    async def create(self, record: R) -> R:
        if (record.project_id, record.id) in self._rows:
            raise AlreadyExists(self._kind, record.id)
        self._rows[record.project_id, record.id] = detached(record)
        return record

    async def create_many(self, records: Sequence[R]) -> Sequence[R]:
        seen: set[str] = set()
        for record in records:
            if (record.project_id, record.id) in self._rows or record.id in seen:
                raise AlreadyExists(self._kind, record.id)
            seen.add(record.id)
        self._rows |= {(record.project_id, record.id): detached(record) for record in records}
        return records

    async def get(self, project_id: str, record_id: str) -> R:
        return detached(self._stored(project_id, record_id))

    async def update(self, record: R, *, expected_rev: int) -> R:
        current = self._stored(record.project_id, record.id).rev
        if current != expected_rev:
            raise Conflict(self._kind, record.id, expected_rev=expected_rev, current_rev=current)
        changed = record.model_copy(update={"rev": expected_rev + 1})
        self._rows[record.project_id, record.id] = detached(changed)
        return changed

    async def delete(self, project_id: str, record_id: str) -> None:
        self._stored(project_id, record_id)
        del self._rows[project_id, record_id]

    async def purge(self, project_id: str) -> None:
        for key in [key for key in self._rows if key[0] == project_id]:
            del self._rows[key]

    def _stored(self, project_id: str, record_id: str) -> R:
        try:
            return self._rows[project_id, record_id]
        except KeyError:
            raise NotFound(self._kind, record_id) from None

    def _matching(self, project_id: str, where: Mapping[str, str] | None) -> Iterator[R]:
        of_project = (row for (project, _), row in self._rows.items() if project == project_id)
        return matching(self._port, of_project, where)


class MemoryRecords(MemoryRows[R]):
    """A port whose `list` gives whole records, ordered by id."""

    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 100
    ) -> Page[R]:
        return page(self._matching(project_id, where), key=lambda record: (record.id,), after=after, limit=limit)


class MemoryDocuments(MemoryRows[Document]):
    """The manuscript, whose `list` gives heads in reading order."""

    def __init__(self) -> None:
        super().__init__("documents", "document")

    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 100
    ) -> Page[DocumentHead]:
        found = page(
            self._matching(project_id, where), key=lambda row: (row.reading_order, row.id), after=after, limit=limit
        )
        return Page(tuple(document.head() for document in found.items), found.next)


class MemoryProjects:
    """The projects of all owners."""

    def __init__(self) -> None:
        self._rows: dict[str, Project] = {}

    async def create(self, project: Project) -> Project:
        if project.id in self._rows:
            raise AlreadyExists("project", project.id)
        self._rows[project.id] = detached(project)
        return project

    async def get(self, project_id: str) -> Project:
        return detached(self._stored(project_id))

    async def list(self, owner_id: str, *, after: str | None = None, limit: int = 100) -> Page[Project]:
        owned = (project for project in self._rows.values() if project.owner_id == owner_id)
        return page(owned, key=lambda project: (project.id,), after=after, limit=limit)

    async def update(self, project: Project, *, expected_rev: int) -> Project:
        current = self._stored(project.id).rev
        if current != expected_rev:
            raise Conflict("project", project.id, expected_rev=expected_rev, current_rev=current)
        changed = project.model_copy(update={"rev": expected_rev + 1})
        self._rows[project.id] = detached(changed)
        return changed

    async def delete(self, project_id: str) -> None:
        self._stored(project_id)
        del self._rows[project_id]

    def _stored(self, project_id: str) -> Project:
        try:
            return self._rows[project_id]
        except KeyError:
            raise NotFound("project", project_id) from None


_KEPT: Final = 1000
"""How many changes of a project are remembered."""


class MemoryEntities(MemoryRecords[Entity]):
    """Entities, whose names are read anew for every search."""

    def __init__(self) -> None:
        super().__init__("entities", "entity")
        self._log: defaultdict[str, dict[str, str]] = defaultdict(dict)
        """By project, the entity of each change, by mark."""

    async def create(self, record: Entity) -> Entity:
        created = await super().create(record)
        self._note(record.project_id, record.id)
        return created

    async def update(self, record: Entity, *, expected_rev: int) -> Entity:
        updated = await super().update(record, expected_rev=expected_rev)
        self._note(record.project_id, record.id)
        return updated

    async def delete(self, project_id: str, record_id: str) -> None:
        await super().delete(project_id, record_id)
        self._note(project_id, record_id)

    async def purge(self, project_id: str) -> None:
        await super().purge(project_id)
        self._log.pop(project_id, None)

    async def named(self, project_id: str, words: Sequence[str], *, limit: int = 100) -> Sequence[Entity]:
        wanted = frozenset(words)
        held = ((len(wanted & entity.name_words()), entity) for entity in self._matching(project_id, None))
        found = sorted((-count, entity.id, entity) for count, entity in held if count)
        return [detached(entity) for _, _, entity in found[:limit]]

    async def revisions(self, project_id: str, *, since: str | None = None) -> Revisions:
        log = self._log.get(project_id, {})
        mark = next(reversed(log), None)
        if since not in log:
            return Revisions({entity.id: entity.rev for entity in self._matching(project_id, None)}, mark)
        marks = list(log)
        changed = {log[each] for each in marks[marks.index(since) + 1 :]}
        held = {each: self._rows[project_id, each].rev for each in changed if (project_id, each) in self._rows}
        return Revisions(held, mark, frozenset(changed - held.keys()), is_whole=False)

    def _note(self, project_id: str, entity_id: str) -> None:
        log = self._log[project_id]
        log[uuid.uuid4().hex] = entity_id
        if len(log) > _KEPT:
            del log[next(iter(log))]


def _position(mention: Mention) -> Key:
    return (mention.document_id, mention.start, mention.end, mention.id)


class MemoryMentions:
    """The names in the text."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], tuple[Mention, ...]] = {}

    async def replace(self, project_id: str, document_id: str, mentions: Sequence[Mention]) -> None:
        self._rows[project_id, document_id] = detached(tuple(mentions))

    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 1000
    ) -> Page[Mention]:
        found = matching("mentions", iter(self._of(project_id)), where)
        return page(found, key=_position, after=after, limit=limit)

    async def count(self, project_id: str, *, document_id: str | None = None) -> Sequence[Appearance]:
        counted: dict[tuple[str, str | None, str | None], Appearance] = {}
        for mention in sorted(self._of(project_id), key=_position):
            if document_id is not None and mention.document_id != document_id:
                continue
            group = mention.group if mention.entity_id is None else None
            key = (mention.document_id, mention.entity_id, group)
            seen = counted.get(key) or Appearance(
                document_id=mention.document_id,
                entity_id=mention.entity_id,
                group=group,
                kind=mention.kind,
                surface=mention.surface,
                count=0,
                first=mention.start,
            )
            counted[key] = seen.model_copy(update={"count": seen.count + 1})
        return list(counted.values())

    async def purge(self, project_id: str) -> None:
        for key in [key for key in self._rows if key[0] == project_id]:
            del self._rows[key]

    def _of(self, project_id: str) -> Sequence[Mention]:
        return [mention for key, mentions in self._rows.items() if key[0] == project_id for mention in mentions]
