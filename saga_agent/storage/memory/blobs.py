"""Bytes by hash: the blobs of a project, and the vectors that texts became for models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from saga_agent.domain.blob import StoredBlob, check_hash
from saga_agent.errors import NotFound


class MemoryBlobs:
    """Bytes by (project, SHA-256)."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], StoredBlob] = {}

    async def put(self, project_id: str, sha256: str, media_type: str, data: bytes) -> None:
        check_hash(sha256, data)
        self._rows.setdefault((project_id, sha256), StoredBlob(media_type, bytes(data)))

    async def get(self, project_id: str, sha256: str) -> StoredBlob:
        try:
            return self._rows[project_id, sha256]
        except KeyError:
            raise NotFound("blob", sha256) from None

    async def delete(self, project_id: str, sha256: str) -> None:
        self._rows.pop((project_id, sha256), None)

    async def purge(self, project_id: str) -> None:
        for key in [key for key in self._rows if key[0] == project_id]:
            del self._rows[key]

    def holds(self, project_id: str) -> bool:
        """Whether there is anything of the project."""
        return any(key[0] == project_id for key in self._rows)


class MemoryEmbeddings:
    """Vectors by (project, document, model), then by hash."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, str], dict[str, bytes]] = {}

    async def replace(self, project_id: str, document_id: str, model: str, vectors: Mapping[str, bytes]) -> None:
        self._rows[project_id, document_id, model] = dict(vectors)

    async def find(self, project_id: str, model: str, hashes: Sequence[str]) -> Mapping[str, bytes]:
        stored = [rows for key, rows in self._rows.items() if (key[0], key[2]) == (project_id, model)]
        return {each: rows[each] for rows in stored for each in hashes if each in rows}

    async def purge(self, project_id: str, *, document_id: str | None = None) -> None:
        for key in list(self._rows):
            if key[0] == project_id and document_id in (None, key[1]):
                del self._rows[key]

    def holds(self, project_id: str) -> bool:
        """Whether there is anything of the project."""
        return any(key[0] == project_id for key in self._rows)
