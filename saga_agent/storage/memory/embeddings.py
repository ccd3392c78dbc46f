"""Embeddings: vectors by document, model and hash of the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


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
