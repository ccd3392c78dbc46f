"""The journal's embeddings: what a text became for a model, so that no text is embedded twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class Embeddings(Protocol):
    """Vectors by model and SHA-256 of the text, as float32 in little-endian order.

    They belong to the documents that hold the texts, and go with them.
    """

    async def replace(self, project_id: str, document_id: str, model: str, vectors: Mapping[str, bytes]) -> None:
        """Puts these vectors, by the hashes of their texts, in place of the document's vectors of that model."""
        ...

    async def find(self, project_id: str, model: str, hashes: Sequence[str]) -> Mapping[str, bytes]:
        """The model's vectors of the texts with these hashes, as far as any document of the project has one."""
        ...

    async def purge(self, project_id: str, *, document_id: str | None = None) -> None:
        """Removes the vectors of all models, of the project or of that document only; may be repeated."""
        ...
