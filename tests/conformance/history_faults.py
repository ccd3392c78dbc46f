"""Histories and blob stores with one fault each, to see that the kit finds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from saga_agent.domain.blob import StoredBlob
from saga_agent.domain.history import Change, ChangeState
from saga_agent.domain.record import Page
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.blobs import MemoryBlobs
from saga_agent.storage.memory.changes import MemoryChanges
from tests.conformance.broken import with_noun


class ReplacesWhatIsWritten(MemoryChanges):
    async def open(self, change: Change) -> Change:
        self._rows.pop(change.id, None)
        return await super().open(change)


class ForgetsWhatWasDone(MemoryChanges):
    async def settle(self, change_id: str, *, state: ChangeState, rev: int | None = None) -> Change:
        if change_id in self._rows:
            self._rows[change_id] = self._rows[change_id].model_copy(update={"state": "intended"})
        return await super().settle(change_id, state=state, rev=rev)


class SortsById(MemoryChanges):
    async def list(self, project_id: str, **arguments: Any) -> Page[Change]:
        page = await super().list(project_id, **arguments)
        return Page(tuple(sorted(page.items, key=lambda change: change.id)), page.next)


class TrustsTheHash(MemoryBlobs):
    async def put(self, project_id: str, sha256: str, media_type: str, data: bytes) -> None:
        self._rows.setdefault((project_id, sha256), StoredBlob(media_type, data))


class SharesBytesBetweenProjects(MemoryBlobs):
    async def get(self, project_id: str, sha256: str) -> StoredBlob:
        found = next((blob for key, blob in self._rows.items() if key[1] == sha256), None)
        return found or await super().get(project_id, sha256)


HISTORY_FAULTS: dict[str, tuple[Callable[[], Storage], str]] = {
    "a change that is written down again replaces the first": (
        with_noun("changes", lambda _: ReplacesWhatIsWritten()),
        "journal.changes.writes_a_change_down_once",
    ),
    "a done change is forgotten": (
        with_noun("changes", lambda _: ForgetsWhatWasDone()),
        "journal.changes.settles_once",
    ),
    "changes are listed by id": (with_noun("changes", lambda _: SortsById()), "journal.changes.lists_the_newest_first"),
    "bytes are stored under any hash": (
        with_noun("blobs", lambda _: TrustsTheHash()),
        "journal.blobs.refuses_a_wrong_hash",
    ),
    "bytes of one project are read by another": (
        with_noun("blobs", lambda _: SharesBytesBetweenProjects()),
        "journal.blobs.keeps_projects_apart",
    ),
}
