"""The storages that must keep every promise of the kit: how to open a fresh one of each."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.sql.adapter import SqlStorage
from saga_agent.testing.storage import MakeStorage
from tests.conformance.host_documents import HostDocuments
from tests.conformance.keyed_tables import KeyedStorage


def memory() -> MakeStorage:
    """The reference."""
    return _opening(MemoryStorage)


def sqlite(folder: Path) -> MakeStorage:
    """A file in that folder."""
    return _opening(lambda: SqlStorage(f"sqlite:///{folder / 'saga.db'}"))


def postgres(url: str) -> MakeStorage:
    """An empty database of a real server."""
    return _opening(lambda: SqlStorage(url))


def keyed() -> MakeStorage:
    """Story tables with foreign keys."""
    return _opening(KeyedStorage)


def composed(folder: Path) -> MakeStorage:
    """A host's documents table beside the reference."""

    @contextlib.asynccontextmanager
    async def make() -> AsyncGenerator[Storage]:
        documents = HostDocuments(folder / "host.db")
        try:
            async with Storage.compose(story={"documents": documents}, rest=MemoryStorage()) as storage:
                yield storage
        finally:
            documents.close()

    return make


def _opening(build: Callable[[], Storage]) -> MakeStorage:
    @contextlib.asynccontextmanager
    async def make() -> AsyncGenerator[Storage]:
        async with build() as storage:
            yield storage

    return make
