"""An app whose story tables are tied by foreign keys: whoever writes a row must have written what it refers to.

The rows of the story are held as the reference holds them; beside them SQLite keeps the keys, and refuses what dangles,
as the tables of such an app do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from saga_agent.domain.entity import Entity
from saga_agent.domain.notes import Mention
from saga_agent.domain.project import Project
from saga_agent.domain.record import Record
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.memory.story import (
    MemoryDocuments,
    MemoryEntities,
    MemoryMentions,
    MemoryProjects,
    MemoryRecords,
)

_KEYS = {
    "documents": {"parent_id": "documents", "pov_id": "entities", "place_id": "entities", "narrator_id": "entities"},
    "entities": {},
    "relationships": {"source_id": "entities", "target_id": "entities"},
    "facts": {"subject_id": "entities", "holder_id": "entities", "decision_id": "decisions"},
    "captures": {},
    "decisions": {"supersedes": "decisions", "superseded_by": "decisions"},
    "proposals": {},
    "waivers": {},
    "presence": {"document_id": "documents"},
    "mentions": {"document_id": "documents", "entity_id": "entities"},
}


class Keys:
    """The keys of all tables."""

    def __init__(self) -> None:
        self._db = sqlite3.connect(":memory:", isolation_level=None)
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.execute(
            "CREATE TABLE projects (id TEXT PRIMARY KEY, parent_id TEXT REFERENCES projects, calendar_id TEXT)"
        )
        for table, references in _KEYS.items():
            columns = "".join(f", {column} TEXT" for column in references)
            keys = "".join(
                f", FOREIGN KEY (project_id, {column}) REFERENCES {other} (project_id, id)"
                for column, other in references.items()
            )
            self._db.execute(
                f"CREATE TABLE {table} (project_id TEXT NOT NULL REFERENCES projects, id TEXT NOT NULL{columns}, "
                f"PRIMARY KEY (project_id, id){keys})"
            )

    def close(self) -> None:
        self._db.close()

    def put(self, table: str, row: Record | Project) -> None:
        names = ["id", "parent_id"] if isinstance(row, Project) else ["project_id", "id", *_KEYS[table]]
        values = [getattr(row, name) for name in names]
        changes = ", ".join(f"{name} = excluded.{name}" for name in names)
        target = "(id)" if isinstance(row, Project) else "(project_id, id)"
        self._db.execute(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) "
            f"ON CONFLICT {target} DO UPDATE SET {changes}",
            values,
        )

    def drop(self, table: str, **where: str) -> None:
        conditions = " AND ".join(f"{name} = ?" for name in where)
        self._db.execute(f"DELETE FROM {table} WHERE {conditions}", list(where.values()))


class _Keyed(MemoryRecords[Record]):
    keys: Keys

    async def create(self, record: Record) -> Record:
        created = await super().create(record)
        self.keys.put(self._port, record)
        return created

    async def update(self, record: Record, *, expected_rev: int) -> Record:
        updated = await super().update(record, expected_rev=expected_rev)
        self.keys.put(self._port, record)
        return updated

    async def delete(self, project_id: str, record_id: str) -> None:
        await super().delete(project_id, record_id)
        self.keys.drop(self._port, project_id=project_id, id=record_id)

    async def purge(self, project_id: str) -> None:
        self.keys.drop(self._port, project_id=project_id)
        await super().purge(project_id)


class _KeyedDocuments(_Keyed, MemoryDocuments):  # pyright: ignore
    list = MemoryDocuments.list  # pyright: ignore


class _KeyedEntities(_Keyed, MemoryEntities):  # pyright: ignore
    list = MemoryRecords[Entity].list  # pyright: ignore


class _KeyedProjects(MemoryProjects):
    keys: Keys

    async def create(self, project: Project) -> Project:
        created = await super().create(project)
        self.keys.put("projects", project)
        return created

    async def update(self, project: Project, *, expected_rev: int) -> Project:
        updated = await super().update(project, expected_rev=expected_rev)
        self.keys.put("projects", project)
        return updated

    async def delete(self, project_id: str) -> None:
        await super().delete(project_id)
        self.keys.drop("projects", id=project_id)


class _KeyedMentions(MemoryMentions):
    keys: Keys

    async def replace(self, project_id: str, document_id: str, mentions: Sequence[Mention]) -> None:
        self.keys.drop("mentions", project_id=project_id, document_id=document_id)
        for mention in mentions:
            self.keys.put("mentions", mention)
        await super().replace(project_id, document_id, mentions)

    async def purge(self, project_id: str) -> None:
        self.keys.drop("mentions", project_id=project_id)
        await super().purge(project_id)


class KeyedStorage(MemoryStorage):
    """The reference's journal, and story tables with foreign keys."""

    def __init__(self) -> None:
        super().__init__()
        self._keys = Keys()
        plain = ("relationships", "facts", "captures", "decisions", "proposals", "waivers", "presence")
        ports: dict[str, object] = {name: _Keyed(name, name.removesuffix("s")) for name in plain}
        ports |= {"documents": _KeyedDocuments(), "entities": _KeyedEntities()}
        ports |= {"projects": _KeyedProjects(), "mentions": _KeyedMentions()}
        for port in ports.values():
            port.keys = self._keys  # type: ignore[attr-defined]
        self.story = replace(self.story, **ports)  # type: ignore[arg-type]

    async def close(self) -> None:
        await super().close()
        self._keys.close()
