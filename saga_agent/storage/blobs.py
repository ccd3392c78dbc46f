"""The journal's large bytes: images and other files of a project, held by the hash of their content."""

from __future__ import annotations

from typing import Protocol

from saga_agent.domain.blob import StoredBlob


class Blobs(Protocol):
    """Bytes by project and SHA-256."""

    async def put(self, project_id: str, sha256: str, media_type: str, data: bytes) -> None:
        """Stores the bytes under their hash, 64 small hex digits; bytes that are there stay as they are.

        `InvalidInput` when it is not the hash of the bytes; nothing is stored then.
        """
        ...

    async def get(self, project_id: str, sha256: str) -> StoredBlob:
        """The bytes; `NotFound`, also for bytes of another project."""
        ...

    async def delete(self, project_id: str, sha256: str) -> None:
        """Removes the bytes; may be repeated."""
        ...

    async def purge(self, project_id: str) -> None:
        """Removes all bytes of the project; may be repeated."""
        ...
